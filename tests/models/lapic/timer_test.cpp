// SPDX-License-Identifier: Apache-2.0
// The count-down, to the edge: section 2.7, LAPIC-29 to LAPIC-33.
#include "tests/models/lapic/timer_fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(TimerFixture,
                 "one-shot: n counts of divider D end n*D edges after the write, not one femtosecond before",
                 "[lapic][LAPIC-29][LAPIC-30]") {
    struct Row {
        std::uint32_t code;
        std::uint64_t divider;
    };
    const Row row = GENERATE(Row{0x0, 2}, Row{0x1, 4}, Row{0x2, 8}, Row{0x3, 16}, Row{0x8, 32}, Row{0x9, 64},
                             Row{0xa, 128}, Row{0xb, 1});
    watch();
    put(lapic::DIVIDE, row.code);
    CHECK(get(lapic::DIVIDE) == row.code);
    put(lapic::LVT_TIMER, 0x40);
    to(after_edge(10));
    put(lapic::INITIAL_COUNT, 5);
    const Instant end = edge(10 + 5 * row.divider);
    to(Instant{end.fs - 1});
    CHECK(count() == 1);
    CHECK(interrupts() == 0);
    to(end);
    CHECK(count() == 0);
    to(end + ACCEPT);
    REQUIRE(interrupts() == 1);
    CHECK(raised[0] == end);
    to(end + 1_ms);
    CHECK(interrupts() == 1);
    CHECK(count() == 0);
    CHECK(get(lapic::INITIAL_COUNT) == 5);
}

TEST_CASE_METHOD(TimerFixture, "the count falls on the divider's edges", "[lapic][LAPIC-29]") {
    put(lapic::DIVIDE, 0x1);  // by 4
    to(edge(100));
    put(lapic::INITIAL_COUNT, 1000);
    CHECK(count() == 1000);
    to(Instant{edge(104).fs - 1});
    CHECK(count() == 1000);
    to(edge(104));
    CHECK(count() == 999);
    to(edge(100 + 4 * 999));
    CHECK(count() == 1);
}

TEST_CASE_METHOD(TimerFixture, "the timer's clock may be another than the crystal", "[lapic][LAPIC-29]") {
    LapicProfile profile;
    profile.timer_clock = Hertz{100'000'000};
    make(profile);
    enable();
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 3);
    to(Instant{} + 1_us);
    CHECK(raised == std::vector{Instant{} + 30_ns});
}

