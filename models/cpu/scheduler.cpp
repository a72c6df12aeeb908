// SPDX-License-Identifier: Apache-2.0
// Who acts next. One heap of keys (instant, drains before writes of devices before CPUs, CPU number); devices, which
// live in the timeline, come before all of them at equal times. A CPU that is first in this order goes on without a
// switch ("run-ahead").
#include <algorithm>
#include <cassert>
#include <utility>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

namespace {

const CpuOptions& valid(const CpuOptions& options) {
    options.profile.validate();
    return options;
}

}  // namespace

Cpus::Cpus(sim::Timeline& timeline, const Timing& timing, const Options& options, CpuBus& bus)
    : timeline_{timeline},
      timing_{timing},
      options_{valid(options)},
      bus_{bus},
      core_clock_{ClockDomain::of_frequency(timing.core())},
      tsc_clock_{ClockDomain::of_frequency(timing.tsc())},
      hit_{ClockCursor{core_clock_}.step(timing.cycles(Row::MemL1Hit).count)},
      stacks_{options.count},
      runs_ahead_{!options.stepping} {
    constexpr std::size_t COLOURS = Stack::MOST_COLOUR / 64;
    constexpr std::size_t APART = 37;  // lines; coprime to the number of colours
    for (unsigned n = 0; n < options.count; ++n) {
        const Stack own{stacks_.memory(n), n * APART % COLOURS * 64};
        cpus_.push_back(std::make_unique<Cpu>(*this, CpuNumber{n}, core_clock_, own));
        cpus_.back()->nesting.configure(options.profile.sti_holds_nmi, options.profile.fred,
                                        options.profile.nmi_source);
    }
    choose_path();
    timeline_.join(*this);
}

void Cpus::connect(CpuNumber number, InterruptController& apic, LapicRegisters& registers) {
    cpu(number).apic = &apic;
    cpu(number).apic_registers = &registers;
}

void Cpus::connect(CpuNumber number, PerformanceCounters& counters) { cpu(number).counters = &counters; }

void Cpus::load(Software& software, AddressMap map) {
    software_ = &software;
    map_ = std::move(map);
    lines_.configure(count(), options_.packages, map_.lines());
}

void Cpus::power_on() {
    heap_.clear();
    device_writes_.clear();
    rendezvous_.clear();
    lines_.reset();
    fault_ = {};
    accesses_ = blocks_ = free_accesses_ = parks_ = switches_ = 0;
    ended_ = End::None;
    injected_ = false;
    running_ = nullptr;
    for (auto& cpu : cpus_) {
        cpu->state = Cpu::State::WaitForSipi;
        cpu->local.to(Edge{0});
        cpu->drain.to(Edge{0});
        cpu->visible_at = cpu->awake_since = Instant{};
        cpu->drain_at_hand = false;
        cpu->stores.reset();
        cpu->spin.reset();
        cpu->nesting.reset();
        cpu->interruptible = cpu->woken = false;
        cpu->stick = {};
        cpu->exception = cpu->iret_fault = {};
        cpu->held_store = {};
        cpu->smi_residency = Cpu::OF_PROFILE;
        cpu->smi_iret_after = Cpu::NO_IRET;
        cpu->smis = 0;
        cpu->tsc = {};  // SDM vol. 3B, 17.17: RESET sets both to 0, the APIC's side by itself; INIT changes neither
        cpu->tsc_adjust = 0;
        cpu->rendezvous = cpu->waits_at = Cpu::NO_RENDEZVOUS;
        cpu->held_sipi = Cpu::NO_SIPI;
        cpu->monitor = {};
        cpu->exit = Row::CpuCstateExitC1;
        cpu->pc = nullptr;
        cpu->callers.clear();
        cpu->callers_below = 0;
        cpu->effort.reset();
    }
    const unsigned starting = timed() ? 1 : count();  // exploration: every CPU runs its column from the beginning
    for (unsigned n = 0; n < starting; ++n) {
        start(*cpus_[n]);
    }
}

void Cpus::observe(Observer* observer) {
    observer_ = observer;
    effects_wanted_ = observer != nullptr && observer->wants_effects();
    looked_into_ = observer != nullptr ? observer->looks_into() : Observer::Memory{};
    for (auto& cpu : cpus_) {
        cpu->observed = observer != nullptr && observer->follows(cpu->number);
    }
    choose_path();
}

