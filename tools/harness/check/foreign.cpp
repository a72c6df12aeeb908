// SPDX-License-Identifier: Apache-2.0
// INV-foreign: the detector does not absorb an NMI of somebody else.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_foreign(const Index& index, Violations& found) {
    for (const Nmi& nmi : index.nmis) {
        if (nmi.claimed == NEVER || nmi.tokens.empty() || index.holds_detectors(nmi)) {
            continue;
        }
        Violation violation{"INV-foreign",
                            {Subject::Kind::Nmi, static_cast<std::uint64_t>(&nmi - index.nmis.data())},
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
