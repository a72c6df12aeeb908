// SPDX-License-Identifier: Apache-2.0
#include "models/lapic/timer.hpp"

#include <utility>

namespace hldsim::lapic {

Countdown::Countdown(sim::Timeline& timeline, const ClockDomain& clock, std::function<void()> expired)
    : timeline_{timeline},
      clock_{clock},
      expired_{std::move(expired)},
      alarm_{timeline, sim::Priority::LapicTimer, [this] { ring(); }} {}

std::uint64_t Countdown::now_edge() const {
    return frozen_ ? frozen_at_ : clock_.last_at(timeline_.now()).value_or(Edge{0}).index;
}

bool Countdown::ended_at(std::uint64_t edge) const { return !periodic_ && edge >= base_ + length(count_); }

bool Countdown::running() const { return started_ && !ended_at(now_edge()); }

std::uint32_t Countdown::current() const { return current_at(now_edge()); }

std::uint32_t Countdown::current_at(std::uint64_t edge) const {
    if (!started_ || ended_at(edge)) {
        return 0;
    }
    if (edge < base_) {
        return static_cast<std::uint32_t>(count_ + 1);
    }
    const std::uint64_t passed = (edge - base_) >> power_;
    if (passed < count_) {
        return static_cast<std::uint32_t>(count_ - passed);
    }
    return static_cast<std::uint32_t>(initial_ - (passed - count_) % initial_);
}

// The same count with a later base, on an edge of the divider at or before `edge`.
void Countdown::rebase(std::uint64_t edge) {
    if (edge < base_) {
        return;
    }
    count_ = current_at(edge);
    base_ += (edge - base_) >> power_ << power_;
}

void Countdown::write_initial(std::uint32_t count) {
    initial_ = count;
    started_ = count != 0;
    count_ = count;
    base_ = now_edge();
    arm();
}

void Countdown::divide_by_power(unsigned power, DivideChange change) {
    if (power == power_) {
        return;
    }
    const std::uint64_t edge = now_edge();
    started_ = started_ && !ended_at(edge);  // with another divider it would not have ended
    if (started_ && edge >= base_) {
        rebase(edge);
        const bool at_once = change == DivideChange::AtOnce;
        base_ += at_once ? edge - base_ : length(1);  // the count under way is finished with the old divider, or is not
        count_ -= at_once ? 0 : 1;
    }
    power_ = power;
    arm();
}

void Countdown::set_periodic(bool on) {
    if (on == periodic_) {
        return;
    }
    const std::uint64_t edge = now_edge();
    started_ = started_ && !ended_at(edge);
    if (started_) {
        rebase(edge);
    }
    periodic_ = on;
    arm();
}

void Countdown::listen(bool on) {
    if (on != listening_) {
        listening_ = on;
        arm();
    }
}

void Countdown::freeze(bool on) {
    if (on == frozen_) {
        return;
    }
    if (on) {
        frozen_at_ = now_edge();
        frozen_ = true;
    } else {
        frozen_ = false;
        base_ += now_edge() - frozen_at_;
    }
    arm();
}

void Countdown::stop() {
    initial_ = 0;
    started_ = false;
    arm();
}

void Countdown::reset() {
    initial_ = 0;
    count_ = 0;
    base_ = 0;
    power_ = 1;
    started_ = false;
    periodic_ = false;
    listening_ = false;
    frozen_ = false;
    alarm_.cancel();
}

void Countdown::arm() {
    const std::uint64_t now = now_edge();
    if (!started_ || !listening_ || frozen_ || ended_at(now)) {
        alarm_.cancel();
        return;
    }
    std::uint64_t end = base_ + length(count_);
    if (end <= now) {
        const std::uint64_t period = length(initial_);
        end += ((now - end) / period + 1) * period;
    }
    alarm_.at(clock_.edge_or_never({end}));
}

void Countdown::ring() {
    arm();
    expired_();
}

Deadline::Deadline(sim::Timeline& timeline, const ClockDomain& clock, std::function<void()> reached)
    : timeline_{timeline},
      clock_{clock},
      reached_{std::move(reached)},
      alarm_{timeline, sim::Priority::LapicTimer, [this] {
                 deadline_ = 0;
                 reached_();
             }} {}

void Deadline::write(std::uint64_t deadline) {
    deadline_ = deadline;
    arm();
}

void Deadline::compare_with(const TimeStamp& tsc) {
    tsc_ = tsc;
    arm();
}

void Deadline::freeze(bool on) {
    frozen_ = on;
    arm();
}

void Deadline::reset() {
    deadline_ = 0;
    tsc_ = {};
    frozen_ = false;
    alarm_.cancel();
}

void Deadline::arm() {
    if (deadline_ == 0 || frozen_) {
        alarm_.cancel();
        return;
    }
    const Instant now = timeline_.now();
    const std::uint64_t edge = clock_.last_at(now).value_or(Edge{0}).index;
    const std::uint64_t count = tsc_.at(edge);
    if (count >= deadline_) {
        alarm_.at(now);
        return;
    }
    std::uint64_t reached = 0;
    if (tsc_.stopped() || __builtin_add_overflow(edge, deadline_ - count, &reached)) {
        alarm_.cancel();
        return;
    }
    alarm_.at(clock_.edge_or_never({reached}));
}

}  // namespace hldsim::lapic
