// SPDX-License-Identifier: Apache-2.0
// Exceptions: of an instruction, at whatever point the CPU is.
#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

void Cpus::raise_exception(CpuNumber number, Duration span) {
    Cpu& target = cpu(number);
    target.stick.requested = target.stick.exception = true;
    target.stick.span = span;
    if (&target != running_ && target.state != Cpu::State::Halted) {
        look_again(target);
    }
}

void Cpus::take_exception(Cpu& cpu) {
    constexpr std::uint8_t BREAKPOINT = 3;
    const bool interrupts = cpu.nesting.interrupts_enabled();
    const bool interruptible = cpu.interruptible;
    const void* const interrupted = cpu.pc;
    cpu.stick.requested = cpu.stick.exception = false;
    if (!cpu.idt_loaded) {
        shut_down(cpu, "an exception beyond the limit of the IDT: #GP, #DF, shutdown", {});
    }
    cpu.spin.disturb();
    disarm(cpu);
    drain_all(cpu);
    cpu.nesting.enter_interrupt();
    cpu.nesting.restore_interrupts(false);
    context(cpu, Context::Interrupt, true, interrupted, BREAKPOINT);
    cpu.local.advance(event_entry().count);
    wait_up_to(cpu, cpu.local.now() + cpu.stick.span);
    cpu.local.advance(event_exit().count);
    pump(cpu);
    cpu.nesting.leave_interrupt();
    cpu.nesting.restore_interrupts(interrupts);
    cpu.interruptible = interruptible;
    context(cpu, Context::Interrupt, false, interrupted, BREAKPOINT);
}

}  // namespace hldsim::cpu
