// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/nesting.hpp"

#include <algorithm>

namespace hldsim::cpu {

void Nesting::reset() {
    nmi_latched_.clear();
    for (TokenSet& tokens : nmi_in_service_) {
        tokens.clear();
    }
    source_latched_ = 0;
    nmis_in_service_ = 0;
    contexts_.clear();
    nmi_due_ = class_3_due_ = interrupt_due_ = Instant::never();
    nmi_blocked_ = nmi_blocked_before_smm_ = in_smm_ = false;
    class_3_ = 0;
    interrupt_line_ = interrupts_enabled_ = frozen_ = iret_in_smm_ = false;
    shadow_ = Shadow::None;
}

void Nesting::init(bool clears_nmi) {
    const auto smi = static_cast<std::uint8_t>(class_3_ & SMI);
    const Instant smi_due = class_3_due_;
    const bool blocked = nmi_blocked_;
    const Instant nmi_due = nmi_due_;
    const std::uint16_t source = source_latched_;
    TokenSet latched;
    std::swap(latched, nmi_latched_);
    reset();
    class_3_ = smi;
    class_3_due_ = smi_due;
    if (!clears_nmi) {
        std::swap(latched, nmi_latched_);
        source_latched_ = source;
        nmi_due_ = nmi_due;
        nmi_blocked_ = blocked;
    }
}

bool Nesting::latch_nmi(const TokenSet& tokens, Instant due, std::uint16_t source) {
    const bool first = nmi_latched_.empty();
    if (first) {
        nmi_due_ = due;
    }
    nmi_latched_.add(tokens);
    source_latched_ = static_cast<std::uint16_t>(nmi_source_ ? source_latched_ | source : 0);
    return first;
}

// The one that comes first lets the other be seen with it: an SMI that is latched comes before INIT at any boundary.
void Nesting::latch_class_3(std::uint8_t event, Instant due) {
    if (class_3_ == 0) {
        class_3_due_ = due;
    }
    class_3_ |= event;
}

void Nesting::interrupt_line(bool active, Instant due) {
    if (active && !interrupt_line_) {
        interrupt_due_ = due;
    }
    interrupt_line_ = active;
}

Nesting::Event Nesting::next(Instant now) const {
    if (frozen_) {
        return Event::None;
    }
    if (class_3_ != 0 && !in_smm_ && class_3_due_ <= now) {
        return smi_latched() ? Event::Smi : Event::Init;
    }
    if (!nmi_latched_.empty() && !nmi_blocked_ && !shadow_holds_nmi() && nmi_due_ <= now) {
        return Event::Nmi;
    }
    if (interrupt_line_ && interrupts_enabled_ && !shadowed() && !in_smm_ && interrupt_due_ <= now) {
        return Event::Interrupt;
    }
    return Event::None;
}

Instant Nesting::due() const {
    Instant first = Instant::never();
    if (frozen_) {
        return first;
    }
    if (class_3_ != 0 && !in_smm_) {
        first = std::min(first, class_3_due_);
    }
    if (!nmi_latched_.empty() && !nmi_blocked_) {
        first = std::min(first, nmi_due_);
    }
    if (interrupt_line_ && interrupts_enabled_ && !in_smm_) {
        first = std::min(first, interrupt_due_);
    }
    return first;
}

const TokenSet& Nesting::enter_nmi() {
    if (nmi_in_service_.size() == nmis_in_service_) {
        nmi_in_service_.emplace_back();
        source_in_service_.emplace_back();
    }
    source_in_service_[nmis_in_service_] = source_latched_;
    source_latched_ = 0;
    TokenSet& in_service = nmi_in_service_[nmis_in_service_++];
    in_service.clear();
    std::swap(in_service, nmi_latched_);  // the latch is free from here on: CPU-2
    nmi_blocked_ = true;
    contexts_.push_back(Context::Nmi);
    return in_service;
}

const TokenSet& Nesting::leave_nmi() {
    nmi_blocked_ = false;
    contexts_.pop_back();
    return nmi_in_service_[--nmis_in_service_];
}

void Nesting::enter_smm() {
    class_3_ = static_cast<std::uint8_t>(class_3_ & ~SMI);
    in_smm_ = true;
    iret_in_smm_ = false;
    nmi_blocked_before_smm_ = nmi_blocked_;
    nmi_blocked_ = true;
    shadow_ = Shadow::None;  // delivery of another event ends the hold: CPU-6
    contexts_.push_back(Context::Smm);
}

void Nesting::leave_smm(bool keeps_blocking) {
    in_smm_ = false;
    nmi_blocked_ = nmi_blocked_before_smm_ && keeps_blocking && !iret_in_smm_;
    contexts_.pop_back();
}

}  // namespace hldsim::cpu
