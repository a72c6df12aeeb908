// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/program_options/value_semantic.hpp>
#include <cstdio>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/document/document.hpp"
#include "tools/harness/execute/judge.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/comparison.hpp"
#include "tools/hldsim/record.hpp"
#include "tools/hldsim/replay_argument.hpp"
#include "tools/hldsim/scenario_runs.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

constexpr std::string_view STANDARD_INPUT = "-";

void declare_replay(po::options_description& options) {
    auto option = options.add_options();
    option("detector", po::value<std::string>()->value_name("X.so"), "another object than the scenario's");
    option("until", po::value<std::string>()->value_name("D"), "stops early, so long after power-on");
    option("vcd", po::value<std::string>()->value_name(OUTPUT_FILE), "pins, NMIs and contexts of the run, for GTKWave");
}

// A run to be made again, from what names it.
struct Again {
    std::string file;
    RunOptions options;
};

/// What names it stands on the command line, or at `place` in a record.
Again again(const std::string& argument, const Invocation& invocation, const diagnostic::Mark& place = {}) {
    const ReplayArgument parts = split(argument);
    Again made{parts.file, {}};
    made.options.load.detector = invocation.text("detector");
    made.options.load.set_name = place ? place.source->name + ": again.argument" : "REPLAY";
    made.options.vcd = invocation.text("vcd");
    made.options.stop = invocation.text("until");
    constexpr const char* A_LINE = "SCENARIO#KEY=VALUE,..., as a replay line has it";
    if (parts.file.empty() && !place) {
        wrong_part(argument, 0, 1, "no scenario in front of '#'", A_LINE);
    }
    std::vector<std::string> keys;
    for (const ReplayArgument::Pair& pair : parts.pairs) {
        const auto fail = [&](const std::string& what, const std::string& expected) {
            if (place) {
                throw diagnostic::Error{place, what, expected};
            }
            wrong_part(argument, pair.from, pair.length, what, expected);
        };
        if (pair.text.empty()) {
            fail("no KEY=VALUE", A_LINE);
        }
        const std::string& key = keys.emplace_back(pair.text.substr(0, pair.text.find('=')));
        if (std::count(keys.begin(), keys.end(), key) > 1) {
            fail("'" + key + "' is set twice", "it once");
        }
        if (const auto seed = pair.value_of("seed")) {
            const std::optional<std::uint64_t> number = seed_in(*seed);
            number ? void(made.options.seed = *number) : fail("'" + *seed + "' is no seed", A_SEED);
        } else if (const auto text = pair.value_of("choices")) {
            std::optional<std::vector<Choice>> choices = choices_in(*text);
            choices ? void(made.options.choices = *std::move(choices))
                    : fail("'" + *text + "' are no choices",
                           "SITE:TAKEN/ALTERNATIVES*N, joined by +, as a replay line has them");
        } else {
            made.options.load.set.push_back(pair.text);
        }
    }
    return made;
}

int replay_scenario(const Again& made, const Invocation& invocation, Output& output) {
    std::vector<run::Outcome> outcomes = run_scenarios(made.file, made.options);
    std::for_each(outcomes.begin(), outcomes.end(), execute::leave_to_file);
    if (invocation.global.json) {
        output.write(report::json(outcomes, HLDSIM_VERSION));
    }
    int code = exit_code::AS_EXPECTED;
    for (const run::Outcome& outcome : outcomes) {
        if (!outcome.as_expected && code != exit_code::UNEXPECTED) {
            code = outcome.undecided ? exit_code::STOPPED : exit_code::UNEXPECTED;
        }
        if (!invocation.global.json && !(invocation.global.quiet && outcome.as_expected)) {
            output.write(report::line(outcome, style_of(invocation)) + "\n" +
                         report::details(outcome, style_of(invocation)));
        }
    }
    if (made.options.vcd) {
        write_file(*made.options.vcd, report::vcd(outcomes.front(), HLDSIM_VERSION));
    }
    return code;
}

