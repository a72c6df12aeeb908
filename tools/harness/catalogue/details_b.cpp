// SPDX-License-Identifier: Apache-2.0
// Hazards of group B in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_B[] = {
    {"nmi-before-bit-clear",
     "Mask change without stop and drain. b is the current target.",
     "1. D: match; token(b) leaves. 2. T(b): clears its bit in the monitored mask (AP watchdog callback, "
     "on b itself). 3. L(b): accepts; N(b): handler runs, bit already clear. 4. T(b): goes on to offline "
     "and dead (Wmo, Wod later).",
     "Depends on where step 3 falls: leaving: handler returns early without moving the route (RFC v1: \"no "
     "CPUs\" test only; others: not claimed -> unknown NMI); offline: Linux 6.1 returns from the NMI entry, "
     "token ignored; dead: MWAIT/HLT left and re-entered. In all three the rotation step may be lost: see "
     "rotation-chain-break.",
     "leaving: Lpost+Lirm+Lacc+Lbnd+Lent (0.5..3 us) before step 2; offline/dead needs a delay > Wmo (SMI, stall).",
     "the review of 15 June 2018; order of posted writes and reads",
     "stop the timer and drain it before the bit is cleared (stop-drain); a handler that claims and rotates even when "
     "its bit is clear still takes the NMI, but leaves nobody unwatched"},
    {"nmi-after-bit-clear",
     "Route moved only by the handler of the next NMI, not by the offline path.",
     "1. T(b): clears its bit; nobody rewrites ROUT. 2. D: match within Wmo: token(b). 3. N(b): bit clear: "
     "handler says \"not mine\" -> unknown NMI (panic with unknown_nmi_panic); or claims without a check.",
     "Unknown-NMI message or panic on every offline of the current target with probability Wmo/P.",
     "Wmo (ms!): the widest hotplug window; P(hit) = Wmo/P for the target CPU, Wmo/(N*P) for a random CPU.",
     "Linux 6.1 kernel/cpu.c state order; derived",
     "move the route off the CPU in its offline callback, together with the bit, and stop the timer meanwhile "
     "(retarget=offline); then drain"},
    {"nmi-on-soft-offlined-apic",
     "Target dead; token addressed (unicast or broadcast) to it.",
     "1. T(b): offline, APIC software-disabled, parked in MWAIT. 2. D: match; token(b); L(b): SVR.8=0, NMI "
     "accepted all the same. 3. b leaves MWAIT, N(b): offline check returns; b re-enters MWAIT. One-shot "
     "design: nobody re-arms.",
     "NMI taken by a dead CPU; watchdog dies silently (one-shot or self-rotating design) or wakes a parked "
     "core each P.",
     "all of the offline time until the route moves; not narrow.",
     "SDM vol 3 \"Local APIC state after it has been software disabled\"; Linux 6.1 "
     "arch/x86/kernel/smpboot.c comment",
     "never leave the route on a CPU that goes down, and give the rotation a backstop that does not depend on the"
     " target's handler"},
    {"rotate-to-dying",
     "Selection in N(a) concurrent with T(b).",
     "1. N(a): finds b set in the mask. 2. T(b): clears its bit; its offline path looks at the route: "
     "still a, so it sees nothing to fix. 3. N(a): writes ROUT = b. N(a) ends. 4. T(b): offline, dead. 5. "
     "D: match one period later: token(b).",
     "Dead target, one whole period after the race: hard to find in the field, as cause and effect are P apart.",
     "selection to write visible: Lh_part + Lwr = 0.3..2 us; odds per offline = width/P.",
     "the review of 15 June 2018 (derived)",
     "stop and drain before the mask changes, and choose the next target while the timer is off; or check the bit"
     " again after the route is written, behind a full barrier, and choose anew"},
    {"mask-torn-multiword",
     "nr_cpu_ids > 64; two bits in different words change during the search (e.g. sysctl rewriting the whole mask).",
     "1. N(a): reads word 0 of the old mask: empty from a on. 2. T(c): copies a new mask (word 0 gains, "
     "word 1 loses bits). 3. N(a): reads word 1 of the new mask: empty. Concludes \"none\".",
     "No target found though both masks are non-empty; design-dependent: rotation stops, or self is chosen.",
     "search over words: N/64 * L1 hit .. Lline each: 5..500 ns.",
     "derived; the for-each-wrap in the the review of 15 June 2018",
     "publish a whole mask at once, by a pointer or a generation count that the reader checks again, or change it"
     " only while the timer is stopped"},
    {"empty-mask-target",
     "Weight test and search are two reads; or online of the first CPU counts packages of an empty mask.",
     "1. N(a): weight 1. 2. T(b): clears the last bit. 3. N(a): first() = nr_cpu_ids. 4. N(a): per-CPU / "
     "topology / APIC-id look-up with that index.",
     "Out-of-bounds read in N; NMI routed to a garbage APIC id; with groups an endless package search.",
     "between two reads in N, 10..100 ns; sysctl \"watchdog_cpumask=\" makes it likely.",
     "the review of 15 June 2018 excerpt (weight test), detector source of 2021 (first CPU used as package index)",
     "test the result of the search against nr_cpu_ids and leave the route alone; stop and drain before the last "
     "bit is cleared"},
    {"online-before-tick",
     "Bit set (or broadcast reaches CPU) before hrtimer start, or checks less than S apart right after.",
     "1. T(b): coming up; bit set. 2. N(b): check 1: saved = count (0). 3. hrtimer armed, due in S. 4. "
     "N(b): check 2 within S (token duplicated, group change, other checker): count unchanged.",
     "False lockup report (panic if configured).",
     "S + start skew; needs two checks in S.",
     "kernel/watchdog_buddy.c comments (touch on enable); Linux 6.1 kernel/watchdog.c starts the timer first",
     "start the heartbeat before the bit is set, and ignore a check whose saved count is younger than a heartbeat"
     " period"},
    {"online-stale-saved",
     "saved/count not reset or touched on enable.",
     "1. b offline with saved = count = k. 2. b online; check before the first tick: equal.",
     "False report at once.",
     "S after online.",
     "kernel/watchdog_buddy.c (touch_cpu on enable)",
     "reset or touch the saved count in the online callback, before the bit is set"},
    {"late-token-after-reonline",
     "Delay > offline time (stalled fabric, SMM rendezvous, virtual machine) or NMI held pending through "
     "INIT (unverified).",
     "1. D: token(b). 2. T(b): down, dead, INIT/SIPI, up. 3. L(b): token accepted in the new life.",
     "Extra sample: double-check-in-sample; or claimed outside the window: unknown NMI on a healthy CPU.",
     "needs delay > down+up (>= 10 ms native).",
     "derived",
     "drain before the CPU goes down, so that no message outlives its target; a minimum age of the saved count "
     "makes the extra check harmless"},
    {"handling-cpu-down",
     "Handler identity test is \"am I handling_cpu?\".",
     "1. D: token(b), b = handling_cpu. 2. T(b): offline path: timer off, handling_cpu := a, route := a, "
     "timer on. 3. N(b): b != handling_cpu: not claimed: unknown NMI; no IPIs sent: the whole system skips "
     "one period. 4. Matching window state (tsc_next) now belongs to a.",
     "Unknown NMI plus one period without checks for all CPUs; churn repeats it.",
     "Lpost+..+Lent + time to step 2; 1..5 us per offline of the handling CPU.",
     "detector source of 2021 (disable path)",
     "stop and drain before the handling CPU changes, and claim by a property of the NMI rather than by who "
     "handles at the moment"},
    {"ipi-mask-stale",
     "target mask computed in deferred work; offline path of a non-handling CPU does not recompute it.",
     "1. I(a): target mask {b,c}. 2. T(b): offline completed (handling CPU is a: early return). 3. N(a): "
     "sends NMI IPIs to {b,c}: b is dead.",
     "NMI on a dead CPU each period until the mask is recomputed; parked core woken.",
     "up to P*Ng: seconds; deterministic, not a race.",
     "detector source of 2021",
     "clear the leaving CPU in the target mask as well, in its own offline callback, and build the mask when the "
     "IPI is sent"},
    {"ipi-bit-absorbs-foreign",
     "Claim test = test-and-clear of own bit; IPI lost, coalesced or ignored (offline).",
     "1. N(a): sets bit b, IPI to b; b offline: ignored; bit stays. 2. b online. 3. Hardware error NMI on "
     "b. 4. N(b): bit set: claimed as watchdog; error NMI swallowed.",
     "Foreign NMI absorbed (a real SERR/IOCK lost), and a false check. Copying target->ipi mask while an "
     "earlier round is incomplete causes the reverse: an IPI finds its bit cleared -> unknown NMI.",
     "unbounded (until the next NMI of b).",
     "detector source of 2021",
     "count rounds in place of a bit, so that an IPI that was never taken cannot be mistaken later; clear the "
     "CPU's state in its online callback"},
    {"shorthand-hits-unready",
     "Shorthand or broadcast used while not all present CPUs are booted and online (nosmt, maxcpus=, hotplug).",
     "1. N(a): ICR all-but-self, NMI. 2. Offline siblings leave MWAIT, enter N, return. Never-booted ones: "
     "wait-for-SIPI.",
     "Wake-ups of parked CPUs each P (power, MWAIT residency), NMIs before their entry code is ready (a "
     "CPU between SIPI and IDT load would shut down: machine reset).",
     "permanent while the CPU set is partial; SIPI..IDT window 10..100 us per online.",
     "Gleixner, 18 June 2019, on v4 (commit e77deacb7b07 of 2006: NMI broadcast resets machines with CPUs "
     "outside OS control; maxcpus, nosmt); lkml.iu.edu 2602.0/01744 (Graf: CPU 0 unless all are up); "
     "detector source of v7, 2023 (offline CPUs get it and ignore it)",
     "send to a mask of CPUs that are up, or use shorthands only while every present CPU has booted and is online"},
    {"broadcast-mode-switch",
     "Mode = f(all CPUs online), RTE rewritten at CPU up/down.",
     "1. D: match under broadcast. 2. T(a): offline begins: RTE := CPU 0. 3. L(b): broadcast copy accepted "
     "by leaving CPU. 4. While in CPU 0 mode all other CPUs are unchecked: one offline CPU for a week = no "
     "watchdog for a week on N-2 CPUs.",
     "Stray NMI (3), coverage hole (4), false report if per-CPU \"next tick\" bookkeeping was for the other mode.",
     "(3) Lpost+Lacc+Lbnd; (4) permanent.",
     "lkml.iu.edu 2602.0/01744",
     "stop and drain around the switch, and do not fall back to one CPU: rotate over those that are online"},
    {"hotplug-rollback",
     "A later teardown step returns an error (vector shortage: \"cannot unplug\").",
     "1. T(b): bit cleared, hrtimer cancelled. 2. A later callback fails; rollback calls the online "
     "callback (or not).",
     "Silent loss of coverage of b; or double enable (two increments, double re-arm).",
     "deterministic on failure.",
     "Linux 6.1 kernel/cpu.c; derived",
     "pair each clear with a set in the callback that a rollback runs, and judge coverage by what is online and "
     "allowed, not by the mask"},
    {"cpus-lock-recursion",
     "Perf event release or cpus_read_lock() reached from an offline callback.",
     "1. T(a): cpu_down holds the lock for writing. 2. Callback -> watchdog disable -> perf release -> "
     "cpus_read_lock().",
     "Hotplug deadlocks for ever.",
     "deterministic. Cure: disable in the callback, release later outside the lock.",
     "lkml.org/lkml/2017/8/31/147; Linux 6.1 kernel/watchdog_hld.c (dead events), kernel/cpu.c (cleanup "
     "after unlock)",
     "in the callback only disable; release what takes cpus_read_lock() later, outside of hotplug"},
    {"sysctl-vs-online",
     "/proc handlers not serialised against hotplug.",
     "1. T(a): writes watchdog_thresh=0 (disable). 2. T(b): online callback reads 0: period 0 or W/0.",
     "Timer storm, division fault, or a timer armed while \"disabled\".",
     "sysctl duration (ms).",
     "commit 8614ddef8213 (proxmox mirror, \"avoid races between /proc handlers and CPU hotplug\"); 2017 series",
     "take cpus_read_lock() and the watchdog mutex around each change, and compute the period from one snapshot "
     "that cannot be zero"},
    {"mask-shrink-no-hotplug",
     "watchdog_cpumask / nohz_full change; the route still points to a removed CPU.",
     "1. T(a): clears bit b from a; N(b) may be running now. 2. T(a): frees or resets b's data. 3. N(b): uses it.",
     "Use after clear inside a live handler; unknown NMI on an isolated CPU (jitter for a real-time user).",
     "Lh + Lpost.",
     "derived; Linux 6.1 kernel/watchdog.c (stop/start on each CPU)",
     "treat a write of watchdog_cpumask as an offline: move the route, and drain handlers that run on the other "
     "CPU before anything is freed"},
    {"isolated-cpu-in-rotation",
     "Broadcast or shorthand ignores the mask.",
     "1. D: match. 2. All CPUs take N, also nohz_full ones; 3. those discard it (or report: no hrtimer "
     "runs there!).",
     "Latency spike of Lent+Lh+Liret each P; false report if the handler does not look at the mask.",
     "permanent.",
     "Gleixner, 9 May 2022, on v6 22/29; v7 refuses to start with nohz_full detector source of v7, 2023; "
     "Linux admin guide lockup-watchdogs",
     "unicast to CPUs of the mask; a broadcast or shorthand cannot leave out isolated ones"},
    {"online-between-copy-and-ipi",
     "copy(inspect, cpu_online_mask), then all-but-self NMI.",
     "1. N(a): copies the online mask: b not in it. 2. T(b): sets itself online. 3. N(a): shorthand. 4. "
     "N(b): bit clear: unknown. Reverse: b goes offline between copy and delivery: ignored, bit stays set "
     "(ipi-bit-absorbs-foreign).",
     "Unknown NMI at CPU bring-up (panic option), or stale bit.",
     "copy .. delivery: Lipi + N/64 lines: 0.5..3 us per online; reverse: same plus Lbnd.",
     "detector source of v7, 2023; derived",
     "send to the very mask that was copied, or hold CPU hotplug off; a CPU that finds its bit clear must still "
     "be able to claim"},
    {"shorthand-state-changes",
     "Kernel disables shorthands when a present CPU has not booted once; detector tested only at init (or "
     "before all CPUs are up).",
     "1. init: all booted: shorthand mode. 2. T: CPU hot-added, present, not booted. 3. N(a): all-but-self "
     "NMI reaches it.",
     "As shorthand-hits-unready; tested too early, the detector refuses for no reason.",
     "from hot-add to first boot.",
     "v6 patches 20 and 22, cover letter of v7, 2023 (delayed initialisation); derived",
     "ask for each round whether shorthands are allowed, and fall back to a mask when a CPU is added that has not"
     " booted"},
};
// clang-format on

}  // namespace

Table<Detail> details_b() { return Table<Detail>{GROUP_B}; }

}  // namespace hldsim::catalogue
