// SPDX-License-Identifier: Apache-2.0
// Which I/O APIC: what a chip fixes, and how it answers where documents are silent or chips differ.
//
//   Chips     i82093aa(), ich(), pch_100(): as their datasheets and Linux see them; fch(): assumed
//   Faults    off by default: what an individual part is known to do wrong
//   Knobs     the first value of each is the default; the rule that leaves it open is named (models/ioapic/README.md)
#pragma once
#include <cstdint>

#include "models/base/duration.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim {

struct IoapicProfile {
    // ---- what the chip is
    std::uint8_t version = 0x20;    // VER.VERSION; from 20h on there is EOIR
    unsigned pins = 24;             // entries of the redirection table, 1 to 240
    unsigned index_bits = 8;        // of IOREGSEL; 8 reach 120 entries, 9 all 240 (no public part has 9)
    bool arbitration = false;       // ARB exists: parts on the APIC bus only (3.2.3)
    bool remappable = true;         // entries have the bits 55:48
    RequesterId requester{0xfaf8};  // FA:1F.0, as coreboot programs the PCH

    // ---- where documents are silent
    bool intpol_change_is_edge = true;  // I-9: INTPOL written so that the input becomes active counts as an edge
    bool lowest_priority_hint = true;   // I-18: delivery mode 1 sets RH in the message; no: RH is always 0 (QEMU)
    Duration send_delay;                // I-20, I-24: between two messages; while one waits for it DELIVS reads 1

    // ---- faults
    bool level_as_edge_once = false;  // I-23: after each reset the first level message leaves as an edge

    bool has_eoi_register() const { return version >= 0x20; }

    /// The original part of 1996: version 11h, no EOIR.
    static IoapicProfile i82093aa();
    /// I/O controller hubs and chipsets up to the 9 series: version 20h, 24 inputs.
    static IoapicProfile ich();
    /// 100 series chipsets and later: 120 inputs.
    static IoapicProfile pch_100();
    /// AMD's controller hub: 24 inputs, version 21h, assumed to be in all else as Intel's.
    static IoapicProfile fch();

    /// Throws std::invalid_argument that says what no I/O APIC can be.
    void validate() const;
};

}  // namespace hldsim
