// SPDX-License-Identifier: Apache-2.0
// What an entry of the redirection table says, over the rows of its fields.
#pragma once
#include <cstdint>

#include "models/fabric/ports.hpp"
#include "models/ioapic/registers.hpp"

namespace hldsim::ioapic {

inline bool is_masked(std::uint64_t entry) { return MASK.get(entry) != 0; }

inline DeliveryMode delivery_mode(std::uint64_t entry) { return static_cast<DeliveryMode>(DELMOD.get(entry)); }

/// Is it an interrupt that a processor may mask, rather than SMI, NMI, INIT or ExtINT?
inline bool is_maskable(std::uint64_t entry) { return delivery_mode(entry) <= DeliveryMode::LowestPriority; }

/// 82093AA, 3.2.4, bits 10:8 and 15: SMI, NMI, INIT and ExtINT are edges whatever TRIGGER says (I-16).
inline bool is_level(std::uint64_t entry) { return is_maskable(entry) && TRIGGER.get(entry) != 0; }

}  // namespace hldsim::ioapic
