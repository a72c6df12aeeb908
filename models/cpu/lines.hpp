// SPDX-License-Identifier: Apache-2.0
// Which CPUs hold a cache line, who watches it, and which lines a run has touched.
//
//   Protocol   MSI reduced to the set of holders: one that is alone may write, several may read
//   Deviation: caches are unbounded: a line once held stays held until another CPU takes it; no prefetch for ownership
#pragma once
#include <cstdint>
#include <vector>

#include "models/base/apic_id.hpp"
#include "models/cpu/cpu_sets.hpp"

namespace hldsim::cpu {

enum class Reach : std::uint8_t { Held, SamePackage, OtherPackage, Memory };

class Lines {
public:
    /// CPUs are split evenly over the packages.
    void configure(unsigned cpus, unsigned packages, unsigned lines);
    /// As after power-on: nobody holds anything. Costs as much as was touched.
    void reset();

    bool holds(unsigned line, unsigned cpu) const { return holders_.has(line, cpu); }
    bool owns(unsigned line, unsigned cpu) const { return holders_.has_only(line, cpu); }
    /// Where the nearest copy is that this CPU could take the line from.
    Reach reach(unsigned line, unsigned cpu) const;
    void share(unsigned line, unsigned cpu) {
        touch(line);
        holders_.add(line, cpu);
    }
    void own(unsigned line, unsigned cpu) {
        touch(line);
        holders_.set_only(line, cpu);
    }

    /// A device has written the line: no CPU holds it any more.
    void take_from_all(unsigned line);

    bool watched(unsigned line) const { return !watchers_.empty(line); }
    bool watches(unsigned line, unsigned cpu) const { return watchers_.has(line, cpu); }
    /// Calls visit(cpu) in ascending order until it returns true. No watcher may come or go meanwhile.
    template <class Visit>
    bool any_watcher(unsigned line, Visit visit) const {
        return watchers_.any_of(line, visit);
    }
    void watch(unsigned line, unsigned cpu);
    void unwatch(unsigned line, unsigned cpu);

    /// Holders and watchers of the lines that were touched, as they were.
    struct Saved {
        std::vector<unsigned> lines;
        std::vector<std::uint32_t> place;  // by line: 1 + its place in `lines`; 0: not touched
        std::vector<std::uint64_t> holders;
        std::vector<std::uint64_t> watchers;
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
    void forget(unsigned line);

    unsigned cpus_per_package_ = 1;
    CpuSets holders_;
    CpuSets watchers_;
    std::vector<std::uint8_t> touched_flag_;
    std::vector<unsigned> touched_;
    std::vector<unsigned> before_;  // touched before the last save()
};

}  // namespace hldsim::cpu
