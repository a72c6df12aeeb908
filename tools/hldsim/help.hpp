// SPDX-License-Identifier: Apache-2.0
// What --help prints.
#pragma once
#include <string>

#include "tools/hldsim/command.hpp"

namespace hldsim::cli {

std::string help();
std::string help(const Command& command);

/// The options of every command.
void declare_global(boost::program_options::options_description& options);

}  // namespace hldsim::cli
