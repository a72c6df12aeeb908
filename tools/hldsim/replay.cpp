// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <boost/program_options/value_semantic.hpp>
#include <cstdio>
#include <filesystem>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/execute/judge.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/record.hpp"
#include "tools/hldsim/scenario_runs.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

void declare(po::options_description& options) {
    options.add_options()("detector", po::value<std::string>()->value_name("X.so"),
                          "another object than the scenario's")("until", po::value<std::string>()->value_name("D"),
                                                                "stops early, so long after power-on")(
        "vcd", po::value<std::string>()->value_name(OUTPUT_FILE), "pins, NMIs and contexts of the run, for GTKWave");
}

// SCENARIO#KEY=VALUE,...: each pair is a --set. A comma inside brackets or braces belongs to its value, and so does
// whatever stands behind a backslash.
std::vector<std::string> settings_in(const std::string& text) {
    std::vector<std::string> settings(1);
    int depth = 0;
    bool escaped = false;
    for (const char c : text) {
        if (escaped || c == '\\') {
            escaped = !escaped;
            settings.back() += escaped ? "" : std::string(1, c);
            continue;
        }
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
        wrong(text, "'" + text + "' are no choices",
              "SITE:TAKEN/ALTERNATIVES*N, joined by +, as a replay line has them");
    }
    return *choices;
}

// A run to be made again, from what names it.
struct Again {
    std::string file;
    RunOptions options;
};

Again again(const std::string& argument, const Invocation& invocation) {
    // The file's own name may have a '#', too.
    constexpr std::string_view NAMED = ".yaml#";
    const auto named = argument.find(NAMED);
    const auto hash = named == std::string::npos ? argument.find('#') : named + NAMED.size() - 1;
    Again made{argument.substr(0, hash), {}};
    made.options.load.detector = invocation.text("detector");
    if (hash != std::string::npos) {
        for (const std::string& setting : settings_in(argument.substr(hash + 1))) {
            if (const auto seed = value_of(setting, "seed=")) {
                made.options.seed = seed_in(*seed);
            } else if (const auto choices = value_of(setting, "choices=")) {
                made.options.choices = choices_of(*choices);
            } else {
                made.options.load.set.push_back(setting);
            }
        }
    }
    if (const auto until = invocation.text("until")) {
        made.options.stop = *until;
    }
    return made;
}

report::Style style_of(const Invocation& invocation) {
    report::Style style;
    style.color = invocation.global.colors(STDOUT_FILENO);
    style.timeline = invocation.global.verbose;
    return style;
}

int replay_scenario(const std::string& argument, const Invocation& invocation, Output& output) {
    const Again made = again(argument, invocation);
    std::vector<run::Outcome> outcomes = run_scenarios(made.file, made.options);
    execute::judge_file(outcomes);
    if (invocation.global.json) {
        output.write(report::json(outcomes, HLDSIM_VERSION));
    }
    bool as_expected = true;
    for (const run::Outcome& outcome : outcomes) {
        as_expected = as_expected && outcome.as_expected;
        if (!invocation.global.json) {
            output.write(report::line(outcome, style_of(invocation)) + "\n" +
                         report::details(outcome, style_of(invocation)));
        }
    }
    if (const auto path = invocation.text("vcd")) {
        write_vcd(*path, report::vcd(outcomes.front(), HLDSIM_VERSION), outcomes.size());
    }
    return as_expected ? exit_code::AS_EXPECTED : exit_code::UNEXPECTED;
}

// A record's paths are those of the folder in which it was made.
std::vector<run::Outcome> runs_of_record(const Again& made) {
    std::error_code failure;
    for (const std::string& file : {made.file, made.options.load.detector.value_or(made.file)}) {
        if (!std::filesystem::exists(file, failure)) {
            throw diagnostic::Error{diagnostic::Error::Parts{
                {}, file, "no such file, and the record names it", {}, "the folder in which the record was made"}};
        }
    }
    return run_scenarios(made.file, made.options);
}

std::string told(const Recorded& then, const Json& now, const Comparison& comparison, bool quiet) {
    std::string text = fmt::format("{:<5}  {}\n", name_of(comparison.state), then.argument);
    if (then.run["build"] != now["build"]) {
        text += "  " + build_words(then.run) + "; now " + build_words(now) + "\n";
    }
    for (const std::string& line : comparison.lines) {
        text += quiet ? "" : "  " + line + "\n";
    }
    return text;
}

// A run of a record again, and beside it what has become of it.
Comparison replay_recorded(const Recorded& recorded, const Invocation& invocation, Json& all, Output& output) {
    Again made = again(recorded.argument, invocation);
    if (!made.options.load.detector) {
        made.options.load.detector = recorded.detector;
    }
    const std::vector<run::Outcome> outcomes = runs_of_record(made);
    Json now = Json::parse(report::json({outcomes.front()}, HLDSIM_VERSION)).front();
    std::optional<std::int64_t> stop;
    if (made.options.stop) {
        stop = std::stoll(now["end_fs"].get<std::string>());
    }
    Comparison comparison = compare(recorded.run, now, stop);
    now["compared"] = {{"state", name_of(comparison.state)}, {"lines", comparison.lines}};
    if (const auto path = invocation.text("vcd")) {
        write_vcd(*path, report::vcd(outcomes.front(), HLDSIM_VERSION), all.size() + 1);
    }
    all.push_back(now);
    if (!invocation.global.json) {
        output.write(told(recorded, now, comparison, invocation.global.quiet) +
                     (invocation.global.verbose ? report::details(outcomes.front(), style_of(invocation)) : ""));
    }
    return comparison;
}

int replay_record(const std::string& file, const Invocation& invocation, Output& output) {
    const std::vector<Recorded> runs = read_record(file);
    if (invocation.given("vcd") && runs.size() != 1) {
        write_vcd({}, {}, runs.size());
    }
    Json all = Json::array();
    std::size_t states[4] = {};
    for (const Recorded& recorded : runs) {
        if (recorded.argument.empty()) {
            output.flush();
            std::fprintf(stderr, "hldsim: %s: not made again: there was an error instead of a run of %s\n",
                         file.c_str(), recorded.run.value("scenario", "").c_str());
            continue;
        }
        try {
            ++states[static_cast<std::size_t>(replay_recorded(recorded, invocation, all, output).state)];
        } catch (const Json::exception&) {  // somebody has edited it
            const auto number = static_cast<std::size_t>(&recorded - runs.data()) + 1;
            throw diagnostic::Error{diagnostic::Error::Parts{{},
                                                             file,
                                                             fmt::format("run {} is not as it was written", number),
                                                             {},
                                                             "what 'hldsim run --json' wrote"}};
        }
    }
    if (invocation.global.json) {
        output.write(all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    } else {
        output.write(fmt::format("{} same, {} moved, {} gone, {} new\n", states[0], states[1], states[2], states[3]));
    }
    return states[2] + states[3] == 0 && all.size() == runs.size() ? exit_code::AS_EXPECTED : exit_code::UNEXPECTED;
}

int execute_replay(const Invocation& invocation, Output& output) {
    const std::string& replay = invocation.arguments.front();
    return names_record(replay) ? replay_record(replay, invocation, output)
                                : replay_scenario(replay, invocation, output);
}

}  // namespace

const Command REPLAY{"replay",
                     "REPLAY",
                     1,
                     1,
                     "the same run again, byte for byte: SCENARIO#KEY=VALUE,..., or a .replay.json (run --json -o)",
                     "hldsim replay 'scenarios/stuck/irq-off.yaml#events.1.at=7s'",
                     declare,
                     execute_replay};

}  // namespace hldsim::cli
