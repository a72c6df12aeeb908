// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench_rig.hpp"

#include "tools/harness/profile/profile.hpp"

namespace hldsim::bench {

using namespace hldsim::literals;

const Pair& mini_kernel() {
    static const shim::Object kernel{HLDSIM_KERNEL, shim::Object::Role::Kernel};
    static const shim::Object detector{HLDSIM_DETECTOR, shim::Object::Role::Detector};
    static const Pair pair{kernel, detector};
    return pair;
}

const Pair& reference() {
    static const shim::Object kernel{BENCH_KERNEL, shim::Object::Role::Kernel};
    static const shim::Object program{BENCH_REFERENCE, shim::Object::Role::Detector};
    static const Pair pair{kernel, program};
    return pair;
}

MachineProfile profile_for(unsigned cpus) {
    const profile::Profile timing = profile::load("desktop-2018", HLDSIM_PROFILES);
    MachineProfile machine{timing.timing, HpetProfile::pch_100(), {}, {}, {}, cpus > 255};
    machine.hpet.period = timing.hpet_period;
    return machine;
}

BenchRig::BenchRig(const Pair& objects, unsigned cpus, std::optional<Remapping> remapping) {
    MachineProfile machine_profile = profile_for(cpus);
    const bool vtd = remapping && remapping->unit == Remapping::Unit::Vtd;
    if (vtd) {
        machine_profile.vtd = VtdProfile{};
        machine_profile.vtd->iec_entries = machine_profile.vtd->iec_ways = remapping->entries;
    } else if (remapping) {
        AmdviProfile& unit = machine_profile.amdvi.emplace();
        unit.device_entries = unit.iec_entries = unit.iec_ways = remapping->entries;
        for (auto& timer : machine_profile.hpet.timers) {
            timer.requester = RequesterId{0x00a0};  // 00:14.0, the FCH
        }
    }
    cpu::Cpus::Options options;
    options.count = cpus;
    machine = std::make_unique<Machine>(machine_profile, options, choices);
    const Timing& timing = machine_profile.timing;
    shim::Firmware firmware;
    for (unsigned n = 0; n < cpus; ++n) {
        firmware.apic_ids.push_back(n);
        firmware.packages.push_back(0);
    }
    firmware.x2apic = machine_profile.x2apic;
    firmware.tsc_khz = timing.tsc().numerator / timing.tsc().denominator / 1000;
    firmware.crystal_hz = timing.crystal().numerator / timing.crystal().denominator;
    if (remapping) {
        firmware.remapping = vtd ? 1 : 2;
        firmware.dmar_address = vtd ? Machine::VTD_BASE : Machine::AMDVI_BASE;
        firmware.hpet_source_id = machine_profile.hpet.timers.front().requester.value;
    }
    runtime = std::make_unique<shim::Runtime>(machine->cpus, objects.kernel, objects.detector, firmware);
    machine->connect_memory(shim::Memory::ARENA_PHYSICAL, runtime->memory().arena(), shim::Memory::ARENA);
    machine->hpet.matched.subscribe([this](const hpet::TimerMatched&) {
        ++matches;
        last_match = machine->timeline.now();
        if (matches == NMIS) {
            seventh_match = last_match;
        }
    });
}

void BenchRig::power_on() {
    matches = 0;
    seventh_match = Instant::never();
    runtime->restore();
    machine->power_on();
    runtime->apply_parameters();
}

void BenchRig::save() {
    kept_machine_.save_anew();
    kept_machine_(*machine);
    runtime->save(kept_software_);
    kept_accesses = machine->cpus.accesses();
    kept_switches = machine->cpus.switches();
}

void BenchRig::restore() {
    machine->forget_plans();
    kept_machine_.restore_from_begin();
    kept_machine_(*machine);
    runtime->restore(kept_software_);
}

void BenchRig::plan_hotplug() {
    machine->at(Instant{} + 5_s, [this] { give(HLD_TASK_OFFLINE); });
    machine->at(Instant{} + 8_s, [this] { give(HLD_TASK_ONLINE); });
}

void BenchRig::give(hld_task_action action) {
    hld_task task{};
    task.action = action;
    task.cpu = 2;
    task.number = 1;
    runtime->give(CpuNumber{0}, task);
    machine->interrupt(CpuNumber{0}, HLD_TASK_VECTOR);
}

}  // namespace hldsim::bench
