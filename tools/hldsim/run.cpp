// SPDX-License-Identifier: Apache-2.0
#include <boost/program_options/value_semantic.hpp>
#include <stdexcept>

#include "tools/hldsim/command.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

void declare(po::options_description& options) {
    options.add_options()("set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
                          "overrides a key of the scenario: a dotted path, list items from 1")(
        "detector", po::value<std::string>()->value_name("X.so"), "another object than the scenario's")(
        "seed", po::value<std::string>()->value_name("N"), "of the random choices (1)")(
        "junit", po::value<std::string>()->value_name("FILE"), "a JUnit report for CI");
}

int execute(const Invocation& /*invocation*/, Output& /*output*/) {
    throw std::runtime_error{"'hldsim run' is not built yet"};
}

}  // namespace

const Command RUN{
    "run",   "FILE|DIR...", 1, ANY, "runs scenarios; a line each, details for what surprised", "hldsim run scenarios",
    declare, execute};

}  // namespace hldsim::cli
