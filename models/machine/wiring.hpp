// SPDX-License-Identifier: Apache-2.0
// The wires of a PC between timers, interrupt controllers and processors. No device knows them.
//
//   Input 2   of the first I/O APIC is IRQ 0: the 8254's, or timer 0 of an HPET that replaces it (I-21, H-32)
//   Input 8   is IRQ 8: the periodic interrupt of an RTC, or timer 1 of an HPET that replaces it (H-32)
//   Input n   1 and 3 to 15 is IRQ n of the 8259 pair as well; from 16 on the I/O APIC's alone
//   NMI#      of the chipset goes to LINT1 of every local APIC
//   Input 0   is the 8259's INTR, which also goes to LINT0 of every local APIC
//   Legacy    the HPET says when it disconnects the 8254 and the RTC: replace_legacy() (H-32)
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "models/base/state_copy.hpp"
#include "models/fabric/ports.hpp"
#include "models/ioapic/ioapic.hpp"
#include "models/lapic/lapic.hpp"
#include "models/pic/pic.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

/// The HPET's side is the object itself; the other drivers have a pin each.
class Wiring final : public InterruptPins {
public:
    static constexpr unsigned INTR_INPUT = 0;
    static constexpr unsigned TIMER_INPUT = 2;
    static constexpr unsigned RTC_INPUT = 8;
    static constexpr unsigned ISA_INPUTS = 16;

    Wiring(const sim::Timeline& timeline, TokenCounter& tokens) : timeline_{timeline}, tokens_{tokens} {}

    /// What the wires end at; before anything is driven.
    void connect(Ioapic& first, Pic& pic, const std::vector<std::unique_ptr<Lapic>>& lapics) {
        ioapic_ = &first;
        pic_ = &pic;
        lapics_ = &lapics;
    }

    // ---- the HPET
    void drive(unsigned input, bool active, Token token) override;
    void replace_legacy(bool on) override;

    InterruptPins& timer() { return timer_; }          // OUT 0 of the 8254
    InterruptPins& rtc() { return rtc_; }              // periodic interrupt of an RTC
    InterruptPins& interrupt_line() { return intr_; }  // INTR of the 8259 pair
    InterruptPins& nmi_line() { return nmi_; }         // NMI# of the chipset

    sim::Probe<HopReached> hop;  // Matched: the 8254 gets its wire back with OUT 0 high

    /// Reset: the wires follow what drives them, each of which lets go by itself.
    void copy_state(StateCopy& s) { s(hpet_, driven_, timer_level_, rtc_level_, intr_level_, replaced_, timer_token_); }

private:
    class Pin final : public InterruptPins {
    public:
        Pin(Wiring& wiring, void (Wiring::*moved)(bool, Token)) : wiring_{wiring}, moved_{moved} {}
        void drive(unsigned /*input*/, bool active, Token token) override { (wiring_.*moved_)(active, token); }

    private:
        Wiring& wiring_;
        void (Wiring::*moved_)(bool, Token);
    };

    void timer_moved(bool level, Token token);
    void rtc_moved(bool level, Token token);
    void intr_moved(bool level, Token token);
    void nmi_moved(bool level, Token token);
    void follow(unsigned input, Token token);
    void follow_timer();
    bool level(unsigned input) const;

    const sim::Timeline& timeline_;
    TokenCounter& tokens_;
    Ioapic* ioapic_ = nullptr;
    Pic* pic_ = nullptr;
    const std::vector<std::unique_ptr<Lapic>>* lapics_ = nullptr;
    Pin timer_{*this, &Wiring::timer_moved};
    Pin rtc_{*this, &Wiring::rtc_moved};
    Pin intr_{*this, &Wiring::intr_moved};
    Pin nmi_{*this, &Wiring::nmi_moved};
    std::uint32_t hpet_ = 0;    // by input: the HPET holds it
    std::uint32_t driven_ = 0;  // by input: the level that the wire has
    bool timer_level_ = false;
    bool rtc_level_ = false;
    bool intr_level_ = false;
    bool replaced_ = false;
    Token timer_token_;  // of the last rise of OUT 0, until the wire has taken it
};

}  // namespace hldsim
