// SPDX-License-Identifier: Apache-2.0
// INV-sound: a CPU is reported only if it was stuck, and took no timer interrupt for a heartbeat.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

Grounds grounds_of(const Index& index, const Report& report) {
    Grounds grounds;
    if (report.names >= index.cpus.size()) {
        grounds.exists = false;
        return grounds;
    }
    const Instant at = index.at(report.rank);
    for (const Stuck& stuck : index.stucks) {
        const bool then = stuck.cpu == report.names && stuck.began < report.rank &&
                          (stuck.ended == NEVER || index.at(stuck.ended) > at - index.options.threshold);
        if (then && !grounds.locked_up()) {
            grounds.stuck = &stuck;
        }
    }
    const std::vector<Rank>& beats = index.cpus[report.names].beats;
    const auto after = std::lower_bound(beats.begin(), beats.end(), report.rank);
    if (after != beats.begin() && index.at(*std::prev(after)) > at - index.options.heartbeat) {
        grounds.beat = *std::prev(after);
    }
    return grounds;
}

void check_sound(const Index& index, Violations& found) {
    for (const Report& report : index.reports) {
        const Grounds grounds = grounds_of(index, report);
        if (grounds.locked_up() && grounds.beat == NEVER) {
            continue;
        }
        found.push_back({"INV-sound",
                         {Subject::Kind::Report, static_cast<std::uint64_t>(&report - index.reports.data())},
                         report.names,
                         report.rank,
                         {report.rank}});
        add_known(found.back().evidence, {grounds.beat});
    }
}

}  // namespace hldsim::check
