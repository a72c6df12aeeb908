// SPDX-License-Identifier: Apache-2.0
// Where the program finds what comes with it: installed beside it, or in the source tree that it was built in.
//
//   PREFIX/bin/hldsim      PREFIX/share/hldsim/{profiles,scenarios}    PREFIX/lib/hldsim/*.so
//   build/PRESET/bin/...   ../../../scenarios/profiles                 build/PRESET/lib/hldsim/*.so
#pragma once
#include <string>

namespace hldsim::installation {

/// The folder of the running executable, symbolic links resolved.
std::string program_folder();

/// The folder of profiles, and of scenarios.
std::string profiles();
std::string scenarios();
/// The same, as a user in the current folder would name it.
std::string scenarios_here();

/// The path of an object such as "hld.so"; it may be missing.
std::string object(const std::string& name);

}  // namespace hldsim::installation
