// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

std::vector<Rank> evidence_of(const Index& index, const Trail& trail) {
    std::vector<Rank> ranks;
    for (const Rank hop : trail.hops) {
        add_known(ranks, {hop});
    }
    add_known(ranks, {trail.entry, trail.blocked});
    if (const Nmi* const nmi = index.nmi_of(trail)) {
        add_known(ranks, {nmi->entered, nmi->fate(), nmi->left});
    }
    if (trail.cpu != trace::NO_CPU && !ranks.empty()) {
        const Rank last = *std::max_element(ranks.begin(), ranks.end());
        add_known(ranks, {index.cpus[trail.cpu].monitored.since(last)});
    }
    return ranks;
}

}  // namespace hldsim::check
