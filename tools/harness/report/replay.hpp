// SPDX-License-Identifier: Apache-2.0
// The command lines that show a run again.
#pragma once
#include <string>

#include "tools/harness/run/outcome.hpp"

namespace hldsim::report {

/// FILE#KEY=VALUE,...: what `hldsim replay` makes this run again from, byte for byte.
std::string replay_argument(const run::Outcome& outcome);
std::string replay_command(const run::Outcome& outcome);
std::string window_command(const run::Outcome& outcome);
/// The finding for which details() prints a table first; their number if there is none.
std::size_t first_shown(const run::Outcome& outcome);

}  // namespace hldsim::report
