// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "tools/harness/scenario/scenario.hpp"

namespace hldsim::cli {

/// What a file expects, in a few words: "rotate-to-dying, rotation-chain-break; ends in panic".
std::string expectation_words(const scenario::Expect& expect);

}  // namespace hldsim::cli
