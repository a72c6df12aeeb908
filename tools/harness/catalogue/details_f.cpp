// SPDX-License-Identifier: Apache-2.0
// Hazards of group F in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_F[] = {
    {"tsc-window-false-claim",
     "Claim test: |TSC - tsc_next| < E on the handling CPU; E = P/64 (0.16 s at P=10 s; v4, v5) or P/256 "
     "(39 ms; v7).",
     "1. perf/backtrace/error NMI on a at tsc_next - E/2. 2. N(a): claimed; rotates, re-arms. 3. real "
     "token(a) arrives later: outside the new window -> unknown NMI.",
     "Foreign unknown NMI absorbed (hardware error lost), early check, then an unknown NMI for our own token.",
     "2E per P: 3.1 % (or 0.78 %) of all foreign NMIs on the handling CPU are misclaimed; E per P where a claim "
     "ends the window, as in this core; 1000 perf NMIs/s: every round.",
     "detector source of 2019, detector source of 2021, detector source of v7, 2023; Gleixner, 9 May 2022, "
     "on v6 21/29 (false positives conceded in the patch text)",
     "keep the window narrow, ask other handlers first or let several claim one NMI; a source that the hardware "
     "reports (NMI-source) ends the guessing"},
    {"tsc-window-missed",
     "Delay > E: SMI, hypervisor, PC10; or small P (N groups): E = P/64 shrinks with N: rotation over 4096 "
     "CPUs at W=10 s: P=2.4 ms, E=38 us: less than one SMI.",
     "1. token(a) delayed by d > E. 2. N(a): unclaimed: unknown NMI (panic option!). 3. one-shot: timer "
     "never re-armed: dead silently; periodic: route not moved, tsc_next not advanced: every later NMI "
     "misses too.",
     "One late NMI kills the detector for ever (tsc_next is only advanced in the claim path).",
     "tail P(d > E).",
     "detector source of 2021 (kick only when claimed); derived",
     "do not tie the rotation to the claim: go on from the grid of expected instants, and let a late NMI be "
     "recognised by the multiple of the period"},
    {"tsc-next-phase-drift",
     "Periodic HPET; tsc_next = now + period.",
     "1. arrival k late by d. 2. tsc_next = grid(k+1) + d. 3. arrival k+1 on time: early by d relative to "
     "the window: needs d < E.",
     "A late-but-claimed NMI makes the next punctual one fall outside if d > E (or jitter d1-d2 > E).",
     "P(|d1 - d2| > E); cure: advance by period from the previous expected time.",
     "detector source of 2021 kick_timer(); derived",
     "advance the expected instant by one period from the last expected one, never from the arrival"},
    {"tsc-hpet-frequency-error",
     "tsc_khz from early calibration or rounded; refined later; ticks/N and tsc/N truncated separately.",
     "1. P in HPET ticks; expectation in TSC. 2. relative error e: misses when e*P > E, that is e > 1.56 % "
     "(1/64) or 0.39 % (1/256), for any P, since each claim re-anchors. Measured by the author: 0.05 %, up "
     "to 0.2 % before refinement. 3. after refinement tsc_khz changes: period in flight computed with the "
     "old one.",
     "All NMIs unclaimed from the start, or at refinement (about 1 s after boot).",
     "deterministic threshold: |e| > E/P - jitter/P.",
     "detector source of v7, 2023 (error figures), Piggin, May 2022, on v6 28/29",
     "wait for the refined TSC frequency, make the window wider than the error times the period, and measure the "
     "one clock by the other"},
    {"tsc-not-synchronous",
     "Sockets out of step, TSC_ADJUST by firmware, S3, hot-added CPU, guest migration.",
     "1. N(a): tsc_next = TSC(a)+P. 2. N(b): TSC(b) = TSC(a) + o; |o| > E: unclaimed. 3. kernel marks TSC "
     "unstable: detector must be handed over to perf without losing the token in flight "
     "(handler-unregister-in-flight).",
     "Unknown NMI on every socket crossing.",
     "deterministic for |o| > E.",
     "detector source of 2021 (check_tsc_unstable at init only); derived",
     "require a TSC that is synchronised and stable, and stop with a drain when it is marked unstable"},
    {"status-bit-absent",
     "Handler reads GENERAL_INT_STS to identify.",
     "1. token. 2. N: reads status: 0. 3. \"not mine\".",
     "All NMIs unknown (if relied on); each test costs Lrd; hence the TSC guess. Seed: \"no fast accessible "
     "NMI reason\".",
     "deterministic.",
     "IA-PC HPET 1.0a 2.3.6 (edge: bit reads 0); the review of 15 June 2018",
     "do not rely on the status register with messages: it stays 0 in edge mode; recognise the NMI by time or by "
     "its source"},
    {"status-bit-clear-race",
     "Level-triggered source, broadcast, status used as reason.",
     "1. match: STS=1; NMI to all. 2. N(a): reads 1, writes 1 (clear). 3. N(b): reads 0: not mine -> unknown NMI.",
     "Up to N-1 unknown NMIs; or, with a new match between read and clear, a lost event.",
     "spread of arrivals, 0.1..10 us: always.",
     "IA-PC HPET 1.0a 2.3.6; derived",
     "let one CPU alone read and clear the status and tell the others in memory; or do not broadcast"},
    {"hpet-counter-window",
     "next = last + period per CPU; broadcast; missed rounds (offline, SMM) leave next in the past.",
     "1. N(b): now - next tested as signed 32 bit. 2. b was offline for > 2^31 ticks (150 s at 14.3 MHz): "
     "sign flips. 3. claim refused (or foreign NMI accepted) until it wraps again.",
     "b unmonitored for up to 150 s; cost Lrd per NMI and CPU, serialised at the device; foreign NMI "
     "(perf, backtrace) pays it too.",
     "deterministic after a long absence; window = tolerance of the compare.",
     "lkml.iu.edu 2602.0/03203 (reading the HPET in NMI called a bad idea)",
     "do not read the counter in NMI; keep the expected instant in the TSC, and re-anchor it when a CPU comes "
     "back"},
    {"reason-port-blind",
     "Fallback path of an unclaimed NMI.",
     "1. token unclaimed. 2. reason 0: \"unknown\", message and perhaps panic.",
     "Watchdog token indistinguishable from a real unknown NMI: users see \"Dazed and confused\".",
     "any miss.",
     "Linux 6.1 arch/x86/kernel/nmi.c; the review of 15 June 2018",
     "claim in the local handler; the fallback path cannot tell an NMI of the detector from a real unknown one"},
    {"coalesce-two-sources",
     "perf (or error, IPI) NMI and HPET token close together, or both held by N/SMM.",
     "1. N(a) running (any source). 2. perf NMI: latched. 3. token(a): merges: no trace. 4. IRET; N(a): "
     "handlers polled: perf claims; HPET test by time: may claim too (then fine) or be outside.",
     "Lost watchdog NMI when the list stops at the first claimant or the time test fails; chain break.",
     "Lh of the running NMI + blocked time: rate = r_perf * Lh; 1000/s * 3 us = 0.3 % of rounds.",
     "Gleixner, 9 May 2022, on v6 21/29 (MSI is edge, sent once: stale watchdog); Linux 6.1 "
     "arch/x86/kernel/nmi.c comments; SDM vol 3",
     "ask all local handlers in each NMI, do not stop at the first that claims, read the reason port although one "
     "has claimed, and take a missed round for possible, not for an error"},
    {"b2b-swallow",
     "Two claims in one NMI set swallow; the next NMI at the same RIP is swallowed if unclaimed.",
     "1. N(a): perf + HPET both claim (2). 2. latched NMI at the same RIP (stuck CPU: RIP constant!): "
     "unclaimed: swallowed. 3. that one was a real SERR.",
     "On a stuck CPU RIP never changes, so the heuristic is at its worst exactly there: real errors absorbed.",
     "next NMI at same RIP.",
     "Linux 6.1 arch/x86/kernel/nmi.c",
     "claim only what is one's own: a false claim makes the kernel swallow the next NMI at the same place"},
    {"nmi-nest-by-iret",
     "Handler touches vmalloc/module memory, tracing breakpoint, user copy for a backtrace.",
     "1. N(a): #PF/#BP, IRET: NMI unblocked. 2. token(a): nested entry: state := latched, return. 3. third "
     "token: state is already latched: lost. 4. first N re-runs once.",
     "Re-entered handler state (per-CPU buffers), two tokens lost in one.",
     "Lh after the first IRET.",
     "Linux 6.1 arch/x86/kernel/nmi.c (three states), SDM vol 3 (IRET unblocks)",
     "touch nothing that may fault or trap in the handler, and let it be re-entered without harm"},
    {"window-pulls-rotation",
     "As tsc-window-false-claim, non-periodic timer (comparator re-armed at the claim).",
     "1. foreign at tsc_next - E. 2. claim: re-arm now + P. 3. interval was P - E: for rotation S must "
     "hold: W - N*E.",
     "Mean interval shrinks by up to 1.56 %; under heavy perf load checks drift earlier: harmless for W >> "
     "S, wrong for variance figures.",
     "2E/P.",
     "derived",
     "re-arm on the grid of the last deadline, not at claim time plus a period"},
    {"nmi-source-unset",
     "FRED NMI-source; MSI data vector (or IRTE vector) not assigned; chipset sends vector 2.",
     "1. token with vector 0: bit 0 (\"unknown source\"). 2. kernel polls all handlers: back to the TSC guess.",
     "No gain; with two NMI sources merged: bits or-ed, good; two HPET tokens merged: one bit: still lost.",
     "deterministic.",
     "lkml.iu.edu 2406.1/03372; spinics kvm msg377085, msg379740",
     "program a source vector of one's own in the message's data, and treat bit 0 as 'ask everybody'"},
    {"category-shadowed",
     "Separate lower-priority class (v3..v6) instead of an entry in the local list (v7).",
     "1. token(a) and a perf NMI merge (coalesce-two-sources). 2. N(a): local list: perf claims: stop. 3. "
     "watchdog class never asked. 4. MSI is not repeated; window passes; one-shot: never re-armed; "
     "periodic: tsc_next stale: dead.",
     "Watchdog dies silently under perf load.",
     "as coalesce-two-sources: r_perf * Lh per round (0.3 % at 1000/s): expected life = 1/(r*Lh) rounds: "
     "about 1 h at P=10 s.",
     "Gleixner, 9 May 2022, on v6 21/29; class dropped in v7 cover letter of v7, 2023",
     "register in the local list like the others; a class that is asked only when nobody claimed loses merged "
     "NMIs"},
    {"claim-everything",
     "MSI mode without status bit; handler returns handled without any test (v1).",
     "1. SERR/perf/backtrace NMI on any CPU. 2. handler: handled (and rotates!).",
     "Errors swallowed, rotation at the rate of foreign NMIs, false reports by double-check-in-sample.",
     "permanent.",
     "cover letter of v7, 2023 (changes since v1, reported by Zijlstra)",
     "test for one's own NMI before claiming it, and return NMI_DONE otherwise"},
    {"window-period-mismatch",
     "Periodic timer, rotation, P = W/N; disable of a non-target CPU recomputes ticks per CPU, returns "
     "before re-programming.",
     "1. T(b): offline: N -> N-1; tsc ticks := W/(N-1). 2. N(a): claimed (old tsc_next); new tsc_next = "
     "now + W/(N-1). 3. D: next match after the old W/N: early by W/(N(N-1)) > E = W/(64(N-1)) if N < 64: "
     "unclaimed. 4. dead for ever.",
     "First offline of any CPU kills the detector on machines with fewer than 64 CPUs: deterministic, not a race.",
     "100 % for N < 64; formula gives the exact boundary: a good end-to-end test of clocks and rounding.",
     "detector source of 2019 (disable path against kick_timer); derived",
     "change the timer's period and the expected interval in one step, with the timer stopped"},
};
// clang-format on

}  // namespace

Table<Detail> details_f() { return Table<Detail>{GROUP_F}; }

}  // namespace hldsim::catalogue
