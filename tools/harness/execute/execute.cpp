// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/execute.hpp"

#include <algorithm>

#include "models/hpet/registers.hpp"
#include "tools/harness/execute/judge.hpp"
#include "tools/harness/report/report.hpp"

namespace hldsim::execute {

namespace {

// Points that act or are noted in a recorded run: `when` of events, and those of the detector's description.
class Points final : public point::Listener {
public:
    explicit Points(Stage& stage) : stage_{stage} {
        const scenario::Scenario& scenario = stage.scenario();
        for (std::size_t i = 0; i < scenario.events.size(); ++i) {
            if (scenario.events[i].when) {
                add(*scenario.events[i].when, {trace::What::EventBegan, i});
            }
        }
        for (const scenario::Point& point : stage.description().drained) {
            add(point, {trace::What::DrainDone, 0});
        }
        for (const scenario::Point& point : stage.description().restart) {
            add(point, {trace::What::Restarted, 0});
        }
        reached_.assign(scenario.events.size(), false);
    }

    std::vector<point::ResolvedPoint> resolved;

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

    void add(const scenario::Point& point, Meaning meaning) {
        resolved.push_back(point::resolve(point, stage_.rig().symbols(), {{&hpet::MAP, Machine::HPET_BASE}}));
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
        rig.recorder().event_began(number);
        for (const run::Planned& planned : plan(event, number, hit.at, rig, stage_.clocks())) {
            planned.act();
        }
        rig.machine().end_at(std::max(stage_.until(), hit.at + (stage_.until() - last_planned())));
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
    std::vector<bool> reached_;
};

void resolve_places(Stage& stage, run::Outcome& outcome) {
    const shim::Symbols& symbols = stage.rig().symbols();
    for (std::size_t i = 0; i < outcome.log.records.size(); ++i) {
        const trace::Record& record = outcome.log.records[i];
        if (record.pc != nullptr) {
            const auto frame = symbols.place_at(record.pc);
            outcome.places[i] = {frame.function, frame.file, frame.line};
        }
        if (record.object != nullptr) {
            outcome.objects[i] = symbols.lock_at(record.object);
        }
    }
}

}  // namespace

Observed observe(Stage& stage, std::optional<std::size_t> moved, Instant t, bool accesses) {
    Observed observed;
    run::Rig& rig = stage.rig();
    Points points{stage};
    std::optional<point::PointWatcher> watcher;
    if (!points.resolved.empty()) {
        watcher.emplace(points.resolved, rig.machine().cpus.count(), points);
        rig.watch(&*watcher);
    }
    observed.result =
        rig.run(stage.plan(moved, t), {stage.until(moved, t), true, stage.description().watched, accesses});
    rig.watch(nullptr);
    observed.log = rig.recorder().take();
    observed.reached_all = points.reached_all();

    check::Options options;
    options.described = stage.description().described;
    options.threshold = {static_cast<std::int64_t>(stage.scenario().kernel.watchdog_thresh_s) * FS_PER_S};
    options.heartbeat = {options.threshold.fs * 2 / 5};
    options.end = observed.result.end;
    options.end_reason = observed.result.reason;
    observed.verdict = check::check(observed.log, options);
    return observed;
}

run::Outcome execute(const scenario::Scenario& scenario, const Settings& settings) {
    Stage stage{scenario, settings};
    Observed observed = observe(stage);

    run::Outcome outcome;
    outcome.scenario = scenario;
    outcome.profile_name = stage.profile().name;
    outcome.seed = settings.seed;
    outcome.end = observed.result.end;
    outcome.end_reason = observed.result.reason;
    outcome.ended_at = observed.result.ended_at;
    outcome.findings = std::move(observed.verdict.findings);
    outcome.unwatched = std::move(observed.verdict.unwatched);
    outcome.landings = stage.landings();
    for (const run::Landing& landing : outcome.landings) {
        outcome.solved["events." + std::to_string(landing.event) + ".at"] = landing.at;
    }
    outcome.log = std::move(observed.log);
    outcome.detector_build_id = stage.rig().runtime().detector().build_id();
    outcome.detector_compiler = stage.rig().runtime().detector().compiler();
    outcome.stats = statistics(outcome.log);
    outcome.stats["accesses"] = observed.result.accesses;
    resolve_places(stage, outcome);
    judge(outcome, stage.clocks(), observed.reached_all);
    report::count_latencies(outcome, stage.profile());
    return outcome;
}

}  // namespace hldsim::execute
