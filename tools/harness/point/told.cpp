// SPDX-License-Identifier: Apache-2.0
// PointWatcher: what no hook of the code shows, but the kernel and the models tell: lives of CPUs, hops of NMIs.
#include <algorithm>
#include <utility>

#include "tools/harness/point/point_watcher.hpp"

namespace hldsim::point {

namespace {

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

}  // namespace

// ---- life

// The one state that no hook tells of: three things make it, whichever comes last.
template <class Change>
void PointWatcher::go(CpuNumber cpu, Instant at, Change change) {
    if (!watched(cpu)) {
        return;
    }
    for (Watch* const watch : of_cpu_[cpu.value]) {
        if (!watch->point.is_leaving()) {
            continue;
        }
        const bool before = watch->going.leaving();
        change(watch->going);
        if (before || !watch->going.leaving()) {
            continue;
        }
        const auto access = std::find_if(watch->pending.begin(), watch->pending.end(), [&](const Pending& pending) {
            return pending.token == Pending::SOME_ACCESS && pending.at == at;
        });
        if (access != watch->pending.end()) {
            confirm(*watch, *access);
        } else {
            hit(*watch, at, last_access_[cpu.value].latest(at), nullptr);
        }
    }
}

void PointWatcher::on_life(CpuNumber cpu, scenario::Life life, Instant at) {
    if (!watched(cpu)) {
        return;
    }
    for (Watch* const watch : of_cpu_[cpu.value]) {
        if (watch->point.form == Form::Becomes && watch->point.life == life) {
            hit(*watch, at, last_access_[cpu.value].latest(at), nullptr);
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
        if (watch->point.is_leaving() && watched(watch->point.cpu)) {
            LastAccess& last = last_access_[watch->point.cpu.value];
            remember(*watch, Pending::SOME_ACCESS, at,
                     by == watch->point.cpu ? last.of(depth).earlier_than(at) : last.latest(at));
        }
    }
}

// ---- hops

bool PointWatcher::fits(const Watch& watch, const HopReached& reached) const {
    return watch.point.form == Form::Nmi && same(watch.point.source, reached.token.source);
}

void PointWatcher::remember(Watch& watch, std::uint32_t token, Instant at, Instant previous) {
    watch.pending[watch.next_pending] = {token, at, previous, Instant::never(), nullptr};
    watch.next_pending = (watch.next_pending + 1) % watch.pending.size();
    watch.pending_wait = true;
}

void PointWatcher::confirm(Watch& watch, Pending& pending) {
    const Pending found = std::exchange(pending, Pending{});
    hit(watch, found.at, found.previous_access, found.pc);
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
            remember(*watch, reached.token.id, reached.at, last_access_[watch->point.cpu.value].latest(reached.at));
        } else if (is_the_hop && there && (reached.hop != Hop::Taken || taken_as_nmi)) {
            hit(*watch, reached.at, last_access_[watch->point.cpu.value].latest(reached.at), nullptr);
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
