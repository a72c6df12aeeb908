// SPDX-License-Identifier: Apache-2.0
// Hazards of group A in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_A[] = {
    {"nmi-own-lock",
     "A detector lock is taken in T context (online, offline, sysctl) and, blocking, in N context.",
     "1. T(a): hardlockup_detector_*_disable(c) takes hld->lock (irqsave does not stop an NMI). 2. D: "
     "match; R/F/L: token accepted by a. 3. N(a): handler spins on hld->lock; owner frame is T(a), which "
     "cannot run before IRET.",
     "Deadlock of a; NMIs on a blocked for ever; route never moves again, so the watchdog of all CPUs is dead too.",
     "critical section length of T; odds per operation = section / (N*P) = section / W: 1 us / 10 s = 1e-7.",
     "the review of 15 June 2018",
     "take no lock in NMI: precompute each CPU's message in task context and let the handler do one posted write "
     "(direct-route, irte-per-cpu)"},
    {"nmi-lock-owner-stuck",
     "Lock shared by T and N; owner stuck (kind irq-off) inside the section, or preempted by its own NMI elsewhere.",
     "1. T(b): takes hld->lock, then is stuck. 2. D: match; token to a. 3. N(a): spins on the lock. No "
     "self-deadlock: b owns it, b never releases. 4. D: periodic: next matches still go to a (route not "
     "moved): latch on a is full, tokens coalesce.",
     "Two CPUs lost instead of one; report of b never printed: missed lockup.",
     "any stuck b inside the section.",
     "the review of 15 June 2018 (derived)",
     "share no lock between NMI and any other context; where something must be shared, use a trylock and give up,"
     " never a call that waits"},
    {"nmi-desc-lock",
     "Handler calls generic interrupt code. Holders: /proc/interrupts, irqbalance, request/free_irq, fixup_irqs.",
     "1. T(a): any operation on that descriptor holds desc->lock with interrupts off. 2. D: match -> N(a). "
     "3. N(a): irq_set_affinity -> raw_spin_lock_irqsave(desc->lock): self-deadlock.",
     "Deadlock. With RCU in place of the own lock it is the same: RC removes nmi-own-lock only.",
     "hold time of desc->lock on the current target only (0.1..5 us per operation).",
     "the review of 15 June 2018; Linux 6.1 kernel/irq/manage.c",
     "leave the interrupt core out of the handler: write TIMn_PROCMSG_ROUT directly, or defer the affinity change"
     " to irq_work"},
    {"nmi-tmp-mask-lock",
     "function-static tmp_mask_lock, taken always from April 2022 on (\"genirq: Always limit the affinity "
     "to online CPUs\"; so in 6.1), for managed interrupts only before (none in 4.18), replaced by a "
     "per-CPU mask in 2024. Raises the odds by (interrupts rebalanced / 1).",
     "1. T(a): irq_set_affinity(nic_irq) holds tmp_mask_lock. 2. N(a): irq_set_affinity(hpet_irq) waits for it.",
     "Deadlock; if the owner is another, live CPU, only a long NMI (INV-rate).",
     "chip->irq_set_affinity duration: 1..20 us with remapping, as IEC is waited for under the lock.",
     "Linux 6.1 kernel/irq/manage.c",
     "call no affinity function from NMI; removing the detector's own lock does not help, as this one is the "
     "kernel's and global"},
    {"nmi-vector-lock",
     "Affinity change needs a vector on the new CPU, although the NMI delivery mode ignores the vector.",
     "1. I(a): sysvec_irq_move_cleanup holds vector_lock. 2. N(a): assign_vector_locked path waits for it.",
     "Deadlock. Useless work too: NMI needs no vector.",
     "0.2..2 us per cleanup interrupt.",
     "Linux 6.1 arch/x86/kernel/apic/vector.c; Gleixner, 6 May 2022, on v6 05/29 (an NMI has a fixed "
     "vector, no vector management)",
     "an NMI needs no vector: compose its message once, outside the vector domain, and only write it from the "
     "handler"},
    {"nmi-irte-lock",
     "Remapped mode; modify_irte() reached from N. IW is immune only while the move is done in I/T context.",
     "1. T(a): modify_irte for a NIC holds irq_2_ir_lock, waits for the IEC (Liec). 2. N(a): modify_irte "
     "for the HPET entry waits.",
     "Deadlock.",
     "Liec plus two stores: the widest of the lock windows, 1..10 us per move of any remapped interrupt.",
     "the review of 15 June 2018; Gleixner, 17 June 2019, on v4 20/21 (Gleixner: it did not deadlock in "
     "tests only because nothing else used that IOMMU); Linux 6.1 drivers/iommu/intel/irq_remapping.c",
     "give each possible CPU its own remapping entry before the detector starts, and switch the handle in the "
     "route (irte-per-cpu)"},
    {"nmi-qi-half-submitted",
     "Queued invalidation used from N, even lock-free or with trylock-and-spin.",
     "1. T(a): q_lock held; descriptor and wait descriptor written to memory; IQT not yet written. 2. "
     "N(a): (a) waits for q_lock: deadlock; (b) trylock fails, retries for ever: livelock; (c) bypasses "
     "the lock, writes its descriptors after T's and sets IQT: hardware executes both, T then rewrites the "
     "old tail: queue corrupt.",
     "Deadlock, livelock, or invalidations lost / repeated; later iec-stale-entry.",
     "descriptor build to tail write, 20..200 ns; (c) until T's tail write.",
     "the review of 15 June 2018; Gleixner, 18 June 2019, on v4 (Pan: the queue is shared with DMA and "
     "needs its lock); Linux 6.1 drivers/iommu/intel/dmar.c; VT-d 4.x, queued invalidation",
     "never touch the invalidation queue from NMI, with or without a trylock: allocate and flush all entries "
     "beforehand"},
    {"nmi-rcu-no-order",
     "synchronize_rcu() between clearing the bit and taking the CPU down, taken for a drain.",
     "1. T(b): clears its bit, calls synchronize_rcu(). 2. D: had issued the token for b before step 1; it "
     "sits in F (or b's latch, b in SMM). 3. T(b): the grace period ends: no RCU reader existed, as the "
     "handler had not started. 4. T(b): continues down; L(b): token accepted; N(b).",
     "NMI on an unmonitored, offline or dead CPU: exactly the seed's statement.",
     "Lpost + Lirm + Lacc + Lbnd (+ Lsmi, Lcx), minus grace-period length; grace periods are ms, so in "
     "practice it needs Lsmi/Lcx, a stalled fabric, or expedited grace periods (tens of us). The simulator "
     "should show exactly this.",
     "the review of 15 June 2018",
     "order against the message itself: stop the timer, then wait for a handler that began after the stop, or for"
     " an answer from the target, before the mask changes"},
    {"nmi-rcu-not-watching",
     "NMI entry path without the NMI-to-RCU notification, or CPU already reported dead to RCU.",
     "1. T(b): dying: RCU told that b is gone. 2. N(b): handler enters an RCU read section that protects "
     "nothing; T(a) frees the list element / data.",
     "Use after free in N.",
     "cpu_online clear to dead loop: 0.1..2 ms; Linux 6.1 returns from the NMI entry when offline, so immune there.",
     "Linux 6.1 arch/x86/kernel/nmi.c (offline check, RCU list walk)",
     "return from the NMI entry on a CPU that is not online before any list is walked, as Linux 6.1 does, and "
     "unregister only after a drain"},
    {"nmi-console-lock",
     "Report printed from N; victim is stuck inside console code.",
     "1. T(b): in the console driver with its port lock held, stuck irq-off. 2. N(b): lockup found; "
     "prints; the ring takes the text, flushing waits for the port lock (old kernels) or defers to "
     "irq_work on b, which never runs.",
     "Lockup detected but nothing visible; or deadlock in the report. With panic: panic flushes on a "
     "best-effort path.",
     "any stuck inside console; not a race.",
     "general; mini-kernel must have a printk ring and a console lock",
     "store the report where any CPU can print it and have another CPU flush it; do not rely on irq_work of the "
     "stuck CPU"},
    {"nmi-reason-lock-convoy",
     "Handler misses its token on k CPUs at once (window missed, status bit already cleared).",
     "1. D/F: broadcast to N CPUs. 2. N(1..k): no claim; each takes nmi_reason_lock in turn, reads port "
     "0x61 (LPC/eSPI, about 1..2 us, assumed).",
     "Last CPU leaves N after k * Lport61; then k \"unknown NMI\" lines, each under console locks.",
     "whole broadcast; cost grows with k, not a window.",
     "Linux 6.1 arch/x86/kernel/nmi.c",
     "let each local handler recognise its own NMI without the shared status, so that nothing falls through to "
     "port 0x61; do not broadcast"},
    {"nmi-seqcount-livelock",
     "Handler uses ktime_get() and not the NMI-safe accessor.",
     "1. T(a)/I(a): timekeeping update: sequence odd. 2. N(a): reader loops until even: never.",
     "Livelock in N.",
     "update section, 0.2..1 us per tick on the timekeeping CPU.",
     "Linux 6.1 kernel/watchdog_hld.c uses the fast accessor for that reason",
     "use the NMI-safe fast accessors (ktime_get_mono_fast_ns()) or the TSC; never a sequence count whose writer "
     "may be the interrupted code"},
    {"nmi-read-hpet-lock",
     "HPET is the clocksource; handler (or tracing, printk time stamps) calls it in N; kernel without the "
     "in_nmi path.",
     "1. T(a): trylock on the shared word succeeds, counter read under way. 2. N(a): sees the lock held "
     "and the value unchanged; waits for a change that only T(a) can make.",
     "Deadlock; with many CPUs and no deadlock: a convoy (the reason for the scheme: hundreds of readers).",
     "Lrd (about 1 us) per clocksource read: at 10^5 reads/s a share of 10 % of all time: not rare at all.",
     "Linux 6.1 arch/x86/kernel/hpet.c read_hpet()",
     "do not read the clock source in NMI, time stamps of printk and tracing included; keep the exception for "
     "in_nmi() in read_hpet()"},
    {"nmi-tmr-conf-rmw",
     "Re-arm or mask from N through TIMn_CONF. The seed's first rule (\"only ever in !NMI\").",
     "1. T(b): reads TIMn_CONF (INT_ENB=1), intends to clear. 2. N(a): reads TIMn_CONF (INT_ENB=1). 3. "
     "T(b): writes INT_ENB=0; T(b) goes on to \"drain\" and mask change. 4. N(a): writes back its copy with "
     "INT_ENB=1.",
     "Timer that was stopped runs again; the drained state is a lie; next match hits the CPU that went down.",
     "Lrd + Lwr of the NMI's read-modify-write, 1..3 us per token.",
     "the review of 15 June 2018",
     "write TIMn_CONF in task context only and under one mutex; in NMI touch nothing but the route or the "
     "comparator"},
    {"ipi-scratch-mask",
     "x2APIC cluster driver; handler sends to a mask (shorthand, self-IPI: immune). PF through all-CPU backtraces.",
     "1. T(a): mask IPI (TLB flush, reschedule): scratch := {c,d,e}; IPI(c) sent. 2. N(a): mask IPI of the "
     "detector: scratch := its mask, emptied as it goes. 3. T(a): continues: scratch is empty: d, e never "
     "get the IPI.",
     "Lost ordinary IPI: remote call waits for ever, lost wake-up: the detector itself creates the lockup "
     "it then reports.",
     "copy and send loop: 0.1..2 us times IPIs/s: at 10^5 mask IPIs/s per CPU 1..20 % of all rounds.",
     "Gleixner, 4 May 2021, on v5 07/16",
     "from NMI send by shorthand or to self only, or keep a scratch mask of one's own for each context"},
    {"icr-half-written",
     "xAPIC (MMIO ICR); handler sends to a destination; shorthands write ICR only: immune. x2APIC: one MSR "
     "write: immune. PF and all others through backtrace requests sent from a report.",
     "1. T(a): ICR2 := dest b. 2. N(a): ICR2 := dest c; ICR := NMI. 3. T(a): ICR := vector v: goes to c, not b.",
     "Interrupted IPI to a wrong CPU: b waits for ever, c gets a spurious vector.",
     "two UC writes: 50..300 ns per IPI.",
     "Gleixner, 4 May 2021, on v5 07/16; SDM vol 3 ICR. Cure to model: wait for and restore ICR2 in N, or "
     "self-IPI via shorthand only",
     "in NMI use shorthands, which write ICR alone; or wait for ICR to be idle and restore ICR2; x2APIC has one "
     "MSR write and no such gap"},
    {"handler-before-data",
     "Register, then allocate masks; error path frees the data, sets the pointer to NULL, does not unregister.",
     "1. T(0): register handler. 2. any NMI (perf): N: dereferences a mask not yet allocated. 3. T(0): "
     "allocation fails: data freed, pointer NULL. 4. any later NMI on any CPU: NULL dereference in N.",
     "Crash in NMI, in a machine where the detector is \"off\".",
     "(2) allocation time, us; (4) permanent.",
     "detector source of v7, 2023, detector source of 2021 initialisation order",
     "allocate and publish all data first, register the handler last, and unregister it on every error path "
     "before the data are freed"},
};
// clang-format on

}  // namespace

Table<Detail> details_a() { return Table<Detail>{GROUP_A}; }

}  // namespace hldsim::catalogue
