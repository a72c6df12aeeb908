// SPDX-License-Identifier: Apache-2.0
// Tells when a run gets to the points of a scenario: compares each hook of the CPUs in question, nothing else.
//
//   Cost       a table look-up for a CPU that no point names; no allocation, no look at names
//   In F       F has been entered on that CPU, out of line or inlined, in the context that is current: an NMI that
//              interrupts F is not in F
//   Reads      a load; writes: a store; updates: a locked operation, or one instruction on a per-CPU variable. A copy
//              of more than a register (Bulk) counts as read and as written
//   Hops       matched, posted and remapped are not known to be for that CPU before its APIC accepts the message: told
//              then, with their own instant. IPIs and I/O APIC messages may be no NMI: told when the CPU takes one
//   Leaving    a CPU is up and on its way down, and its bit in the detector's mask is clear. That shows at a later
//              look: told then, with the instant of the access that cleared it
//   Lock       taken and released by an access to it, which is the instant: the last one before the kernel says that it
//              is taken; the one before or behind, as a kind of lock tells it, when it is released
//   Stack      callbacks run on a CPU's stack, under Observer's rules
#pragma once
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "detector/shim/locks.hpp"
#include "models/cpu/cpus.hpp"
#include "models/fabric/token.hpp"
#include "tools/harness/point/activity.hpp"
#include "tools/harness/point/place.hpp"

namespace hldsim::point {

/// The run is at a point: the n-th time if ordinal is n, from 1.
struct Hit {
    std::size_t point = 0;
    CpuNumber cpu;
    Instant at;
    unsigned ordinal = 0;
    /// Of the access which that CPU made before, in the same depth of nesting; Instant{0} if there was none.
    Instant previous_access;
    const void* pc = nullptr;  // of a call: where it is made; null for hops and states
};

class Listener {
public:
    virtual ~Listener() = default;
    virtual void reached(const Hit& hit) = 0;
    /// The first access that the CPU makes after the hit.
    virtual void went_on(const Hit& /*hit*/, Instant /*next_access*/) {}
};

class PointWatcher final : public cpu::Observer {
public:
    /// What a recorded run has shown of a point.
    struct Seen {
        bool in_function = false;  // FUNCTION has run on that CPU
        bool reads = false;        // and the object was accessed in it so
        bool writes = false;
        bool updates = false;
        std::vector<const void*> places;  // where the accesses were made that fit, of the activation with most of them
    };

    PointWatcher(std::vector<ResolvedPoint> points, unsigned cpus, Listener& listener);

    /// Before each run.
    void reset();
    /// Where the run is; not what was recorded.
    void copy_state(StateCopy& s);
    /// Keep what seen() tells, in this and all following runs.
    void record() { recording_ = true; }
    Seen seen(std::size_t point) const;

    /// Does a point ask for a CPU that is leaving? Then the runs need on_mask_write() and on_mask_change().
    bool needs_mask() const;
    unsigned hits(std::size_t point) const { return watches_[point]->hits; }
    const ResolvedPoint& point(std::size_t n) const { return watches_[n]->point; }
    std::size_t count() const { return watches_.size(); }

    // ---- cpu::Observer
    void about_to(cpu::Cpu& cpu, const cpu::Access& access) override;
    void entered(cpu::Cpu& cpu, const void* pc, const void* caller) override;
    void leaving(cpu::Cpu& cpu, const void* pc) override;
    void effect(const cpu::EffectMade& /*made*/) override {}
    bool follows(CpuNumber cpu) const override { return watched(cpu); }

    // ---- what the runtime and the models tell; each is about to happen, but for a lock that has been taken
    void on_local(cpu::Cpu& cpu, void* at, unsigned size, hld_local_op op);
    void on_mmio(cpu::Cpu& cpu, std::uint64_t physical, unsigned size, bool write);
    void on_lock(cpu::Cpu& cpu, hld_lock_op op, const void* lock);
    void on_life(CpuNumber cpu, scenario::Life life, Instant at);
    /// A hotplug callback of that CPU runs: on its way down, or up.
    void on_hotplug(CpuNumber cpu, bool down, Instant at);
    /// A CPU, so deep in nesting, is about to make an access that may change the detector's mask; and what one has
    /// changed, with its instant.
    void on_mask_write(CpuNumber by, std::size_t depth, Instant at);
    void on_mask_change(CpuNumber cpu, bool set, Instant at);
    void on_hop(const HopReached& reached, bool taken_as_nmi = true);

private:
    // A token that is not yet known to be an NMI for the point's CPU; or an access: it may have cleared its bit, or
    // taken a lock.
    struct Pending {
        static constexpr std::uint32_t SOME_ACCESS = 0xffff'ffff;  // no message has that id
        std::uint32_t token = 0;
        Instant at;
        Instant previous_access;
        Instant next_access = Instant::never();
        const void* pc = nullptr;
    };
    // What makes a CPU one that is leaving.
    struct Going {
        bool up = false;
        bool down = false;
        bool monitored = false;
        bool leaving() const { return up && down && !monitored; }
    };
    struct Watch {
        Watch(std::size_t n, ResolvedPoint p) : number{n}, point{std::move(p)}, in{point.in}, target{point.target} {}

