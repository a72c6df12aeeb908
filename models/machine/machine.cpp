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

cpu::Cpus::Options of_kind(cpu::Cpus::Options options, const cpu::CpuProfile& profile) {
    options.profile = profile;
    return options;
}

}  // namespace

// In the order in which reset_hold() lets the lines go: the 8254 before the HPET, which gives it back its wire and
// would else raise it with what OUT 0 was before; who drives before who is driven.
template <class Self, class Visit>
void Machine::each_device(Self& self, Visit visit) {
    visit(self.pit);
    visit(self.hpet);
    visit(self.nmi_control);
    if (self.vtd_) {
        visit(*self.vtd_);
    }
    if (self.amdvi_) {
        visit(*self.amdvi_);
    }
    visit(self.pic);
    for (auto& ioapic : self.ioapics_) {
        visit(*ioapic);
    }
    for (auto& lapic : self.lapics_) {
        visit(*lapic);
    }
    for (auto& pmu : self.pmus_) {
        visit(*pmu);
    }
    visit(self.fabric);
}

Machine::Machine(const MachineProfile& machine_profile, const cpu::Cpus::Options& options, ChoiceSource& choices)
    : profile{machine_profile},
      fabric{"fabric", timeline, profile.timing, choices, profile.fabric, packages_of(options)},
      choices_{choices},
      hpet{"hpet", timeline, profile.hpet, fabric, wiring_, tokens, choices},
      pic{"pic", timeline, profile.pic, wiring_.interrupt_line()},
      pit{"pit", timeline, wiring_.timer(), tokens},
      nmi_control{"nmi_control", timeline, profile.chipset, pit, wiring_.nmi_line(), tokens},
      access_trap_{fabric, cpus, HPET_BASE, hpet.window(), profile.hpet_access_smi},
      cpus{timeline, profile.timing, of_kind(options, profile.cpu), access_trap_.bus()},
      package_sleep_{hpet, options.count},
      operator_{timeline, sim::Priority::Operator, [this] { act_planned(); }},
      limit_{timeline, sim::Priority::Limit, [this] { cpus.end(cpu::End::Time); }} {
    fabric.map(HPET_BASE, hpet.window(), hpet, Row::HpetService);
    if (profile.vtd) {
        vtd_ = std::make_unique<Vtd>("vtd", timeline, profile.timing, *profile.vtd, profile.fabric, arena_, tokens,
                                     choices);
        // No figure for its registers was found; they are in the same die as the root.
        fabric.map(VTD_BASE, Vtd::window(), *vtd_, Row::HpetService);
        fabric.route_through(vtd_.get());
    } else if (profile.amdvi) {
        amdvi_ = std::make_unique<Amdvi>("amdvi", timeline, profile.timing, *profile.amdvi, profile.fabric, arena_,
                                         tokens, choices);
        fabric.map(AMDVI_BASE, Amdvi::window(), *amdvi_, Row::HpetService);  // as VT-d's
        fabric.route_through(amdvi_.get());
    }
    for (const IoapicProfile& ioapic : profile.ioapics) {
        const auto n = static_cast<unsigned>(ioapics_.size());
        const std::string name = "ioapic_" + std::to_string(n);
        ioapics_.push_back(std::make_unique<Ioapic>(name.c_str(), timeline, profile.timing, ioapic, fabric, tokens));
        fabric.map(IOAPIC_BASE + n * std::uint64_t{Ioapic::WINDOW}, Ioapic::WINDOW, *ioapics_.back(),
                   Row::HpetService);  // the same die and path: the row ioapic.read is the sum (a check)
        fabric.add(*ioapics_.back());
    }
    for (unsigned n = 0; n < options.count; ++n) {
        const std::string name = "lapic_" + std::to_string(n);
        lapics_.push_back(std::make_unique<Lapic>(name.c_str(), timeline, profile.timing, profile.lapic, CpuNumber{n},
                                                  ApicId{n}, n == 0, fabric, tokens));
        lapics_.back()->connect(cpus.cpu(CpuNumber{n}));
        cpus.connect(CpuNumber{n}, *lapics_.back(), *lapics_.back());
        lapics_.back()->connect(pic);
        pmus_.push_back(std::make_unique<Pmu>(timeline, profile.timing, *lapics_.back()));
        cpus.connect(CpuNumber{n}, *pmus_.back());
        fabric.add(CpuNumber{n}, *lapics_.back());
    }
    wiring_.connect(*ioapics_.front(), pic, lapics_);
    cpus.connect(ports);
    if (profile.hpet.halts_in_pc10) {
        cpus.connect(package_sleep_);
    }
    map_ports();
    timeline.following(false);
}

