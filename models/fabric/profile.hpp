// SPDX-License-Identifier: Apache-2.0
// What the documents leave open about the way of an interrupt message: one knob each, the default first.
#pragma once
#include <cstdint>

namespace hldsim {

/// Address bit 4 (format) set although nothing remaps (M-10): reserved without remapping hardware.
enum class FormatBit : std::uint8_t { Deliver, Drop };

/// Who gets a lowest-priority message (LAPIC-12). Chipsets differ; some hash the vector.
enum class Arbiter : std::uint8_t {
    LowestPpr,  // the lowest processor priority; among equals the next after the last winner
    Rotating,   // the next after the last winner, whatever its priority
};

struct FabricProfile {
    FormatBit format1_without_ir = FormatBit::Deliver;
    /// M-11: address bits 11:5 are destination bits 14:8 (virtual machines only; reserved on chips).
    bool extended_destination_id = false;
    Arbiter arbiter = Arbiter::LowestPpr;
};

}  // namespace hldsim
