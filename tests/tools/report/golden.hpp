// SPDX-License-Identifier: Apache-2.0
// Texts that are held to files: golden/NAME. `report_tests '[print]'` writes NAME behind a line "==> NAME".
#pragma once
#include <map>
#include <string>

namespace hldsim::report {

/// All texts that have a file, by its name.
std::map<std::string, std::string> texts();
std::string golden(const std::string& name);

}  // namespace hldsim::report
