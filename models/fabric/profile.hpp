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

/// What bits 10:8 of a message's data mean: HyperTransport hosts do not translate them, so that an NMI in the APIC's
/// code arrives as INIT.
enum class DeliveryEncoding : std::uint8_t {
    Apic,            // SDM vol. 3A, 10.11.2
    Hypertransport,  // message types of HyperTransport: 3 is NMI, 4 INIT, 6 ExtINT (Linux, asm/hypertransport.h)
};

struct FabricProfile {
    FormatBit format1_without_ir = FormatBit::Deliver;
    /// M-11: address bits 11:5 are destination bits 14:8 (virtual machines only; reserved on chips).
    bool extended_destination_id = false;
    Arbiter arbiter = Arbiter::LowestPpr;
    DeliveryEncoding delivery_encoding = DeliveryEncoding::Apic;
};

}  // namespace hldsim
