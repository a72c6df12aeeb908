// SPDX-License-Identifier: Apache-2.0
#include "models/pmu/cycle_counter.hpp"

#include <utility>

namespace hldsim::pmu {

namespace {

constexpr std::uint64_t END = std::uint64_t{1} << CycleCounter::WIDTH;

}  // namespace

CycleCounter::CycleCounter(sim::Timeline& timeline, const ClockDomain& clock, std::function<void()> overflowed)
    : timeline_{timeline}, clock_{clock}, overflow_{timeline, sim::Priority::Pmu, [this, told = std::move(overflowed)] {
                                                        write(0);
                                                        told();
                                                    }} {}

std::uint64_t CycleCounter::edge() const { return clock_.last_at(timeline_.now()).value_or(Edge{0}).index; }

std::uint64_t CycleCounter::value() const { return runs_ ? (count_ + (edge() - base_)) % END : count_; }

void CycleCounter::write(std::uint64_t count) {
    count_ = count;
    base_ = runs_ ? edge() : 0;
    arm();
}

void CycleCounter::run(bool on) {
    if (on == runs_) {
        return;
    }
    const std::uint64_t count = value();
    runs_ = on;
    write(count);
}

void CycleCounter::reset() {
    runs_ = false;
    write(0);
}

void CycleCounter::arm() { overflow_.at(runs_ ? clock_.edge_or_never({base_ + (END - count_)}) : Instant::never()); }

}  // namespace hldsim::pmu
