// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/window/window.hpp"

#include <boost/program_options/value_semantic.hpp>
#include <nlohmann/json.hpp>

#include "models/base/limits.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/execute/execute.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"
#include "tools/harness/scenario/files.hpp"
#include "tools/harness/value/span.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/file_jobs.hpp"
#include "tools/hldsim/scenario_runs.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

void declare_window(po::options_description& options) {
    declare_scenario(options);
    declare_seed(options);
    auto option = options.add_options();
    option("range", po::value<std::string>()->value_name("A..B"),
           "how far the event is moved, relative to its instant");
    option("step", po::value<std::string>()->value_name("D"), "the distance of two tries (a 250th of the range)");
    option("hazard", po::value<std::string>()->value_name("ID"), "only this hazard, or what violates this invariant");
}

constexpr Duration LONGEST{limits::RUN_SECONDS * FS_PER_S};

/// A part of an option's value.
value::Span span(const std::string& option, std::size_t from, std::size_t length, const execute::Clocks& clocks) {
    const std::string text = option.substr(from, length);
    try {
        const value::Span parsed = value::parse_span(text);
        const Duration duration = clocks.of(parsed);
        if (duration <= LONGEST && Duration{} - LONGEST <= duration) {
            return parsed;
        }
    } catch (const value::Problem& problem) {
        wrong_part(option, from, text.size(), problem.what(), problem.expected, problem.suggestion);
    } catch (const TimeOverflow&) {
        // said below
    }
    wrong_part(option, from, text.size(), "'" + text + "' is longer than a run",
               "at most " + std::to_string(limits::RUN_SECONDS) + " s");
}

std::optional<std::string> hazard_of(const Invocation& invocation) {
    auto hazard = invocation.text("hazard");
    if (hazard && catalogue::hazard(*hazard) == nullptr && catalogue::invariant(*hazard) == nullptr) {
        std::vector<std::string_view> names = catalogue::names(catalogue::hazards());
        const std::vector<std::string_view> invariants = catalogue::names(catalogue::invariants());
        names.insert(names.end(), invariants.begin(), invariants.end());
        wrong(*hazard, "no hazard or invariant '" + *hazard + "'",
              "a name of 'hldsim list hazards' or 'hldsim list invariants'", diagnostic::nearest(*hazard, names));
    }
    return hazard;
}

window::Options options_of(const Invocation& invocation, const scenario::Scenario& scenario,
                           const execute::Clocks& clocks) {
    scenario::Scenario ranged = scenario;
    if (const auto step = invocation.text("step")) {
        ranged.window.step = {span(*step, 0, step->size(), clocks), {}};
        if (clocks.of(ranged.window.step->value) <= Duration{}) {
            wrong(*step, "'" + *step + "' is no step", "a duration above 0, such as '1 cycles' or '40 us'");
        }
    }
    if (const auto range = invocation.text("range")) {
        const auto dots = range->find("..");
        if (dots == std::string::npos) {
            wrong(*range, "'" + *range + "' is no range", "A..B, such as '-2 us..2 us'");
        }
        ranged.window.from = {span(*range, 0, dots, clocks), {}};
        ranged.window.to = {span(*range, dots + 2, range->size() - dots - 2, clocks), {}};
    }
    window::Options options = window::options_of(ranged, clocks);
    options.only = hazard_of(invocation);
    if (!(options.from < options.to)) {
        wrong(invocation.text("range").value_or(""), "the range ends before it begins", "A..B with A before B");
    }
    return options;
}

