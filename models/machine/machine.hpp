// SPDX-License-Identifier: Apache-2.0
// The machine: the one place that includes every device and connects them. A run is one power cycle of it.
//
//   CPUs       APIC ID = CPU number; CPU 0 boots; split evenly over the packages
//   HPET       at FED0_0000h; its messages go to the fabric, its pins end here: no I/O APIC is connected
//   Reset      three phases over all devices: enter (own state only), hold (may act on others), exit
//   Following  true: SystemC's time follows every step; false (runs): decoupled, the same trace
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "models/base/choice.hpp"
#include "models/cpu/cpus.hpp"
#include "models/fabric/fabric.hpp"
#include "models/hpet/hpet.hpp"
#include "models/lapic/lapic.hpp"
#include "models/machine/profile.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

class Machine {
public:
    static constexpr std::uint64_t HPET_BASE = 0xfed0'0000;

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
    Lapic& lapic(CpuNumber cpu) { return *lapics_[cpu.value]; }

    /// The state of every device as text; equal texts are equal states.
    std::string dump() const;

    const MachineProfile profile;
    sim::Timeline timeline{"timeline"};
    TokenCounter tokens;
    Fabric fabric;

private:
    class OpenPins final : public InterruptPins {
        void drive(unsigned /*input*/, bool /*active*/, Token /*token*/) override {}
    };
    struct Planned {
        Instant at;
        std::function<void()> act;
    };

    void act_planned();
    void hand_over_from_firmware();

    ChoiceSource& choices_;
    OpenPins pins_;

public:
    Hpet hpet;
    cpu::Cpus cpus;

private:
    std::vector<std::unique_ptr<Lapic>> lapics_;
    std::vector<Planned> planned_;
    std::size_t next_planned_ = 0;
    sim::Alarm operator_;
    sim::Alarm limit_;
};

}  // namespace hldsim
