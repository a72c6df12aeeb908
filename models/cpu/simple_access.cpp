// SPDX-License-Identifier: Apache-2.0
// The way that most accesses of most programs take: the CPU holds the line, nothing waits to be taken, and nobody else
// acts up to the end. Nothing differs from what access() does with them, but the time that it takes the host.
#include <algorithm>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

// A store to a line that this CPU owns is visible an L1 hit after its issue. If nobody acts up to then, nobody can tell
// it from one that is visible at once: it need not pass through the buffer. cpu.visible_at keeps the instant, for what
// drains the buffer waits for it. Whatever the CPU does next costs as much, as plain accesses are not free (simple_).
inline bool Cpus::visible_at_once(const Cpu& cpu, const void* at, unsigned size, unsigned line, Instant visible) const {
    const auto looked_into =
        reinterpret_cast<std::uintptr_t>(at) - reinterpret_cast<std::uintptr_t>(looked_into_.at) < looked_into_.size;
    return simple_ && !looked_into && lines_.owns(line, cpu.number.value) && !lines_.watched(line) &&
           map_.line(static_cast<const char*>(at) + size - 1) == line && is_ahead_at(visible);
}

// The compiled store follows.
void Cpus::begin_store(Cpu& cpu, void* at, unsigned size, bool marked, unsigned line) {
    const Instant visible = cpu.local.after(hit_).now;
    if (cpu.stores.empty() && line != NO_LINE && visible_at_once(cpu, at, size, line, visible)) {
        cpu.visible_at = visible;
        lines_.touch(line);
    } else {
        cpu.stores.announce(at, size, marked, line);
    }
}

// Nothing is to be decided: nothing of before is left to settle, and nothing waits to be taken.
inline bool Cpus::is_simple(const Cpu& cpu) const {
    return simple_ && !cpu.observed && cpu.stores.settled() && cpu.calm() &&
           cpu.effort.now.accesses < options_.most_accesses;
}

inline void Cpus::go_on(Cpu& cpu, const ClockCursor::Landing& landing) {
    ++accesses_;
    ++cpu.effort.now.accesses;
    cpu.local.take(hit_, landing);
    cpu.nesting.end_shadow();
}

// What access() does, where the line is held and nobody acts up to the end: most accesses of most programs. Whatever
// calls is left to others, so that these two need no stack.
void Cpus::load(Cpu& cpu, void* at, unsigned size, bool marked) {
    const unsigned line = map_.recent_line(at);
    if (line == NO_LINE) {
        if (cpu.stores.settled() && cpu.stack.owns(at)) {
            return;
        }
    } else if (is_simple(cpu) && lines_.holds(line, cpu.number.value)) {
        const ClockCursor::Landing end = cpu.local.after(hit_);
        if (is_ahead_at(end.now) && cpu.stores.empty()) {
            go_on(cpu, end);
            if (!cpu.spin.disturbed()) {
                note_read(cpu, at, size, line, true);
            }
            return;
        }
        if (is_ahead_at(end.now) && cpu.drain.now() > end.now) {
            load_past_stores(cpu, at, size, marked, line);
            return;
        }
    }
    access(cpu, AccessKind::Load, at, size, marked);
}

// Nothing in the buffer is due yet.
void Cpus::load_past_stores(Cpu& cpu, void* at, unsigned size, bool marked, unsigned line) {
    if (cpu.stores.cover(at, size) != StoreBuffer::Cover::None) {
        access(cpu, AccessKind::Load, at, size, marked);
        return;
    }
    go_on(cpu, cpu.local.after(hit_));
    if (!cpu.spin.disturbed()) {
        note_read(cpu, at, size, line, true);
    }
}

void Cpus::store(Cpu& cpu, void* at, unsigned size, bool marked) {
    const unsigned line = map_.recent_line(at);
    if (line == NO_LINE) {
        if (cpu.stores.settled() && cpu.stack.owns(at)) {
            return;
        }
    } else if (is_simple(cpu) && cpu.stores.empty()) {
        const ClockCursor::Landing end = cpu.local.after(hit_);
        const Instant visible = cpu.local.after(end, hit_).now;
        if (visible_at_once(cpu, at, size, line, visible)) {
            go_on(cpu, end);
            cpu.visible_at = visible;
            lines_.touch(line);
            cpu.spin.disturb();
            return;
        }
    }
    access(cpu, AccessKind::Store, at, size, marked);
}

void Cpus::note_read(Cpu& cpu, const void* at, unsigned size, unsigned line, bool charged) {
    cpu.spin.read({at, std::min(size, 8U), line, value_at(at, size), charged});
}

}  // namespace hldsim::cpu
