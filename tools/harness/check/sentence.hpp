// SPDX-License-Identifier: Apache-2.0
// The parts that sentences on findings are made of.
#pragma once
#include <string>

#include "tools/harness/check/case.hpp"

namespace hldsim::check {

/// "CPU 2"
std::string cpu_name(unsigned cpu);
/// The instant of a record: "7.5 s".
std::string moment(const Index& index, Rank rank);
/// The time from one record to another: "4 ns".
std::string between(const Index& index, Rank from, Rank to);

/// Where a token got to: "CPU 2 took the NMI 4 ns after it left the mask".
std::string reached(const Index& index, const Trail& trail);
/// What became of its NMI: "no handler claimed it".
std::string fate(const Index& index, const Trail& trail);

/// The sentence on a finding that is about a token.
std::string sentence_of_token(const Index& index, const Trail& trail, const std::string& hazard);

}  // namespace hldsim::check