void Machine::map_ports() {
    ports.map(0x20, 2, pic);
    ports.map(0xa0, 2, pic);
    ports.map(0x4d0, 2, pic);
    ports.map(Pit::FIRST_PORT, 4, pit);
    ports.map(NmiControl::STATUS_PORT, 1, nmi_control);
    ports.map(NmiControl::ENABLE_PORT, 1, nmi_control);
}

void Machine::power_on() {
    planned_.clear();
    next_planned_ = 0;
    operator_.cancel();
    limit_.cancel();
    for (const unsigned gsi : driven_gsis_) {
        wire_gsi(gsi, false, {});
    }
    driven_gsis_.clear();
    drive_rtc(false);
    each_device(*this, [](auto& device) { device.reset_enter(); });
    timeline.power_on();
    tokens.power_on();
    choices_.power_on();
    cpus.power_on();
    package_sleep_.power_on();
    each_device(*this, [](auto& device) { device.reset_hold(); });
    each_device(*this, [](auto& device) { device.reset_exit(); });
    hand_over_from_firmware();
}

// Firmware lets the chipset make NMIs (NMI_EN), and leaves the APICs in the mode that the profile says: SDM vol. 3A,
// 10.12.1 (IA32_APIC_BASE).
void Machine::hand_over_from_firmware() {
    nmi_control.write(NmiControl::ENABLE_PORT, Size::B1, 0);
    if (!profile.x2apic) {
        return;
    }
    for (auto& apic : lapics_) {
        std::uint64_t base = 0;
        apic->rdmsr(lapic::IA32_APIC_BASE, base);
        apic->wrmsr(lapic::IA32_APIC_BASE, lapic::apic_base::EXTD.set(base, 1));
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
    s(timeline, tokens, wiring_, cpus, package_sleep_, choices_, driven_gsis_);
    each_device(*this, [&s](auto& device) { s(device); });
}

void Machine::interrupt(CpuNumber cpu, std::uint8_t vector) {
    InterruptMessage message;
    message.destination = cpu.value;
    message.wide = profile.x2apic;
    message.vector = vector;
    message.token = tokens.next(Source::Operator);
    lapics_[cpu.value]->receive(message);
}

unsigned Machine::gsi_base(unsigned n) const {
    unsigned base = 0;
    for (unsigned i = 0; i < n; ++i) {
        base += ioapics_[i]->pins();
    }
    return base;
}

void Machine::drive_gsi(unsigned gsi, bool level, Token token) {
    driven_gsis_.erase(std::remove(driven_gsis_.begin(), driven_gsis_.end(), gsi), driven_gsis_.end());
    if (level) {
        driven_gsis_.push_back(gsi);
    }
    wire_gsi(gsi, level, token);
}

void Machine::pulse_lint1(CpuNumber cpu) {
    if (!nmi_control.output()) {
        lapic(cpu).lint1(true);
        lapic(cpu).lint1(false);
    }
}

void Machine::wire_gsi(unsigned gsi, bool level, Token token) {
    for (auto& ioapic : ioapics_) {
        if (gsi < ioapic->pins()) {
            return ioapic->drive(gsi, level, token);
        }
        gsi -= ioapic->pins();
    }
}

void Machine::observe_hops(const std::function<void(const HopReached&)>& observer) {
    wiring_.hop.subscribe(observer);
    hpet.hop.subscribe(observer);
    pit.hop.subscribe(observer);
    nmi_control.hop.subscribe(observer);
    for (auto& ioapic : ioapics_) {
        ioapic->hop.subscribe(observer);
    }
    if (vtd_) {
        vtd_->hop.subscribe(observer);
    }
    if (amdvi_) {
        amdvi_->hop.subscribe(observer);
    }
    for (auto& lapic : lapics_) {
        lapic->hop.subscribe(observer);
    }
    cpus.hop.subscribe(observer);
}

std::string Machine::dump() const {
    std::string text;
    each_device(*this, [&text](const auto& device) { text += device.dump(); });
    return text;
}

}  // namespace hldsim
