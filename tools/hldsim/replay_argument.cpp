// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/replay_argument.hpp"

#include <string_view>

namespace hldsim::cli {
namespace {

std::vector<ReplayArgument::Pair> pairs_in(const std::string& argument, std::size_t begin) {
    std::vector<ReplayArgument::Pair> pairs{{"", begin, 0}};
    int depth = 0;
    bool escaped = false;
    for (std::size_t at = begin; at < argument.size(); ++at) {
        const char c = argument[at];
        if (!escaped && c == ',' && depth == 0) {
            pairs.push_back({"", at + 1, 0});
            continue;
        }
        ++pairs.back().length;
        if (escaped || c == '\\') {
            escaped = !escaped;
            pairs.back().text += escaped ? "" : std::string(1, c);
            continue;
        }
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        pairs.back().text += c;
    }
    return pairs;
}

}  // namespace

std::optional<std::string> ReplayArgument::Pair::value_of(const std::string& key) const {
    const std::string head = key + "=";
    return text.rfind(head, 0) == 0 ? std::optional{text.substr(head.size())} : std::nullopt;
}

ReplayArgument split(const std::string& argument) {
    // The file's own name may have a '#', too.
    constexpr std::string_view NAMED = ".yaml#";
    const auto named = argument.find(NAMED);
    const auto hash = named == std::string::npos ? argument.find('#') : named + NAMED.size() - 1;
    ReplayArgument parts{argument.substr(0, hash), {}};
    if (hash != std::string::npos) {
        parts.pairs = pairs_in(argument, hash + 1);
    }
    return parts;
}

}  // namespace hldsim::cli
