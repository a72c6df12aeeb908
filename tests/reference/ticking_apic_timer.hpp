// SPDX-License-Identifier: Apache-2.0
// The timers of a local APIC that do at each clock edge what the manual says: Intel SDM volume 3A, 10.5.4.
//
// Written from the manual and the rules (LAPIC-29 to LAPIC-36) alone; it shares no code and no arithmetic with
// models/lapic. The divider is a counter, the count is a counter, the deadline is compared at every edge of the TSC.
#pragma once
#include <cstdint>

namespace hldsim::reference {

class TickingApicTimer {
public:
    enum class Mode : std::uint8_t { OneShot, Periodic, Deadline };

    /// What a new divider does to the count under way: it is finished with the old one, or begins anew (LAPIC-31).
    enum class NewDivider : std::uint8_t { Next, Now };
    explicit TickingApicTimer(NewDivider acts = NewDivider::Next) : acts_{acts} {}

    // ---- clocks, unless the core sleeps deeply
    void crystal_edge();
    void tsc_edge();

    // ---- software
    void write_initial(std::uint32_t count);
    void write_divide(unsigned bits);  // bits 3, 1 and 0 as in the register
    void write_lvt(Mode mode, bool masked);
    void write_deadline(std::uint64_t deadline);
    void move_tsc(std::uint64_t counts);  // modulo 2^64
    void stop_tsc(bool stopped);
    void sleep(bool deeply);

    std::uint32_t initial() const { return initial_; }
    std::uint32_t current() const { return current_; }
    std::uint64_t deadline() const { return deadline_; }

    /// Interrupts raised so far.
    unsigned raised = 0;

private:
    void expire();
    void compare();

    NewDivider acts_;
    Mode mode_ = Mode::OneShot;
    bool masked_ = true;
    bool asleep_ = false;
    std::uint32_t initial_ = 0, current_ = 0;
    unsigned divider_ = 2, next_divider_ = 2, passed_ = 0;  // edges of the crystal since the count last changed
    std::uint64_t deadline_ = 0;
    std::uint64_t tsc_ = 0;
    bool stopped_ = false;
};

}  // namespace hldsim::reference
