// SPDX-License-Identifier: Apache-2.0
#include "tests/peer/peer_rig.hpp"

#include <cstdio>

#include "tools/harness/profile/profile.hpp"

namespace hldsim::peer {

namespace {

constexpr std::uint16_t PIN_PORTS = 0xe000;
constexpr unsigned PINS = 240;
constexpr std::uint16_t EXCEPTION_PORT = 0xe100;
constexpr Duration EXCEPTION{1'000'000'000};  // its handler's microsecond
constexpr Instant LIMIT{10 * FS_PER_S};

const shim::Object& kernel_object() {
    static auto& object = *new shim::Object(PEER_KERNEL, shim::Object::Role::Kernel);
    return object;
}

const shim::Object& checks_object() {
    kernel_object();
    static auto& object = *new shim::Object(PEER_CHECKS, shim::Object::Role::Detector);
    return object;
}

}  // namespace

PeerRig::PeerRig(const Options& options) : rounds_{options.rounds} {
    profile::Profile timing = profile::load("desktop-2018", HLDSIM_PROFILES);
    if (options.change) {
        options.change(timing.timing);
    }
    MachineProfile wanted{timing.timing, HpetProfile::pch_100(), {}, options.lapic, {}, options.x2apic};
    wanted.hpet.period = timing.hpet_period;
    wanted.ioapics = {options.ioapic};
    if (options.remaps) {
        wanted.vtd = VtdProfile{};
    }
    cpu::Cpus::Options cpus;
    cpus.count = options.cpus;
    machine_ = std::make_unique<Machine>(wanted, cpus, choices_);
    machine_->ports.map(PIN_PORTS, PINS, *this);
    machine_->ports.map(EXCEPTION_PORT, 1, *this);

    shim::Firmware firmware;
    for (unsigned n = 0; n < options.cpus; ++n) {
        firmware.apic_ids.push_back(n);
        firmware.packages.push_back(0);
    }
    firmware.x2apic = options.x2apic;
    firmware.dmar_address = options.remaps ? Machine::VTD_BASE : 0;
    firmware.tsc_khz = timing.tsc.numerator / timing.tsc.denominator / 1000;
    firmware.crystal_hz = timing.crystal.numerator / timing.crystal.denominator;
    const shim::Object& kernel_first = kernel_object();
    runtime_ = std::make_unique<shim::Runtime>(machine_->cpus, kernel_first, checks_object(), firmware);
    machine_->connect_memory(shim::Memory::ARENA_PHYSICAL, runtime_->memory().arena(), shim::Memory::ARENA);
    runtime_->print.subscribe([this](const shim::PrintNote& note) { verdict_.failed.emplace_back(note.text); });
    runtime_->task.subscribe([this](const shim::TaskNote& note) { verdict_.held = note.result; });
}

Verdict PeerRig::run(Check check) {
    verdict_ = {};
    runtime_->restore();
    machine_->power_on();
    runtime_->apply_parameters();
    hld_task task{};
    task.number = static_cast<unsigned>(check);
    std::snprintf(task.value, sizeof task.value, "%u", rounds_);
    runtime_->give(CpuNumber{0}, task);
    verdict_.end = machine_->run(LIMIT);
    return verdict_;
}

std::uint64_t PeerRig::read(std::uint32_t /*port*/, Size size) { return byte_mask(bytes(size)); }

void PeerRig::write(std::uint32_t port, Size /*size*/, std::uint64_t value) {
    if (port == EXCEPTION_PORT) {
        machine_->cpus.raise_exception(cpu::Cpus::running()->number, EXCEPTION);
    } else {
        machine_->drive_gsi(port - PIN_PORTS, (value & 1) != 0);
    }
}

Options x2apic() {
    Options options;
    options.x2apic = true;
    return options;
}

Options either_mode() { return GENERATE(false, true) ? x2apic() : Options{}; }

void expect_holds(Check check, const Options& options) {
    PeerRig rig{options};
    const Verdict verdict = rig.run(check);
    CHECK(verdict.end == cpu::End::Reset);
    CHECK(verdict.failed == std::vector<std::string>{});
    CHECK(verdict.held > static_cast<long>(options.rounds));
}

}  // namespace hldsim::peer
