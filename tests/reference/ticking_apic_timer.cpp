// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/ticking_apic_timer.hpp"

namespace hldsim::reference {

// LAPIC-33: masked, the event is lost.
void TickingApicTimer::expire() { raised += masked_ ? 0 : 1; }

void TickingApicTimer::crystal_edge() {
    if (asleep_ || current_ == 0) {
        return;
    }
    if (++passed_ < divider_) {
        return;
    }
    passed_ = 0;
    divider_ = next_divider_;  // LAPIC-31
    if (--current_ == 0) {
        current_ = mode_ == Mode::Periodic ? initial_ : 0;
        expire();
    }
}

void TickingApicTimer::tsc_edge() {
    tsc_ += stopped_ ? 0 : 1;
    compare();
}

// LAPIC-34: at the first edge at which the TSC is not below the deadline.
void TickingApicTimer::compare() {
    if (!asleep_ && deadline_ != 0 && tsc_ >= deadline_) {
        deadline_ = 0;
        expire();
    }
}

void TickingApicTimer::write_initial(std::uint32_t count) {
    if (mode_ == Mode::Deadline) {
        return;
    }
    initial_ = current_ = count;
    passed_ = 0;
    divider_ = next_divider_;
}

void TickingApicTimer::write_divide(unsigned bits) {
    const unsigned power = (bits & 3U) | (bits & 8U) >> 1U;
    next_divider_ = power == 7 ? 1 : 2U << power;
    if (acts_ == NewDivider::Now && divider_ != next_divider_) {
        passed_ = 0;
    }
    if (current_ == 0 || acts_ == NewDivider::Now) {
        divider_ = next_divider_;
    }
}

// LAPIC-32: to or from TSC-deadline everything is disarmed; between the others the count goes on.
void TickingApicTimer::write_lvt(Mode mode, bool masked) {
    if (mode != mode_ && (mode == Mode::Deadline || mode_ == Mode::Deadline)) {
        initial_ = current_ = 0;
        divider_ = next_divider_;
        deadline_ = 0;
    }
    mode_ = mode;
    masked_ = masked;
}

void TickingApicTimer::write_deadline(std::uint64_t deadline) {
    if (mode_ == Mode::Deadline) {
        deadline_ = deadline;
        compare();
    }
}

void TickingApicTimer::move_tsc(std::uint64_t counts) {
    tsc_ += counts;
    compare();
}

void TickingApicTimer::stop_tsc(bool stopped) { stopped_ = stopped; }

void TickingApicTimer::sleep(bool deeply) {
    asleep_ = deeply;
    compare();
}

}  // namespace hldsim::reference
