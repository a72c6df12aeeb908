// SPDX-License-Identifier: Apache-2.0
// Hazards of group D in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_D[] = {
    {"rotation-chain-break",
     "Current target b is dead, in SMM, stuck in N, or its APIC drops the token; timer is periodic and "
     "still aimed at b.",
     "1. D: match k: token(b) not taken. 2. D: match k+1, k+2..: tokens(b) merge in one latch. 3. No CPU "
     "ever writes ROUT.",
     "One CPU that cannot take NMIs blinds the detector for all the others: single point of failure. No "
     "report at all.",
     "permanent; entered through any hazard that loses one token.",
     "derived from the review's design; design answer to measure: IPI check by neighbours, second channel, buddy",
     "add a backstop that does not need the target: neighbours that check the last rotation and move the route, a"
     " second timer, or the buddy detector"},
    {"affinity-work-on-locked-cpu",
     "Handling CPU is irq-off; report does not panic.",
     "1. N(a): report lockup of a; queue work on a. 2. a stays irq-off: work never runs. 3. D: next match: "
     "token(a) again.",
     "Group of a is checked for ever, all other groups never again: first lockup hides the second.",
     "permanent after the first lockup.",
     "Gleixner, 18 June 2019, on v4 (Gleixner: the affinity stays where it is); detector source of 2019, "
     "detector source of 2021",
     "move the route from the NMI itself by one posted write; work deferred to the stuck CPU does not run"},
    {"route-tear",
     "Both halves change: enabling, switching between fixed and NMI delivery, handle switch with "
     "sub-handle in the data.",
     "1. T(a): writes FSB_INT_VAL (new data). 2. D: match: MSI = new data to old address. 3. T(a): writes "
     "FSB_INT_ADDR.",
     "Fixed-mode vector on the wrong CPU, or an NMI to address 0 (unset: a memory write to physical 0!), "
     "or wrong handle. Pure rotation changes the address half only: immune. GF has the same through two "
     "RTE halves.",
     "gap between two posted stores at the device: 5..100 ns (ordered), plus preemption, SMI or NMI between: ms.",
     "IA-PC HPET 1.0a 2.3.9.3 (FSB route register); Linux 6.1 arch/x86/kernel/hpet.c hpet_msi_write(); "
     "cover letter of v7, 2023 (v5: timer disabled around the destination update, Raj)",
     "stop the timer while both halves change, or write the 64 bits at once where the part takes that; in a "
     "rotation change the address half alone"},
    {"route-write-late",
     "Handler entry + write transit > P, i.e. short P (large N), or a delayed handler (SMI, C-state, hypervisor).",
     "1. D: match k: token(a). 2. N(a) delayed by d. 3. D: match k+1: ROUT still a: second token(a). 4. "
     "N(a): ROUT := b.",
     "a is checked twice within a short time (double-check-in-sample), b one period late; with d > P at "
     "every step the rotation slows to one CPU per handler delay: coverage N*max(P, d).",
     "probability that delay > P - Lwr. Closed form: P(d > P - Lwr).",
     "derived",
     "choose a period well above handler entry plus write transit, or check fewer CPUs by groups"},
    {"double-check-in-sample",
     "Equality test \"count == saved\" without a minimum age of saved. Any cause: late token + next one, "
     "both rotations, group change, broadcast plus unicast, churn restart, perf turbo (3x) of old.",
     "1. N(b): saved := count = k. 2. N(b) again after t < S: count = k: lockup reported.",
     "False report; panic if configured. The most user-visible failure of rotation.",
     "P(two checks within t) * (1 - t/S); hrtimer phase uniform: false with probability 1 - t/S for t < S.",
     "commit 7edaeb6841df (perf turbo: NMI ignored before 4/5 W); derived",
     "ignore a check whose saved count is younger than a heartbeat period plus jitter; the price is latency"},
    {"two-rotators",
     "Next = successor of self or of a shared cursor; two handlers overlap or alternate.",
     "1. token1(a) late, token2(b). 2. N(b): ROUT := c. 3. N(a): ROUT := b (wrap from self): the rotation "
     "jumps back; or, with a cursor, N(a): ROUT := d: c skipped.",
     "Uneven coverage: some CPU waits up to 2*W.",
     "delay > P.",
     "derived",
     "let only the handler of the current round move the route: carry a round number, and skip the move when it "
     "is not one's own"},
    {"cursor-race",
     "Plain u64/int fields; enable/disable on T(b) while N(a) runs.",
     "1. T(b): handling_cpu := c. 2. N(a): reads c, computes tsc_next. 3. T(b): route := c, tsc_next := "
     "... older value wins.",
     "Route and bookkeeping disagree: next NMI on c or a is not recognised -> unknown NMI, rotation lost.",
     "Lh + update section, 1..10 us per hotplug operation.",
     "detector source of 2021",
     "change route and bookkeeping together, with the timer stopped and drained; or derive the one from the other"},
    {"apicid-8bit",
     "APIC id > 255 (or > 254 with 255 as broadcast) and no remapping (15-bit extension only with "
     "hypervisor support).",
     "1. N(a): dest = id & 0xff. 2. token to another CPU: that one is checked twice, the wanted one never.",
     "Wrong CPU; silent hole in coverage; false reports by double-check-in-sample.",
     "deterministic.",
     "SDM vol 3 MSI address; detector source of 2021 (WARN above 0xff)",
     "refuse such CPUs, or require interrupt remapping (x2APIC ids above 254 need it)"},
    {"dest-mode-mismatch",
     "Route composed once at set-up; destination mode of the kernel or LDR/DFR of a CPU changes; flat mode "
     "with > 8 CPUs.",
     "1. ROUT holds logical id bit mask. 2. CPU b comes up with another LDR. 3. token: matches b and c, or nobody.",
     "Two NMIs for one token, or a token lost without error on the sender's side (APIC drops, no retry for "
     "NMI MSI).",
     "deterministic.",
     "SDM vol 3 logical destination mode; cover letter of v7, 2023: redirection hint must be 0 in physical "
     "mode (patch 6), AMD only physical",
     "use physical destination mode with redirection hint 0, and compose the message anew when a CPU's logical id"
     " changes"},
    {"irqbalance-moves-watchdog",
     "request_irq without NOBALANCING; /proc/irq/N/smp_affinity writable.",
     "1. I(a): sets affinity := a. 2. T(u): irqbalance: affinity := z. 3. token(z): z is not handling_cpu.",
     "Unknown NMI on z, no checks at all from then on.",
     "deterministic.",
     "Gleixner, 6 May 2022, on v6 05/29 (NMI irqs must be marked no-balance, affinity setters refused); "
     "detector source of 2021",
     "keep the interrupt out of the irq core, or mark it IRQF_NOBALANCING and refuse writes of its affinity"},
    {"fixup-irqs-races-detector",
     "Watchdog interrupt known to the irq core; two writers in hotplug.",
     "1. T(b): detector: route := a. 2. stop_machine: irq_migrate_all_off_this_cpu: effective affinity "
     "still b in the core: picks any online CPU z. 3. token(z).",
     "Route differs from handling_cpu: unknown NMI; IRR scan sees nothing (NMI).",
     "deterministic in the wrong order.",
     "Linux 6.1 kernel/irq/cpuhotplug.c, arch/x86/kernel/irq.c",
     "do not let the irq core own the route; or set the affinity through it only, before the CPU's interrupts are"
     " migrated"},
    {"affinity-ebusy",
     "Previous move not completed on its old CPU (see nmi-never-acked), or vectors exhausted.",
     "1. N(a): set_affinity(b): no vector on b: error. 2. loop: c: works: b is skipped each round. 3. "
     "variant without pending support: -EBUSY for b, c, d ..; only the current CPU itself \"succeeds\" (its "
     "early return): rotation stands still.",
     "Target starved or rotation stops; unfair coverage by vector pressure.",
     "deterministic after the first failure.",
     "the review of 15 June 2018 excerpt (loop); Linux 6.1 arch/x86/kernel/apic/vector.c",
     "do not change affinity from NMI; check where the interrupt really goes, not the return code"},
    {"nmi-ipi-vs-hpet-order",
     "b irq-off does not matter (NMI), but b in SMM/N: IPI round k pending; round k+1 merges.",
     "1. N(a) round k: IPI mask := {b}; IPI(b) held. 2. N(a) round k+1: mask rewritten while bit b still "
     "set; IPI(b) merges. 3. b: one N: clears its bit: rounds k and k+1 counted as one (correct), or mask "
     "copied after b's clear: bit set for ever.",
     "Lost check; stale bit (ipi-bit-absorbs-foreign); false report if \"not answered in time\" is used as "
     "evidence.",
     "blocked time of b > P.",
     "detector source of 2021 (mask copy, test-and-clear); derived",
     "number the rounds and let each CPU remember the last that it has answered; a merged IPI then answers for "
     "all up to its own"},
    {"broadcast-storm",
     "N large; handler does UC reads or takes contended lines.",
     "1. Broadcast. 2. N(1..N) at once: shared-line reads O(N*Lline), HPET reads O(N*Lrd) serialised at the device.",
     "Worst NMI time about N*Lrd: 256 CPUs * 1 us = 0.26 ms per round; package power spike; all idle CPUs wake.",
     "each P.",
     "Gleixner, 18 June 2019, on v4 (mask IPIs go out one by one and add up); Eranian 17 June 2019 (CPU 0 "
     "overloaded by 100+ IPIs); cover letter of v7, 2023 (v2 removed HPET reads from N); lkml.iu.edu "
     "2602.0/03203 (HPET read in NMI)",
     "unicast, or small groups; no read of the HPET and no shared line in the handler"},
};
// clang-format on

}  // namespace

Table<Detail> details_d() { return Table<Detail>{GROUP_D}; }

}  // namespace hldsim::catalogue
