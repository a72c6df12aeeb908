// SPDX-License-Identifier: Apache-2.0
// Acceptance, reset and what the CPU sees of both. Registers, IPIs and the local vector table have files of their own.
#include "models/lapic/lapic.hpp"

#include <algorithm>
#include <cassert>

#include "models/regs/print.hpp"

namespace hldsim {

using lapic::DiscardReason;
using lapic::Lvt;
using lapic::Mode;

namespace {

const LapicProfile& valid(const LapicProfile& profile) {
    profile.validate();
    return profile;
}

}  // namespace

Lapic::Lapic(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, const LapicProfile& profile,
             CpuNumber cpu, ApicId id, bool boot, IpiPort& bus, TokenCounter& tokens)
    : sc_module{name},
      timeline_{timeline},
      timing_{timing},
      profile_{valid(profile)},
      cpu_{cpu},
      hardware_id_{id},
      boot_{boot},
      bus_{bus},
      tokens_{tokens},
      vectors_{profile.ppr_subclass_zero_on_tie},
      countdown_{timeline, ClockDomain::of_frequency(profile.timer_clock.value_or(timing.crystal())),
                 [this] { countdown_expired(); }},
      deadline_{timeline, ClockDomain::of_frequency(timing.tsc()), [this] { deadline_reached(); }},
      acceptance_{timeline, sim::Priority::Lapic, [this] { accept_due(); }} {
    set_registers_to_reset();
}

// ---- reset

void Lapic::reset_enter() {
    mode_ = Mode::Xapic;
    page_ = lapic::apic_base::PAGE_RESET;
    arrivals_.clear();
    first_arrival_ = 0;
    acceptance_.cancel();
    deadline_.reset();
    countdown_.reset();
    pin_level_ = {};
    pin_token_ = {};
    external_interrupt_ = false;
    requested_ = false;
    fire_after_mask_ = profile_.fire_after_mask;
    set_registers_to_reset();
}

void Lapic::reset_hold() { identify(); }

// The values of section 10.4.7.1 for the current mode. APIC_BASE, and with it the mode, is not touched.
void Lapic::set_registers_to_reset() {
    id_ = mode_ == Mode::X2apic ? hardware_id_.value : (hardware_id_.value & 0xff) << 24;
    ldr_ = mode_ == Mode::X2apic ? lapic::x2apic_ldr::of_id(id_) : 0;
    dfr_ = static_cast<std::uint32_t>(lapic::row(lapic::DFR).reset());
    svr_ = static_cast<std::uint32_t>(lapic::row(lapic::SVR).reset());
    esr_ = 0;
    error_accumulator_ = 0;
    icr_low_ = 0;
    icr_high_ = 0;
    divide_ = 0;
    lvt_.fill(lapic::lvt::MASK);
    vectors_.reset();
    vector_tokens_.clear();
    external_latched_ = false;
    external_tokens_.clear();
    ipi_sent_at_ = Instant{};
    countdown_.stop();
    countdown_.set_periodic(false);
    countdown_.divide_by_power(1, DivideChange::AtEdge);
    countdown_.listen(false);
    deadline_.write(0);
}

void Lapic::identify() {
    const bool x2apic = mode_ == Mode::X2apic;
    bus_.identified(cpu_, ApicId{x2apic ? id_ : id_ >> 24}, x2apic);
}

// LAPIC-4: as RESET but for the id and IA32_APIC_BASE, so an x2APIC stays one. What is being received goes on.
void Lapic::init_reset() {
    const std::uint32_t id = id_;
    set_registers_to_reset();
    id_ = id;
    update_pins();
    update_request();
}

// ---- arrival and acceptance

void Lapic::receive(const InterruptMessage& message) {
    if (mode_ == Mode::Disabled) {
        return discard(message, DiscardReason::GloballyDisabled);
    }
    if ((message.mode == DeliveryMode::Init || message.level) && !message.assert_) {
        return discard(message, DiscardReason::Deassert);
    }
    if (enabled()) {
        return enter_pipeline(message);
    }
    // LAPIC-5: INIT, SMI and SIPI are responded to; what was being received when the APIC was disabled completes.
    switch (message.mode) {
        case DeliveryMode::Fixed:
        case DeliveryMode::LowestPriority:
        case DeliveryMode::ExtInt:
            return discard(message, DiscardReason::SoftwareDisabled);
        case DeliveryMode::Nmi:
            if (profile_.nmi_when_soft_disabled != NmiWhenSoftDisabled::Handle) {
                discard(message, DiscardReason::NmiSoftwareDisabled);
            }
            if (profile_.nmi_when_soft_disabled != NmiWhenSoftDisabled::Drop) {
                enter_pipeline(message, profile_.nmi_when_soft_disabled == NmiWhenSoftDisabled::WakeOnly);
            }
            return;
        case DeliveryMode::Smi:
        case DeliveryMode::Init:
        case DeliveryMode::Sipi:
            break;
    }
    enter_pipeline(message);
}

void Lapic::enter_pipeline(const InterruptMessage& message, bool wake_only, std::optional<Lvt> sent_by) {
    const Instant due = timeline_.now() + timing_.duration(Row::LapicAccept);
    if (first_arrival_ == arrivals_.size()) {
        arrivals_.clear();
        first_arrival_ = 0;
    }
    arrivals_.push_back({due, message, wake_only, sent_by});
    if (!acceptance_.set()) {
        acceptance_.at(due);
    }
}

void Lapic::accept_due() {
    while (first_arrival_ < arrivals_.size() && arrivals_[first_arrival_].due <= timeline_.now()) {
        const Arrival arrival = arrivals_[first_arrival_++];
        accept(arrival);
    }
    if (first_arrival_ < arrivals_.size()) {
        acceptance_.at(arrivals_[first_arrival_].due);
    }
}

void Lapic::accept(const Arrival& arrival) {
    const InterruptMessage& message = arrival.message;
    if (mode_ == Mode::Disabled) {
        return discard(message, DiscardReason::GloballyDisabled);
    }
    if (message.mode == DeliveryMode::Fixed || message.mode == DeliveryMode::LowestPriority) {
        return accept_vector(arrival);
    }
    if (message.mode == DeliveryMode::ExtInt) {
        return accept_external(message);
    }
    carried_.clear();
    carried_.add(message.token);
    if (arrival.wake_only) {
        return core_->wake(carried_);
    }
    // LAPIC-23: these bypass IRR, ISR and the priorities.
    emit_hop(message.token, Hop::Accepted, message.mode);
    switch (message.mode) {
        case DeliveryMode::Nmi:
            return core_->nmi(carried_, message.vector);
        case DeliveryMode::Smi:
            return core_->smi(carried_);
        case DeliveryMode::Init:
            return core_->init(carried_);
        case DeliveryMode::Sipi:
            return core_->sipi(message.vector, carried_);
        default:
            return;
    }
}

// SDM vol. 3A, 10.5.1: as if the interrupt came from an 8259; the processor fetches the vector by INTA. No ISR, no EOI.
void Lapic::accept_external(const InterruptMessage& message) {
    if (external_ == nullptr) {
        regs::Diagnosis missing = regs::of_device(regs::NO_REGISTER, message.vector,
                                                  "an ExtINT message needs an 8259, and none is connected");
        missing.kind = regs::Diagnosis::Kind::Unimplemented;
        access_diagnosed.emit({cpu_, missing, timeline_.now()});
        return discard(message, DiscardReason::Unimplemented);
    }
    external_latched_ = true;
    external_tokens_.add(message.token);
    emit_hop(message.token, Hop::Accepted, message.mode);
    update_request();
}

void Lapic::accept_vector(const Arrival& arrival) {
    const InterruptMessage& message = arrival.message;
    if (message.vector < 16) {
        const auto refused =
            regs::of_device(regs::NO_REGISTER, message.vector, "a vector below 16 is refused: ESR bit 6");
        access_diagnosed.emit({cpu_, refused, timeline_.now()});
        raise_error(lapic::esr::RECEIVED_VECTOR);
        if (message.level && arrival.sent_by == Lvt::Lint0) {
            level_pin_refused();
        }
        return discard(message, DiscardReason::IllegalVector);
    }
    const bool merged = !vectors_.accept(message.vector, message.level);
    if (message.token) {
        vector_tokens_.push_back({message.vector, message.token});
    }
    emit_hop(message.token, Hop::Accepted, message.mode);
    vector_accepted.emit({cpu_, message.vector, message.level, merged, message.token, timeline_.now()});
    update_request();
}

void Lapic::discard(const InterruptMessage& message, DiscardReason reason) {
    interrupt_discarded.emit({cpu_, message, reason, timeline_.now()});
}

void Lapic::emit_hop(Token token, Hop reached, DeliveryMode mode) const {
    if (token) {
        hop.emit({token, reached, timeline_.now(), cpu_, mode});
    }
}

void Lapic::update_request() {
    const bool offered =
        external_pending() || (mode_ != Mode::Disabled && vectors_.offered() != lapic::VectorSet::NONE);
    if (offered != requested_) {
        requested_ = offered;
        core_->interrupt_request(offered);
    }
}

// ---- the CPU

// LAPIC-25: nothing is above PPR any more: the spurious vector, and ISR stays as it is.
std::uint8_t Lapic::acknowledge(TokenSet& tokens) {
    if (external_pending()) {  // before the APIC's own, as in KVM; the SDM does not say
        tokens.add(external_tokens_);
        external_tokens_.clear();
        external_latched_ = false;
        const std::uint8_t vector = external_->acknowledge_external(tokens);
        update_request();
        return vector;
    }
    const int offered = vectors_.offered();
    if (offered == lapic::VectorSet::NONE) {
        return static_cast<std::uint8_t>(svr_);
    }
    const auto vector = static_cast<std::uint8_t>(offered);
    vectors_.into_service(vector);
    const auto ours = std::remove_if(vector_tokens_.begin(), vector_tokens_.end(), [&](const VectorToken& held) {
        if (held.vector == vector) {
            tokens.add(held.token);
        }
        return held.vector == vector;
    });
    vector_tokens_.erase(ours, vector_tokens_.end());
    update_request();
    return vector;
}

void Lapic::set_cr8(std::uint8_t task_class) {
    vectors_.set_tpr(static_cast<std::uint8_t>(task_class << 4));
    update_request();
}

std::string Lapic::dump() const {
    static constexpr const char* MODES[] = {"disabled", "xAPIC", "x2APIC"};
    std::string text = "lapic of CPU " + std::to_string(cpu_.value) + ": " + MODES[static_cast<unsigned>(mode_)] +
                       (enabled() ? ", enabled" : ", software-disabled") + "\n";
    for (const regs::Register& r : lapic::REGISTERS) {
        for (unsigned i = 0; i < r.repeat.count; ++i) {
            const std::uint32_t offset = r.offset + i * r.repeat.stride;
            if (lapic::masks(offset).readable == 0 || (offset == lapic::LVT_TIMER2 && !timer2_exists())) {
                continue;
            }
            const std::uint32_t value = read_register(offset);
            text += "  " + regs::instance_name(r, i) + " " + regs::hexadecimal(value, r.width) + " " +
                    regs::decode_short(r, value) + "\n";
        }
    }
    text += "  accumulated errors " + regs::hexadecimal(error_accumulator_, 8) + ", deadline " +
            regs::hexadecimal(deadline_.value(), 64) +
            (deadline_.tsc().stopped() ? ", TSC stopped at " : ", TSC ahead ") + std::to_string(deadline_.tsc().at(0)) +
            ", being accepted " + std::to_string(arrivals_.size() - first_arrival_) + "\n";
    return text;
}

void Lapic::copy_state(StateCopy& s) {
    s(mode_, page_, id_, ldr_, dfr_, svr_, esr_, error_accumulator_, icr_low_, icr_high_, divide_, lvt_, vectors_,
      ipi_sent_at_, pin_level_, pin_token_, external_interrupt_, external_latched_, external_tokens_, requested_,
      fire_after_mask_, arrivals_, first_arrival_, vector_tokens_, carried_, countdown_, deadline_);
}

}  // namespace hldsim
