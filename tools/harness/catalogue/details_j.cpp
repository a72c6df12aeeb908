// SPDX-License-Identifier: Apache-2.0
// Hazards of group J in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_J[] = {
    {"smi-splits-read-write",
     "See comparator-in-past; here the distribution is the result.",
     "1. read c. 2. M(a) for len. 3. write c+P.",
     "Probability per programming = P(len > P).",
     "one instruction gap, 0.1..1 us + Lrd; odds = smi_rate * gap * P(len > P).",
     "Linux 6.1 hpet.c comment (NMI or SMI between read and write)",
     "as for comparator-in-past: verify after the write; the period must be longer than the longest SMI"},
    {"smi-rendezvous-merge",
     "len > P (rotation with small P).",
     "1. all in M. 2. k matches at one target (route not moved). 3. RSM: one NMI; k-1 tokens merged.",
     "k-1 rounds lost, others late by k*P; false report only if > S.",
     "len > P.",
     "derived",
     "take a missing round as a round, not as evidence; keep the period above the longest stay in SMM"},
    {"hpet-stops-in-pc10",
     "Client platforms; all cores idle.",
     "1. PC10: counter halted. 2. wake by other interrupt: continues. 3. TSC ran on: arrival - tsc_next = "
     "PC10 time > E.",
     "Unclaimed NMI -> dead detector (tsc-window-missed); TSC judged unstable by the clocksource watchdog.",
     "any PC10 stay > E.",
     "Linux commit 6e3cd95234dc, 5.15 (HPET off when PC10 is present); phoronix.com Linux-5.15-rc5-x86; "
     "kernel bug 203183",
     "do not use the HPET where PC10 stops it, or keep the package out of PC10 while the detector runs"},
    {"cstate-exit-delay",
     "Lcx up to 0.5 ms; E small (many groups).",
     "1. broadcast. 2. N(active) in 1 us, N(sleeper) in 300 us.",
     "Shared-mask and status races widen from ns to 100s of us; each round wakes all sleepers (energy).",
     "Lcx.",
     "cover letter of v7, 2023 (all CPUs checked whatever their idle state, unlike perf)",
     "make windows and drains longer than the slowest C-state exit, or address each CPU for itself"},
    {"hpet-broadcast-tick-conflict",
     "No ARAT; MSI channels used per CPU; few channels (3..8).",
     "1. detector takes the last MSI channel. 2. CPU b enters C3, broadcast late. 3. b's hrtimer late: "
     "false report.",
     "The detector itself causes the false report.",
     "deterministic.",
     "Linux 6.1 hpet.c (MSI clock events only without ARAT)",
     "leave the channels that the tick needs; without ARAT refuse, or take a timer beyond those"},
    {"mwait-nmi-wakes",
     "Idle CPU.",
     "1. MONITOR armed. 2. N(b) clears the monitor. 3. T: remote wake store before re-arm: missed wake "
     "unless need_resched is re-read.",
     "Normally harmless (idle loop re-tests); a dead-loop variant without re-test sleeps on.",
     "NMI..re-MONITOR.",
     "SDM vol 2 MWAIT; derived",
     "read need_resched() again after each wake-up and arm the monitor before; the price is one wake-up a check"},
};
// clang-format on

}  // namespace

Table<Detail> details_j() { return Table<Detail>{GROUP_J}; }

}  // namespace hldsim::catalogue
