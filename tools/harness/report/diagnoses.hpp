// SPDX-License-Identifier: Apache-2.0
// What software did with devices that their specifications do not provide for, and words that the kernel does not know.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "tools/harness/run/outcome.hpp"

namespace hldsim::report {

/// The same thing from the same line of code, however often.
struct Diagnosed {
    std::size_t first = 0;  // record
    std::size_t times = 0;
};
/// In the order of their first times.
std::vector<Diagnosed> diagnoses(const run::Outcome& outcome);

/// A paragraph each, `columns` wide: what, where, how often; a few of them. Empty: there are none.
std::string diagnoses_text(const run::Outcome& outcome, std::size_t columns);

/// A word of its command line that the kernel has read and does not know, and the nearest that it does; "": none.
struct UnknownWord {
    std::string word;
    std::string nearest;
};
/// Each once, in the order of the command line.
std::vector<UnknownWord> unknown_words(const run::Outcome& outcome);

}  // namespace hldsim::report
