// SPDX-License-Identifier: Apache-2.0
// The counters of one CPU, and what its local APIC hears.
#pragma once
#include <string>
#include <vector>

#include "models/pmu/pmu.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

constexpr std::uint32_t FIXED_CTR0 = 0x309, FIXED_CTR2 = 0x30b, FIXED_CTR_CTRL = 0x38d, GLOBAL_STATUS = 0x38e,
                        GLOBAL_CTRL = 0x38f, GLOBAL_OVF_CTRL = 0x390;
constexpr std::uint64_t OF_COUNTER_0 = 1ULL << 32;
constexpr std::uint64_t END = 1ULL << 48;
constexpr Hertz CORE{4'000'000'000};  // 250 ps
constexpr Hertz TSC{2'500'000'000};   // 400 ps

struct PmuFixture : LocalInterrupts {
    PmuFixture() {
        pmu.diagnosis.subscribe([this](const regs::Diagnosis& d) { diagnoses.emplace_back(d.what); });
    }
    void performance_counter_overflowed() override {
        ++interrupts;
        interrupted = timeline.now();
    }

    std::uint64_t get(std::uint32_t msr) {
        std::uint64_t value = ~0ULL;
        CHECK(pmu.rdmsr(msr, value));
        return value;
    }
    void put(std::uint32_t msr, std::uint64_t value) { CHECK(pmu.wrmsr(msr, value)); }
    std::uint64_t count(unsigned n) { return get(FIXED_CTR0 + n); }
    /// Counter n, and no other, counts in ring 0 and interrupts.
    void start(unsigned n) {
        put(FIXED_CTR_CTRL, 9ULL << 4 * n);
        put(GLOBAL_CTRL, OF_COUNTER_0 << n);
    }
    void run(Duration span) { timeline.run_until(timeline.now() + span); }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing{CORE, TSC, Hertz{24'000'000}, Duration{69'841'279}};
    unsigned interrupts = 0;
    Instant interrupted;
    std::vector<std::string> diagnoses;
    Pmu pmu{timeline, timing, *this};
};

}  // namespace hldsim::test
