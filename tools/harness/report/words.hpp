// SPDX-License-Identifier: Apache-2.0
// A record of the log in words: what happened, in which function, at which line.
#pragma once
#include <string>

#include "tools/harness/run/outcome.hpp"

namespace hldsim::report {

/// What happened, in the fewest words that a kernel engineer needs.
std::string words_of(const run::Outcome& outcome, std::size_t record);

/// The function below which the row stands; empty: none is known, or it would tell nothing.
std::string function_of(const run::Outcome& outcome, std::size_t record);

/// "FILE:LINE in FUNCTION"; empty if the position is not known.
std::string place_words(const run::Outcome& outcome, std::size_t record, bool with_function);

}  // namespace hldsim::report