void Cpus::interleave(Interleaver* interleaver) {
    interleaver_ = interleaver;
    choose_path();
}

void Cpus::choose_path() {
    runs_ahead_ = timed() && !options_.stepping;
    simple_ = runs_ahead_ && options_.tso && options_.cost == CostModel::Access && !effects_wanted_;
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
    s(state, local, drain, drain_at_hand, visible_at, awake_since, stack, stores, spin, nesting, woken, interruptible,
      read_value, sipi_vector, stick, exception, iret_fault, held_store, idt_loaded, held_sipi, monitor, exit,
      smi_residency, smi_iret_after, smis, tsc, tsc_adjust, rendezvous, waits_at, pc, callers, callers_below, effort,
      acknowledged);
}

void Cpus::copy_state(StateCopy& s) {
    s(heap_, device_writes_, rendezvous_, injected_, ended_, fault_, accesses_, blocks_, free_accesses_, parks_,
      switches_);
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
    cpu.effort.reset();
    // The boot CPU comes from firmware, which has a table. SIPI leaves a CPU without one: Linux's trampoline loads an
    // IDT of limit 0.
    cpu.idt_loaded = is_boot(cpu) || !timed();
    if (cpu.counters != nullptr && cpu.counters->count_cycles()) {
        cpu.counters->asleep(false);
    }
    ready(cpu, timeline_.now());
    cpu.drain.to(cpu.local.place());
    cpu.visible_at = Instant{};
    cpu.awake_since = cpu.local.now();
}

void Cpus::enter(void* argument) {
    Cpu& cpu = *static_cast<Cpu*>(argument);
    Software& software = *cpu.cluster.software_;
    if (is_boot(cpu) || !cpu.cluster.timed()) {
        software.reset_vector(cpu.number);
    } else {
        software.startup(cpu.number, cpu.sipi_vector);
    }
    cpu.cluster.end(End::BadAccess);  // software that returns from its entry point
}

// ---- the heap

// A CPU in a delay goes on earlier than its heap entry says.
void Cpus::rekey(Cpu& cpu, Instant at) {
    const Key before = key(cpu);
    cpu.local.to(core_clock_.first_at(at));
    heap_.replace(before, key(cpu));
}

void Cpus::ready(Cpu& cpu, Instant at) {
    cpu.local.to_at_or_after(at);
    cpu.state = Cpu::State::Ready;
    heap_.push(key(cpu));
}

// ---- switching

void Cpus::suspend(Cpu& cpu, Cpu::State state) {
    if (cpu.drain_at_hand) {
        cpu.drain_at_hand = false;
        heap_.push({cpu.drain.now(), Rank::Drain, cpu.number.value});
    }
    if (state == Cpu::State::Ready) {
        heap_.push(key(cpu));
    }
    cpu.state = state;
    ++switches_;
    if (runs_ahead_) {
        hand_over(cpu);
    } else {
        cpu.stack.suspend();  // running_ is the scheduler's to set
    }
    cpu.state = Cpu::State::Running;
}

// HLT and MWAIT: its performance counters see no cycles meanwhile.
void Cpus::sleep(Cpu& cpu) {
    count_cycles(cpu, false);
    suspend(cpu, Cpu::State::Halted);
    cpu.awake_since = cpu.local.now();
    count_cycles(cpu, true);
}

void Cpus::count_cycles(Cpu& cpu, bool on) {
    if (cpu.counters != nullptr && cpu.counters->count_cycles()) {
        timeline_.actor_at(cpu.local.now());
        cpu.counters->asleep(!on);
        timeline_.update_horizon();
    }
}

// Of many CPUs that take turns, each finds its own memory out of the host's caches.
void Cpus::prefetch_next() const {
    constexpr std::size_t MANY = 32;
    if (heap_.size() > MANY && heap_.front().rank() == Rank::Cpu) {
        cpus_[heap_.front().cpu()]->prefetch();
    }
}

void Cpu::prefetch() const {
    constexpr std::size_t LINES = 6;
    for (std::size_t line = 0; line < LINES; ++line) {
        __builtin_prefetch(reinterpret_cast<const char*>(this) + line * AddressMap::LINE);
    }
    stack.prefetch();
}

