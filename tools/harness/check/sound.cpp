// SPDX-License-Identifier: Apache-2.0
// INV-sound: a CPU is reported only if it was stuck, and took no timer interrupt for a heartbeat. Stuck it is by the
// scenario, or by software itself: in an interrupt that does not return, or in the wait for a lock.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

namespace {

/// Since when it was in one interrupt, or waited for one lock, for a heartbeat or longer, up to that record or to less
/// than a threshold before it; NEVER: it was not.
Rank held_up(const Index& index, const History<Rank>& history, Rank reported) {
    Rank end = reported;
    for (auto change = history.changes().rbegin(); change != history.changes().rend(); ++change) {
        if (change->rank >= reported) {
            continue;
        }
        if (index.at(end) <= index.at(reported) - index.options.threshold) {
            break;
        }
        if (change->value != NEVER && index.at(end) - index.at(change->value) >= index.options.heartbeat) {
            return change->value;
        }
        end = change->rank;
    }
    return NEVER;
}

}  // namespace

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
    const CpuFacts& facts = index.cpus[report.names];
    for (const History<Rank>* const history : {&facts.in_irq, &facts.waiting}) {
        grounds.held_up = std::min(grounds.held_up, held_up(index, *history, report.rank));
    }
    const std::vector<Rank>& beats = facts.beats;
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
