// SPDX-License-Identifier: Apache-2.0
// Exceptions: of an instruction, at whatever point the CPU is, and of an IRET. Their handlers return by IRET, which
// unblocks NMIs inside an NMI handler, too. SDM vol. 3A, 6.7.1.
//
//   Deviation: an exception's handler is a span of time, no software: nothing of the kernel hears of it
//   Deviation: an IRET that faults is executed once more behind that, as one whose frame had to be brought into memory
#include <utility>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {
namespace {

constexpr std::uint8_t BREAKPOINT = 3;
constexpr std::uint8_t PAGE_FAULT = 14;

}  // namespace

void Cpus::raise_exception(CpuNumber number, Duration span) {
    Cpu& target = cpu(number);
    if (target.state == Cpu::State::WaitForSipi) {
        return;  // it executes nothing
    }
    target.exception = {true, span};
    if (&target != running_ && target.state != Cpu::State::Halted) {
        look_again(target);
    }
}

void Cpus::fault_iret(CpuNumber number, Duration span) { cpu(number).iret_fault = {true, span}; }

void Cpus::meet_exception(Cpu& cpu) {
    const Duration span = std::exchange(cpu.exception, {}).span;
    if (!cpu.idt_loaded) {
        shut_down(cpu, "an exception beyond the limit of the IDT: #GP, #DF, shutdown", {});
    }
    take_exception(cpu, BREAKPOINT, span);
}

// SDM vol. 3A, 6.7.1: "even if the IRET instruction faults". With FRED there is no IRET, and nothing is unblocked.
void Cpus::meet_iret_fault(Cpu& cpu) {
    const Duration span = std::exchange(cpu.iret_fault, {}).span;
    cpu.nesting.iret_faults();
    take_exception(cpu, PAGE_FAULT, span);
}

void Cpus::take_exception(Cpu& cpu, std::uint8_t vector, Duration span) {
    const bool interrupts = cpu.nesting.interrupts_enabled();
    const bool interruptible = cpu.interruptible;
    const void* const interrupted = cpu.pc;
    cpu.spin.disturb();
    disarm(cpu);
    drain_all(cpu);
    cpu.nesting.enter_interrupt();
    cpu.nesting.restore_interrupts(false);
    context(cpu, Context::Interrupt, true, interrupted, vector);
    cpu.local.advance(event_entry().count);
    wait_up_to(cpu, cpu.local.now() + span);
    cpu.local.advance(event_exit().count);
    pump(cpu);
    cpu.nesting.leave_interrupt();
    cpu.nesting.restore_interrupts(interrupts);
    cpu.interruptible = interruptible;
    context(cpu, Context::Interrupt, false, interrupted, vector);
}

}  // namespace hldsim::cpu
