// SPDX-License-Identifier: Apache-2.0
// Runs a scenario and judges it: findings against expectations.
#pragma once
#include "tools/harness/execute/stage.hpp"
#include "tools/harness/run/outcome.hpp"

namespace hldsim::execute {

/// The whole of it: aims solved, run, checked, judged, code positions resolved.
run::Outcome execute(const scenario::Scenario& scenario, const Settings& settings);

/// Whatever execute() would refuse before it begins: parameters, instants before the end of boot, and each name of
/// code, of an object or of a register. The machine boots for it; no event happens. Throws diagnostic::Error. Returns
/// the events of which no effect is to be expected.
std::vector<run::NoEffect> examine(const scenario::Scenario& scenario);

}  // namespace hldsim::execute
