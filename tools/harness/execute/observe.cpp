// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/observe.hpp"

#include <algorithm>
#include <utility>

#include "tools/harness/point/point_watcher.hpp"

namespace hldsim::execute {

namespace {

bool concerns_only(const scenario::Action& action, CpuNumber cpu) {
    if (const auto* const smi = std::get_if<scenario::Smi>(&action)) {
        return smi->cpus.size() == 1 && smi->cpus.front().value == cpu;
    }
    if (const auto* const exception = std::get_if<scenario::Exception>(&action)) {
        return exception->cpu.value == cpu;
    }
    const auto* const stuck = std::get_if<scenario::Stuck>(&action);
    return stuck != nullptr && stuck->cpu.value == cpu;
}

/// Says who is watched, or whether anybody is.
bool writes_mask(const scenario::Action& action) {
    const auto is_write = [](const auto& any) {
        const auto* const write = std::get_if<scenario::WriteFile>(&any);
        return write != nullptr && (write->file.value == "watchdog_cpumask" || write->file.value == "nmi_watchdog" ||
                                    write->file.value == "watchdog");
    };
    const auto* const repeat = std::get_if<scenario::Repeat>(&action);
    return repeat == nullptr ? is_write(action) : std::any_of(repeat->actions.begin(), repeat->actions.end(), is_write);
}

}  // namespace

// Points that act or are noted in a recorded run: `when` of events, and those of the detector's description.
class Runs::Points final : public point::Listener {
public:
    explicit Points(Stage& stage) : stage_{stage} {
        const scenario::Scenario& scenario = stage.scenario();
        for (std::size_t i = 0; i < scenario.events.size(); ++i) {
            if (scenario.events[i].when) {
                add(point::resolve(*scenario.events[i].when, stage.rig().symbols(), stage.rig().devices()),
                    {trace::What::EventBegan, i});
            }
        }
        for (const point::ResolvedPoint& point : stage.description().drained) {
            add(point, {trace::What::DrainDone, 0});
        }
        for (const point::ResolvedPoint& point : stage.description().restart) {
            add(point, {trace::What::Restarted, 0});
        }
        reached_.assign(scenario.events.size(), false);
    }

    std::vector<point::ResolvedPoint> resolved;

    using Reached = std::vector<bool>;
    const Reached& reached_events() const { return reached_; }
    /// Before a run that ends by itself at `own_end`, as far as one knows without it.
    void forget(Instant own_end) {
        reached_.assign(reached_.size(), false);
        own_end_ = own_end;
    }

    /// The run would have gone on.
    bool stopped() const { return stage_.stopped(own_end_) < own_end_; }

    bool reached_all() const {
        const auto& events = stage_.scenario().events;
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (events[i].when && !reached_[i]) {
                return false;
            }
        }
        return true;
    }

private:
    struct Meaning {
        trace::What what;
        std::size_t event;
    };

    void add(point::ResolvedPoint point, Meaning meaning) {
        resolved.push_back(std::move(point));
        meanings_.push_back(meaning);
    }

    void reached(const point::Hit& hit) override {
        const Meaning& meaning = meanings_[hit.point];
        run::Rig& rig = stage_.rig();
        if (meaning.what != trace::What::EventBegan) {
            rig.recorder().mark(meaning.what, hit.cpu, hit.at, hit.pc);
            return;
        }
        if (reached_[meaning.event]) {
            return;  // when the run first gets there
        }
        reached_[meaning.event] = true;
        const scenario::Event& event = stage_.scenario().events[meaning.event];
        const auto number = static_cast<unsigned>(meaning.event + 1);
        const std::vector<run::Planned> plans = plan(event, number, hit.at, rig, stage_.clocks());
        const Instant begins = std::max(hit.at, rig.machine().timeline.now());
        const auto act = [&rig, number, plans, begins] {
            rig.recorder().event_began(number, begins);
            for (const run::Planned& planned : plans) {
                planned.act();
            }
        };
        if (concerns_only(event.action, hit.cpu)) {
            act();  // before it goes on
        } else {
            // It has run ahead of the machine: the event begins once everybody has come to that instant. A state of the
            // detector's mask shows a moment after the access that makes it.
            rig.machine().at(begins, act);
            rig.machine().timeline.update_horizon();
        }
        own_end_ = std::max(own_end_, hit.at + (stage_.own_end() - last_planned()));
        rig.machine().end_at(stage_.stopped(own_end_));
    }

