// SPDX-License-Identifier: Apache-2.0
// The time-stamp counter of each CPU: its MSRs, and what goes wrong with it. SDM vol. 3B, 17.17.
#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

namespace {

constexpr std::uint32_t IA32_TIME_STAMP_COUNTER = 0x10;
constexpr std::uint32_t IA32_TSC_ADJUST = 0x3b;

}  // namespace

bool Cpus::is_tsc_msr(std::uint32_t msr) { return msr == IA32_TIME_STAMP_COUNTER || msr == IA32_TSC_ADJUST; }

std::uint64_t Cpus::read_tsc_msr(const Cpu& cpu, std::uint32_t msr) const {
    return msr == IA32_TSC_ADJUST ? cpu.tsc_adjust : tsc(cpu);
}

// SDM vol. 3B, 17.17.3: what a write adds to one of the two it adds to the other.
void Cpus::write_tsc_msr(Cpu& cpu, std::uint32_t msr, std::uint64_t value) {
    const std::uint64_t counts = value - read_tsc_msr(cpu, msr);
    timeline_.actor_at(cpu.local.now());
    move_tsc(cpu, counts);
    timeline_.update_horizon();
}

// At the current instant.
void Cpus::move_tsc(Cpu& cpu, std::uint64_t counts) {
    cpu.tsc.move(counts);
    cpu.tsc_adjust += counts;
    cpu.apic->time_stamp_changed(cpu.tsc);
}

void Cpus::step_tsc(CpuNumber number, std::int64_t counts) {
    move_tsc(cpu(number), static_cast<std::uint64_t>(counts));
}

void Cpus::stop_tsc(CpuNumber number, bool stopped) {
    Cpu& target = cpu(number);
    const std::uint64_t edge = tsc_edge(timeline_.now());
    if (stopped) {
        target.tsc.stop(edge);
    } else {
        target.tsc.go_on(edge);
    }
    target.apic->time_stamp_changed(target.tsc);
}

}  // namespace hldsim::cpu
