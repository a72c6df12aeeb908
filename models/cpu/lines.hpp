// SPDX-License-Identifier: Apache-2.0
// Which CPUs hold a cache line, who watches it, and which lines a run has touched.
//
//   Protocol   MSI reduced to the set of holders: one that is alone may write, several may read
//   Deviation: caches are unbounded: a line once held stays held until another CPU takes it; no prefetch for ownership
#pragma once
#include <cstdint>
#include <vector>

#include "models/base/apic_id.hpp"

namespace hldsim::cpu {

enum class Reach : std::uint8_t { Held, SamePackage, OtherPackage, Memory };

class Lines {
public:
    /// CPUs are split evenly over the packages.
    void configure(unsigned cpus, unsigned packages, unsigned lines);
    /// As after power-on: nobody holds anything. Costs as much as was touched.
    void reset();

    bool holds(unsigned line, unsigned cpu) const {
        return (holders_[line * words_ + cpu / 64] >> (cpu % 64) & 1U) != 0;
    }
    bool owns(unsigned line, unsigned cpu) const {
        return words_ == 1 ? holders_[line] == std::uint64_t{1} << cpu : owns_slowly(line, cpu);
    }
    /// Where the nearest copy is that this CPU could take the line from.
    Reach reach(unsigned line, unsigned cpu) const;
    void share(unsigned line, unsigned cpu) {
        touch(line);
        holders_[line * words_ + cpu / 64] |= std::uint64_t{1} << (cpu % 64);
    }
    void own(unsigned line, unsigned cpu) {
        touch(line);
        if (words_ == 1) {
            holders_[line] = std::uint64_t{1} << cpu;
        } else {
            own_slowly(line, cpu);
        }
    }

    bool watched(unsigned line) const { return watch_count_[line] != 0; }
    bool watches(unsigned line, unsigned cpu) const {
        return (watchers_[line * words_ + cpu / 64] >> (cpu % 64) & 1U) != 0;
    }
    void watch(unsigned line, unsigned cpu);
    void unwatch(unsigned line, unsigned cpu);

    /// Holders and watchers of the lines that were touched, as they were.
    struct Saved {
        std::vector<unsigned> lines;
        std::vector<std::uint32_t> place;  // by line: 1 + its place in `lines`; 0: not touched
        std::vector<std::uint64_t> holders;
        std::vector<std::uint64_t> watchers;
        std::vector<std::uint16_t> watch_count;
    };
    /// touched() is empty afterwards: it counts from here.
    void save(Saved& saved);
    /// As they were; every line that differs must be in touched(), which is empty afterwards.
    void restore(const Saved& saved);

    /// Lines that were held by anybody, hence perhaps written, since reset(), save() or restore().
    const std::vector<unsigned>& touched() const { return touched_; }
    /// Lines that were touched before the last save(), or in what restore() has put back.
    const std::vector<unsigned>& touched_before() const { return before_; }
    void touch(unsigned line) {
        if (touched_flag_[line] == 0) {
            touched_flag_[line] = 1;
            touched_.push_back(line);
        }
    }

private:
    bool owns_slowly(unsigned line, unsigned cpu) const;
    void own_slowly(unsigned line, unsigned cpu);
    void forget(unsigned line);

    unsigned words_ = 1;
    unsigned cpus_per_package_ = 1;
    std::vector<std::uint64_t> holders_;
    std::vector<std::uint64_t> watchers_;
    std::vector<std::uint16_t> watch_count_;
    std::vector<std::uint8_t> touched_flag_;
    std::vector<unsigned> touched_;
    std::vector<unsigned> before_;  // touched before the last save()
};

}  // namespace hldsim::cpu
