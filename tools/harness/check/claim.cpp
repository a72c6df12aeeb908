// SPDX-License-Identifier: Apache-2.0
// INV-claim: the detector's handler claims an NMI if, and only if, it is one of the detector's.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_claim(const Index& index, Violations& found) {
    for (const Nmi& nmi : index.nmis) {
        const bool detectors = index.holds_detectors(nmi);
        const bool over = nmi.left != NEVER || nmi.unknown != NEVER || nmi.ignored != NEVER || nmi.swallowed != NEVER;
        if (detectors && nmi.claimed == NEVER && over) {
            // Of several that have merged, the first speaks for all: they are one NMI.
            const auto first = std::find_if(nmi.tokens.begin(), nmi.tokens.end(),
                                            [&](std::uint32_t id) { return index.trails[id].detectors(); });
            found.push_back({"INV-claim",
                             {Subject::Kind::Token, *first},
                             nmi.cpu,
                             nmi.fate() == NEVER ? nmi.left : nmi.fate(),
                             evidence_of(index, index.trails[*first])});
        }
        if (!detectors && nmi.claimed != NEVER) {
            found.push_back({"INV-claim",
                             {Subject::Kind::Nmi, index.number_of(nmi)},
                             nmi.cpu,
                             nmi.claimed,
                             {nmi.entered, nmi.claimed}});
        }
    }
}

}  // namespace hldsim::check
