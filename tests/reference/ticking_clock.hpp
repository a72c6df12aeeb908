// SPDX-License-Identifier: Apache-2.0
// A clock that goes from edge to edge by adding: off by parts in a million, and shown at the edges of a bus clock
// (H-1).
#pragma once
#include <cstdint>

namespace hldsim::reference {

class TickingClock {
public:
    /// Edges of `period` fs from `phase` on, `ppm` parts in a million too often; seen at the next edge of `sync_hz`.
    TickingClock(std::int64_t period, std::int64_t phase, int ppm, std::uint64_t sync_hz)
        : own_{phase, 0, static_cast<std::uint64_t>(period) * MILLION, static_cast<std::uint64_t>(MILLION + ppm)},
          bus_{0, 0, sync_hz != 0 ? 1'000'000'000'000'000U : 0, sync_hz} {
        show();
    }

    /// When the next edge shows, in fs.
    std::int64_t next() const { return shown_; }

    void tick() {
        own_.add();
        show();
    }

private:
    static constexpr int MILLION = 1'000'000;

    // A sum of fractions: whole femtoseconds, and a rest over the denominator.
    struct Sum {
        std::int64_t whole;
        std::uint64_t rest;
        std::uint64_t step;
        std::uint64_t denominator;

        void add() {
            rest += step;
            whole += static_cast<std::int64_t>(rest / denominator);
            rest %= denominator;
        }
        std::int64_t rounded_up() const { return rest != 0 ? whole + 1 : whole; }
    };

    void show() {
        while (bus_.step != 0 && bus_.rounded_up() < own_.rounded_up()) {
            bus_.add();
        }
        shown_ = bus_.step != 0 ? bus_.rounded_up() : own_.rounded_up();
    }

    Sum own_;
    Sum bus_;
    std::int64_t shown_ = 0;
};

}  // namespace hldsim::reference
