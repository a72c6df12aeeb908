// SPDX-License-Identifier: Apache-2.0
// What an HPET costs: event-driven (ours), clocked by an sc_clock, and the plain loop of tests/reference.
//
// The counter ticks_per_s is HPET ticks of simulated time a second of host time, with one timer of a 10,000-tick
// period.
#include <benchmark/benchmark.h>

#include <systemc>

#include "models/hpet/hpet.hpp"
#include "models/sim/sc_time.hpp"
#include "models/sim/session.hpp"
#include "tests/reference/ticking_hpet.hpp"

namespace {

using namespace hldsim;

constexpr std::uint64_t PERIOD_TICKS = 10'000;

struct Sink final : MessagePort, InterruptPins {
    void post(const MessageWrite& /*message*/) override { ++messages; }
    void drive(unsigned /*input*/, bool /*active*/, Token /*token*/) override {}
    std::uint64_t messages = 0;
};

struct Bench {
    Bench() {
        hpet.write(0x110, Size::B8, 0xfee0'1000'0000'0400);
        hpet.write(0x100, Size::B4, 0x404c);
        hpet.write(0x108, Size::B8, PERIOD_TICKS);
        timeline.run_until(Instant{1});
        hpet.write(0x10, Size::B4, 1);
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Sink sink;
    TokenCounter tokens;
    DefaultChoice choices;
    HpetProfile profile = HpetProfile::pch_100();
    Hpet hpet{"hpet", timeline, profile, sink, sink, tokens, choices};
};

void BM_HpetRead(benchmark::State& state) {
    Bench bench;
    bench.timeline.run_until(Instant{123'456'789});
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(bench.hpet.read(0xf0, Size::B4));
    }
}
BENCHMARK(BM_HpetRead);

/// The write that moves the target: TIM0_PROCMSG_ROUT, upper half.
void BM_HpetRotate(benchmark::State& state) {
    Bench bench;
    std::uint64_t address = 0xfee0'1000;
    for ([[maybe_unused]] auto _ : state) {
        address ^= 0x3000;
        bench.hpet.write(0x114, Size::B4, address);
    }
}
BENCHMARK(BM_HpetRotate);

/// One match with its message, all in: alarm, accumulator, token, posting. One step more of SystemC's time each.
void BM_HpetMatch(benchmark::State& state) {
    Bench bench;
    bench.timeline.following(state.range(0) != 0);
    Instant now = bench.timeline.now();
    const Duration span = bench.profile.period * static_cast<std::int64_t>(100 * PERIOD_TICKS);
    for ([[maybe_unused]] auto _ : state) {
        now = now + span;
        if (now > Instant{9'000 * FS_PER_S}) {
            state.SkipWithError("out of simulated time");
            break;
        }
        bench.timeline.run_until(now);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(bench.sink.messages));
    state.counters["ticks_per_s"] =
        benchmark::Counter(static_cast<double>(bench.sink.messages * PERIOD_TICKS), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_HpetMatch)->ArgName("following")->Arg(1)->Arg(0)->Iterations(2000);

/// The obvious SystemC model: a process on each edge of an sc_clock.
class ClockedHpet final : public sc_core::sc_module {
public:
    sc_core::sc_in<bool> clock{"clock"};

    explicit ClockedHpet(sc_core::sc_module_name name) : sc_module{name} {
        SC_HAS_PROCESS(ClockedHpet);
        SC_METHOD(tick);
        sensitive << clock.pos();
        dont_initialize();
    }
    std::uint64_t matches = 0;

private:
    void tick() {
        if (++main_counter_ == comparator_) {
            comparator_ += PERIOD_TICKS;
            ++matches;
        }
    }
    std::uint64_t main_counter_ = 0;
    std::uint64_t comparator_ = PERIOD_TICKS;
};

void BM_ClockedHpet(benchmark::State& state) {
    const sim::Session session;
    const sc_core::sc_time period = sim::to_sc_time(Duration{41'666'668});
    sc_core::sc_clock clock{"clock", period};
    ClockedHpet hpet{"hpet"};
    hpet.clock(clock);
    constexpr std::int64_t TICKS = 10'000;
    for ([[maybe_unused]] auto _ : state) {
        sc_core::sc_start(sim::to_sc_time(Duration{41'666'668 * TICKS}));
    }
    benchmark::DoNotOptimize(hpet.matches);
    state.counters["ticks_per_s"] =
        benchmark::Counter(static_cast<double>(state.iterations() * TICKS), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_ClockedHpet)->Unit(benchmark::kMicrosecond);

void BM_TickingReference(benchmark::State& state) {
    reference::Options options;
    options.timers.resize(8);
    reference::TickingHpet hpet{options};
    hpet.write(0, 0x110, 8, 0xfee0'1000'0000'0400);
    hpet.write(0, 0x100, 4, 0x404c);
    hpet.write(0, 0x108, 8, PERIOD_TICKS);
    hpet.write(0, 0x10, 4, 1);
    constexpr std::int64_t TICKS = 10'000;
    for ([[maybe_unused]] auto _ : state) {
        for (std::int64_t k = 0; k < TICKS; ++k) {
            hpet.edge();
        }
        hpet.messages.clear();
    }
    state.counters["ticks_per_s"] =
        benchmark::Counter(static_cast<double>(state.iterations() * TICKS), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_TickingReference)->Unit(benchmark::kMicrosecond);

}  // namespace
