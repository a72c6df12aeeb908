// SPDX-License-Identifier: Apache-2.0
// What opens or closes a window: the first two things that meet and change their order, one cycle apart; if there are
// none, the first thing that decides which only one of the runs does.
#pragma once
#include <string>

#include "detector/shim/symbols.hpp"
#include "tools/harness/trace/log.hpp"

namespace hldsim::window {

/// Of two runs that differ: "CPU 2 takes the NMI before hld_cpu_offline clears CPU 2's bit,
/// detector/core/hld_core.c:120". Empty if they do not differ.
std::string difference(const trace::Log& outside, const trace::Log& inside, const shim::Symbols& symbols);

}  // namespace hldsim::window
