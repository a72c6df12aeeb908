// SPDX-License-Identifier: Apache-2.0
// Whether a run is as its scenario expects.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "tools/harness/execute/actions.hpp"
#include "tools/harness/run/outcome.hpp"

namespace hldsim::execute {

/// The figures of `hldsim list stats`, counted in a log.
std::map<std::string, std::uint64_t> statistics(const scenario::Scenario& scenario, const trace::Log& log);

/// Fills finding_expected, finding_demanded, unmet, unjudged, as_expected and undecided. `sometimes` is a matter of all
/// runs of a file: not judged here.
void judge(run::Outcome& outcome, const Clocks& clocks, bool reached_all);

/// As the scenario's word for it. A bad access and the limit of accesses have none: nobody expects them.
bool ends_as_expected(cpu::End end, scenario::Ending expected);

/// The `sometimes` that none of the file's runs shows, named in the last one's `unmet`; in `unjudged` of the last that
/// was stopped, if there is one.
void judge_file(std::vector<run::Outcome>& outcomes);

/// Of a run that is made alone: the `sometimes` that it does not show are `unjudged`.
void leave_to_file(run::Outcome& outcome);

}  // namespace hldsim::execute
