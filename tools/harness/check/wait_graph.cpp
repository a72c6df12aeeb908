// SPDX-License-Identifier: Apache-2.0
// INV-wait-graph: nobody waits for a lock whose owner can never release it.
//
// A wait that is still open at the end of the run is judged by its owner: below the waiter on the same CPU (it runs
// again only when the waiter has returned), stuck for ever, or itself a waiter. Only the root of a chain is a
// violation; who waits behind it is evidence.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

bool stuck_for_ever(const Index& index, unsigned cpu) {
    return std::any_of(index.stucks.begin(), index.stucks.end(),
                       [&](const Stuck& stuck) { return stuck.cpu == cpu && stuck.ended == NEVER; });
}

/// Does that CPU wait, directly or through others, for the target? Those with a smaller number are left out.
bool waits_for(const Index& index, unsigned cpu, unsigned target, std::vector<bool>& seen) {
    if (cpu < target || index.cpus[cpu].waits.empty() || seen[cpu]) {
        return false;
    }
    seen[cpu] = true;
    const std::vector<Lock::Use>& owners = index.locks[index.cpus[cpu].waits.back().lock].held;
    return std::any_of(owners.begin(), owners.end(), [&](const Lock::Use& owner) {
        return owner.cpu == target || waits_for(index, owner.cpu, target, seen);
    });
}

/// Does the chain that begins with this wait come back to it? Then its first member by number speaks for it.
bool leads_cycle(const Index& index, const Wait& first) {
    std::vector<bool> seen(index.cpus.size());
    return waits_for(index, first.use.cpu, first.use.cpu, seen);
}

bool below(const Lock::Use& owner, const Wait& wait) {
    return owner.cpu == wait.use.cpu && owner.depth <= wait.use.depth;
}

/// What the owner waits for in turn, and who holds that, and so on, each CPU once.
void add_chain(const Index& index, unsigned waiter, std::vector<Rank>& evidence) {
    std::vector<bool> seen(index.cpus.size());
    for (unsigned cpu = waiter; !seen[cpu] && !index.cpus[cpu].waits.empty();) {
        seen[cpu] = true;
        const Wait& wait = index.cpus[cpu].waits.back();
        const Lock::Use* const owner = owner_of(index, wait);
        if (owner == nullptr) {
            return;
        }
        add_known(evidence, {wait.use.rank, owner->rank});
        cpu = owner->cpu;
    }
}

}  // namespace

const Lock::Use* owner_of(const Index& index, const Wait& wait) {
    const std::vector<Lock::Use>& held = index.locks[wait.lock].held;
    const auto hopeless = std::find_if(held.begin(), held.end(), [&](const Lock::Use& owner) {
        return below(owner, wait) || stuck_for_ever(index, owner.cpu);
    });
    const auto waiting = std::find_if(held.begin(), held.end(),
                                      [&](const Lock::Use& owner) { return !index.cpus[owner.cpu].waits.empty(); });
    return hopeless != held.end()  ? &*hopeless
           : waiting != held.end() ? &*waiting
           : held.empty()          ? nullptr
                                   : &held.front();
}

void check_wait_graph(const Index& index, Violations& found) {
    for (const CpuFacts& cpu : index.cpus) {
        for (const Wait& wait : cpu.waits) {
            const Lock::Use* const owner = owner_of(index, wait);
            if (owner == nullptr) {
                continue;
            }
            if (!below(*owner, wait) && !stuck_for_ever(index, owner->cpu) && !leads_cycle(index, wait)) {
                continue;
            }
            Violation violation{"INV-wait-graph",
                                {Subject::Kind::Lock, index.locks[wait.lock].named},
                                wait.use.cpu,
                                wait.use.rank,
                                {owner->rank, wait.use.rank}};
            if (!below(*owner, wait)) {
                add_chain(index, owner->cpu, violation.evidence);
            }
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
