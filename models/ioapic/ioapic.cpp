// SPDX-License-Identifier: Apache-2.0
// Pins, messages and ends of interrupts. Registers are in the file beside.
#include "models/ioapic/ioapic.hpp"

#include <algorithm>
#include <tuple>

#include "models/fabric/msi.hpp"
#include "models/ioapic/entry.hpp"
#include "models/ioapic/registers.hpp"
#include "models/regs/print.hpp"

namespace hldsim {

using ioapic::is_level;
using ioapic::is_masked;

namespace {

const IoapicProfile& valid(const IoapicProfile& profile) {
    profile.validate();
    return profile;
}

}  // namespace

Ioapic::Ioapic(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing,
               const IoapicProfile& profile, MessagePort& messages, TokenCounter& tokens)
    : sc_module{name},
      timeline_{timeline},
      timing_{timing},
      profile_{valid(profile)},
      messages_{messages},
      tokens_{tokens},
      file_{ioapic::MAP, {Size::B1, Size::B4}},
      select_slot_{file_.slot("IOREGSEL")},
      eoi_slot_{file_.slot("EOIR")},
      id_slot_{file_.slot("ID")},
      arb_slot_{file_.slot("ARB")},
      rte_slot_{file_.slot("RTEn")},
      pins_(profile.pins),
      leave_{timeline, sim::Priority::Ioapic, [this] { on_leave(); }} {
    shape_registers();
    file_.on_diagnosis([this](const regs::Diagnosis& found) { diagnosis.emit(found); });
    clear_state();
}

// ---- reset

void Ioapic::clear_state() {
    file_.reset();
    for (Pin& pin : pins_) {
        pin.token = {};
        pin.source = Source::Ioapic;
    }
    leaving_.clear();
    last_left_ = Instant{};
    sent_before_ = false;
    level_as_edge_ = profile_.level_as_edge_once ? ANY_PIN : NO_PIN;
}

void Ioapic::reset_enter() {
    leave_.cancel();
    if (!pristine_) {
        clear_state();
        pristine_ = std::none_of(pins_.begin(), pins_.end(), [](const Pin& pin) { return pin.level; });
    }
}

// As long as nothing has happened since a reset there is nothing to copy, and nothing to restore but that.
void Ioapic::copy_state(StateCopy& s) {
    const bool had_state = !pristine_;
    s(pristine_);
    if (!pristine_) {
        s(file_, pins_, leaving_, last_left_, sent_before_, level_as_edge_);
    } else if (had_state) {
        clear_state();
        std::for_each(pins_.begin(), pins_.end(), [](Pin& pin) { pin.level = false; });
    }
}

// ---- pins

// 82093AA, 3.2.4, bit 13.
bool Ioapic::active(unsigned pin, std::uint64_t rte) const {
    return pins_[pin].level != (ioapic::INTPOL.get(rte) != 0);
}

void Ioapic::drive(unsigned pin, bool level, Token token) {
    if (pin >= pins_.size()) {
        diagnosis.emit(regs::of_device(regs::NO_REGISTER, pin, "an input that the I/O APIC does not have is driven"));
        return;
    }
    if (pins_[pin].level == level) {
        return;
    }
    touch();
    pins_[pin].level = level;
    const std::uint64_t held = rte(pin);
    const bool is_active = active(pin, held);
    if (token) {
        pins_[pin].token = token;
        pins_[pin].source = token.source;
    } else if (!is_active) {
        pins_[pin].token = {};  // what asked has gone
    }
    if (pin_moved.watched()) {
        pin_moved.emit({timeline_.now(), pin, level, is_active});
    }
    if (is_level(held)) {
        evaluate_level(pin);
    } else if (is_active && is_masked(held)) {
        edge_lost.emit({timeline_.now(), pin});
    } else if (is_active) {
        request(pin, false);
    }
}

// I-5, I-7: a level that is active, unmasked and not on its way asks, whatever made it so.
void Ioapic::evaluate_level(unsigned pin) {
    const std::uint64_t held = rte(pin);
    if (is_level(held) && !is_masked(held) && active(pin, held) && ioapic::REMOTE_IRR.get(held) == 0 &&
        !being_sent(pin)) {
        request(pin, true);
    }
}

// ---- messages

bool Ioapic::being_sent(unsigned pin) const {
    return std::any_of(leaving_.begin(), leaving_.end(), [&](const Leaving& l) { return l.pin == pin; });
}

// Its instant has come and it cannot leave at it: the send delay behind the last one is not over, or another is before
// it. A message that leaves at this very instant is held up by nothing (I-20), even if it is still in here.
bool Ioapic::held_up(unsigned pin) const {
    const Instant now = timeline_.now();
    const bool delayed = sent_before_ && now < last_left_ + profile_.send_delay;
    const bool one_at_a_time = profile_.send_delay.fs != 0;
    return std::any_of(leaving_.begin(), leaving_.end(), [&](const Leaving& l) {
        return l.pin == pin && l.ready <= now && (delayed || (one_at_a_time && &l != &leaving_.front()));
    });
}

Token Ioapic::token_for(Pin& pin) {
    Token token = pin.token;
    pin.token = {};
    if (!token) {
        token = tokens_.next(pin.source);
        hop.emit({token, Hop::Matched, timeline_.now()});
    }
    return token;
}

// One identity for both formats: VT-d 5.10, 5.1.5.1, figure "I/OxAPIC programming". That RH follows from lowest
// priority is inferred: SHV, the same bit, is 0 in remappable format, and 10:8 must be 000b there.
MessageWrite Ioapic::message_of(unsigned pin, Token token) const {
    const std::uint64_t held = rte(pin);
    const bool hint = profile_.lowest_priority_hint && ioapic::delivery_mode(held) == DeliveryMode::LowestPriority;
    std::uint64_t address = msi::ADDRESS_RANGE.set(0, msi::INTERRUPT_RANGE) | ioapic::ADDRESS_19_5.get(held) << 5U;
    address = msi::FORMAT.set(address, ioapic::FORMAT.get(held));
    address = msi::REDIRECTION_HINT.set(address, hint ? 1 : 0);
    address = msi::DESTINATION_MODE.set(address, ioapic::DESTMOD.get(held));
    const std::uint64_t same = ioapic::VECTOR.mask() | ioapic::DELMOD.mask() | ioapic::TRIGGER.mask();
    const std::uint64_t data = msi::LEVEL.set(held & same, 1);
    MessageWrite message{profile_.requester, address, static_cast<std::uint32_t>(data), token};
    message.sender = Source::Ioapic;
    return message;
}

// The entry is sampled now: what software writes until the message leaves does not change it (I-8).
void Ioapic::request(unsigned pin, bool level) {
    const std::uint64_t held = rte(pin);
    if (is_reserved_in_messages(ioapic::delivery_mode(held))) {  // 82093AA, 3.2.4
        diagnosis.emit(regs::of_device(ioapic::entry_offset(pin), held, "reserved delivery mode: no message"));
        return;
    }
    if (held_up(pin)) {
        return;
    }
    touch();
    Leaving leaving{timeline_.now() + timing_.duration(Row::IoapicPinToMsg), pin, level,
                    message_of(pin, token_for(pins_[pin]))};
    if (level && (level_as_edge_ == static_cast<int>(pin) || level_as_edge_ == ANY_PIN)) {
        leaving.message.data &= ~static_cast<std::uint32_t>(ioapic::TRIGGER.mask());
        level_as_edge_ = NO_PIN;
    }
    const auto later = [](const Leaving& a, const Leaving& b) {
        return std::tie(a.ready, a.pin) < std::tie(b.ready, b.pin);
    };
    leaving_.insert(std::upper_bound(leaving_.begin(), leaving_.end(), leaving, later), leaving);
    arm();
}

void Ioapic::arm() {
    if (leaving_.empty()) {
        leave_.cancel();
        return;
    }
    const Instant free = sent_before_ ? last_left_ + profile_.send_delay : Instant{};
    leave_.at(std::max({leaving_.front().ready, free, timeline_.now()}));
}

// I-24: in order of the pins where they asked at one instant.
void Ioapic::on_leave() {
    const Instant now = timeline_.now();
    while (!leaving_.empty() && leaving_.front().ready <= now &&
           (!sent_before_ || last_left_ + profile_.send_delay <= now)) {
        const Leaving leaving = leaving_.front();
        leaving_.erase(leaving_.begin());
        last_left_ = now;
        sent_before_ = true;
        // I-11: sent is accepted here, as nothing comes back. An entry that has become an edge meanwhile keeps 0.
        if (leaving.level && is_level(rte(leaving.pin))) {
            file_.set_value(static_cast<Slot>(rte_slot_ + leaving.pin), ioapic::REMOTE_IRR.set(rte(leaving.pin), 1));
        }
        if (entry_sent.watched()) {
            entry_sent.emit({now, leaving.pin, leaving.message.token, ioapic::delivery_mode(leaving.message.data)});
        }
        hop.emit({leaving.message.token, Hop::Posted, now});
        messages_.post(leaving.message);
    }
    arm();
}

// 82093AA, 3.2.4, bit 14 and SDM vol. 3A, 10.8.5. I-13: all are cleared, then each that is still active asks again.
void Ioapic::end_of_interrupt(std::uint8_t vector) {
    if (pristine_) {
        return;
    }
    std::vector<unsigned> ended;
    for (unsigned pin = 0; pin < pins_.size(); ++pin) {
        const std::uint64_t held = rte(pin);
        if (ioapic::TRIGGER.get(held) != 0 && ioapic::VECTOR.get(held) == vector && ioapic::REMOTE_IRR.get(held) != 0) {
            set_entry(pin, ioapic::REMOTE_IRR.set(held, 0));
            ended.push_back(pin);
        }
    }
    for (const unsigned pin : ended) {
        evaluate_level(pin);
    }
}

// ---- for observers

std::uint64_t Ioapic::entry(unsigned pin) const { return ioapic::DELIVS.set(rte(pin), held_up(pin) ? 1 : 0); }

std::string Ioapic::dump() const {
    std::string text;
    for (Slot slot = 0; slot < file_.slots(); ++slot) {
        if (!file_.present(slot)) {
            continue;
        }
        const regs::Register& spec = file_.spec(slot);
        const std::uint64_t value = slot >= rte_slot_ ? entry(file_.instance(slot)) : file_.value(slot);
        const regs::Format* const format = ioapic::MAP.format_of(spec, value);
        text += regs::instance_name(spec, file_.instance(slot)) + " " + regs::hexadecimal(value, spec.width) + " " +
                regs::decode_short(format != nullptr ? *format->spec : spec, value) + "\n";
    }
    text += "high";
    for (unsigned pin = 0; pin < pins_.size(); ++pin) {
        text += pins_[pin].level ? " " + std::to_string(pin) : "";
    }
    text += "\n";
    for (unsigned pin = 0; pin < pins_.size(); ++pin) {
        if (pins_[pin].token || pins_[pin].source != Source::Ioapic) {
            text += "pin " + std::to_string(pin) + " token=" + std::to_string(pins_[pin].token.id) +
                    " source=" + std::to_string(static_cast<unsigned>(pins_[pin].source)) + "\n";
        }
    }
    text += sent_before_ ? "left=" + std::to_string(last_left_.fs) + "\n" : "";
    if (level_as_edge_ != NO_PIN) {
        const bool any = level_as_edge_ == ANY_PIN;
        text += "level as edge: " + (any ? std::string{"any pin"} : "pin " + std::to_string(level_as_edge_)) + "\n";
    }
    for (const Leaving& leaving : leaving_) {
        text += "message of pin " + std::to_string(leaving.pin) + (leaving.level ? " level" : " edge") +
                " ready=" + std::to_string(leaving.ready.fs) +
                " address=" + regs::hexadecimal(leaving.message.address, 32) +
                " data=" + regs::hexadecimal(leaving.message.data, 32) +
                " token=" + std::to_string(leaving.message.token.id) + "\n";
    }
    return text;
}

}  // namespace hldsim
