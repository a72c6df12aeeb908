// SPDX-License-Identifier: Apache-2.0
// Two of the fixed counters count cycles while their CPU does not sleep: SDM vol. 3B, 18.2.2 and 18.2.3.
#include "tests/models/pmu/fixture.hpp"

namespace hldsim::test {

TEST_CASE_METHOD(PmuFixture, "counter 1 counts core cycles, counter 2 those of the TSC, counter 0 nothing", "[pmu]") {
    put(FIXED_CTR_CTRL, 0x111);
    put(GLOBAL_CTRL, 7 * OF_COUNTER_0);
    run(1_us);
    CHECK(count(0) == 0);
    CHECK(count(1) == 4000);
    CHECK(count(2) == 2500);
}

TEST_CASE_METHOD(PmuFixture, "an edge counts at its instant, and not 1 fs before", "[pmu]") {
    run(250_ps - 1_fs);
    start(1);
    CHECK(count(1) == 0);
    run(1_fs);
    CHECK(count(1) == 1);
    run(250_ps - 1_fs);
    CHECK(count(1) == 1);
    run(1_fs);
    CHECK(count(1) == 2);
}

TEST_CASE_METHOD(PmuFixture, "an edge at which a counter begins is not counted, one at which it stops is", "[pmu]") {
    run(250_ps);
    start(1);
    run(500_ps);
    put(GLOBAL_CTRL, 0);
    run(1_us);
    CHECK(count(1) == 2);
}

TEST_CASE_METHOD(PmuFixture, "a counter overflows at the edge behind its last value", "[pmu][LAPIC-41]") {
    const unsigned n = GENERATE(1U, 2U);
    const Duration period = n == 1 ? 250_ps : 400_ps;
    start(n);
    put(FIXED_CTR0 + n, END - 100);
    run(period * 100 - 1_fs);
    CHECK(count(n) == END - 1);
    CHECK(get(GLOBAL_STATUS) == 0);
    CHECK(interrupts == 0);
    run(1_fs);
    CHECK(count(n) == 0);
    CHECK(get(GLOBAL_STATUS) == OF_COUNTER_0 << n);
    CHECK(interrupts == 1);
    CHECK(interrupted == Instant{} + period * 100);
}

TEST_CASE_METHOD(PmuFixture, "behind an overflow the counter counts on from 0", "[pmu]") {
    start(1);
    put(FIXED_CTR0 + 1, END - 1);
    run(1_us);
    CHECK(count(1) == 3999);
    CHECK(interrupts == 1);
}

TEST_CASE_METHOD(PmuFixture, "without its PMI bit a counter of cycles overflows in silence", "[pmu]") {
    start(1);
    put(FIXED_CTR_CTRL, 0x10);
    put(FIXED_CTR0 + 1, END - 1);
    run(1_ns);
    CHECK(get(GLOBAL_STATUS) == OF_COUNTER_0 << 1);
    CHECK(interrupts == 0);
}

TEST_CASE_METHOD(PmuFixture, "a counter stands still while one of its enables is off, and goes on", "[pmu]") {
    const std::uint32_t off = GENERATE(FIXED_CTR_CTRL, GLOBAL_CTRL);
    start(1);
    put(FIXED_CTR0 + 1, END - 8);
    run(1_ns);
    const std::uint64_t before = get(off);
    put(off, 0);
    run(1_us);
    CHECK(count(1) == END - 4);
    CHECK(interrupts == 0);
    put(off, before);
    run(1_ns - 1_fs);
    CHECK(interrupts == 0);
    run(1_fs);
    CHECK(interrupts == 1);
}

TEST_CASE_METHOD(PmuFixture, "a counter for user mode alone stands still, one for both does not", "[pmu]") {
    const unsigned rings = GENERATE(2U, 3U);
    start(2);
    put(FIXED_CTR_CTRL, rings << 8U);
    run(1_us);
    CHECK(count(2) == (rings == 3 ? 2500 : 0));
}

TEST_CASE_METHOD(PmuFixture, "no cycle of a CPU that sleeps is counted, and none overflows", "[pmu]") {
    start(1);
    put(FIXED_CTR0 + 1, END - 8);
    run(1_ns);
    pmu.asleep(true);
    run(1_s);
    CHECK(count(1) == END - 4);
    CHECK(interrupts == 0);
    pmu.asleep(false);
    run(1_ns);
    CHECK(count(1) == 0);
    CHECK(interrupts == 1);
}

TEST_CASE_METHOD(PmuFixture, "who asks whether cycles are counted hears of counters 1 and 2 alone", "[pmu]") {
    CHECK_FALSE(pmu.count_cycles());
    start(0);
    CHECK_FALSE(pmu.count_cycles());
    start(GENERATE(1U, 2U));
    CHECK(pmu.count_cycles());
    put(GLOBAL_CTRL, 0);
    CHECK_FALSE(pmu.count_cycles());
}

TEST_CASE_METHOD(PmuFixture, "a write begins a new count, and forgets the end of the old one", "[pmu]") {
    start(1);
    put(FIXED_CTR0 + 1, END - 4);
    put(FIXED_CTR0 + 1, END - 8);
    run(1_ns);
    CHECK(interrupts == 0);
    CHECK(count(1) == END - 4);
    put(FIXED_CTR0 + 1, 5);
    run(1_s);
    CHECK(interrupts == 0);
    CHECK(count(1) == 5 + 4'000'000'000);
}

TEST_CASE_METHOD(PmuFixture, "the first counter that is on is what an overflow from outside takes", "[pmu]") {
    CHECK(pmu.first_on() == 0);
    start(2);
    CHECK(pmu.first_on() == 2);
    put(FIXED_CTR_CTRL, 0xbb0);
    put(GLOBAL_CTRL, 6 * OF_COUNTER_0);
    CHECK(pmu.first_on() == 1);
    run(1_us);
    pmu.overflow(1);
    CHECK(count(1) == 0);
    CHECK(count(2) == 2500);
    run(1_ns);
    CHECK(count(1) == 4);
}

TEST_CASE_METHOD(PmuFixture, "a reset stops the counters of cycles", "[pmu][reset]") {
    const std::string fresh = pmu.dump();
    start(1);
    put(FIXED_CTR0 + 1, END - 8);
    pmu.asleep(true);
    pmu.reset_enter();
    pmu.reset_hold();
    pmu.reset_exit();
    run(1_s);
    CHECK(interrupts == 0);
    CHECK(pmu.dump() == fresh);
    start(1);
    run(1_ns);
    CHECK(count(1) == 4);  // awake
}

TEST_CASE_METHOD(PmuFixture, "after an hour a count of cycles is exact", "[pmu]") {
    timeline.following(false);
    start(1);
    run(3600_s);
    CHECK(count(1) == 3600 * 4'000'000'000ULL);
}

}  // namespace hldsim::test
