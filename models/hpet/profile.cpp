// SPDX-License-Identifier: Apache-2.0
#include "models/hpet/profile.hpp"

#include <stdexcept>
#include <string>

#include "models/base/limits.hpp"

namespace hldsim {

namespace {

// PCH: FA:0F.n is the requester id of comparator n (coreboot, northbridge/intel/*/acpi.c).
HpetTimerProfile pch_timer(unsigned n, std::uint32_t route_cap) {
    HpetTimerProfile timer;
    timer.periodic = n == 0;
    timer.wide = n == 0;
    timer.route_cap = route_cap;
    timer.requester.value = static_cast<std::uint16_t>(0xfa78 + n);
    return timer;
}

void require(bool holds, const char* otherwise) {
    if (!holds) {
        throw std::invalid_argument(std::string{"hpet profile: "} + otherwise);
    }
}

}  // namespace

HpetProfile HpetProfile::pch() {
    HpetProfile profile;
    constexpr std::uint32_t CAPS[] = {0x00f00000, 0x00f00000, 0x00f00800, 0x00f01000, 0, 0, 0, 0};
    for (unsigned n = 0; n < 8; ++n) {
        profile.timers.push_back(pch_timer(n, CAPS[n]));
    }
    return profile;
}

HpetProfile HpetProfile::pch_100() {
    HpetProfile profile = pch();
    profile.period = {41'666'667};
    return profile;
}

HpetProfile HpetProfile::ich10() {
    HpetProfile profile;
    constexpr std::uint32_t CAPS[] = {0x00f00000, 0x00f00000, 0x00f00800, 0x00f01000};
    for (unsigned n = 0; n < 4; ++n) {
        profile.timers.push_back(pch_timer(n, CAPS[n]));
    }
    return profile;
}

HpetProfile HpetProfile::ich7() {
    HpetProfile profile;
    constexpr std::uint32_t CAPS[] = {0x00f00000, 0x00f00000, 0x00f00800};
    for (unsigned n = 0; n < 3; ++n) {
        profile.timers.push_back(pch_timer(n, CAPS[n]));
        profile.timers.back().message = false;
    }
    return profile;
}

HpetProfile HpetProfile::fch() {
    HpetProfile profile;
    profile.period = {69'841'278};
    profile.vendor = 0x1022;
    profile.wide_counter = false;
    for (unsigned n = 0; n < 3; ++n) {
        HpetTimerProfile timer;
        timer.periodic = n == 0;
        timer.route_cap = 0x00c00000;  // assumed
        timer.requester = {0x00a0};    // 00:14.0, as its I/O APIC
        profile.timers.push_back(timer);
    }
    return profile;
}

HpetProfile HpetProfile::qemu_q35() {
    HpetProfile profile;
    profile.period = {10'000'000};
    for (unsigned n = 0; n < 3; ++n) {
        HpetTimerProfile timer;
        timer.periodic = true;
        timer.wide = true;
        timer.route_cap = 0x00ff0104;
        profile.timers.push_back(timer);
    }
    return profile;
}

void HpetProfile::validate() const {
    require(timers.size() >= 3 && timers.size() <= limits::HPET_TIMERS, "3 to 32 timers (IA-PC HPET 1.0a, 2.2, 2.3.4)");
    require(period.fs > 0 && period.fs <= 100'000'000, "a period of 1 to 100000000 fs (IA-PC HPET 1.0a, 2.3.4)");
    require(revision != 0, "a revision other than 0 (IA-PC HPET 1.0a, 2.3.4)");
    require(phase.fs >= 0 && phase < period, "a phase from 0 to below one period");
    require(drift_ppm >= -500 && drift_ppm <= 500, "a drift within +-500 ppm (IA-PC HPET 1.0a, 2.2)");
    // Slower, and two edges would show at one instant.
    require(sync_hz == 0 || sync_hz * static_cast<Uint128>(period.fs) >= 2 * static_cast<Uint128>(FS_PER_S),
            "a bus clock of at least twice the main counter's frequency, or 0");
    require(match_to_msi.fs >= 0 && edge_pulse.fs >= 0 && split64_gap.fs >= 0 && valset_gap.fs >= 0, "no time below 0");
    bool message_or_pins = true;
    for (const HpetTimerProfile& timer : timers) {
        message_or_pins = message_or_pins && (timer.message || timer.route_cap != 0);
    }
    require(message_or_pins, "a timer that can interrupt: message, or a route_cap other than 0");
}

std::uint64_t HpetProfile::gcap_id() const {
    return static_cast<std::uint64_t>(period.fs) << 32U | static_cast<std::uint64_t>(vendor) << 16U |
           static_cast<std::uint64_t>(legacy_replacement) << 15U | static_cast<std::uint64_t>(wide_counter) << 13U |
           (timers.size() - 1) << 8U | revision;
}

}  // namespace hldsim
