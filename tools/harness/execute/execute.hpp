// SPDX-License-Identifier: Apache-2.0
// Runs a scenario and judges it: findings against expectations.
#pragma once
#include "tools/harness/execute/stage.hpp"
#include "tools/harness/run/outcome.hpp"

namespace hldsim::execute {

/// One recorded run of a stage and what was found in it.
struct Observed {
    run::RunResult result;
    check::Verdict verdict;
    trace::Log log;
    bool reached_all = true;  // every `when` was reached
};

/// The stage's plan, with event `moved` (from 0) at t instead of its own instant.
/// `accesses`: the log holds every access to shared memory.
Observed observe(Stage& stage, std::optional<std::size_t> moved = std::nullopt, Instant t = {}, bool accesses = false);

/// The whole of it: aims solved, run, checked, judged, code positions resolved.
run::Outcome execute(const scenario::Scenario& scenario, const Settings& settings);

}  // namespace hldsim::execute
