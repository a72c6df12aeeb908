// SPDX-License-Identifier: Apache-2.0
// INV-progress: what the operator asked for ends. A task that waits for a CPU which is stuck is not the detector's
// fault, unless it is the detector that waits, between stopping its timer and the point where it says "drained".
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

}  // namespace

void check_progress(const Index& index, Violations& found) {
    const bool at_rest = index.options.end == cpu::End::Time || index.options.end == cpu::End::AccessLimit;
    for (const Task& task : index.tasks) {
        const bool late = index.ended_at() - index.at(task.began) > BOUND;
        if (task.ended != NEVER || !at_rest || (!late && index.options.end == cpu::End::Time)) {
            continue;
        }
        const bool stuck =
            std::any_of(index.stucks.begin(), index.stucks.end(), [](const Stuck& s) { return s.ended == NEVER; });
        const Rank drain = index.options.described.drained ? open_drain(index, task) : NEVER;
        if (stuck && drain == NEVER) {
            continue;
        }
        Violation violation{"INV-progress", {Subject::Kind::Task, task.number}, task.cpu, task.began, {task.began}};
        if (drain != NEVER) {
            violation.evidence.push_back(drain);
            violation.at = drain;
        }
        for (const Stuck& s : index.stucks) {
            if (s.ended == NEVER) {
                violation.evidence.push_back(s.began);
            }
        }
        found.push_back(std::move(violation));
    }
}

}  // namespace hldsim::check
