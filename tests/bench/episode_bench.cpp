// SPDX-License-Identifier: Apache-2.0
// What a run of the real mini-kernel and detector costs.
//
//   Episode     power-on, boot of all CPUs, CPU 2 down at 5 s and up again at 8 s, up to the end of the seventh HPET
//   NMI Checkpoint  the same without the boot: begun again and again at a checkpoint just before 5 s NMI         from a
//   checkpoint 1 us before a match until 20 us after it: one NMI from comparator to handler's return
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>

#include "detector/shim/object.hpp"
#include "detector/shim/runtime.hpp"
#include "models/base/choice.hpp"
#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"
#include "tools/harness/profile/profile.hpp"

namespace {

using namespace hldsim;
using namespace hldsim::literals;

constexpr unsigned NMIS = 7;

class Bench {
public:
    explicit Bench(unsigned cpus) {
        const profile::Profile timing = profile::load("desktop-2018", HLDSIM_PROFILES);
        MachineProfile machine_profile{timing.timing, HpetProfile::pch_100(), {}, {}, {}, cpus > 255};
        machine_profile.hpet.period = timing.hpet_period;
        cpu::Cpus::Options options;
        options.count = cpus;
        machine = std::make_unique<Machine>(machine_profile, options, choices);
        shim::Firmware firmware;
        for (unsigned n = 0; n < cpus; ++n) {
            firmware.apic_ids.push_back(n);
            firmware.packages.push_back(0);
        }
        firmware.x2apic = machine_profile.x2apic;
        firmware.tsc_khz = timing.tsc.numerator / timing.tsc.denominator / 1000;
        firmware.crystal_hz = timing.crystal.numerator / timing.crystal.denominator;
        static const shim::Object kernel{HLDSIM_KERNEL, shim::Object::Role::Kernel};
        static const shim::Object detector{HLDSIM_DETECTOR, shim::Object::Role::Detector};
        runtime = std::make_unique<shim::Runtime>(machine->cpus, kernel, detector, firmware);
        runtime->set_parameters({}, {{"design", "direct-route"}});
        machine->hpet.matched.subscribe([this](const hpet::TimerMatched&) {
            ++matches;
            last_match = machine->timeline.now();
            if (matches == NMIS) {
                seventh = last_match;
            }
        });
    }

    void power_on() {
        matches = 0;
        runtime->restore();
        machine->power_on();
        runtime->apply_parameters();
    }
    void plan_hotplug() {
        machine->at(Instant{} + 5_s, [this] { give(HLD_TASK_OFFLINE); });
        machine->at(Instant{} + 8_s, [this] { give(HLD_TASK_ONLINE); });
    }
    void save() {
        kept_machine.save_anew();
        kept_machine(*machine);
        runtime->save(kept_software);
    }
    void restore() {
        machine->forget_plans();
        kept_machine.restore_from_begin();
        kept_machine(*machine);
        runtime->restore(kept_software);
    }

    sim::Session session;
    DefaultChoice choices;
    std::unique_ptr<Machine> machine;
    std::unique_ptr<shim::Runtime> runtime;
    unsigned matches = 0;
    Instant last_match;
    Instant seventh = Instant::never();

private:
    void give(hld_task_action action) {
        hld_task task{};
        task.action = action;
        task.cpu = 2;
        task.number = 1;
        runtime->give(CpuNumber{0}, task);
        machine->interrupt(CpuNumber{0}, HLD_TASK_VECTOR);
    }

    StateCopy kept_machine;
    shim::Runtime::Saved kept_software;
};

// The seventh NMI has been handled, and CPU 2 is up again.
Instant end_of_episode(Bench& bench) {
    bench.power_on();
    bench.plan_hotplug();
    bench.machine->run(Instant{} + 60_s);
    return std::max(bench.matches < NMIS ? Instant{} : bench.seventh + 20_us, Instant{} + 8_s + 50_ms);
}

void report(benchmark::State& state, const Bench& bench) {
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
    state.counters["accesses"] = static_cast<double>(bench.machine->cpus.accesses());
}

void BM_Episode(benchmark::State& state) {
    Bench bench{static_cast<unsigned>(state.range(0))};
    const Instant end = end_of_episode(bench);
    if (bench.matches < NMIS) {
        state.SkipWithError("fewer than seven NMIs in a minute");
        return;
    }
    for ([[maybe_unused]] auto _ : state) {
        bench.power_on();
        bench.plan_hotplug();
        bench.machine->run(end);
    }
    report(state, bench);
}
BENCHMARK(BM_Episode)->Arg(4)->Arg(8)->Arg(64)->Arg(1024)->Unit(benchmark::kMicrosecond);

void BM_EpisodeFromCheckpoint(benchmark::State& state) {
    Bench bench{static_cast<unsigned>(state.range(0))};
    const Instant end = end_of_episode(bench);
    if (bench.matches < NMIS) {
        state.SkipWithError("fewer than seven NMIs in a minute");
        return;
    }
    bench.power_on();
    bench.machine->run_up_to(Instant{} + 4999_ms);
    bench.save();
    for ([[maybe_unused]] auto _ : state) {
        bench.restore();
        bench.plan_hotplug();
        bench.machine->run(end);
    }
    report(state, bench);
}
BENCHMARK(BM_EpisodeFromCheckpoint)->Arg(4)->Arg(8)->Arg(64)->Arg(1024)->Unit(benchmark::kMicrosecond);

void BM_NmiMatchToHandler(benchmark::State& state) {
    Bench bench{4};
    bench.power_on();
    bench.machine->run(Instant{} + 60_s);
    const Instant match = bench.last_match;
    bench.power_on();
    bench.machine->run_up_to(match - 1_us);
    bench.save();
    for ([[maybe_unused]] auto _ : state) {
        bench.restore();
        bench.machine->run(match + 20_us);
    }
    report(state, bench);
}
BENCHMARK(BM_NmiMatchToHandler)->Unit(benchmark::kMicrosecond);

void BM_Restore(benchmark::State& state) {
    Bench bench{static_cast<unsigned>(state.range(0))};
    bench.power_on();
    bench.machine->run_up_to(Instant{} + 4999_ms);
    bench.save();
    for ([[maybe_unused]] auto _ : state) {
        bench.restore();
    }
}
BENCHMARK(BM_Restore)->Arg(4)->Arg(64)->Unit(benchmark::kMicrosecond);

/// An hour with the detector at work and nothing else: its NMIs and heartbeats.
void BM_QuietHour(benchmark::State& state) {
    Bench bench{4};
    bench.power_on();
    bench.machine->run_up_to(Instant{} + 4999_ms);
    bench.save();
    for ([[maybe_unused]] auto _ : state) {
        bench.matches = 0;
        bench.restore();
        bench.machine->run(Instant{} + 3600_s);
    }
    state.counters["nmis"] = static_cast<double>(bench.matches);
    report(state, bench);
}
BENCHMARK(BM_QuietHour)->Unit(benchmark::kMillisecond);

}  // namespace