// To the next CPU at once, or to the scheduler if a device comes first: what act() does, on the stack of who suspends.
void Cpus::hand_over(Cpu& cpu) {
    running_ = nullptr;
    while (ended_ == End::None && heap_.due() < timeline_.horizon()) {
        const Key next = heap_.pop();
        if (next.rank() == Rank::Drain) {
            dispatch(next);
            continue;
        }
        running_ = cpus_[next.cpu()].get();
        running_->state = Cpu::State::Running;
        prefetch_next();
        if (running_ != &cpu) {
            cpu.stack.pass_to(running_->stack);
        }
        return;
    }
    cpu.stack.suspend();
}

// SIPI begins a new stack, or has begun it: nothing returns to this one.
void Cpus::abandon(Cpu& cpu) {
    ++switches_;
    for (;;) {
        cpu.stack.abandon();
    }
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
    while (!is_first(cpu)) {
        Key first = heap_.front();
        const Key own{cpu.drain.now(), Rank::Drain, cpu.number.value};
        const bool own_drain = cpu.drain_at_hand && own.before(first);
        if (own_drain) {
            first = own;
        }
        if (first.rank() != Rank::Cpu && first.before(key(cpu)) && first.at < timeline_.horizon()) {
            if (own_drain) {
                drain_own(cpu);
            } else {
                dispatch(heap_.pop());
            }
        } else {
            suspend(cpu, Cpu::State::Ready);
        }
    }
}

void Cpus::drain_own(Cpu& cpu) {
    cpu.drain_at_hand = false;
    if (!drain_head(cpu.number.value, cpu.drain.now())) {
        cpu.drain_at_hand = true;  // a spinner was woken; its last turn comes first
    }
}

void Cpus::dispatch(const Key& key) {
    if (key.rank() != Rank::Cpu) {
        if (!(key.rank() == Rank::Drain ? drain_head(key.cpu(), key.at) : make_device_write(key.at))) {
            heap_.push(key);  // a spinner was woken; its last turn comes first
        }
        return;
    }
    running_ = cpus_[key.cpu()].get();
    running_->state = Cpu::State::Running;
    running_->stack.resume();
    running_ = nullptr;
}

void Cpus::act() {
    if (!timed()) {
        explore();
        return;
    }
    while (ended_ == End::None && heap_.due() < timeline_.horizon()) {
        dispatch(heap_.pop());
    }
}

void Cpus::end(End how) {
    if (ended_ == End::None) {
        ended_ = how;
        if (running_ != nullptr && fault_.what == nullptr) {
            fault_ = {running_->number, nullptr, running_->pc, running_->nesting.context()};
        }
        heap_.clear();
        device_writes_.clear();
        timeline_.stop();
    }
    if (running_ != nullptr) {
        leave_for_ever(*running_);
    }
}

void Cpus::fault(Cpu& cpu, const char* what, End how) {
    fault_ = {cpu.number, what, cpu.pc, cpu.nesting.context()};
    end(how);
    leave_for_ever(cpu);
}

// ---- exploration: the same actors, costs are 0, and an interleaver instead of the keys

void Cpus::explore() {
    const std::vector<Key> starting = heap_.sorted();
    heap_.clear();
    for (const Key& key : starting) {
        dispatch(key);  // each up to its first point, where it puts itself back
    }
    while (ended_ == End::None && explore_step()) {
    }
    end(End::Time);
}

bool Cpus::explore_step() {
    const bool may_inject = inject_nmi_into_ >= 0 && !injected_;
    const std::vector<Key>& keys = heap_.sorted();  // the meaning of a choice must not depend on the heap's layout
    const std::size_t alternatives = keys.size() + (may_inject ? 1 : 0);
    if (alternatives == 0) {
        return false;
    }
    const std::size_t chosen = alternatives == 1 ? 0 : interleaver_->choose(alternatives);
    if (chosen < keys.size()) {
        dispatch(heap_.take(chosen));
        return true;
    }
    injected_ = true;
    Cpu& target = *cpus_[static_cast<std::size_t>(inject_nmi_into_)];
    TokenSet tokens;
    tokens.add(Token{1, Source::Operator});
    target.nesting.latch_nmi(tokens, Instant{});
    const auto own = std::find_if(keys.begin(), keys.end(), [&](const Key& k) {
        return k.rank() == Rank::Cpu && k.cpu() == target.number.value;
    });
    dispatch(own != keys.end() ? heap_.take(static_cast<std::size_t>(own - keys.begin())) : key(target));
    return true;
}

}  // namespace hldsim::cpu
