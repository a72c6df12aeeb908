// SPDX-License-Identifier: Apache-2.0
#include "models/ioapic/profile.hpp"

#include <stdexcept>
#include <string>

#include "models/base/limits.hpp"
#include "models/ioapic/registers.hpp"

namespace hldsim {

namespace {

void require(bool holds, const char* otherwise) {
    if (!holds) {
        throw std::invalid_argument(std::string{"ioapic profile: "} + otherwise);
    }
}

}  // namespace

IoapicProfile IoapicProfile::i82093aa() {
    IoapicProfile profile;
    profile.version = 0x11;
    profile.arbitration = true;
    profile.remappable = false;
    return profile;
}

IoapicProfile IoapicProfile::ich() { return {}; }

IoapicProfile IoapicProfile::pch_100() {
    IoapicProfile profile;
    profile.pins = 120;
    return profile;
}

IoapicProfile IoapicProfile::fch() {
    IoapicProfile profile;
    profile.version = 0x21;  // assumed
    return profile;
}

void IoapicProfile::validate() const {
    require(pins >= 1 && pins <= limits::IOAPIC_PINS, "1 to 240 inputs (82093AA, 3.2.2)");
    require(index_bits == 8 || index_bits == 9, "an index of 8 or 9 bits");
    require(ioapic::FIRST_RTE + 2 * pins <= 1U << index_bits, "an index that reaches every entry: 8 bits reach 120");
    require(send_delay.fs >= 0, "no time below 0");
}

}  // namespace hldsim
