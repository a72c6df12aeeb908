// SPDX-License-Identifier: Apache-2.0
// NMI, SMI and interrupts at a CPU: latching, waking, taking, returning; and the CPU that is stuck.
#include <algorithm>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

// ---- what the local APIC does to its CPU

void Cpu::nmi(const TokenSet& tokens, std::uint8_t vector) {
    const Instant now = cluster.timeline_.now();
    if (state == State::WaitForSipi && !cluster.options_.profile.wfs_nmi_latches) {
        return;  // CPU-16, the other reading
    }
    nesting.latch_nmi(tokens, now + cluster.timing_.duration(Row::CpuEventBoundary), Nesting::source_of(vector));
    cluster.arrived(*this);
}

// LAPIC-5, `wake_only`: the CPU leaves HLT and handles nothing.
void Cpu::wake(const TokenSet& /*tokens*/) {
    if (state == State::Halted) {
        woken = true;
        cluster.ready(*this, cluster.timeline_.now() + cluster.timing_.duration(Row::CpuEventBoundary) +
                                 cluster.timing_.duration(exit));
    }
}

void Cpu::smi(const TokenSet& /*tokens*/) {
    nesting.latch_smi(cluster.timeline_.now() + cluster.timing_.duration(Row::CpuEventBoundary));
    cluster.arrived(*this);
}

void Cpu::interrupt_request(bool active) {
    nesting.interrupt_line(active, cluster.timeline_.now() + cluster.timing_.duration(Row::CpuEventBoundary));
    if (active) {
        cluster.arrived(*this);
    }
}

void Cpu::external_interrupt(bool /*active*/) {
    // The local APIC requests an interrupt for it, as it does for its own.
}

// SDM vol. 3A, 10.4.7.3 and CPU-15: what was under way is gone; stores that have been made stay made.
void Cpu::init(const TokenSet& /*tokens*/) {
    // CPU-11: in SMM one is latched, and RSM lets it act. CPU-5: an SMI that is latched comes before it.
    if (nesting.in_smm() || (nesting.smi_latched() && state != State::WaitForSipi)) {
        init_pending = true;
        return;
    }
    init_pending = false;
    cluster.disarm(*this);
    if (monitor.waiting) {
        monitor.waiting = false;
        cluster.tell_sleep(*this, false);
    }
    while (!stores.empty()) {
        cluster.drain_head(number.value, cluster.timeline_.now());
    }
    cluster.heap_.remove_if([&](const Key& k) { return k.rank() != Rank::Device && k.cpu() == number.value; });
    for (const unsigned line : spin.watched) {
        cluster.lines_.unwatch(line, number.value);
    }
    const std::size_t depth = nesting.depth();
    nesting.init(cluster.options_.profile.init_clears_nmi);
    spin.reset();
    stick = {};
    interruptible = false;
    local.to(cluster.core_clock_.first_at(cluster.timeline_.now()));  // a delay has been left before its end
    drain.to(local.place());
    visible_at = Instant{};
    state = State::WaitForSipi;
    if (counters != nullptr && counters->count_cycles()) {
        counters->asleep(true);
    }
    apic->init_reset();
    cluster.initialized.emit({number, cluster.timeline_.now(), depth});
}

void Cpu::sipi(std::uint8_t vector, const TokenSet& /*tokens*/) {
    if (state == State::WaitForSipi) {  // LAPIC-42: any other state discards it
        sipi_vector = vector;
        cluster.start(*this);
    }
}

void Cpu::completed(std::uint64_t value) {
    if (state != State::WaitsForRead) {
        return;  // INIT came meanwhile: nobody waits for the value
    }
    read_value = value;
    cluster.ready(*this, cluster.timeline_.now());
}

// An event has been latched now, due a little later. Whoever sleeps and can take it is woken.
void Cpus::arrived(Cpu& cpu) {
    const bool masked_too = cpu.monitor.waiting && cpu.monitor.masked_interrupt;
    const Instant due = masked_too ? std::min(cpu.nesting.due(), cpu.nesting.interrupt_due()) : cpu.nesting.due();
    if (due == Instant::never()) {
        return;
    }
    switch (cpu.state) {
        case Cpu::State::Halted:  // CPU-8: leaving the C-state comes before delivery
            ready(cpu, due + timing_.duration(cpu.exit));
            break;
        case Cpu::State::Stuck:
            ready(cpu, due);
            break;
        case Cpu::State::Parked:  // as of now, not of `due`: until then it goes on spinning and may see a store
            unpark(cpu, {timeline_.now(), Rank::Drain, 0});
            break;
        case Cpu::State::Ready:
            if (cpu.interruptible && due < cpu.local.now()) {
                rekey(cpu, due);
            }
            break;
        case Cpu::State::Running:
        case Cpu::State::WaitForSipi:
        case Cpu::State::WaitsForRead:
            break;
    }
}

