// SPDX-License-Identifier: Apache-2.0
// A CPU takes what is latched: NMIs and interrupts, and returns; INIT, and does not.
#include <utility>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

Nesting::Event Cpus::take_latched(Cpu& cpu) {
    const Nesting::Event event = cpu.nesting.next(cpu.local.now());
    if (event != Nesting::Event::None) {
        disarm(cpu);  // SDM vol. 3A, 8.10.4: an event between MONITOR and MWAIT, as one in MWAIT
    }
    switch (event) {
        case Nesting::Event::None:
            break;
        case Nesting::Event::Smi:
            take_smi(cpu);
            break;
        case Nesting::Event::Init:
            take_init(cpu);
            break;
        case Nesting::Event::Nmi:
            take_nmi(cpu);
            break;
        case Nesting::Event::Interrupt:
            take_interrupt(cpu);
            break;
    }
    return event;
}

// True: at least one that ends HLT (an SMI does not: SDM vol. 3C, 34.10, auto HALT restart).
bool Cpus::take_all_due(Cpu& cpu) {
    bool woken = false;
    for (Nesting::Event event = take_due(cpu); event != Nesting::Event::None; event = take_due(cpu)) {
        woken = woken || event != Nesting::Event::Smi;
    }
    return woken;
}

// A level that nobody takes back, or a timer that is faster than its handler: each handler returns, and nothing else
// runs.
void Cpus::end_storm(Cpu& cpu) {
    fault_ = {cpu.number, "takes events without end, a million of them without HLT,", cpu.pc, cpu.nesting.context(),
              true};
    end(End::AccessLimit);
    leave_for_ever(cpu);
}

void Cpus::context(Cpu& cpu, Context context, bool entered, const void* interrupted, std::uint8_t vector) {
    if (entered) {
        cpu.effort.entered(cpu.nesting.depth());
        if (cpu.effort.events() > options_.most_events) {
            end_storm(cpu);
        }
    } else {
        cpu.effort.left(cpu.nesting.depth());
    }
    context_changed.emit({cpu.number, context, entered, cpu.local.now(), interrupted, vector});
}

// SDM vol. 3B, 22.26.3: a vector beyond the limit of the IDT is #GP, that again #DF, and that shuts the CPU down. PC
// chipsets answer the shutdown cycle with a reset of the machine.
void Cpus::shut_down(Cpu& cpu, const char* chain, const TokenSet& tokens) {
    for (const Token token : tokens) {
        hop.emit({token, Hop::Taken, cpu.local.now(), cpu.number});
    }
    triple_fault.emit({cpu.number, cpu.local.now(), cpu.pc, chain, &tokens});
    software_->shut_down(cpu.number, chain);
    end(End::TripleFault);
}

// SDM vol. 3A, 10.4.7.3 and CPU-15: what was under way is gone; stores that have been made stay made.
void Cpus::take_init(Cpu& cpu) {
    const bool interruptible = std::exchange(cpu.interruptible, false);
    cpu.spin.disturb();
    drain_all(cpu);
    if (cpu.nesting.smi_latched()) {  // it has come meanwhile, and comes first
        cpu.interruptible = interruptible;
        return;
    }
    const std::size_t depth = cpu.nesting.depth();
    if (cpu.stick.engaged) {
        stuck_changed.emit({cpu.number, cpu.stick.kind, false, cpu.local.now()});
    }
    cpu.nesting.init(options_.profile.init_clears_nmi);
    cpu.woken = false;
    cpu.stick = {};
    cpu.exception = cpu.iret_fault = {};
    cpu.state = Cpu::State::WaitForSipi;
    timeline_.actor_at(cpu.local.now());
    if (cpu.counters != nullptr && cpu.counters->count_cycles()) {
        cpu.counters->asleep(true);
    }
    cpu.apic->init_reset();
    initialized.emit({cpu.number, cpu.local.now(), depth});
    if (is_boot(cpu)) {
        software_->shut_down(cpu.number,
                             "CPU 0 took an INIT: it begins at the reset vector, and firmware is not simulated");
        end(End::BootCpuInit);
    }
    if (const unsigned vector = std::exchange(cpu.held_sipi, Cpu::NO_SIPI); vector != Cpu::NO_SIPI) {
        cpu.sipi(static_cast<std::uint8_t>(vector), {});
    }
    timeline_.update_horizon();
    abandon(cpu);
}

