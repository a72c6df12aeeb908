// SPDX-License-Identifier: Apache-2.0
// Who acts next. One heap of keys (instant, drains before CPUs, CPU number); devices, which live in the timeline, come
// before all of them at equal times. A CPU that is first in this order goes on without a switch ("run-ahead").
#include <algorithm>
#include <cassert>
#include <utility>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

Cpus::Cpus(sim::Timeline& timeline, const Timing& timing, const Options& options, CpuBus& bus)
    : timeline_{timeline},
      timing_{timing},
      options_{options},
      bus_{bus},
      core_clock_{ClockDomain::of_frequency(timing.core())},
      tsc_clock_{ClockDomain::of_frequency(timing.tsc())},
      runs_ahead_{!options.stepping} {
    for (unsigned n = 0; n < options.count; ++n) {
        cpus_.push_back(std::make_unique<Cpu>(*this, CpuNumber{n}, core_clock_));
    }
    timeline_.join(*this);
}

void Cpus::connect(CpuNumber number, InterruptController& apic, LapicRegisters& registers) {
    cpu(number).apic = &apic;
    cpu(number).apic_registers = &registers;
}

void Cpus::load(Software& software, AddressMap map) {
    software_ = &software;
    map_ = std::move(map);
    lines_.configure(count(), options_.packages, map_.lines());
}

void Cpus::power_on() {
    heap_.clear();
    lines_.reset();
    accesses_ = skipped_accesses_ = parks_ = switches_ = 0;
    ended_ = End::None;
    injected_ = false;
    running_ = nullptr;
    for (auto& cpu : cpus_) {
        cpu->state = Cpu::State::WaitForSipi;
        cpu->local.to({0});
        cpu->stores.reset();
        cpu->spin.reset();
        cpu->nesting.reset();
        cpu->interruptible = cpu->woken = false;
        cpu->stick = {};
        cpu->smi_residency = {};
        cpu->pc = nullptr;
        cpu->callers.clear();
        cpu->callers_below = 0;
    }
    const unsigned starting = timed() ? 1 : count();  // exploration: every CPU runs its column from the beginning
    for (unsigned n = 0; n < starting; ++n) {
        start(*cpus_[n]);
    }
}

void Cpus::touch(const void* at, std::size_t size) {
    const auto* const begin = static_cast<const char*>(at);
    for (std::size_t offset = 0; offset < size; ++offset) {
        if (const unsigned line = map_.line(begin + offset); line != AddressMap::NO_LINE) {
            lines_.touch(line);
        }
    }
}

void Cpu::copy_state(StateCopy& s) {
    s(state, local, drain, stack, stores, spin, nesting, woken, interruptible, read_value, sipi_vector, stick,
      smi_residency, pc, callers, callers_below, acknowledged);
}

void Cpus::copy_state(StateCopy& s) {
    s(heap_, injected_, ended_, bad_access_, accesses_, skipped_accesses_, parks_, switches_);
    for (auto& cpu : cpus_) {
        s(*cpu);
    }
}

void Cpus::start(Cpu& cpu) {
    cpu.stack.start(enter, &cpu);
    cpu.stores.reset();
    cpu.spin.reset();
    cpu.callers.clear();
    cpu.callers_below = 0;
    ready(cpu, timeline_.now());
}

void Cpus::enter(void* argument) {
    Cpu& cpu = *static_cast<Cpu*>(argument);
    Software& software = *cpu.cluster.software_;
    if (cpu.number.value == 0 || !cpu.cluster.timed()) {
        software.reset_vector(cpu.number);
    } else {
        software.startup(cpu.number, cpu.sipi_vector);
    }
    cpu.cluster.end(End::BadAccess);  // software that returns from its entry point
}

// ---- the heap

void Cpus::push(const Key& key) {
    heap_.push_back(key);
    std::push_heap(heap_.begin(), heap_.end(), [](const Key& a, const Key& b) { return before(b, a); });
}

Cpus::Key Cpus::pop() {
    std::pop_heap(heap_.begin(), heap_.end(), [](const Key& a, const Key& b) { return before(b, a); });
    const Key key = heap_.back();
    heap_.pop_back();
    return key;
}

