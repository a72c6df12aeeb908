// SPDX-License-Identifier: Apache-2.0
// Which events are known to come to nothing before any run: a CPU is taken where the events before have it already.
#pragma once
#include <optional>
#include <vector>

#include "tools/harness/execute/actions.hpp"
#include "tools/harness/run/outcome.hpp"

namespace hldsim::execute {

/// Hotplug only, of CPUs whose every event has an instant of its own. Each holds if those before it do what they are
/// asked for: `instants` are theirs, none of one that waits for a point.
std::vector<run::NoEffect> foreseen_without_effect(const scenario::Scenario& scenario,
                                                   const std::vector<std::optional<Instant>>& instants,
                                                   const Clocks& clocks);

}  // namespace hldsim::execute
