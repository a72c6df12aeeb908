// SPDX-License-Identifier: Apache-2.0
// INV-foreign: the detector does not absorb an NMI of somebody else.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

namespace {

/// The chipset keeps what it raised, and the kernel reads it in the next NMI that no local handler claims.
bool looked_for_later(const Index& index, const Nmi& nmi) {
    return std::any_of(index.nmis.begin(), index.nmis.end(), [&](const Nmi& later) {
        return later.cpu == nmi.cpu && later.entered > nmi.entered && later.claimed == NEVER &&
               later.claimed_elsewhere == NEVER && later.ignored == NEVER && later.fate() != NEVER;
    });
}

/// Counters and IPIs have handlers that are asked beside the detector's. For what comes by a pin the kernel looks only
/// where none of these has claimed the NMI (Linux 6.1, arch/x86/kernel/nmi.c, default_do_nmi).
bool absorbs(const Index& index, const Nmi& nmi) {
    if (!index.holds_detectors(nmi)) {
        return !nmi.tokens.empty();
    }
    return std::any_of(nmi.tokens.begin(), nmi.tokens.end(), [&](std::uint32_t id) {
        switch (index.trails[id].token.source) {
            case Source::Lint1:
                return true;
            case Source::Serr:
            case Source::Iochk:
                return !looked_for_later(index, nmi);
            default:
                return false;
        }
    });
}

}  // namespace

void check_foreign(const Index& index, Violations& found) {
    for (const Nmi& nmi : index.nmis) {
        if (nmi.claimed == NEVER || !absorbs(index, nmi)) {
            continue;
        }
        Violation violation{"INV-foreign",
                            {Subject::Kind::Nmi, index.number_of(nmi)},
                            nmi.cpu,
                            nmi.claimed,
                            {nmi.entered, nmi.claimed}};
        for (const std::uint32_t id : nmi.tokens) {
            for (const Rank rank : evidence_of(index, index.trails[id])) {
                violation.evidence.push_back(rank);
            }
        }
        found.push_back(std::move(violation));
    }
}

}  // namespace hldsim::check
