// SPDX-License-Identifier: Apache-2.0
// INV-mmio-budget: an NMI makes no more accesses to the HPET than the detector's description says.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_mmio_budget(const Index& index, Violations& found) {
    const Described& described = index.options.described;
    for (const Nmi& nmi : index.nmis) {
        const bool reads = described.reads && nmi.reads.size() > *described.reads;
        const bool writes = described.writes && nmi.writes.size() > *described.writes;
        if (reads || writes) {
            const std::vector<Rank>& over = reads ? nmi.reads : nmi.writes;
            Violation violation{"INV-mmio-budget",
                                {Subject::Kind::Nmi, index.number_of(nmi)},
                                nmi.cpu,
                                over[reads ? *described.reads : *described.writes],
                                over};
            violation.evidence.push_back(nmi.entered);
            found.push_back(std::move(violation));
        }
    }
}

}  // namespace hldsim::check
