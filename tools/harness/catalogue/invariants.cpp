// SPDX-License-Identifier: Apache-2.0
// The invariants, all of them always on: by name. tools/harness/check says which of them this release watches.
#include "tools/harness/catalogue/catalogue.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr std::string_view HERE = "tools/harness/catalogue/invariants.cpp";

constexpr Invariant INVARIANTS[] = {
    {"INV-lock-class", "tools/harness/check/lock_class.cpp",
     "no lock that T or I ever takes (any CPU, same run) is taken in N by a call that may wait",
     "the kernel's lock functions, not locks made of atomic operations; two that take it for reading do not wait for "
     "each other"},
    {"INV-wait-graph", "tools/harness/check/wait_graph.cpp",
     "graph waiter -> owner over (CPU, context) is acyclic; owner frame below the waiter = cycle",
     "waits in the kernel's lock functions; a loop around a trylock shows as an NMI that never returns (INV-progress)"},
    {"INV-nmi-rules", "tools/harness/check/nmi_rules.cpp",
     "in N: no access to TIMn_CONF, GEN_CONF, IOMMU, IRTE, IOAPIC; no sleep, no RCU wait, interrupts stay off"},
    {"INV-context", "tools/harness/check/context.cpp",
     "what may sleep is called in T only, with interrupts on, preemption not disabled, no RCU reader open and not by "
     "the stopper; an initcall, a work or a hotplug callback leaves none of these behind; who releases a lock has "
     "taken it",
     "not the return of an NMI handler or of a timer's function: what they leave is told where something sleeps next"},
    {"INV-mmio-budget", "tools/harness/check/mmio_budget.cpp",
     "in N: UC reads <= r, writes <= w per token, stall <= bound (declared by the design)",
     "reads and writes of the HPET; not how long they stall, and no ports"},
    {"INV-target", "tools/harness/check/target.cpp",
     "at accept(token=hpet/ipi of detector, c): c is in the monitored mask (ground truth at that instant)"},
    {"INV-dead-target", "tools/harness/check/dead_target.cpp",
     "at accept and at nmi_enter: state(c) is not offline, dead, wait-for-SIPI"},
    {"INV-conserve", "tools/harness/check/conserve.cpp",
     "each token reaches exactly one terminal state within B; lost and unknown are violations"},
    {"INV-claim", "tools/harness/check/claim.cpp",
     "claimed(watchdog, set) implies set holds a detector token; set with one implies claimed(watchdog)"},
    {"INV-foreign", "tools/harness/check/foreign.cpp",
     "a non-detector token in the set is offered to its own handler, or counted as lost, never absorbed"},
    {"INV-cover", "tools/harness/check/cover.cpp",
     "each c up and monitored since t-Dmax has a check in (t-Dmax, t]; Dmax declared by the design",
     "a check is an NMI that a handler of the detector's object claims; not of an object that registers no such handler, "
     "nor of one that counts cycles, for a CPU that sleeps has none"},
    {"INV-sound", "tools/harness/check/sound.cpp",
     "report(c) at t implies c took no hrtimer interrupt in (t-W', t] and stuck(c) holds; W' >= S",
     "stuck by the scenario, or held up by software: for a heartbeat in one interrupt, or in the wait for one lock"},
    {"INV-complete", "tools/harness/check/complete.cpp",
     "stuck(c) during [t0, t0+Dmax] implies report(c) in it",
     "irq-off, in-irq and in-nmi, of a CPU that is in the mask, or was and that nobody has asked to leave out"},
    {"INV-regs", "tools/harness/check/regs.cpp",
     "the registers in a report were saved on the CPU that the report names"},
    {"INV-route", "tools/harness/check/route.cpp",
     "each MSI (address, data) equals a pair that software committed as one pair"},
    {"INV-irte", "tools/harness/check/irte.cpp",
     "each lookup uses a 128-bit IRTE image that software committed as a whole"},
    {"INV-iec", "tools/harness/check/irte.cpp",
     "a lookup that starts after the wait descriptor's completion uses no image older than the invalidation",
     "a message that left its device after it"},
    {"INV-quiesce", "tools/harness/check/quiesce.cpp",
     "between drain_done and restart no detector token is in D, F, R, L, latch or handler"},
    {"INV-armed", "tools/harness/check/armed.cpp",
     "after enable/restart returns with a non-empty mask: INT_ENB=1, next match in (now, now+P], period = P",
     "a match within watchdog_thresh of each enable and each one-shot deadline; what period was meant is not known"},
    {"INV-silent", "tools/harness/check/silent.cpp",
     "after disable returns: no further match yields a token; after drain: none is accepted"},
    {"INV-one-writer", HERE,
     "no two read-modify-writes of one register (TIMn_CONF, ROUT, RTE, IRTE) overlap in time"},
    {"INV-index", HERE,
     "each CPU number used as index is < nr_cpu_ids and possible; each pointer used in N is not freed"},
    {"INV-rate", HERE,
     "NMIs per second and CPU <= declared rate; share of time in N <= declared share"},
    {"INV-progress", "tools/harness/check/progress.cpp",
     "hotplug, sysctl, suspend finish within a declared bound (watchdog-induced waits counted apart)",
     "hotplug and writes within 5 s, without the time in SMM and the wait for a CPU that never came, unless one was "
     "stuck meanwhile; an NMI, an interrupt or a task that does not sleep as long"},
    {"INV-tick-of-others", HERE,
     "the detector changes no other channel's comparator, period, main counter value or enable"},
};
// clang-format on

}  // namespace

Table<Invariant> invariants() { return Table<Invariant>{INVARIANTS}; }

}  // namespace hldsim::catalogue
