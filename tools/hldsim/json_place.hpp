// SPDX-License-Identifier: Apache-2.0
// Where a value stands in a JSON text: the parser's tree does not know it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tools/harness/diagnostic/diagnostic.hpp"

namespace hldsim::cli {

/// The text must be JSON. A step is a key, or the index in a list, from 0; where the path leads no further, the mark is
/// that of the value before.
diagnostic::Mark json_place(const std::shared_ptr<const diagnostic::Source>& source,
                            const std::vector<std::string>& path);

}  // namespace hldsim::cli
