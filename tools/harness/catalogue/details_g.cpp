// SPDX-License-Identifier: Apache-2.0
// Hazards of group G in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_G[] = {
    {"comparator-in-past",
     "One-shot (no PER_INT_CAP) or first programming of a periodic timer with a small distance.",
     "1. T/N(a): reads the counter c. 2. delay (NMI, SMI, preemption) > P. 3. writes c+P: already passed. "
     "4. next match after 2^32 ticks: 300 s at 14.318 MHz, 179 s at 24 MHz; 64-bit: never.",
     "Watchdog silent for minutes, then works again: \"fixed itself\".",
     "delay between read and write > P - write delay: for P of seconds only SMM/VM; for N=4096, P=2.4 ms: one SMI.",
     "Linux 6.1 arch/x86/kernel/hpet.c (next_event comment); IA-PC HPET 1.0a 2.3.9.2",
     "after the write compare the counter with the deadline and set it anew if it has passed; a periodic timer "
     "needs no re-arming"},
    {"comparator-write-delay",
     "Chipset option: delay k ticks, stale first read-back.",
     "1. T: writes cmp = now + 2. 2. counter passes cmp before the write is effective. 3. read-back shows "
     "cmp: \"fine\".",
     "As comparator-in-past for short distances; Linux keeps >= 128 ticks distance.",
     "k*Th = 70..140 ns and more.",
     "Linux 6.1 arch/x86/kernel/hpet.c (ICH9/10, ATI, AMD notes)",
     "keep a minimum distance (Linux: 128 ticks), and do not trust the first read-back"},
    {"val-set-order",
     "VAL_SET self-clears after the first write; the second write sets the accumulator only; chips that need a gap.",
     "1. T: VAL_SET=1, write cmp. 2. T: write period at once. Variant chip: second write lost, or taken as "
     "comparator. 3. first match at period absolute: in the past -> wrap.",
     "First NMI after minutes, later ones regular; or period = cmp.",
     "spacing < chip minimum (Linux waits 1 us).",
     "IA-PC HPET 1.0a 2.3.9.2.2 (periodic); Linux 6.1 hpet.c (AMD 8111 second write)",
     "set VAL_SET, write the comparator, wait a microsecond, write the period; check the first match"},
    {"val-set-in-smi",
     "Main counter keeps running (a polite detector must not stop it) and the timer is enabled.",
     "1. T: now read; VAL_SET. 2. SMI len > P. 3. T: cmp (past), period. 4. comparator catches up by "
     "adding period only at matches: never matches until wrap.",
     "As comparator-in-past, for a periodic timer, where nobody expects it.",
     "Lsmi > P - distance.",
     "derived; IA-PC HPET 1.0a",
     "program with the timer disabled, read the counter afterwards, and start over if the deadline has passed"},
    {"period-change-running",
     "kick on each online/offline, timer running, match in the middle.",
     "1. T(a): writes cmp' with VAL_SET. 2. D: matches cmp': adds the old period. 3. T(a): writes the new period.",
     "One interval wrong by (old - new); if the counter already passed the result: wrap.",
     "distance of the two writes: Lwr..1 us.",
     "detector source of 2021 (kick in enable path); derived",
     "stop the timer, set comparator and period, start it"},
    {"period-underflow",
     "Large N, small W: W=1 s, N=8192: P=122 us.",
     "1. match k+1 arrives in N of k. 2. latch always full: CPU-time share of N = Lh/P on one CPU after another.",
     "NMI storm; E below jitter; HPET link traffic; with P=0: comparator += 0: stuck for a wrap.",
     "closed form: P < Lent+Lh+Lwr.",
     "Gleixner, 18 June 2019, on v4 (1 s, 1000 CPUs: 1 ms; \"SMI endangered zone\"); detector source of 2021 "
     "(at most one interrupt per second by grouping)",
     "bound the period from below and rotate over groups of CPUs, or refuse the configuration"},
    {"counter-stopped",
     "Detector reuses periodic set-up that clears ENABLE_CNF, or resume resets the counter to 0.",
     "1. T: ENABLE_CNF=0; counter holds. 2. other channels miss; clocksource HPET stands still. 3. reset "
     "to 0: every programmed comparator is now far ahead: watchdog silent for up to a wrap.",
     "Time drift, clocksource watchdog marks TSC unstable -> kills the TSC window -> detector switch: a "
     "causal chain.",
     "stop duration; reset: permanent.",
     "Linux 6.1 arch/x86/kernel/hpet.c (restart counter on resume; stop in periodic set-up)",
     "never stop or reset the main counter once others use it; re-arm after resume when it was reset"},
    {"wrap-32bit",
     "W*f >= 2^32: W > 299 s at 14.318 MHz, > 178 s at 24 MHz; or delta computed in 32 bits with N.",
     "1. T: cmp = (u32)(now + W*f): truncated. 2. match W - 300 s early.",
     "Checks come early: < S: false report; or never if 64-bit comparison of truncated values.",
     "deterministic.",
     "IA-PC HPET 1.0a (32-bit mode, TN_32MODE_CNF); derived",
     "limit the distance to half the comparator's range, and compare as signed 32-bit differences"},
    {"legacy-replacement",
     "Timer 0 used for the watchdog; RTC emulation or tick broadcast wants timer 0/1.",
     "1. T: LEG_RT_CNF=1 for the watchdog. 2. tick broadcast code programs timer 0. 3. match at tick rate: "
     "NMIs at 100..1000/s.",
     "NMI storm or no tick; loss of HPET clock events while the watchdog owns the block.",
     "deterministic conflict.",
     "IA-PC HPET 1.0a 2.4.6; patchew 20260202174316 (HPET either clock event or watchdog)",
     "use messages and leave LEG_RT_CNF to its owner; refuse when the tick device needs timers 0 and 1"},
    {"channel-shared",
     "No reservation; channel allocated after the driver claimed it; SMM firmware uses one.",
     "1. T(a): watchdog on channel 2. 2. T(u): opens /dev/hpet: channel 2, its own period and INT route. "
     "3. NMIs at user's rate.",
     "NMI at arbitrary rate = denial of service; or watchdog silent.",
     "deterministic.",
     "Linux 6.1 drivers/char/hpet.c; HPET series (channel reservation patch)",
     "reserve the timer in the HPET driver before others can open it, and check its configuration now and then"},
    {"rte-two-writes",
     "RTE changed while unmasked; or any IOAPIC access from N.",
     "1. T(a): index := low. 2. N(a): index := other, access, return. 3. T(a): data write goes to other. "
     "Torn: destination half written, match, then mode half: NMI to an old destination or fixed vector to "
     "the new one.",
     "Random RTE destroyed; or one stray interrupt.",
     "two MMIO writes: 0.2..2 us.",
     "82093AA IOREGSEL/IOWIN; lkml 20260202174803 patch 1 (function that sets a pin to NMI)",
     "mask the entry while it changes, hold ioapic_lock, and access no I/O APIC from NMI"},
    {"level-nmi-remote-irr",
     "RTE trigger = level + delivery NMI (copy of the legacy override), or ExtINT on the same pin.",
     "1. NMI delivered; remote IRR (model option: set for NMI or not). 2. no EOI. 3. pin dead.",
     "One NMI, then silence.",
     "deterministic.",
     "82093AA (trigger mode with NMI treated as edge, unverified); SDM vol 3",
     "program edge trigger for an entry in NMI mode"},
    {"spread-spectrum-smm-hpet",
     "AMD SB700 class; first access starts SMM code.",
     "1. N: UC access -> SMI 1 ms; returns 0xffffffff. 2. arithmetic with it.",
     "cmp = garbage; NMI handler takes ms.",
     "deterministic on such machines.",
     "Linux 6.1 arch/x86/kernel/hpet.c hpet_cfg_working()",
     "read until the value is no longer all ones before the block is used, and make no access from NMI"},
};
// clang-format on

}  // namespace

Table<Detail> details_g() { return Table<Detail>{GROUP_G}; }

}  // namespace hldsim::catalogue
