// SPDX-License-Identifier: Apache-2.0
// The timer's part of the index: registers, writes and their effects, matches, quiet times.
#include "models/base/bits.hpp"
#include "models/hpet/registers.hpp"
#include "models/machine/machine.hpp"
#include "tools/harness/check/index.hpp"

namespace hldsim::check {
namespace {

constexpr std::uint64_t TIMER_STRIDE = 0x20;  // IA-PC HPET Specification 1.0a, 2.3.1
constexpr std::uint64_t IOAPICS = (1 + limits::MORE_IOAPICS) * std::uint64_t{Ioapic::WINDOW};
constexpr std::uint64_t REGISTERS_END = HPET_TIMERS_AT + limits::HPET_TIMERS * TIMER_STRIDE;

}  // namespace

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
    if (offset >= HPET_TIMERS_AT) {
        constexpr Kind KINDS[] = {Kind::Conf, Kind::Comparator, Kind::Route, Kind::Other};
        return {KINDS[(offset - HPET_TIMERS_AT) % TIMER_STRIDE / 8],
                static_cast<unsigned>((offset - HPET_TIMERS_AT) / TIMER_STRIDE)};
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
    if (record.context == cpu::Context::Nmi) {
        if (is_remapper(record.address)) {
            remapper_in_nmi = std::min(remapper_in_nmi, rank);
        } else if (record.address - Machine::IOAPIC_BASE < IOAPICS) {
            ioapic_in_nmi = std::min(ioapic_in_nmi, rank);
        }
    }
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
            if (!record.period && !timer(target.timer).periodic) {
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

std::size_t Index::routes_before(const Trail& trail) const {
    if (!trail.of_timer() || trail.by_wire || trail.timer >= timers.size() || trail.hop(Hop::Matched) == NEVER) {
        return 0;
    }
    const std::vector<std::size_t>& routes = timers[trail.timer].routes;
    const auto after =
        std::upper_bound(routes.begin(), routes.end(), trail.hop(Hop::Matched),
                         [&](Rank matched, std::size_t write) { return matched < writes[write].effective; });
    return static_cast<std::size_t>(after - routes.begin());
}

const RegisterWrite* Index::route_of(const Trail& trail) const {
    const std::size_t count = routes_before(trail);
    return count == 0 ? nullptr : &writes[timers[trail.timer].routes[count - 1]];
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
