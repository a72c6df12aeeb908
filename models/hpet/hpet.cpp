// SPDX-License-Identifier: Apache-2.0
// Setting up, time, and matches. Registers and interrupts are in the files beside.
#include "models/hpet/hpet.hpp"

#include <algorithm>

#include "models/hpet/registers.hpp"
#include "models/regs/print.hpp"

namespace hldsim {

using hpet::Clock;
using sim::Priority;

namespace {

const HpetProfile& valid(const HpetProfile& profile) {
    profile.validate();
    return profile;
}

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
    std::uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? Clock::NEVER : sum;
}

}  // namespace

Hpet::Hpet(sc_core::sc_module_name name, sim::Timeline& timeline, const HpetProfile& profile, MessagePort& messages,
           InterruptPins& pins, TokenCounter& tokens, ChoiceSource& choices)
    : sc_module{name},
      timeline_{timeline},
      profile_{valid(profile)},
      messages_{messages},
      pins_{pins},
      tokens_{tokens},
      choices_{choices},
      clock_{profile},
      file_{hpet::MAP, {Size::B4, Size::B8}},
      general_slot_{file_.slot("GEN_CONF")},
      status_slot_{file_.slot("GINTR_STA")},
      counter_slot_{file_.slot("MAIN_CNT")},
      conf_slot_{file_.slot("TIMn_CONF")},
      comparator_slot_{file_.slot("TIMn_COMP")},
      route_slot_{file_.slot("TIMn_PROCMSG_ROUT")},
      counter_mask_{profile.wide_counter ? ~std::uint64_t{0} : hpet::LOW_HALF},
      timers_(profile.timers.size()),
      edge_{timeline, Priority::Hpet, [this] { on_edge(); }},
      pulse_end_{timeline, Priority::Hpet, [this] { end_pulses(); }},
      leave_{timeline, Priority::Hpet, [this] { on_leave(); }},
      late_{timeline, Priority::HpetLate, [this] { on_late(); }},
      second_half_{timeline, Priority::Fabric, [this] { flush_split(); }} {
    in_flight_.reserve(limits::HPET_TIMERS);
    shape_registers();
    file_.on_diagnosis([this](const regs::Diagnosis& found) { diagnosis.emit(found); });
    clear_state();
}

// ---- setting up

void Hpet::shape_registers() {
    const auto timers = static_cast<unsigned>(profile_.timers.size());
    file_.set_reset(file_.slot("GCAP_ID"), {63, 0}, profile_.gcap_id());
    if (!profile_.legacy_replacement) {
        file_.set_access(general_slot_, hpet::LEG_RT_CNF, regs::Access::RO);
    }
    if (timers < limits::HPET_TIMERS) {
        file_.set_access(status_slot_, {31, timers}, regs::Access::RSVD);
    }
    if (!profile_.wide_counter) {
        file_.set_access(counter_slot_, {63, 32}, regs::Access::RO);
    }
    for (const char* name : {"TIMn_CONF", "TIMn_COMP", "TIMn_PROCMSG_ROUT"}) {
        file_.limit(name, timers);
    }
    for (unsigned n = 0; n < timers; ++n) {
        shape_timer(n);
    }
}

void Hpet::shape_timer(unsigned n) {
    const HpetTimerProfile& timer = profile_.timers[n];
    const auto slot = static_cast<Slot>(conf_slot_ + n);
    file_.set_reset(slot, hpet::INT_ROUTE_CAP, timer.route_cap);
    file_.set_reset(slot, hpet::FSB_INT_DEL_CAP, timer.message ? 1 : 0);
    file_.set_reset(slot, hpet::SIZE_CAP, timer.wide ? 1 : 0);
    file_.set_reset(slot, hpet::PER_INT_CAP, timer.periodic ? 1 : 0);
    if (!timer.periodic) {
        file_.set_access(slot, hpet::TYPE_CNF, regs::Access::RO);
    }
    if (!timer.wide) {
        file_.set_access(slot, hpet::MODE_32BIT_CNF, regs::Access::RO);
        const auto comparator = static_cast<Slot>(comparator_slot_ + n);
        file_.set_access(comparator, {63, 32}, regs::Access::RO);
        file_.set_reset(comparator, {63, 32}, 0);
    }
    if (!timer.message) {
        file_.set_access(slot, hpet::FSB_EN_CNF, regs::Access::RO);
        file_.set_access(static_cast<Slot>(route_slot_ + n), {63, 0}, regs::Access::RO);
    } else if (timer.route_cap == 0) {  // messages only: Core Ultra SOC I/O registers, "Timer 2 Config", bit 14
        file_.set_access(slot, hpet::FSB_EN_CNF, regs::Access::RO);
        file_.set_reset(slot, hpet::FSB_EN_CNF, 1);
    }
}

