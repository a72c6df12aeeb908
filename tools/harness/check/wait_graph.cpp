// SPDX-License-Identifier: Apache-2.0
// INV-wait-graph: nobody waits for a lock whose owner can never release it.
//
// A wait that is still open at the end of the run is judged by its owner: below the waiter on the same CPU (it runs
// again only when the waiter has returned), stuck for ever, or itself a waiter. Only the root of a chain is a
// violation; who waits behind it is evidence.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

const Lock::Use* owner_of(const Index& index, const Wait& wait) {
    const Lock& lock = index.locks[wait.lock];
    return lock.held.empty() ? nullptr : &lock.held.front();
}

bool stuck_for_ever(const Index& index, unsigned cpu) {
    return std::any_of(index.stucks.begin(), index.stucks.end(),
                       [&](const Stuck& stuck) { return stuck.cpu == cpu && stuck.ended == NEVER; });
}

/// Does the chain that begins with this wait come back to it? Then its first member by number speaks for it.
bool leads_cycle(const Index& index, const Wait& first) {
    unsigned cpu = first.use.cpu;
    for (std::size_t step = 0; step <= index.cpus.size(); ++step) {
        if (cpu < first.use.cpu || index.cpus[cpu].waits.empty()) {
            return false;
        }
        const Lock::Use* const owner = owner_of(index, index.cpus[cpu].waits.back());
        if (owner == nullptr) {
            return false;
        }
        cpu = owner->cpu;
        if (cpu == first.use.cpu) {
            return true;
        }
    }
    return false;
}

}  // namespace

void check_wait_graph(const Index& index, Violations& found) {
    for (const CpuFacts& cpu : index.cpus) {
        for (const Wait& wait : cpu.waits) {
            const Lock::Use* const owner = owner_of(index, wait);
            if (owner == nullptr) {
                continue;
            }
            const bool below = owner->cpu == wait.use.cpu && owner->depth <= wait.use.depth;
            if (!below && !stuck_for_ever(index, owner->cpu) && !leads_cycle(index, wait)) {
                continue;
            }
            Violation violation{"INV-wait-graph",
                                {Subject::Kind::Lock, index.locks[wait.lock].named},
                                wait.use.cpu,
                                wait.use.rank,
                                {owner->rank, wait.use.rank}};
            for (const Stuck& stuck : index.stucks) {
                if (stuck.cpu == owner->cpu && stuck.ended == NEVER) {
                    violation.evidence.push_back(stuck.began);
                }
            }
            found.push_back(std::move(violation));
        }
    }
}

}  // namespace hldsim::check
