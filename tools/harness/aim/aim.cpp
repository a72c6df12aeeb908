// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/aim/aim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/harness/aim/trial.hpp"
#include "tools/harness/report/names.hpp"
#include "tools/harness/value/span.hpp"

namespace hldsim::aim {

namespace {

using namespace hldsim::literals;

constexpr Duration MARGIN = 20_us;    // behind the later of two points that are to meet
constexpr Duration NEAR = 200_us;     // what comes anyway may be as far from where it was in the nominal run
constexpr Duration EXHAUSTED = 5_us;  // on both sides of the change every cycle is tried
constexpr Duration BEHIND = 10_us;    // a try goes on behind what the event brings about
constexpr Duration FIRST_WAIT = 1000_us;
// Where that comes late, so many cycles apart a try waits for it: each may take as long as a thousand that do not.
constexpr std::uint64_t LATE_STEP = 64;
constexpr Duration PATIENCE{40 * 1'000'000'000'000LL};  // 40 ms; what is later by more is waited for as much less often
constexpr unsigned CORRECTIONS = 10;
constexpr Duration SHIFT{50 *
                         1'000'000'000'000LL};  // 50 ms: more than a hotplug waits for, and than two points lie apart

Duration apart(Instant a, Instant b) { return a < b ? b - a : a - b; }

class Search {
public:
    Search(run::Rig& rig, const Question& question) : question_{question}, trials_{rig, question} {}

    run::Landing solve();

private:
    Edge edge_at(Instant t) const { return trials_.clock().first_at(t); }
    Instant instant(Edge k) const { return trials_.clock().edge(k); }
    Instant end() const { return question_.from + question_.range; }
    const Trial& at(Edge k, bool follows = true);
    const Trial& to_the_end(Edge k) { return trials_.at(k, end() + question_.range); }
    bool meets(Edge k, bool follows = true) {
        const Trial& trial = at(k, follows);
        return trial.meeting && trial.meeting->meets;
    }
    bool anyway_first(Edge k);

    bool meet(const std::vector<Instant>& anyway, Instant caused, Instant event);
    void tell_causes(const Trial& nominal, Edge last);
    std::optional<Edge> correct(Edge k);
    std::optional<Edge> find_change(Edge guess);
    std::optional<Edge> exhaust(Edge guess);
    Edge middle(Edge k);
    Edge last_that_meets(Edge k, bool upwards);
    std::string breaks(Edge change);
    std::string breaks_at(Edge k, const Trial& trial) const;
    std::string explain(Edge change);

