// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

std::vector<Rank> evidence_of(const Index& index, const Trail& trail) {
    std::vector<Rank> ranks;
    for (const Rank hop : trail.hops) {
        if (hop != NEVER) {
            ranks.push_back(hop);
        }
    }
    for (const Rank rank : {trail.entry, trail.blocked}) {
        if (rank != NEVER) {
            ranks.push_back(rank);
        }
    }
    if (const Nmi* const nmi = index.nmi_of(trail)) {
        ranks.push_back(nmi->entered);
        for (const Rank rank : {nmi->fate(), nmi->left}) {
            if (rank != NEVER) {
                ranks.push_back(rank);
            }
        }
    }
    if (trail.cpu != trace::NO_CPU && !ranks.empty()) {
        const Rank last = *std::max_element(ranks.begin(), ranks.end());
        const Rank changed = index.cpus[trail.cpu].monitored.since(last);
        if (changed != NEVER) {
            ranks.push_back(changed);
        }
    }
    return ranks;
}

}  // namespace hldsim::check
