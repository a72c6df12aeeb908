// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/point/point_watcher.hpp"

#include <algorithm>
#include <utility>

namespace hldsim::point {

namespace {

using cpu::AccessKind;
using Form = scenario::Point::Form;

bool is_read(AccessKind kind) { return kind == AccessKind::Load || kind == AccessKind::Bulk; }
bool is_write(AccessKind kind) { return kind == AccessKind::Store || kind == AccessKind::Bulk; }

bool fits(Form form, AccessKind kind) {
    switch (form) {
        case Form::Reads:
            return is_read(kind);
        case Form::Writes:
            return is_write(kind);
        case Form::Updates:
            return kind == AccessKind::Rmw;
        default:
            return false;
    }
}

}  // namespace

PointWatcher::PointWatcher(std::vector<ResolvedPoint> points, unsigned cpus, Listener& listener)
    : listener_{listener}, of_cpu_(cpus), in_code_(cpus), last_access_(cpus) {
    for (ResolvedPoint& point : points) {
        watches_.push_back(std::make_unique<Watch>(watches_.size(), std::move(point)));
        const CpuNumber cpu = watches_.back()->point.cpu;
        if (cpu.value < cpus) {
            of_cpu_[cpu.value].push_back(watches_.back().get());
            if (watches_.back()->point.is_of_code()) {
                in_code_[cpu.value].push_back(watches_.back().get());
            }
        }
    }
}

void PointWatcher::copy_state(StateCopy& s) {
    for (auto& watch : watches_) {
        s(watch->in, watch->target, watch->hits, watch->waits, watch->hit, watch->pending, watch->next_pending,
          watch->pending_wait, watch->going, watch->touch, watch->releases, watch->releases_at_depth);
    }
    s(last_access_);
}

void PointWatcher::reset() {
    for (const auto& watch : watches_) {
        watch->in.reset();
        watch->target.reset();
        watch->hits = 0;
        watch->waits = false;
        watch->pending.fill({});
        watch->next_pending = 0;
        watch->pending_wait = false;
        watch->going = {};
        watch->touch = {};
        watch->releases = nullptr;
    }
    std::fill(last_access_.begin(), last_access_.end(), LastAccess{});
}

PointWatcher::Seen PointWatcher::seen(std::size_t point) const {
    const Watch& w = *watches_[point];
    Seen seen{w.ran, w.reads, w.writes, w.updates, {}};
    seen.places.assign(w.place.begin(), w.place.begin() + w.places);
    return seen;
}

bool PointWatcher::needs_mask() const {
    return std::any_of(watches_.begin(), watches_.end(), [](const auto& watch) { return watch->point.is_leaving(); });
}

// ---- hits

void PointWatcher::hit(Watch& watch, Instant at, Instant previous, const void* pc) {
    watch.hit = {watch.number, watch.point.cpu, at, ++watch.hits, previous, pc};
    watch.waits = true;
    listener_.reached(watch.hit);
}

// The access before is told to whoever waits for what follows its hit; this one has not been compared yet.
void PointWatcher::access_made(CpuNumber cpu, Instant at) {
    for (Watch* const watch : of_cpu_[cpu.value]) {
        if (watch->waits && at != watch->hit.at) {
            watch->waits = false;
            listener_.went_on(watch->hit, at);
        }
        if (watch->touch.next_access == Instant::never() && watch->touch.at != at) {
            watch->touch.next_access = at;
        }
        if (std::exchange(watch->pending_wait, false)) {
            for (Pending& pending : watch->pending) {
                if (pending.next_access != Instant::never()) {
                    continue;
                }
                if (pending.token == Pending::SOME_ACCESS && pending.at == at) {
                    watch->pending_wait = true;  // that is the access itself
                } else {
                    pending.next_access = at;
                }
            }
        }
    }
}

void PointWatcher::note_place(Watch& watch, Activity::Run& run, const void* pc) const {
    if (!recording_ || run.places == run.place.size()) {
        return;
    }
    const auto* const end = run.place.cbegin() + run.places;
    if (std::find(run.place.cbegin(), end, pc) != end) {
        return;
    }
    run.place[run.places++] = pc;
    if (run.places > watch.places) {
        watch.places = run.places;
        watch.place = run.place;
    }
}

bool PointWatcher::counts_in_function(Watch& watch, const cpu::Cpu& cpu, const void* pc) {
    Activity::Run* const run = watch.in.running(cpu.callers_below);
    if (run == nullptr) {
        return false;
    }
    note_place(watch, *run, pc);
    return ++run->count == watch.point.nth;
}

void PointWatcher::count_in_function(Watch& watch, const cpu::Cpu& cpu, const void* pc) {
    if (counts_in_function(watch, cpu, pc)) {
        hit(watch, cpu.local.now(), previous(cpu), pc);
    }
}

// An access to the point's lock: that which releases it, if the kernel has said so before.
void PointWatcher::touched(Watch& watch, const cpu::Cpu& cpu) {
    const std::size_t depth = cpu.nesting.depth();
    watch.touch = {Pending::SOME_ACCESS, cpu.local.now(), previous(cpu), Instant::never(), nullptr};
    if (watch.releases != nullptr && watch.releases_at_depth == depth) {
        hit(watch, cpu.local.now(), previous(cpu), std::exchange(watch.releases, nullptr));
    }
}

// ---- hooks

void PointWatcher::accessed(Watch& watch, cpu::Cpu& cpu, const cpu::Access& access) {
    if (!watch.point.touches(access.at, access.size)) {
        return;
    }
    if (recording_ && watch.in.running(cpu.callers_below) != nullptr) {
        watch.reads = watch.reads || is_read(access.kind);
        watch.writes = watch.writes || is_write(access.kind);
        watch.updates = watch.updates || access.kind == AccessKind::Rmw;
    }
    if (point::fits(watch.point.form, access.kind)) {
        count_in_function(watch, cpu, access.pc);
    }
    if (watch.point.form == Form::Locks || watch.point.form == Form::Unlocks) {
        touched(watch, cpu);
    }
}

// What the CPU got to or left by this hook.
void PointWatcher::changed(Watch& watch, const cpu::Cpu& cpu, Activity::Change target, const void* pc) {
    const Form form = watch.point.form;
    if (form == Form::Calls && target.entered) {
        count_in_function(watch, cpu, pc);
    } else if (((form == Form::Enters || form == Form::Line) && target.entered) ||
               (form == Form::Leaves && target.left)) {
        hit(watch, cpu.local.now(), previous(cpu), pc);
    }
}

void PointWatcher::about_to(cpu::Cpu& cpu, const cpu::Access& access) {
    if (!watched(cpu.number)) {
        return;
    }
    access_made(cpu.number, cpu.local.now());
    const std::size_t depth = cpu.callers.size();
    for (Watch* const watch : in_code_[cpu.number.value]) {
        if (access.again) {
            break;  // it has been compared
        }
        const bool came_in = watch->in.inside(depth, access.pc).entered;
        watch->ran = watch->ran || came_in;
        changed(*watch, cpu, watch->target.inside(depth, access.pc), access.pc);
        accessed(*watch, cpu, access);
    }
    last_access_[cpu.number.value].note(cpu.nesting.depth(), cpu.local.now());
}

void PointWatcher::entered(cpu::Cpu& cpu, const void* pc, const void* caller) {
    if (!watched(cpu.number)) {
        return;
    }
    const std::size_t depth = cpu.callers.size();
    for (Watch* const watch : in_code_[cpu.number.value]) {
        const bool came_in = watch->in.enter(depth, cpu.callers_below, pc, caller).entered;
        watch->ran = watch->ran || came_in;
        const Activity::Change target = watch->target.enter(depth, cpu.callers_below, pc, caller);
        changed(*watch, cpu, target, watch->point.form == Form::Calls ? caller : pc);
    }
}

void PointWatcher::leaving(cpu::Cpu& cpu, const void* pc) {
    if (!watched(cpu.number)) {
        return;
    }
    const std::size_t depth = cpu.callers.size();
    for (Watch* const watch : in_code_[cpu.number.value]) {
        watch->in.leave(depth);
        changed(*watch, cpu, watch->target.leave(depth), pc);
    }
}

void PointWatcher::on_local(cpu::Cpu& cpu, void* at, unsigned size, hld_local_op op) {
    const AccessKind kind = op == HLD_LOCAL_READ    ? AccessKind::Load
                            : op == HLD_LOCAL_WRITE ? AccessKind::Store
                                                    : AccessKind::Rmw;
    about_to(cpu, {kind, at, size, true, cpu.pc});
}

void PointWatcher::on_mmio(cpu::Cpu& cpu, std::uint64_t physical, unsigned size, bool write) {
    if (!watched(cpu.number)) {
        return;
    }
    access_made(cpu.number, cpu.local.now());
    const std::size_t depth = cpu.callers.size();
    for (Watch* const watch : in_code_[cpu.number.value]) {
        const bool came_in = watch->in.inside(depth, cpu.pc).entered;
        watch->ran = watch->ran || came_in;
        changed(*watch, cpu, watch->target.inside(depth, cpu.pc), cpu.pc);
        if (!watch->point.registers.touched_by(physical, size)) {
            continue;
        }
        if (recording_ && watch->in.running(cpu.callers_below) != nullptr) {
            watch->reads = watch->reads || !write;
            watch->writes = watch->writes || write;
        }
        if (watch->point.form == (write ? Form::Writes : Form::Reads)) {
            count_in_function(*watch, cpu, cpu.pc);
        }
    }
    last_access_[cpu.number.value].note(cpu.nesting.depth(), cpu.local.now());
}

void PointWatcher::on_lock(cpu::Cpu& cpu, hld_lock_op op, const void* lock) {
    if (!watched(cpu.number) || op == HLD_LOCK_WAITS) {
        return;
    }
    const Form form = op == HLD_LOCK_DROPPED ? Form::Unlocks : Form::Locks;
    const std::size_t depth = cpu.nesting.depth();
    for (Watch* const watch : of_cpu_[cpu.number.value]) {
        if (watch->point.form != form || !watch->point.touches(lock, 1) || !counts_in_function(*watch, cpu, cpu.pc)) {
            continue;
        }
        const bool just_now = watch->touch.token != 0 && watch->touch.next_access == Instant::never();
        if (watch->touch.token == 0) {
            hit(*watch, cpu.local.now(), previous(cpu), cpu.pc);
        } else if (form == Form::Unlocks && !just_now) {
            watch->releases = cpu.pc;
            watch->releases_at_depth = depth;
        } else {
            watch->touch.pc = cpu.pc;
            confirm(*watch, watch->touch);
        }
    }
}

}  // namespace hldsim::point
