// SPDX-License-Identifier: Apache-2.0
// INV-complete: a monitored CPU that takes no interrupts is reported within Dmax. So is one that the detector has
// forgotten: it was monitored, is up again, and nobody asked that it be left out.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

/// A hard lockup. SMM, halt and pause are classes of their own: no software can tell, or none should complain.
bool hard_lockup(cpu::StuckKind kind) {
    return kind == cpu::StuckKind::IrqOff || kind == cpu::StuckKind::InIrq || kind == cpu::StuckKind::InNmi;
}

bool reported(const Index& index, const Stuck& stuck, Instant until) {
    return std::any_of(index.reports.begin(), index.reports.end(), [&](const Report& report) {
        return report.names == stuck.cpu && report.rank > stuck.began && index.at(report.rank) <= until;
    });
}

/// Should that CPU be watched from `began` to `until`?
bool watched(const Index& index, unsigned cpu, Rank began, Instant until) {
    const auto stays = [&](Rank change) { return change == NEVER || index.at(change) > until; };
    const CpuFacts& facts = index.cpus[cpu];
    if (facts.monitored.before(began)) {
        return stays(facts.monitored.next_change(began));
    }
    return !index.options.mask_written && facts.monitored.next_change(0) < began && !facts.going_down.before(began) &&
           facts.life.before(began) == trace::Life::Up && stays(facts.life.next_change(began)) &&
           stays(facts.monitored.next_change(began));
}

}  // namespace

void check_complete(const Index& index, Violations& found) {
    const Described& described = index.options.described;
    if (!described.monitored || !described.max_delay) {
        return;
    }
    for (const Stuck& stuck : index.stucks) {
        if (index.ended_at() - index.at(stuck.began) < *described.max_delay) {
            continue;  // the run ends before, and no Instant may reach that far
        }
        const Instant until = index.at(stuck.began) + *described.max_delay;
        const Instant ended = stuck.ended == NEVER ? index.ended_at() : index.at(stuck.ended);
        if (!hard_lockup(stuck.kind) || ended < until || !watched(index, stuck.cpu, stuck.began, until) ||
            reported(index, stuck, until)) {
            continue;
        }
        const Rank last = index.size() - 1;
        const Coverage coverage = coverage_between(index, stuck.cpu, stuck.began, last);
        // Without a handler no NMI is a check: that there was none explains nothing.
        const bool blind = described.nmi_handler && coverage.cause != Coverage::Cause::Alone;
        const Subject subject =
            blind ? coverage.subject(stuck.cpu)
                  : Subject{Subject::Kind::Stuck, static_cast<std::uint64_t>(&stuck - index.stucks.data())};
        found.push_back({"INV-complete", subject, stuck.cpu, stuck.began, {stuck.began}});
    }
}

}  // namespace hldsim::check
