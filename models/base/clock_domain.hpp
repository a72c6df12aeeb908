// SPDX-License-Identifier: Apache-2.0
// A clock as exact integers: edge index <-> instant, with 128-bit arithmetic and never a sum of rounded periods.
//
//   Period      numerator/denominator fs; a whole number for HPET, a fraction for a frequency in Hz
//   Edge k      the first whole femtosecond at which k periods have passed since the phase
//   Error       below 1 fs at every edge, however many there were (3 GHz as 333333 fs drifts 3.6 ms an hour)
#pragma once
#include <cstdint>
#include <numeric>
#include <optional>

#include "models/base/duration.hpp"

namespace hldsim {

/// A frequency as a fraction in Hz.
struct Hertz {
    std::uint64_t numerator = 1;
    std::uint64_t denominator = 1;
};

class ClockDomain {
public:
    /// A clock of that frequency, above 0, whose edge 0 is at `phase`.
    static constexpr ClockDomain of_frequency(Hertz f, Instant phase = {}) {
        const auto fs_per_s = static_cast<std::uint64_t>(FS_PER_S);
        const std::uint64_t g = std::gcd(fs_per_s, f.numerator);
        const std::uint64_t n = fs_per_s / g;
        std::uint64_t scaled = 0;
        if (f.numerator == 0 || f.denominator == 0 || __builtin_mul_overflow(n, f.denominator, &scaled)) {
            throw std::invalid_argument("a clock needs a frequency above 0");
        }
        return ClockDomain{scaled, f.numerator / g, phase};
    }

    /// A clock whose period is a whole number of fs, above 0.
    static constexpr ClockDomain of_period(Duration period, Instant phase = {}) {
        if (period.fs <= 0) {
            throw std::invalid_argument("a clock needs a period above 0 fs");
        }
        return ClockDomain{static_cast<std::uint64_t>(period.fs), 1, phase};
    }

    /// The instant of edge k. Throws TimeOverflow beyond the range of Instant.
    constexpr Instant edge(Edge k) const {
        const Wide fs = (Wide{k.index} * numerator_ + denominator_ - 1) / denominator_;
        if (fs > static_cast<Wide>(Duration::max().fs - phase_.fs)) {
            throw TimeOverflow{};
        }
        return {phase_.fs + static_cast<std::int64_t>(fs)};
    }

    /// As edge(), or Instant::never() where that is beyond the range.
    constexpr Instant edge_or_never(Edge k) const {
        const Wide fs = (Wide{k.index} * numerator_ + denominator_ - 1) / denominator_;
        return fs > static_cast<Wide>(Duration::max().fs - phase_.fs)
                   ? Instant::never()
                   : Instant{phase_.fs + static_cast<std::int64_t>(fs)};
    }

    /// The last edge at or before t; none before edge 0.
    constexpr std::optional<Edge> last_at(Instant t) const {
        if (t < phase_) {
            return std::nullopt;
        }
        return Edge{
            static_cast<std::uint64_t>(Wide{static_cast<std::uint64_t>((t - phase_).fs)} * denominator_ / numerator_)};
    }

    /// The first edge at or after t.
    constexpr Edge first_at(Instant t) const {
        if (t <= phase_) {
            return {0};
        }
        const Wide scaled = Wide{static_cast<std::uint64_t>((t - phase_).fs)} * denominator_;
        const auto last = static_cast<std::uint64_t>(scaled / numerator_);
        return {edge({last}) < t ? last + 1 : last};
    }

    /// The first edge strictly after t.
    constexpr Edge first_after(Instant t) const {
        const std::optional<Edge> last = last_at(t);
        return {last ? last->index + 1 : 0};
    }

    /// How many edges a duration takes, rounded up: what a latency in time costs in cycles.
    constexpr std::uint64_t edges_covering(Duration d) const {
        const Wide scaled = Wide{static_cast<std::uint64_t>(d.fs)} * denominator_;
        return static_cast<std::uint64_t>((scaled + numerator_ - 1) / numerator_);
    }

    constexpr Instant phase() const { return phase_; }
    /// One period is numerator/denominator fs, in lowest terms for a frequency.
    constexpr std::uint64_t period_numerator() const { return numerator_; }
    constexpr std::uint64_t period_denominator() const { return denominator_; }

private:
    using Wide = Uint128;

    constexpr ClockDomain(std::uint64_t numerator, std::uint64_t denominator, Instant phase)
        : numerator_{numerator}, denominator_{denominator}, phase_{phase} {}

    std::uint64_t numerator_;
    std::uint64_t denominator_;
    Instant phase_;
};

}  // namespace hldsim
