// SPDX-License-Identifier: Apache-2.0
// INV-regs: the registers in a report are those of the CPU that it names.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_regs(const Index& index, Violations& found) {
    for (const Report& report : index.reports) {
        const trace::Record& said = index.record(report.rank);
        if (said.context != cpu::Context::Nmi || said.actor == report.names) {
            continue;
        }
        const Nmi* const nmi = index.nmi_around(report.rank);
        const Rank end = nmi == nullptr ? report.rank : std::min(nmi->left, index.size());
        for (Rank rank = report.rank + 1; rank < end; ++rank) {
            const trace::Record& record = index.record(rank);
            if (record.what == trace::What::Printed && record.actor == said.actor &&
                index.log.text(record).find("RIP:") != std::string::npos) {
                found.push_back({"INV-regs",
                                 {Subject::Kind::Report, static_cast<std::uint64_t>(&report - index.reports.data())},
                                 report.names,
                                 rank,
                                 {report.rank, rank}});
                break;
            }
        }
    }
}

}  // namespace hldsim::check
