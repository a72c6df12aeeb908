// SPDX-License-Identifier: Apache-2.0
#include "models/lapic/profile.hpp"

#include <stdexcept>
#include <string>

namespace hldsim {
namespace {

void require(bool holds, const char* otherwise) {
    if (!holds) {
        throw std::invalid_argument(std::string{"lapic profile: "} + otherwise);
    }
}

}  // namespace

void LapicProfile::validate() const {
    constexpr std::uint64_t FASTEST_HZ = 10'000'000'000;
    require(physical_address_bits >= 32 && physical_address_bits <= 52,
            "a physical address of 32 to 52 bits (SDM vol. 3A, 4.1.4)");
    require(max_lvt_entry() >= 4 && max_lvt_entry() <= 6, "a last LVT entry of 4 to 6 (SDM vol. 3A, 10.4.8)");
    require(!timer_clock || (timer_clock->numerator >= 1 && timer_clock->numerator <= FASTEST_HZ),
            "a timer clock of 1 Hz to 10 GHz");
}

}  // namespace hldsim
