// SPDX-License-Identifier: Apache-2.0
// One timer's comparator: the value that is compared, its accumulator's period, and a value that is not effective yet.
//
//   Rules    H-7 .. H-22 (models/hpet/README.md). All arithmetic is modulo 2^width; nothing is signed, nothing clamped
//   Edges    numbered as by hpet::Clock; an edge n compares the value that the main counter takes at n
#pragma once
#include <cstdint>

namespace hldsim::hpet {

inline constexpr std::uint64_t LOW_HALF = 0xffff'ffff;

class Comparator {
public:
    /// `stored` are the bits that exist, `compared` those that take part in the comparison.
    void reset(std::uint64_t stored, std::uint64_t compared) {
        *this = Comparator{};
        stored_ = stored;
        compared_ = compared;
        active_ = stored;  // all ones: IA-PC HPET 1.0a, 2.3.9.1
    }

    /// What software reads: IA-PC HPET 1.0a, 2.3.9.2.2 (the accumulator, not the period).
    std::uint64_t visible() const { return waiting_from_ != 0 ? waiting_ : active_; }
    std::uint64_t period() const { return period_; }
    std::uint64_t stored() const { return stored_; }
    std::uint64_t compared() const { return compared_; }
    bool waits() const { return waiting_from_ != 0; }
    std::uint64_t waiting_from() const { return waiting_from_; }
    std::uint64_t active() const { return active_; }

    /// A new value that edges from number `from` on compare (H-12).
    void load(std::uint64_t value, std::uint64_t from) {
        waiting_ = value & stored_;
        waiting_from_ = from;
    }
    void load_period(std::uint64_t value) { period_ = value & stored_; }

    /// Edge number `last` and all before it are done: a value that the next one compares becomes active.
    void settle(std::uint64_t last) {
        if (waiting_from_ != 0 && waiting_from_ <= last + 1) {
            active_ = waiting_;
            waiting_from_ = 0;
        }
    }

    /// A match in periodic mode: IA-PC HPET 1.0a, 2.3.9.2.2.
    void accumulate() { active_ = (active_ & ~compared_) | ((active_ + period_) & compared_); }

    /// Tn_32MODE_CNF changes: the upper halves become 0 and stay so (ICH7 datasheet, TIMn_CONF bit 8).
    void set_width(std::uint64_t stored, std::uint64_t compared) {
        stored_ = stored;
        compared_ = compared;
        active_ &= stored;
        waiting_ &= stored;
        period_ &= stored;
    }

    /// Ticks from `count` to the next equality, minus one: an equal value is a whole turn away (H-10).
    std::uint64_t ticks_before(std::uint64_t value, std::uint64_t count) const {
        return (value - count - 1) & compared_;
    }

private:
    std::uint64_t active_ = 0;
    std::uint64_t waiting_ = 0;
    std::uint64_t waiting_from_ = 0;  // 0: nothing waits
    std::uint64_t period_ = 0;
    std::uint64_t stored_ = 0;
    std::uint64_t compared_ = 0;
};

}  // namespace hldsim::hpet
