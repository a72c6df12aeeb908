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
        "range", po::value<std::string>()->value_name("A..B"), "how far the event is moved, relative to its instant")(
        "step", po::value<std::string>()->value_name("D"), "the distance of two tries (1 cycle)")(
        "hazard", po::value<std::string>()->value_name("ID"), "only this hazard");
}

int execute(const Invocation& /*invocation*/, Output& /*output*/) {
    throw std::runtime_error{"'hldsim window' is not built yet"};
}

}  // namespace

const Command WINDOW{"window",
                     "FILE|DIR...",
                     1,
                     ANY,
                     "exact edges and width of each race window, chance per event",
                     "hldsim window scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml",
                     declare,
                     execute};

}  // namespace hldsim::cli