/// The windows of a run that has its outcome, or why none can be looked for.
void find_windows(run::Outcome& outcome, const Invocation& invocation, execute::Settings settings) {
    const std::optional<std::size_t> event = scenario::moved_by_window(outcome.scenario);
    if (!event) {
        outcome.unsearched = outcome.scenario.events.empty()
                                 ? "no event to move; what is found does not hang on an instant"
                                 : "no event to move; each comes when the run gets to its point";
        return;
    }
    settings.solve = false;
    scenario::Scenario solved = outcome.scenario;
    for (const run::Landing& landing : outcome.landings) {
        scenario::Event& aimed = solved.events[landing.event - 1];
        // Of an aim that is not met the instant where it was looked for: a window would be there.
        aimed.at->value = {value::Span::Unit::Time, (landing.change.value_or(landing.at) - Instant{}).fs};
        aimed.instant_fixed = true;
    }
    execute::Stage stage{solved, settings};
    const Instant boot = stage.rig().boot_ends();
    if (boot == Instant::never()) {
        outcome.unsearched = "boot does not end, so no event comes";
        return;
    }
    const window::Options options = options_of(invocation, solved, stage.clocks());
    if (outcome.ended_at < stage.instants()[options.event].value() + options.from) {
        outcome.unsearched = "the run ends at " + report::seconds(outcome.ended_at) + ", before event " +
                             std::to_string(options.event + 1);
        return;
    }
    const Instant last = stage.instants()[options.event].value() + options.to;
    if (last < boot) {
        wrong(invocation.text("range").value_or(""), "the range ends before boot has ended",
              "A..B that reaches the time after boot");
    }
    if (last > Instant{} + LONGEST) {
        wrong(invocation.text("range").value_or(""), "the range leads beyond the longest run",
              "A..B that ends within " + std::to_string(limits::RUN_SECONDS) + " s of power-on");
    }
    window::Result result = window::find(stage, options);
    outcome.windows = std::move(result.windows);
    outcome.searched = result.searched;
    outcome.stats["episodes"] = result.runs;
    outcome.stats["window.step_cycles"] = result.step;
}

std::vector<run::Outcome> windows_of(const std::string& file, const Invocation& invocation) {
    const RunOptions run = run_options(invocation);
    std::vector<run::Outcome> outcomes;
    for (const scenario::Scenario& scenario : scenario::load(file, run.load)) {
        execute::Settings settings;
        settings.seed = run.seed;
        run::Outcome outcome = execute::execute(scenario, settings);
        outcome.set = run.load.set;
        outcome.detector_given = run.load.detector.value_or("");
        find_windows(outcome, invocation, settings);
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

// What a worker makes of one file. Its details have no time line: the windows are what is asked for.
nlohmann::json search_file(const std::string& file, const Invocation& invocation) {
    const std::vector<run::Outcome> outcomes = windows_of(file, invocation);
    const bool quiet = invocation.global.quiet;
    report::Style style = style_of(invocation);
    style.timeline = false;
    std::string text;
    std::vector<run::Outcome> told;  // quiet: those that have something to tell
    bool unexpected = false;
    for (const run::Outcome& outcome : outcomes) {
        if (!quiet || !outcome.as_expected) {
            text += report::line(outcome, style) + "\n" + report::details(outcome, style);
        }
        if (!quiet || !outcome.windows.empty() || !outcome.error.empty()) {
            told.push_back(outcome);
        }
        unexpected = unexpected || !outcome.as_expected;
    }
    nlohmann::json result{{"text", text + report::windows(told, style)}, {"unexpected", unexpected}};
    if (invocation.global.json) {
        result["json"] = report::json(outcomes, HLDSIM_VERSION);
    }
    return result;
}

int execute_window(const Invocation& invocation, Output& output) {
    const std::vector<std::string> files = scenario::files(invocation.arguments);
    bool unexpected = false;
    Errors errors;
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    const auto tell = [&](const std::string& /*file*/, const nlohmann::json& result) {
        unexpected = unexpected || result["unexpected"].get<bool>();
        if (!invocation.global.json) {
            output.write(result["text"].get<std::string>());
            output.flush();
            return;
        }
        for (auto& one : nlohmann::ordered_json::parse(result["json"].get<std::string>())) {
            all.push_back(std::move(one));
        }
    };
    const FilesDone done =
        for_each_file(files, invocation,
                      {[&](const std::string& file) { return search_file(file, invocation); }, tell,
                       [&](const std::string& /*file*/, const std::string& error) { errors.tell(error, output); },
                       [](const std::string& /*file*/, const std::string& /*why*/) {}});
    if (invocation.global.json) {
        output.write(all.dump(2) + "\n");
    }
    return exit_code_of(done, files.size(), unexpected, output);
}

}  // namespace

const Command WINDOW{"window",
                     "FILE|DIR...",
                     1,
                     ANY,
                     "exact edges and width of each race window, chance per event",
                     "hldsim window scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml",
                     declare_window,
                     execute_window};

}  // namespace hldsim::cli
