// SPDX-License-Identifier: Apache-2.0
// INV-mmio-budget: an NMI makes no more accesses to the HPET than the detector's description says.
#include <algorithm>

#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

// Of an NMI that polls for ever there may be a million: the first ones and the last one tell as much.
std::vector<Rank> shown_of(const std::vector<Rank>& accesses, std::size_t budget) {
    constexpr std::size_t BEHIND_BUDGET = 16;
    const std::size_t first = std::min(accesses.size() - 1, budget + BEHIND_BUDGET);
    std::vector<Rank> shown{accesses.begin(), accesses.begin() + static_cast<std::ptrdiff_t>(first)};
    shown.push_back(accesses.back());
    return shown;
}

}  // namespace

void check_mmio_budget(const Index& index, Violations& found) {
    const Described& described = index.options.described;
    for (const Nmi& nmi : index.nmis) {
        const bool reads = described.reads && nmi.reads.size() > *described.reads;
        const bool writes = described.writes && nmi.writes.size() > *described.writes;
        if (reads || writes) {
            const std::vector<Rank>& over = reads ? nmi.reads : nmi.writes;
            const std::size_t budget = reads ? *described.reads : *described.writes;
            Violation violation{"INV-mmio-budget",
                                {Subject::Kind::Nmi, index.number_of(nmi)},
                                nmi.cpu,
                                over[budget],
                                shown_of(over, budget)};
            violation.evidence.push_back(nmi.entered);
            found.push_back(std::move(violation));
        }
    }
}

}  // namespace hldsim::check
