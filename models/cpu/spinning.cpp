// SPDX-License-Identifier: Apache-2.0
// PAUSE loops that repeat themselves are parked and woken exactly, before the other side's action.
#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

// True: at least one was woken. Monitors watch lines, too: theirs is the store itself, not what comes before it.
bool Cpus::wake_all(unsigned line, const Key& waker) {
    for (bool woken = false;; woken = true) {
        Cpu* parked = nullptr;
        lines_.any_watcher(line, [&](unsigned n) {
            parked = cpus_[n]->state == Cpu::State::Parked ? cpus_[n].get() : nullptr;
            return parked != nullptr;
        });
        if (parked == nullptr) {
            return woken;
        }
        unpark(*parked, waker);
    }
}

// Does a load take the line from a CPU that is parked and has it alone, perhaps for its locked operation? It would miss
// in its next turn. Who only reads is woken too, as the first of several that spin, and parks again.
bool Cpus::takes_from_watcher(const Cpu& cpu, bool marked, unsigned line) const {
    return line != NO_LINE && lines_.watched(line) && pays(marked) && !lines_.holds(line, cpu.number.value) &&
           lines_.any_watcher(
               line, [&](unsigned n) { return cpus_[n]->state == Cpu::State::Parked && lines_.owns(line, n); });
}

// The last turn that begins before the waker acts still runs with the old memory; whole turns before it have gone by.
void Cpus::unpark(Cpu& cpu, const Key& waker) {
    for (const unsigned line : cpu.spin.watched) {
        lines_.unwatch(line, cpu.number.value);
    }
    cpu.spin.watched.clear();
    const Edge began = cpu.spin.began();
    const auto last = core_clock_.last_at(waker.at);
    std::uint64_t turns = last && last->index > began.index ? (last->index - began.index) / cpu.spin.period() : 0;
    if (turns > 0) {
        const Instant start = core_clock_.edge({began.index + turns * cpu.spin.period()});
        if (!Key{start, Rank::Cpu, cpu.number.value}.before(waker)) {
            --turns;
        }
    }
    cpu.local.to(cpu.spin.skip(turns));
    cpu.state = Cpu::State::Ready;
    heap_.push(key(cpu));
}

// Would the next turn be equal to the last two, if nobody else did anything?
bool Cpus::may_park(Cpu& cpu, const char* sp) {
    if (!cpu.spin.turn_repeats(sp, cpu.stack.top(), cpu.local.edge())) {  // first: it also begins a new turn
        return false;
    }
    if (!drained(cpu) || cpu.nesting.due() != Instant::never() || cpu.diverted() || cpu.held_store.held) {
        return false;
    }
    for (const Spin::Read& read : cpu.spin.values()) {  // a line that was taken away: the next turn would be longer
        const bool there = read.locked ? lines_.owns(read.line, cpu.number.value)
                                       : !read.charged || lines_.holds(read.line, cpu.number.value);
        if (!there) {
            return false;
        }
    }
    return cpu.spin.values_are_current();
}

void Cpus::park(Cpu& cpu) {
    ++parks_;
    for (const Spin::Read& read : cpu.spin.values()) {
        if (!lines_.watches(read.line, cpu.number.value)) {
            cpu.spin.watched.push_back(read.line);
            lines_.watch(read.line, cpu.number.value);
        }
    }
    cpu.state = Cpu::State::Parked;
    if (software_->waits_for_ever(cpu.number)) {
        end(End::Deadlock);
    }
    suspend(cpu, Cpu::State::Parked);
}

void Cpus::relax(Cpu& cpu, const char* sp) {
    settle(cpu);
    if (options_.spin_parking && timed() && may_park(cpu, sp)) {
        park(cpu);
    }
    if (timed()) {
        cpu.local.advance(timing_.cycles(Row::CpuPause).count);
    }
    arrive(cpu);
}

}  // namespace hldsim::cpu
