// SPDX-License-Identifier: Apache-2.0
// Hazards of group H in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_H[] = {
    {"stuck-irqoff",
     "kind=irq-off, begins at a swept instant.",
     "1. T(b): cli; loop at t0. 2. hrtimer stops counting. 3. first N(b) check after t0 may still see a "
     "new count (one tick between last check and t0). 4. second check: equal: report.",
     "Report between C - S and 2C after t0 (C the check interval): closed forms by policy. (GF: only if in "
     "the right mode; FB: whole-machine watchdog.)",
     "not a race; the distribution of the latency is the result.",
     "lkml.iu.edu 2602.1/06205 (about 6 s .. 20 s for W=10)",
     "check each CPU once in a threshold; with a threshold W and a heartbeat each 2W/5, two checks find it"},
    {"stuck-in-nmi",
     "Handler loop, printk in N, firmware NMI handler, nmi-own-lock.",
     "1. N(b) loops. 2. tokens(b) merge. 3. no check of b ever.",
     "Missed. Only a remote check sees it (buddy: b's count stands still), and then no backtrace by NMI is "
     "possible.",
     "permanent.",
     "derived; kernel/watchdog_buddy.c",
     "add a check from outside (buddy): a CPU that is in an NMI takes no other, so it cannot check itself"},
    {"stuck-in-smm",
     "SMM stay of one or more CPUs > S (bad firmware) or a rendezvous of all.",
     "1. M(b) from t0 for longer than S. 2. hrtimer expires, pending; token(b) pending. 3. RSM: NMI first: "
     "count unchanged since the last check? if last check < stay ago: report.",
     "\"Hard lockup\" report for a firmware stall, with registers of innocent code: false or true? Users "
     "disagree: report it as class smm when IA32_SMI count (MSR 34h) moved.",
     "SMM stay > time since last tick such that no tick lies between two checks: stay > S - (interval overlap).",
     "SDM vol 3 SMM (NMI blocked, latched); derived",
     "compare MSR_SMI_COUNT over the check and report firmware as such; on RSM the NMI comes before the timer "
     "interrupt"},
    {"stuck-while-target",
     "Stuck kind blocks N, or the report path does not return (panic loop, console wait) before the route is moved.",
     "1. token(b). 2. N(b): finds lockup of itself; prints for seconds before rotating. 3. next tokens(b) merge.",
     "Others unmonitored during the report; with rotate-first order: covered. Order inside the handler "
     "matters: measure both.",
     "duration of the report (slow serial console: seconds).",
     "derived; the review of 15 June 2018 excerpt checks before it rotates",
     "move the route first and report afterwards, and let somebody other than the target notice that the rotation"
     " stands still"},
    {"stuck-handling-cpu",
     "Handling CPU in N loop, SMM, or powered off by firmware.",
     "1. token(handling) not taken. 2. no IPIs. 3. nobody is checked.",
     "Missed lockups of all: single point of failure (self irq-off alone is fine: NMI gets through).",
     "permanent.",
     "derived",
     "rotate the handling CPU, or let another one take over when a round does not come"},
    {"all-stuck",
     "Remote checking by timer interrupts.",
     "1. all T: cli loops. 2. no hrtimer anywhere. 3. BU: nobody runs; NMI designs: each target checks "
     "itself. 4. IW: irq_work of the handling CPU never runs: only the first group is ever checked.",
     "BU: missed for ever. NMI designs find it; report storm (report-interleave).",
     "permanent.",
     "admin guide on the buddy detector (limitation), lkml.iu.edu 2602.1/06205; derived",
     "use NMIs: a check by timer interrupts needs a CPU that still takes them"},
    {"two-neighbours-stuck",
     "k adjacent CPUs of the ring stuck.",
     "1. b, c stuck. 2. a checks b: report. c is checked by b only: never.",
     "Only the first of each run of adjacent stuck CPUs is reported; without panic the rest stay unknown.",
     "permanent.",
     "kernel/watchdog_buddy.c; derived",
     "after a report check the CPU behind the stuck one as well, or let two CPUs check each one"},
    {"ring-change-recheck",
     "a takes over c from b within a sample; ordering between touch and mask update (write/read barriers).",
     "1. b checks c: saved := k. 2. b offline: touch(c), barrier, clear bit. 3. a: reads the mask (new), "
     "count without barrier: touch not yet visible: equal: report.",
     "False report on weak ordering or missing touch.",
     "S after hotplug; ordering part: Lsb.",
     "kernel/watchdog_buddy.c comments and barriers",
     "touch the next CPU and order that before the change of the mask (smp_wmb()/smp_rmb())"},
    {"touch-hides",
     "Loop that touches (console, io_check), or touch each interval while stuck.",
     "1. N(b): touched: clear flag, return without saved := count. 2. later check compares with a stale "
     "value: \"progress\" seen though none since. 3. verdict one interval late.",
     "Detection late by one interval per touch; a touching loop is never reported (by intent).",
     "deterministic.",
     "lkml.iu.edu 2602.1/06205 patch 1 (update saved count always)",
     "take over the count on a touch as well, so that it costs one interval and no more"},
    {"hrtimer-lost-not-stuck",
     "Clock event lost: TSC-deadline written in the past or erratum, LAPIC timer stopped in C3 without "
     "broadcast, CPU clock stop.",
     "1. hrtimer armed; deadline MSR write overtakes the LVT write (no MFENCE) or microcode erratum: no "
     "interrupt. 2. CPU idles with interrupts on. 3. check: equal: \"hard LOCKUP\" in idle.",
     "False classification; registers show the idle loop.",
     "erratum dependent.",
     "Linux 6.1 arch/x86/kernel/apic/apic.c (deadline errata table, MFENCE note)",
     "before the report look at other interrupt counts of that CPU, and name a lost timer as such"},
    {"turbo-period",
     "Core clock > 2.5x nominal (W against S = 2W/5), or unhalted-cycles counter against wall time.",
     "1. W nominal = 10 s; at 3x it is 3.3 s < S = 4 s. 2. check twice in one heartbeat.",
     "False report; the reverse in low clock or idle: detection late without bound (halted: no cycles).",
     "deterministic: ratio > W/S = 2.5.",
     "commit 7edaeb6841df",
     "filter checks that come sooner than 4/5 of the threshold by a clock that does not follow the core's"},
    {"wrong-cpu-report",
     "Handler prints handling_cpu or cursor instead of its own id; remote check prints the checker's registers.",
     "1. N(b) runs late. 2. handling_cpu changed to c. 3. report \"CPU c stuck\", regs of b.",
     "Engineer debugs the wrong CPU.",
     "as cursor-race.",
     "derived",
     "name smp_processor_id() of the handler, whose registers are shown, and nothing that is shared"},
    {"warn-once-latch",
     "panic off; lockup, recovery, second lockup before any good check.",
     "1. report(b), flag set. 2. b recovers for < interval; stuck again. 3. checks: equal or progress?; "
     "flag never cleared.",
     "Second lockup not reported.",
     "recovery shorter than the check interval.",
     "Linux 6.1 kernel/watchdog_hld.c",
     "clear the flag when the count has moved, whoever notices it; keep it per lockup"},
    {"report-interleave",
     "Broadcast and several stuck CPUs.",
     "1. N(b), N(c) both report. 2. both ask all others for a backtrace by NMI IPI: b and c are in N: IPI "
     "latched until done. 3. waiter times out (10 s); panic on b stops others by NMI: c in N cannot take "
     "it.",
     "Missing backtraces; panic with CPUs not stopped; text mixed.",
     "simultaneous: probability 1 in broadcast designs.",
     "Linux 6.1 kernel/watchdog_hld.c (dump once), arch/x86/kernel/nmi.c (loops for crash IPI)",
     "let one CPU report at a time, the others wait or leave, and ask nobody for a backtrace who is in an NMI"},
    {"long-instruction",
     "WBINVD of a big cache (ms), microcode update, SGX/TDX flows, bus lock storms.",
     "1. T(b): WBINVD. 2. token(b), timer pending. 3. boundary: NMI first.",
     "Delay > E; or drain timeout exceeded.",
     "Lbnd.",
     "SDM vol 3 (NMI recognised at instruction boundaries); derived",
     "allow for the longest instruction in windows and time-outs; it delays timer and NMI alike"},
};
// clang-format on

}  // namespace

Table<Detail> details_h() { return Table<Detail>{GROUP_H}; }

}  // namespace hldsim::catalogue
