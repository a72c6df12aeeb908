// SPDX-License-Identifier: Apache-2.0
// Designs of NMI-based hard-lockup detectors with their options, and rotation policies.
//
//   N(a), T(a), I(a)   NMI, task and interrupt context of CPU a
//   claim              the TSC is in the window and the own bit is set; otherwise NMI_DONE
#include "tools/harness/catalogue/catalogue.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Design DESIGNS[] = {
    {"lock-affinity", "LA", true, "own lock and irq_set_affinity from NMI, round robin",
     "RFC v1 of the HPET watchdog series, June 2018",
     "N: claim; check self; lock; irq_set_affinity to the next monitored CPU; unlock. T: under the lock the bit changes. "
     "Not remapped, the route stands still after the first move (nmi-never-acked)."},
    {"rcu-affinity", "RC", false, "as lock-affinity, with RCU instead of the own lock",
     "question in the review of June 2018", "N: as lock-affinity, without the lock."},
    {"irte-rewrite", "NI", true, "one interrupt remapping entry rewritten from NMI",
     "v4 of the series, May 2019, remapped mode",
     "N: claim; check self; the reserved entry is rewritten for the next monitored CPU, through the driver. T: the bit "
     "changes; a target that leaves is moved, the same way."},
    {"direct-route", "DR", true, "TIMn_PROCMSG_ROUT written from NMI, compatibility format",
     "case 1 of the review; v4 not remapped",
     "N: claim; check self; pick the next monitored CPU; write its message to TIMn_PROCMSG_ROUT. T: the bit changes; the "
     "first CPU arms the timer, the last disarms it."},
    {"irte-per-cpu", "PI", true, "a remapping entry per CPU, its handle written to the route from NMI",
     "case 2 of the review; never posted",
     "Boot: an entry for each possible CPU, flushed once. N: the route is the value of the next CPU."},
    {"irq-work", "IW", false, "the move is made by irq_work after the NMI", "option of the v4 discussion, 2019",
     "N: claim; check; queue irq_work. I: the next CPU becomes the handling one."},
    {"ipi-all", "SH", false, "a fixed handling CPU sends NMI IPIs to the rest", "v2, v3 by mask; v6, v7 by shorthand",
     "N(handling): claim; send; check self. N(other): test and clear the own bit; check. T: the handling CPU moves."},
    {"ipi-groups", "GR", false, "groups of CPUs reached by mask IPIs", "v5, 2021",
     "N(handling): claim; mask IPI to the target group; queue irq_work. I: the next group."},
    {"stop-drain", "SD", true, "stop, drain, change the mask, restart; rotation as direct-route",
     "the way out that the review names",
     "T: take the operation mutex; stop the timer; drain; change the mask; route to a monitored CPU; clear status; "
     "set the comparator; start. N never touches TIMn_CONF."},
    {"buddy", "BU", false, "the hrtimer of each CPU checks the next one", "Linux 6.5, kernel/watchdog_buddy.c",
     "I: own count up; the next CPU's count unchanged for m samples is reported."},
    {"perf", "PF", false, "a perf cycle counter per CPU", "Linux 6.1, kernel/watchdog_hld.c",
     "N (overflow): minimum age; check self."},
    {"local-timer", "LT", true, "a LAPIC count-down beside the TSC deadline", "last paragraph of the review",
     "Counterfactual: no processor has that timer; it runs on the profile dual-timer. Per CPU: periodic count-down with "
     "NMI delivery and a bit that says so. N: that bit; check self. T: a CPU that leaves stops its own timer."},
    {"pin2-broadcast", "GF", false, "timer 0 through IOAPIC pin 2 as NMI, to CPU 0 or broadcast", "proposal of February 2026",
     "N: HPET read; the own next tick reached? check."},
    {"nmi-source", "NS", true, "direct-route, and the NMI tells its source (FRED)", "proposals of 2024 and 2025",
     "Needs FRED and NMI sources, as the profile fred-nmi-source has. N: the source bit in place of a claim by time; check "
     "self if monitored; pick the next monitored CPU; write its message. T: the bit changes."},
    {"lint0", "L0", false, "the PIT through the IOAPIC to LINT0 as NMI on all CPUs", "nmi_watchdog=1 of Linux 2.4 to 2.6",
     "N at each PIT tick: the local timer count unchanged for x seconds is reported."},
    {"deadman", "FB", false, "a one-shot HPET NMI unless it is patted", "FreeBSD review D15630",
     "T: at each interval the comparator moves ahead. N: the machine is stuck."},
};

