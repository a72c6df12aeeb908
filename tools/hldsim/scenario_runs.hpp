// SPDX-License-Identifier: Apache-2.0
// What run, window and replay share: options, and the runs of a file.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tools/harness/run/outcome.hpp"
#include "tools/harness/scenario/scenario.hpp"
#include "tools/hldsim/command.hpp"

namespace hldsim::cli {

struct RunOptions {
    scenario::LoadOptions load;
    std::uint64_t seed = 1;
    std::vector<Choice> choices;      // of an earlier run, to be made again
    std::optional<std::string> stop;  // a duration from power-on on
};

/// --set, --detector and --seed, as far as the command has them.
RunOptions run_options(const Invocation& invocation);

/// The number that a user gave. Bad usage if it is none.
std::uint64_t seed_in(const std::string& text);

/// How many worker processes: --jobs, else as many as the machine has CPUs.
unsigned jobs(const Invocation& invocation);

/// Every run of a file, in order.
std::vector<run::Outcome> run_scenarios(const std::string& file, const RunOptions& options);

/// Writes the dump of the one run that was made; throws Error if there were several.
void write_vcd(const std::string& path, const std::string& dump, std::size_t runs);

/// One JUnit document of several.
std::string join_junit(const std::vector<std::string>& documents);

}  // namespace hldsim::cli
