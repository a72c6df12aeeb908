// SPDX-License-Identifier: Apache-2.0
#include "tests/detector/kernel/kernel_rig.hpp"

#include <cstdio>
#include <cstring>
#include <map>

#include "tools/harness/profile/profile.hpp"

namespace hldsim::test {

namespace {

const shim::Object& kernel_object() {
    static auto& object = *new shim::Object(HLDSIM_KERNEL, shim::Object::Role::Kernel);
    return object;
}

const shim::Object& detector_object(const char* path) {
    static auto& loaded = *new std::map<std::string, std::unique_ptr<shim::Object>>;
    auto& found = loaded[path];
    if (!found) {
        found = std::make_unique<shim::Object>(path, shim::Object::Role::Detector);
    }
    return *found;
}

Instant seconds(double s) { return Instant{} + Duration{1'000'000} * static_cast<std::int64_t>(s * 1e9 + 0.5); }

const char* name_of(hld_life life) {
    switch (life) {
        case HLD_LIFE_COMING:
            return "coming";
        case HLD_LIFE_UP:
            return "up";
        case HLD_LIFE_OFFLINE:
            return "offline";
        case HLD_LIFE_DEAD:
            return "dead";
    }
    return "?";
}

shim::Firmware firmware_of(const MachineProfile& machine, unsigned cpus) {
    shim::Firmware firmware;
    for (unsigned n = 0; n < cpus; ++n) {
        firmware.apic_ids.push_back(n);
        firmware.packages.push_back(0);
    }
    firmware.x2apic = machine.x2apic;
    if (machine.vtd || machine.amdvi) {
        firmware.remapping = machine.vtd ? 1 : 2;
        firmware.dmar_address = machine.vtd ? Machine::VTD_BASE : Machine::AMDVI_BASE;
        firmware.hpet_source_id = machine.hpet.timers.front().requester.value;
    }
    firmware.tsc_khz = machine.timing.tsc().numerator / machine.timing.tsc().denominator / 1000;
    firmware.crystal_hz = machine.timing.crystal().numerator / machine.timing.crystal().denominator;
    return firmware;
}

}  // namespace

KernelRig::KernelRig(unsigned cpus, const shim::Runtime::Parameters& kernel, const shim::Runtime::Parameters& detector,
                     bool x2apic, bool remaps, const char* object, const std::optional<AmdviProfile>& amdvi,
                     bool nmi_source, std::int64_t store_drain_cycles) {
    const profile::Profile timing = profile::load("desktop-2018", HLDSIM_PROFILES);
    MachineProfile machine_profile{timing.timing, HpetProfile::pch_100(), {}, {}, {}, x2apic};
    if (store_drain_cycles != 0) {
        machine_profile.timing.set(Row::MemStoreDrain, RowUnit::CoreCycles, store_drain_cycles);
    }
    machine_profile.hpet.period = timing.hpet_period;
    machine_profile.cpu.fred = machine_profile.cpu.nmi_source = nmi_source;
    if (remaps) {
        machine_profile.vtd = VtdProfile{};
    }
    if (amdvi) {
        machine_profile.amdvi = amdvi;
        for (auto& timer : machine_profile.hpet.timers) {
            timer.requester = RequesterId{0x00a0};  // 00:14.0, the FCH
        }
    }
    cpu::Cpus::Options options;
    options.count = cpus;
    machine = std::make_unique<Machine>(machine_profile, options, choices);

    const shim::Firmware firmware = firmware_of(machine_profile, cpus);
    const shim::Object& kernel_loaded_first = kernel_object();
    runtime = std::make_unique<shim::Runtime>(machine->cpus, kernel_loaded_first,
                                              detector_object(object != nullptr ? object : HLDSIM_DETECTOR), firmware);
    runtime->set_parameters(kernel, detector);
    machine->connect_memory(shim::Memory::ARENA_PHYSICAL, runtime->memory().arena(), shim::Memory::ARENA);

    runtime->print.subscribe([this](const shim::PrintNote& note) {
        lines.emplace_back(note.text);
        if (verbose) {
            std::printf("[%15.9f] cpu%u <%u> %.*s\n", static_cast<double>(note.at.fs) / 1e15, note.cpu.value,
                        note.level, static_cast<int>(note.text.size()), note.text.data());
        }
    });
    runtime->hotplug.subscribe([this](const shim::HotplugNote& note) {
        steps.push_back({note.cpu.value, note.step, note.bringup});
        if (verbose) {
            std::printf("[%15.9f] cpu%u %s %s\n", static_cast<double>(note.at.fs) / 1e15, note.cpu.value,
                        note.bringup ? "up" : "down", note.step);
        }
    });
    runtime->life.subscribe([this](const shim::LifeNote& note) {
        lives.push_back("cpu " + std::to_string(note.cpu.value) + " " + name_of(note.life));
        lived.push_back(note.at);
        if (verbose) {
            std::printf("[%15.9f] %s\n", static_cast<double>(note.at.fs) / 1e15, lives.back().c_str());
        }
    });
    runtime->task.subscribe([this](const shim::TaskNote& note) {
        if (note.number == HLD_TASK_BOOT) {
            if (!note.begun) {
                booted = note.at;
            }
        } else if (!note.begun) {
            results.push_back(note.result);
        }
        if (verbose) {
            std::printf("[%15.9f] cpu%u task %u %s %ld\n", static_cast<double>(note.at.fs) / 1e15, note.cpu.value,
                        note.number, note.begun ? "begins" : "ends", note.result);
        }
    });
    runtime->nmi_fate.subscribe([this](const shim::NmiNote& note) {
        fates.push_back({note.cpu.number.value, note.fate, static_cast<double>(note.at.fs) / 1e15, note.handler});
    });
}

void KernelRig::plan(double at_seconds, unsigned by, hld_task_action action, unsigned cpu, unsigned fails_at) {
    hld_task task{};
    task.action = action;
    task.cpu = cpu;
    task.number = ++events_;
    task.fails_at = fails_at;
    planned_.push_back({seconds(at_seconds), by, task});
}

void KernelRig::plan_message(Instant at, unsigned cpu, DeliveryMode mode, std::uint8_t vector) {
    plan_act(at, [this, cpu, mode, vector] {
        InterruptMessage message;
        message.destination = cpu;
        message.mode = mode;
        message.vector = vector;
        message.token = machine->tokens.next(Source::Operator);
        machine->lapic(CpuNumber{cpu}).receive(message);
    });
}

void KernelRig::plan_write(double at_seconds, unsigned by, const std::string& file, const std::string& value) {
    hld_task task{};
    task.action = HLD_TASK_WRITE;
    task.number = ++events_;
    std::strncpy(task.file, file.c_str(), sizeof(task.file) - 1);
    std::strncpy(task.value, value.c_str(), sizeof(task.value) - 1);
    planned_.push_back({seconds(at_seconds), by, task});
}

cpu::End KernelRig::run(double until_seconds) {
    lines.clear();
    steps.clear();
    lives.clear();
    lived.clear();
    results.clear();
    fates.clear();
    booted = Instant::never();
    runtime->restore();
    machine->power_on();
    runtime->apply_parameters();
    for (const Planned& planned : planned_) {
        machine->at(planned.at, [this, planned] {
            runtime->give(CpuNumber{planned.by}, planned.task);
            machine->interrupt(CpuNumber{planned.by}, HLD_TASK_VECTOR);
        });
    }
    for (const auto& [at, act] : acts_) {
        machine->at(at, act);
    }
    return machine->run(seconds(until_seconds));
}

std::uint64_t KernelRig::word(const char* symbol) const {
    std::uint64_t value = 0;
    std::memcpy(&value, runtime->kernel().exported(symbol), sizeof value);
    return value;
}

long KernelRig::count(hld_nmi_fate wanted, unsigned number) const {
    long found = 0;
    for (const Fate& each : fates) {
        found += each.fate == wanted && each.cpu == number ? 1 : 0;
    }
    return found;
}

bool KernelRig::online(unsigned cpu) const { return (word("__cpu_online_mask") >> cpu & 1) != 0; }

}  // namespace hldsim::test
