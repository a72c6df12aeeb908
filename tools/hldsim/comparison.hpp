// SPDX-License-Identifier: Apache-2.0
// What has become of a run of a record, now that it has been made again.
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
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace hldsim::cli {

using Json = nlohmann::ordered_json;

/// "detector build 5f0c91e2, gcc 12.2.0, hldsim 0.1.0": what made that run.
std::string build_words(const Json& run);

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
