// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/scenario_runs.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/program_options/value_semantic.hpp>
#include <charconv>
#include <iterator>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/execute/execute.hpp"
#include "tools/harness/value/span.hpp"

namespace hldsim::cli {

namespace po = boost::program_options;

void declare_scenario(po::options_description& options) {
    auto option = options.add_options();
    option("set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
           "overrides a key of the scenario: a dotted path, list items from 1");
    option("detector", po::value<std::string>()->value_name("X.so"), "another object than the scenario's");
}

void declare_seed(po::options_description& options) {
    options.add_options()("seed", po::value<std::string>()->value_name("N"),
                          "of the random choices (1: each has its default)");
}

report::Style style_of(const Invocation& invocation) {
    report::Style style;
    style.color = invocation.global.colors(STDOUT_FILENO);
    style.timeline = invocation.global.verbose;
    return style;
}

RunOptions run_options(const Invocation& invocation) {
    RunOptions options;
    options.load.set = invocation.texts("set");
    options.load.detector = invocation.text("detector");
    if (const auto seed = invocation.text("seed")) {
        const std::optional<std::uint64_t> number = seed_in(*seed);
        if (!number) {
            wrong(*seed, "'" + *seed + "' is no seed", A_SEED);
        }
        options.seed = *number;
    }
    options.vcd = invocation.text("vcd");
    return options;
}

std::optional<std::uint64_t> seed_in(const std::string& text) {
    std::uint64_t seed = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seed);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
    return whole ? std::optional{seed} : std::nullopt;
}

namespace {

// Cycles and ticks are those of a machine, and which one that is no option says.
Duration stop_in(const std::string& text) {
    try {
        const value::Span span = value::parse_span(text);
        if (span.unit != value::Span::Unit::Time || span.amount <= 0) {
            wrong(text, "'" + text + "' is no instant to stop at", "a time from power-on on, such as 5 s or 5.2 ms");
        }
        return {span.amount};
    } catch (const value::Problem& problem) {
        wrong(text, problem.what(), problem.expected, problem.suggestion);
    }
}

/// " in the run with machine.cpus=3": what of several runs it is that is wrong.
std::string which_run(const scenario::Scenario& scenario) {
    std::string text;
    for (const scenario::Varied& varied : scenario.vary) {
        text += (text.empty() ? "\n  in the run with " : ", ") + varied.key + "=" + varied.value;
    }
    return text;
}

/// Of several runs one may be wrong, as its machine lacks a CPU, and the others are not. If all are, none has begun.
std::vector<run::Outcome> run_all(const std::vector<scenario::Scenario>& scenarios, const execute::Settings& settings) {
    std::vector<run::Outcome> outcomes;
    std::optional<diagnostic::Error> first;
    std::size_t wrong = 0;
    for (const scenario::Scenario& scenario : scenarios) {
        try {
            outcomes.push_back(execute::execute(scenario, settings));
        } catch (const diagnostic::Error& error) {
            run::Outcome failed;
            failed.scenario = scenario;
            failed.error = error.what() + which_run(scenario);
            outcomes.push_back(std::move(failed));
            first = first ? first : error;
            ++wrong;
        }
    }
    if (first && wrong == scenarios.size()) {
        throw diagnostic::Error{*first};
    }
    return outcomes;
}

}  // namespace

std::vector<run::Outcome> run_scenarios(const std::string& file, const RunOptions& options) {
    execute::Settings settings;
    settings.seed = options.seed;
    settings.choices = options.choices;
    if (options.stop) {
        settings.stop = stop_in(*options.stop);
    }
    const std::vector<scenario::Scenario> scenarios = scenario::load(file, options.load);
    if (options.vcd) {
        require_one_run(*options.vcd, scenarios.size());
    }
    std::vector<run::Outcome> outcomes;
    if (options.goes_on) {
        outcomes = run_all(scenarios, settings);
    } else {
        std::transform(scenarios.begin(), scenarios.end(), std::back_inserter(outcomes),
                       [&](const scenario::Scenario& scenario) { return execute::execute(scenario, settings); });
    }
    for (run::Outcome& outcome : outcomes) {
        outcome.set = options.load.set;
        outcome.until_given = options.stop.value_or("");
        outcome.detector_given = options.load.detector.value_or("");
    }
    return outcomes;
}

void require_one_run(const std::string& path, std::size_t runs) {
    if (runs != 1) {
        wrong(path, std::to_string(runs) + " runs do not fit into one value change dump",
              "one file, and with --set one of the runs that it varies");
    }
}

// Every document holds one <testsuite> inside <testsuites>: theirs are put side by side.
std::string join_junit(const std::vector<std::string>& documents) {
    constexpr std::string_view OPENS = "<testsuites";
    constexpr std::string_view CLOSES = "</testsuites>";
    std::string inside;
    for (const std::string& document : documents) {
        const auto opens = document.find(OPENS);
        const auto begin = document.find('>', opens == std::string::npos ? 0 : opens) + 1;
        const auto end = document.rfind(CLOSES);
        if (opens != std::string::npos && end != std::string::npos) {
            inside += document.substr(begin, end - begin);
        }
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>" + inside + "</testsuites>\n";
}

}  // namespace hldsim::cli
