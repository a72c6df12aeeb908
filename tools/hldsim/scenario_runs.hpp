// SPDX-License-Identifier: Apache-2.0
// What run, window and replay share: options, and the runs of a file.
#pragma once
#include <boost/program_options/options_description.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/harness/report/report.hpp"
#include "tools/harness/run/outcome.hpp"
#include "tools/harness/scenario/scenario.hpp"
#include "tools/hldsim/command.hpp"

namespace hldsim::cli {

struct RunOptions {
    scenario::LoadOptions load;
    std::uint64_t seed = 1;
    std::vector<Choice> choices;      // of an earlier run, to be made again
    std::optional<std::string> stop;  // a duration from power-on on
    std::optional<std::string> vcd;   // the file of a dump, which holds one run
    bool goes_on = false;             // a run of several that is wrong has an outcome with an error
};

/// --set and --detector, of commands that take scenarios; --seed, of those that run them.
void declare_scenario(boost::program_options::options_description& options);
void declare_seed(boost::program_options::options_description& options);

/// --set, --detector, --seed and --vcd, as far as the command has them.
RunOptions run_options(const Invocation& invocation);

/// The number that somebody wrote; nothing if it is none.
std::optional<std::uint64_t> seed_in(const std::string& text);
constexpr const char* A_SEED = "a whole number from 0 to 18446744073709551615";

/// How results are shown on stdout: in colour, with a time line.
report::Style style_of(const Invocation& invocation);

/// Every run of a file, in order. Refuses several before the first if there is to be a dump.
std::vector<run::Outcome> run_scenarios(const std::string& file, const RunOptions& options);

/// Throws Error unless the runs are one: a value change dump at `path` holds no more.
void require_one_run(const std::string& path, std::size_t runs);

/// One JUnit document of several.
std::string join_junit(const std::vector<std::string>& documents);

}  // namespace hldsim::cli
