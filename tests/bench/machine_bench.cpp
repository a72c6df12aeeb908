// SPDX-License-Identifier: Apache-2.0
// One machine of 1 to 1024 CPUs: what it costs to make it, and what an NMI costs in it.
//
//   ConstructMachine  all devices and CPUs, and its first power-on; the counter is its heap, KiB
//   Rotation          HPET NMIs that each handler moves on to the next of N halted CPUs: simulated hardware, and three
//                     lines of software
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "tests/bench/bench_rig.hpp"

namespace {

using namespace hldsim;
using namespace hldsim::literals;

std::uint64_t allocated() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

struct Made {
    Made(const MachineProfile& profile, unsigned cpus) : machine{profile, options(cpus), choices} {}
    static cpu::Cpus::Options options(unsigned cpus) {
        cpu::Cpus::Options options;
        options.count = cpus;
        return options;
    }
    sim::Session session;
    DefaultChoice choices;
    Machine machine;
};

void BM_ConstructMachine(benchmark::State& state) {
    const auto cpus = static_cast<unsigned>(state.range(0));
    const MachineProfile profile = bench::profile_for(cpus);
    std::uint64_t bytes = 0;
    for ([[maybe_unused]] auto _ : state) {
        const std::uint64_t before = allocated();
        Made made{profile, cpus};
        made.machine.power_on();
        bytes = allocated() - before;
    }
    state.counters["KiB"] = static_cast<double>(bytes) / 1024;
}
BENCHMARK(BM_ConstructMachine)->Arg(1)->Arg(4)->Arg(64)->Arg(256)->Arg(1024)->Unit(benchmark::kMicrosecond);

/// The boot CPU starts the others and the timer; all halt; each NMI is sent on by whom it came to. A message that
/// nothing remaps has 8 bits for its destination (SDM vol. 3A, 10.11.1): of more than 255 CPUs, the first 255 take
/// turns.
class Rotation final : public cpu::Software {
public:
    explicit Rotation(Machine& machine) : machine_{machine} {}

    void reset_vector(CpuNumber cpu) override {
        machine_.cpus.load_idt(self(cpu));
        for (const std::uint32_t all_others : {0xc'4500U, 0xc'4608U}) {  // INIT, SIPI
            command(cpu, all_others);
            machine_.cpus.delay(self(cpu), 100_us);
        }
        hpet(cpu, 0x110, 0xfee0'0000'0000'0400, Size::B8);  // NMI to CPU 0
        hpet(cpu, 0x100, 0x404c, Size::B4);                 // periodic, by message
        hpet(cpu, 0x108, PERIOD, Size::B8);
        hpet(cpu, 0x108, PERIOD, Size::B8);
        hpet(cpu, 0x010, 1, Size::B4);
        halt(cpu);
    }
    void startup(CpuNumber cpu, std::uint8_t /*sipi_vector*/) override {
        machine_.cpus.load_idt(self(cpu));
        halt(cpu);
    }
    void interrupt(CpuNumber, std::uint8_t, const void*, bool) override {}
    void nmi(CpuNumber cpu, const void*, bool) override {
        ++taken;
        const std::uint64_t next = (cpu.value + 1) % machine_.cpus.count() % 0xff;
        hpet(cpu, 0x114, 0xfee0'0000 | next << 12, Size::B4);
    }
    bool waits_for_ever(CpuNumber) override { return false; }

    std::uint64_t taken = 0;

private:
    static constexpr std::uint64_t PERIOD = 24'000;  // 1 ms

    cpu::Cpu& self(CpuNumber cpu) { return machine_.cpus.cpu(cpu); }
    void hpet(CpuNumber cpu, std::uint32_t offset, std::uint64_t value, Size size) {
        machine_.cpus.mmio_write(self(cpu), Machine::HPET_BASE + offset, size, value);
    }
    void command(CpuNumber cpu, std::uint32_t value) {
        if (machine_.profile.x2apic) {
            machine_.cpus.wrmsr(self(cpu), lapic::x2apic_msr(lapic::ICR_LOW), value);
        } else {
            machine_.cpus.mmio_write(self(cpu), 0xfee0'0000 + lapic::ICR_LOW, Size::B4, value);
        }
    }
    [[noreturn]] void halt(CpuNumber cpu) {
        for (;;) {
            machine_.cpus.halt(self(cpu), true);
        }
    }

    Machine& machine_;
};

void BM_Rotation(benchmark::State& state) {
    const auto cpus = static_cast<unsigned>(state.range(0));
    Made made{bench::profile_for(cpus), cpus};
    Rotation software{made.machine};
    made.machine.cpus.load(software, {});
    made.machine.power_on();
    Instant now = Instant{} + 10_ms;
    made.machine.run_up_to(now);
    const std::uint64_t before = software.taken;
    for ([[maybe_unused]] auto _ : state) {
        now = now + 1_s;
        made.machine.run_up_to(now);
    }
    const auto nmis = static_cast<std::int64_t>(software.taken - before);
    if (nmis < state.iterations() * 999) {
        state.SkipWithError("NMIs are missing");
    }
    state.SetItemsProcessed(nmis);
}
BENCHMARK(BM_Rotation)->Arg(1)->Arg(4)->Arg(64)->Arg(256)->Arg(1024)->Unit(benchmark::kMicrosecond)->Iterations(200);

}  // namespace
