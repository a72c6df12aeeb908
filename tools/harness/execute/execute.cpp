// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/execute.hpp"

#include <algorithm>

#include "tools/harness/execute/effects.hpp"
#include "tools/harness/execute/foreseen.hpp"
#include "tools/harness/execute/judge.hpp"
#include "tools/harness/execute/observe.hpp"
#include "tools/harness/report/report.hpp"

namespace hldsim::execute {

namespace {

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

// A module hears of a file of /proc/sys/kernel by a parameter of that name, or without "watchdog_", that has a function
// of its own (param_for_sysctl() in detector/kernel/watchdog.c).
std::vector<std::string> told_files(const shim::Object& detector) {
    std::vector<std::string> files;
    const std::string prefix = "watchdog_";
    for (std::size_t i = 0; i < detector.param_count(); ++i) {
        const auto& param = detector.params()[i];
        if (param.type == HLD_PARAM_CALLBACK) {
            const std::string name{param.name};
            files.push_back(name.rfind(prefix, 0) == 0 ? name : prefix + name);
        }
    }
    return files;
}

}  // namespace

run::Outcome execute(const scenario::Scenario& scenario, const Settings& settings) {
    Stage stage{scenario, settings};
    Observed observed = Runs{stage}.from_power_on();
    const std::vector<Choice> choices = stage.rig().choices().log();
    if (const std::string mismatch = stage.unanswered(); !mismatch.empty()) {
        throw diagnostic::Error{diagnostic::Error::Parts{
            {}, "command line", mismatch, {}, "the choices of a run of this scenario and detector"}};
    }

    run::Outcome outcome;
    outcome.scenario = scenario;
    outcome.profile_name = stage.profile().name;
    outcome.seed = settings.seed;
    outcome.choices = choices;
    outcome.end = observed.result.end;
    outcome.end_reason = observed.result.reason;
    outcome.ended_at = observed.log.ended_at;
    outcome.stopped = observed.stopped;
    outcome.findings = std::move(observed.verdict.findings);
    outcome.unwatched = std::move(observed.verdict.unwatched);
    outcome.landings = stage.landings();
    for (const run::Landing& landing : outcome.landings) {
        outcome.solved["events." + std::to_string(landing.event) + ".at"] = landing.at;
    }
    outcome.log = std::move(observed.log);
    outcome.detector_build_id = stage.rig().runtime().detector().build_id();
    outcome.detector_compiler = stage.rig().runtime().detector().compiler();
    outcome.stats = statistics(scenario, outcome.log);
    outcome.stats["accesses"] = observed.result.accesses;
    outcome.stats["episodes"] = 1;
    for (const run::Landing& landing : outcome.landings) {
        outcome.stats["episodes"] += landing.runs;
    }
    resolve_places(stage, outcome);
    outcome.no_effect = without_effect(outcome, told_files(stage.rig().runtime().detector()));
    judge(outcome, stage.clocks(), observed.reached_all);
    report::note_latencies(outcome, stage.profile());
    return outcome;
}

std::vector<run::NoEffect> examine(const scenario::Scenario& scenario) {
    Settings settings;
    settings.solve = false;
    Stage stage{scenario, settings};
    for (const scenario::Point* const point : points_of(scenario)) {
        point::resolve(*point, stage.rig().symbols(), stage.rig().devices());
    }
    return foreseen_without_effect(scenario, stage.instants(), stage.clocks());
}

}  // namespace hldsim::execute
