// SPDX-License-Identifier: Apache-2.0
// System management mode: firmware runs, and what arrives meanwhile waits. SDM vol. 3C, 34.
//
//   Deviation: an SMI that is a message (ICR, delivery mode 010b) lasts `smm.duration.short` on each CPU, and none
//              waits there for the others: what firmware does in one was not found
#include <algorithm>
#include <utility>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

void Cpus::take_smi(Cpu& cpu) {
    const void* const interrupted = cpu.pc;
    const bool interruptible = cpu.interruptible;
    // Of this SMI alone: another one may be latched as soon as the CPU is in SMM.
    const Duration asserted = std::exchange(cpu.smi_residency, Cpu::OF_PROFILE);
    const Duration iret_after = std::exchange(cpu.smi_iret_after, Cpu::NO_IRET);
    cpu.interruptible = false;
    cpu.spin.disturb();
    drain_all(cpu);
    cpu.nesting.enter_smm();
    ++cpu.smis;
    context(cpu, Context::Smm, true, interrupted);
    cpu.local.advance(timing_.cycles(Row::SmmEntryExit).count);
    if (const unsigned with_others = std::exchange(cpu.rendezvous, Cpu::NO_RENDEZVOUS);
        with_others != Cpu::NO_RENDEZVOUS) {
        meet_in_smm(cpu, with_others, iret_after);
    } else {
        const bool message = asserted == Cpu::OF_PROFILE;
        const Duration residency = message ? timing_.duration(Row::SmmDurationShort) : asserted;
        stay_in_smm(cpu, cpu.local.now() + residency, iret_after);
    }
    cpu.nesting.leave_smm(options_.profile.smm_keeps_nmi_blocking);
    cpu.interruptible = interruptible;
    context(cpu, Context::Smm, false, interrupted);
}

void Cpus::stay_in_smm(Cpu& cpu, Instant until, Duration iret_after) {
    if (iret_after != Cpu::NO_IRET) {
        cpu.local.to_at_or_after(std::min(until, cpu.local.now() + iret_after));
        pump(cpu);
        cpu.nesting.iret_in_smm();
        iret_in_smm.emit({cpu.number, cpu.local.now()});
        wait_up_to(cpu, until);
    }
    cpu.local.to_at_or_after(until);
    pump(cpu);
}

// SDM vol. 3C, 34.8: firmware's own handler, in the manner of real mode. The kernel never hears of this NMI.
void Cpus::take_nmi_in_smm(Cpu& cpu) {
    for (const Token token : cpu.nesting.enter_nmi()) {
        hop.emit({token, Hop::Taken, cpu.local.now(), cpu.number});
    }
    context(cpu, Context::Nmi, true, cpu.pc);
    cpu.local.advance(timing_.cycles(Row::CpuNmiEntryHw).count);
    pump(cpu);
    cpu.local.advance(timing_.cycles(Row::CpuNmiExitIret).count);
    pump(cpu);
    for (const Token token : cpu.nesting.leave_nmi()) {
        hop.emit({token, Hop::Returned, cpu.local.now(), cpu.number});
    }
    context(cpu, Context::Nmi, false, cpu.pc);
}

// ---- firmware's rendez-vous: nobody works in SMM before all have come, nobody leaves before the work is done (CPU-10)

void Cpus::assert_smi(const std::vector<CpuNumber>& numbers, Duration residency, Duration iret_after) {
    const unsigned rendezvous = options_.profile.smi_rendezvous ? new_rendezvous(residency) : Cpu::NO_RENDEZVOUS;
    for (const CpuNumber number : numbers) {
        Cpu& target = cpu(number);
        const bool comes = target.state != Cpu::State::WaitForSipi && !target.nesting.frozen();  // CPU-16
        if (rendezvous != Cpu::NO_RENDEZVOUS && comes && !target.nesting.smi_latched()) {
            target.rendezvous = rendezvous;
            ++rendezvous_[rendezvous].awaited;
        }
        assert_smi(number, residency, iret_after);
    }
}

unsigned Cpus::new_rendezvous(Duration residency) {
    std::size_t n = 0;
    while (n < rendezvous_.size() && rendezvous_[n].awaited + rendezvous_[n].inside > 0) {
        ++n;
    }
    if (n == rendezvous_.size()) {
        rendezvous_.emplace_back();
    }
    rendezvous_[n] = {0, 0, Instant::never(), residency};
    return static_cast<unsigned>(n);
}

void Cpus::meet_in_smm(Cpu& cpu, unsigned rendezvous, Duration iret_after) {
    pump(cpu);  // who comes last is a question of time
    has_come(cpu, rendezvous);
    cpu.waits_at = rendezvous;
    while (rendezvous_[rendezvous].leave == Instant::never()) {
        suspend(cpu, Cpu::State::Stuck);
    }
    cpu.waits_at = Cpu::NO_RENDEZVOUS;
    stay_in_smm(cpu, rendezvous_[rendezvous].leave, iret_after);
    --rendezvous_[rendezvous].inside;
}

void Cpus::has_come(Cpu& cpu, unsigned number) {
    Rendezvous& rendezvous = rendezvous_[number];
    ++rendezvous.inside;
    if (--rendezvous.awaited > 0) {
        return;
    }
    rendezvous.leave = cpu.local.now() + rendezvous.residency;
    for (auto& other : cpus_) {
        if (other->waits_at == number && other->state == Cpu::State::Stuck) {
            ready(*other, cpu.local.now());
        }
    }
}

void Cpus::assert_smi(CpuNumber number, Duration residency, Duration iret_after) {
    Cpu& target = cpu(number);
    target.smi_residency = residency;
    target.smi_iret_after = iret_after;
    target.smi({});
}

}  // namespace hldsim::cpu
