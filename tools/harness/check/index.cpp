// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/check/index.hpp"

#include <charconv>
#include <numeric>

#include "models/machine/machine.hpp"

namespace hldsim::check {

std::optional<unsigned> lockup_reported(std::string_view line) {
    constexpr std::string_view WORDS = "hard LOCKUP on cpu ";
    const auto at = line.find(WORDS);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    unsigned cpu = 0;
    const char* const begin = line.data() + at + WORDS.size();
    const auto parsed = std::from_chars(begin, line.data() + line.size(), cpu);
    return parsed.ec == std::errc{} ? std::optional{cpu} : std::nullopt;
}

Rank Nmi::fate() const {
    for (const Rank rank : {claimed, claimed_elsewhere, unknown, ignored, swallowed, not_mine}) {
        if (rank != NEVER) {
            return rank;
        }
    }
    return NEVER;
}

Index::Index(const trace::Log& l, const Options& o) : log{l}, options{o} {
    hpet_base_ = options.timer_conf_register == 0 ? Machine::HPET_BASE : options.timer_conf_register - HPET_TIMERS_AT;
    cpus.resize(log.cpus);
    just_taken_.resize(log.cpus);
    open_nmis_.resize(log.cpus);
    preparing_.resize(log.cpus);
    sort();
    for (Rank rank = 0; rank < size(); ++rank) {
        read(rank);
    }
    ended_at_ = log.ended_at;
    if (size() != 0) {
        ended_at_ = std::max(ended_at_, at(size() - 1));
    }
}

void Index::sort() {
    const std::vector<trace::Record>& records = log.records;
    const auto earlier = [](const trace::Record& a, const trace::Record& b) { return a.at < b.at; };
    if (std::is_sorted(records.begin(), records.end(), earlier)) {
        return;
    }
    order_.resize(records.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return records[a].at < records[b].at; });
}

void Index::read(Rank rank) {
    using trace::What;
    const trace::Record& record = this->record(rank);
    switch (record.what) {
        case What::HopReached:
            return hop(rank, record);
        case What::ContextEntered:
        case What::ContextLeft:
        case What::Initialized:
            return context(rank, record);
        case What::LockWaits:
        case What::LockTaken:
        case What::LockDropped:
            return lock(rank, record);
        case What::LifeChanged:
            return life_changed(rank, record);
        case What::HotplugStep:
            if (CpuFacts* const cpu = facts(record.cpu)) {
                cpu->going_down.change(rank, !record.flag);
            }
            return;
        case What::NmiClaimed:
        case What::NmiNotMine:
        case What::NmiUnknown:
        case What::NmiIgnored:
        case What::NmiSwallowed:
            return fate(rank, record);
        case What::SleepRefused:
            return sleep(rank, record);
        case What::Printed:
            return printed(rank, record);
        case What::TaskBegun:
        case What::TaskEnded:
            return task(rank, record);
        case What::DeviceWrite:
        case What::DeviceRead:
            return device_access(rank, record);
        case What::RegisterEffect:
            return effect(rank, record);
        case What::TimerMatched:
            return matched(rank, record);
        case What::MaskSet:
        case What::MaskCleared:
            if (CpuFacts* const cpu = facts(record.cpu)) {
                cpu->monitored.change(rank, record.what == What::MaskSet);
            }
            return;
        case What::StuckBegan:
        case What::StuckEnded:
            return stuck_changed(rank, record);
        case What::DrainDone:
        case What::Restarted:
            return drain(rank, record);
        case What::EntryUsed:
        case What::EntryWritten:
        case What::RequestBlocked:
        case What::Invalidated:
        case What::WaitCompleted:
            return remapped(rank, record);
        case What::StillInNmi:
            return still_in_nmi(rank, record.cpu);
        case What::MessageFaulted:
        case What::EventBegan:
        case What::RunEnded:
        case What::LineMoved:
        case What::Diagnosed:
        case What::MessageLost:
            return;
    }
}

void Index::sleep(Rank rank, const trace::Record& record) {
    Rank& first = record.context == cpu::Context::Nmi ? sleep_in_nmi : sleep_elsewhere;
    first = std::min(first, rank);
}

// ---- the way of an NMI

Trail& Index::trail(Token token) {
    if (token.id >= trails.size()) {
        trails.resize(token.id + 1);
    }
    Trail& found = trails[token.id];
    if (token) {
        found.token = token;
    }
    return found;
}

void Index::hop(Rank rank, const trace::Record& record) {
    if (!record.token) {
        return;
    }
    Trail& way = trail(record.token);
    way.hops[static_cast<std::size_t>(record.hop)] = rank;
    if (record.cpu < cpus.size()) {
        way.cpu = record.cpu;
        if (record.hop == Hop::Accepted) {
            way.mode = static_cast<DeliveryMode>(record.value);
        }
        if (record.hop == Hop::Taken) {
            just_taken_[record.cpu].push_back(record.token.id);
        }
    }
}

void Index::matched(Rank rank, const trace::Record& match) {
    const auto number = static_cast<unsigned>(match.value);
    timer(number).matches.push_back(rank);
    trail(match.token).timer = number;
}

void Index::still_in_nmi(Rank rank, unsigned cpu) {
    if (cpu < cpus.size() && !open_nmis_[cpu].empty()) {
        nmis[open_nmis_[cpu].back()].still = rank;
    }
}

void Index::enter_nmi(Rank rank, unsigned cpu) {
    Nmi nmi;
    nmi.cpu = cpu;
    nmi.entered = rank;
    nmi.tokens = just_taken_[cpu];
    for (const std::uint32_t id : nmi.tokens) {
        trails[id].nmi = nmis.size();
    }
    open_nmis_[cpu].push_back(nmis.size());
    nmis.push_back(std::move(nmi));
}

