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

void Countdown::divide_by_power(unsigned power) {
    if (power == power_) {
        return;
    }
    const std::uint64_t edge = now_edge();
    started_ = started_ && !ended_at(edge);  // with another divider it would not have ended
    if (started_ && edge >= base_) {
        rebase(edge);
        base_ += length(1);
        count_ -= 1;
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

Deadline::Deadline(sim::Timeline& timeline, const ClockDomain& tsc, std::function<void()> reached)
    : timeline_{timeline}, tsc_{tsc}, reached_{std::move(reached)}, alarm_{timeline, sim::Priority::LapicTimer, [this] {
                                                                               deadline_ = 0;
                                                                               reached_();
                                                                           }} {}

void Deadline::write(std::uint64_t deadline) {
    deadline_ = deadline;
    arm();
}

void Deadline::adjust_tsc(std::int64_t offset) {
    offset_ = offset;
    arm();
}

void Deadline::freeze(bool on) {
    frozen_ = on;
    arm();
}

void Deadline::reset() {
    deadline_ = 0;
    offset_ = 0;
    frozen_ = false;
    alarm_.cancel();
}

void Deadline::arm() {
    if (deadline_ == 0 || frozen_) {
        alarm_.cancel();
        return;
    }
    // The edge at which the adjusted TSC becomes the deadline; the offset may put it before edge 0 or beyond all time.
    std::uint64_t edge = 0;
    const std::uint64_t behind = ~static_cast<std::uint64_t>(offset_) + 1;
    if (offset_ < 0 ? __builtin_add_overflow(deadline_, behind, &edge)
                    : deadline_ < static_cast<std::uint64_t>(offset_)) {
        edge = offset_ < 0 ? ~std::uint64_t{0} : 0;
    } else if (offset_ >= 0) {
        edge = deadline_ - static_cast<std::uint64_t>(offset_);
    }
    const Instant at = tsc_.edge_or_never({edge});
    alarm_.at(at < timeline_.now() ? timeline_.now() : at);
}

}  // namespace hldsim::lapic
