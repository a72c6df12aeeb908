// SPDX-License-Identifier: Apache-2.0
// The records that the cause of a finding is made of: what a table shows beside the violation itself.
#include "tools/harness/check/case.hpp"

namespace hldsim::check {

void add_cause(const Index& index, Case& c, const std::string& hazard) {
    const Trail* const trail = trail_of(index, c);
    const bool rotation = hazard == "rotate-to-dying" || hazard == "nmi-after-bit-clear";
    const RegisterWrite* route = trail == nullptr || !rotation ? nullptr : index.route_of(*trail);
    if (hazard == "rotation-chain-break") {
        if (const Trail* const first = first_after_last_check(index, c)) {
            const std::vector<Rank> way = evidence_of(index, *first);
            c.evidence.insert(c.evidence.end(), way.begin(), way.end());
            route = index.route_of(*first);
        }
    }
    if (const Trail* const behind = trail == nullptr ? nmi_behind(index, c) : nullptr) {
        for (const Rank hop : behind->hops) {
            if (hop != NEVER) {
                c.evidence.push_back(hop);
            }
        }
    }
    if (trail != nullptr && trail->entry != NEVER) {
        if (const Rank written = index.entry_written_before(index.record(trail->entry).result, trail->entry);
            written != NEVER) {
            c.evidence.push_back(written);
        }
        if (const auto drained = hazard == "iec-done-not-delivered"
                                     ? index.drained_by_invalidation(*trail, left_mask(index, *trail))
                                     : std::nullopt) {
            c.evidence.insert(c.evidence.end(), {drained->invalidation, drained->wait});
        }
    }
    if (const Rank returned = trail == nullptr ? NEVER : exception_before(index, *trail);
        hazard == "nmi-nest-by-iret" && returned != NEVER) {
        c.evidence.push_back(returned);
        c.evidence.push_back(index.nmi_around(returned) == nullptr ? returned : index.nmi_around(returned)->entered);
    }
    if (trail != nullptr) {
        const Rank left = left_mask(index, *trail);
        if (left != NEVER) {
            c.evidence.push_back(left);
        }
        if (const Rank stop = stop_before(index, *trail); stop != NEVER) {
            c.evidence.push_back(stop);
            if (const Rank effect = effect_of(index, stop); effect != NEVER) {
                c.evidence.push_back(effect);
            }
        }
    }
    if (route == nullptr) {
        return;
    }
    for (const Rank rank : {route->made, route->effective}) {
        if (rank != NEVER) {
            c.evidence.push_back(rank);
        }
    }
}

}  // namespace hldsim::check
