// SPDX-License-Identifier: Apache-2.0
// How much a CPU has done without sleeping: who goes on beyond a limit makes no progress, and the run ends.
//
//   Counted   by context: an NMI or interrupt begins at 0, and what it interrupts goes on from where it was
//   To 0      at HLT and MWAIT, SIPI and power-on
//   Limits    CpuOptions::most_accesses, most_blocks, most_device_reads, each of one context; most_events of the CPU
//   Not       by run: a long run of many CPUs is no endless loop
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/base/state_copy.hpp"

namespace hldsim::cpu {

/// Of one CPU.
class Effort {
public:
    /// Of one context, since it began or since the CPU last executed HLT or MWAIT. What interrupts it has its own.
    struct Counts {
        std::uint64_t accesses = 0;  // to memory with lines, and reads of the TSC
        std::uint64_t blocks = 0;    // of code
        std::uint64_t device_reads = 0;
    };
    Counts now;

    /// Depths are those of Nesting: that of the context that has been entered, and of the one that goes on.
    void entered(std::size_t depth) {
        outer_.resize(depth);
        outer_.back() = now;
        now = {};
        ++events_;
    }
    void left(std::size_t depth) {
        now = outer_[depth];
        outer_.resize(depth);
    }
    void slept() {
        now = {};
        outer_.assign(outer_.size(), {});
        events_ = 0;
    }
    void reset() { *this = {}; }
    /// NMIs, interrupts, exceptions and SMIs since the CPU last slept.
    std::uint64_t events() const { return events_; }

    void copy_state(StateCopy& s) { s(now, outer_, events_); }

private:
    std::vector<Counts> outer_;  // of the interrupted contexts, by depth
    std::uint64_t events_ = 0;
};

}  // namespace hldsim::cpu
