// SPDX-License-Identifier: Apache-2.0
// The TSC of each CPU, read by RDTSC and compared with the deadline of its local APIC: one counter, whatever happens to
// it. Intel SDM volume 3B, 17.17 (TSC, IA32_TSC_ADJUST) and volume 3A, 10.5.4.1 (deadline).
#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr std::uint32_t TSC = 0x10, TSC_ADJUST = 0x3b, TSC_DEADLINE = 0x6e0, LVT_TIMER = 0x320;
constexpr std::uint32_t DEADLINE_MODE = 2U << 17;
constexpr std::uint64_t WRAP = 0;  // 2^64

struct TscMachine : MachineFixture {
    TscMachine() {
        on_interrupt = [this](unsigned n, unsigned) { apic(n, EOI, 0); };
        make();
        clock = ClockDomain::of_frequency(wanted.timing.tsc());
        for (unsigned n = 0; n < count; ++n) {
            machine().lapic(CpuNumber{n}).vector_accepted.subscribe([this](const lapic::VectorAccepted& e) {
                reached.push_back(e.at - row(Row::LapicAccept));
            });
        }
    }

    std::uint64_t rdtsc(unsigned n = 0) { return machine().cpus.rdtsc(cpu(n)); }
    /// What RDTSC reads beyond the edges of the clock.
    std::uint64_t ahead(unsigned n = 0) {
        const std::uint64_t value = rdtsc(n);
        return value - edge(n);
    }
    std::uint64_t msr(std::uint32_t number, unsigned n = 0) {
        std::uint64_t value = 0;
        REQUIRE(machine().cpus.rdmsr(cpu(n), number, value));
        return value;
    }
    void set_msr(std::uint32_t number, std::uint64_t value, unsigned n = 0) {
        REQUIRE(machine().cpus.wrmsr(cpu(n), number, value));
    }
    void select_deadline(unsigned n = 0) {
        enable_apic(n);
        apic(n, LVT_TIMER, DEADLINE_MODE | 0x40);
        machine().cpus.fence(cpu(n), Cycles{});  // else WRMSR of the deadline overtakes it: LAPIC-35
    }
    /// The edge at or before the instant to which CPU n has come.
    std::uint64_t edge(unsigned n = 0) { return edge_at(now(n)); }
    std::uint64_t edge_at(Instant t) { return clock.last_at(t)->index; }
    /// At t, from outside.
    template <class Act>
    void at(Instant t, Act act) {
        machine().at(t, act);
    }

    ClockDomain clock = ClockDomain::of_frequency({1, 1});
    std::vector<Instant> reached;  // when a deadline was
};

constexpr Instant AT_20_US = Instant{} + 20_us;
constexpr Instant AT_50_US = Instant{} + 50_us;

}  // namespace

// ---- the MSRs

TEST_CASE("RDTSC counts the edges of the TSC clock since RESET", "[machine][tsc]") {
    TscMachine f;
    std::vector<std::uint64_t> read, edges;
    f.programs[0] = [&] {
        for (const Duration pause : {0_ns, 3_us, 700_us}) {
            f.spend(0, pause);
            read.push_back(f.rdtsc());
            edges.push_back(f.edge());
        }
    };
    f.run(Instant{} + 1_ms);
    CHECK(read == edges);
    CHECK(read.size() == 3);
}

TEST_CASE("IA32_TIME_STAMP_COUNTER is written as a whole, and IA32_TSC_ADJUST moves with it", "[machine][tsc]") {
    TscMachine f;
    const std::uint64_t value = GENERATE(std::uint64_t{0}, std::uint64_t{1} << 40, ~std::uint64_t{0} - 5);
    f.programs[0] = [&] {
        CHECK(f.msr(TSC_ADJUST) == 0);
        f.set_msr(TSC, value);
        const std::uint64_t written_at = f.edge();
        CHECK(f.ahead() == value - written_at);
        const std::uint64_t by_msr = f.msr(TSC);
        CHECK(by_msr - f.edge() == value - written_at);
        CHECK(f.msr(TSC_ADJUST) == value - written_at);
    };
    f.run(Instant{} + 1_ms);
}