void Hpet::clear_state() {
    file_.reset();
    base_ = 0;
    anchor_ = 0;
    running_ = false;
    stopped_in_c10_ = false;
    guarded_reads_ = profile_.first_reads_ones;
    for (unsigned n = 0; n < timers_.size(); ++n) {
        timers_[n] = Timer{};
        const bool wide = profile_.timers[n].wide;
        timers_[n].comparator.reset(wide ? ~std::uint64_t{0} : hpet::LOW_HALF,
                                    wide && profile_.wide_counter ? ~std::uint64_t{0} : hpet::LOW_HALF);
    }
    live_ = 0;
    comparator_late_ = 0;
    split_ = {};
    decided_edge_ = Clock::NEVER;
    access_first_ = false;
    in_flight_.clear();
    holders_.fill(0);
    input_token_.fill({});
    held_ = 0;  // driven_ stays: reset_hold() lets the lines go
}

void Hpet::reset_enter() {
    for (sim::Alarm* alarm : {&edge_, &pulse_end_, &leave_, &late_, &second_half_}) {
        alarm->cancel();
    }
    clear_state();
}

void Hpet::reset_hold() {
    tell_legacy();
    drive_lines();
}

// ---- time

/// Edges that have happened. At an instant at which an access goes first, without the edge of that instant (H-36).
std::uint64_t Hpet::edges_seen() const { return clock_.edges_by(timeline_.now()) - (access_first_ ? 1 : 0); }

std::uint64_t Hpet::count_at(std::uint64_t edge) const {
    const std::uint64_t counted = counting() && edge > anchor_ ? edge - anchor_ : 0;
    return (base_ + counted) & counter_mask_;
}

std::uint64_t Hpet::main_counter() const { return count_at(edges_seen()); }

void Hpet::set_counting(bool running, bool stopped_in_c10, std::uint64_t sync_edges) {
    const std::uint64_t edge = edges_seen();
    const bool enabled = running && !running_;
    base_ = count_at(edge);
    running_ = running;
    stopped_in_c10_ = stopped_in_c10;
    anchor_ = enabled ? edge + sync_edges : std::max(anchor_, edge);
}

void Hpet::package_c10(bool inside) {
    begin_access(true);
    set_counting(running_, inside && profile_.halts_in_pc10, 0);
    arm_all();
}

// ---- matches

/// Every access at the very instant of an edge is a tie; each edge is decided once.
void Hpet::begin_access(bool write) {
    const Instant now = timeline_.now();
    const std::uint64_t edge = clock_.edges_by(now);
    if (access_first_ || edge == decided_edge_ || edge == 0 || clock_.instant_of(edge) != now ||
        !(write || counting())) {
        return;
    }
    if (choices_.choose("hpet.edge_or_access", 2) == 1) {
        access_first_ = true;
        late_.at(now);
    } else {
        decided_edge_ = edge;
    }
}

/// What the edge of this instant does waits: an access goes ahead of it (on_late() does it then).
bool Hpet::edge_waits() {
    const Instant now = timeline_.now();
    const std::uint64_t edge = clock_.edges_by(now);
    if (access_first_ || edge == decided_edge_ || clock_.instant_of(edge) != now) {
        return access_first_;
    }
    if (timeline_.due_now(Priority::Fabric) && choices_.choose("hpet.edge_or_access", 2) == 1) {
        access_first_ = true;
        late_.at(now);
        return true;
    }
    decided_edge_ = edge;
    return false;
}

void Hpet::on_edge() {
    if (!edge_waits()) {
        take_edge(decided_edge_);
    }
}

/// The edge that an access went ahead of.
void Hpet::on_late() {
    access_first_ = false;
    decided_edge_ = clock_.edges_by(timeline_.now());
    take_edge(decided_edge_);
    end_pulses();
}

