// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/aim/trial.hpp"

#include <algorithm>

namespace hldsim::aim {

namespace {
constexpr std::size_t WANTED = 0;
constexpr std::size_t OTHER = 1;

constexpr Duration BEFORE{250 * 1'000'000'000LL};    // 250 us: tries move the event by less
constexpr Duration USEFUL{2'000 * 1'000'000'000LL};  // 2 ms: what a try repeats costs more than another checkpoint
}  // namespace

std::vector<Instant> Trial::all_p() const {
    std::vector<Instant> all;
    for (const point::Hit& hit : p) {
        all.push_back(hit.at);
    }
    return all;
}

Trials::Trials(run::Rig& rig, const Question& question)
    : rig_{rig},
      question_{question},
      clock_{ClockDomain::of_frequency(rig.machine().profile.timing.core())},
      watcher_{{point::resolve(question.aim->that, rig.symbols(), rig.devices()),
                point::resolve(question.aim->other, rig.symbols(), rig.devices())},
               rig.machine().cpus.count(),
               *this} {
    if (watcher_.needs_mask()) {
        watched_ = question.watched;
    }
}

void Trials::reached(const point::Hit& hit) {
    (hit.point == WANTED ? p_ : q_).push_back({hit, Instant::never(), ++order_});
}

void Trials::went_on(const point::Hit& hit, Instant next_access) {
    auto& seen = hit.point == WANTED ? p_ : q_;
    if (!seen.empty()) {
        seen.back().next = next_access;
    }
}

void Trials::forget() {
    p_.clear();
    q_.clear();
    order_ = 0;
}

void Trials::run_from_power_on(Instant event, Instant until) {
    forget();
    trial_.result = rig_.run(question_.plan(event), {until, false, watched_});
}

// The machine up to the event is the same in every try. Worth its run if the next tries are near, as after this one.
bool Trials::keep_near(Instant event) {
    if (kept_ && kept_->checkpoint.at() <= event && event - kept_->checkpoint.at() < USEFUL) {
        return true;
    }
    const bool near = last_event_ && event - *last_event_ < USEFUL && *last_event_ - event < USEFUL;
    if (!may_keep_ || !near || event - Instant{} <= BEFORE) {
        return false;
    }
    const Instant at = event - BEFORE;
    std::vector<run::Planned> plan = question_.plan(event);
    plan.erase(std::remove_if(plan.begin(), plan.end(), [&](const run::Planned& p) { return p.at >= at; }), plan.end());
    forget();
    kept_.emplace();
    may_keep_ = rig_.save(kept_->checkpoint, plan, at, {at, false, watched_});
    if (!may_keep_) {
        kept_.reset();
        return false;
    }
    kept_->p = p_;
    kept_->q = q_;
    kept_->order = order_;
    return true;
}

void Trials::run_from_kept(Instant event, Instant until) {
    p_ = kept_->p;
    q_ = kept_->q;
    order_ = kept_->order;
    std::vector<run::Planned> plan = question_.plan(event);
    const auto before = [&](const run::Planned& p) { return p.at < kept_->checkpoint.at(); };
    plan.erase(std::remove_if(plan.begin(), plan.end(), before), plan.end());
    trial_.result = rig_.run_from(kept_->checkpoint, plan, until);
}

const Trial& Trials::at(Instant event, Instant until) {
    ++runs_;
    rig_.watch(&watcher_);
    if (keep_near(event)) {
        run_from_kept(event, until);
    } else {
        run_from_power_on(event, until);
    }
    rig_.watch(nullptr);
    last_event_ = event;
    judge(event);
    return trial_;
}

bool Trials::meets(Instant event, Instant until) {
    at(event, until);
    if (!(trial_.meeting && trial_.meeting->meets)) {
        event_causes_p();
        judge(event);
    }
    return trial_.meeting && trial_.meeting->meets;
}

const Trial& Trials::nominal(Edge k, Instant until) {
    watcher_.record();
    at(k, until);
    point::refuse_ambiguous(question_.aim->that, watcher_.seen(WANTED), rig_.symbols());
    point::refuse_ambiguous(question_.aim->other, watcher_.seen(OTHER), rig_.symbols());
    return trial_;
}

std::string Trials::why_never(bool of_other) const {
    return of_other ? point::why_never(question_.aim->other, watcher_.seen(OTHER))
                    : point::why_never(question_.aim->that, watcher_.seen(WANTED));
}

// One of them is what the event has brought about, the first one behind it: mostly Q. The other one comes anyway, and
// may do so before the event began.
void Trials::judge(Instant event) {
    trial_.p.clear();
    for (const Seen& seen : p_) {
        trial_.p.push_back(seen.hit);
    }
    trial_.all_q.clear();
    for (const Seen& seen : q_) {
        trial_.all_q.push_back(seen.hit.at);
    }
    const auto behind_event = [&](const std::vector<Seen>& all) {
        return std::find_if(all.begin(), all.end(), [&](const Seen& seen) { return seen.hit.at >= event; });
    };
    const auto at = [](const std::vector<Seen>& all, std::vector<Seen>::const_iterator seen) {
        return seen == all.end() ? std::nullopt : std::optional{seen->hit.at};
    };
    trial_.first_p = at(p_, behind_event(p_));
    trial_.q = at(q_, behind_event(q_));
    trial_.meeting.reset();
    const std::vector<Seen>& caused = causes_p_ ? p_ : q_;
    const std::vector<Seen>& anyway = causes_p_ ? q_ : p_;
    const auto own = behind_event(caused);
    trial_.caused = at(caused, own);
    if (own == caused.end()) {
        return;
    }
    const auto distance = [&](const Seen& s) {
        return s.hit.at < own->hit.at ? own->hit.at - s.hit.at : s.hit.at - own->hit.at;
    };
    const auto other = std::min_element(anyway.begin(), anyway.end(),
                                        [&](const Seen& a, const Seen& b) { return distance(a) < distance(b); });
    if (other == anyway.end()) {
        return;
    }
    const auto nearest = causes_p_ ? own : other;
    const auto q = causes_p_ ? other : own;
    Meeting meeting;
    meeting.q = q->hit.at;
    meeting.previous = q->hit.previous_access;
    meeting.next = q->next;
    meeting.p = nearest->hit.at;
    meeting.p_first = meeting.p < meeting.q || (meeting.p == meeting.q && nearest->order < q->order);
    meeting.meets = question_.aim->before ? meeting.p_first && meeting.previous < meeting.p
                                          : !meeting.p_first && meeting.p <= meeting.next;
    trial_.meeting = meeting;
}

}  // namespace hldsim::aim
