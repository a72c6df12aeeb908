// SPDX-License-Identifier: Apache-2.0
// The scenario's events in words, as a shell would ask for them.
#pragma once
#include <string>

#include "tools/harness/scenario/scenario.hpp"

namespace hldsim::report {

/// An action: "echo 0 > cpu2/online".
std::string action_words(const scenario::SimpleAction& action);

/// The scenario's event of that number: its action, or "boot".
std::string event_words(const scenario::Scenario& scenario, std::uint64_t number);

}  // namespace hldsim::report
