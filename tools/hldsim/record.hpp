// SPDX-License-Identifier: Apache-2.0
// A .replay.json: what `run --json -o X.replay.json` wrote. Its runs are made again, and what has become of their
// findings is told.
//
//   same    the finding is there, and so is each row of its interleaving, to the femtosecond and the line
//   moved   it is there (hazard, phase, CPU, context), at another instant, by other steps or at other lines
//   gone    it is not there any more
//   new     it was not there
//
// What moved is no failure: a line added to the detector moves all lines below it. Gone and new are (exit code 1).
// If one of the two runs was stopped early, nothing is moved, gone or new (exit code 75):
//
//   unseen  it is not there by then
//   so far  it differs by then, or was not there: what comes later may add to it, or show that it is another one
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/harness/diagnostic/diagnostic.hpp"

namespace hldsim::cli {

using Json = nlohmann::ordered_json;

/// One run of a record: how it is made again, and what it gave.
struct Recorded {          // NOLINT(bugprone-exception-escape): moving Json only asserts
    std::string argument;  // SCENARIO#KEY=VALUE,...; empty: there was an error instead of a run
    diagnostic::Mark argument_mark;
    std::optional<std::string> detector;                           // --detector
    std::optional<std::string> until;                              // --until
    std::vector<std::shared_ptr<const diagnostic::Source>> files;  // the scenario, and what it extends
    Json run;
};

/// Whether a REPLAY names a record and not a scenario.
bool names_record(const std::string& replay);

/// Of a text: a record is a list, a scenario is none.
bool is_record(const diagnostic::Source& source);

/// Standard input, which may be either.
std::shared_ptr<const diagnostic::Source> read_standard_input();

/// The text of a record.
std::shared_ptr<const diagnostic::Source> read_record(const std::string& file);

/// The runs of a record. Throws diagnostic::Error: no JSON (with its line and column), no runs of hldsim.
std::vector<Recorded> runs_of(const std::shared_ptr<const diagnostic::Source>& record);

/// "detector build 5f0c91e2, gcc 12.2.0, hldsim 0.1.0": what made that run.
std::string build_words(const Json& run);

/// A file that a record names: from the folder of the caller, else from that of the record, else from those above it.
/// Nothing if it is nowhere.
std::optional<std::string> find_beside(const std::string& path, const std::string& record);

/// What has become of one run.
struct Comparison {
    enum class State { Same, Moved, Stopped, Gone, New };
    static constexpr std::size_t STATES = 5;
    State state = State::Same;       // the last in this order that a finding, or the rest of the run, shows
    std::vector<std::string> lines;  // one a finding, then what else differs
};
std::string_view name_of(Comparison::State state);
/// If one of them was stopped early, only what both could show.
Comparison compare(const Json& then, const Json& now);

}  // namespace hldsim::cli