// ---- taking

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

void Cpus::context(Cpu& cpu, Context context, bool entered, const void* interrupted, std::uint8_t vector) {
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

// ---- exceptions

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

// ---- a CPU that stops making progress

void Cpus::look_again(Cpu& cpu) {
    switch (cpu.state) {
        case Cpu::State::Halted:
        case Cpu::State::Stuck:
            ready(cpu, timeline_.now());
            break;
        case Cpu::State::Parked:
            unpark(cpu, {timeline_.now(), Rank::Drain, 0});
            break;
        case Cpu::State::Ready:
            if (cpu.interruptible && timeline_.now() < cpu.local.now()) {
                rekey(cpu, timeline_.now());
            }
            break;
        case Cpu::State::Running:
        case Cpu::State::WaitForSipi:
        case Cpu::State::WaitsForRead:
            break;
    }
}

void Cpus::stick(CpuNumber number, StuckKind kind, Duration span) {
    Cpu& target = cpu(number);
    target.stick.requested = true;
    target.stick.exception = false;
    target.stick.kind = kind;
    target.stick.span = span;
    if (&target != running_) {
        look_again(target);
    }
}

// Takes what becomes due meanwhile.
void Cpus::wait_up_to(Cpu& cpu, Instant until) {
    while (cpu.local.now() < until) {
        if (take_due(cpu) != Nesting::Event::None) {
            continue;
        }
        cpu.local.to_at_or_after(std::min(until, cpu.nesting.due()));
        cpu.interruptible = true;
        pump(cpu);
        cpu.interruptible = false;
    }
}

// Up to the end, or to the instant of an event.
void Cpus::stay_stuck(Cpu& cpu, Instant until) {
    const Instant due = cpu.nesting.due();  // latched before: nobody tells again
    if (cpu.stick.for_ever && due == Instant::never()) {
        suspend(cpu, Cpu::State::Stuck);
        return;
    }
    cpu.local.to_at_or_after(std::min(until, due));
    cpu.interruptible = true;
    pump(cpu);
    cpu.interruptible = false;
}

void Cpus::be_stuck(Cpu& cpu) {
    if (cpu.stick.exception) {
        take_exception(cpu);
        return;
    }
    cpu.stick.requested = false;
    cpu.stick.for_ever = cpu.stick.span.fs == 0;
    const StuckKind kind = cpu.stick.kind;
    const Instant until = cpu.stick.for_ever ? Instant::never() : cpu.local.now() + cpu.stick.span;
    const bool interrupts = cpu.nesting.interrupts_enabled();
    const bool blocked = cpu.nesting.nmi_blocked();
    const bool interruptible = cpu.interruptible;
    const bool frozen = kind == StuckKind::InSmm || kind == StuckKind::Paused;
    const bool idle = kind == StuckKind::Halted || kind == StuckKind::Paused;  // without cycles to count
    stuck_changed.emit({cpu.number, kind, true, cpu.local.now()});
    cpu.spin.disturb();
    drain_all(cpu);
    cpu.nesting.restore_interrupts(kind == StuckKind::Spinning);
    cpu.nesting.block_nmi(blocked || kind == StuckKind::InNmi);
    cpu.nesting.freeze(frozen);
    if (cpu.stick.for_ever && timed()) {
        for (auto& other : cpus_) {
            if (other->state == Cpu::State::Parked && software_->waits_for_ever(other->number)) {
                end(End::Deadlock);
            }
        }
    }
    while (cpu.local.now() < until) {
        if (take_due(cpu) != Nesting::Event::None) {
            continue;
        }
        if (idle) {
            count_cycles(cpu, false);
        }
        stay_stuck(cpu, until);
        if (idle) {
            count_cycles(cpu, true);
        }
    }
    cpu.nesting.freeze(false);
    cpu.nesting.block_nmi(blocked);
    cpu.nesting.restore_interrupts(interrupts);
    cpu.interruptible = interruptible;
    stuck_changed.emit({cpu.number, kind, false, cpu.local.now()});
}

}  // namespace hldsim::cpu
