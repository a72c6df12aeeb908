// SPDX-License-Identifier: Apache-2.0
// INV-armed: a timer that was started, or given its next deadline, matches in time.
//
//   Started    within a threshold, which no detector's period exceeds; or before it has passed its deadline is moved to
//              within a threshold from there, and so on: a comparator that others push forward as long as they live
//   Deadline   one-shot: the counter reaches the value that was written. It does not if it was past it when the write
//              took effect: a comparator matches on equality (IA-PC HPET Specification 1.0a, 2.3.9.2)
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

/// The first match of the timer after that record; NEVER.
Rank next_match(const Timer& timer, Rank rank) {
    const auto after = std::upper_bound(timer.matches.begin(), timer.matches.end(), rank);
    return after == timer.matches.end() ? NEVER : *after;
}

bool silent_for(const Index& index, Rank from, Rank match, Duration span) {
    const Instant until = match == NEVER ? index.ended_at() : index.at(match);
    return until - index.at(from) > span;
}

class Deadlines {
public:
    Deadlines(const Index& index, unsigned number, Violations& found)
        : index_{index}, timer_{index.timers[number]}, number_{number}, found_{found}, tick_{index.options.hpet_tick} {}

    void run() {
        for (std::size_t n = 1; n < timer_.comparators.size(); ++n) {
            const RegisterWrite& before = index_.writes[timer_.comparators[n - 1]];
            const RegisterWrite& now = index_.writes[timer_.comparators[n]];
            const Rank match = next_match(timer_, before.effective);
            if (match != NEVER && match < now.effective) {
                judge(before, match, now);
            }
        }
    }

private:
    /// The timer matched the value before, so it is known when the counter had that value, and when it has the next.
    void judge(const RegisterWrite& before, Rank match, const RegisterWrite& now) {
        const auto ticks = static_cast<std::int32_t>(static_cast<std::uint32_t>(now.value - before.value));
        const Instant matched = index_.at(match);
        const Rank next = next_match(timer_, now.effective);
        if (ticks <= 0) {
            return;
        }
        if (tick_.fs == 0) {
            if (next != NEVER && !silent_for(index_, match, next, index_.options.threshold)) {
                tick_ = {(index_.at(next) - matched).fs / ticks};
            }
            return;
        }
        const Uint128 ahead = static_cast<Uint128>(tick_.fs) * static_cast<Uint128>(ticks);
        const auto late = (index_.at(now.effective) - matched).fs;
        // A comparator may go on with its old value for some edges (2.3.9.2, chip options): whether a write so close to
        // its value was in time the match decides, which came or did not.
        constexpr std::int64_t LATE_EDGES = 4;
        if (static_cast<Uint128>(late) + static_cast<Uint128>(LATE_EDGES * tick_.fs) <= ahead ||
            (next != NEVER && index_.at(next) - index_.at(now.effective) <= index_.options.threshold)) {
            return;
        }
        const Rank off = timer_.enabled.next_change(now.effective);
        if (off != NEVER && index_.at(off) - matched <= Duration{tick_.fs * (ticks + LATE_EDGES)}) {
            return;  // stopped before it could match
        }
        Violation violation{
            "INV-armed", {Subject::Kind::Timer, number_}, trace::NO_CPU, now.effective, {match, now.effective}};
        if (now.made != NEVER) {
            violation.cpu = index_.record(now.made).actor;
            violation.evidence.push_back(now.made);
            if (const Nmi* const nmi = index_.nmi_around(now.made)) {
                violation.evidence.push_back(nmi->entered);
            }
        }
        found_.push_back(std::move(violation));
    }

    const Index& index_;
    const Timer& timer_;
    unsigned number_;
    Violations& found_;
    Duration tick_;
};

/// From where the timer that was started there has been silent: the last write before `until` that has moved its match
/// to within a threshold, each in time.
Rank last_pushed(const Index& index, const Timer& timer, Rank started, Rank until) {
    const Duration threshold = index.options.threshold;
    Rank from = started;
    auto next = std::partition_point(timer.comparators.begin(), timer.comparators.end(),
                                     [&](std::size_t number) { return index.writes[number].effective <= started; });
    for (; next != timer.comparators.end(); ++next) {
        const Rank write = index.writes[*next].effective;
        if (write >= until || index.at(write) - index.at(from) > threshold) {
            break;
        }
        const Instant due{index.record(write).result};
        from = due > index.at(write) && due - index.at(write) <= threshold ? write : from;
    }
    return from;
}

}  // namespace

void check_armed(const Index& index, Violations& found) {
    for (unsigned n = 0; n < index.timers.size(); ++n) {
        const Timer& timer = index.timers[n];
        Deadlines{index, n, found}.run();
        for (const auto& change : timer.enabled.changes()) {
            const Rank off = timer.enabled.next_change(change.rank + 1);
            const Rank match = std::min(next_match(timer, change.rank), off);
            if (!change.value || index.options.threshold.fs == 0) {
                continue;
            }
            const Rank from = last_pushed(index, timer, change.rank, match);
            if (silent_for(index, from, match, index.options.threshold)) {
                found.push_back(
                    {"INV-armed", {Subject::Kind::Timer, n}, trace::NO_CPU, change.rank, {change.rank, from}});
            }
        }
    }
}

}  // namespace hldsim::check
