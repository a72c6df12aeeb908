// SPDX-License-Identifier: Apache-2.0
// Hazards of group I in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_I[] = {
    {"suspend-registers-lost",
     "Detector has no suspend callbacks, or runs after the HPET core resumed the counter.",
     "1. suspend: timer running. 2. resume: GEN_CONF restored by the core, TIMn_CONF by nobody (dead) or "
     "ROUT = 0 with INT_ENB=1.",
     "Dead watchdog after resume, or MSI write to address 0.",
     "deterministic.",
     "patchew 20260202174316 (suspend/resume claimed to survive); Linux 6.1 hpet.c resume",
     "stop before suspend; at resume write route, comparator and configuration in this order, after the HPET core"},
    {"suspend-hotplug-storm",
     "Each change costs a stop/drain/restart, or a retarget.",
     "1. T(0): offline(b) for b = N-1 .. 1. 2. D keeps matching: each step repeats the hazards of 3.B and "
     "3.C, 10..100 ms apart.",
     "Suspend slowed by N * drain; probability of a stray = 1-(1-p)^(N-1).",
     "N times the width.",
     "derived",
     "stop the detector once before the CPUs go down and start it once after they are back"},
    {"resume-nmi-before-handler",
     "Firmware leaves HPET enabled, or early restore.",
     "1. wake-up code in real/protected mode. 2. match: NMI. 3. no valid IDT: shutdown.",
     "Reset at resume, once in many.",
     "restore of ROUT/INT_ENB .. IDT load.",
     "derived",
     "leave the timer disabled over suspend and enable it last"},
    {"s2idle-frozen-ticks",
     "Detector not stopped before tick freeze; CPUs stay online.",
     "1. tick_freeze: hrtimers stop. 2. match: N(b), twice. 3. equal: report.",
     "False lockup in suspend; NMI wakes CPUs from s0ix: power drain. Or PC10 stops the HPET: no checks, "
     "good, by luck.",
     "> 2 checks in s2idle.",
     "derived",
     "stop the detector before ticks are frozen, or ignore checks while they are"},
    {"kexec-timer-left-on",
     "No shutdown hook; crash path skips it on purpose.",
     "1. T: kexec. 2. new kernel's early boot: NMI: early handler = panic/shutdown, or unknown NMIs for ever.",
     "Crash kernel dies: no dump: the worst time to fail. Target CPU may be one that the crash kernel does "
     "not run on.",
     "early boot: 0.1..2 s against P: probability about boot/P.",
     "derived; Linux disables HPET channels on shutdown paths (unverified)",
     "disable the timer in the shutdown hook and on the crash path; the next kernel disables all timers before it"
     " takes NMIs"},
    {"crash-shootdown-in-nmi",
     "panic on a while b reports.",
     "1. N(b): long report. 2. N/T(a): emergency handler set, NMI shorthand. 3. b: latched; a waits at "
     "most 1 s. 4. dump starts with b running. 5. later NMI(b) runs the emergency handler: halts: fine, "
     "but b wrote memory meanwhile.",
     "Inconsistent dump; 1 s lost. Watchdog token in crash: swallowed by the emergency handler (good).",
     "report duration.",
     "Linux 6.1 arch/x86/kernel/reboot.c",
     "keep the handler short, and let it leave at once when a panic is in progress"},
    {"kexec-nmi-wakes-offline",
     "CPU offline (soft), parked in MWAIT/HLT; kexec; token or broadcast reaches it.",
     "1. b parked. 2. kexec copies the new kernel over text and page tables. 3. NMI(b): resumes after HLT: "
     "executes garbage.",
     "Triple fault or silent corruption.",
     "permanent after kexec.",
     "Linux 6.1 arch/x86/kernel/smpboot.c comment (stray NMI not protected against)",
     "disable the timer and drain before the jump, and never broadcast while CPUs are parked in the old kernel's "
     "text"},
    {"panic-notifier-vs-watchdog",
     "Stopped CPUs spin irq-off; timer still runs.",
     "1. T(a): panic, others halted irq-off. 2. match: N(b): equal: report during panic printing.",
     "Garbage in the panic output; nested panic. GF tests for panic in progress.",
     "> interval in panic.",
     "lkml.iu.edu 2602.0/03203 (panic_in_progress test)",
     "look at panic_in_progress() first and do nothing then"},
};
// clang-format on

}  // namespace

Table<Detail> details_i() { return Table<Detail>{GROUP_I}; }

}  // namespace hldsim::catalogue
