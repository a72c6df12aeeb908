// SPDX-License-Identifier: Apache-2.0
// The local vector table, its pins and the timers behind it. SDM volume 3A, 10.5.
#include <algorithm>

#include "models/lapic/lapic.hpp"

namespace hldsim {

using lapic::DiscardReason;
using lapic::Lvt;
using lapic::Mode;
using Kind = regs::Diagnosis::Kind;
namespace lvt = lapic::lvt;

namespace {

// TIMER_MODE.
constexpr std::uint64_t ONE_SHOT = 0;
constexpr std::uint64_t PERIODIC = 1;
constexpr std::uint64_t TSC_DEADLINE = 2;

}  // namespace

// ---- registers

bool Lapic::is_lvt(std::uint32_t offset) {
    return offset == lapic::LVT_TIMER2 || offset == lapic::LVT_CMCI ||
           (offset >= lapic::LVT_TIMER && offset <= lapic::LVT_ERROR);
}

Lvt Lapic::lvt_at(std::uint32_t offset) {
    if (offset == lapic::LVT_TIMER2) {
        return Lvt::Timer2;
    }
    if (offset == lapic::LVT_CMCI) {
        return Lvt::Cmci;
    }
    return static_cast<Lvt>(static_cast<std::uint32_t>(Lvt::Timer) + (offset - lapic::LVT_TIMER) / 16);
}

void Lapic::write_lvt(std::uint32_t offset, std::uint32_t value) {
    const Lvt entry = lvt_at(offset);
    std::uint32_t& held = lvt(entry);
    const std::uint32_t before = held;
    const std::uint32_t writable = lapic::masks(offset).writable & ~reserved_bits(offset);
    if (entry == Lvt::Timer2) {
        const std::uint32_t fired = before & lvt::FIRED & ~(value & writable);  // cleared by writing 1
        held = (value & writable & ~lvt::FIRED) | fired;
    } else {
        held = (value & writable) | (before & lvt::REMOTE_IRR);
    }
    if (!enabled()) {
        held |= lvt::MASK;  // LAPIC-5
    }
    if (entry == Lvt::Timer) {
        timer_mode_changed(before);
    } else if (entry == Lvt::Timer2) {
        connect_timers();
    } else if (entry == Lvt::Lint0 || entry == Lvt::Lint1) {
        update_pins();
    }
    const auto vector = static_cast<std::uint8_t>(held);
    if (profile_.illegal_lvt_vector_at_once && vector < 16 && delivery_mode(entry) == DeliveryMode::Fixed) {
        if ((held & lvt::MASK) == 0) {  // a masked entry has vector 0 at reset too, and Linux writes that
            diagnose(regs::Diagnosis::Kind::Misuse, true, offset, Size::B4, value, "a vector below 16: ESR bit 6");
        }
        raise_error(lapic::esr::RECEIVED_VECTOR);
    }
}

void Lapic::mask_all_lvts() {
    for (std::uint32_t& entry : lvt_) {
        entry |= lvt::MASK;
    }
    connect_timers();
    update_pins();
}

// ---- raising

DeliveryMode Lapic::delivery_mode(Lvt entry) const {
    // LAPIC-1: timer and error have no delivery mode.
    const bool fixed = entry == Lvt::Timer || entry == Lvt::Error;
    return fixed ? DeliveryMode::Fixed : static_cast<DeliveryMode>(lvt::MODE.get(lvt(entry)));
}

// SDM vol. 3A, 10.5.1: INIT and ExtINT for LINT0 and LINT1 only.
bool Lapic::mode_is_legal(Lvt entry, DeliveryMode mode) const {
    switch (mode) {
        case DeliveryMode::Fixed:
            return true;
        case DeliveryMode::Nmi:
            return entry != Lvt::Timer && entry != Lvt::Error;
        case DeliveryMode::Smi:
            return entry != Lvt::Timer && entry != Lvt::Error && entry != Lvt::Timer2;
        case DeliveryMode::Init:
        case DeliveryMode::ExtInt:
            return entry == Lvt::Lint0 || entry == Lvt::Lint1;
        default:
            return false;
    }
}

// A local event with its entry unmasked goes the way of a message; masked, it is lost (LAPIC-33).
void Lapic::raise(Lvt entry, Source source, Token token) {
    const std::uint32_t held = lvt(entry);
    InterruptMessage message;
    message.mode = delivery_mode(entry);
    message.vector = static_cast<std::uint8_t>(held);
    message.token = token;
    if (mode_ == Mode::Disabled) {
        return;
    }
    const bool timer = entry == Lvt::Timer || entry == Lvt::Timer2;
    if ((held & lvt::MASK) != 0 && !(timer && fire_after_mask_)) {
        return discard(message, DiscardReason::Masked);
    }
    if (!mode_is_legal(entry, message.mode)) {
        return discard(message, DiscardReason::IllegalMode);
    }
    if (!token) {
        message.token = tokens_.next(source);
        emit_hop(message.token, Hop::Matched, message.mode);
    }
    emit_hop(message.token, Hop::Posted, message.mode);  // a wire takes no time
    if (entry == Lvt::Pmi && profile_.pmi_masks_itself) {
        lvt(entry) |= lvt::MASK;  // LAPIC-41: by hardware, on delivery
    }
    enter_pipeline(message, false, entry);
}

// 10.5.1, 10.5.5: sent to the core, and neither in IRR nor, as an NMI or the like, taken over by it.
bool Lapic::send_pending(Lvt entry) const {
    return std::any_of(arrivals_.begin() + static_cast<std::ptrdiff_t>(first_arrival_), arrivals_.end(),
                       [entry](const Arrival& arrival) { return arrival.sent_by == entry; });
}

// ---- pins

bool Lapic::pin_active(unsigned pin) const {
    const std::uint32_t held = lvt(pin == 0 ? Lvt::Lint0 : Lvt::Lint1);
    return pin_level_[pin] != ((held & lvt::POLARITY) != 0);
}

void Lapic::drive(unsigned pin, bool level, Token token) {
    const bool was_active = pin_active(pin);
    const bool rises = level && !pin_level_[pin];
    pin_level_[pin] = level;
    pin_token_[pin] = token;
    if (mode_ == Mode::Disabled && pin == 1 && rises) {
        carried_.clear();  // LAPIC-2: the pin is the CPU's NMI
        carried_.add(token);
        emit_hop(token, Hop::Accepted, DeliveryMode::Nmi);
        core_->nmi(carried_, 0);
        return;
    }
    const Lvt entry = pin == 0 ? Lvt::Lint0 : Lvt::Lint1;
    const DeliveryMode mode = delivery_mode(entry);
    // LAPIC-41: level is for fixed interrupts of LINT0; LINT1, NMI, SMI and INIT are edges.
    const bool by_level = mode == DeliveryMode::ExtInt ||
                          (entry == Lvt::Lint0 && mode == DeliveryMode::Fixed && (lvt(entry) & lvt::TRIGGER) != 0);
    if (!by_level && pin_active(pin) && !was_active) {
        raise(entry, pin == 1 ? Source::Lint1 : Source::None, token);
    }
    update_pins();
}

// Lines that follow their pins: INTR while the APIC is disabled, ExtINT, and the level-triggered LINT0.
void Lapic::update_pins() {
    bool external = mode_ == Mode::Disabled && pin_level_[0];
    if (mode_ != Mode::Disabled) {
        for (const unsigned pin : {0U, 1U}) {
            const Lvt entry = pin == 0 ? Lvt::Lint0 : Lvt::Lint1;
            const bool unmasked = (lvt(entry) & lvt::MASK) == 0;
            external = external || (unmasked && delivery_mode(entry) == DeliveryMode::ExtInt && pin_active(pin));
        }
    }
    if (external != external_interrupt_) {
        external_interrupt_ = external;
        core_->external_interrupt(external);
        update_request();
    }
    update_level_pin();
}

void Lapic::update_level_pin() {
    std::uint32_t& held = lvt(Lvt::Lint0);
    const bool level_fixed = delivery_mode(Lvt::Lint0) == DeliveryMode::Fixed && (held & lvt::TRIGGER) != 0;
    if (mode_ == Mode::Disabled || !level_fixed || (held & (lvt::MASK | lvt::REMOTE_IRR)) != 0 || !pin_active(0)) {
        return;
    }
    held |= lvt::REMOTE_IRR;
    InterruptMessage message;
    message.vector = static_cast<std::uint8_t>(held);
    message.level = true;
    enter_pipeline(message, false, Lvt::Lint0);
}

// 10.5.1: remote IRR is set when the interrupt is accepted, and this one never is. The same vector would be refused
// again.
void Lapic::level_pin_refused() {
    std::uint32_t& held = lvt(Lvt::Lint0);
    held &= ~lvt::REMOTE_IRR;
    if (static_cast<std::uint8_t>(held) >= 16) {
        update_level_pin();
    }
}

// ---- timers

bool Lapic::deadline_mode() const {
    return profile_.tsc_deadline && lvt::TIMER_MODE.get(lvt(Lvt::Timer)) == TSC_DEADLINE;
}

// LAPIC-38: with TSC-deadline mode on, the count-down has no entry of its own; the counterfactual gives it one.
bool Lapic::count_drives_timer2() const { return profile_.dual_timer.independent_count && deadline_mode(); }

void Lapic::timer_mode_changed(std::uint32_t before) {
    const std::uint64_t was = lvt::TIMER_MODE.get(before);
    const std::uint64_t is = lvt::TIMER_MODE.get(lvt(Lvt::Timer));
    // LAPIC-32: to or from TSC-deadline disarms; between one-shot and periodic the count goes on.
    const bool count_only = (was == ONE_SHOT || was == PERIODIC) && (is == ONE_SHOT || is == PERIODIC);
    if (was != is && !count_only) {
        countdown_.stop();
        deadline_.write(0);
    }
    if (is > TSC_DEADLINE) {
        diagnose(Kind::Reserved, true, lapic::LVT_TIMER, Size::B4, lvt(Lvt::Timer), "timer mode 3 is reserved");
    }
    connect_timers();
}

// Who drives which entry, and whether anybody listens: an alarm is set only for an interrupt that will be raised.
void Lapic::connect_timers() {
    const std::uint32_t entry = lvt(count_drives_timer2() ? Lvt::Timer2 : Lvt::Timer);
    const std::uint64_t mode = lvt::TIMER_MODE.get(entry);
    const bool reason = count_drives_timer2() && profile_.dual_timer.timer2_reason;
    countdown_.set_periodic(mode == PERIODIC);
    countdown_.listen((mode == ONE_SHOT || mode == PERIODIC) &&
                      ((entry & lvt::MASK) == 0 || fire_after_mask_ || reason));
}

void Lapic::countdown_expired() {
    if (!count_drives_timer2()) {
        return raise(Lvt::Timer, Source::LapicTimer, {});
    }
    if (profile_.dual_timer.timer2_reason) {
        lvt(Lvt::Timer2) |= lvt::FIRED;  // LAPIC-40
    }
    raise(Lvt::Timer2, Source::LapicTimer2, {});
}

void Lapic::deadline_reached() { raise(Lvt::Timer, Source::LapicTimer, {}); }

void Lapic::fire_after_mask(bool on) {
    fire_after_mask_ = on;
    connect_timers();
}

void Lapic::core_sleeps_deeply(bool asleep) {
    if (!profile_.always_running_timer) {
        countdown_.freeze(asleep);
        deadline_.freeze(asleep);
    }
}

}  // namespace hldsim