        std::size_t number;
        ResolvedPoint point;
        Activity in;
        Activity target;
        unsigned hits = 0;
        bool waits = false;  // for the access after the hit
        Hit hit;
        Pending touch;                   // the last access to the lock
        const void* releases = nullptr;  // it, by the next access to it so deep in nesting; told from here
        std::size_t releases_at_depth = 0;
        std::array<Pending, 16> pending{};
        std::size_t next_pending = 0;
        bool pending_wait = false;  // one of them does not know its next access
        Going going;
        // recorded
        bool ran = false;
        bool reads = false;
        bool writes = false;
        bool updates = false;
        unsigned places = 0;
        std::array<const void*, Activity::PLACES> place{};
    };

    // By nesting depth: an NMI that is taken before an access does not come between it and the access before. Accesses
    // that cost nothing have the instant of another one: between them there is no room.
    struct LastAccess {
        struct Instants {
            Instant last;
            Instant before;
            Instant earlier_than(Instant at) const { return last == at ? before : last; }
        };
        std::array<Instants, 4> by_depth{};

        Instants& of(std::size_t depth) { return by_depth[std::min(depth, by_depth.size() - 1)]; }
        void note(std::size_t depth, Instant at) {
            Instants& those = of(depth);
            those = {at, those.earlier_than(at)};
        }
        Instant latest(Instant at) const {
            Instant latest;
            for (const Instants& those : by_depth) {
                latest = std::max(latest, those.earlier_than(at));
            }
            return latest;
        }
    };

    bool watched(CpuNumber cpu) const { return cpu.value < of_cpu_.size() && !of_cpu_[cpu.value].empty(); }
    void access_made(CpuNumber cpu, Instant at);
    void accessed(Watch& watch, cpu::Cpu& cpu, const cpu::Access& access);
    bool counts_in_function(Watch& watch, const cpu::Cpu& cpu, const void* pc);
    void count_in_function(Watch& watch, const cpu::Cpu& cpu, const void* pc);
    void touched(Watch& watch, const cpu::Cpu& cpu);
    Instant previous(const cpu::Cpu& cpu) {
        return last_access_[cpu.number.value].of(cpu.nesting.depth()).earlier_than(cpu.local.now());
    }
    void changed(Watch& watch, const cpu::Cpu& cpu, Activity::Change target, const void* pc);
    void note_place(Watch& watch, Activity::Run& run, const void* pc) const;
    void hit(Watch& watch, Instant at, Instant previous, const void* pc);
    bool fits(const Watch& watch, const HopReached& reached) const;
    void remember(Watch& watch, std::uint32_t token, Instant at, Instant previous);
    void confirm(Watch& watch, Pending& pending);
    template <class Change>
    void go(CpuNumber cpu, Instant at, Change change);

    std::vector<std::unique_ptr<Watch>> watches_;
    Listener& listener_;
    std::vector<std::vector<Watch*>> of_cpu_;
    std::vector<std::vector<Watch*>> in_code_;  // of these, those that hooks tell
    std::vector<LastAccess> last_access_;       // by CPU
    bool recording_ = false;
};

/// The different places that a recorded point fits, as "file:line in function"; one is no ambiguity.
std::vector<std::string> places(const PointWatcher::Seen& seen, const shim::Symbols& symbols);

/// Throws diagnostic::Error at the point's mark if it fits several different accesses and does not say which is meant.
void refuse_ambiguous(const scenario::Point& point, const PointWatcher::Seen& seen, const shim::Symbols& symbols);

/// Why a recorded run never got to the point, as far as one can see: "hld_cpu_offline never runs on CPU 2".
std::string why_never(const scenario::Point& point, const PointWatcher::Seen& seen);

}  // namespace hldsim::point
