// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/program_options/value_semantic.hpp>
#include <nlohmann/json.hpp>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/execute/execute.hpp"
#include "tools/harness/execute/judge.hpp"
#include "tools/harness/report/diagnoses.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"
#include "tools/harness/scenario/files.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/file_jobs.hpp"
#include "tools/hldsim/scenario_runs.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

void declare_run(po::options_description& options) {
    declare_scenario(options);
    declare_seed(options);
    auto option = options.add_options();
    option("junit", po::value<std::string>()->value_name(OUTPUT_FILE), "a JUnit report for CI");
    option("vcd", po::value<std::string>()->value_name(OUTPUT_FILE), "pins, NMIs and contexts of the run, for GTKWave");
}

// What a worker makes of one file; `width`: of the longest name.
nlohmann::json run_file(const std::string& file, const Invocation& invocation, std::size_t width, bool alone) {
    RunOptions options = run_options(invocation);
    options.goes_on = true;
    std::vector<run::Outcome> outcomes = run_scenarios(file, options);
    const auto is_error = [](const run::Outcome& outcome) { return !outcome.error.empty(); };
    if (std::none_of(outcomes.begin(), outcomes.end(), is_error)) {
        execute::judge_file(outcomes);
    }
    const report::Style style = style_of(invocation);
    const bool verbose = invocation.global.verbose;
    std::string text;
    nlohmann::json errors = nlohmann::json::array();
    for (const run::Outcome& outcome : outcomes) {
        if (is_error(outcome)) {
            errors.push_back(outcome.error);
            continue;
        }
        if (invocation.global.quiet && outcome.as_expected) {  // what came to nothing surprises all the same
            text += outcome.no_effect.empty() ? "" : report::line(outcome, style, width) + "\n";
            continue;
        }
        text += report::line(outcome, style, width) + "\n";
        text += !outcome.as_expected || verbose ? report::details(outcome, style) : report::not_watched(outcome, style);
        // A line each for many files; the only one says more.
        if (alone && outcome.as_expected && !verbose) {
            text += report::no_effect(outcome, style) + report::diagnoses_text(outcome, style.columns) +
                    report::kernel_warnings(outcome, style);
        }
    }
    nlohmann::json result{{"text", text}, {"errors", errors}};
    if (invocation.global.json) {
        result["json"] = report::json(outcomes, HLDSIM_VERSION);
    }
    if (invocation.given("junit")) {
        result["junit"] = report::junit(outcomes);
    }
    if (invocation.given("vcd")) {
        result["vcd"] = report::vcd(outcomes.front(), HLDSIM_VERSION);
    }
    const auto passed = std::count_if(outcomes.begin(), outcomes.end(),
                                      [](const run::Outcome& outcome) { return outcome.as_expected; });
    result["passed"] = passed;
    result["failed"] = static_cast<std::int64_t>(outcomes.size() - errors.size()) - passed;
    return result;
}

struct Totals {
    std::int64_t passed = 0;
    std::int64_t failed = 0;
    std::int64_t not_run = 0;  // files, and runs of those of which others were made
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    std::vector<std::string> junit;
    std::string vcd;
    Errors errors;
};

void add_reports(Totals& totals, const std::string& json, const std::string& junit) {
    for (auto& one : nlohmann::ordered_json::parse(json)) {
        totals.json.push_back(std::move(one));
    }
    totals.junit.push_back(junit);
}

/// A file of which there is no run: an outcome "error" for programs.
void add_not_run(Totals& totals, const std::string& file, const std::string& error) {
    ++totals.not_run;
    run::Outcome outcome;
    outcome.scenario.file = file;
    outcome.error = error;
    add_reports(totals, report::json({outcome}, HLDSIM_VERSION), report::junit({outcome}));
}

/// And a line for people.
void add_error(Totals& totals, const std::string& file, const std::string& error, Output& output) {
    totals.errors.tell(error, output);
    add_not_run(totals, file, error);
}

void add(Totals& totals, const nlohmann::json& result, const Invocation& invocation, Output& output) {
    totals.passed += result["passed"].get<std::int64_t>();
    totals.failed += result["failed"].get<std::int64_t>();
    add_reports(totals, result.value("json", "[]"), result.value("junit", ""));
    for (const nlohmann::json& error : result["errors"]) {
        ++totals.not_run;
        totals.errors.tell(error.get<std::string>(), output);
    }
    if (!invocation.global.json) {
        output.write(result["text"].get<std::string>());
        output.flush();
    }
    if (result.contains("vcd")) {
        totals.vcd = result["vcd"].get<std::string>();
    }
}

/// Several runs and one dump: told before the first of them is made. A file that is wrong has an error of its own.
void check_vcd(const std::vector<std::string>& files, const Invocation& invocation) {
    const RunOptions options = run_options(invocation);
    std::size_t runs = 0;
    for (const std::string& file : files) {
        try {  // standard input can be read once only: its runs are counted when they are made
            runs += file == "-" ? 1 : scenario::load(file, options.load).size();
        } catch (const diagnostic::Error&) {
        }
    }
    if (runs > 1) {
        require_one_run(*options.vcd, runs);
    }
}

int execute_run(const Invocation& invocation, Output& output) {
    const std::vector<std::string> files = scenario::files(invocation.arguments);
    if (invocation.given("vcd")) {
        check_vcd(files, invocation);
    }
    std::size_t width = 0;
    for (const std::string& file : files) {
        width = std::max(width, report::width_of(diagnostic::printable(file)));
    }
    Totals totals;
    FilesDone done = for_each_file(
        files, invocation,
        {[&](const std::string& file) { return run_file(file, invocation, width, files.size() == 1); },
         [&](const std::string&, const nlohmann::json& result) { add(totals, result, invocation, output); },
         [&](const std::string& file, const std::string& error) { add_error(totals, file, error, output); },
         [&](const std::string& file, const std::string& why) { add_not_run(totals, file, why); }});
    done.bad_input = done.bad_input || totals.not_run > 0;
    if (invocation.global.json) {
        output.write(totals.json.dump(2) + "\n");
    } else if (totals.passed + totals.failed > 0) {
        output.write(std::to_string(totals.passed) + " passed, " + std::to_string(totals.failed) + " failed" +
                     (totals.not_run > 0 ? ", " + std::to_string(totals.not_run) + " not run" : "") + "\n");
    }
    if (const auto path = invocation.text("junit")) {
        write_file(*path, join_junit(totals.junit));
    }
    if (const auto path = invocation.text("vcd"); path && totals.passed + totals.failed > 0) {
        write_file(*path, totals.vcd);
    }
    return exit_code_of(done, files.size(), totals.failed > 0, output);
}

}  // namespace

const Command RUN{"run",
                  "FILE|DIR...",
                  1,
                  ANY,
                  "runs scenarios; a line each, details for what surprised",
                  "hldsim run scenarios",
                  declare_run,
                  execute_run};

}  // namespace hldsim::cli