    const Question& question_;
    Trials trials_;
    bool causes_p_ = false;  // else the event brings about Q, and P comes anyway
    bool by_q_ = false;      // may be so
    bool by_p_ = false;
    Duration delay_;  // from the event to what it brings about
    Instant target_;  // the instant of the other one that is tried
    Duration late_;   // what the event brought about came as much later, when it was last waited for
    std::uint64_t late_step_ = LATE_STEP;
    std::uint64_t not_followed_ = 0;  // tries that ended before it came
    std::string broken_;              // how a run ended in which it never comes
    std::optional<Edge> change_;
    Instant change_target_;  // what comes anyway there
    run::Landing landing_;
};

// A try is decided once what the event brings about has come: it may come much later than in the nominal run.
const Trial& Search::at(Edge k, bool follows) {
    const Instant expected = std::max(instant(k) + delay_, target_) + MARGIN;
    const Instant latest = end() + question_.range;
    const auto decides = [&](const Trial& trial, Instant until) {
        return until >= latest || trial.broke_off() || (trial.caused && *trial.caused + BEHIND <= until);
    };
    Instant until = std::min(expected, latest);
    const Trial* trial = &trials_.at(k, until);
    if (!follows && !decides(*trial, until)) {
        ++not_followed_;
        return *trial;
    }
    for (Duration more = std::max(late_, FIRST_WAIT); !decides(*trial, until); more = more * 4) {
        until = std::min(expected + more, latest);
        trial = &trials_.at(k, until);
    }
    if (until > expected) {
        const Instant came = trial->caused ? std::max(*trial->caused + MARGIN, expected) : latest;  // or never
        late_ = came - expected + MARGIN;
    }
    return *trial;
}

// Moves the event by as much as P and Q miss each other, to the middle of the room that Q's CPU leaves.
std::optional<Edge> Search::correct(Edge k) {
    for (unsigned i = 0; i < CORRECTIONS; ++i) {
        const Trial& trial = at(k);
        if (!trial.meeting) {
            return std::nullopt;
        }
        const Meeting& m = *trial.meeting;
        if (m.meets) {
            return k;
        }
        const bool before = question_.aim->before;
        const Instant other_end = before ? m.previous : std::min(m.next, m.q + NEAR);
        const Duration room = before ? m.q - other_end : other_end - m.q;
        const Duration half{std::max<std::int64_t>(room.fs / 2, 1)};
        const Instant wanted = before ? m.q - half : m.q + half;
        const Duration miss = causes_p_ ? wanted - m.p : m.p - wanted;
        if (miss > NEAR || miss < Duration{} - NEAR) {
            return std::nullopt;
        }
        const Instant moved = instant(k) + miss;
        const Edge corrected = edge_at(moved);
        if (corrected == k || moved < question_.from || moved > question_.from + question_.range) {
            return std::nullopt;
        }
        k = corrected;
    }
    return std::nullopt;
}

// Did what comes anyway come, about where it was in the nominal run, and before what the event brings about?
// That shows there, however late the latter comes.
bool Search::anyway_first(Edge k) {
    const Trial& trial = trials_.at(k, std::max(instant(k) + delay_, target_) + NEAR);
    if (trial.meeting && trial.meeting->p == trial.meeting->q) {
        return trial.meeting->p_first != causes_p_;
    }
    const std::vector<Instant> all = causes_p_ ? trial.all_q : trial.all_p();
    return std::any_of(all.begin(), all.end(),
                       [&](Instant t) { return apart(t, target_) < NEAR && (!trial.caused || t < *trial.caused); });
}

// What comes anyway comes first when the event is late, and second (or not at all) when it is early. The change may
// lie far behind the guess: where the event stops what comes anyway, and then waits before it goes on.
std::optional<Edge> Search::find_change(Edge guess) {
    const Instant latest = std::min(end(), target_ + NEAR);
    Edge low = edge_at(std::max(question_.from, instant(guess) - NEAR));
    Edge high = edge_at(std::min(latest, instant(guess) + NEAR));
    if (anyway_first(low)) {
        return std::nullopt;
    }
    if (!anyway_first(high)) {
        low = high;
        high = edge_at(latest);
        if (!anyway_first(high)) {
            return std::nullopt;
        }
    }
    while (low.index + 1 < high.index) {
        const Edge between{low.index + (high.index - low.index) / 2};
        (anyway_first(between) ? high : low) = between;
    }
    return high;
}

// Where the order changes, every cycle is tried.
std::optional<Edge> Search::exhaust(Edge guess) {
    const std::optional<Edge> found = find_change(guess);
    if (!found) {
        return std::nullopt;
    }
    const Edge high = *found;
    change_ = found;
    change_target_ = target_;
    not_followed_ = 0;
    const std::uint64_t span = trials_.clock().edges_covering(EXHAUSTED);
    const std::uint64_t begin = std::max(edge_at(question_.from).index, high.index - std::min(high.index, span));
    for (std::uint64_t k = begin; k <= high.index + span; ++k) {
        late_step_ = LATE_STEP * std::max<std::uint64_t>(1, static_cast<std::uint64_t>(late_.fs / PATIENCE.fs));
        const std::uint64_t near = std::max<std::uint64_t>(1, LATE_STEP * LATE_STEP / late_step_);
        const bool follows = broken_.empty() && (k % late_step_ == 0 || k + near >= high.index);
        if (meets({k}, follows)) {
            return Edge{k};
        }
        if (broken_.empty() && trials_.last().broke_off()) {
            broken_ = breaks_at({k}, trials_.last());
        }
    }
    return std::nullopt;
}

Edge Search::last_that_meets(Edge k, bool upwards) {
    const auto moved = [&](std::uint64_t by) { return Edge{upwards ? k.index + by : k.index - by}; };
    const std::uint64_t most =
        upwards ? edge_at(question_.from + question_.range).index - k.index : k.index - edge_at(question_.from).index;
    std::uint64_t good = 0;
    std::uint64_t step = 1;
    while (good + step <= most && meets(moved(good + step))) {
        good += step;
        step *= 2;
    }
    std::uint64_t bad = std::min(good + step, most + 1);
    while (good + 1 < bad) {
        const std::uint64_t between = good + (bad - good) / 2;
        (meets(moved(between)) ? good : bad) = between;
    }
    return moved(good);
}

Edge Search::middle(Edge k) {
    const Edge first = last_that_meets(k, false);
    const Edge last = last_that_meets(k, true);
    const Edge centre{first.index + (last.index - first.index) / 2};
    return meets(centre) ? centre : k;  // a hole in the interval: what was found stays found
}

// Where what the event brings about never comes, the run shows what else happens, and not that the points cannot meet.
// Empty: it comes.
std::string Search::breaks_at(Edge k, const Trial& trial) const {
    if (trial.caused) {
        return {};
    }
    const std::string how = trial.broke_off() ? fmt::format(": {}", report::end_name(trial.result.end))
                                              : std::string{", though the run goes on"};
    return fmt::format("with the event at {} the {} point never comes{}{}{}",
                       value::readable_text(instant(k) - Instant{}), causes_p_ ? "first" : "second", how,
                       trial.result.reason.empty() ? "" : ", ", trial.result.reason);
}

std::string Search::breaks(Edge change) {
    std::string text = broken_;
    for (const Edge side : {change, Edge{change.index - 1}}) {
        text = text.empty() ? breaks_at(side, to_the_end(side)) : text;
    }
    return text;
}

std::string Search::explain(Edge change) {
    const auto side = [&](Edge k) {
        const Trial& trial = to_the_end(k);
        if (!trial.meeting) {
            return fmt::format("the {} point is not reached", trial.q ? "first" : "second");
        }
        const Meeting& m = *trial.meeting;
        const std::string distance = value::readable_text(apart(m.p, m.q));
        if (m.p_first != causes_p_ && apart(causes_p_ ? m.q : m.p, change_target_) >= NEAR) {
            return fmt::format("the {} point comes no more, the last time {} before the {}",
                               causes_p_ ? "second" : "first", distance, causes_p_ ? "first" : "second");
        }
        return fmt::format("the first point comes {} {} the second", distance, m.p_first ? "before" : "after");
    };
    const std::string late = side(change);
    const std::string early = side({change.index - 1});
    std::string text = fmt::format("with the event at {} {}; one cycle earlier {}",
                                   value::readable_text(instant(change) - Instant{}), late, early);
    if (not_followed_ != 0) {
        text += fmt::format("; in {} of the tries the {} point comes so late that only one in {} goes on until then",
                            not_followed_, causes_p_ ? "first" : "second", late_step_);
    }
    return text;
}

// Lets what the event brings about, at `caused` in the nominal run, meet one of those that come anyway. Was there one?
bool Search::meet(const std::vector<Instant>& anyway, Instant caused, Instant event) {
    delay_ = caused - event;
    std::vector<std::pair<Edge, Instant>> guesses;  // and what comes anyway
    for (const Instant other : anyway) {
        if (other - delay_ + NEAR < question_.from || other > caused) {
            continue;
        }
        target_ = other;
        // The last instants that do it may lie in the range where the first ones do not.
        guesses.emplace_back(edge_at(std::max(other - delay_, question_.from)), other);
        if (const auto found = correct(guesses.back().first)) {
            landing_.at = instant(middle(*found));
            landing_.found = true;
            return true;
        }
    }
    for (const auto& [guess, other] : guesses) {
        target_ = other;
        if (const auto found = exhaust(guess)) {
            landing_.at = instant(middle(*found));
            landing_.found = true;
            return true;
        }
    }
    return !guesses.empty();
}

// What the event brings about moves with it; what comes anyway stays. With the event a little earlier both show which
// they are: only that is tried, or, if it does not show, Q as what the event brings about and then P.
void Search::tell_causes(const Trial& nominal, Edge last) {
    by_q_ = nominal.q && !nominal.p.empty();
    by_p_ = nominal.first_p && !nominal.all_q.empty();
    if (!by_q_ || !by_p_) {
        return;
    }
    const Duration shift = std::min(SHIFT, Duration{question_.range.fs / 4});
    const Edge earlier = edge_at(instant(last) - shift);
    const Instant q = *nominal.q;
    const Instant p = *nominal.first_p;
    const Trial& moved = trials_.at(earlier, instant(last) + question_.range);
    const auto near = [&](const std::vector<Instant>& all, Instant wanted) {
        return std::any_of(all.begin(), all.end(),
                           [&](Instant t) { return apart(t, wanted) < Duration{shift.fs / 4}; });
    };
    const std::vector<Instant> moved_p = moved.all_p();
    const bool q_stays = near(moved.all_q, q) && !near(moved.all_q, q - shift);
    const bool p_stays = near(moved_p, p) && !near(moved_p, p - shift);
    by_q_ = !q_stays || p_stays;
    by_p_ = !p_stays || q_stays;
}

run::Landing Search::solve() {
    landing_.event = question_.event;
    const Edge last = edge_at(end());
    const Trial nominal = trials_.nominal(last, end() + question_.range);
    landing_.at = instant(last);
    tell_causes(nominal, last);
    if (!by_q_ && !by_p_) {
        landing_.explanation = trials_.why_never(!nominal.q);
        landing_.runs = trials_.runs();
        return landing_;
    }
    bool tried = by_q_ && meet(nominal.all_p(), *nominal.q, instant(last));
    if (by_p_ && !landing_.found && !change_) {
        causes_p_ = true;
        trials_.event_causes_p();
        tried = meet(nominal.all_q, *nominal.first_p, instant(last)) || tried;
    }
    if (!landing_.found && change_) {
        landing_.change = instant(*change_);
        landing_.explanation = breaks(*change_);
        landing_.exhausted = landing_.explanation.empty();
        if (landing_.exhausted) {
            landing_.explanation = explain(*change_);
        }
    } else if (!landing_.found) {
        landing_.explanation =
            !tried ? "within the range of the event the first point never comes before the second"
                   : "moving the event, from 200 us before where they would meet, does not change the order of "
                     "the two points";
    }
    landing_.runs = trials_.runs();
    return landing_;
}

}  // namespace

run::Landing solve(run::Rig& rig, const Question& question) { return Search{rig, question}.solve(); }

bool is_met(run::Rig& rig, const Question& question, Instant event) {
    return Trials{rig, question}.meets(event, event + question.range);
}

}  // namespace hldsim::aim
