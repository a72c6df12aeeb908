// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/harness/catalogue/catalogue.hpp"

namespace hldsim::catalogue {
namespace {

template <typename T, typename Predicate>
const T* first(Table<T> table, Predicate fits) {
    const T* const found = std::find_if(table.begin(), table.end(), fits);
    return found == table.end() ? nullptr : found;
}

}  // namespace

const Hazard* hazard(std::string_view id) {
    return first(hazards(), [&](const Hazard& row) { return row.id == id; });
}
const Invariant* invariant(std::string_view id) {
    return first(invariants(), [&](const Invariant& row) { return row.id == id; });
}
const Claim* claim(std::string_view id) {
    return first(claims(), [&](const Claim& row) { return row.id == id; });
}
const Design* design(std::string_view name) {
    return first(designs(), [&](const Design& row) { return row.name == name; });
}
const Policy* policy(std::string_view name) {
    return first(policies(), [&](const Policy& row) { return row.name == name; });
}
const Stat* stat(std::string_view name) {
    return first(stats(), [&](const Stat& row) { return row.name == name; });
}
const Stat* search_stat(std::string_view name) {
    return first(search_stats(), [&](const Stat& row) { return row.name == name; });
}
const End* end(std::string_view name) {
    return first(ends(), [&](const End& row) { return row.name == name; });
}
const Option* option(std::string_view design, std::string_view name) {
    return first(options(),
                 [&](const Option& row) { return row.name == name && (row.design.empty() || row.design == design); });
}

std::vector<std::string_view> words(std::string_view list) {
    std::vector<std::string_view> found;
    while (!list.empty()) {
        const std::size_t blank = std::min(list.find(' '), list.size());
        if (blank > 0) {
            found.push_back(list.substr(0, blank));
        }
        list.remove_prefix(std::min(blank + 1, list.size()));
    }
    return found;
}

}  // namespace hldsim::catalogue