[[noreturn]] void not_there(const std::string& file) {
    throw diagnostic::Error{diagnostic::Error::Parts{{},
                                                     file,
                                                     "no such file, and the record names it",
                                                     {},
                                                     "the folder in which the record was made, or the record in it"}};
}

/// Where the run's files are now. The scenario may come from the record itself: it came from standard input, or is
/// nowhere any more.
void find_files(Again& made, const Recorded& recorded, const std::string& record) {
    if (!made.options.load.detector && recorded.detector) {
        made.options.load.detector = find_beside(*recorded.detector, record);
        if (!made.options.load.detector) {
            not_there(*recorded.detector);
        }
    }
    const std::optional<std::string> file = made.file == STANDARD_INPUT ? std::nullopt : find_beside(made.file, record);
    if (file) {
        made.file = *file;
        return;
    }
    if (recorded.files.empty() || recorded.files.front()->name != document::source_name(made.file)) {
        not_there(made.file);
    }
    made.options.load.texts = recorded.files;
}

/// What does the rest, as far as there is a file for it: " (hldsim run FILE)".
std::string run_command(const Again& made) {
    return made.options.load.texts.empty() ? " (hldsim run " + report::file_argument(made.file) + ")" : "";
}

/// What differs between the files of then and now, and where they are from.
std::vector<std::string> about_files(const Again& made, const Recorded& recorded, const run::Outcome& now) {
    std::vector<std::string> lines;
    if (!made.options.load.texts.empty()) {
        lines.push_back("from the text in the record: " + recorded.files.front()->name);
        return lines;
    }
    const auto& files = now.scenario.sources;
    bool changed = files.size() != recorded.files.size();
    for (std::size_t i = 0; i < std::min(files.size(), recorded.files.size()); ++i) {
        changed = changed || files[i]->text != recorded.files[i]->text;
    }
    if (changed && !recorded.files.empty()) {  // a record of before they were kept
        lines.push_back("changed since: " + made.file + "; its expectations are not looked at" + run_command(made));
    } else if (made.file != recorded.argument.substr(0, made.file.size())) {
        lines.push_back("from " + made.file);
    }
    return lines;
}

/// Instants are taken from the record: what a search has not found is not searched again.
std::vector<std::string> not_searched(const Again& made, const Json& then) {
    std::vector<std::string> lines;
    for (const Json& landing : then.value("landings", Json::array())) {
        if (!landing.value("found", true)) {
            lines.push_back(fmt::format("not searched again: whether event {} can land{}", landing.value("event", 0),
                                        run_command(made)));
        }
    }
    return lines;
}

std::string told(const Recorded& then, const Json& now, const Comparison& comparison, bool quiet) {
    std::string text = fmt::format("{:<5}  {}\n", name_of(comparison.state), then.argument);
    if (then.run["build"] != now["build"]) {
        text += "  " + build_words(then.run) + "; now " + build_words(now) + "\n";
    }
    for (const Json& line : now["compared"]["lines"]) {
        text += quiet ? "" : "  " + line.get<std::string>() + "\n";
    }
    return text;
}

// A run of a record again, and beside it what has become of it.
Comparison replay_recorded(const Recorded& recorded, const std::string& record, const Invocation& invocation, Json& all,
                           Output& output) {
    Again made = again(recorded.argument, invocation, recorded.argument_mark);
    find_files(made, recorded, record);
    if (!made.options.stop) {
        made.options.stop = recorded.until;
    }
    std::vector<run::Outcome> outcomes = run_scenarios(made.file, made.options);
    outcomes.front().unmet.clear();  // expectations are a matter of 'run'
    outcomes.front().unjudged.clear();
    Json now = Json::parse(report::json({outcomes.front()}, HLDSIM_VERSION)).front();
    now["outcome"] = "compared";
    Comparison comparison = compare(recorded.run, now);
    for (const auto& more : {about_files(made, recorded, outcomes.front()), not_searched(made, recorded.run)}) {
        comparison.lines.insert(comparison.lines.end(), more.begin(), more.end());
    }
    now["compared"] = {{"state", name_of(comparison.state)}, {"lines", comparison.lines}};
    if (made.options.vcd) {
        write_file(*made.options.vcd, report::vcd(outcomes.front(), HLDSIM_VERSION));
    }
    all.push_back(now);
    if (!invocation.global.json) {
        output.write(told(recorded, now, comparison, invocation.global.quiet) +
                     (invocation.global.verbose ? report::details(outcomes.front(), style_of(invocation)) : ""));
    }
    return comparison;
}