// A CPU in a delay goes on earlier than its heap entry says.
void Cpus::rekey(Cpu& cpu, Instant at) {
    cpu.local.to(core_clock_.first_at(at));
    for (Key& entry : heap_) {
        if (entry.rank == Rank::Cpu && entry.cpu == cpu.number.value) {
            entry.at = cpu.local.now();
        }
    }
    std::make_heap(heap_.begin(), heap_.end(), [](const Key& a, const Key& b) { return before(b, a); });
}

void Cpus::ready(Cpu& cpu, Instant at) {
    cpu.local.to_at_or_after(at);
    cpu.state = Cpu::State::Ready;
    push(key(cpu));
}

// ---- switching

void Cpus::suspend(Cpu& cpu, Cpu::State state) {
    if (state == Cpu::State::Ready) {
        push(key(cpu));
    }
    cpu.state = state;
    ++switches_;
    cpu.stack.suspend();  // running_ is the scheduler's to set
    cpu.state = Cpu::State::Running;
}

void Cpus::leave_for_ever(Cpu& cpu) {
    for (;;) {
        cpu.stack.suspend();
    }
}

// Everything that comes before this CPU's next action happens first. Drains need no stack of their own.
void Cpus::pump_slowly(Cpu& cpu) {
    if (options_.stepping || !timed()) {
        suspend(cpu, Cpu::State::Ready);
        if (!timed()) {
            return;
        }
    }
    for (;;) {
        const bool device_first = timeline_.horizon() <= cpu.local.now();
        if (heap_.empty() || !before(heap_.front(), key(cpu))) {
            if (!device_first) {
                return;
            }
        } else if (heap_.front().rank == Rank::Drain && heap_.front().at < timeline_.horizon()) {
            dispatch(pop());
            continue;
        }
        suspend(cpu, Cpu::State::Ready);
    }
}

void Cpus::dispatch(const Key& key) {
    if (key.rank == Rank::Drain) {
        if (!drain_head(key.cpu, key.at)) {
            push(key);  // a spinner was woken; its last turn comes first
        }
        return;
    }
    running_ = cpus_[key.cpu].get();
    running_->state = Cpu::State::Running;
    running_->stack.resume();
    running_ = nullptr;
}

void Cpus::act() {
    if (!timed()) {
        explore();
        return;
    }
    while (ended_ == End::None && !heap_.empty() && heap_.front().at < timeline_.horizon()) {
        dispatch(pop());
    }
}

bool Cpus::quiescent() { return false; }

void Cpus::end(End how) {
    if (ended_ == End::None) {
        ended_ = how;
        heap_.clear();
        timeline_.stop();
    }
    if (running_ != nullptr) {
        leave_for_ever(*running_);
    }
}

// ---- exploration: the same actors, costs are 0, and an interleaver instead of the keys

void Cpus::explore() {
    for (const Key& starting : std::exchange(heap_, {})) {
        dispatch(starting);  // each up to its first point, where it puts itself back
    }
    while (ended_ == End::None && explore_step()) {
    }
    end(End::Time);
}

bool Cpus::explore_step() {
    const bool may_inject = inject_nmi_into_ >= 0 && !injected_;
    const std::size_t alternatives = heap_.size() + (may_inject ? 1 : 0);
    if (alternatives == 0) {
        return false;
    }
    // The meaning of a choice must not depend on the heap's layout.
    std::sort(heap_.begin(), heap_.end(), before);
    const std::size_t chosen = alternatives == 1 ? 0 : interleaver_->choose(alternatives);
    if (chosen < heap_.size()) {
        const Key next = heap_[chosen];
        heap_.erase(heap_.begin() + static_cast<std::ptrdiff_t>(chosen));
        dispatch(next);
        return true;
    }
    injected_ = true;
    Cpu& target = *cpus_[static_cast<std::size_t>(inject_nmi_into_)];
    TokenSet tokens;
    tokens.add(Token{1, Source::Operator});
    target.nesting.latch_nmi(tokens, Instant{});
    const auto own = std::find_if(heap_.begin(), heap_.end(),
                                  [&](const Key& k) { return k.rank == Rank::Cpu && k.cpu == target.number.value; });
    if (own != heap_.end()) {
        const Key next = *own;
        heap_.erase(own);
        dispatch(next);
    } else {
        dispatch(key(target));
    }
    return true;
}

}  // namespace hldsim::cpu
