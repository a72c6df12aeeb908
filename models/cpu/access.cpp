// SPDX-License-Identifier: Apache-2.0
// What a CPU does at a memory access: pay, let everybody with a smaller key act, take events, then make it.
#include <algorithm>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

// As AddressMap::told(), and an address on a CPU's stack by its place there.
std::uint64_t Cpus::told(std::uint64_t value) const {
    constexpr std::uint64_t STACK = 0x57ac000000000000U;
    const auto* const p = reinterpret_cast<const char*>(value);
    return stacks_.owner(p) == Stacks::NONE ? map_.told(value)
                                            : STACK + static_cast<std::uint64_t>(p - stacks_.memory(0));
}

void Cpus::tell(Cpu& cpu, Effect effect, const void* at, std::uint64_t value, bool marked) {
    const auto location = at == nullptr ? std::nullopt : map_.locate(at);
    observer_->effect({effect, cpu.number, cpu.local.now(), location ? location->identity : 0, told(value), marked});
}

// ---- points

// Returns when this CPU is first, no event is due and, if asked, the store buffer is empty: all at once.
void Cpus::arrive_slowly(Cpu& cpu, const Access& access, unsigned line, bool drain_first) {
    for (;;) {
        pump(cpu);
        if (cpu.diverted()) {
            divert(cpu);
            continue;
        }
        if (take_due(cpu) != Nesting::Event::None) {
            continue;
        }
        if (drain_first && !drained(cpu)) {
            drain_all(cpu);
            if (timed()) {
                continue;  // time has passed: an event may be due now
            }
        }
        if (cpu.held_store.held &&
            (drain_first || (!cpu.held_store.overtaken && cpu.local.now() >= cpu.held_store.until))) {
            release_store(cpu);
        }
        const bool visible_now = access.kind == AccessKind::Rmw || access.kind == AccessKind::Bulk;
        const bool takes = access.kind == AccessKind::Load && takes_from_watcher(cpu, access.marked, line);
        if ((visible_now || takes) && line != NO_LINE && wake_watchers(line, key(cpu))) {
            continue;
        }
        if (access.kind == AccessKind::Bulk && wake_watchers_behind(access, key(cpu))) {
            continue;
        }
        cpu.nesting.end_shadow();
        return;
    }
}

// Who watches a line of a bulk access, but its first.
bool Cpus::wake_watchers_behind(const Access& a, const Key& waker) {
    const auto* const begin = static_cast<const char*>(a.at);
    bool woken = false;
    for (unsigned offset = AddressMap::LINE; offset < a.size + AddressMap::LINE; offset += AddressMap::LINE) {
        const unsigned line = map_.line(begin + std::min(offset, std::max(a.size, 1U) - 1));
        woken = (line != NO_LINE && wake_watchers(line, waker)) || woken;
    }
    return woken;
}

Cycles Cpus::transfer_cost(unsigned line, unsigned cpu) const {
    switch (lines_.reach(line, cpu)) {
        case Reach::Held:
            return timing_.cycles(Row::MemL1Hit);
        case Reach::SamePackage:
            return timing_.cycles(Row::MemLineTransferSocket);
        case Reach::OtherPackage:
            return timing_.cycles(Row::MemLineTransferCross);
        case Reach::Memory:
            break;
    }
    return timing_.cycles(Row::MemDram);
}

// The holders count as of now: every action with a smaller key has been made, in run-ahead as in stepping.
void Cpus::pay(Cpu& cpu, AccessKind kind, unsigned line) {
    if (!timed()) {
        return;
    }
    Cycles cost = timing_.cycles(Row::MemL1Hit);
    if (kind != AccessKind::Store) {
        const bool hit =
            kind == AccessKind::Load ? lines_.holds(line, cpu.number.value) : lines_.owns(line, cpu.number.value);
        if (!hit) {
            cost = transfer_cost(line, cpu.number.value);
            cpu.spin.disturb();
        }
        if (kind == AccessKind::Rmw) {
            cost.count += timing_.cycles(Row::MemLocked).count;
        }
    }
    cpu.local.advance(cost.count);
}

// Another CPU's stack is shared memory without lines: charged as a transfer, ordered as a locked operation. Whoever is
// parked compares its own stack, so it must look again.
void Cpus::access_foreign_stack(Cpu& cpu, const Access& a, Cpu& owner) {
    if (timed()) {
        cpu.local.advance(timing_.cycles(Row::MemLineTransferSocket).count);
    }
    cpu.spin.disturb();
    for (;;) {
        arrive_slowly(cpu, a, NO_LINE, true);
        if (a.kind == AccessKind::Load || owner.state != Cpu::State::Parked) {
            return;
        }
        unpark(owner, key(cpu));
    }
}

// Memory without lines: another CPU's stack, constants, or nothing that software may touch.
void Cpus::access_elsewhere(Cpu& cpu, const Access& a) {
    if (const std::size_t owner = stacks_.owner(a.at); owner != Stacks::NONE) {
        access_foreign_stack(cpu, a, *cpus_[owner]);
        return;
    }
    if (a.kind == AccessKind::Load && !map_.forbidden(a.at)) {
        return;  // constants
    }
    fault(cpu, a.kind == AccessKind::Load ? "reads memory that is not the kernel's"
                                          : "writes memory that is not the kernel's");
}

void Cpus::count_access(Cpu& cpu) {
    ++accesses_;
    if (++cpu.effort.now.accesses > options_.most_accesses) {
        end(End::AccessLimit);
    }
}

