// SPDX-License-Identifier: Apache-2.0
// How stores leave the store buffer: in order, each an actor of its own at the instant at which it becomes visible.
#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

// Local time has not moved since the store was announced, so the store is dated right. Only the head is in the heap.
void Cpus::joined(Cpu& cpu) {
    if (!options_.tso && timed()) {
        while (!drain_head(cpu.number.value, cpu.local.now())) {
        }
        return;
    }
    if (cpu.stores.count() == 1) {
        cpu.drain.to(cpu.local.place());
        schedule_drain(cpu);
    }
}

void Cpus::schedule_drain(Cpu& cpu) {
    const Store& store = cpu.stores.head();
    const bool free = !timed() || (options_.cost == CostModel::Portable && !store.marked);
    if (!free) {
        const bool owned = lines_.owns(store.line, cpu.number.value);
        cpu.drain.advance(timing_.cycles(owned ? Row::MemL1Hit : Row::MemStoreDrain).count);
    }
    if (runs_ahead_ && &cpu == running_) {
        cpu.drain_at_hand = true;
    } else {
        heap_.push({cpu.drain.now(), Rank::Drain, cpu.number.value});
    }
}

// False: a CPU that was parked on the line has its last turn first.
bool Cpus::drain_head(unsigned number, Instant at) {
    Cpu& cpu = *cpus_[number];
    const Store& store = cpu.stores.head();
    if (wake_watchers(store.line, {at, Rank::Drain, number})) {
        return false;
    }
    const unsigned last = map_.line(store.at + store.size - 1);
    if (last != store.line && last != NO_LINE) {
        if (wake_watchers(last, {at, Rank::Drain, number})) {
            return false;
        }
        lines_.touch(last);
    }
    copy_store(store.at, store.bytes.data(), store.size);
    written(store.line, at);
    if (last != store.line && last != NO_LINE) {
        written(last, at);
    }
    if (store.marked || options_.cost == CostModel::Access) {
        lines_.own(store.line, number);
    } else {
        lines_.touch(store.line);
    }
    if (effects_wanted_) {
        const auto location = map_.locate(store.at);
        observer_->effect({Effect::Visible, cpu.number, at, location ? location->identity : 0,
                           told(value_at(store.at, store.size)), store.marked});
    }
    cpu.stores.pop();
    if (!cpu.stores.empty()) {
        schedule_drain(cpu);
    }
    return true;
}

void Cpus::drain_all(Cpu& cpu) {
    release_store(cpu);
    if (!timed()) {  // others may act between two drains, too: that is the run in which the interleaver drained before
        while (!cpu.stores.empty()) {
            drain_head(cpu.number.value, cpu.local.now());
        }
        heap_.remove_if([&](const Key& k) { return k.rank() == Rank::Drain && k.cpu() == cpu.number.value; });
        return;
    }
    while (!drained(cpu)) {
        if (cpu.stores.empty()) {
            cpu.local.to_at_or_after(cpu.visible_at);
        } else if (cpu.drain.now() > cpu.local.now()) {
            cpu.local.to(cpu.drain.place());
        }
        pump(cpu);
    }
}

// ---- a store to the local APIC's page that WRMSR may overtake

void Cpus::write_own_apic(Cpu& cpu, std::uint32_t offset, Size size, std::uint64_t value) {
    timeline_.actor_at(cpu.local.now());
    cpu.apic_registers->mmio_write(offset, size, value);
    timeline_.update_horizon();
}

// It has been paid for, and nothing but that WRMSR, which alone looks, can tell when it acts: neither does it take
// longer nor does what waits for it.
void Cpus::hold_store(Cpu& cpu, std::uint32_t offset, Size size, std::uint64_t value) {
    cpu.held_store = {true, false, offset, size, value, cpu.local.now() + timing_.duration(Row::MemStoreDrain)};
}

void Cpus::release_store(Cpu& cpu) {
    if (cpu.held_store.held) {
        cpu.held_store.held = false;
        write_own_apic(cpu, cpu.held_store.offset, cpu.held_store.size, cpu.held_store.value);
    }
}

}  // namespace hldsim::cpu
