// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <boost/program_options/value_semantic.hpp>

#include "tools/harness/execute/judge.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/scenario_runs.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

void declare(po::options_description& options) {
    options.add_options()("detector", po::value<std::string>()->value_name("X.so"),
                          "another object than the scenario's")("until", po::value<std::string>()->value_name("D"),
                                                                "stops early, so long after power-on")(
        "vcd", po::value<std::string>()->value_name("FILE"), "pins, NMIs and contexts of the run, for GTKWave");
}

// SCENARIO#KEY=VALUE,...: each pair is a --set. A comma inside brackets or braces belongs to its value.
std::vector<std::string> settings_in(const std::string& text) {
    std::vector<std::string> settings(1);
    int depth = 0;
    for (const char c : text) {
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        if (c == ',' && depth == 0) {
            settings.emplace_back();
        } else {
            settings.back() += c;
        }
    }
    return settings;
}

std::optional<std::string> value_of(const std::string& setting, const std::string& key) {
    return setting.rfind(key, 0) == 0 ? std::optional{setting.substr(key.size())} : std::nullopt;
}

std::vector<Choice> choices_of(const std::string& text) {
    std::optional<std::vector<Choice>> choices = choices_in(text);
    if (!choices) {
        usage("'" + text + "' are no choices", "SITE:TAKEN/ALTERNATIVES*N, joined by +, as a replay line has them");
    }
    return *choices;
}

int execute_replay(const Invocation& invocation, Output& output) {
    const std::string& replay = invocation.arguments.front();
    const auto hash = replay.find('#');
    RunOptions options;
    options.load.detector = invocation.text("detector");
    if (hash != std::string::npos) {
        for (const std::string& setting : settings_in(replay.substr(hash + 1))) {
            if (const auto seed = value_of(setting, "seed=")) {
                options.seed = seed_in(*seed);
            } else if (const auto choices = value_of(setting, "choices=")) {
                options.choices = choices_of(*choices);
            } else {
                options.load.set.push_back(setting);
            }
        }
    }
    if (const auto until = invocation.text("until")) {
        options.stop = *until;
    }
    std::vector<run::Outcome> outcomes = run_scenarios(replay.substr(0, hash), options);
    execute::judge_file(outcomes);
    if (invocation.global.json) {
        output.write(report::json(outcomes, HLDSIM_VERSION));
    }
    report::Style style;
    style.color = invocation.global.colors(STDOUT_FILENO);
    style.timeline = invocation.global.verbose;
    bool as_expected = true;
    for (const run::Outcome& outcome : outcomes) {
        as_expected = as_expected && outcome.as_expected;
        if (!invocation.global.json) {
            output.write(report::line(outcome, style) + "\n" + report::details(outcome, style));
        }
    }
    if (const auto path = invocation.text("vcd")) {
        write_vcd(*path, report::vcd(outcomes.front(), HLDSIM_VERSION), outcomes.size());
    }
    return as_expected ? exit_code::AS_EXPECTED : exit_code::UNEXPECTED;
}

}  // namespace

const Command REPLAY{"replay",
                     "REPLAY",
                     1,
                     1,
                     "the same run again, byte for byte: SCENARIO#KEY=VALUE,...",
                     "hldsim replay 'scenarios/stuck/irq-off.yaml#events.1.at=7s'",
                     declare,
                     execute_replay};

}  // namespace hldsim::cli
