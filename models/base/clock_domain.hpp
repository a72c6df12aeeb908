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

/// A position on a clock that moves by whole cycles without a division: an exact remainder replaces it.
class ClockCursor {
public:
    explicit ClockCursor(const ClockDomain& clock)
        : clock_{clock},
          whole_{clock.period_numerator() / clock.period_denominator()},
          rest_{clock.period_numerator() % clock.period_denominator()} {
        to(Edge{0});
    }

    Instant now() const { return place_.now; }
    Edge edge() const { return place_.edge; }

    /// n cycles of this clock, below 2^31, multiplied out.
    struct Step {
        std::uint64_t cycles = 0;
        std::uint64_t fs = 0;
        std::uint64_t owed = 0;  // in 1/denominator fs, below 1 fs
    };
    Step step(std::uint64_t n) const {
        const std::uint64_t owed = n * rest_;
        return {n, n * whole_ + owed / clock_.period_denominator(), owed % clock_.period_denominator()};
    }

    /// A place on the clock.
    struct Place {
        Instant now;
        std::uint64_t ahead = 0;  // edge(k) = ceil(k * period): what the ceiling has added so far, in 1/denominator fs
        Edge edge;
    };
    const Place& place() const { return place_; }
    /// To a place on this clock.
    void to(const Place& place) { place_ = place; }

    /// Where a step leads to, from here or from where another one has led.
    struct Landing {
        Instant now;
        std::uint64_t ahead = 0;
    };
    Landing after(const Step& step) const { return after({place_.now, place_.ahead}, step); }
    Landing after(const Landing& from, const Step& step) const {
        const std::int64_t fs = from.now.fs + static_cast<std::int64_t>(step.fs);
        return step.owed <= from.ahead ? Landing{{fs}, from.ahead - step.owed}
                                       : Landing{{fs + 1}, clock_.period_denominator() - (step.owed - from.ahead)};
    }
    void take(const Step& step, const Landing& landing) {
        place_.now = landing.now;
        place_.ahead = landing.ahead;
        place_.edge.index += step.cycles;
    }

    /// Moves n cycles on, n below 2^31.
    void advance(std::uint64_t n) {
        std::uint64_t fs = n * whole_;
        std::uint64_t owed = n * rest_;
        if (owed > place_.ahead) {
            owed -= place_.ahead;
            const std::uint64_t denominator = clock_.period_denominator();
            const std::uint64_t carry = owed <= denominator ? 1 : (owed + denominator - 1) / denominator;
            fs += carry;
            place_.ahead = carry * denominator - owed;
        } else {
            place_.ahead -= owed;
        }
        place_.edge.index += n;
        place_.now.fs += static_cast<std::int64_t>(fs);
    }

    void to(Edge k) {
        place_.edge = k;
        place_.now = clock_.edge(k);
        const auto exact = static_cast<Uint128>(k.index) * clock_.period_numerator();
        const auto shown = static_cast<Uint128>(static_cast<std::uint64_t>((place_.now - clock_.phase()).fs)) *
                           clock_.period_denominator();
        place_.ahead = static_cast<std::uint64_t>(shown - exact);
    }

    /// Moves to the first edge at or after t, never back.
    void to_at_or_after(Instant t) {
        if (t > place_.now) {
            to(clock_.first_at(t));
        }
    }

    const ClockDomain& clock() const { return clock_; }

private:
    Place place_;
    ClockDomain clock_;
    std::uint64_t whole_;
    std::uint64_t rest_;
};

}  // namespace hldsim