void Cpus::take_nmi(Cpu& cpu) {
    if (cpu.nesting.in_smm()) {
        take_nmi_in_smm(cpu);
        return;
    }
    if (!cpu.idt_loaded) {
        shut_down(cpu, "NMI, vector 2 beyond the limit of the IDT: #GP, #DF, shutdown", cpu.nesting.enter_nmi());
    }
    const void* const interrupted = cpu.pc;
    const bool interrupts = cpu.nesting.interrupts_enabled();
    const bool interruptible = cpu.interruptible;
    const std::size_t callers_below = cpu.callers_below;
    cpu.callers_below = cpu.callers.size();
    cpu.interruptible = false;
    cpu.spin.disturb();
    for (const Token token : cpu.nesting.enter_nmi()) {
        hop.emit({token, Hop::Taken, cpu.local.now(), cpu.number});
    }
    cpu.nesting.restore_interrupts(false);
    context(cpu, Context::Nmi, true, interrupted);
    made(cpu, Effect::NmiTaken, nullptr, 0, true);
    drain_all(cpu);  // delivery of an event drains the store buffer: SDM vol. 3A, 8.3 (serialising)
    if (timed()) {
        cpu.local.advance(event_entry().count);
        pump(cpu);
    }
    software_->nmi(cpu.number, interrupted, interrupts);
    settle(cpu);
    drain_all(cpu);  // so does IRET
    if (cpu.iret_fault.requested) {
        meet_iret_fault(cpu);
    }
    if (timed()) {
        cpu.local.advance(event_exit().count);
        pump(cpu);
    }
    made(cpu, Effect::NmiReturned, nullptr, 0, true);
    for (const Token token : cpu.nesting.leave_nmi()) {
        hop.emit({token, Hop::Returned, cpu.local.now(), cpu.number});
    }
    cpu.nesting.restore_interrupts(interrupts);
    cpu.spin.disturb();
    cpu.interruptible = interruptible;
    cpu.callers_below = callers_below;
    cpu.pc = interrupted;
    context(cpu, Context::Nmi, false, interrupted);
}

void Cpus::take_interrupt(Cpu& cpu) {
    const void* const interrupted = cpu.pc;
    const bool interruptible = cpu.interruptible;
    cpu.interruptible = false;
    cpu.spin.disturb();
    const std::size_t callers_below = cpu.callers_below;
    cpu.callers_below = cpu.callers.size();
    TokenSet& tokens = cpu.acknowledged;
    tokens.clear();
    timeline_.actor_at(cpu.local.now());
    const std::uint8_t vector = cpu.apic->acknowledge(tokens);
    timeline_.update_horizon();
    if (!cpu.idt_loaded) {
        shut_down(cpu, "an interrupt beyond the limit of the IDT: #GP, #DF, shutdown", tokens);
    }
    for (const Token token : tokens) {
        hop.emit({token, Hop::Taken, cpu.local.now(), cpu.number});
    }
    cpu.nesting.enter_interrupt();
    cpu.nesting.restore_interrupts(false);
    context(cpu, Context::Interrupt, true, interrupted, vector);
    made(cpu, Effect::InterruptTaken, nullptr, vector, true);
    drain_all(cpu);
    cpu.local.advance(event_entry().count);  // event delivery costs what an NMI's does
    pump(cpu);
    software_->interrupt(cpu.number, vector, interrupted, true);
    settle(cpu);
    drain_all(cpu);
    cpu.local.advance(event_exit().count);
    pump(cpu);
    cpu.nesting.leave_interrupt();
    cpu.callers_below = callers_below;
    cpu.nesting.restore_interrupts(true);
    cpu.spin.disturb();
    cpu.interruptible = interruptible;
    cpu.pc = interrupted;
    context(cpu, Context::Interrupt, false, interrupted, vector);
}

}  // namespace hldsim::cpu
