// SPDX-License-Identifier: Apache-2.0
// What each deviation may change: a player lists its own, and says of a difference which kinds of change it takes.
#pragma once
#include <string>
#include <vector>

#include "tests/oracle/trace.hpp"

namespace hldsim::oracle {

// What a deviation of any device may change. A player's own bits are below.
constexpr unsigned ONLY_QEMU = 1U << 16;   // a message leaves QEMU, or its line moves, and not here
constexpr unsigned ONLY_HERE = 1U << 17;   // the other way round
constexpr unsigned ODD_ACCESS = 1U << 18;  // a read that is not of a register's size at its place

struct Rule {
    const char* id;  // in DEVIATIONS.md
    unsigned may;    // bits as above, and the player's own
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
