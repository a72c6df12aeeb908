// SPDX-License-Identifier: Apache-2.0
// A .replay.json: what `run --json -o X.replay.json` wrote. It holds runs, and whatever they are made again from.
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

/// A file that a record names: from the folder of the caller, else from that of the record, else from those above it.
/// Nothing if it is nowhere.
std::optional<std::string> find_beside(const std::string& path, const std::string& record);

}  // namespace hldsim::cli
