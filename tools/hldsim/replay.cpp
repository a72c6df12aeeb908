// SPDX-License-Identifier: Apache-2.0
#include <boost/program_options/value_semantic.hpp>
#include <stdexcept>

#include "tools/hldsim/command.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

void declare(po::options_description& options) {
    options.add_options()("detector", po::value<std::string>()->value_name("X.so"),
                          "another object than the scenario's")("until", po::value<std::string>()->value_name("D"),
                                                                "stops early, so long after power-on");
}

int execute(const Invocation& /*invocation*/, Output& /*output*/) {
    throw std::runtime_error{"'hldsim replay' is not built yet"};
}

}  // namespace

const Command REPLAY{"replay",
                     "REPLAY",
                     1,
                     1,
                     "the same run again, byte for byte: SCENARIO#KEY=VALUE,...",
                     "hldsim replay 'scenarios/stuck/irq-off.yaml#events.1.at=7s'",
                     declare,
                     execute};

}  // namespace hldsim::cli
