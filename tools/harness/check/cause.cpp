// SPDX-License-Identifier: Apache-2.0
// The records that the cause of a finding is made of: what a table shows beside the violation itself.
#include "tools/harness/check/case.hpp"

namespace hldsim::check {

namespace {

/// How the token's NMI came by its CPU, and what became of the timer meanwhile.
void add_cause_of_token(const Index& index, const Trail& trail, Case& c, const std::string& hazard) {
    if (trail.entry != NEVER) {
        add_known(c.evidence, {index.entry_written_before(index.record(trail.entry).result, trail.entry)});
        const auto drained = index.drained_by_invalidation(trail, left_mask(index, trail));
        if (hazard == "iec-done-not-delivered" && drained) {
            add_known(c.evidence, {drained->invalidation, drained->wait});
        }
    }
    const Rank returned = exception_before(index, trail);
    if (hazard == "nmi-nest-by-iret" && returned != NEVER) {
        const Nmi* const outer = index.nmi_around(returned);
        add_known(c.evidence, {returned, outer == nullptr ? NEVER : outer->entered});
    }
    const Rank stop = stop_before(index, trail);
    add_known(c.evidence, {left_mask(index, trail), stop, stop == NEVER ? NEVER : effect_of(index, stop)});
}

}  // namespace

void add_cause(const Index& index, Case& c, const std::string& hazard) {
    const RegisterWrite* route = nullptr;
    if (hazard == "rotation-chain-break") {
        if (const Trail* const first = first_after_last_check(index, c)) {
            const std::vector<Rank> way = evidence_of(index, *first);
            c.evidence.insert(c.evidence.end(), way.begin(), way.end());
            route = index.route_of(*first);
        }
    }
    if (const Trail* const trail = trail_of(index, c)) {
        if (hazard == "rotate-to-dying" || hazard == "nmi-after-bit-clear" || hazard == "INV-target") {
            route = index.route_of(*trail);
        }
        add_cause_of_token(index, *trail, c, hazard);
    } else if (const Trail* const behind = nmi_behind(index, c)) {
        for (const Rank hop : behind->hops) {
            add_known(c.evidence, {hop});
        }
    }
    if (route != nullptr) {
        add_known(c.evidence, {route->made, route->effective});
    }
}

}  // namespace hldsim::check
