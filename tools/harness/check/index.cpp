// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/check/index.hpp"

#include <numeric>

#include "models/base/bits.hpp"
#include "models/hpet/registers.hpp"
#include "models/machine/machine.hpp"

namespace hldsim::check {

namespace {

constexpr std::uint64_t TIMERS_AT = 0x100;  // IA-PC HPET Specification 1.0a, 2.3.1
constexpr std::uint64_t TIMER_STRIDE = 0x20;
constexpr std::uint64_t REGISTERS_END = TIMERS_AT + limits::HPET_TIMERS * TIMER_STRIDE;

}  // namespace

Rank Nmi::fate() const {
    for (const Rank rank : {claimed, unknown, ignored, swallowed, not_mine}) {
        if (rank != NEVER) {
            return rank;
        }
    }
    return NEVER;
}

Index::Index(const trace::Log& l, const Options& o) : log{l}, options{o} {
    hpet_base_ = options.timer_conf_register == 0 ? Machine::HPET_BASE : options.timer_conf_register - TIMERS_AT;
    cpus.resize(log.cpus);
    just_taken_.resize(log.cpus);
    open_nmis_.resize(log.cpus);
    preparing_.resize(log.cpus);
    sort();
    for (Rank rank = 0; rank < size(); ++rank) {
        read(rank);
    }
    for (const Trail& trail : trails) {
        if (trail.detectors() && claimed(trail) && handler.empty()) {
            handler = log.text(record(nmis[trail.nmi].claimed));
        }
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
            timer(static_cast<unsigned>(record.value)).matches.push_back(rank);
            trail(record.token).timer = static_cast<unsigned>(record.value);
            return;
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
        case What::EventBegan:
        case What::RunEnded:
            return;
    }
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
        if (record.hop == Hop::Taken) {
            just_taken_[record.cpu].push_back(record.token.id);
        }
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
        trails[id].interrupt = record.context == cpu::Context::Interrupt;
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
            if (nmi.claimed == NEVER) {
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
    static const std::string REPORT = "hard LOCKUP on cpu ";
    const std::string& text = log.text(record);
    const std::size_t found = text.find(REPORT);
    if (found == std::string::npos) {
        return;
    }
    unsigned cpu = 0;
    for (std::size_t i = found + REPORT.size(); i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        cpu = cpu * 10 + static_cast<unsigned>(text[i] - '0');
    }
    reports.push_back({rank, cpu});
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
        lock.named = lock_names_.try_emplace(name, locks.size()).first->second;
        locks.push_back(std::move(lock));
    }
    Lock& lock = locks[found->second];
    const Lock::Use use{rank, record.actor, record.depth};
    if (record.what == trace::What::LockDropped) {
        if (!lock.held.empty()) {
            lock.held.pop_back();
        }
        return;
    }
    if (record.context != cpu::Context::Nmi) {
        lock.elsewhere = std::min(lock.elsewhere, rank);
    } else if (!record.flag) {
        lock.in_nmi = std::min(lock.in_nmi, rank);
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

// ---- the timer

Timer& Index::timer(unsigned number) {
    if (number >= timers.size()) {
        timers.resize(number + 1);
    }
    return timers[number];
}

Register Index::register_at(std::uint64_t address) const {
    using Kind = Register::Kind;
    const std::uint64_t offset = address - hpet_base_;
    if (address < hpet_base_ || offset >= REGISTERS_END) {
        return {};
    }
    if (offset >= TIMERS_AT) {
        constexpr Kind KINDS[] = {Kind::Conf, Kind::Comparator, Kind::Route, Kind::Other};
        return {KINDS[(offset - TIMERS_AT) % TIMER_STRIDE / 8],
                static_cast<unsigned>((offset - TIMERS_AT) / TIMER_STRIDE)};
    }
    switch (offset & ~std::uint64_t{7}) {
        case 0x010:
            return {Kind::GenConf, 0};
        case 0x020:
            return {Kind::Status, 0};
        case 0x0f0:
            return {Kind::Counter, 0};
        default:
            return {Kind::Other, 0};
    }
}

void Index::device_access(Rank rank, const trace::Record& record) {
    const Register target = register_at(record.address);
    CpuFacts* const cpu = facts(record.actor);
    if (target.kind == Register::Kind::None || cpu == nullptr) {
        return;
    }
    const bool write = record.what == trace::What::DeviceWrite;
    if (record.context == cpu::Context::Nmi && !open_nmis_[record.actor].empty()) {
        Nmi& nmi = nmis[open_nmis_[record.actor].back()];
        (write ? nmi.writes : nmi.reads).push_back(rank);
    }
    if (!write) {
        preparing_[record.actor].last_read = rank;
        return;
    }
    unpaired_.push_back(writes.size());
    writes.push_back({target, rank, NEVER, record.value});
    if (target.kind == Register::Kind::Conf) {
        const bool enable = hpet::INT_ENB_CNF.get(record.value) != 0;
        timer(target.timer).programmed.change(rank, enable);
        if (!enable) {
            preparing_[record.actor] = {record.actor, rank, NEVER, NEVER, NEVER};
        } else if (record.context == cpu::Context::Task) {
            end_quiet(rank);  // a start from nothing is no restart, and ends the quiet all the same
        }
    }
}

// A posted write takes effect once, in the order of its CPU; which of several CPUs' it is, the value tells.
void Index::effect(Rank rank, const trace::Record& record) {
    const Register target = register_at(record.address);
    std::size_t number = writes.size();
    std::size_t place = unpaired_.size();
    for (std::size_t i = 0; i < unpaired_.size(); ++i) {
        const RegisterWrite& write = writes[unpaired_[i]];
        if (write.target.kind != target.kind || write.target.timer != target.timer) {
            continue;
        }
        const bool high = (this->record(write.made).address & 4) != 0;
        const bool same =
            (high ? record.value >> 32 == write.value : (record.value & 0xffff'ffff) == (write.value & 0xffff'ffff));
        if (place == unpaired_.size() || same) {
            place = i;
            number = unpaired_[i];
        }
        if (same) {
            break;
        }
    }
    if (number == writes.size()) {
        writes.push_back({target, NEVER, NEVER, 0});
    } else {
        unpaired_.erase(unpaired_.begin() + static_cast<std::ptrdiff_t>(place));
    }
    writes[number].effective = rank;
    writes[number].value = record.value;
    switch (target.kind) {
        case Register::Kind::Conf: {
            Timer& of = timer(target.timer);
            of.enabled.change(rank, hpet::INT_ENB_CNF.get(record.value) != 0);
            of.periodic = hpet::TYPE_CNF.get(record.value) != 0;
            break;
        }
        case Register::Kind::Comparator:
            if (!timer(target.timer).periodic) {
                timer(target.timer).comparators.push_back(number);
            }
            break;
        case Register::Kind::Route:
            timer(target.timer).routes.push_back(number);
            break;
        default:
            break;
    }
}

const RegisterWrite* Index::route_of(const Trail& trail) const {
    if (trail.timer >= timers.size() || trail.hop(Hop::Matched) == NEVER) {
        return nullptr;
    }
    const std::vector<std::size_t>& routes = timers[trail.timer].routes;
    const auto after =
        std::upper_bound(routes.begin(), routes.end(), trail.hop(Hop::Matched),
                         [&](Rank matched, std::size_t write) { return matched < writes[write].effective; });
    return after == routes.begin() ? nullptr : &writes[*std::prev(after)];
}

void Index::drain(Rank rank, const trace::Record& record) {
    if (record.what == trace::What::Restarted) {
        return end_quiet(rank);
    }
    if (record.actor >= cpus.size()) {
        return;
    }
    Quiet quiet = preparing_[record.actor];
    quiet.cpu = record.actor;
    quiet.done = rank;
    quiets.push_back(quiet);
}

void Index::end_quiet(Rank rank) {
    if (!quiets.empty() && quiets.back().restarted == NEVER) {
        quiets.back().restarted = rank;
    }
}

}  // namespace hldsim::check
