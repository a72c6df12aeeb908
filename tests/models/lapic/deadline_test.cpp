// SPDX-License-Identifier: Apache-2.0
// TSC-deadline, power, and the counterfactual second timer: LAPIC-1 and LAPIC-34 to LAPIC-40.
#include "tests/models/lapic/timer_fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

TimeStamp ahead(std::int64_t counts) {
    TimeStamp tsc;
    tsc.move(static_cast<std::uint64_t>(counts));
    return tsc;
}

}  // namespace

// ---- TSC-deadline

TEST_CASE_METHOD(TimerFixture, "the deadline is reached on the TSC's edge, not one femtosecond before, once",
                 "[lapic][LAPIC-34]") {
    watch();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 3001);
    const Instant due = tsc.edge({3001});
    to(Instant{due.fs - 1});
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == 3001);
    to(due);
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == 0);
    to(due + 1_ms);
    CHECK(raised == std::vector{due});
}

TEST_CASE_METHOD(TimerFixture, "a deadline that is past is reached at once, one event an arming", "[lapic][LAPIC-34]") {
    watch();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    to(Instant{} + 1_us);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 1);
    to(Instant{} + 1_ms);
    CHECK(raised == std::vector{Instant{} + 1_us});
}

TEST_CASE_METHOD(TimerFixture, "in TSC-deadline mode the counts read 0 and writes are ignored; in others the MSR is",
                 "[lapic][LAPIC-34]") {
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    put(lapic::INITIAL_COUNT, 100);
    CHECK(get(lapic::INITIAL_COUNT) == 0);
    CHECK(count() == 0);
    put(lapic::LVT_TIMER, 0x40);
    CHECK(lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 5));
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == 0);
}

TEST_CASE_METHOD(TimerFixture, "writing 0 disarms, writing later postpones, a moved TSC moves the compare",
                 "[lapic][LAPIC-34]") {
    watch();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 3000);
    SECTION("disarm") {
        lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 0);
        to(Instant{} + 1_ms);
        CHECK(interrupts() == 0);
    }
    SECTION("postpone") {
        lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 6000);
        to(Instant{} + 1_ms);
        CHECK(raised == std::vector{tsc.edge({6000})});
    }
    SECTION("TSC ahead") {
        lapic->time_stamp_changed(ahead(1000));
        to(Instant{} + 1_ms);
        CHECK(raised == std::vector{tsc.edge({2000})});
    }
    SECTION("TSC behind") {
        to(tsc.edge({2000}));
        lapic->time_stamp_changed(ahead(-1000));
        to(Instant{} + 1_ms);
        CHECK(raised == std::vector{tsc.edge({4000})});
    }
    SECTION("TSC beyond the deadline: at once") {
        to(Instant{} + 10_ns);
        lapic->time_stamp_changed(ahead(1'000'000));
        to(Instant{} + 1_ms);
        CHECK(raised == std::vector{Instant{} + 10_ns});
    }
}

TEST_CASE_METHOD(TimerFixture, "a deadline beyond all time is never reached", "[lapic][LAPIC-34]") {
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->time_stamp_changed(ahead(GENERATE(0, 5)));
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, ~std::uint64_t{0});
    to(Instant{} + 1_s);
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == ~std::uint64_t{0});
}

TEST_CASE_METHOD(TimerFixture, "the TSC wraps at 2^64: the last count is reached, those behind it are small",
                 "[lapic][LAPIC-34]") {
    watch();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->time_stamp_changed(ahead(-3000));
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, ~std::uint64_t{0});
    to(tsc.edge({3000}));
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 2);
    to(Instant{} + 1_ms);
    CHECK(raised == std::vector{tsc.edge({2999}), tsc.edge({3002})});
}

TEST_CASE_METHOD(TimerFixture, "a TSC that stands still reaches no deadline above it, and one at or below it at once",
                 "[lapic][LAPIC-34]") {
    watch();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    const std::uint64_t deadline = GENERATE(499U, 500U, 501U);
    to(tsc.edge({500}));
    TimeStamp stopped;
    stopped.stop(500);
    lapic->time_stamp_changed(stopped);
    to(tsc.edge({600}));
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, deadline);
    to(Instant{} + 1_ms);
    CHECK(raised == (deadline <= 500 ? std::vector{tsc.edge({600})} : std::vector<Instant>{}));
}

TEST_CASE_METHOD(TimerFixture, "the deadline written before the mode is selected is ignored", "[lapic][LAPIC-35]") {
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 3000);
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    to(Instant{} + 1_ms);
    CHECK_FALSE(cpu.requested);
    CHECK(diagnosed == std::vector{regs::Diagnosis::Kind::Misuse});
}

TEST_CASE_METHOD(TimerFixture, "without TSC-deadline in CPUID its mode bit is reserved and its MSR faults",
                 "[lapic][LAPIC-32]") {
    LapicProfile profile;
    profile.tsc_deadline = false;
    make(profile);
    enable();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    CHECK(get(lapic::LVT_TIMER) == 0x40);
    CHECK_FALSE(lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 3000));
}

// ---- power, faults

TEST_CASE_METHOD(TimerFixture, "in a deep C-state the timer stands still unless it is always running",
                 "[lapic][LAPIC-36]") {
    LapicProfile profile;
    profile.always_running_timer = GENERATE(true, false);
    make(profile);
    enable();
    watch();
    put(lapic::DIVIDE, 0x0);  // by 2
    const bool deadline = GENERATE(true, false);
    put(lapic::LVT_TIMER, (deadline ? DEADLINE_MODE : 0) | 0x40);
    if (deadline) {
        lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 3000);
    } else {
        put(lapic::INITIAL_COUNT, 10);
    }
    to(after_edge(5));
    lapic->core_sleeps_deeply(true);
    to(after_edge(105));
    if (!profile.always_running_timer && !deadline) {
        CHECK(count() == 8);
    }
    lapic->core_sleeps_deeply(false);
    to(Instant{} + 1_ms);
    REQUIRE(interrupts() == 1);
    if (profile.always_running_timer) {
        CHECK(raised[0] == (deadline ? tsc.edge({3000}) : edge(20)));
    } else {
        CHECK(raised[0] == (deadline ? after_edge(105) : edge(120)));
    }
}