/// Of the runs of a record, how many are in which state.
using States = std::array<std::size_t, Comparison::STATES>;

std::size_t& count(States& states, Comparison::State state) { return states.at(static_cast<std::size_t>(state)); }

std::string summary(States& states) {
    const std::size_t stopped = count(states, Comparison::State::Stopped);
    return fmt::format("{} same, {} moved, {} gone, {} new{}\n", count(states, Comparison::State::Same),
                       count(states, Comparison::State::Moved), count(states, Comparison::State::Gone),
                       count(states, Comparison::State::New), stopped > 0 ? fmt::format(", {} stopped", stopped) : "");
}

int replay_record(const std::shared_ptr<const diagnostic::Source>& record, const Invocation& invocation,
                  Output& output) {
    const std::string& file = record->name;
    const std::vector<Recorded> runs = runs_of(record);
    if (const auto path = invocation.text("vcd")) {
        require_one_run(*path, runs.size());
    }
    Json all = Json::array();
    States states{};
    for (const Recorded& recorded : runs) {
        if (recorded.argument.empty()) {
            output.flush();
            std::fprintf(stderr, "hldsim: %s: not made again: there was an error instead of a run of %s\n",
                         file.c_str(), recorded.run.value("scenario", "").c_str());
            continue;
        }
        try {
            ++count(states, replay_recorded(recorded, file, invocation, all, output).state);
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
        output.write(summary(states));
    }
    if (count(states, Comparison::State::Gone) + count(states, Comparison::State::New) > 0 ||
        all.size() != runs.size()) {
        return exit_code::UNEXPECTED;
    }
    return count(states, Comparison::State::Stopped) > 0 ? exit_code::STOPPED : exit_code::AS_EXPECTED;
}

int execute_replay(const Invocation& invocation, Output& output) {
    const std::string& replay = invocation.arguments.front();
    if (names_record(replay)) {
        return replay_record(read_record(replay), invocation, output);
    }
    if (replay != STANDARD_INPUT) {
        return replay_scenario(again(replay, invocation), invocation, output);
    }
    const auto text = read_standard_input();
    if (is_record(*text)) {
        return replay_record(text, invocation, output);
    }
    Again made = again(replay, invocation);
    made.options.load.texts = {text};
    return replay_scenario(made, invocation, output);
}

constexpr std::string_view MORE =
    "of a .replay.json, from standard input (-) too, each finding is told to be same, moved, gone or new; the\n"
    "expectations of the scenario are not looked at, and aims are not searched again: instants and choices are the\n"
    "record's\n"
    "of a run that --until stops, what comes later may decide: what is found is so, so far, and nothing is gone or "
    "new\n"
    "exit codes: 0 same or moved, 1 gone, new or not made again; of SCENARIO#...: 1 if an expectation did not hold;\n"
    "            'sometimes' is about all runs of a file, and not judged\n"
    "            75 --until stopped a run before its end, and what comes later decides\n";

}  // namespace

const Command REPLAY{"replay",
                     "REPLAY",
                     1,
                     1,
                     "the same run again, byte for byte: SCENARIO#KEY=VALUE,..., or a .replay.json (run --json -o)",
                     "hldsim replay 'scenarios/stuck/irq-off.yaml#events.1.at=7s'",
                     declare_replay,
                     execute_replay,
                     MORE};

}  // namespace hldsim::cli
