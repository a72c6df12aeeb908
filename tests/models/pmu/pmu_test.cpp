// SPDX-License-Identifier: Apache-2.0
// The fixed counters and what controls them: SDM vol. 3B, 18.2.2.
#include "tests/models/pmu/fixture.hpp"

namespace hldsim::test {

TEST_CASE_METHOD(PmuFixture, "an overflow leaves 0, sets the counter's own status bit and interrupts", "[pmu]") {
    const unsigned n = GENERATE(0U, 1U, 2U);
    start(n);
    put(FIXED_CTR0 + n, 0xffff'ffff'fff0);
    pmu.overflow(n);
    CHECK(get(FIXED_CTR0 + n) == 0);
    CHECK(get(GLOBAL_STATUS) == OF_COUNTER_0 << n);
    CHECK(interrupts == 1);
    CHECK(diagnoses.empty());
}

TEST_CASE_METHOD(PmuFixture, "each overflow interrupts, though the status bit is still set", "[pmu]") {
    start(0);
    pmu.overflow(0);
    pmu.overflow(0);
    CHECK(interrupts == 2);
    CHECK(get(GLOBAL_STATUS) == OF_COUNTER_0);
}

TEST_CASE_METHOD(PmuFixture, "without its PMI bit a counter overflows and does not interrupt", "[pmu]") {
    start(0);
    put(FIXED_CTR_CTRL, 1);
    pmu.overflow(0);
    CHECK(get(GLOBAL_STATUS) == OF_COUNTER_0);
    CHECK(interrupts == 0);
}

TEST_CASE_METHOD(PmuFixture, "a counter that one of its two enables holds off does not overflow, and is diagnosed",
                 "[pmu]") {
    start(1);
    const std::uint32_t off = GENERATE(FIXED_CTR_CTRL, GLOBAL_CTRL);
    put(off, off == FIXED_CTR_CTRL ? 8U << 4U : OF_COUNTER_0);  // PMI1 alone; another counter's
    put(FIXED_CTR0 + 1, 7);
    pmu.overflow(1);
    CHECK(get(FIXED_CTR0 + 1) == 7);
    CHECK(get(GLOBAL_STATUS) == 0);
    CHECK(interrupts == 0);
    CHECK(diagnoses == std::vector<std::string>{"a counter that is off overflows: no effect"});
}

TEST_CASE_METHOD(PmuFixture, "a status bit is cleared by a 1 in the overflow control, and by nothing else", "[pmu]") {
    put(FIXED_CTR_CTRL, 0xbbb);
    put(GLOBAL_CTRL, 7ULL << 32);
    pmu.overflow(0);
    pmu.overflow(2);
    put(GLOBAL_OVF_CTRL, OF_COUNTER_0 << 1);
    CHECK(get(GLOBAL_STATUS) == 5ULL << 32);
    put(GLOBAL_OVF_CTRL, OF_COUNTER_0);
    CHECK(get(GLOBAL_STATUS) == 4ULL << 32);
    put(GLOBAL_CTRL, 0);
    CHECK(get(GLOBAL_STATUS) == 4ULL << 32);
    CHECK(get(GLOBAL_OVF_CTRL) == 0);
}

TEST_CASE_METHOD(PmuFixture, "a write of the status, or of a reserved bit, faults and writes nothing", "[pmu]") {
    struct Row {
        std::uint32_t msr;
        std::uint64_t value;
    };
    const Row row = GENERATE(Row{GLOBAL_STATUS, 0}, Row{GLOBAL_STATUS, OF_COUNTER_0}, Row{FIXED_CTR0, 1ULL << 48},
                             Row{FIXED_CTR_CTRL, 4}, Row{FIXED_CTR_CTRL, 1U << 12U}, Row{GLOBAL_CTRL, 1},
                             Row{GLOBAL_CTRL, 1ULL << 35}, Row{GLOBAL_OVF_CTRL, 1}, Row{GLOBAL_OVF_CTRL, 1ULL << 61});
    const std::string before = pmu.dump();
    CHECK_FALSE(pmu.wrmsr(row.msr, row.value));
    CHECK(pmu.dump() == before);
}

TEST_CASE_METHOD(PmuFixture, "an MSR that is not here faults", "[pmu]") {
    const std::uint32_t msr = GENERATE(0U, 0xc1U, 0x186U, FIXED_CTR0 - 1, FIXED_CTR2 + 1, FIXED_CTR_CTRL - 1,
                                       GLOBAL_OVF_CTRL + 1, 0xffff'ffffU, 0x309U + 0x2000'0000U);
    std::uint64_t value = 5;
    CHECK_FALSE(pmu.rdmsr(msr, value));
    CHECK(value == 5);
    CHECK_FALSE(pmu.wrmsr(msr, 0));
}

TEST_CASE_METHOD(PmuFixture, "a reset leaves nothing of a counter", "[pmu][reset]") {
    const std::string fresh = pmu.dump();
    start(2);
    put(FIXED_CTR2, 3);
    pmu.overflow(2);
    put(FIXED_CTR2, 3);
    CHECK(pmu.dump() != fresh);
    pmu.reset_enter();
    pmu.reset_hold();
    pmu.reset_exit();
    CHECK(pmu.dump() == fresh);
}

}  // namespace hldsim::test
