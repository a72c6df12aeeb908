// SPDX-License-Identifier: Apache-2.0
// Runs a scenario and judges it: findings against expectations.
#pragma once
#include "tools/harness/execute/stage.hpp"
#include "tools/harness/run/outcome.hpp"

namespace hldsim::execute {

/// The whole of it: aims solved, run, checked, judged, code positions resolved.
run::Outcome execute(const scenario::Scenario& scenario, const Settings& settings);

}  // namespace hldsim::execute
