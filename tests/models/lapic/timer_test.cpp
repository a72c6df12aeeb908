// SPDX-License-Identifier: Apache-2.0
// The timers, to the edge: section 2.7, LAPIC-1 and LAPIC-29 to LAPIC-40.
#include "tests/models/lapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using lapic::DiscardReason;

namespace {

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

}  // namespace

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
    CHECK_FALSE(lapic->may_interrupt(true));
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
        lapic->adjust_tsc(1000);
        to(Instant{} + 1_ms);
        CHECK(raised == std::vector{tsc.edge({2000})});
    }
    SECTION("TSC behind") {
        lapic->adjust_tsc(-1000);
        to(Instant{} + 1_ms);
        CHECK(raised == std::vector{tsc.edge({4000})});
    }
    SECTION("TSC beyond the deadline: at once") {
        to(Instant{} + 10_ns);
        lapic->adjust_tsc(1'000'000);
        to(Instant{} + 1_ms);
        CHECK(raised == std::vector{Instant{} + 10_ns});
    }
}

TEST_CASE_METHOD(TimerFixture, "a deadline beyond all time is never reached", "[lapic][LAPIC-34]") {
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->adjust_tsc(GENERATE(0, -5));
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, ~std::uint64_t{0});
    to(Instant{} + 1_s);
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == ~std::uint64_t{0});
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
                 "[lapic][LAPIC-37][fault]") {
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

// ---- no NMI, and the machine that has it

TEST_CASE_METHOD(TimerFixture, "the timer cannot send an NMI: its entry has no delivery mode", "[lapic][LAPIC-1]") {
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
    CHECK(lapic->may_interrupt(false));
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
