// SPDX-License-Identifier: Apache-2.0
// The part of the locks in the index: in which contexts each is taken, who holds it, who waits.
#include "tools/harness/check/index.hpp"

namespace hldsim::check {

namespace {

/// By that CPU, or by another than has taken it.
void drop(Lock& lock, unsigned cpu) {
    const auto own =
        std::find_if(lock.held.rbegin(), lock.held.rend(), [&](const Lock::Use& use) { return use.cpu == cpu; });
    if (own != lock.held.rend()) {
        lock.held.erase(std::next(own).base());
    } else if (!lock.held.empty()) {
        lock.held.pop_back();
    }
}

}  // namespace

std::optional<Lock::Clash> Lock::clash() const {
    const Clash write_there{written_in_nmi, elsewhere};
    const Clash write_elsewhere{in_nmi, written_elsewhere};
    const auto complete = [](const Clash& clash) { return std::max(clash.in_nmi, clash.elsewhere); };
    const Clash& first = complete(write_elsewhere) < complete(write_there) ? write_elsewhere : write_there;
    return complete(first) == NEVER ? std::nullopt : std::optional{first};
}

void Index::lock(Rank rank, const trace::Record& record) {
    CpuFacts* const cpu = facts(record.actor);
    if (cpu == nullptr) {
        return;
    }
    const auto [found, added] = lock_numbers_.try_emplace(record.object, locks.size());
    if (added) {
        const std::string& name = log.text(record);
        Lock lock;
        lock.name = name;
        lock.kernels = (record.value & trace::LOCK_OF_KERNEL) != 0;
        lock.sleeping = (record.value & trace::LOCK_THAT_SLEEPS) != 0;
        lock.named = lock_names_.try_emplace({name, lock.kernels}, locks.size()).first->second;
        locks.push_back(std::move(lock));
    }
    Lock& lock = locks[found->second];
    const Lock::Use use{rank, record.actor, record.depth};
    if (record.what == trace::What::LockDropped) {
        unheld = lock.held.empty() ? std::min(unheld, rank) : unheld;
        drop(lock, record.actor);
        return;
    }
    const bool alone = (record.value & trace::LOCK_FOR_READING) == 0;
    if (record.context != cpu::Context::Nmi) {
        lock.elsewhere = std::min(lock.elsewhere, rank);
        lock.written_elsewhere = std::min(lock.written_elsewhere, alone ? rank : NEVER);
    } else if (!record.flag) {
        lock.in_nmi = std::min(lock.in_nmi, rank);
        lock.written_in_nmi = std::min(lock.written_in_nmi, alone ? rank : NEVER);
    }
    if (record.what == trace::What::LockWaits) {
        cpu->waits.push_back({found->second, use});
        cpu->waiting.change(rank, rank);
        return;
    }
    lock.held.push_back(use);
    if (!cpu->waits.empty() && cpu->waits.back().lock == found->second && cpu->waits.back().use.depth == use.depth) {
        cpu->waits.pop_back();
        cpu->waiting.change(rank, cpu->waits.empty() ? NEVER : cpu->waits.back().use.rank);
    }
}

/// Where its context has taken those that it holds, in order. What an earlier life of the CPU held is not its own.
std::vector<Rank> Index::spinning_locks_of(const trace::Record& record) const {
    Rank began = 0;
    for (const auto& change : cpus[record.actor].life.changes()) {
        began = change.value == trace::Life::Coming ? change.rank : began;
    }
    std::vector<Rank> taken;
    for (const Lock& lock : locks) {
        for (const Lock::Use& use : lock.held) {
            const bool own = use.cpu == record.actor && use.depth == record.depth;
            if (own && !lock.sleeping && use.rank >= began) {
                taken.push_back(use.rank);
            }
        }
    }
    std::sort(taken.begin(), taken.end());
    return taken;
}

}  // namespace hldsim::check
