// SPDX-License-Identifier: Apache-2.0
// What each deviation may change: a player lists its own, and says of a difference which kinds of change it takes.
#pragma once
#include <string>
#include <vector>

#include "tests/oracle/trace.hpp"

namespace hldsim::oracle {

struct Rule {
    const char* id;  // in DEVIATIONS.md
    unsigned may;    // the player's own bits
};

/// The deviation of the step's section if it may change all of `want`, else "". Nothing explains what `want` 0 stands
/// for.
template <std::size_t N>
std::string excuse(const Rule (&rules)[N], const Step& step, unsigned want) {
    for (const Rule& rule : rules) {
        if (step.section.deviation == rule.id && want != 0 && (rule.may & want) == want) {
            return rule.id;
        }
    }
    return "";
}

template <std::size_t N>
std::vector<std::string> ids_of(const Rule (&rules)[N]) {
    std::vector<std::string> ids;
    for (const Rule& rule : rules) {
        ids.emplace_back(rule.id);
    }
    return ids;
}

}  // namespace hldsim::oracle
