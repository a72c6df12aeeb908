// SPDX-License-Identifier: Apache-2.0
// Which files FILE|DIR... means.
#pragma once
#include <string>
#include <vector>

namespace hldsim::scenario {

/// A folder means all *.yaml below it in the order of their paths, except in folders `profiles` and `studies`,
/// names that begin with `_` or `.`, and what is no file, as a pipe. Throws Error for what is missing and for a folder
/// without scenarios.
std::vector<std::string> files(const std::vector<std::string>& arguments);

}  // namespace hldsim::scenario
