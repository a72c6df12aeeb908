// SPDX-License-Identifier: Apache-2.0
// INV-progress: what the operator asked for ends, and soon. A task that waits for a CPU which is stuck is not the
// detector's fault, unless it is the detector that waits, between stopping its timer and the point where it says
// "drained". And an NMI returns, an interrupt returns, and other code of the detector gives its CPU away: what runs on
// without being stuck, and waits for no lock that INV-wait-graph knows, spins.
#include "detector/shim/abi.hpp"
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

/// Hotplug and writes take milliseconds, a drain that waits for its limit some tens of them.
constexpr Duration BOUND{5 * FS_PER_S};

/// The write that stopped a timer for a drain which was never done; NEVER: there is none.
Rank open_drain(const Index& index, const Task& task) {
    Rank open = NEVER;
    for (const Timer& timer : index.timers) {
        if (timer.programmed.changes().empty() || timer.programmed.changes().back().value) {
            continue;
        }
        const Rank stop = timer.programmed.changes().back().rank;
        const bool drained = std::any_of(index.quiets.begin(), index.quiets.end(),
                                         [&](const Quiet& quiet) { return quiet.done > stop; });
        if (stop > task.began && !drained) {
            open = stop;
        }
    }
    return open;
}

/// The write that stopped a timer for a drain which took longer than all the rest may; NEVER: there is none.
Rank long_drain(const Index& index, const Task& task) {
    for (const Quiet& quiet : index.quiets) {
        if (quiet.stopped != NEVER && quiet.stopped > task.began && quiet.done < task.ended &&
            index.at(quiet.done) - index.at(quiet.stopped) > BOUND) {
            return quiet.stopped;
        }
    }
    return open_drain(index, task);
}

/// How long that CPU was in SMM: firmware's time is not the detector's.
Duration in_smm(const Index& index, unsigned cpu, Rank from, Rank to) {
    Duration all;
    Rank entered = NEVER;
    for (Rank rank = from; rank < std::min(to, Rank{index.size()}); ++rank) {
        const trace::Record& record = index.record(rank);
        if (record.actor != cpu || record.context != cpu::Context::Smm) {
            continue;
        }
        if (record.what == trace::What::ContextEntered) {
            entered = rank;
        } else if (record.what == trace::What::ContextLeft && entered != NEVER) {
            all = all + (index.at(rank) - index.at(entered));
            entered = NEVER;
        }
    }
    const Instant end = to == NEVER ? index.ended_at() : index.at(to);
    return entered == NEVER ? all : all + (end - index.at(entered));
}

/// How long CPUs were waited for that never came: the kernel's own limit of 10 s is not the detector's.
Duration waited_in_vain(const Index& index, Rank from, Rank to) {
    Duration all;
    for (const CpuFacts& cpu : index.cpus) {
        const auto& lives = cpu.life.changes();
        for (std::size_t n = 1; n < lives.size(); ++n) {
            const bool in_vain = lives[n - 1].value == trace::Life::Coming && lives[n].value == trace::Life::Dead;
            if (in_vain && lives[n - 1].rank > from && lives[n].rank < to) {
                all = all + (index.at(lives[n].rank) - index.at(lives[n - 1].rank));
            }
        }
    }
    return all;
}

/// Was it longer than the bound, without what firmware took of any CPU, and without the wait for one that never came?
bool too_long(const Index& index, Rank from, Rank to) {
    const Duration length = (to == NEVER ? index.ended_at() : index.at(to)) - index.at(from);
    if (length <= BOUND) {
        return false;
    }
    Duration smm;
    for (unsigned cpu = 0; cpu < index.cpus.size(); ++cpu) {
        smm = std::max(smm, in_smm(index, cpu, from, to));
    }
    return length - smm - waited_in_vain(index, from, to) > BOUND;
}

/// Is there one that spins?
bool check_nmis(const Index& index, Violations& found) {
    bool any = false;
    for (const Nmi& nmi : index.nmis) {
        if (nmi.left != NEVER) {
            continue;
        }
        const bool stuck = std::any_of(index.stucks.begin(), index.stucks.end(),
                                       [&](const Stuck& s) { return s.cpu == nmi.cpu && s.ended > nmi.entered; });
        const bool waits = nmi.cpu < index.cpus.size() && !index.cpus[nmi.cpu].waits.empty();
        const bool endless = index.options.end == cpu::End::AccessLimit ? nmi.cpu == index.options.ended_by
                                                                        : too_long(index, nmi.entered, NEVER);
        if (!stuck && !waits && endless) {
            Violation spins{
                "INV-progress", {Subject::Kind::Nmi, index.number_of(nmi)}, nmi.cpu, nmi.entered, {nmi.entered}};
            add_known(spins.evidence, {nmi.still});
            found.push_back(std::move(spins));
            any = true;
        }
    }
    return any;
}

