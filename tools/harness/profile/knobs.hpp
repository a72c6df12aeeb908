// SPDX-License-Identifier: Apache-2.0
// Every knob with its kind and choices; values stand in scenarios/profiles/common.yaml.
#pragma once
#include <cstdint>
#include <string_view>

namespace hldsim::profile {

enum class KnobKind : std::uint8_t { Flag, Number, Word, Duration };

struct KnobSpec {
    std::string_view name;
    KnobKind kind;
    std::string_view words;  // of a Word, separated by blanks; of a Number the least and the most, else 0 and 2^32 - 1
    std::string_view rule;   // that leaves it open
    std::string_view meaning;
};

// clang-format off
inline constexpr KnobSpec KNOBS[] = {
    {"hpet.chip",                    KnobKind::Word,     "pch-100 pch ich10 ich7 fch qemu-q35", "", "timers, widths, capabilities of a part"},
    {"hpet.timers",                  KnobKind::Number,   "", "",     "3 to 32, those beyond the part's as its last; 0: as many as it has"},
    {"hpet.drift_ppm",               KnobKind::Number,   "-1000000 1000000", "H-1",  "positive is fast, within +-500"},
    {"hpet.phase",                   KnobKind::Duration, "", "H-1",  "instant of the first edge, below one period"},
    {"hpet.sync_hz",                 KnobKind::Number,   "0 10000000000", "H-1",  "edges show at the next edge of that clock; 0: off"},
    {"hpet.enable_sync_edges",       KnobKind::Number,   "", "H-2",  "edges not counted after the enabling write"},
    {"hpet.counter_write_running",   KnobKind::Word,     "load ignore", "H-4", "a write of MAIN_CNT while it runs"},
    {"hpet.oneshot32_wrap",          KnobKind::Word,     "rematch at-wrap", "H-14", "32-bit one-shot timers at the wrap"},
    {"hpet.valset_loads_period",     KnobKind::Flag,     "", "H-17", "the first write after VAL_SET sets the period too"},
    {"hpet.valset_reads",            KnobKind::Word,     "pending zero", "H-19", "how Tn_VAL_SET_CNF reads"},
    {"hpet.legacy_beats_fsb",        KnobKind::Flag,     "", "H-25", "legacy replacement wins over FSB delivery"},
    {"hpet.legacy_needs_enable",     KnobKind::Flag,     "", "H-32", "LEG_RT_CNF cuts the 8254 off only with ENABLE_CNF"},
    {"hpet.requester",               KnobKind::Word,     "each first ioapic", "VTD-41", "timers send as the part has it, as the first, or as the I/O APIC"},
    {"hpet.edge_pulse",              KnobKind::Duration, "", "H-26", "length of an edge interrupt's pulse; 0: one tick"},
    {"hpet.fsb_level_sets_status",   KnobKind::Flag,     "", "H-30", "FSB delivery in level mode sets GINTR_STA"},
    {"hpet.split64",                 KnobKind::Flag,     "", "H-33", "an 8-byte access is made as two of 4 bytes"},
    {"hpet.split64_gap",             KnobKind::Duration, "", "H-33", "between the halves; 0: one tick"},
    {"hpet.route_check",             KnobKind::Word,     "store warl", "H-35", "a route that INT_ROUTE_CAP does not allow"},
    {"hpet.read_flushes_match",      KnobKind::Flag,     "", "H-39", "a read waits for a match that is no message yet"},
    {"hpet.comp_readback_stale",     KnobKind::Number,   "", "H-12", "reads of TIMn_COMP that still give the old value"},
    {"hpet.first_reads_ones",        KnobKind::Number,   "", "",     "reads after power-on that give all ones"},
    {"hpet.access_smi",              KnobKind::Duration, "", "",     "an access is an SMI of its CPU, as long as this; 0: none"},
    {"hpet.halts_in_pc10",           KnobKind::Flag,     "", "H-38", "the counter stops in the deepest package state"},
    {"hpet.latch_while_disabled",    KnobKind::Flag,     "", "",     "a match while disabled leaves on enabling"},
    {"hpet.valset_gap",              KnobKind::Duration, "", "",     "a period write sooner than this goes wrong"},
    {"hpet.valset_gap_effect",       KnobKind::Word,     "lost loads-accumulator", "", "how it goes wrong"},
    {"hpet.edge_or_access",          KnobKind::Word,     "seed edge access", "H-36", "an access at the very instant of an edge: what comes first"},
    {"fabric.format1_without_ir",    KnobKind::Word,     "deliver drop", "M-10", "remappable format, nothing remaps"},
    {"fabric.extended_destination_id", KnobKind::Flag,   "", "M-11", "address bits 11:5 are destination bits 14:8"},
    {"fabric.arbiter",               KnobKind::Word,     "lowest-ppr rotating", "LAPIC-12", "who gets a lowest-priority message"},
    {"vtd.iec_entries",              KnobKind::Number,   "0 65536", "VTD-23", "size of the interrupt entry cache, of either unit; 0: none"},
    {"vtd.iec_ways",                 KnobKind::Number,   "0 65536", "VTD-23", "of a set, of either unit; as many as entries: fully associative"},
    {"vtd.iec_reread",               KnobKind::Word,     "seed use-cached read-and-keep read-only", "VTD-23", "a lookup that hits an entry which memory no longer holds, in either unit"},
    {"vtd.iec_victim",               KnobKind::Word,     "seed oldest newest", "VTD-23", "what a full set gives up, by last use, in either unit"},
    {"vtd.irte_sample",              KnobKind::Word,     "seed end begin", "VTD-22", "which image of an entry that changes under a lookup, in either unit"},
    {"vtd.wait_order",               KnobKind::Word,     "seed in-order early", "VTD-27", "a wait that is done while an earlier one is not"},
    {"vtd.host_address_width",       KnobKind::Number,   "", "", "32 to 52: memory beyond does not exist"},
    {"vtd.fault_records",            KnobKind::Number,   "", "VTD-35", "1 to 14"},
    {"vtd.fault_records_at",         KnobKind::Number,   "", "VTD-35", "offset of the first, CAP.FRO * 16"},
    {"vtd.version",                  KnobKind::Number,   "", "",     "major version; from 6 on the queue alone invalidates"},
    {"vtd.eim",                      KnobKind::Flag,     "", "VTD-5", "x2APIC destinations, ECAP.EIM"},
    {"vtd.max_index_mask",           KnobKind::Number,   "", "VTD-29", "0 to 15, ECAP.MHMV"},
    {"vtd.esirtps",                  KnobKind::Flag,     "", "VTD-6", "SIRTP, and IRE 1 to 0, invalidate the entry cache"},
    {"vtd.posted_interrupts",        KnobKind::Flag,     "", "VTD-17", "entries of posted format"},
    {"vtd.eim_required",             KnobKind::Flag,     "", "VTD-16", "without EIME every request is fault 2Ah"},
    {"vtd.ir_required",              KnobKind::Flag,     "", "VTD-9", "without remapping every request is fault 2Bh"},
    {"vtd.caching_mode",             KnobKind::Flag,     "", "VTD-23", "entries that led to a fault are cached, too; of AMD-Vi: NpCache"},
    {"vtd.read_completion_pushes",   KnobKind::Word,     "unit apic", "VTD-32", "what a read completion waits for at the root, with either unit"},
    {"vtd.drains",                   KnobKind::Word,     "apic unit", "VTD-30", "how far a wait pushes what it drains, of either unit"},
    {"vtd.check_order",              KnobKind::Word,     "spec reserved-first", "VTD-16", "source id before reserved fields"},
    {"vtd.reserved_svt",             KnobKind::Word,     "26h 24h", "VTD-15", "reason recorded for SVT = 11b"},
    {"vtd.reserved_mode",            KnobKind::Word,     "fault nothing", "VTD-16", "DLM = 011b and 110b"},
    {"vtd.mask_too_large",           KnobKind::Word,     "global error", "VTD-29", "an index mask above MHMV"},
    {"vtd.bad_size_reads",           KnobKind::Word,     "ones zero", "", "an access of a size that the unit, of either kind, does not take"},
    {"vtd.ire_off_drains",           KnobKind::Flag,     "", "VTD-9", "IRE 1 to 0 waits for requests under way"},
    {"vtd.nmi_forwards_vector",      KnobKind::Flag,     "", "CPU-27", "IRTE.V goes along with an NMI"},
    {"vtd.nmi_honours_hint",         KnobKind::Flag,     "", "VTD-21", "RH = 1 sends an NMI to one CPU of DST"},
    {"vtd.smi_and_init",             KnobKind::Flag,     "", "VTD-16", "SMI and INIT entries are supported"},
    {"vtd.malformed_write_faults",   KnobKind::Flag,     "", "VTD-16", "29h, since revision 3.3"},
    {"vtd.compress_faults",          KnobKind::Flag,     "", "VTD-35", "a pending record of the requester absorbs a fault"},
    {"vtd.gcmd_stuck",               KnobKind::Word,     "none qie sirtp cfi ire srtp te", "VTD-4", "a fault: a command that never completes"},
    {"amdvi.ga",                     KnobKind::Flag,     "", "AMDVI-17", "EFR.GASup: interrupt remapping entries of 128 bits"},
    {"amdvi.xt",                     KnobKind::Flag,     "", "AMDVI-17", "EFR.XTSup: 32-bit destinations, with amdvi.ga"},
    {"amdvi.dte_reread",             KnobKind::Word,     "seed use-cached read-and-keep read-only", "AMDVI-12", "a cached device table entry that memory no longer holds"},
    {"amdvi.device_entries",         KnobKind::Number,   "0 65536", "AMDVI-12", "size of the cache of device table entries; 0: none"},
    {"amdvi.aborts_are_logged",      KnobKind::Flag,     "", "AMDVI-9", "what IntCtl or a pass bit blocks is an IO_PAGE_FAULT"},
    {"amdvi.pass_needs_physical",    KnobKind::Flag,     "", "AMDVI-7", "a pass bit is for physical destinations only"},
    {"dmar.hpet_scope",              KnobKind::Word,     "right absent wrong", "VTD-41", "the HPET's requester id in the DMAR or IVRS table"},
    {"fabric.delivery_encoding",     KnobKind::Word,     "apic hypertransport", "M-4", "what bits 10:8 of a message's data mean"},
    {"ioapic.chip",                  KnobKind::Word,     "pch-100 ich 82093aa fch", "I-12", "inputs, version, EOIR of a part"},
    {"ioapic.pins",                  KnobKind::Number,   "", "I-12", "inputs of the first, 1 to 240; 0: as many as the part has"},
    {"ioapic.more",                  KnobKind::Number,   "", "",     "further I/O APICs, of 8 inputs each, 0 to 16"},
    {"ioapic.intpol_change_is_edge", KnobKind::Flag,     "", "I-9",  "INTPOL written so that the pin becomes active"},
    {"ioapic.send_delay",            KnobKind::Duration, "", "I-20", "between two messages of one I/O APIC"},
    {"ioapic.level_as_edge_once",    KnobKind::Flag,     "", "I-23", "a fault: the first level message leaves as an edge"},
    {"ioapic.lowest_priority_hint",  KnobKind::Flag,     "", "I-18", "delivery mode 1 sets RH in the message; else RH is always 0"},
    {"pic.edge_follows_line",        KnobKind::Flag,     "", "",     "an edge at the 8259 ends with its line"},
    {"chipset.refresh",              KnobKind::Duration, "", "",     "REF_TOGGLE of port 61h changes so often; 0: never"},
    {"lapic.timer_clock",            KnobKind::Number,   "0 10000000000", "LAPIC-29", "Hz; 0: the core crystal"},
    {"lapic.physical_address_bits",  KnobKind::Number,   "", "",     "32 to 52: width of IA32_APIC_BASE's address"},
    {"lapic.fire_after_mask",        KnobKind::Flag,     "", "LAPIC-37", "a fault: a timer that is masked, and not stopped, fires"},
    {"lapic.tsc_deadline",           KnobKind::Flag,     "", "",     "CPUID.1:ECX[24]"},
    {"lapic.always_running_timer",   KnobKind::Flag,     "", "LAPIC-36", "CPUID.6:EAX[2], ARAT"},
    {"lapic.version",                KnobKind::Number,   "16 21", "",  "VERSION.VERSION: 20 or 21 (14h, 15h) on Intel's, 16 (10h) on AMD's"},
    {"lapic.max_lvt_entry",          KnobKind::Number,   "4 6", "",    "VERSION.MAX_LVT: the last LVT entry; 6: CMCI, 5: thermal"},
    {"lapic.dead_page_reads",        KnobKind::Word,     "ones zero", "LAPIC-2", "the page while the APIC is off or in x2APIC mode"},
    {"lapic.eoi_suppression",        KnobKind::Flag,     "", "LAPIC-6", "VERSION.EOI_SUPPRESSION: the EOI broadcast can be off"},
    {"lapic.nmi_when_soft_disabled", KnobKind::Word,     "handle wake-only drop", "LAPIC-5", "an NMI at a software-disabled APIC"},
    {"lapic.ipi_delivery_status",    KnobKind::Word,     "wire immediate", "LAPIC-15", "how long the ICR reads busy"},
    {"lapic.xapic_id_writable",      KnobKind::Flag,     "", "",     "newer processors: read-only"},
    {"lapic.flat_broadcast_needs_ldr", KnobKind::Flag,   "", "",     "logical FFh needs LDR set"},
    {"lapic.x2apic_takes_narrow_broadcast", KnobKind::Flag, "", "LAPIC-8", "FFh of 8 bits reaches x2APICs"},
    {"lapic.x2apic_lowest_priority_ipi", KnobKind::Flag, "", "LAPIC-13", "else ESR bit 4"},
    {"lapic.ppr_subclass_zero_on_tie", KnobKind::Flag,   "", "LAPIC-21", "PPR[3:0] when TPR and ISRV are of one class"},
    {"lapic.initial_count_zero_in_deadline", KnobKind::Flag, "", "LAPIC-34", "INITIAL_COUNT in TSC-deadline mode"},
    {"lapic.pmi_masks_itself",       KnobKind::Flag,     "", "LAPIC-41", "older AMD did not"},
    {"lapic.illegal_lvt_vector_at_once", KnobKind::Flag, "", "LAPIC-19", "ESR bit 6 at the write, even if masked"},
    {"lapic.nmi_to_self",            KnobKind::Flag,     "", "LAPIC-16", "an NMI by a shorthand that includes self is sent"},
    {"lapic.divide_change",          KnobKind::Word,     "at-edge at-once", "LAPIC-31", "a divider that is changed while the timer counts"},
    {"lapic.dual_timer",             KnobKind::Word,     "none fixed nmi nmi-reason", "LAPIC-38", "a second timer beside TSC-deadline: no processor has one"},
    {"cpu.wfs_nmi_latches",          KnobKind::Flag,     "", "CPU-16", "an NMI in wait-for-SIPI is latched"},
    {"cpu.init_clears_nmi",          KnobKind::Flag,     "", "CPU-15", "INIT clears a pending NMI and NMI blocking"},
    {"cpu.nmi_blocked_by_sti",       KnobKind::Flag,     "", "CPU-6", "STI holds an NMI for one instruction, too"},
    {"cpu.fred",                     KnobKind::Flag,     "", "CPU-26", "flexible return and event delivery"},
    {"cpu.nmi_source",               KnobKind::Flag,     "", "CPU-27", "an NMI tells its sources; needs cpu.fred"},
    {"smi.rendezvous",               KnobKind::Flag,     "", "CPU-10", "CPUs that one SMI reaches leave SMM together"},
    {"smm.keeps_nmi_blocking",       KnobKind::Flag,     "", "CPU-13", "RSM restores the NMI blocking of before"},
};
// clang-format on

const KnobSpec* knob_named(std::string_view name);

}  // namespace hldsim::profile
