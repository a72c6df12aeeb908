// SPDX-License-Identifier: Apache-2.0
// A counter of the edges of a clock: 48 bits, up, over the end to 0. It stands still while its CPU sleeps.
//
//   Clock     exact edges of a ClockDomain; a count is a function of the edge index, nothing ticks
//   Counts    the edges behind the instant at which it begins, up to and including that at which it stops
//   Overflow  at the edge that takes it from its last value to 0
#pragma once
#include <cstdint>
#include <functional>

#include "models/base/clock_domain.hpp"
#include "models/base/state_copy.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim::pmu {

class CycleCounter {
public:
    static constexpr unsigned WIDTH = 48;

    CycleCounter(sim::Timeline& timeline, const ClockDomain& clock, std::function<void()> overflowed);

    void run(bool on);
    std::uint64_t value() const;
    /// Below 2^48.
    void write(std::uint64_t count);
    void reset();

    void copy_state(StateCopy& s) { s(count_, base_, runs_); }

private:
    std::uint64_t edge() const;
    void arm();

    sim::Timeline& timeline_;
    ClockDomain clock_;
    std::uint64_t count_ = 0;  // at edge base_ while it runs, and else for good
    std::uint64_t base_ = 0;
    bool runs_ = false;
    sim::Alarm overflow_;
};

}  // namespace hldsim::pmu
