// SPDX-License-Identifier: Apache-2.0
// What a run costs.
//
//   ReferenceEpisode   power-on to the seventh NMI of tests/bench/reference.c: the engine alone, a small program
//   PowerOn            what of it is the power cycle: everything reset, no step made
//   Episode            the real mini-kernel and detector: power-on, boot of all CPUs, CPU 2 down at 5 s and up at 8 s,
//                      up to the end of the seventh HPET NMI
//   FromCheckpoint     the same without the boot: begun again and again at a checkpoint just before 5 s
//   NmiMatchToHandler  from a checkpoint 1 us before a match until 20 us after it: one NMI from comparator to return
//   IdleHour           an hour with nothing armed; QuietHour: with the detector at work and nothing else
#include <benchmark/benchmark.h>

#include <algorithm>
#include <stdexcept>

#include "tests/bench/bench_rig.hpp"

namespace {

using namespace hldsim;
using namespace hldsim::literals;
using bench::BenchRig;

// Accesses and turns on a CPU's stack since the checkpoint, if there is one.
void report(benchmark::State& state, const BenchRig& rig) {
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
    state.counters["accesses"] = static_cast<double>(rig.machine->cpus.accesses() - rig.kept_accesses);
    state.counters["switches"] = static_cast<double>(rig.machine->cpus.switches() - rig.kept_switches);
}

// ---- the reference episode

void BM_ReferenceEpisode(benchmark::State& state) {
    BenchRig rig{bench::reference(), static_cast<unsigned>(state.range(0))};
    for ([[maybe_unused]] auto _ : state) {
        rig.power_on();
        rig.machine->run(Instant{} + 1_s);
    }
    if (rig.machine->cpus.ended() != cpu::End::Reset || rig.matches != BenchRig::NMIS ||
        rig.runtime->end_reason() != "done") {
        state.SkipWithError("the episode went another way");
    }
    report(state, rig);
}
BENCHMARK(BM_ReferenceEpisode)->Arg(4)->Arg(8)->Arg(64)->Arg(1024)->Unit(benchmark::kMicrosecond);

void BM_PowerOn(benchmark::State& state) {
    BenchRig rig{bench::reference(), static_cast<unsigned>(state.range(0))};
    for ([[maybe_unused]] auto _ : state) {
        rig.power_on();
    }
}
BENCHMARK(BM_PowerOn)->Arg(4)->Arg(64)->Arg(1024)->Unit(benchmark::kMicrosecond);

// ---- nothing to do

/// The boot CPU halts, the others wait for SIPI.
class Idle final : public cpu::Software {
public:
    explicit Idle(cpu::Cpus& cpus) : cpus_{cpus} {}
    void reset_vector(CpuNumber cpu) override {
        for (;;) {
            cpus_.halt(cpus_.cpu(cpu), true);
        }
    }
    void startup(CpuNumber cpu, std::uint8_t /*sipi_vector*/) override { reset_vector(cpu); }
    void interrupt(CpuNumber, std::uint8_t, const void*, bool) override {}
    void nmi(CpuNumber, const void*, bool) override {}
    bool waits_for_ever(CpuNumber) override { return false; }

private:
    cpu::Cpus& cpus_;
};

/// No timer armed, no message under way.
void BM_IdleHour(benchmark::State& state) {
    const sim::Session session;
    DefaultChoice choices;
    Machine machine{bench::profile_for(4), {}, choices};
    Idle software{machine.cpus};
    machine.cpus.load(software, {});
    for ([[maybe_unused]] auto _ : state) {
        machine.power_on();
        machine.run(Instant{} + 3600_s);
    }
    if (machine.cpus.ended() != cpu::End::Time || machine.timeline.now() != Instant{} + 3600_s) {
        state.SkipWithError("no hour has passed");
    }
}
BENCHMARK(BM_IdleHour)->Unit(benchmark::kMicrosecond);

// ---- the real mini-kernel

// The seventh NMI has been handled, and CPU 2 is up again.
Instant end_of_episode(BenchRig& rig) {
    rig.runtime->set_parameters({}, {{"design", "direct-route"}});
    rig.power_on();
    rig.plan_hotplug();
    rig.machine->run(Instant{} + 60_s);
    if (rig.seventh_match == Instant::never()) {
        throw std::runtime_error("fewer than seven NMIs in a minute");
    }
    return std::max(rig.seventh_match + 20_us, Instant{} + 8_s + 50_ms);
}

void power_on_up_to(BenchRig& rig, Instant t) {
    rig.runtime->set_parameters({}, {{"design", "direct-route"}});
    rig.power_on();
    rig.machine->run_up_to(t);
    rig.save();
}

void BM_Episode(benchmark::State& state) {
    BenchRig rig{bench::mini_kernel(), static_cast<unsigned>(state.range(0))};
    const Instant end = end_of_episode(rig);
    for ([[maybe_unused]] auto _ : state) {
        rig.power_on();
        rig.plan_hotplug();
        rig.machine->run(end);
    }
    report(state, rig);
}
BENCHMARK(BM_Episode)->Arg(4)->Arg(8)->Arg(64)->Arg(1024)->Unit(benchmark::kMicrosecond);

void BM_EpisodeFromCheckpoint(benchmark::State& state) {
    BenchRig rig{bench::mini_kernel(), static_cast<unsigned>(state.range(0))};
    const Instant end = end_of_episode(rig);
    power_on_up_to(rig, Instant{} + 4999_ms);
    for ([[maybe_unused]] auto _ : state) {
        rig.restore();
        rig.plan_hotplug();
        rig.machine->run(end);
    }
    report(state, rig);
}
BENCHMARK(BM_EpisodeFromCheckpoint)->Arg(4)->Arg(8)->Arg(64)->Arg(1024)->Unit(benchmark::kMicrosecond);

void BM_NmiMatchToHandler(benchmark::State& state) {
    BenchRig rig{bench::mini_kernel(), 4};
    end_of_episode(rig);
    rig.power_on();
    rig.machine->run(Instant{} + 60_s);
    const Instant match = rig.last_match;
    power_on_up_to(rig, match - 1_us);
    for ([[maybe_unused]] auto _ : state) {
        rig.restore();
        rig.machine->run(match + 20_us);
    }
    report(state, rig);
}
BENCHMARK(BM_NmiMatchToHandler)->Unit(benchmark::kMicrosecond);

/// The same through a remapping unit: by an entry of VT-d's table, or as AMD-Vi's device table entry lets it pass. The
/// entry is in the unit's cache, or (0) read from memory.
void BM_RemappedNmiMatchToHandler(benchmark::State& state) {
    using Unit = bench::Remapping::Unit;
    const Unit unit = state.range(0) != 0 ? Unit::Amdvi : Unit::Vtd;
    const bool hit = state.range(1) != 0;
    BenchRig rig{bench::mini_kernel(), 4, bench::Remapping{unit, hit ? 64U : 0U}};
    bool cached = !hit;
    if (unit == Unit::Vtd) {
        rig.machine->vtd()->entry_used.subscribe([&](const vtd::EntryUsed& used) { cached = used.cached; });
    } else {
        rig.machine->amdvi()->device_entry_used.subscribe(
            [&](const amdvi::DeviceEntryUsed& used) { cached = used.cached; });
    }
    rig.runtime->set_parameters({}, {{"design", unit == Unit::Vtd ? "irte-per-cpu" : "direct-route"}});
    rig.power_on();
    rig.machine->run(Instant{} + 60_s);
    const Instant match = rig.last_match;
    rig.power_on();
    rig.machine->run_up_to(match - 1_us);
    rig.save();
    for ([[maybe_unused]] auto _ : state) {
        rig.restore();
        rig.machine->run(match + 20_us);
    }
    if (cached != hit) {
        state.SkipWithError("the entry was not where it was to be");
    }
    report(state, rig);
}
BENCHMARK(BM_RemappedNmiMatchToHandler)
    ->ArgNames({"amdvi", "hit"})
    ->ArgsProduct({{0, 1}, {1, 0}})
    ->Unit(benchmark::kMicrosecond);

void BM_Restore(benchmark::State& state) {
    BenchRig rig{bench::mini_kernel(), static_cast<unsigned>(state.range(0))};
    power_on_up_to(rig, Instant{} + 4999_ms);
    for ([[maybe_unused]] auto _ : state) {
        rig.restore();
    }
}
BENCHMARK(BM_Restore)->Arg(4)->Arg(64)->Unit(benchmark::kMicrosecond);

/// An hour with the detector at work and nothing else: its NMIs and heartbeats.
void BM_QuietHour(benchmark::State& state) {
    BenchRig rig{bench::mini_kernel(), 4};
    power_on_up_to(rig, Instant{} + 4999_ms);
    for ([[maybe_unused]] auto _ : state) {
        rig.matches = 0;
        rig.restore();
        rig.machine->run(Instant{} + 3600_s);
    }
    state.counters["nmis"] = static_cast<double>(rig.matches);
    report(state, rig);
}
BENCHMARK(BM_QuietHour)->Unit(benchmark::kMillisecond);

}  // namespace
