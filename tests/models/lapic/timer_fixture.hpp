// SPDX-License-Identifier: Apache-2.0
// An enabled local APIC, its two clocks, and the instants at which its timers raise interrupts.
#pragma once
#include <vector>

#include "tests/models/lapic/fixture.hpp"

namespace hldsim::test {

struct TimerFixture : LapicFixture {
    TimerFixture() { enable(); }
    explicit TimerFixture(const LapicProfile& profile) : LapicFixture{profile} { enable(); }

    /// An instant strictly between crystal edges k and k+1.
    Instant after_edge(std::uint64_t k) const { return crystal.edge({k}) + 1_ns; }
    Instant edge(std::uint64_t k) const { return crystal.edge({k}); }
    std::uint32_t count() { return get(lapic::CURRENT_COUNT); }
    unsigned interrupts() {
        const auto n = static_cast<unsigned>(raised.size());
        return n;
    }
    void watch() {
        lapic->vector_accepted.subscribe([this](const auto& e) { raised.push_back(e.at - ACCEPT); });
    }

    ClockDomain crystal = ClockDomain::of_frequency(CRYSTAL);
    ClockDomain tsc = ClockDomain::of_frequency(TSC);
    std::vector<Instant> raised;  // instants at which the timer raised its interrupt
};

}  // namespace hldsim::test
