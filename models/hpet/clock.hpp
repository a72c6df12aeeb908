// SPDX-License-Identifier: Apache-2.0
// The HPET's clock: edges numbered from 1, so that 0 is "none yet"; with drift and with synchronisation if asked for.
#pragma once
#include <cstdint>
#include <optional>

#include "models/base/clock_domain.hpp"
#include "models/base/duration.hpp"
#include "models/hpet/profile.hpp"

namespace hldsim::hpet {

class Clock {
public:
    static constexpr std::uint64_t NEVER = ~std::uint64_t{0};

    explicit Clock(const HpetProfile& profile)
        : own_{profile.drift_ppm == 0
                   ? ClockDomain::of_period(profile.period, Instant{} + profile.phase)
                   : ClockDomain::of_frequency(
                         Hertz{static_cast<std::uint64_t>(1'000'000 + profile.drift_ppm) * 1'000'000'000U,
                               static_cast<std::uint64_t>(profile.period.fs)},
                         Instant{} + profile.phase)} {
        if (profile.sync_hz != 0) {
            // The frame of the chip's bus clock; its edge 0 is at power-on (ICH6, 5.18.1: 66.666 MHz).
            sync_ = ClockDomain::of_frequency(Hertz{profile.sync_hz, 1});
        }
    }

    /// How many edges there were up to and including t.
    std::uint64_t edges_by(Instant t) const {
        if (sync_) {
            t = sync_->edge(*sync_->last_at(t));
        }
        const std::optional<Edge> last = own_.last_at(t);
        return last ? last->index + 1 : 0;
    }

    /// When edge number n shows, n at least 1; Instant::never() beyond the range of time.
    Instant instant_of(std::uint64_t n) const {
        if (n == NEVER) {
            return Instant::never();
        }
        const Instant t = own_.edge_or_never({n - 1});
        if (!sync_ || t == Instant::never()) {
            return t;
        }
        return sync_->edge_or_never(sync_->first_at(t));
    }

private:
    ClockDomain own_;
    std::optional<ClockDomain> sync_;
};

}  // namespace hldsim::hpet
