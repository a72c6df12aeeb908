// SPDX-License-Identifier: Apache-2.0
#include "models/machine/wiring.hpp"

namespace hldsim {

bool Wiring::level(unsigned input) const {
    const bool by_hpet = (hpet_ >> input & 1U) != 0;
    const bool by_timer = input == TIMER_INPUT && timer_level_ && !replaced_;
    const bool by_rtc = input == RTC_INPUT && rtc_level_ && !replaced_;
    return by_hpet || by_timer || by_rtc || (input == INTR_INPUT && intr_level_);
}

// A wire that only changes hands does not move.
void Wiring::follow(unsigned input, Token token) {
    const bool is = level(input);
    if (is == ((driven_ >> input & 1U) != 0)) {
        return;
    }
    driven_ ^= 1U << input;
    ioapic_->drive(input, is, token);
    if (input == TIMER_INPUT) {
        pic_->drive(0, is, token);
    } else if (input != INTR_INPUT && input < ISA_INPUTS) {
        pic_->drive(input, is, token);
    }
}

void Wiring::drive(unsigned input, bool active, Token token) {
    const std::uint32_t bit = 1U << input;
    hpet_ = active ? hpet_ | bit : hpet_ & ~bit;
    follow(input, token);
}

void Wiring::replace_legacy(bool on) {
    replaced_ = on;
    follow_timer();
    follow(RTC_INPUT, {});
}

void Wiring::rtc_moved(bool level, Token token) {
    rtc_level_ = level;
    follow(RTC_INPUT, token);
}

void Wiring::timer_moved(bool level, Token token) {
    timer_level_ = level;
    timer_token_ = token;
    follow_timer();
}

// A token goes out once. The wire rises without an edge of OUT 0 where the 8254 gets it back: that is a request of its
// own, and the 8254's.
void Wiring::follow_timer() {
    Token token;
    if (level(TIMER_INPUT) && (driven_ >> TIMER_INPUT & 1U) == 0) {
        token = timer_token_;
        timer_token_ = {};
        if (!token) {
            token = tokens_.next(Source::Pit);
            hop.emit({token, Hop::Matched, timeline_.now()});
        }
    }
    follow(TIMER_INPUT, token);
}

// Linux's old NMI watchdog unmasks LINT0 of every CPU: the wire goes to all of them.
void Wiring::intr_moved(bool level, Token token) {
    intr_level_ = level;
    follow(INTR_INPUT, token);
    for (const auto& lapic : *lapics_) {
        lapic->lint0(level, token);
    }
}

void Wiring::nmi_moved(bool level, Token token) {
    for (const auto& lapic : *lapics_) {
        lapic->lint1(level, token);
    }
}

}  // namespace hldsim
