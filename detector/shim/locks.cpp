// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "detector/shim/locks.hpp"

#include <algorithm>

namespace hldsim::shim {

void Locks::reset(unsigned cpus) {
    held_.clear();
    waits_.resize(cpus);
    for (auto& waits : waits_) {
        waits.clear();
    }
}

void Locks::note(const LockNote& n) {
    auto& waits = waits_[n.cpu.number.value];
    const std::size_t depth = n.cpu.nesting.depth();
    switch (n.op) {
        case HLD_LOCK_WAITS:
            waits.push_back({n.lock, n.name, depth, n.context, n.pc, n.at});
            break;
        case HLD_LOCK_TAKEN:
        case HLD_LOCK_TRYLOCK_TAKEN:
            if (!waits.empty() && waits.back().lock == n.lock && waits.back().depth == depth) {
                waits.pop_back();
            }
            held_.push_back({n.lock, n.name, n.cpu.number.value, depth, n.context, n.pc, n.at});
            break;
        case HLD_LOCK_DROPPED: {
            const auto last =
                std::find_if(held_.rbegin(), held_.rend(), [&](const Held& h) { return h.lock == n.lock; });
            if (last != held_.rend()) {
                held_.erase(std::next(last).base());
            }
            break;
        }
    }
}

const Locks::Held* Locks::owner(const void* lock) const {
    const auto found = std::find_if(held_.begin(), held_.end(), [&](const Held& h) { return h.lock == lock; });
    return found == held_.end() ? nullptr : &*found;
}

const Locks::Wait* Locks::awaited(CpuNumber cpu) const {
    const auto& waits = waits_[cpu.value];
    return waits.empty() ? nullptr : &waits.back();
}

bool Locks::waits_for_ever(const cpu::Cpus& cpus, CpuNumber first) const {
    CpuNumber cpu = first;
    for (unsigned steps = 0; steps <= cpus.count(); ++steps) {
        const cpu::Cpu& waiter = cpus.cpu(cpu);
        const Wait* const wait = awaited(cpu);
        if (wait == nullptr || wait->depth != waiter.nesting.depth() || waiter.state != cpu::Cpu::State::Parked) {
            return false;
        }
        const auto& waits = waits_[cpu.value];
        const bool queued_below = std::any_of(waits.begin(), waits.end(), [&](const Wait& other) {
            return other.lock == wait->lock && other.depth < wait->depth;
        });
        if (queued_below) {
            return true;  // locks are fair: the interrupted waiter comes first, and it does not run
        }
        const Held* const held = owner(wait->lock);
        if (held == nullptr) {
            return false;
        }
        const cpu::Cpu& owner_cpu = cpus.cpu(CpuNumber{held->cpu});
        if (held->cpu == cpu.value || (owner_cpu.state == cpu::Cpu::State::Stuck && owner_cpu.stick.for_ever)) {
            return true;  // the owner runs again only after the waiter has returned, or never
        }
        cpu = CpuNumber{held->cpu};
        if (cpu == first) {
            return true;
        }
    }
    return true;
}

}  // namespace hldsim::shim
