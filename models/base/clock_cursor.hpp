// SPDX-License-Identifier: Apache-2.0
// A position on a clock that moves by whole cycles without a division: an exact remainder replaces it.
//
//   Exact    now() is clock().edge(edge()) always, however it got there
//   Moves    advance() by any number of cycles; take() by a step that was multiplied out before, for costs that recur
//   Range    a move of fewer than 2^31 cycles
#pragma once
#include <cstdint>

#include "models/base/clock_domain.hpp"
#include "models/base/duration.hpp"

namespace hldsim {

class ClockCursor {
public:
    /// A place on the clock.
    struct Place {
        Instant now;
        std::uint64_t ahead = 0;  // edge(k) = ceil(k * period): what the ceiling has added so far, in 1/denominator fs
        Edge edge;
    };
    /// Cycles, multiplied out.
    struct Step {
        std::uint64_t cycles = 0;
        std::uint64_t fs = 0;
        std::uint64_t owed = 0;  // in 1/denominator fs, below 1 fs
    };
    /// Where a step leads to.
    struct Landing {
        Instant now;
        std::uint64_t ahead = 0;
    };

    /// At edge 0.
    explicit ClockCursor(const ClockDomain& clock)
        : clock_{clock},
          whole_{clock.period_numerator() / clock.period_denominator()},
          rest_{clock.period_numerator() % clock.period_denominator()} {
        to(Edge{0});
    }

    const ClockDomain& clock() const { return clock_; }
    Instant now() const { return place_.now; }
    Edge edge() const { return place_.edge; }
    const Place& place() const { return place_; }

    // ---- to some place
    /// One of this clock.
    void to(const Place& place) { place_ = place; }
    void to(Edge k) {
        place_.edge = k;
        place_.now = clock_.edge(k);
        const auto exact = static_cast<Uint128>(k.index) * clock_.period_numerator();
        const auto shown = static_cast<Uint128>(static_cast<std::uint64_t>((place_.now - clock_.phase()).fs)) *
                           clock_.period_denominator();
        place_.ahead = static_cast<std::uint64_t>(shown - exact);
    }
    /// The first edge at or after t, never back.
    void to_at_or_after(Instant t) {
        if (t > place_.now) {
            to(clock_.first_at(t));
        }
    }

    // ---- on from here
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
    Step step(std::uint64_t n) const {
        const std::uint64_t owed = n * rest_;
        return {n, n * whole_ + owed / clock_.period_denominator(), owed % clock_.period_denominator()};
    }
    /// From here, or from where another step has led.
    Landing after(const Step& step) const { return after({place_.now, place_.ahead}, step); }
    Landing after(const Landing& from, const Step& step) const {
        const std::int64_t fs = from.now.fs + static_cast<std::int64_t>(step.fs);
        return step.owed <= from.ahead ? Landing{{fs}, from.ahead - step.owed}
                                       : Landing{{fs + 1}, clock_.period_denominator() - (step.owed - from.ahead)};
    }
    /// Makes the step, whose landing is known.
    void take(const Step& step, const Landing& landing) {
        place_.now = landing.now;
        place_.ahead = landing.ahead;
        place_.edge.index += step.cycles;
    }

private:
    Place place_;
    ClockDomain clock_;
    std::uint64_t whole_;
    std::uint64_t rest_;
};

}  // namespace hldsim
