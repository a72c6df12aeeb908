// SPDX-License-Identifier: Apache-2.0
// INV-progress: what the operator asked for ends, and soon. A task that waits for a CPU which is stuck is not the
// detector's fault, unless it is the detector that waits, between stopping its timer and the point where it says
// "drained". And an NMI returns: one that runs on without being stuck, and waits for no lock that INV-wait-graph knows,
// spins.
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

void check_nmis(const Index& index, Violations& found) {
    for (const Nmi& nmi : index.nmis) {
        const bool stuck = std::any_of(index.stucks.begin(), index.stucks.end(),
                                       [&](const Stuck& s) { return s.cpu == nmi.cpu && s.ended > nmi.entered; });
        const bool waits = nmi.cpu < index.cpus.size() && !index.cpus[nmi.cpu].waits.empty();
        const bool endless = index.options.end == cpu::End::AccessLimit
                                 ? nmi.cpu == index.options.ended_by
                                 : index.ended_at() - index.at(nmi.entered) > BOUND;
        if (nmi.left == NEVER && !stuck && !waits && endless) {
            const auto number = static_cast<std::uint64_t>(&nmi - index.nmis.data());
            found.push_back({"INV-progress", {Subject::Kind::Nmi, number}, nmi.cpu, nmi.entered, {nmi.entered}});
        }
    }
}

}  // namespace

void check_progress(const Index& index, Violations& found) {
    const bool at_rest = index.options.end == cpu::End::Time || index.options.end == cpu::End::AccessLimit;
    if (at_rest) {
        check_nmis(index, found);
    }
    for (const Task& task : index.tasks) {
        const bool ends = task.ended != NEVER;
        const bool late = (ends ? index.at(task.ended) : index.ended_at()) - index.at(task.began) > BOUND;
        const bool hangs = !ends && (late || index.options.end != cpu::End::Time);
        if (!at_rest || !(ends ? late && task.number != HLD_TASK_BOOT : hangs)) {
            continue;
        }
        const auto meanwhile = [&](const Stuck& s) { return s.began < task.ended && s.ended > task.began; };
        const bool stuck = std::any_of(index.stucks.begin(), index.stucks.end(), meanwhile);
        const Rank drain = index.options.described.drained ? long_drain(index, task) : NEVER;
        if (stuck && drain == NEVER) {
            continue;
        }
        Violation violation{"INV-progress", {Subject::Kind::Task, task.number}, task.cpu, task.began, {task.began}};
        if (drain != NEVER) {
            violation.evidence.push_back(drain);
            violation.at = drain;
        }
        for (const Stuck& s : index.stucks) {
            if (meanwhile(s)) {
                violation.evidence.push_back(s.began);
            }
        }
        if (ends) {
            violation.evidence.push_back(task.ended);
        }
        found.push_back(std::move(violation));
    }
}

}  // namespace hldsim::check