TEST_CASE_METHOD(TimerFixture, "fault: a masked timer that is still armed fires; one with count 0 cannot",
                 "[lapic][LAPIC-37][fault][WI-28]") {
    watch();
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 10);
    lapic->fire_after_mask(true);
    put(lapic::LVT_TIMER, MASKED | 0x40);
    SECTION("masked alone") {
        to(Instant{} + 1_ms);
        CHECK(interrupts() == 1);
    }
    SECTION("masked and stopped") {
        put(lapic::INITIAL_COUNT, 0);
        to(Instant{} + 1_ms);
        CHECK(interrupts() == 0);
    }
}

TEST_CASE("the fault is a knob, too, and there from power-on", "[lapic][LAPIC-37][fault]") {
    LapicProfile profile;
    profile.fire_after_mask = GENERATE(false, true);
    TimerFixture f{profile};
    f.watch();
    f.put(lapic::LVT_TIMER, 0x40);
    f.put(lapic::INITIAL_COUNT, 10);
    f.put(lapic::LVT_TIMER, MASKED | 0x40);
    f.to(Instant{} + 1_ms);
    CHECK(f.interrupts() == (profile.fire_after_mask ? 1 : 0));
}

// ---- no NMI, and the machine that has it

TEST_CASE_METHOD(TimerFixture, "WI-42: the timer cannot send an NMI: its entry has no delivery mode",
                 "[lapic][LAPIC-1][WI-42]") {
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, NMI_MODE | 0x40);
    CHECK(get(lapic::LVT_TIMER) == 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(Instant{} + 1_ms);
    CHECK(cpu.nmis.empty());
    CHECK(acknowledge() == 0x40);
}

namespace {

struct DualFixture : TimerFixture {
    static LapicProfile dual() {
        LapicProfile profile;
        profile.dual_timer = {true, true, true};
        return profile;
    }
    DualFixture() : TimerFixture{dual()} {
        put(lapic::DIVIDE, DIVIDE_BY_1);
        put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    }
};

}  // namespace

TEST_CASE_METHOD(DualFixture, "counterfactual: the count-down runs beside TSC-deadline", "[lapic][LAPIC-38]") {
    watch();
    put(lapic::LVT_TIMER2, PERIODIC | 0x50);
    put(lapic::INITIAL_COUNT, 10);
    CHECK(get(lapic::INITIAL_COUNT) == 10);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 1000);
    to(edge(25));
    CHECK(raised == std::vector{tsc.edge({1000}), edge(10), edge(20)});
    CHECK(in_irr(0x40));
    CHECK(in_irr(0x50));
}

TEST_CASE_METHOD(DualFixture, "counterfactual: timer 2 sends NMIs, on its edge and lapic.accept", "[lapic][LAPIC-39]") {
    put(lapic::LVT_TIMER2, NMI_MODE);
    put(lapic::INITIAL_COUNT, 10);
    to(edge(10) + ACCEPT);
    REQUIRE(cpu.nmis.size() == 1);
    CHECK(cpu.nmis[0].at == edge(10) + ACCEPT);
}

TEST_CASE_METHOD(DualFixture, "counterfactual: FIRED tells that timer 2 fired, and writing 1 clears it",
                 "[lapic][LAPIC-40]") {
    constexpr std::uint32_t FIRED = 1U << 14;
    put(lapic::LVT_TIMER2, NMI_MODE);
    put(lapic::INITIAL_COUNT, 10);
    to(Instant{edge(10).fs - 1});
    CHECK((get(lapic::LVT_TIMER2) & FIRED) == 0);
    to(edge(10));
    CHECK((get(lapic::LVT_TIMER2) & FIRED) != 0);
    put(lapic::LVT_TIMER2, NMI_MODE);
    CHECK((get(lapic::LVT_TIMER2) & FIRED) != 0);
    put(lapic::LVT_TIMER2, NMI_MODE | FIRED);
    CHECK((get(lapic::LVT_TIMER2) & FIRED) == 0);
}

TEST_CASE_METHOD(TimerFixture, "each switch of the counterfactual stands for itself",
                 "[lapic][LAPIC-38][LAPIC-39][LAPIC-40]") {
    LapicProfile profile;
    profile.dual_timer.independent_count = true;
    make(profile);
    enable();
    put(lapic::LVT_TIMER2, NMI_MODE | 1U << 14 | 0x50);
    CHECK(get(lapic::LVT_TIMER2) == 0x50);
}

TEST_CASE_METHOD(DualFixture, "counterfactual: timer 2 is one-shot or periodic, with no deadline of its own",
                 "[lapic][LAPIC-38]") {
    put(lapic::LVT_TIMER2, DEADLINE_MODE | 0x50);
    CHECK(get(lapic::LVT_TIMER2) == 0x50);
}

TEST_CASE_METHOD(DualFixture, "counterfactual: timer 2 sends no SMI", "[lapic][LAPIC-39]") {
    put(lapic::LVT_TIMER2, 2U << 8);
    put(lapic::INITIAL_COUNT, 10);
    to(edge(10) + ACCEPT);
    CHECK(cpu.smis.empty());
    CHECK(discarded == std::vector{lapic::DiscardReason::IllegalMode});
}
