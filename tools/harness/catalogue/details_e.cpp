// SPDX-License-Identifier: Apache-2.0
// Hazards of group E in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_E[] = {
    {"irte-torn",
     "Both halves change (low: P, DLM, DM, vector, destination; high: source id), or 32-bit stores to low; "
     "P stays 1.",
     "1. T(a): store low (new mode/destination). 2. R: lookup misses IEC, reads memory: new low, old high. "
     "3. T(a): store high.",
     "Wrong source check -> fault, NMI lost; with 32-bit stores: new vector with old destination, fixed "
     "instead of NMI. A destination-only change sits in one aligned 64-bit store: immune.",
     "store-to-store distance incl. Lsb: 1..100 ns; needs an IEC miss in it.",
     "VT-d IRTE format; Linux 6.1 irq_remapping.c (two 64-bit stores unless posted mode, then cmpxchg16b)",
     "write the entry by one 128-bit operation (cmpxchg16b), or change no more than the aligned half that holds "
     "the destination"},
    {"iec-stale-entry",
     "Route considered changed before the IEC invalidation has completed (skipped in N, or not waited for).",
     "1. T(a): IRTE.dest := b, invalidation queued. 2. D: match; R: IEC hit: old destination a. 3. wait "
     "descriptor written.",
     "NMI to the CPU that \"was moved away from\": stray on a leaving CPU.",
     "store visible .. invalidation executed: Liec (1..10 us); for ever if never invalidated and the entry "
     "stays cached.",
     "VT-d interrupt entry cache, IEC invalidate; the review of 15 June 2018",
     "wait for the invalidation to complete before the move counts as done; do it in task context, or avoid it "
     "with an entry per CPU"},
    {"iec-done-not-delivered",
     "Drain = IEC invalidation + wait descriptor. VT-d defines that in-flight requests are drained to the "
     "platform; whether that is \"accepted by the APIC\" or less is the model's parameter.",
     "1. R: token(b) translated, leaves R. 2. wait descriptor completes. 3. T(a): \"drained\". 4. L(b): accepts.",
     "As readback-left-not-taken, one hop further down.",
     "R -> L transit + Lacc + Lbnd.",
     "VT-d: draining before IRES/IEC completion (4 Series chipset data sheet, IRE field: in-flight "
     "requests are drained; exact IEC wording: the interrupt models)",
     "after the invalidation wait for the target as well: a handler generation or a cross call"},
    {"handle-for-dead-cpu",
     "IRTE(b).P=1 while b is down, or its APIC id changed (re-plug).",
     "1. b down. 2. stale ROUT (rotate-to-dying) names handle(b). 3. R: translates to b's old APIC id: token.",
     "NMI on a dead or a wrong CPU. Clearing P instead turns it into a fault: choose deliberately, measure both.",
     "as rotate-to-dying.",
     "the review of 15 June 2018 (reserve upfront); derived",
     "drain before a CPU goes down, then clear its entry and flush; refresh the entry before the CPU's bit is set"
     " again"},
    {"irte-p-cleared-in-flight",
     "Deactivate (Linux zeroes the IRTE) without stop+drain; FPD=0.",
     "1. D: match: request with handle(b). 2. T(b): IRTE(b) := 0, IEC flush. 3. R: not present: fault 22h, "
     "no delivery. 4. I(z): fault event handler: locks, printk; with a periodic timer: one fault per P.",
     "Lost NMI: chain break; fault log overflow (PFO) hides other faults.",
     "Lpost + Lirm before step 2.",
     "VT-d interrupt remapping faults; Linux 6.1 irq_remapping.c deactivate",
     "stop and drain before the entry is cleared, and keep it present while a handle may still be on its way"},
    {"source-id-mismatch",
     "SVT/SQ verification on; DMAR table's HPET scope wrong, or bus number not as firmware says.",
     "1. T: IRTE.SID from DMAR. 2. D: match with another requester id. 3. R: fault 26h; no NMI, ever.",
     "Detector \"enabled\", never a single NMI: dead from birth. Needs a self-test at enable.",
     "deterministic.",
     "VT-d source validation; Linux 6.1 irq_remapping.c (ir_hpet)",
     "test the path when the detector is enabled: no NMI within two periods means that it is not armed; report "
     "that"},
    {"compat-format-blocked",
     "Remapping switched on after set-up, at resume, or by the next kernel; CFI=0 or x2APIC mode (always blocked).",
     "1. ROUT = compatibility format. 2. T: IRE=1. 3. D: match: blocked, fault 25h. Reverse: remappable "
     "format with IRE=0: the handle is read as a destination id: NMI (or fixed vector 0!) to an arbitrary "
     "CPU.",
     "Silent death, or stray interrupt with an illegal vector on a random CPU.",
     "mode switch gap (boot, resume, kexec).",
     "VT-d compatibility format handling; G4x data sheet CFI field",
     "compose messages through the remapping driver, and again after suspend or when remapping is switched"},
    {"nmi-never-acked",
     "Move completes in the ack path (irq_complete_move, irq_move_irq); delivery mode NMI never gets there.",
     "1. set_affinity(b): new vector, move_in_progress = 1. 2. token(b) as NMI: handler runs, no ack. 3. "
     "flag stays 1. 4. set_affinity(c): the chip says -EBUSY; the core turns that into \"pending\" and "
     "returns success; pending moves run at the next ack: never. 5. All later calls only update the "
     "pending mask and return success: the hardware stays on b for ever. In remapped mode cleanup is sent "
     "at once instead: immune to this half, but see cleanup-on-stuck-cpu.",
     "Rotation stops after the first move while each call reports success; a vector leaks; all CPUs but b "
     "unmonitored. One reading of the seed's remark that the acknowledge part may have subtle side "
     "effects.",
     "deterministic.",
     "the review of 15 June 2018; Linux 6.1 arch/x86/kernel/apic/vector.c (move_in_progress, "
     "apic_ack_edge), kernel/irq/manage.c (irq_try_set_affinity), kernel/irq/migration.c",
     "do not use the irq core's affinity for an NMI: nothing acknowledges it, so a move never completes; write "
     "the route oneself"},
    {"cleanup-on-stuck-cpu",
     "Vector-based domain under the watchdog interrupt; b locked up while it was target.",
     "1. N(b): report, no panic. 2. move b -> c: cleanup IPI(b) queued on b's list. 3. b irq-off: never "
     "handled. 4. next move c -> d: clist still hashed: -EBUSY inside, \"pending\" and success outside, for "
     "ever.",
     "The first lockup freezes the rotation: other CPUs unmonitored.",
     "permanent after a non-panic report.",
     "Linux 6.1 arch/x86/kernel/apic/vector.c",
     "allocate no vector for the NMI, so that there is none to clean up on the old target"},
    {"eoi-for-nmi",
     "Shared ack code path reached from N, or a level RTE in NMI mode.",
     "1. I(a): in service vector v. 2. N(a): \"ack\" writes EOI: ISR bit of v cleared early. 3. lower vector "
     "nests into v's handler.",
     "Priority inversion, lost level interrupt; RTE remote IRR stuck.",
     "whenever N interrupts an interrupt handler.",
     "SDM vol 3 EOI; the review of 15 June 2018 (acknowledge); derived",
     "write no EOI in NMI and share no acknowledge path with interrupts; an NMI route has edge trigger"},
    {"ir-table-switch-in-flight",
     "SIRTP without identical contents, or without global IEC invalidation.",
     "1. token with handle h. 2. SIRTP: new table: h is another device's entry. 3. R: wrong vector, wrong CPU.",
     "Stray interrupt of another device's vector; NMI lost.",
     "SIRTP .. global invalidation done.",
     "VT-d SIRTP (in-flight requests must remap alike; then global invalidation), B940 data sheet page 229",
     "stop and drain before the table is replaced; keep identical contents or invalidate globally before the "
     "timer runs again"},
    {"posted-irte-swallows-nmi",
     "Bare-metal posted MSI or vCPU posting code rewrites the entry.",
     "1. IRTE: pst=0, NMI. 2. posting code: pst=1. 3. token: bit set in a descriptor; notification vector, no NMI.",
     "Watchdog becomes maskable: a stuck CPU is never seen.",
     "deterministic.",
     "x86 posted MSI (6.10 pull, x86-irq-2024-05-12); lkml 2503.2/04355 (IRTE clobbered between modes)",
     "reserve the entry against posting, and check that its delivery mode is still NMI"},
    {"amd-nmipass",
     "AMD-Vi; delivery mode translated to HyperTransport format on some hosts.",
     "1. IRTE says NMI. 2. DTE.NMIPass=0: target abort / blocked. With 1: the MSI's own destination is "
     "used, IRTE is ignored.",
     "Dead from birth, or rotation through IRTEs has no effect.",
     "deterministic.",
     "cover letter of v7, 2023 (NMIPass patch; non-IR message format; physical mode only); "
     "reviews.freebsd.org/D15630 (HyperTransport delivery mode)",
     "set the device table's NMI pass bit and use an unremapped message in physical mode; refuse where neither is"
     " possible"},
    {"iec-flush-rate",
     "Destination changed in the IRTE each round. 1 s threshold, 1000 CPUs: one flush per millisecond.",
     "1. each round: IRTE store, IEC selective (or global) invalidation. 2. other interrupts queue behind "
     "the invalidation, or miss.",
     "Interrupt latency tail of NICs grows; queue contention with DMA unmaps.",
     "share of time = Liec/P.",
     "Gleixner, 18 June 2019, on v4; the per-CPU entry design (PI) avoids the flush",
     "use an entry per CPU, flushed once, and switch the handle in the route; or rotate by groups"},
};
// clang-format on

}  // namespace

Table<Detail> details_e() { return Table<Detail>{GROUP_E}; }

}  // namespace hldsim::catalogue
