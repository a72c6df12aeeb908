// SPDX-License-Identifier: Apache-2.0
// SCENARIO#KEY=VALUE,...: what names a run that is to be made again. Each pair is a --set, but for seed and choices.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hldsim::cli {

struct ReplayArgument {
    struct Pair {
        std::string text;      // KEY=VALUE
        std::size_t from = 0;  // where it stands in the argument
        std::size_t length = 0;

        /// The value, if that is the key.
        std::optional<std::string> value_of(const std::string& key) const;
    };
    std::string file;
    std::vector<Pair> pairs;
};

/// A comma inside brackets or braces belongs to its value, and so does whatever stands behind a backslash.
ReplayArgument split(const std::string& argument);

}  // namespace hldsim::cli
