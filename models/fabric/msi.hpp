// SPDX-License-Identifier: Apache-2.0
// Message signalled interrupts, compatibility format: Intel SDM vol. 3A, 10.11.1 (address) and 10.11.2 (data).
//
//   Address  31:20 FEEh, 19:12 destination, 4 format (0), 3 RH redirection hint, 2 DM destination mode (1 logical)
//   Data     15 trigger mode, 14 level, 10:8 delivery mode, 7:0 vector
#pragma once
#include <cstdint>
#include <optional>

#include "models/base/bits.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/profile.hpp"

namespace hldsim::msi {

constexpr Bits ADDRESS_HIGH{63, 32};
constexpr Bits ADDRESS_RANGE{31, 20};
constexpr Bits DESTINATION{19, 12};
constexpr Bits EXTENDED_DESTINATION{11, 5};
constexpr Bits FORMAT{4, 4};
constexpr Bits REDIRECTION_HINT{3, 3};
constexpr Bits DESTINATION_MODE{2, 2};

constexpr Bits DATA_HIGH{31, 16};
constexpr Bits TRIGGER_MODE{15, 15};
constexpr Bits LEVEL{14, 14};
constexpr Bits DATA_RESERVED{13, 11};
constexpr Bits DELIVERY_MODE{10, 8};
constexpr Bits VECTOR{7, 0};

constexpr std::uint32_t INTERRUPT_RANGE = 0xfee;
/// Destination that names every local APIC in a message with an 8-bit destination.
constexpr std::uint32_t BROADCAST = 0xff;

/// Does a device's write to that address ask for an interrupt at all (M-1)? Bits 1:0 do not exist on the bus.
constexpr bool is_interrupt_address(std::uint64_t address) {
    return ADDRESS_HIGH.get(address) == 0 && ADDRESS_RANGE.get(address) == INTERRUPT_RANGE;
}

/// What is wrong with a message; the first that applies.
enum class Fault : std::uint8_t {
    None,
    NotAnInterruptAddress,
    FormatBitSet,  // M-10
    ReservedAddressBits,
    ReservedDataBits,
    ReservedDeliveryMode,    // M-4: 011b and 110b; dropped
    VectorOutOfRange,        // fixed and lowest priority want 10h..FEh; below 10h the local APIC refuses it (LAPIC-19)
    SmiVectorNotZero,        // M-4
    RedirectionToBroadcast,  // M-7: RH with physical FFh
    NotFourBytes,            // M-1: no interrupt comes of it
};

/// One line for a report.
const char* text(Fault fault);

struct Decoded {
    std::optional<InterruptMessage> message;  // nothing: no interrupt comes of it
    Fault fault = Fault::None;
};

Decoded decode(std::uint64_t address, std::uint32_t data, const FabricProfile& profile = {});

}  // namespace hldsim::msi