void Index::context(Rank rank, const trace::Record& record) {
    if (record.cpu >= cpus.size()) {
        return;
    }
    std::vector<std::size_t>& open = open_nmis_[record.cpu];
    if (record.what == trace::What::Initialized) {
        open.clear();  // they were left by nothing
        return;
    }
    if (record.what == trace::What::ContextLeft) {
        if (record.context == cpu::Context::Nmi && !open.empty()) {
            nmis[open.back()].left = rank;
            open.pop_back();
        }
        return;
    }
    if (record.context == cpu::Context::Nmi) {
        enter_nmi(rank, record.cpu);
    }
    for (const std::uint32_t id : just_taken_[record.cpu]) {
        if (record.context == cpu::Context::Interrupt) {
            trails[id].mode = DeliveryMode::Fixed;
        }
        if (trails[id].token.source == Source::LapicTimer) {
            cpus[record.cpu].beats.push_back(rank);
        }
    }
    just_taken_[record.cpu].clear();
}

void Index::fate(Rank rank, const trace::Record& record) {
    if (record.cpu >= cpus.size() || open_nmis_[record.cpu].empty()) {
        return;
    }
    Nmi& nmi = nmis[open_nmis_[record.cpu].back()];
    switch (record.what) {
        case trace::What::NmiClaimed:
            if (!record.flag) {
                nmi.claimed_elsewhere = std::min(nmi.claimed_elsewhere, rank);
            } else if (nmi.claimed == NEVER) {
                nmi.claimed = rank;
                if (holds_detectors(nmi)) {
                    checks.push_back(rank);
                    cpus[nmi.cpu].checks.push_back(rank);
                }
            }
            break;
        case trace::What::NmiNotMine:
            nmi.not_mine = rank;
            break;
        case trace::What::NmiUnknown:
            nmi.unknown = rank;
            break;
        case trace::What::NmiIgnored:
            nmi.ignored = rank;
            break;
        default:
            nmi.swallowed = rank;
            break;
    }
}

bool Index::holds_detectors(const Nmi& nmi) const {
    return std::any_of(nmi.tokens.begin(), nmi.tokens.end(), [&](std::uint32_t id) { return trails[id].detectors(); });
}

const Nmi* Index::nmi_around(Rank rank) const {
    const trace::Record& inside = record(rank);
    auto after = std::upper_bound(nmis.begin(), nmis.end(), rank,
                                  [](Rank wanted, const Nmi& nmi) { return wanted < nmi.entered; });
    while (after != nmis.begin()) {
        const Nmi& nmi = *--after;
        if (nmi.cpu == inside.actor) {
            return nmi.left == NEVER || nmi.left > rank ? &nmi : nullptr;
        }
    }
    return nullptr;
}

// ---- CPUs

void Index::life_changed(Rank rank, const trace::Record& record) {
    CpuFacts* const cpu = facts(record.cpu);
    if (cpu == nullptr) {
        return;
    }
    const auto life = static_cast<trace::Life>(record.value);
    cpu->life.change(rank, life);
    if (life == trace::Life::Coming || life == trace::Life::Dead) {
        cpu->waits.clear();  // its stack is gone
    }
}

trace::Life Index::life(unsigned cpu, Rank rank) const {
    const CpuFacts& of = cpus[cpu];
    const trace::Life life = of.life.before(rank);
    if (life == trace::Life::Up && options.described.monitored && !of.monitored.before(rank) &&
        of.going_down.before(rank)) {
        return trace::Life::Leaving;
    }
    return life;
}

void Index::stuck_changed(Rank rank, const trace::Record& record) {
    if (record.what == trace::What::StuckBegan) {
        stucks.push_back({record.cpu, static_cast<cpu::StuckKind>(record.value), rank, NEVER});
        return;
    }
    for (auto last = stucks.rbegin(); last != stucks.rend(); ++last) {
        if (last->cpu == record.cpu && last->ended == NEVER) {
            last->ended = rank;
            return;
        }
    }
}

const Stuck* Index::stuck(unsigned cpu, Rank rank) const {
    for (const Stuck& stuck : stucks) {
        if (stuck.cpu == cpu && stuck.began < rank && (stuck.ended == NEVER || stuck.ended > rank)) {
            return &stuck;
        }
    }
    return nullptr;
}

// ---- software

void Index::printed(Rank rank, const trace::Record& record) {
    if (const std::optional<unsigned> cpu = lockup_reported(log.text(record))) {
        reports.push_back({rank, *cpu});
    }
}

void Index::task(Rank rank, const trace::Record& record) {
    if (record.what == trace::What::TaskBegun) {
        tasks.push_back({record.value, record.cpu, rank, NEVER});
        return;
    }
    for (auto last = tasks.rbegin(); last != tasks.rend(); ++last) {
        if (last->number == record.value && last->ended == NEVER) {
            last->ended = rank;
            return;
        }
    }
}

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
        lock.named = lock_names_.try_emplace({name, lock.kernels}, locks.size()).first->second;
        locks.push_back(std::move(lock));
    }
    Lock& lock = locks[found->second];
    const Lock::Use use{rank, record.actor, record.depth};
    if (record.what == trace::What::LockDropped) {
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
        return;
    }
    lock.held.push_back(use);
    if (!cpu->waits.empty() && cpu->waits.back().lock == found->second && cpu->waits.back().use.depth == use.depth) {
        cpu->waits.pop_back();
    }
}

}  // namespace hldsim::check
