// SPDX-License-Identifier: Apache-2.0
// The invariants, all of them always on: what a checker of this release watches, and the rest by name.
#include "tools/harness/catalogue/catalogue.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Invariant INVARIANTS[] = {
    {"INV-lock-class",      true,
        "no lock that T or I ever takes (any CPU, same run) is taken in N by a call that may wait"},
    {"INV-wait-graph",      true,
        "graph waiter -> owner over (CPU, context) is acyclic; owner frame below the waiter = cycle"},
    {"INV-nmi-rules",       true,
        "in N: no access to TIMn_CONF, GEN_CONF, IOMMU, IRTE, IOAPIC; no sleep, no RCU wait"},
    {"INV-mmio-budget",     false,
        "in N: UC reads <= r, writes <= w per token, stall <= bound (declared by the design)"},
    {"INV-target",          true,
        "at accept(token=hpet/ipi of detector, c): c is in the monitored mask (ground truth at that instant)"},
    {"INV-dead-target",     true,
        "at accept and at nmi_enter: state(c) is not offline, dead, wait-for-SIPI"},
    {"INV-conserve",        true,
        "each token reaches exactly one terminal state within B; lost and unknown are violations"},
    {"INV-claim",           true,
        "claimed(watchdog, set) implies set holds a detector token; set with one implies claimed(watchdog)"},
    {"INV-foreign",         true,
        "a non-detector token in the set is offered to its own handler, or counted as lost, never absorbed"},
    {"INV-cover",           true,
        "each c up and monitored since t-Dmax has a check in (t-Dmax, t]; Dmax declared by the design"},
    {"INV-sound",           true,
        "report(c) at t implies c took no hrtimer interrupt in (t-W', t] and stuck(c) holds; W' >= S"},
    {"INV-complete",        true,
        "stuck(c) during [t0, t0+Dmax] implies report(c) in it"},
    {"INV-regs",            true,
        "the registers in a report were saved on the CPU that the report names"},
    {"INV-route",           true,
        "each MSI (address, data) equals a pair that software committed as one pair"},
    {"INV-irte",            false,
        "each lookup uses a 128-bit IRTE image that software committed as a whole"},
    {"INV-iec",             false,
        "a lookup that starts after the wait descriptor's completion uses no image older than the invalidation"},
    {"INV-quiesce",         true,
        "between drain_done and restart no detector token is in D, F, R, L, latch or handler"},
    {"INV-armed",           true,
        "after enable/restart returns with a non-empty mask: INT_ENB=1, next match in (now, now+P], period = P"},
    {"INV-silent",          true,
        "after disable returns: no further match yields a token; after drain: none is accepted"},
    {"INV-one-writer",      false,
        "no two read-modify-writes of one register (TIMn_CONF, ROUT, RTE, IRTE) overlap in time"},
    {"INV-index",           false,
        "each CPU number used as index is < nr_cpu_ids and possible; each pointer used in N is not freed"},
    {"INV-rate",            false,
        "NMIs per second and CPU <= declared rate; share of time in N <= declared share"},
    {"INV-progress",        true,
        "hotplug, sysctl, suspend finish within a declared bound (watchdog-induced waits counted apart)"},
    {"INV-tick-of-others",  false,
        "the detector changes no other channel's comparator, period, main counter value or enable"},
};
// clang-format on

}  // namespace

Table<Invariant> invariants() { return Table<Invariant>{INVARIANTS}; }

}  // namespace hldsim::catalogue