/// IA-PC HPET 1.0a leaves the order within one edge open; H-36: counter, comparisons, accumulators, status, interrupts.
void Hpet::take_edge(std::uint64_t edge) {
    std::uint32_t due = 0;
    for (std::uint32_t left = live_; left != 0; left &= left - 1) {
        const auto n = static_cast<unsigned>(__builtin_ctz(left));
        due |= timers_[n].next == edge ? 1U << n : 0;
    }
    for (std::uint32_t left = due; left != 0; left &= left - 1) {
        const auto n = static_cast<unsigned>(__builtin_ctz(left));
        timers_[n].comparator.settle(edge - 1);
        if (hpet::TYPE_CNF.get(conf(n)) != 0) {
            timers_[n].comparator.accumulate();
        }
    }
    const Instant at = timeline_.now();
    for (std::uint32_t left = due; left != 0; left &= left - 1) {
        interrupt(static_cast<unsigned>(__builtin_ctz(left)), at, edge);
    }
    drive_lines();
    for (std::uint32_t left = due; left != 0; left &= left - 1) {
        arm_timer(static_cast<unsigned>(__builtin_ctz(left)));
    }
    schedule();
}

/// The first edge after `edge` at which the compared bits of the main counter become equal to `value`.
std::uint64_t Hpet::next_equal(const Timer& timer, std::uint64_t value, std::uint64_t edge) const {
    const std::uint64_t from = std::max(edge, anchor_);
    return saturating_add(saturating_add(from, 1), timer.comparator.ticks_before(value, count_at(from)));
}

std::uint64_t Hpet::next_match(const Timer& timer, std::uint64_t conf, std::uint64_t edge) const {
    if (!counting()) {
        return Clock::NEVER;
    }
    const hpet::Comparator& comparator = timer.comparator;
    std::uint64_t next = next_equal(timer, comparator.active(), edge);
    if (comparator.waits() && next >= comparator.waiting_from()) {
        next = next_equal(timer, comparator.visible(), std::max(edge, comparator.waiting_from() - 1));
    }
    if (profile_.oneshot32_wrap == HpetProfile::OneShotWrap::AtWrap && hpet::TYPE_CNF.get(conf) == 0 &&
        comparator.compared() == hpet::LOW_HALF) {
        next = std::min(next, next_equal(timer, 0, edge));
    }
    return next;
}

bool Hpet::match_matters(unsigned n) const {
    const std::uint64_t value = conf(n);
    const bool accumulates = hpet::TYPE_CNF.get(value) != 0;
    return accumulates || hpet::INT_ENB_CNF.get(value) != 0 || hpet::INT_TYPE_CNF.get(value) != 0 ||
           profile_.latch_while_disabled;
}

void Hpet::arm_timer(unsigned n) {
    const std::uint64_t edge = edges_seen();
    Timer& timer = timers_[n];
    timer.comparator.settle(edge);
    timer.next = match_matters(n) ? next_match(timer, conf(n), edge) : Clock::NEVER;
    const std::uint32_t bit = 1U << n;
    live_ = timer.next == Clock::NEVER ? live_ & ~bit : live_ | bit;
}

void Hpet::arm_all() {
    for (unsigned n = 0; n < timers_.size(); ++n) {
        arm_timer(n);
    }
    schedule();
}

void Hpet::schedule() {
    std::uint64_t nearest = Clock::NEVER;
    for (std::uint32_t left = live_; left != 0; left &= left - 1) {
        nearest = std::min(nearest, timers_[static_cast<unsigned>(__builtin_ctz(left))].next);
    }
    const Instant at = clock_.instant_of(nearest);
    // The edge of an instant at which an access goes first is taken by late_, which is set.
    edge_.at(access_first_ && at == timeline_.now() ? Instant::never() : at);
}

// ---- for observers

std::vector<hpet::ArmedMatch> Hpet::armed() const {
    std::vector<hpet::ArmedMatch> all;
    for (const InFlight& flight : in_flight_) {
        all.push_back({flight.timer, flight.leaves, true, hpet::Outlet::Message, flight.message, 0});
    }
    for (unsigned n = 0; n < timers_.size(); ++n) {
        const Instant at = clock_.instant_of(timers_[n].next);
        const hpet::Outlet out = outlet(n);
        const bool line_is_active = out == hpet::Outlet::Pin && (status() >> n & 1U) != 0;
        if (at == Instant::never() || out == hpet::Outlet::None || line_is_active) {
            continue;
        }
        hpet::ArmedMatch match{n, at, false, out, {}, 0};
        if (out == hpet::Outlet::Message) {
            match.message = message_of(n, {});
        } else {
            match.input = input_of(n);
        }
        all.push_back(match);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return all;
}

void Hpet::copy_state(StateCopy& s) {
    s(file_, base_, anchor_, running_, stopped_in_c10_, timers_, live_, comparator_late_, split_, decided_edge_,
      access_first_, in_flight_, holders_, input_token_, held_, driven_, guarded_reads_, legacy_told_);
}

}  // namespace hldsim