TEST_CASE_METHOD(TimerFixture, "after an hour the timer is still on the exact edge", "[lapic][LAPIC-29]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, 0x40);
    to(edge(3'600ULL * 24'000'000 + 1));
    put(lapic::INITIAL_COUNT, 7);
    by(1_us);
    CHECK(raised == std::vector{edge(3'600ULL * 24'000'000 + 8)});
}

TEST_CASE_METHOD(TimerFixture, "periodic: the count is reloaded at 0 and never reads 0", "[lapic][LAPIC-30]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, PERIODIC | 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(Instant{edge(10).fs - 1});
    CHECK(count() == 1);
    to(edge(10));
    CHECK(count() == 10);
    to(edge(11));
    CHECK(count() == 9);
    to(edge(35));
    CHECK(raised == std::vector{edge(10), edge(20), edge(30)});
    SECTION("an initial count of 0 stops it") {
        put(lapic::INITIAL_COUNT, 0);
        to(edge(100));
        CHECK(interrupts() == 3);
        CHECK(count() == 0);
    }
}

TEST_CASE_METHOD(TimerFixture, "writing the initial count again restarts", "[lapic][LAPIC-31]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(after_edge(7));
    put(lapic::INITIAL_COUNT, 10);
    to(edge(50));
    CHECK(raised == std::vector{edge(17)});
}

TEST_CASE_METHOD(TimerFixture, "another divider does not start a count that has ended", "[lapic][LAPIC-31]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(edge(10));
    CHECK(count() == 0);
    put(lapic::DIVIDE, 0x9);  // by 64
    CHECK(count() == 0);
    to(edge(2000));
    CHECK(raised == std::vector{edge(10)});
}

TEST_CASE_METHOD(TimerFixture, "lapic.divide_change at-once: the count under way begins anew with the new divider",
                 "[lapic][LAPIC-31]") {
    LapicProfile profile;
    profile.divide_change = DivideChange::AtOnce;
    make(profile);
    enable();
    put(lapic::DIVIDE, 0x1);  // by 4
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(after_edge(6));        // one count of 4 is over, and a half
    put(lapic::DIVIDE, 0x0);  // by 2
    CHECK(count() == 9);
    to(Instant{edge(8).fs - 1});
    CHECK(count() == 9);
    to(edge(8));
    CHECK(count() == 8);
    to(edge(10));
    CHECK(count() == 7);
}

TEST_CASE_METHOD(TimerFixture,
                 "a divider changed while running takes effect at the next edge of the old one, diagnosed",
                 "[lapic][LAPIC-31]") {
    watch();
    put(lapic::DIVIDE, 0x1);  // by 4
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(after_edge(5));  // one count of 4 is over, in the second
    CHECK(count() == 9);
    diagnosed.clear();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    CHECK(diagnosed == std::vector{regs::Diagnosis::Kind::Misuse});
    to(Instant{edge(8).fs - 1});
    CHECK(count() == 9);
    to(edge(8));
    CHECK(count() == 8);
    to(edge(9));
    CHECK(count() == 7);
    to(edge(40));
    CHECK(raised == std::vector{edge(16)});
}

TEST_CASE_METHOD(TimerFixture, "one-shot to periodic and back: the running count goes on, an ended one stays 0",
                 "[lapic][LAPIC-32]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(after_edge(4));
    put(lapic::LVT_TIMER, PERIODIC | 0x40);
    CHECK(count() == 6);
    to(after_edge(13));
    CHECK(raised == std::vector{edge(10)});
    CHECK(count() == 7);
    put(lapic::LVT_TIMER, 0x40);
    CHECK(count() == 7);
    to(edge(60));
    CHECK(raised == std::vector{edge(10), edge(20)});
    put(lapic::LVT_TIMER, PERIODIC | 0x40);
    to(edge(100));
    CHECK(count() == 0);
    CHECK(interrupts() == 2);
    CHECK(get(lapic::INITIAL_COUNT) == 10);
}

TEST_CASE_METHOD(TimerFixture, "to and from TSC-deadline the timer is disarmed", "[lapic][LAPIC-32]") {
    watch();
    put(lapic::LVT_TIMER, PERIODIC | 0x40);
    put(lapic::INITIAL_COUNT, 10);
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    CHECK(count() == 0);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 1000);
    put(lapic::LVT_TIMER, PERIODIC | 0x40);
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == 0);
    CHECK(count() == 0);
    to(Instant{} + 1_ms);
    CHECK(interrupts() == 0);
}

TEST_CASE_METHOD(TimerFixture,
                 "an interrupt of the timer that is on its way in comes although the timer is then stopped",
                 "[lapic][LAPIC-34]") {
    watch();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 3000);
    to(tsc.edge({3000}));
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 0);
    by(1_us);
    CHECK(interrupts() == 1);
}

TEST_CASE_METHOD(TimerFixture, "masked, the timer counts on, the event is lost and not pending", "[lapic][LAPIC-33]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, MASKED | PERIODIC | 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(after_edge(33));
    CHECK(count() == 7);
    put(lapic::LVT_TIMER, PERIODIC | 0x40);
    to(after_edge(35));
    CHECK(interrupts() == 0);
    to(after_edge(41));
    CHECK(raised == std::vector{edge(40)});
}

TEST_CASE_METHOD(TimerFixture, "unmasked on the very edge of the event, that event is lost", "[lapic][LAPIC-33]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, MASKED | PERIODIC | 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(edge(20));
    put(lapic::LVT_TIMER, PERIODIC | 0x40);
    to(edge(32));
    CHECK(raised == std::vector{edge(30)});
}