void Cpus::access(Cpu& cpu, AccessKind kind, void* at, unsigned size, bool marked) {
    settle(cpu);
    if (cpu.stack.owns(at)) {
        return;  // the CPU's own stack: free, and no point
    }
    const unsigned line = map_.line(at);
    if (line == NO_LINE) {
        access_elsewhere(cpu, {kind, at, size, marked, cpu.pc});
        return;
    }
    count_access(cpu);
    const bool charged = pays(marked);
    if (charged) {
        pay(cpu, kind, line);
    } else {
        ++free_accesses_;
    }
    const bool load = kind == AccessKind::Load;
    const bool store = kind == AccessKind::Store;
    const bool calm = is_calm(cpu) && cpu.stores.empty() &&
                      (load ? !takes_from_watcher(cpu, marked, line)
                            : store || (kind == AccessKind::Rmw && drained(cpu) && !lines_.watched(line)));
    if (calm) {
        cpu.nesting.end_shadow();
    }
    if (!calm || observer_ != nullptr) {
        come_to(cpu, {kind, at, size, marked, cpu.pc}, line, calm);
    }
    // From here to the access itself nothing else can run.
    if (load) {
        make_load(cpu, at, size, marked, line);
        return;
    }
    if (kind != AccessKind::Rmw || size > sizeof(std::uint64_t)) {
        cpu.spin.disturb();
    } else if (!cpu.spin.disturbed()) {
        cpu.spin.read({at, size, line, value_at(at, size), true, true});
    }
    if (store) {
        begin_store(cpu, at, size, marked, line);
    } else {
        own_all(cpu, at, size, line);
    }
}

// Up to the instant at which the access may be made, unless it is there already, and tells the observer.
void Cpus::come_to(Cpu& cpu, const Access& a, unsigned line, bool there) {
    const bool load = a.kind == AccessKind::Load;
    const bool store = a.kind == AccessKind::Store;
    const auto partial = [&] { return load && cpu.stores.cover(a.at, a.size) == StoreBuffer::Cover::Partial; };
    if (!there) {
        do {
            arrive_slowly(cpu, a, line, load ? partial() : !store || cpu.stores.full());
        } while (partial());
    }
    if (observer_ == nullptr) {
        return;
    }
    observer_->about_to(cpu, a);
    Access again = a;
    again.again = true;
    while (cpu.diverted() || (runs_ahead_ && !is_first(cpu))) {
        // The observer has planned something for this instant: it comes first, and whatever the CPU then does instead.
        do {
            arrive_slowly(cpu, a, line, load ? partial() : !store || cpu.stores.full());
        } while (partial());
        observer_->about_to(cpu, again);
    }
}

void Cpus::make_load(Cpu& cpu, void* at, unsigned size, bool marked, unsigned line) {
    const bool charged = pays(marked);
    if (charged && !lines_.holds(line, cpu.number.value)) {
        lines_.share(line, cpu.number.value);
    }
    if (cpu.stores.cover(at, size) == StoreBuffer::Cover::Whole) {
        cpu.stores.patch_load(at, size);
    }
    if (!cpu.spin.disturbed()) {
        note_read(cpu, at, size, line, charged);
    }
    if (effects_wanted_) {
        tell(cpu, Effect::Load, at, value_at(at, size), marked);
    }
}

void Cpus::own(unsigned line, const Cpu& cpu) {
    lines_.own(line, cpu.number.value);
    written(line, cpu.local.now());
}

// A locked operation or a bulk copy writes memory by itself, now: every line of it is this CPU's.
void Cpus::own_all(const Cpu& cpu, const void* at, unsigned size, unsigned line) {
    const auto* const begin = static_cast<const char*>(at);
    own(line, cpu);
    for (unsigned offset = AddressMap::LINE; offset < size + AddressMap::LINE - 1; offset += AddressMap::LINE) {
        const unsigned next = map_.line(begin + std::min(offset, size - 1));
        if (next != line && next != NO_LINE) {
            own(next, cpu);
        }
    }
}

void Cpus::spend(Cpu& cpu, Cycles cost) {
    settle(cpu);
    if (timed()) {
        cpu.local.advance(cost.count);
    }
    arrive(cpu);
}

void Cpus::fence(Cpu& cpu, Cycles cost) {
    settle(cpu);
    if (timed()) {
        cpu.local.advance(cost.count);
    }
    arrive(cpu, true);
}

void Cpus::delay(Cpu& cpu, Duration span) {
    settle(cpu);
    if (!timed()) {
        return;
    }
    release_store(cpu);
    std::uint64_t cycles = core_clock_.edges_covering(span);
    cpu.spin.disturb();
    while (cycles > 0) {
        const std::uint64_t began = cpu.local.edge().index;
        cpu.local.to(Edge{began + cycles});
        if (const Instant due = cpu.nesting.due(); due < cpu.local.now()) {  // latched before: nobody tells again
            cpu.local.to(Edge{std::max(began, core_clock_.first_at(due).index)});
        }
        cpu.interruptible = true;
        pump(cpu);  // comes back at the end, or at the instant of an event
        cpu.interruptible = false;
        cycles -= cpu.local.edge().index - began;
        if (cpu.diverted()) {
            divert(cpu);
        }
        take_all_due(cpu);
    }
    arrive(cpu);
}

}  // namespace hldsim::cpu
