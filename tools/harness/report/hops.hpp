// SPDX-License-Identifier: Apache-2.0
// The hops of a token in the log, the one record that stands for each, and its words.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tools/harness/trace/log.hpp"

namespace hldsim::report {

/// Taking and returning of an interrupt, matching of a timer: the one record of several that stands for the event.
std::size_t canonical(const trace::Log& log, std::size_t record);

/// Where a token got to, by hop; in order.
std::vector<std::size_t> hops_of(const trace::Log& log, Token token);

/// The CPU that a token is for, as far as the log knows; NO_CPU.
unsigned target_of(const trace::Log& log, Token token);

/// "timer 0 matches", of a TimerMatched.
std::string match_words(const trace::Record& match);
/// "message to CPU 2 leaves", of a HopReached.
std::string hop_words(const trace::Log& log, std::size_t record);
/// What a message was accepted as, where it is neither an NMI nor an interrupt: " INIT".
std::string_view accepted_as(const trace::Record& accepted);

}  // namespace hldsim::report
