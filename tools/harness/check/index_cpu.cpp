// SPDX-License-Identifier: Apache-2.0
// The CPUs' part of the index: their lives, when they were stuck, and where hotplug and tasks have got to.
#include "tools/harness/check/index.hpp"

namespace hldsim::check {

void Index::hotplug_step(Rank rank, const trace::Record& record) {
    if (CpuFacts* const cpu = facts(record.cpu)) {
        cpu->going_down.change(rank, !record.flag);
    }
    last_step = rank;
}

void Index::still_in_code(Rank rank, unsigned cpu) {
    if (CpuFacts* const self = facts(cpu)) {
        self->still = rank;
    }
}

void Index::life_changed(Rank rank, const trace::Record& record) {
    CpuFacts* const cpu = facts(record.cpu);
    if (cpu == nullptr) {
        return;
    }
    const auto life = static_cast<trace::Life>(record.value);
    cpu->life.change(rank, life);
    if (life == trace::Life::Coming || life == trace::Life::Dead) {
        forget_stack(rank, *cpu);
    }
}

void Index::forget_stack(Rank rank, CpuFacts& cpu) {
    cpu.waits.clear();
    cpu.irqs.clear();
    for (History<Rank>* const history : {&cpu.in_irq, &cpu.waiting}) {
        if (!history->changes().empty()) {
            history->change(rank, NEVER);
        }
    }
}

void Index::interrupt_changed(Rank rank, const trace::Record& record) {
    CpuFacts& cpu = cpus[record.cpu];
    if (record.what == trace::What::ContextEntered) {
        cpu.irqs.push_back(rank);
    } else if (!cpu.irqs.empty()) {
        cpu.irqs.pop_back();
    }
    if (cpu.irqs.size() < 2) {
        cpu.in_irq.change(rank, cpu.irqs.empty() ? NEVER : cpu.irqs.front());
    }
}

trace::Life Index::life(unsigned cpu, Rank rank) const {
    const CpuFacts& of = cpus[cpu];
    const trace::Life life = of.life.before(rank);
    if (life == trace::Life::Up && options.described.monitored && !of.monitored.before(rank) &&
        of.going_down.before(rank)) {
        return trace::Life::Leaving;
    }
    return life;
}

void Index::stuck_changed(Rank rank, const trace::Record& record) {
    if (record.what == trace::What::StuckBegan) {
        stucks.push_back({record.cpu, static_cast<cpu::StuckKind>(record.value), rank, NEVER});
        return;
    }
    for (auto last = stucks.rbegin(); last != stucks.rend(); ++last) {
        if (last->cpu == record.cpu && last->ended == NEVER) {
            last->ended = rank;
            return;
        }
    }
}

const Stuck* Index::stuck(unsigned cpu, Rank rank) const {
    for (const Stuck& stuck : stucks) {
        if (stuck.cpu == cpu && stuck.began < rank && (stuck.ended == NEVER || stuck.ended > rank)) {
            return &stuck;
        }
    }
    return nullptr;
}

}  // namespace hldsim::check
