// SPDX-License-Identifier: Apache-2.0
// What an access to a register does.
#include "models/hpet/registers.hpp"

#include <algorithm>

#include "models/hpet/hpet.hpp"

namespace hldsim {

using regs::Diagnosis;

// ---- reads

std::uint64_t Hpet::read(std::uint32_t offset, Size size) {
    flush_split();
    begin_access(false);
    const regs::File::Location at = file_.locate(offset, size, false);
    if (guarded_reads_ != 0) {
        --guarded_reads_;
        return byte_mask(bytes(size));
    }
    if (!at) {
        return at.bad_size ? byte_mask(bytes(size)) : 0;  // H-33; reserved offsets read 0
    }
    std::uint64_t whole = 0;
    if (at.slot == counter_slot_) {
        whole = main_counter_halves(at.lanes);
    } else {
        whole = whole_value(at.slot);
        if (at.slot >= comparator_slot_ && at.slot < route_slot_) {
            Timer& timer = timers_[static_cast<std::size_t>(at.slot - comparator_slot_)];
            if (timer.stale_reads != 0) {
                --timer.stale_reads;
                whole = timer.stale;
            }
        }
    }
    return file_.readable(at, whole);
}

/// With split64 the upper half of an 8-byte read is a second sample (H-33).
std::uint64_t Hpet::main_counter_halves(std::uint64_t lanes) const {
    const std::uint64_t now = main_counter();
    if (!profile_.split64 || lanes != ~std::uint64_t{0}) {
        return now;
    }
    const Duration gap = profile_.split64_gap.fs != 0 ? profile_.split64_gap : profile_.period;
    const std::uint64_t later = count_at(clock_.edges_by(timeline_.now() + gap));
    return (later & ~hpet::LOW_HALF) | (now & hpet::LOW_HALF);
}

std::uint64_t Hpet::whole_value(Slot slot) const {
    if (slot == counter_slot_) {
        return main_counter();
    }
    if (slot >= comparator_slot_ && slot < route_slot_) {
        return timers_[static_cast<std::size_t>(slot - comparator_slot_)].comparator.visible();
    }
    std::uint64_t value = file_.value(slot);
    if (slot >= conf_slot_ && slot < comparator_slot_ && profile_.valset_reads == HpetProfile::ValSetReads::Zero) {
        value = hpet::VAL_SET_CNF.set(value, 0);
    }
    return value;
}

std::uint64_t Hpet::peek(std::uint32_t offset) const {
    const Slot slot = file_.slot_at(offset & ~7U);
    return slot == regs::File::NONE ? 0 : whole_value(slot);
}

bool Hpet::replaces_legacy() const { return hpet::LEG_RT_CNF.get(file_.value(general_slot_)) != 0; }

/// IA-PC HPET 1.0a, 2.4.1, is silent on ordering; H-39 and PCIe: a completion does not pass earlier posted writes.
Instant Hpet::completion_may_leave(Instant now) {
    if (!profile_.read_flushes_match || in_flight_.empty()) {
        return now;
    }
    return std::max(now, in_flight_.back().leaves);
}

bool Hpet::sends_as(RequesterId requester) const {
    return std::any_of(profile_.timers.begin(), profile_.timers.end(),
                       [&](const HpetTimerProfile& timer) { return timer.requester.value == requester.value; });
}

// ---- writes

void Hpet::write(std::uint32_t offset, Size size, std::uint64_t value) {
    flush_split();
    if (profile_.split64 && size == Size::B8 && offset % 8 == 0) {
        write_half(offset, Size::B4, value & hpet::LOW_HALF);
        split_ = {true, offset + 4, value >> 32U};
        const Duration gap = profile_.split64_gap.fs != 0 ? profile_.split64_gap : profile_.period;
        second_half_.at(timeline_.now() + gap);
        return;
    }
    write_half(offset, size, value);
}

void Hpet::flush_split() {
    if (split_.pending) {
        split_.pending = false;
        second_half_.cancel();
        write_half(split_.offset, Size::B4, split_.value);
    }
}

void Hpet::write_half(std::uint32_t offset, Size size, std::uint64_t value) {
    begin_access(true);
    const regs::File::Location at = file_.locate(offset, size, true, value);
    if (!at) {
        return;
    }
    const bool watched = register_written.watched();
    const std::uint64_t before = watched ? whole_value(at.slot) : 0;
    bool period_alone = false;
    if (at.slot >= route_slot_) {
        file_.set_value(at.slot, file_.written(at, file_.value(at.slot), value));
    } else if (at.slot >= comparator_slot_) {
        period_alone = write_comparator(static_cast<unsigned>(at.slot - comparator_slot_), at, value);
    } else if (at.slot >= conf_slot_) {
        write_conf(static_cast<unsigned>(at.slot - conf_slot_), at, value);
    } else if (at.slot == general_slot_) {
        write_general(at, value);
    } else if (at.slot == status_slot_) {
        write_status(at, value);
    } else if (at.slot == counter_slot_) {
        write_counter(at, value);
    } else {
        file_.written(at, file_.value(at.slot), value);  // GCAP_ID: read-only, but reserved bits are diagnosed
    }
    if (watched) {
        const auto n = static_cast<unsigned>(at.slot - comparator_slot_);
        register_written.emit({timeline_.now(), file_.offset(at.slot), before, whole_value(at.slot), period_alone,
                               period_alone ? timers_[n].comparator.period() : 0});
    }
}

void Hpet::misuse(std::uint32_t offset, std::uint64_t value, std::string_view what) const {
    diagnosis.emit({Diagnosis::Kind::Misuse, true, offset, Size::B8, value, what});
}

void Hpet::write_general(const regs::File::Location& at, std::uint64_t value) {
    const std::uint64_t after = file_.written(at, file_.value(general_slot_), value);
    file_.set_value(general_slot_, after);
    const bool enable = hpet::ENABLE_CNF.get(after) != 0;
    if (enable != running_) {
        set_counting(enable, stopped_in_c10_, profile_.enable_sync_edges);
        arm_all();
    }
    tell_legacy();
    update_lines();
}

/// IA-PC HPET 1.0a, 2.3.5: the 8254 and the RTC are disconnected by LEG_RT_CNF. The text does not say whether
/// ENABLE_CNF has a part in it; by default it has none (H-32).
void Hpet::tell_legacy() {
    const bool disconnected = replaces_legacy() && (running_ || !profile_.legacy_needs_enable);
    if (disconnected != legacy_told_) {
        legacy_told_ = disconnected;
        pins_.replace_legacy(legacy_told_);
    }
}

void Hpet::fault_enable(bool on) {
    const std::uint64_t general = file_.value(general_slot_);
    write_half(file_.offset(general_slot_), Size::B4, hpet::ENABLE_CNF.set(general, on ? 1 : 0));
}

void Hpet::write_status(const regs::File::Location& at, std::uint64_t value) {
    set_status(file_.written(at, status(), value));
    update_lines();
}

/// IA-PC HPET 1.0a, 2.3.7: to be written only while halted; H-4 says what happens otherwise.
void Hpet::write_counter(const regs::File::Location& at, std::uint64_t value) {
    if (running_) {
        misuse(file_.offset(counter_slot_), value, "main counter written while it runs");
        if (profile_.counter_write_running == HpetProfile::CounterWrite::Ignore) {
            return;
        }
    }
    const std::uint64_t edge = edges_seen();
    base_ = file_.written(at, count_at(edge), value) & counter_mask_;
    anchor_ = std::max(anchor_, edge);
    arm_all();
}

void Hpet::write_conf(unsigned n, const regs::File::Location& at, std::uint64_t value) {
    const std::uint64_t before = conf(n);
    const std::uint64_t after = settled_conf(n, before, file_.written(at, before, value));
    file_.set_value(at.slot, after);

    Timer& timer = timers_[n];
    if (hpet::MODE_32BIT_CNF.get(after) != hpet::MODE_32BIT_CNF.get(before)) {
        const bool wide = profile_.timers[n].wide && hpet::MODE_32BIT_CNF.get(after) == 0;
        const bool compares_wide = wide && profile_.wide_counter;
        timer.comparator.set_width(wide ? ~std::uint64_t{0} : hpet::LOW_HALF,
                                   compares_wide ? ~std::uint64_t{0} : hpet::LOW_HALF);
    }
    if (hpet::INT_TYPE_CNF.get(before) != 0 && hpet::INT_TYPE_CNF.get(after) == 0) {  // level to edge: H-28
        set_status(status() & ~(std::uint64_t{1} << n));
        timer.latched = false;
    }
    update_line(n);
    if (timer.latched && outlet(n) != hpet::Outlet::None) {
        timer.latched = false;
        interrupt(n, timeline_.now(), edges_seen());
    }
    drive_lines();
    arm_timer(n);
    schedule();
}

/// What TIMn_CONF holds after a write: Tn_VAL_SET_CNF and Tn_INT_ROUTE_CNF have rules of their own.
std::uint64_t Hpet::settled_conf(unsigned n, std::uint64_t before, std::uint64_t after) {
    const std::uint32_t offset = file_.offset(static_cast<Slot>(conf_slot_ + n));
    if (profile_.valset_reads == HpetProfile::ValSetReads::Zero) {
        after |= before & hpet::VAL_SET_CNF.mask();  // reads 0, so a 0 that is written back means nothing
    }
    if (hpet::TYPE_CNF.get(after) == 0 && hpet::VAL_SET_CNF.get(after) != 0) {  // H-19
        if (hpet::TYPE_CNF.get(before) == 0) {
            misuse(offset, after, "Tn_VAL_SET_CNF set on a timer that is not periodic");
        }
        after = hpet::VAL_SET_CNF.set(after, 0);
    }
    const std::uint64_t route = hpet::INT_ROUTE_CNF.get(after);
    const bool supported = (profile_.timers[n].route_cap >> route & 1U) != 0;
    if (profile_.route_check == HpetProfile::RouteCheck::Warl && !supported) {  // H-35
        after = hpet::INT_ROUTE_CNF.set(after, hpet::INT_ROUTE_CNF.get(before));
    }
    return after;
}

/// IA-PC HPET 1.0a, 2.3.9: what the register takes depends on the mode. H-16 to H-18.
bool Hpet::write_comparator(unsigned n, const regs::File::Location& at, std::uint64_t value) {
    Timer& timer = timers_[n];
    if ((at.lanes & timer.comparator.stored()) == 0) {
        return false;  // the upper half of a 32-bit timer: ignored altogether (H-18)
    }
    const std::uint64_t seen = timer.comparator.visible();
    const std::uint64_t accumulator = file_.written(at, seen, value);
    const std::uint64_t period = file_.written({at.slot, at.shift, at.lanes, false}, timer.comparator.period(), value);
    const std::uint64_t configuration = conf(n);
    const Instant now = timeline_.now();
    bool period_alone = false;
    if (hpet::TYPE_CNF.get(configuration) == 0) {
        load_comparator(n, accumulator);
        timer.comparator.load_period(period);
    } else if (hpet::VAL_SET_CNF.get(configuration) != 0) {
        file_.set_value(static_cast<Slot>(conf_slot_ + n), hpet::VAL_SET_CNF.set(configuration, 0));
        load_comparator(n, accumulator);
        timer.accumulator_written = now;
        if (profile_.valset_loads_period) {
            timer.comparator.load_period(period);
        }
    } else if (timer.accumulator_written != Instant::never() && now - timer.accumulator_written < profile_.valset_gap) {
        if (profile_.valset_gap_effect == HpetProfile::ValSetGap::LoadsAccumulator) {
            load_comparator(n, accumulator);
        }
    } else {
        timer.comparator.load_period(period);
        period_alone = true;
    }
    timer.stale = seen;
    timer.stale_reads = profile_.comp_readback_stale;
    arm_timer(n);
    schedule();
    return period_alone;
}

void Hpet::load_comparator(unsigned n, std::uint64_t value) {
    const std::uint64_t edge = edges_seen();
    timers_[n].comparator.settle(edge);
    timers_[n].comparator.load(value, edge + 1 + profile_.comparator_effective + comparator_late_);
    comparator_late_ = 0;
}

}  // namespace hldsim
