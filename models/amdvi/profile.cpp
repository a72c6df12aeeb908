// SPDX-License-Identifier: Apache-2.0
#include "models/amdvi/profile.hpp"

#include <stdexcept>

#include "models/amdvi/registers.hpp"

namespace hldsim {

void AmdviProfile::validate() const {
    if (iec_entries != 0 && (iec_ways == 0 || iec_entries % iec_ways != 0)) {
        throw std::invalid_argument("amdvi profile: an entry cache of whole sets: its ways divide its entries");
    }
    if (xt && !ga) {
        throw std::invalid_argument("amdvi profile: XTSup without GASup is no unit: only long entries have the room");
    }
}

std::uint64_t AmdviProfile::efr() const {
    const regs::Register& row = amdvi::row("EFR");
    std::uint64_t value = row.reset();
    value = row.field("GASup").set(value, ga ? 1 : 0);
    return row.field("XTSup").set(value, xt ? 1 : 0);
}

}  // namespace hldsim
