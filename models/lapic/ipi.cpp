// SPDX-License-Identifier: Apache-2.0
// Interprocessor interrupts (SDM volume 3A, 10.6.1) and the destinations that this APIC answers to (10.6.2, 10.12.10).
#include "models/lapic/lapic.hpp"

namespace hldsim {

using lapic::Mode;
namespace icr = lapic::icr;
using Kind = regs::Diagnosis::Kind;

namespace {

constexpr std::uint32_t NARROW_BROADCAST = 0xff;
constexpr std::uint32_t WIDE_BROADCAST = ~std::uint32_t{0};

}  // namespace

// ---- sending

// LAPIC-15: writing ICR (its low half, or the MSR) sends.
void Lapic::send_ipi() {
    const auto mode = static_cast<DeliveryMode>(icr::MODE.get(icr_low_));
    const auto vector = static_cast<std::uint8_t>(icr_low_);
    const auto shorthand = static_cast<Shorthand>(icr::SHORTHAND.get(icr_low_));
    const bool assert_level = icr::LEVEL.get(icr_low_) != 0;
    if (!ipi_is_legal(shorthand, mode, vector)) {
        return;
    }
    if (mode == DeliveryMode::Init && !assert_level) {
        return;  // LAPIC-18: INIT level de-assert is for processors before the Pentium 4
    }
    // SDM vol. 3A, 10.6.1: both flags have no meaning since the Pentium 4. Linux sends with level 0, and INIT with
    // trigger 1, so that is no misuse.
    if (icr::TRIGGER.get(icr_low_) != 0 && mode != DeliveryMode::Init) {
        diagnose(Kind::Misuse, true, lapic::ICR_LOW, Size::B4, icr_low_, "trigger 1 is for INIT only; ignored");
    }
    InterruptMessage message;
    message.wide = mode_ == Mode::X2apic;
    message.destination = message.wide ? icr_high_ : icr_high_ >> 24;
    message.logical = icr::LOGICAL.get(icr_low_) != 0;
    message.mode = mode;
    message.vector = vector;
    message.token = tokens_.next(Source::Ipi);
    emit_hop(message.token, Hop::Matched, message.mode);
    emit_hop(message.token, Hop::Posted, message.mode);
    if (shorthand == Shorthand::Self) {
        return receive(message);  // no bus between
    }
    if (profile_.ipi_delivery_status == IpiDeliveryStatus::Wire) {
        ipi_sent_at_ = timeline_.now() + timing_.duration(Row::IpiWire);
    }
    bus_.send(cpu_, shorthand, message);
}

bool Lapic::ipi_is_legal(Shorthand shorthand, DeliveryMode mode, std::uint8_t vector) {
    const auto misuse = [&](const char* what) {
        diagnose(Kind::Misuse, true, lapic::ICR_LOW, Size::B4, icr_low_, what);
    };
    switch (mode) {
        case DeliveryMode::LowestPriority:
            // LAPIC-13; with an illegal vector as well this bit alone is set (SDM vol. 3A, 10.5.3).
            if (mode_ == Mode::X2apic && !profile_.x2apic_lowest_priority_ipi) {
                misuse("this APIC sends no lowest-priority IPI: ESR bit 4");
                raise_error(lapic::esr::REDIRECTABLE_IPI);
                return false;
            }
            [[fallthrough]];
        case DeliveryMode::Fixed:
            if (vector < 16) {  // LAPIC-19
                misuse("an IPI's vector is below 16: not sent, ESR bit 5");
                raise_error(lapic::esr::SENT_VECTOR | (shorthand == Shorthand::Self ? lapic::esr::RECEIVED_VECTOR : 0));
                return false;
            }
            break;
        case DeliveryMode::Smi:
        case DeliveryMode::Nmi:
        case DeliveryMode::Init:
        case DeliveryMode::Sipi:
            break;
        default:  // 3 and 7
            misuse("reserved delivery mode: not sent");
            return false;
    }
    // LAPIC-16. Only NMI is delivered all the same, as hardware is said to do: unverified, so a knob.
    const bool to_self = shorthand == Shorthand::Self || shorthand == Shorthand::AllIncludingSelf;
    if (to_self && mode != DeliveryMode::Fixed) {
        const bool delivered = mode == DeliveryMode::Nmi && profile_.nmi_to_self;
        misuse(delivered ? "an NMI by a shorthand that includes self is not a valid combination; sent"
                         : "only fixed interrupts may be sent by a shorthand that includes self: not sent");
        return delivered;
    }
    return true;
}

// LAPIC-26: ICR is not touched.
void Lapic::send_self_ipi(std::uint8_t vector) {
    if (vector < 16) {
        diagnose(Kind::Misuse, true, lapic::SELF_IPI, Size::B4, vector,
                 "an IPI's vector is below 16: not sent, ESR bits 5 and 6");
        return raise_error(lapic::esr::SENT_VECTOR | lapic::esr::RECEIVED_VECTOR);
    }
    InterruptMessage message;
    message.wide = true;
    message.destination = id_;
    message.vector = vector;
    message.token = tokens_.next(Source::Ipi);
    emit_hop(message.token, Hop::Matched, message.mode);
    emit_hop(message.token, Hop::Posted, message.mode);
    receive(message);
}

// ---- destinations

// LAPIC-7: decided here and nowhere else. An arbitrated message does not count a software-disabled APIC in.
bool Lapic::matches(const InterruptMessage& message) const {
    if (mode_ == Mode::Disabled) {
        return false;
    }
    if (is_arbitrated(message) && !enabled()) {
        return false;
    }
    return message.logical ? matches_logical(message) : matches_physical(message);
}

// LAPIC-8: the broadcast of an 8-bit destination reaches x2APICs too, but for a knob.
bool Lapic::is_broadcast_here(const InterruptMessage& message) const {
    if (message.wide) {
        return message.destination == WIDE_BROADCAST;
    }
    return message.destination == NARROW_BROADCAST && (mode_ == Mode::Xapic || profile_.x2apic_takes_narrow_broadcast);
}

bool Lapic::matches_physical(const InterruptMessage& message) const {
    return is_broadcast_here(message) || message.destination == (mode_ == Mode::X2apic ? id_ : id_ >> 24);
}

bool Lapic::matches_logical(const InterruptMessage& message) const {
    const std::uint32_t destination = message.destination;
    if (mode_ == Mode::X2apic) {
        return is_broadcast_here(message) || (destination >> 16 == ldr_ >> 16 && (destination & ldr_ & 0xffff) != 0);
    }
    const std::uint32_t own = ldr_ >> 24;
    if (is_broadcast_here(message)) {
        return !profile_.flat_broadcast_needs_ldr || own != 0 || dfr_ >> 28 != 0xf;
    }
    if (destination > 0xff) {
        return false;
    }
    if (dfr_ >> 28 == 0xf) {
        return (destination & own) != 0;  // flat; LAPIC-14: an LDR of 0 never matches
    }
    const bool cluster = destination >> 4 == own >> 4 || destination >> 4 == 0xf;
    return cluster && (destination & own & 0xf) != 0;
}

}  // namespace hldsim
