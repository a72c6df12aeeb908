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
            waits.push_back({n.lock, n.name, depth, n.context, n.pc, n.at, n.read});
            break;
        case HLD_LOCK_TAKEN:
        case HLD_LOCK_TRYLOCK_TAKEN:
            if (!waits.empty() && waits.back().lock == n.lock && waits.back().depth == depth) {
                waits.pop_back();
            }
            held_.push_back({n.lock, n.name, n.cpu.number.value, depth, n.context, n.pc, n.at});
            break;
        case HLD_LOCK_DROPPED: {
            const auto of_lock = [&](const Held& h) { return h.lock == n.lock; };
            const auto own = [&](const Held& h) { return of_lock(h) && h.cpu == n.cpu.number.value; };
            auto last = std::find_if(held_.rbegin(), held_.rend(), own);  // of several readers: this one
            if (last == held_.rend()) {
                last = std::find_if(held_.rbegin(), held_.rend(), of_lock);
            }
            if (last != held_.rend()) {
                held_.erase(std::next(last).base());
            }
            break;
        }
        case HLD_LOCK_READ_WAITS:
        case HLD_LOCK_READ_TAKEN:
        case HLD_LOCK_READ_TRYLOCK_TAKEN:
            break;  // Runtime::note_lock() has told them as the others
    }
}

const Locks::Wait* Locks::awaited(CpuNumber cpu) const {
    const auto& waits = waits_[cpu.value];
    return waits.empty() ? nullptr : &waits.back();
}

// Who waits for somebody who has been asked already waits in a circle: nobody in it goes on.
bool Locks::never_goes_on(const cpu::Cpus& cpus, CpuNumber cpu, std::vector<bool>& seen) const {
    const cpu::Cpu& waiter = cpus.cpu(cpu);
    const Wait* const wait = awaited(cpu);
    if (wait == nullptr || wait->depth != waiter.nesting.depth() || waiter.state != cpu::Cpu::State::Parked) {
        return false;
    }
    if (seen[cpu.value]) {
        return true;
    }
    seen[cpu.value] = true;
    const auto& waits = waits_[cpu.value];
    const bool queued_below = std::any_of(waits.begin(), waits.end(), [&](const Wait& other) {
        return other.lock == wait->lock && other.depth < wait->depth;
    });
    if (queued_below && !wait->read) {
        return true;  // locks are fair: the interrupted waiter comes first, and it does not run; a reader passes it
    }
    return std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
        if (held.lock != wait->lock) {
            return false;
        }
        const cpu::Cpu& owner = cpus.cpu(CpuNumber{held.cpu});
        const bool stuck = owner.state == cpu::Cpu::State::Stuck && owner.stick.for_ever;
        // The owner runs again only after the waiter has returned, or never.
        return held.cpu == cpu.value || stuck || never_goes_on(cpus, CpuNumber{held.cpu}, seen);
    });
}

bool Locks::waits_for_ever(const cpu::Cpus& cpus, CpuNumber cpu) const {
    std::vector<bool> seen(cpus.count());
    return never_goes_on(cpus, cpu, seen);
}

}  // namespace hldsim::shim