Rank first_at(const Index& index, Instant at) {
    Rank low = 0;
    Rank high = index.size();
    while (low < high) {
        const Rank middle = low + (high - low) / 2;
        (index.at(middle) < at ? low : high) = index.at(middle) < at ? middle + 1 : middle;
    }
    return low;
}

/// Since when the CPU has been in an interrupt, or in a task of the detector's that does not sleep; NEVER: in neither.
Rank busy_since(const Index& index, unsigned cpu) {
    const CpuFacts& facts = index.cpus[cpu];
    if (facts.still == NEVER) {
        return NEVER;
    }
    const trace::Record& still = index.record(facts.still);
    if (still.context == cpu::Context::Interrupt) {
        return facts.irqs.empty() ? NEVER : facts.irqs.back();
    }
    // What runs for an operator, or for one of his requests, is told as that.
    const bool asked = std::any_of(index.tasks.begin(), index.tasks.end(), [&](const Task& task) {
        return task.ended == NEVER && (task.cpu == cpu || standing_of(index, task.began, task.cpu).cpu == cpu);
    });
    return still.flag || asked ? NEVER : first_at(index, Instant{static_cast<std::int64_t>(still.value)});
}

/// Is there code that spins, but in an NMI? Who waits for a CPU that is stuck by the scenario does no wrong.
bool check_code(const Index& index, Violations& found) {
    bool any = false;
    for (unsigned cpu = 0; cpu < index.cpus.size(); ++cpu) {
        const Rank since = busy_since(index, cpu);
        if (since == NEVER || !index.cpus[cpu].waits.empty()) {
            continue;
        }
        const bool stuck =
            std::any_of(index.stucks.begin(), index.stucks.end(), [&](const Stuck& s) { return s.ended > since; });
        const bool endless =
            index.options.end == cpu::End::AccessLimit ? cpu == index.options.ended_by : too_long(index, since, NEVER);
        if (!stuck && endless) {
            const Rank still = index.cpus[cpu].still;
            const bool irq = index.record(still).context == cpu::Context::Interrupt;
            found.push_back(
                {"INV-progress", {Subject::Kind::Code, cpu}, cpu, irq ? since : still, {irq ? since : still, still}});
            any = true;
        }
    }
    return any;
}

}  // namespace

Standing standing_of(const Index& index, Rank began, unsigned cpu) {
    Standing at;
    at.step = index.last_step != NEVER && index.last_step > began ? index.last_step : NEVER;
    at.cpu = at.step == NEVER ? cpu : index.record(at.step).actor;
    if (at.cpu < index.cpus.size()) {
        const CpuFacts& facts = index.cpus[at.cpu];
        at.wait = facts.waits.empty() ? nullptr : &facts.waits.back();
        at.code = facts.still;
    }
    return at;
}

namespace {

/// Whether a task took too long, or does not end; not where code that spins says why already.
bool is_late(const Index& index, const Task& task, bool spins) {
    const bool boot = task.number == HLD_TASK_BOOT;
    const bool late = boot ? index.ended_at() - index.at(task.began) > BOUND : too_long(index, task.began, task.ended);
    if (spins) {
        return false;
    }
    return task.ended != NEVER ? late && !boot : late || index.options.end != cpu::End::Time;
}

/// A task that is late, unless a stuck CPU explains it.
void check_task(const Index& index, const Task& task, Violations& found) {
    const bool boot = task.number == HLD_TASK_BOOT;
    const auto meanwhile = [&](const Stuck& s) { return s.began < task.ended && s.ended > task.began; };
    const bool stuck = std::any_of(index.stucks.begin(), index.stucks.end(), meanwhile);
    const Rank drain = index.options.described.drained && !boot ? long_drain(index, task) : NEVER;
    if (stuck && drain == NEVER && !boot) {
        return;
    }
    Violation violation{"INV-progress", {Subject::Kind::Task, task.number}, task.cpu, task.began, {task.began}};
    if (drain != NEVER) {
        violation.at = drain;
    }
    add_known(violation.evidence, {drain, task.ended});
    if (task.ended == NEVER && drain == NEVER) {
        const Standing at = standing_of(index, task.began, task.cpu);
        add_known(violation.evidence, {at.step, at.wait == nullptr ? NEVER : at.wait->use.rank, at.code});
    }
    for (const Stuck& s : index.stucks) {
        if (meanwhile(s)) {
            violation.evidence.push_back(s.began);
        }
    }
    found.push_back(std::move(violation));
}

}  // namespace

void check_progress(const Index& index, Violations& found) {
    if (index.options.end != cpu::End::Time && index.options.end != cpu::End::AccessLimit) {
        return;
    }
    const bool nmi_spins = check_nmis(index, found);
    const bool spins = check_code(index, found) || nmi_spins;
    for (const Task& task : index.tasks) {
        if (is_late(index, task, spins)) {
            check_task(index, task, found);
        }
    }
}

}  // namespace hldsim::check
