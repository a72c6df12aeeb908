// SPDX-License-Identifier: Apache-2.0
// System management mode: firmware runs, and what arrives meanwhile waits. SDM vol. 3C, 34.
#include <algorithm>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

void Cpus::take_smi(Cpu& cpu) {
    const void* const interrupted = cpu.pc;
    const bool interruptible = cpu.interruptible;
    cpu.interruptible = false;
    cpu.spin.disturb();
    drain_all(cpu);
    cpu.nesting.enter_smm();
    ++cpu.smis;
    context(cpu, Context::Smm, true, interrupted);
    cpu.local.advance(timing_.cycles(Row::SmmEntryExit).count);
    stay_in_smm(cpu, cpu.local.now() + cpu.smi_residency);
    cpu.nesting.leave_smm(options_.profile.smm_keeps_nmi_blocking);
    cpu.interruptible = interruptible;
    context(cpu, Context::Smm, false, interrupted);
    if (cpu.init_pending) {
        timeline_.actor_at(cpu.local.now());
        cpu.init({});
        timeline_.update_horizon();
        suspend(cpu, Cpu::State::WaitForSipi);  // SIPI begins a new stack: nothing returns to this one
    }
}

void Cpus::stay_in_smm(Cpu& cpu, Instant until) {
    if (cpu.smi_iret_after != Cpu::NO_IRET) {
        cpu.local.to_at_or_after(std::min(until, cpu.local.now() + cpu.smi_iret_after));
        pump(cpu);
        cpu.nesting.iret_in_smm();
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

void Cpus::assert_smi(CpuNumber number, Duration residency, Duration iret_after) {
    Cpu& target = cpu(number);
    target.smi_residency = residency;
    target.smi_iret_after = iret_after;
    target.smi({});
}

}  // namespace hldsim::cpu
