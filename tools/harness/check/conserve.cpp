// SPDX-License-Identifier: Apache-2.0
// INV-conserve: each NMI comes to an end, in a handler that claims it or at the entry of an offline CPU. None is lost
// on its way, in the remapping unit, in a latch or in a handler that never returns, and none ends as an unknown NMI.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

/// Interrupts of other sources wait for as long as software does not let them in.
bool is_nmi(const Trail& trail) {
    switch (trail.token.source) {
        case Source::Hpet:
        case Source::LapicTimer2:
        case Source::Perf:
        case Source::Lint1:
        case Source::Serr:
        case Source::Iochk:
            return !trail.interrupt();
        default:
            return trail.set_up && !trail.interrupt();
    }
}

Subject subject_of(const Index& index, const Nmi& nmi) {
    for (const std::uint32_t id : nmi.tokens) {
        if (index.trails[id].detectors()) {
            return {Subject::Kind::Token, id};
        }
    }
    return {Subject::Kind::Nmi, index.number_of(nmi)};
}

}  // namespace

Rank last_hop(const Trail& trail) {
    for (const Hop hop : {Hop::Returned, Hop::Taken, Hop::Accepted, Hop::Remapped, Hop::Posted, Hop::Matched}) {
        if (trail.hop(hop) != NEVER) {
            return trail.hop(hop);
        }
    }
    return NEVER;
}

bool lost(const Index& index, const Trail& trail) {
    const Nmi* const nmi = index.nmi_of(trail);
    const bool over = nmi != nullptr && (nmi->left != NEVER || nmi->fate() != NEVER);
    const Rank last = last_hop(trail);
    if (trail.misdelivered()) {
        return true;
    }
    return is_nmi(trail) && trail.blocked == NEVER && !over && last != NEVER && trail.hop(Hop::Returned) == NEVER &&
           index.ended_at() - index.at(last) > LONGEST_STAY;
}

void check_conserve(const Index& index, Violations& found) {
    for (const Nmi& nmi : index.nmis) {
        if (nmi.unknown != NEVER) {
            found.push_back({"INV-conserve", subject_of(index, nmi), nmi.cpu, nmi.unknown, {nmi.entered, nmi.unknown}});
        }
    }
    for (const Trail& trail : index.trails) {
        if (trail.blocked != NEVER && is_nmi(trail)) {
            found.push_back({"INV-conserve",
                             {Subject::Kind::Token, trail.token.id},
                             trace::NO_CPU,
                             trail.blocked,
                             evidence_of(index, trail)});
        }
        if (lost(index, trail)) {
            found.push_back({"INV-conserve",
                             {Subject::Kind::Token, trail.token.id},
                             trail.cpu,
                             last_hop(trail),
                             evidence_of(index, trail)});
        }
    }
}

}  // namespace hldsim::check
