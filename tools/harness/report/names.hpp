// SPDX-License-Identifier: Apache-2.0
// The names of what the log counts.
#pragma once
#include <string>
#include <string_view>

#include "models/cpu/cpus.hpp"
#include "tools/harness/trace/log.hpp"

namespace hldsim::report {

/// "CPU 2"
std::string cpu_name(unsigned cpu);
/// What a function of the kernel returned: "-2 (ENOENT)".
std::string error_words(std::int64_t result);

std::string_view life_name(trace::Life life);
std::string_view context_name(cpu::Context context);
std::string_view hop_name(Hop hop);
std::string_view end_name(cpu::End end);

}  // namespace hldsim::report