TEST_CASE("what is added to IA32_TSC_ADJUST is added to the TSC", "[machine][tsc]") {
    TscMachine f;
    f.programs[0] = [&] {
        f.set_msr(TSC_ADJUST, 5'000);
        CHECK(f.ahead() == 5'000);
        f.set_msr(TSC_ADJUST, 4'000);  // 1000 less, not 4000 more
        CHECK(f.ahead() == 4'000);
        f.set_msr(TSC, 0);
        f.set_msr(TSC_ADJUST, 0);
        CHECK(f.ahead() == 0);
        f.set_msr(TSC_ADJUST, WRAP - 1'000'000);
        CHECK(f.ahead() == WRAP - 1'000'000);
        CHECK(f.msr(TSC_ADJUST) == WRAP - 1'000'000);
    };
    f.run(Instant{} + 1_ms);
}

TEST_CASE("each CPU has a TSC of its own", "[machine][tsc]") {
    TscMachine f;
    std::uint64_t other = 1, behind = 0;
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.set_msr(TSC, 7);
    };
    f.programs[1] = [&] {
        f.spend(1, 100_us);
        other = f.rdtsc(1);
        behind = f.edge(1);
        CHECK(f.msr(TSC_ADJUST, 1) == 0);
    };
    f.run(Instant{} + 1_ms);
    CHECK(other == behind);
}

TEST_CASE("RESET makes TSC and IA32_TSC_ADJUST 0 and lets it count; INIT keeps both", "[machine][tsc][CPU-15]") {
    TscMachine f;
    const bool init = GENERATE(false, true);
    std::vector<std::uint64_t> ahead, adjust;
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.start_cpu(1);
        if (init) {
            f.spend(0, 100_us);
            f.start_cpu(1);
        }
    };
    f.programs[1] = [&] {
        ahead.push_back(f.ahead(1));
        adjust.push_back(f.msr(TSC_ADJUST, 1));
        f.set_msr(TSC_ADJUST, 300, 1);
    };
    f.run(Instant{} + 1_ms);
    if (!init) {
        f.machine().cpus.stop_tsc(CPU1, true);
        f.power_on();
        f.run(Instant{} + 1_ms);
    }
    CHECK(ahead == std::vector<std::uint64_t>{0, init ? 300U : 0U});
    CHECK(adjust == ahead);
}

// ---- the deadline

TEST_CASE("a deadline so many counts ahead of what RDTSC reads is reached on that edge, whatever the TSC was before",
          "[machine][tsc][LAPIC-34]") {
    TscMachine f;
    const auto [number, value] = GENERATE(std::pair{0U, std::uint64_t{0}}, std::pair{TSC, std::uint64_t{1} << 50},
                                          std::pair{TSC, std::uint64_t{3}}, std::pair{TSC, WRAP - 100'000},
                                          std::pair{TSC_ADJUST, std::uint64_t{12'345}}, std::pair{TSC_ADJUST, WRAP - 1},
                                          std::pair{TSC_ADJUST, WRAP - 1'000'000'000});
    CAPTURE(number, value);
    std::uint64_t due = 0;
    f.programs[0] = [&, number = number, value = value] {
        f.select_deadline();
        if (number != 0) {
            f.set_msr(number, value);
        }
        const std::uint64_t count = f.rdtsc();
        due = f.edge() + 20'000;
        f.set_msr(TSC_DEADLINE, count + 20'000);
    };
    f.run(Instant{} + 1_ms);
    CHECK(f.reached == std::vector{f.clock.edge({due})});
}

TEST_CASE("writing the TSC moves a deadline that is armed", "[machine][tsc][LAPIC-34]") {
    TscMachine f;
    constexpr std::uint64_t DEADLINE = 1'000'000;
    std::uint64_t tsc =
        GENERATE_COPY(std::uint64_t{0}, DEADLINE - 5'000, DEADLINE - 1, DEADLINE, DEADLINE + 1, WRAP - 50'000);
    const bool adjust = GENERATE(false, true);
    CAPTURE(tsc, adjust);
    Instant written;
    std::uint64_t edge = 0;
    f.programs[0] = [&] {
        f.select_deadline();
        f.set_msr(TSC_DEADLINE, DEADLINE);
        f.spend(0, 20_us);
        if (adjust) {
            const std::uint64_t before = f.edge();
            f.set_msr(TSC_ADJUST, tsc - before);
            tsc += f.edge() - before;  // it has counted while WRMSR was executed
        } else {
            f.set_msr(TSC, tsc);
        }
        written = f.now(0);
        edge = f.edge();
    };
    f.run(Instant{} + 1_ms);
    CHECK(f.reached == std::vector{tsc >= DEADLINE ? written : f.clock.edge({edge + (DEADLINE - tsc)})});
}

// ---- faults

TEST_CASE("a TSC that stands still reads the same and reaches no deadline; then both go on from there",
          "[machine][tsc][fault][LAPIC-34]") {
    TscMachine f;
    std::vector<std::uint64_t> read;
    std::uint64_t after = 0, after_edge = 0;
    constexpr std::uint64_t DEADLINE = 100'000;  // some 27 us
    f.programs[0] = [&] {
        f.select_deadline();
        f.set_msr(TSC_DEADLINE, DEADLINE);
        f.spend(0, 21_us);
        read.push_back(f.rdtsc());
        f.spend(0, 20_us);
        read.push_back(f.rdtsc());
        CHECK(f.msr(TSC_ADJUST) == 0);
        f.spend(0, 20_us);
        after = f.rdtsc();
        after_edge = f.edge();
    };
    f.at(AT_20_US, [&] { f.machine().cpus.stop_tsc(CPU0, true); });
    f.at(AT_50_US, [&] { f.machine().cpus.stop_tsc(CPU0, false); });
    f.run(Instant{} + 1_ms);
    const std::uint64_t stood = f.edge_at(AT_20_US);
    const std::uint64_t lost = f.edge_at(AT_50_US) - stood;
    CHECK(read == std::vector<std::uint64_t>{stood, stood});
    CHECK(after == after_edge - lost);
    CHECK(f.reached == std::vector{f.clock.edge({DEADLINE + lost})});
}

TEST_CASE("a TSC that stands still can be written, and reaches a deadline that it is written to or past",
          "[machine][tsc][fault][LAPIC-34]") {
    TscMachine f;
    constexpr std::uint64_t DEADLINE = 5'000'000;
    const std::uint64_t value = GENERATE_COPY(DEADLINE - 1, DEADLINE);
    Instant written;
    f.programs[0] = [&] {
        f.select_deadline();
        f.set_msr(TSC_DEADLINE, DEADLINE);
        f.spend(0, 30_us);
        f.set_msr(TSC, value);
        written = f.now(0);
        f.spend(0, 5_us);
        CHECK(f.rdtsc() == value);
        CHECK(f.msr(TSC_ADJUST) == value - f.edge_at(AT_20_US));
    };
    f.at(AT_20_US, [&] { f.machine().cpus.stop_tsc(CPU0, true); });
    f.run(Instant{} + 10_ms);
    CHECK(f.reached == (value == DEADLINE ? std::vector{written} : std::vector<Instant>{}));
}

TEST_CASE("a step moves RDTSC, IA32_TSC_ADJUST and the deadline by as many counts", "[machine][tsc][fault][LAPIC-34]") {
    TscMachine f;
    const std::int64_t step = GENERATE(+40'000, -40'000);
    const bool stopped = GENERATE(false, true);  // stopping twice, or going on twice, is once
    constexpr std::uint64_t DEADLINE = 200'000;  // some 54 us
    std::uint64_t ahead = 0, adjust = 0;
    f.programs[0] = [&] {
        f.select_deadline();
        f.set_msr(TSC_DEADLINE, DEADLINE);
        f.spend(0, 30_us);
        ahead = f.ahead();
        adjust = f.msr(TSC_ADJUST);
    };
    f.at(AT_20_US, [&] {
        for (const bool on : {stopped, stopped, false, false}) {
            f.machine().cpus.stop_tsc(CPU0, on);
        }
        f.machine().cpus.step_tsc(CPU0, step);
    });
    f.run(Instant{} + 1_ms);
    CHECK(static_cast<std::int64_t>(ahead) == step);
    CHECK(static_cast<std::int64_t>(adjust) == step);
    CHECK(f.reached == std::vector{f.clock.edge({DEADLINE - ahead})});
}

TEST_CASE("state copied out while a TSC stands still, or is ahead, goes on as it did", "[machine][tsc][state]") {
    TscMachine f;
    const bool stopped = GENERATE(false, true);
    f.programs[0] = [&] {
        f.select_deadline();
        f.set_msr(TSC, 1'000'000);
        f.set_msr(TSC_DEADLINE, 1'400'000);
        f.spend(0, 1_ms);
    };
    f.at(AT_20_US, [&] { f.machine().cpus.stop_tsc(CPU0, stopped); });
    f.machine().run_up_to(AT_50_US);
    StateCopy copy;
    copy.save_anew();
    copy(f.machine());
    const std::string then = f.machine().dump();
    const auto go_on = [&] {
        f.reached.clear();
        f.at(AT_50_US + 10_us, [&] { f.machine().cpus.step_tsc(CPU0, 1'000); });
        f.at(AT_50_US + 20_us, [&] { f.machine().cpus.stop_tsc(CPU0, false); });
        f.machine().run_up_to(Instant{} + 900_us);
        return std::pair{f.reached, f.machine().dump()};
    };
    const auto first = go_on();
    REQUIRE(first.first.size() == 1);
    f.machine().forget_plans();
    copy.restore_from_begin();
    copy(f.machine());
    CHECK(f.machine().dump() == then);
    CHECK(go_on() == first);
}
