// SPDX-License-Identifier: Apache-2.0
// The machine: the one place that includes every device and connects them. A run is one power cycle of it.
//
//   CPUs       APIC ID = CPU number; CPU 0 boots; split evenly over the packages
//   HPET       at FED0_0000h; its messages go to the fabric, its pins to the first I/O APIC and the 8259 pair
//   I/O APICs  at FEC0_0000h and every 4 KiB from there; their inputs are numbered on from one to the next (GSI)
//   Ports      8259 pair, 8254, the chipset's NMI; who is wired to whom is models/machine/wiring.hpp
//   Remapping  VT-d at FED9_0000h or AMD-Vi at FED8_0000h if the profile has a unit: between the devices' messages and
//              the local APICs
//   Memory     connect_memory(): what the unit reads and writes
//   Reset      three phases over all devices: enter (own state only), hold (may act on others), exit
//   Following  true: SystemC's time follows every step; false (runs): decoupled, the same trace
//   Deviation: drive_gsi() reaches the I/O APIC alone, not the 8259 pair, and is not ORed with the wiring's level.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "models/amdvi/amdvi.hpp"
#include "models/base/choice.hpp"
#include "models/chipset/nmi_control.hpp"
#include "models/cpu/cpus.hpp"
#include "models/fabric/fabric.hpp"
#include "models/fabric/port_space.hpp"
#include "models/hpet/hpet.hpp"
#include "models/ioapic/ioapic.hpp"
#include "models/lapic/lapic.hpp"
#include "models/machine/access_trap.hpp"
#include "models/machine/arena.hpp"
#include "models/machine/package_sleep.hpp"
#include "models/machine/profile.hpp"
#include "models/machine/wiring.hpp"
#include "models/pic/pic.hpp"
#include "models/pit/pit.hpp"
#include "models/pmu/pmu.hpp"
#include "models/sim/timeline.hpp"
#include "models/vtd/vtd.hpp"

namespace hldsim {

class Machine {
public:
    static constexpr std::uint64_t HPET_BASE = 0xfed0'0000;
    static constexpr std::uint64_t VTD_BASE = 0xfed9'0000;
    static constexpr std::uint64_t AMDVI_BASE = 0xfed8'0000;
    static constexpr std::uint64_t IOAPIC_BASE = 0xfec0'0000;

    Machine(const MachineProfile& profile, const cpu::Cpus::Options& cpus, ChoiceSource& choices);
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    Machine(Machine&&) = delete;
    Machine& operator=(Machine&&) = delete;
    ~Machine() = default;

    /// Reset of everything; instants count from here. Forgets what at() planned.
    void power_on();
    /// `act` happens at t, before any device of that instant; in the order of the calls where instants are equal.
    void at(Instant t, std::function<void()> act);
    /// Runs to the end, which is `until` unless something ends it before.
    cpu::End run(Instant until);
    /// Runs up to t and stops before anything of that instant; run() goes on from there. Something may end it before.
    cpu::End run_up_to(Instant t);
    /// Everything that a run changes, but for the memory of software, cache lines (Cpus) and what at() planned.
    void copy_state(StateCopy& s);
    void forget_plans() {
        planned_.clear();
        next_planned_ = 0;
        operator_.cancel();
    }
    bool plans_left() const { return next_planned_ < planned_.size(); }
    /// The run ends at t, as long as it has not ended.
    void end_at(Instant t) { limit_.at(t); }

    /// An ordinary interrupt, at once: a fixed-mode message that reaches that CPU's local APIC now.
    void interrupt(CpuNumber cpu, std::uint8_t vector);
    /// A pulse on LINT1 of that CPU's local APIC, from a device that is not modelled; none while NMI# holds the pin.
    void pulse_lint1(CpuNumber cpu);
    Lapic& lapic(CpuNumber cpu) { return *lapics_[cpu.value]; }
    Pmu& pmu(CpuNumber cpu) { return *pmus_[cpu.value]; }
    /// The remapping unit; null: the machine has none of that kind.
    Vtd* vtd() { return vtd_.get(); }
    Amdvi* amdvi() { return amdvi_.get(); }
    /// Physical memory for devices: native bytes, all of whose accesses by software go through the CPUs.
    void connect_memory(std::uint64_t physical, char* native, std::size_t size) {
        arena_.connect(physical, native, size);
    }
    unsigned ioapics() const { return static_cast<unsigned>(ioapics_.size()); }
    Ioapic& ioapic(unsigned n = 0) { return *ioapics_[n]; }
    /// The first global system interrupt (GSI) of that I/O APIC.
    unsigned gsi_base(unsigned n) const;
    /// Drives the input that has this GSI, for devices that are not modelled; none beyond the last I/O APIC. Such a
    /// device loses its power with the machine: power_on() lets go of the input.
    void drive_gsi(unsigned gsi, bool level, Token token = {});
    /// The line of an RTC's periodic interrupt, which is not modelled either: IRQ 8, unless the HPET replaces it
    /// (H-32).
    void drive_rtc(bool level) { wiring_.rtc().drive(Wiring::RTC_INPUT, level, {}); }

    /// Every hop of every token, from now on, whatever the source.
    void observe_hops(const std::function<void(const HopReached&)>& observer);
    /// The state of every device as text; equal texts are equal states.
    std::string dump() const;

    // ---- parts. Members stand in the order in which they are made: each needs those before it, private ones too.
    const MachineProfile profile;
    sim::Timeline timeline{"timeline"};
    TokenCounter tokens;
    Fabric fabric;
    PortSpace ports;

private:
    struct Planned {
        Instant at;
        std::function<void()> act;
    };

    /// `visit` for every device; `Self` is Machine or const Machine.
    template <class Self, class Visit>
    static void each_device(Self& self, Visit visit);
    void map_ports();
    void wire_gsi(unsigned gsi, bool level, Token token);
    void act_planned();
    void hand_over_from_firmware();

    ChoiceSource& choices_;
    Wiring wiring_{timeline, tokens};

public:
    Hpet hpet;
    Pic pic;
    Pit pit;
    NmiControl nmi_control;

private:
    AccessTrap access_trap_;

public:
    cpu::Cpus cpus;

private:
    PackageSleep package_sleep_;
    Arena arena_{cpus};
    std::unique_ptr<Vtd> vtd_;
    std::unique_ptr<Amdvi> amdvi_;
    std::vector<std::unique_ptr<Ioapic>> ioapics_;
    std::vector<std::unique_ptr<Lapic>> lapics_;
    std::vector<std::unique_ptr<Pmu>> pmus_;
    std::vector<unsigned> driven_gsis_;  // high by drive_gsi()
    std::vector<Planned> planned_;
    std::size_t next_planned_ = 0;
    sim::Alarm operator_;
    sim::Alarm limit_;
};

}  // namespace hldsim
