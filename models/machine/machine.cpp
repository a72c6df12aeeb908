// SPDX-License-Identifier: Apache-2.0
#include "models/machine/machine.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hldsim {

namespace {

std::vector<unsigned> packages_of(const cpu::Cpus::Options& options) {
    std::vector<unsigned> packages(options.count);
    const unsigned per_package = (options.count + options.packages - 1) / options.packages;
    for (unsigned n = 0; n < options.count; ++n) {
        packages[n] = n / per_package;
    }
    return packages;
}

}  // namespace

Machine::Machine(const MachineProfile& machine_profile, const cpu::Cpus::Options& options, ChoiceSource& choices)
    : profile{machine_profile},
      fabric{"fabric", timeline, profile.timing, choices, profile.fabric, packages_of(options)},
      choices_{choices},
      hpet{"hpet", timeline, profile.hpet, fabric, pins_, tokens, choices},
      cpus{timeline, profile.timing, options, fabric},
      operator_{timeline, sim::Priority::Operator, [this] { act_planned(); }},
      limit_{timeline, sim::Priority::Limit, [this] { cpus.end(cpu::End::Time); }} {
    fabric.map(HPET_BASE, hpet.window(), hpet, Row::HpetService);
    for (unsigned n = 0; n < options.count; ++n) {
        const std::string name = "lapic_" + std::to_string(n);
        lapics_.push_back(std::make_unique<Lapic>(name.c_str(), timeline, profile.timing, profile.lapic, CpuNumber{n},
                                                  ApicId{n}, n == 0, fabric, tokens));
        lapics_.back()->connect(cpus.cpu(CpuNumber{n}));
        cpus.connect(CpuNumber{n}, *lapics_.back(), *lapics_.back());
        fabric.add(CpuNumber{n}, *lapics_.back());
    }
    timeline.following(false);
}

void Machine::power_on() {
    planned_.clear();
    next_planned_ = 0;
    operator_.cancel();
    limit_.cancel();
    hpet.reset_enter();
    for (auto& lapic : lapics_) {
        lapic->reset_enter();
    }
    fabric.reset_enter();
    timeline.power_on();
    tokens.power_on();
    choices_.power_on();
    cpus.power_on();
    hpet.reset_hold();
    for (auto& lapic : lapics_) {
        lapic->reset_hold();
    }
    fabric.reset_hold();
    hpet.reset_exit();
    for (auto& lapic : lapics_) {
        lapic->reset_exit();
    }
    fabric.reset_exit();
    hand_over_from_firmware();
}

// Firmware leaves the APICs in the mode that the profile says: SDM vol. 3A, 10.12.1 (IA32_APIC_BASE).
void Machine::hand_over_from_firmware() {
    if (!profile.x2apic) {
        return;
    }
    constexpr std::uint32_t IA32_APIC_BASE = 0x1b;
    constexpr std::uint64_t EXTD = 1U << 10U;
    for (auto& lapic : lapics_) {
        std::uint64_t base = 0;
        lapic->rdmsr(IA32_APIC_BASE, base);
        lapic->wrmsr(IA32_APIC_BASE, base | EXTD);
    }
}

void Machine::at(Instant t, std::function<void()> act) {
    const auto place = std::upper_bound(planned_.begin() + static_cast<std::ptrdiff_t>(next_planned_), planned_.end(),
                                        t, [](Instant when, const Planned& planned) { return when < planned.at; });
    planned_.insert(place, {t, std::move(act)});
    operator_.at(planned_[next_planned_].at);
}

void Machine::act_planned() {
    const Instant now = timeline.now();
    while (next_planned_ < planned_.size() && planned_[next_planned_].at == now) {
        const auto act = planned_[next_planned_++].act;  // it may plan more
        act();
    }
    if (next_planned_ < planned_.size()) {
        operator_.at(planned_[next_planned_].at);
    }
}

cpu::End Machine::run(Instant until) {
    limit_.at(until);
    timeline.run();
    return cpus.ended();
}

cpu::End Machine::run_up_to(Instant t) {
    at(t, [this] { timeline.stop(); });
    timeline.run();
    timeline.go_on();
    return cpus.ended();
}

void Machine::copy_state(StateCopy& s) {
    s(timeline, tokens, fabric, hpet, cpus, choices_);
    for (auto& lapic : lapics_) {
        s(*lapic);
    }
}

void Machine::interrupt(CpuNumber cpu, std::uint8_t vector) {
    InterruptMessage message;
    message.destination = cpu.value;
    message.wide = profile.x2apic;
    message.vector = vector;
    message.token = tokens.next(Source::Operator);
    lapics_[cpu.value]->receive(message);
}

std::string Machine::dump() const {
    std::string text = hpet.dump() + fabric.dump();
    for (const auto& lapic : lapics_) {
        text += lapic->dump();
    }
    return text;
}

}  // namespace hldsim
