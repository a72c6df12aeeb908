// SPDX-License-Identifier: Apache-2.0
// A CPU that stops making progress, and what it takes meanwhile.
#include <algorithm>
#include <utility>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

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

void Cpus::divert(Cpu& cpu) {
    if (cpu.exception.requested) {
        meet_exception(cpu);
    } else {
        be_stuck(cpu);
    }
}

void Cpus::be_stuck(Cpu& cpu) {
    cpu.stick.requested = false;
    const bool outer_for_ever =
        std::exchange(cpu.stick.for_ever, cpu.stick.span.fs == 0);  // where a handler gets stuck
    const StuckKind kind = cpu.stick.kind;
    const Instant until = cpu.stick.for_ever ? Instant::never() : cpu.local.now() + cpu.stick.span;
    const bool interrupts = cpu.nesting.interrupts_enabled();
    const bool blocked = cpu.nesting.nmi_blocked();
    const bool interruptible = cpu.interruptible;
    const bool as_in_nmi = kind == StuckKind::InNmi;
    const bool frozen = kind == StuckKind::InSmm || kind == StuckKind::Paused;
    const bool idle = kind == StuckKind::Halted || kind == StuckKind::Paused;  // without cycles to count
    const bool outer = std::exchange(cpu.stick.engaged, true);
    stuck_changed.emit({cpu.number, kind, true, cpu.local.now()});
    cpu.spin.disturb();
    drain_all(cpu);
    cpu.nesting.restore_interrupts(kind == StuckKind::Spinning);
    if (as_in_nmi) {
        cpu.nesting.block_nmi(true);
    }
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
    if (as_in_nmi) {  // an IRET in SMM may have unblocked them meanwhile
        cpu.nesting.block_nmi(blocked && cpu.nesting.nmi_blocked());
    }
    cpu.nesting.restore_interrupts(interrupts);
    cpu.interruptible = interruptible;
    cpu.stick.engaged = outer;
    cpu.stick.for_ever = outer_for_ever;
    stuck_changed.emit({cpu.number, kind, false, cpu.local.now()});
}

}  // namespace hldsim::cpu
