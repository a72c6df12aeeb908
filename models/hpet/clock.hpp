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
        if (profile.drift_ppm == 0) {
            phase_ = profile.phase.fs;
            period_ = profile.period.fs;
        }
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
        if (period_ != 0) {  // the usual case without a 128-bit division
            return t.fs < phase_ ? 0 : static_cast<std::uint64_t>((t.fs - phase_) / period_) + 1;
        }
        const std::optional<Edge> last = own_.last_at(t);
        return last ? last->index + 1 : 0;
    }

    /// When edge number n shows, n at least 1; Instant::never() beyond the range of time.
    Instant instant_of(std::uint64_t n) const {
        if (n == NEVER) {
            return Instant::never();
        }
        const Instant t = own_edge(n);
        if (!sync_ || t == Instant::never()) {
            return t;
        }
        return sync_->edge_or_never(sync_->first_at(t));
    }

private:
    Instant own_edge(std::uint64_t n) const {
        std::uint64_t fs = 0;
        if (period_ != 0 && !__builtin_mul_overflow(n - 1, static_cast<std::uint64_t>(period_), &fs) &&
            fs <= static_cast<std::uint64_t>(Instant::never().fs - phase_)) {
            return {phase_ + static_cast<std::int64_t>(fs)};
        }
        return own_.edge_or_never({n - 1});
    }

    std::int64_t phase_ = 0;
    std::int64_t period_ = 0;  // in fs if it is whole, else 0
    ClockDomain own_;
    std::optional<ClockDomain> sync_;
};

}  // namespace hldsim::hpet
