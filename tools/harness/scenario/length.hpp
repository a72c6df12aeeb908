// SPDX-License-Identifier: Apache-2.0
// A run ends before limits::RUN_SECONDS: Instant holds little more, and what is later wraps or throws.
#pragma once
#include "models/base/clock_domain.hpp"
#include "tools/harness/scenario/scenario.hpp"

namespace hldsim::scenario {

/// Throws diagnostic::Error at the mark of the first duration by which an event, or the run, leads beyond the limit.
/// Cycles and ticks count by these clocks.
void check_lengths(const Scenario& scenario, Hertz core, Duration tick);

/// By the shortest cycles and ticks that there are: what is refused by these is too long on any machine.
void check_lengths(const Scenario& scenario);

}  // namespace hldsim::scenario
