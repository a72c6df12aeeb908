// SPDX-License-Identifier: Apache-2.0
// Which AMD-Vi unit: what a chip fixes, and how it answers where the specification leaves a freedom or its text was not
// at hand (each such knob says "assumed"). The first value of each knob is the default.
#pragma once
#include <cstdint>

#include "models/fabric/remapping.hpp"

namespace hldsim {

struct AmdviProfile {
    // ---- what the unit is
    bool ga = true;  // EFR.GASup: entries of 128 bits
    bool xt = true;  // EFR.XTSup: 32-bit destinations

    // ---- caches (AMDVI-12): no vendor says how large they are or what they replace
    unsigned device_entries = 64;  // 0: no cache
    unsigned iec_entries = 64;     // of interrupt remapping entries; 0: no cache
    unsigned iec_ways = 64;        // divides iec_entries; equal: fully associative
    bool np_cache = false;         // NpCache: entries that led to a fault are cached, too

    // ---- left open
    ReadCompletionPushes read_completion_pushes = ReadCompletionPushes::Unit;
    Drains drains = Drains::Apic;
    BadSizeReads bad_size_reads = BadSizeReads::Ones;
    bool aborts_are_logged = true;  // AMDVI-9, assumed: a message that IntCtl or a pass bit blocks is an IO_PAGE_FAULT
    bool pass_needs_physical = true;  // AMDVI-7, assumed (QEMU has it): a pass bit is for physical destinations

    /// Throws std::invalid_argument that says what no unit can be.
    void validate() const;

    std::uint64_t efr() const;
};

}  // namespace hldsim
