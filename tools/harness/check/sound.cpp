// SPDX-License-Identifier: Apache-2.0
// INV-sound: a CPU is reported only if it was stuck, and took no timer interrupt for a heartbeat.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

bool takes_no_interrupt(cpu::StuckKind kind) { return kind != cpu::StuckKind::Spinning; }

}  // namespace

void check_sound(const Index& index, Violations& found) {
    for (const Report& report : index.reports) {
        const Violation violation{"INV-sound",
                                  {Subject::Kind::Report, static_cast<std::uint64_t>(&report - index.reports.data())},
                                  report.names,
                                  report.rank,
                                  {report.rank}};
        if (report.names >= index.cpus.size()) {
            found.push_back(violation);
            continue;
        }
        const Instant at = index.at(report.rank);
        const bool stuck = std::any_of(index.stucks.begin(), index.stucks.end(), [&](const Stuck& s) {
            return s.cpu == report.names && takes_no_interrupt(s.kind) && s.began < report.rank &&
                   (s.ended == NEVER || index.at(s.ended) > at - index.options.threshold);
        });
        const std::vector<Rank>& beats = index.cpus[report.names].beats;
        const auto after = std::lower_bound(beats.begin(), beats.end(), report.rank);
        const bool beat = after != beats.begin() && index.at(*std::prev(after)) > at - index.options.heartbeat;
        if (!stuck || beat) {
            found.push_back(violation);
            if (beat) {
                found.back().evidence.push_back(*std::prev(after));
            }
        }
    }
}

}  // namespace hldsim::check