constexpr Option OPTIONS[] = {
    {"timer", "", "", "the first that is periodic and can send messages", "number of the HPET timer"},
    {"thresh", "", "", "watchdog_thresh", "seconds within which each CPU is checked once"},
    {"period_ms", "", "", "thresh divided by the present CPUs", "time between two NMIs in ms"},
    {"hpet_base", "", "", "0xfed00000", "physical address of the HPET"},
    {"irq", "lock-affinity", "", "that of the HPET's chip", "interrupt of the HPET timer"},
    {"retarget", "direct-route", "nmi offline", "nmi",
     "who moves the route off a leaving CPU: the next NMI, or the leaving CPU when it clears its bit"},
    {"entry", "irte-per-cpu", "keep clear drain", "keep",
     "the remapping entry of a CPU that leaves: it stays, is made absent after its bit is clear, or before, as a drain"},
    {"drain", "stop-drain", "none delay readback generation ipi", "ipi",
     "how the stop waits for the NMI that is on the fly"},
    {"drain_us", "stop-drain", "", "50", "longest flight of a message in us"},
    {"drain_timeout_us", "stop-drain", "", "20000", "us after which waiting for another CPU is given up"},
};

constexpr Policy POLICIES[] = {
    {"round-robin",   true,  "the first monitored CPU after self, cyclic", "a late token makes it jump back"},
    {"cursor",        true,  "a shared cursor, plus one", "equal to round-robin until a token is late: then a CPU is skipped"},
    {"random",        false, "any monitored CPU", "no bound on the time between two checks of a CPU"},
    {"permutation",   false, "the next of a shuffled order", "each CPU once per pass"},
    {"oldest-first",  false, "the CPU whose last check is oldest", "repairs itself after loss or churn"},
    {"two-groups",    false, "the other half", "half as many periods, IPIs within the group"},
    {"package-first", false, "the next package", "a dead package is seen within one pass over packages"},
    {"busy-only",     false, "the next busy CPU", "idle CPUs are not checked"},
    {"adaptive",      false, "any, at a bounded rate", "the period has a floor"},
    {"broadcast",     false, "all at once", "as many NMIs at once as CPUs"},
};

constexpr const char* LOG = "tools/harness/execute/statistics.cpp";

constexpr Stat STATS[] = {
    {"nmi.matched",            "NMIs at their source: a match, an overflow, a reason that is latched", LOG},
    {"nmi.posted",             "NMIs that left their source", LOG},
    {"nmi.accepted",           "NMIs that a local APIC accepted", LOG},
    {"nmi.taken",              "NMIs that a CPU began to handle", LOG},
    {"nmi.coalesced",          "NMIs that merged into one that was latched: accepted, and not taken by themselves", LOG},
    {"nmi.claimed",            "NMIs that the detector's handler claimed", LOG},
    {"nmi.unknown",            "NMIs that no handler claimed", LOG},
    {"nmi.ignored",            "NMIs that the offline entry path returned from", LOG},
    {"ipi.sent",               "inter-processor interrupts sent", LOG},
    {"heartbeat.taken",        "heartbeat timer interrupts", LOG},
    {"hotplug.completed",      "hotplug operations that completed and moved a CPU", LOG},
    {"hotplug.failed",         "hotplug operations that failed", LOG},
    {"report.lockup",          "hard lockup reports that the kernel printed", LOG},
    {"kernel.warnings",        "lines of WARN_ON() and its kind that the kernel printed", LOG},
    {"hpet.reads",             "reads of HPET registers", LOG},
    {"hpet.writes",            "writes of HPET registers", LOG},
    {"hpet.nmi_reads",         "reads of HPET registers from NMI context", LOG},
    {"hpet.nmi_writes",        "writes of HPET registers from NMI context", LOG},
    {"remap.hits",             "requests that found their entry in the interrupt entry cache", LOG},
    {"remap.misses",           "requests whose entry was read from memory", LOG},
    {"remap.stale",            "requests by a cached entry that memory no longer held", LOG},
    {"remap.blocked",          "requests that the remapping unit blocked", LOG},
    {"remap.recorded",         "of these, faults in a fault record", LOG},
    {"remap.invalidations",    "invalidations of the interrupt entry cache", LOG},
    {"accesses",               "accesses to shared memory by all CPUs", "models/cpu/access.cpp, models/cpu/instructions.cpp"},
};

constexpr Stat SEARCH_STATS[] = {
    {"episodes",               "simulated runs behind the result: 1, and those that solved aims; of 'window' those of its search",
     "tools/harness/execute/execute.cpp; of 'window': tools/hldsim/window.cpp"},
    {"window.step_cycles",     "of 'window': core cycles between two runs of the search", "tools/hldsim/window.cpp"},
};
// clang-format on

}  // namespace

Table<Design> designs() { return Table<Design>{DESIGNS}; }
Table<Policy> policies() { return Table<Policy>{POLICIES}; }
Table<Option> options() { return Table<Option>{OPTIONS}; }
Table<Stat> stats() { return Table<Stat>{STATS}; }
Table<Stat> search_stats() { return Table<Stat>{SEARCH_STATS}; }

}  // namespace hldsim::catalogue
