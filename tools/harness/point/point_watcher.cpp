// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/point/point_watcher.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace hldsim::point {

namespace {

using cpu::AccessKind;
using Form = scenario::Point::Form;

// Messages of these may be something else than an NMI.
bool may_be_no_nmi(scenario::NmiSource source) {
    return source == scenario::NmiSource::Ipi || source == scenario::NmiSource::Ioapic;
}

bool same(scenario::NmiSource wanted, Source source) {
    switch (wanted) {
        case scenario::NmiSource::Hpet:
            return source == Source::Hpet;
        case scenario::NmiSource::Ioapic:
            return source == Source::Ioapic;
        case scenario::NmiSource::Ipi:
            return source == Source::Ipi;
        case scenario::NmiSource::Perf:
            return source == Source::Perf;
        case scenario::NmiSource::Lint1:
            return source == Source::Lint1;
        case scenario::NmiSource::Serr:
            return source == Source::Serr;
        case scenario::NmiSource::Iochk:
            return source == Source::Iochk;
        case scenario::NmiSource::Timer2:
            return source == Source::LapicTimer2;
    }
    return false;
}

bool same(scenario::Hop wanted, Hop hop) {
    switch (wanted) {
        case scenario::Hop::Matched:
            return hop == Hop::Matched;
        case scenario::Hop::Posted:
            return hop == Hop::Posted;
        case scenario::Hop::Remapped:
            return hop == Hop::Remapped;
        case scenario::Hop::Accepted:
            return hop == Hop::Accepted;
        case scenario::Hop::Taken:
            return hop == Hop::Taken;
        case scenario::Hop::Returned:
            return hop == Hop::Returned;
    }
    return false;
}

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

bool is_leaving(const ResolvedPoint& point) {
    return point.form == Form::Becomes && point.life == scenario::Life::Leaving;
}

// For a token of a Pending that is an access: no message has it.
constexpr std::uint32_t SOME_ACCESS = std::numeric_limits<std::uint32_t>::max();

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
          watch->pending_wait, watch->going);
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
    return std::any_of(watches_.begin(), watches_.end(), [](const auto& watch) { return is_leaving(watch->point); });
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
        if (watch->waits) {
            watch->waits = false;
            listener_.went_on(watch->hit, at);
        }
        if (std::exchange(watch->pending_wait, false)) {
            for (Pending& pending : watch->pending) {
                if (pending.next_access != Instant::never()) {
                    continue;
                }
                if (pending.token == SOME_ACCESS && pending.at == at) {
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

void PointWatcher::count_in_function(Watch& watch, const cpu::Cpu& cpu, const void* pc) {
    Activity::Run* const run = watch.in.running(cpu.callers_below);
    if (run == nullptr) {
        return;
    }
    note_place(watch, *run, pc);
    if (++run->count == watch.point.nth) {
        hit(watch, cpu.local.now(), last_access_[cpu.number.value].of(cpu.nesting.depth()), pc);
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
}

// What the CPU got to or left by this hook.
void PointWatcher::changed(Watch& watch, const cpu::Cpu& cpu, Activity::Change target, const void* pc) {
    const Form form = watch.point.form;
    if (form == Form::Calls && target.entered) {
        count_in_function(watch, cpu, pc);
    } else if (((form == Form::Enters || form == Form::Line) && target.entered) ||
               (form == Form::Leaves && target.left)) {
        hit(watch, cpu.local.now(), last_access_[cpu.number.value].of(cpu.nesting.depth()), pc);
    }
}

void PointWatcher::about_to(cpu::Cpu& cpu, const cpu::Access& access) {
    if (!watched(cpu.number)) {
        return;
    }
    access_made(cpu.number, cpu.local.now());
    const std::size_t depth = cpu.callers.size();
    for (Watch* const watch : in_code_[cpu.number.value]) {
        const bool came_in = watch->in.inside(depth, access.pc).entered;
        watch->ran = watch->ran || came_in;
        changed(*watch, cpu, watch->target.inside(depth, access.pc), access.pc);
        accessed(*watch, cpu, access);
    }
    last_access_[cpu.number.value].of(cpu.nesting.depth()) = cpu.local.now();
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
    last_access_[cpu.number.value].of(cpu.nesting.depth()) = cpu.local.now();
}

void PointWatcher::on_lock(cpu::Cpu& cpu, hld_lock_op op, const void* lock) {
    if (!watched(cpu.number) || op == HLD_LOCK_WAITS) {
        return;
    }
    const Form form = op == HLD_LOCK_DROPPED ? Form::Unlocks : Form::Locks;
    for (Watch* const watch : of_cpu_[cpu.number.value]) {
        if (watch->point.form == form && watch->point.touches(lock, 1)) {
            count_in_function(*watch, cpu, cpu.pc);
        }
    }
}

// ---- life

// The one state that no hook tells of: three things make it, whichever comes last.
template <class Change>
void PointWatcher::go(CpuNumber cpu, Instant at, Change change) {
    if (!watched(cpu)) {
        return;
    }
    for (Watch* const watch : of_cpu_[cpu.value]) {
        if (!is_leaving(watch->point)) {
            continue;
        }
        const bool before = watch->going.leaving();
        change(watch->going);
        if (before || !watch->going.leaving()) {
            continue;
        }
        const auto access = std::find_if(watch->pending.begin(), watch->pending.end(), [&](const Pending& pending) {
            return pending.token == SOME_ACCESS && pending.at == at;
        });
        if (access != watch->pending.end()) {
            confirm(*watch, *access);
        } else {
            hit(*watch, at, last_access_[cpu.value].latest(), nullptr);
        }
    }
}

void PointWatcher::on_life(CpuNumber cpu, scenario::Life life, Instant at) {
    if (!watched(cpu)) {
        return;
    }
    for (Watch* const watch : of_cpu_[cpu.value]) {
        if (watch->point.form == Form::Becomes && watch->point.life == life) {
            hit(*watch, at, last_access_[cpu.value].latest(), nullptr);
        }
    }
    go(cpu, at, [&](Going& going) { going.up = life == scenario::Life::Up; });
}

void PointWatcher::on_hotplug(CpuNumber cpu, bool down, Instant at) {
    go(cpu, at, [&](Going& going) { going.down = down; });
}

void PointWatcher::on_mask_change(CpuNumber cpu, bool set, Instant at) {
    go(cpu, at, [&](Going& going) { going.monitored = set; });
}

void PointWatcher::on_mask_write(CpuNumber by, std::size_t depth, Instant at) {
    for (const auto& watch : watches_) {
        if (is_leaving(watch->point) && watched(watch->point.cpu)) {
            LastAccess& last = last_access_[watch->point.cpu.value];
            remember(*watch, SOME_ACCESS, at, by == watch->point.cpu ? last.of(depth) : last.latest());
        }
    }
}

// ---- hops

bool PointWatcher::fits(const Watch& watch, const HopReached& reached) const {
    return watch.point.form == Form::Nmi && same(watch.point.source, reached.token.source);
}

void PointWatcher::remember(Watch& watch, std::uint32_t token, Instant at, Instant previous) {
    watch.pending[watch.next_pending] = {token, at, previous, Instant::never()};
    watch.next_pending = (watch.next_pending + 1) % watch.pending.size();
    watch.pending_wait = true;
}

void PointWatcher::confirm(Watch& watch, Pending& pending) {
    const Pending found = std::exchange(pending, Pending{});
    hit(watch, found.at, found.previous_access, nullptr);
    if (found.next_access != Instant::never()) {
        watch.waits = false;
        listener_.went_on(watch.hit, found.next_access);
    }
}

void PointWatcher::on_hop(const HopReached& reached, bool taken_as_nmi) {
    for (const auto& watch : watches_) {
        if (!fits(*watch, reached) || !watched(watch->point.cpu)) {
            continue;
        }
        const bool there = reached.cpu == watch->point.cpu;
        const Hop certain = may_be_no_nmi(watch->point.source) ? Hop::Taken : Hop::Accepted;
        const bool is_the_hop = same(watch->point.hop, reached.hop);
        if (is_the_hop && reached.hop < certain) {
            remember(*watch, reached.token.id, reached.at, last_access_[watch->point.cpu.value].latest());
        } else if (is_the_hop && there && (reached.hop != Hop::Taken || taken_as_nmi)) {
            hit(*watch, reached.at, last_access_[watch->point.cpu.value].latest(), nullptr);
        }
        if (reached.hop == certain && there && (reached.hop != Hop::Taken || taken_as_nmi)) {
            const auto remembered =
                std::find_if(watch->pending.begin(), watch->pending.end(),
                             [&](const Pending& pending) { return pending.token == reached.token.id; });
            if (remembered != watch->pending.end()) {
                confirm(*watch, *remembered);
            }
        }
    }
}

}  // namespace hldsim::point
