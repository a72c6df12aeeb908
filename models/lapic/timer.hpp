// SPDX-License-Identifier: Apache-2.0
// The two timers of a local APIC: a divided count-down and a compare of the TSC. Intel SDM volume 3A, 10.5.4.
//
//   Clock     exact edges of a ClockDomain; a count is a function of the edge index, nothing ticks
//   Divider   starts with the count: n counts of divider D end on edge e + n*D, e the last edge at or before the write
//   Nobody listens (LVT masked): the timer counts on and sets no alarm
#pragma once
#include <cstdint>
#include <functional>

#include "models/base/clock_domain.hpp"
#include "models/base/state_copy.hpp"
#include "models/base/time_stamp.hpp"
#include "models/lapic/profile.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim::lapic {

/// INITIAL_COUNT, CURRENT_COUNT, DIVIDE: LAPIC-29 to LAPIC-33.
class Countdown {
public:
    Countdown(sim::Timeline& timeline, const ClockDomain& clock, std::function<void()> expired);

    void write_initial(std::uint32_t count);
    std::uint32_t initial() const { return initial_; }
    std::uint32_t current() const;
    /// The divider is 2^power from now on; `change` says what becomes of the count under way (LAPIC-31).
    void divide_by_power(unsigned power, DivideChange change);
    /// The running count continues; one that has ended stays ended (LAPIC-32).
    void set_periodic(bool on);
    void listen(bool on);
    /// The clock stands still in a deep C-state (LAPIC-36).
    void freeze(bool on);
    /// Stopped, both counts 0.
    void stop();
    void reset();

    void copy_state(StateCopy& s) {
        s(base_, count_, frozen_at_, initial_, power_, started_, periodic_, listening_, frozen_);
    }
    bool running() const;

private:
    std::uint64_t now_edge() const;
    std::uint64_t length(std::uint64_t count) const { return count << power_; }
    std::uint32_t current_at(std::uint64_t edge) const;
    bool ended_at(std::uint64_t edge) const;
    void rebase(std::uint64_t edge);
    void arm();
    void ring();

    sim::Timeline& timeline_;
    ClockDomain clock_;
    std::function<void()> expired_;
    // count_ at edge base_, then one less every 2^power_ edges. base_ may lie ahead: until then count_ + 1.
    std::uint64_t base_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t frozen_at_ = 0;
    std::uint32_t initial_ = 0;
    unsigned power_ = 1;
    bool started_ = false;
    bool periodic_ = false;
    bool listening_ = false;
    bool frozen_ = false;
    sim::Alarm alarm_;
};

/// IA32_TSC_DEADLINE: LAPIC-34.
class Deadline {
public:
    Deadline(sim::Timeline& timeline, const ClockDomain& clock, std::function<void()> reached);

    /// 0 disarms. A deadline that is past is reached at once.
    void write(std::uint64_t deadline);
    /// 0 once it is reached.
    std::uint64_t value() const { return deadline_; }
    /// From now on with that TSC of the CPU.
    void compare_with(const TimeStamp& tsc);
    void freeze(bool on);
    void reset();

    void copy_state(StateCopy& s) { s(deadline_, tsc_, frozen_); }
    const TimeStamp& tsc() const { return tsc_; }

private:
    void arm();

    sim::Timeline& timeline_;
    ClockDomain clock_;
    std::function<void()> reached_;
    std::uint64_t deadline_ = 0;
    TimeStamp tsc_;
    bool frozen_ = false;
    sim::Alarm alarm_;
};

}  // namespace hldsim::lapic
