// SPDX-License-Identifier: Apache-2.0
// Which remapping unit: what a chip fixes, and how it answers where the specification is silent, was not read, or
// leaves the hardware a freedom. The first value of each knob is the default; the rule that leaves it open is named.
#pragma once
#include <cstdint>
#include <optional>

#include "models/base/limits.hpp"
#include "models/fabric/remapping.hpp"

namespace hldsim {

/// 5.1.4: the source id of an entry is verified before, or after, its reserved fields.
enum class CheckOrder : std::uint8_t { Spec, ReservedFirst };

/// VTD-15: the reason recorded for SVT = 11b.
enum class ReservedSvt : std::uint8_t { SourceId, ReservedField };

/// DLM = 011b or 110b: fault 24h, or a message that no APIC takes.
enum class ReservedMode : std::uint8_t { Fault, Nothing };

/// VTD-29: an invalidation whose index mask is above ECAP.MHMV.
enum class MaskTooLarge : std::uint8_t { Global, Error };

/// The controls of GCMD that the unit has.
enum class VtdCommand : std::uint8_t { Qie, Sirtp, Cfi, Ire, Srtp, Te };

struct VtdProfile {
    // ---- what the unit is
    unsigned version_major = 1;  // VER; 6 and up refuse register-based invalidation
    unsigned version_minor = 0;
    unsigned host_address_width = 46;  // HAW: addresses at and above 2^HAW do not exist
    unsigned fault_records = 8;        // CAP.NFR + 1, 1 .. limits::VTD_FAULT_RECORDS
    std::uint32_t fault_records_at = 0x220;
    bool eim = true;                 // ECAP.EIM: x2APIC destinations
    bool posted_interrupts = false;  // CAP.PI
    bool esirtps = false;            // CAP.ESIRTPS: SIRTP, and IRE 1 to 0, invalidate the entry cache (VTD-6)
    bool caching_mode = false;       // CAP.CM: entries that led to a fault are cached too; hardware offers 0
    bool scalable_mode = false;      // ECAP.SMTS
    bool abort_dma_mode = false;     // ECAP.ADMS
    bool eim_required = false;       // ECAP.EIMER: without EIME every request is fault 2Ah
    bool ir_required = false;        // ECAP.IRREQ: with IRES = 0 every request is fault 2Bh
    unsigned max_index_mask = 15;    // ECAP.MHMV

    // ---- interrupt entry cache (VTD-23): no vendor says how large it is or what it replaces
    unsigned iec_entries = 64;  // 0: no cache
    unsigned iec_ways = 64;     // divides iec_entries; equal: fully associative

    // ---- left open
    ReadCompletionPushes read_completion_pushes = ReadCompletionPushes::Unit;
    CheckOrder check_order = CheckOrder::Spec;
    Drains drains = Drains::Apic;
    ReservedSvt reserved_svt = ReservedSvt::SourceId;
    ReservedMode reserved_mode = ReservedMode::Fault;
    MaskTooLarge mask_too_large = MaskTooLarge::Global;
    BadSizeReads bad_size_reads = BadSizeReads::Ones;
    bool ire_off_drains = true;          // VTD-9: IRE 1 to 0 waits for what is in the root complex
    bool nmi_forwards_vector = true;     // CPU-27: IRTE.V travels with an NMI; processors without NMI source ignore it
    bool nmi_honours_hint = true;        // VTD-21: RH = 1 sends an NMI to one CPU of DST only
    bool smi_and_init = true;            // 9.9: "implementation specific"; else fault 24h
    bool malformed_write_faults = true;  // 29h, since revision 3.3; else nothing is recorded
    bool compress_faults = false;        // VTD-35: a pending record of the same requester absorbs a fault

    // ---- faults
    /// VTD-4: this command never completes, and with it none that is written after it.
    std::optional<VtdCommand> gcmd_stuck;

    /// Throws std::invalid_argument that says what no unit can be.
    void validate() const;

    std::uint64_t ver() const;
    std::uint64_t cap() const;
    std::uint64_t ecap() const;
};

}  // namespace hldsim
