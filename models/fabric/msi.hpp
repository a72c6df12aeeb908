// SPDX-License-Identifier: Apache-2.0
// Message signalled interrupts, compatibility format: Intel SDM vol. 3A, 10.11. The bits are the rows of
// models/fabric/msi_registers.hpp; here is what a message means, and what is wrong with it.
#pragma once
#include <cstdint>
#include <optional>

#include "models/base/bits.hpp"
#include "models/fabric/msi_registers.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/profile.hpp"

namespace hldsim::msi {

inline constexpr Bits ADDRESS_HIGH = row("ADDRESS").field("HIGH");
inline constexpr Bits ADDRESS_RANGE = row("ADDRESS").field("RANGE");
inline constexpr Bits DESTINATION = row("ADDRESS").field("DEST");
inline constexpr Bits EXTENDED_DESTINATION = row("ADDRESS").field("EXT_DEST");
inline constexpr Bits FORMAT = row("ADDRESS").field("FORMAT");
inline constexpr Bits REDIRECTION_HINT = row("ADDRESS").field("RH");
inline constexpr Bits DESTINATION_MODE = row("ADDRESS").field("DM");
inline constexpr Bits MISALIGNMENT = row("ADDRESS").field("IGNORED");
static_assert(MISALIGNMENT.mask() == REMAPPABLE_ADDRESS.field("IGNORED").mask(), "of either format");

inline constexpr std::uint64_t DATA_RESERVED = row("DATA").mask(regs::Access::RSVD);
inline constexpr Bits TRIGGER_MODE = row("DATA").field("TM");
inline constexpr Bits LEVEL = row("DATA").field("LEVEL");
inline constexpr Bits DELIVERY_MODE = row("DATA").field("DELMOD");
inline constexpr Bits VECTOR = row("DATA").field("VECTOR");

constexpr std::uint32_t INTERRUPT_RANGE = 0xfee;
/// Destination that names every local APIC in a message with an 8-bit destination.
constexpr std::uint32_t BROADCAST = 0xff;

/// Does a device's write to that address ask for an interrupt at all (M-1)? Whatever its bits 1:0 are.
constexpr bool is_interrupt_address(std::uint64_t address) {
    return ADDRESS_HIGH.get(address) == 0 && ADDRESS_RANGE.get(address) == INTERRUPT_RANGE;
}

/// M-1. A write of 4 bytes is one doubleword, whose address has no bits 1:0 (PCI Express Base 2.2.4.1): what an address
/// register holds there is "don't care" (SDM vol. 3A, 10.11.1; VT-d 5.1.2) and a mistake of who wrote it.
constexpr bool is_misaligned(std::uint64_t address) { return MISALIGNMENT.get(address) != 0; }

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
    WithPasid,               // M-1: no interrupt comes of it
    Misaligned,              // M-1: of either format, beside what else is wrong; delivered
};

/// One line for a report.
const char* text(Fault fault);

/// The delivery mode that bits 10:8 of the data stand for; Sipi where they stand for none of a message.
DeliveryMode delivery_mode(std::uint32_t data, DeliveryEncoding encoding);

struct Decoded {
    std::optional<InterruptMessage> message;  // nothing: no interrupt comes of it
    Fault fault = Fault::None;
};

Decoded decode(std::uint64_t address, std::uint32_t data, const FabricProfile& profile = {});
/// The same of a write as it is on the bus; the message gets its token.
Decoded decode(const MessageWrite& write, const FabricProfile& profile = {});

}  // namespace hldsim::msi
