// SPDX-License-Identifier: Apache-2.0
// MONITOR and MWAIT. SDM vol. 2, MONITOR and MWAIT; vol. 3A, 8.10 (management of idle and blocked conditions).
//
//   Triggered  by a store to the line when it becomes visible, by a CPU (its own too) or by a device
//   Cleared    by an NMI, interrupt, SMI or exception that is taken, and by MWAIT itself: it must be armed anew
//   Ends       a trigger, NMI, SMI (no restart: unlike HLT), INIT, an unmasked INTR, with ECX[0] = 1 a masked one
//   Exit       the C-state's latency comes before whatever follows, delivery of the event included (CPU-8)
//   Deviation: MWAIT itself costs one cycle, on either way: no figure was found
//   Deviation: a hint of C0 (EAX[7:4] = 1111b) is left as C1 is, and there are four rows for all states
//   Deviation: MONITOR of the CPU's own stack arms nothing, so MWAIT does not wait (hardware arms any write-back line)
//   Deviation: reserved bits of MWAIT's ECX are ignored, where hardware raises #GP; MONITOR is given no ECX
#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

namespace {

constexpr std::uint32_t INTERRUPT_BREAKS = 1;  // ECX[0]
constexpr Bits SUB_STATE{3, 0};
constexpr Bits STATE{7, 4};
constexpr std::uint64_t STATE_C0 = 15;
constexpr std::uint64_t DEEPEST_FROM = 6;  // Linux, drivers/idle/intel_idle.c: 60h is C10 of client parts

// SDM vol. 2, MWAIT: EAX[7:4] is the C-state less one, EAX[3:0] its sub-state.
Row exit_of(std::uint32_t hint) {
    const std::uint64_t state = STATE.get(hint);
    if (state == STATE_C0) {
        return Row::CpuCstateExitC1;
    }
    if (state == 0) {
        return SUB_STATE.get(hint) == 0 ? Row::CpuCstateExitC1 : Row::CpuCstateExitC1e;
    }
    return state < DEEPEST_FROM ? Row::CpuCstateExitC6 : Row::CpuCstateExitC10;
}

bool is_deep(Row exit) { return exit == Row::CpuCstateExitC6 || exit == Row::CpuCstateExitC10; }

}  // namespace

void Cpus::disarm(Cpu& cpu) {
    if (cpu.monitor.armed) {
        cpu.monitor.armed = false;
        lines_.unwatch(cpu.monitor.line, cpu.number.value);
    }
}

void Cpus::monitor(Cpu& cpu, void* at) {
    access(cpu, AccessKind::Load, at, 1, true);  // it is ordered as a load
    settle(cpu);
    disarm(cpu);
    const unsigned line = cpu.stack.owns(at) ? NO_LINE : map_.line(at);
    if (line != NO_LINE) {
        cpu.spin.disturb();
        cpu.monitor.line = line;
        cpu.monitor.armed = true;
        lines_.watch(line, cpu.number.value);
    }
}

// A store has become visible in the line.
void Cpus::trigger_monitors(unsigned line, Instant at) {
    for (;;) {
        Cpu* armed = nullptr;
        lines_.any_watcher(line, [&](unsigned n) {
            armed = cpus_[n]->monitor.armed && cpus_[n]->monitor.line == line ? cpus_[n].get() : nullptr;
            return armed != nullptr;
        });
        if (armed == nullptr) {
            return;
        }
        disarm(*armed);
        if (armed->monitor.waiting && armed->state == Cpu::State::Halted) {
            ready(*armed, at + timing_.duration(armed->exit));
        }
    }
}

bool Cpus::mwait_has_event(const Cpu& cpu) const {
    return cpu.nesting.due() != Instant::never() ||
           (cpu.monitor.masked_interrupt && cpu.nesting.interrupt_due() != Instant::never());
}

void Cpus::core_sleeps_deeply(Cpu& cpu, bool asleep) {
    timeline_.actor_at(cpu.local.now());
    tell_sleep(cpu, asleep);
    timeline_.update_horizon();
}

void Cpus::tell_sleep(Cpu& cpu, bool asleep) {
    cpu.apic->core_sleeps_deeply(asleep);
    if (package_ != nullptr && timed() && cpu.exit == Row::CpuCstateExitC10) {
        package_->core_in_c10(cpu.number, asleep);
    }
}

void Cpus::mwait(Cpu& cpu, MwaitHints hints, bool enabling_interrupts) {
    settle(cpu);
    release_store(cpu);
    cpu.effort.slept();
    cpu.awake_since = cpu.local.now();
    cpu.exit = exit_of(hints.eax);
    cpu.monitor.masked_interrupt = (hints.ecx & INTERRUPT_BREAKS) != 0;
    cpu.spin.disturb();
    if (enabling_interrupts) {
        cpu.nesting.restore_interrupts(true);  // the shadow of STI covers MWAIT itself
    }
    if (timed()) {
        cpu.local.advance(1);
        pump(cpu);
    }
    made(cpu, Effect::Halt, nullptr, 0, true);
    const bool deep = timed() && is_deep(cpu.exit);
    while (cpu.monitor.armed && !cpu.woken && !mwait_has_event(cpu)) {
        if (cpu.stick.requested) {
            be_stuck(cpu);
            continue;
        }
        cpu.monitor.waiting = true;
        if (deep) {
            core_sleeps_deeply(cpu, true);
        }
        sleep(cpu);
        cpu.monitor.waiting = false;
        if (deep) {
            core_sleeps_deeply(cpu, false);
        }
        if (!cpu.stick.requested) {
            break;  // whoever has made it ready has ended MWAIT
        }
    }
    cpu.woken = false;
    disarm(cpu);
    arrive(cpu);
}

}  // namespace hldsim::cpu
