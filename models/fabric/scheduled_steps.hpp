// SPDX-License-Identifier: Apache-2.0
// What a remapper has still to do, in the order of (instant, order of scheduling), and the alarm that rings for it.
#pragma once
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"
#include "models/fabric/due_queue.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

/// Step names what happens to the slot that is scheduled with it.
template <class Step>
class ScheduledSteps {
public:
    /// `take` is called at a step's instant, and may schedule others, for that instant too.
    ScheduledSteps(sim::Timeline& timeline, sim::Priority priority, std::function<void(Step, std::uint32_t)> take)
        : timeline_{timeline}, take_{std::move(take)}, alarm_{timeline, priority, [this] { ring(); }} {}

    void push(Instant at, Step step, std::uint32_t slot) {
        due_.push(at, step, slot);
        alarm_.at(due_.next());
    }
    void clear() {
        due_.clear();
        alarm_.cancel();
    }
    Instant next() const { return due_.next(); }
    bool empty() const { return due_.empty(); }
    /// All of them, the next one first.
    std::vector<typename DueQueue<Step>::Entry> in_order() const {
        DueQueue<Step> left = due_;
        std::vector<typename DueQueue<Step>::Entry> all;
        while (!left.empty()) {
            all.push_back(left.pop());
        }
        return all;
    }
    /// The alarm goes with the timeline.
    void copy_state(StateCopy& s) { s(due_); }

private:
    void ring() {
        while (due_.next() <= timeline_.now()) {
            const auto entry = due_.pop();
            take_(entry.step, entry.slot);
        }
        alarm_.at(due_.next());
    }

    const sim::Timeline& timeline_;
    std::function<void(Step, std::uint32_t)> take_;
    DueQueue<Step> due_;
    sim::Alarm alarm_;
};

}  // namespace hldsim
