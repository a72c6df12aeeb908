// SPDX-License-Identifier: Apache-2.0
// Hazards of group C in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_C[] = {
    {"disable-does-not-recall",
     "Code treats \"disabled\" as \"quiet\".",
     "1. D: match at t. 2. T(a): write INT_ENB=0 reaches D at t+e. 3. L(b): token accepted.",
     "NMI after disable; if the handler was unregistered or data freed: unknown NMI or crash.",
     "Lmatch + Lpost + Lirm + Lacc + Lbnd; plus Lwr, as the disable itself is posted.",
     "the review of 15 June 2018; IA-PC HPET 1.0a 2.3.8 (enable gates generation)",
     "treat 'disabled' as 'no new matches': before the mask changes or a handler goes, wait until what was sent "
     "has been handled"},
    {"posted-disable-late",
     "No read-back after the write.",
     "1. T(a): writes INT_ENB=0 (in flight). 2. T(a): clears bits, frees. 3. D: match before the store "
     "lands. 4. token.",
     "As above, but the window lies after the program's disable.",
     "Lwr (0.2..1 us; ms when the link is in a low-power state).",
     "PCI Express posted write ordering; derived",
     "read a register of the timer back before relying on the stop; then drain, as the read says nothing about "
     "the NMI"},
    {"readback-left-not-taken",
     "Drain = disable + read TIMn_CONF. b in SMM, in N, behind a long instruction, in a deep C-state, or R "
     "missing its cache.",
     "1. D: token(b). 2. T(a): disable; read returns (token pushed ahead into F / accepted by L(b)). 3. "
     "T(a): \"drained\": clears the mask, b proceeds down. 4. N(b): only now.",
     "INV-quiesce violated though the textbook flush was done; the seed's \"make sure the NMI on the fly is "
     "finished\".",
     "Lacc + Lbnd + Lent + Lh; with Lsmi or Lcx: up to ms. Self-drain (T(b) on b itself) shrinks it to "
     "Lacc: an NMI that is pending locally is taken at the next instruction boundary.",
     "the review of 15 June 2018; order of posted writes and reads",
     "wait until a handler that began after the stop has returned on the target, or until the target has answered"
     " a cross call (drain=generation, ipi)"},
    {"drain-no-architectural-ack",
     "Code re-uses the migration or fixup technique (test IRR for the vector, retrigger).",
     "1. T(b): route moved; lapic IRR bit tested: 0 (NMI never sets one). 2. Conclusion \"nothing pending\". "
     "3. N(b).",
     "Stray NMI after a \"successful\" migration; or the converse, a lost token that nobody retriggers.",
     "as nmi-before-bit-clear.",
     "Linux 6.1 arch/x86/kernel/apic/msi.c, irq.c fixup_irqs (IRR scan after mdelay(1)); SDM vol 3 (NMI "
     "bypasses IRR)",
     "do not test IRR or ISR for an NMI; use evidence from the target's own execution: a handler generation, or a"
     " call that it answers"},
    {"drain-waits-for-stuck",
     "Unbounded wait; b stuck in N or SMM, or dead, or token dropped by R.",
     "1. D: token(b). 2. b stuck (in-nmi). 3. T(a): drain waits for claim(b). 4. cpu_down/sysctl/suspend hang.",
     "A lockup of one CPU freezes all hotplug; no report, as the timer is stopped for the drain.",
     "not a race: any stuck kind that blocks N.",
     "the review of 15 June 2018; derived",
     "bound the wait and decide beforehand what happens then: give the CPU up, keep the timer on the others, and "
     "say so"},
    {"drain-timeout-too-short",
     "Timeout < max(Lsmi, Lcx, Lbnd, hypervisor preemption).",
     "1. token(b) held in L(b) by SMM for 5 ms. 2. T(a): drain gives up after 1 ms. 3. mask changed, b "
     "down. 4. N(b).",
     "Stray NMI, rare and load dependent; 1 ms is also the fixup_irqs delay of Linux.",
     "tail of the delay distribution beyond the timeout.",
     "Linux 6.1 arch/x86/kernel/irq.c (mdelay(1)); derived",
     "derive the limit from the slowest legal delivery (SMI, C-state exit, hypervisor), and after it treat the "
     "NMI as still on the fly"},
    {"drain-count-coalesced",
     "Drain by counting (issued - handled == 0) with two tokens for one CPU in one latch.",
     "1. token1(b) latched while b is in N for a perf NMI. 2. token2(b) (late rotation) merges. 3. One "
     "handler run. 4. T(a): waits for the second for ever (or to the timeout).",
     "Hang or false timeout. Cure: generation numbers (\"a handler run started after disable was visible\"), "
     "not counts.",
     "needs two tokens within one N or blocked period: P <= Lsmi + Lh, or software NMI plus timer NMI.",
     "derived; SDM: one NMI pending at most",
     "compare generations ('a handler began after the stop'), not numbers of NMIs: two requests may end as one"},
    {"drain-missing-fence",
     "Plain stores and loads; x86-TSO lets each load pass the earlier store.",
     "1. N(b): store in_handler=1 (in store buffer); load stop=0. 2. T(a): store stop=1 (buffer); load "
     "in_handler=0. 3. T(a): \"idle: change the mask\". N(b): goes on to rotate with the old mask.",
     "Route written after drain: next token to a CPU that left.",
     "Lsb (10..100 ns; longer if the store misses). Whether event delivery drains the buffer first is a "
     "model option (unverified); the handler's own store comes after it in any case.",
     "SDM vol 3 memory ordering; derived",
     "put a full barrier between the store and the load on both sides (smp_mb(), or xchg), as in Dekker's "
     "algorithm"},
    {"nmi-rearms-after-stop",
     "One-shot HPET (no PER_INT_CAP) or deferred work queued from N.",
     "1. N(b): running. 2. T(a): INT_ENB=0; not drained, or irq_work not flushed. 3. N(b): writes a new "
     "comparator; I(b): queued work sets the affinity / enables. 4. D: armed.",
     "Timer runs after disable; for one-shot: with INT_ENB=0 harmless until the next enable, then an early match.",
     "Lh, plus irq_work latency (until b enables interrupts: unbounded if b is irq-off).",
     "detector source of 2021 (irq_work, kick in N)",
     "let the handler re-arm only if the detector is running, decided by something that the stop changes and the "
     "drain waits for; flush irq_work too"},
    {"deferred-work-after-offline",
     "Work is per-CPU raised and touches the shared route.",
     "1. N(b): queues work. 2. T(b): offline path: sets handling CPU a, route a. 3. I(b): work runs (irqs "
     "on again): recomputes from its older state: handling := next after b.",
     "Two writers of the route; targets computed from stale masks; or work pending at CPU death.",
     "irq-off time after N (us..ms).",
     "detector source of 2021",
     "flush irq_work in the offline callback, and let the work check under the mutex that its CPU is still the "
     "one that handles"},
    {"double-stop-overlap",
     "No outer serialisation (hotplug lock + watchdog mutex), e.g. sysctl against suspend, or module unload.",
     "1. T(a): stop, drain. 2. T(c): stop (no-op), drain (trivially). 3. T(a): change, restart. 4. T(c): "
     "change mask: live timer.",
     "INV-quiesce broken although each runs the protocol correctly.",
     "protocol duration: 10 us..ms.",
     "derived; 2017 series (sysctl raced with hotplug)",
     "hold one mutex over the whole of stop, drain, change and restart"},
    {"restart-starvation",
     "Restart = now + P; operations every T < P.",
     "1. restart: next match now+P. 2. T later: stop, restart: next match now+P. 3. ... never a match.",
     "Watchdog silent under hotplug or sysctl churn; a real lockup is missed for as long as churn lasts.",
     "deterministic for T < P; closed form: with exponential churn rate r, expected time to one match = "
     "(e^(rP)-1)/r.",
     "detector source of 2021 (kick on each enable); derived",
     "keep the old deadline over stop and restart; only if it has passed, take the next instant of the same grid"},
    {"stop-gap-blind",
     "The stopper itself gets stuck between stop and restart.",
     "1. T(a): stop. 2. T(a): stuck irq-off. 3. Timer off for ever: no detector for any CPU.",
     "The detector cannot detect a lockup in its own maintenance path or anything nested in it (NMI storms, SMI).",
     "length of the gap; odds = gap * rate of operations.",
     "derived",
     "keep the gap short and bounded, and let another detector (buddy, a second timer) watch while this one is "
     "stopped"},
    {"level-status-left",
     "Timer or RTE level-triggered for a while (used by one prototype to flush), INT_STS write-1-to-clear.",
     "1. T(a): sets level, enables; match sets INT_STS; line stays asserted. 2. T(a): back to edge: no new edge.",
     "Watchdog dies silently (no edge), or one spurious NMI at the flip.",
     "Lwr..Lrd between the writes.",
     "detector source of 2021 enable_timer(), detector source of v7, 2023 disable_timer(); IA-PC HPET 1.0a 2.3.6",
     "clear the status bit after the type was changed back to edge and before the enable; stay in edge mode with "
     "messages"},
    {"nmi-held-through-init",
     "Token accepted during wait-for-SIPI or between INIT and SIPI.",
     "1. b dead; token accepted (latch). 2. T(a): INIT, SIPI. 3. b starts in real mode with the boot IDT: "
     "pending NMI taken before the kernel's IDT is loaded (if held) or never (if cleared).",
     "Machine reset on a model that holds it; lost token on one that clears it. Hardware differs: make it "
     "a model option.",
     "INIT..IDT load: 10..300 us per online.",
     "SDM vol 3 (INIT, wait-for-SIPI); exact behaviour unverified",
     "drain before the CPU is parked, so that nothing is pending when INIT arrives"},
    {"handler-unregister-in-flight",
     "Module unload / switch to perf without drain.",
     "1. token in F. 2. T(a): disable, unregister, synchronize_rcu, free. 3. N(b): no handler: unknown NMI.",
     "Unknown NMI (panic) on detector switch: \"switch to perf when TSC turns unstable\" does exactly this.",
     "Lpost+Lirm+Lacc+Lbnd vs grace period (usually hidden by it; visible with SMI).",
     "Linux 6.1 arch/x86/kernel/nmi.c unregister; v4 17/21, v5 16/16 (switch to perf when TSC is unstable; "
     "dropped in v7: only stopped) cover letter of v7, 2023",
     "stop and drain, then unregister; RCU's grace period covers handlers that run, not messages on their way"},
    {"latched-match-on-enable",
     "Model option. Comparator keeps matching while INT_ENB=0 (periodic): the internal status is set.",
     "1. T(a): disable. 2. D: match: no MSI, but internal pending. 3. T(a): route := b, mask changed. 4. "
     "T(a): enable, or sets FSB mode: D: sends the remembered MSI at once, with the new route.",
     "An NMI at the moment of restart on the new target, outside the time window: unknown NMI; a double "
     "check (double-check-in-sample).",
     "P(match while disabled) = gap/P; certain for long stops. Cure in v5..v7: switch to level, clear the "
     "status bit, back to edge.",
     "detector source of v7, 2023 comment on observed hardware",
     "before the enable clear a remembered match: change to level, clear the status, change back to edge; set the"
     " comparator anew"},
    {"reconfigure-while-running",
     "Producer writes first, \"reconfigure\" comes after.",
     "1. T: tsc_khz := refined. 2. N(a): claim test uses old tsc_next, kick uses new tsc_khz with the old "
     "period running. 3. T: reconfigure.",
     "One or more rounds with mismatched window; with tsc-window-missed the last round ever.",
     "write .. stop: us..ms, once per refinement or sysctl.",
     "Piggin, May 2022, on v6 28/29 (Piggin: stop, update, start)",
     "stop, update, start: change nothing that a running handler reads"},
    {"arm-failure-silent",
     "Arm only on the transition to the first CPU; failure prints once and returns with the bit set.",
     "1. T(0): first CPU: bit set; affinity call fails; return. 2. T(1): weight is now 2: no arm. 3. "
     "sysctl shows the watchdog on. The offline path likewise: timer off, new affinity fails, return: off "
     "for ever.",
     "Dead watchdog that reports itself enabled.",
     "any failure.",
     "detector source of v7, 2023 enable and disable paths; derived",
     "check the result of arming, clear the bit or return the error, and try again with the next CPU that comes "
     "up"},
    {"first-cpu-test-race",
     "Online callbacks of two CPUs overlap (parallel bring-up, sysctl start against hotplug) without an outer lock.",
     "1. T(a): set bit a. 2. T(b): set bit b. 3. T(a): weight 2. 4. T(b): weight 2. Nobody starts; the "
     "reverse at the end: both clear, both see 0 or none does: timer left running on an empty mask, or "
     "stopped twice.",
     "Watchdog never starts; or runs with an empty mask (empty-mask-target).",
     "set .. count: 10..100 ns.",
     "detector source of v7, 2023; derived",
     "hold a mutex over 'set the bit' and 'am I the first?', or use one atomic counter for both"},
};
// clang-format on

}  // namespace

Table<Detail> details_c() { return Table<Detail>{GROUP_C}; }

}  // namespace hldsim::catalogue