    Instant last_planned() const {
        Instant last;
        for (const auto& t : stage_.instants()) {
            last = std::max(last, t.value_or(Instant{}));
        }
        return last;
    }

    Stage& stage_;
    std::vector<Meaning> meanings_;
    Reached reached_;
    Instant own_end_;  // of the run, which each event with a `when` may put off
};

Runs::Runs(Stage& stage, std::optional<std::size_t> moved, Instant earliest)
    : stage_{stage}, moved_{moved}, earliest_{earliest}, points_{std::make_unique<Points>(stage)} {
    if (!points_->resolved.empty()) {
        watcher_ =
            std::make_unique<point::PointWatcher>(points_->resolved, stage.rig().machine().cpus.count(), *points_);
    }
}

Runs::~Runs() = default;

run::RunOptions Runs::options(Instant t, bool accesses) const {
    const scenario::Expect& expect = stage_.scenario().expect;
    const bool reports = !expect.reports.empty() && expect.ends != scenario::Ending::Deadlock;
    return {stage_.until(moved_, t), true, stage_.description().watched, accesses, reports};
}

Observed Runs::from_power_on(Instant t, bool accesses) {
    run::Rig& rig = stage_.rig();
    rig.watch(watcher_.get());
    points_->forget(stage_.own_end(moved_, t));
    const run::RunResult result = rig.run(stage_.plan(moved_, t), options(t, accesses));
    return judged(result);
}

// What is the same in all runs that move the event. An event whose `when` has been reached there has moved the end of
// the run by itself: then every run begins at power-on.
bool Runs::keep(Instant t) {
    if (kept_ || !may_keep_) {
        return may_keep_;
    }
    std::vector<run::Planned> plan = stage_.plan(moved_, t);
    plan.erase(
        std::remove_if(plan.begin(), plan.end(), [&](const run::Planned& planned) { return planned.at >= earliest_; }),
        plan.end());
    points_->forget(stage_.own_end(moved_, t));
    kept_ = std::make_unique<run::Checkpoint>();
    const bool saved = stage_.rig().save(*kept_, plan, earliest_, options(t, false));
    const auto& reached = points_->reached_events();
    may_keep_ = saved && std::find(reached.begin(), reached.end(), true) == reached.end();
    return may_keep_;
}

Observed Runs::at(Instant t) {
    run::Rig& rig = stage_.rig();
    rig.watch(watcher_.get());
    if (!keep(t)) {
        return from_power_on(t);
    }
    points_->forget(stage_.own_end(moved_, t));
    std::vector<run::Planned> plan = stage_.plan(moved_, t);
    plan.erase(
        std::remove_if(plan.begin(), plan.end(), [&](const run::Planned& planned) { return planned.at < earliest_; }),
        plan.end());
    return judged(rig.run_from(*kept_, plan, stage_.until(moved_, t)));
}

Observed Runs::judged(const run::RunResult& result) {
    run::Rig& rig = stage_.rig();
    rig.watch(nullptr);
    Observed observed;
    observed.result = result;
    observed.log = rig.recorder().take();
    observed.reached_all = points_->reached_all();
    observed.stopped = result.end == cpu::End::Time && points_->stopped();
    check::Options options;
    options.described = stage_.description().described;
    options.threshold = {static_cast<std::int64_t>(stage_.scenario().kernel.watchdog_thresh_s) * FS_PER_S};
    options.heartbeat = {options.threshold.fs * 2 / 5};
    const std::vector<scenario::Event>& events = stage_.scenario().events;
    options.mask_written = std::any_of(events.begin(), events.end(),
                                       [](const scenario::Event& event) { return writes_mask(event.action); });
    options.end = observed.result.end;
    options.end_reason = observed.result.reason;
    options.ended_by = observed.result.by ? observed.result.by->value : trace::NO_CPU;
    observed.verdict = check::check(observed.log, options);
    return observed;
}

}  // namespace hldsim::execute
