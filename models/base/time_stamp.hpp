// SPDX-License-Identifier: Apache-2.0
// One logical processor's time-stamp counter as a function of the TSC clock's edges. Intel SDM volume 3B, 17.17.
//
//   Clock   invariant: one edge a count, in every power state; all processors of a machine have the same edges
//   Value   modulo 2^64, as RDTSC and the local APIC's deadline see it
//   Stop    no architectural state: what a broken or virtual processor does; the value stays until it goes on
#pragma once
#include <cstdint>

namespace hldsim {

class TimeStamp {
public:
    /// At that edge of the TSC clock, or behind it and before the next.
    constexpr std::uint64_t at(std::uint64_t edge) const { return stopped_ ? base_ : base_ + edge; }
    /// `counts` more from that edge on; two's complement where it is less.
    constexpr void move(std::uint64_t counts) { base_ += counts; }
    constexpr void stop(std::uint64_t edge) {
        base_ = at(edge);
        stopped_ = true;
    }
    /// Goes on from where it stands.
    constexpr void go_on(std::uint64_t edge) {
        base_ -= stopped_ ? edge : 0;
        stopped_ = false;
    }
    constexpr bool stopped() const { return stopped_; }

private:
    std::uint64_t base_ = 0;  // running: the value at edge 0; stopped: the value
    bool stopped_ = false;
};

}  // namespace hldsim
