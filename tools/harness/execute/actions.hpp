// SPDX-License-Identifier: Apache-2.0
// What an event of a scenario does to the machine, as plans of the operator. Everything takes its own path from there.
#pragma once
#include <vector>

#include "tools/harness/profile/profile.hpp"
#include "tools/harness/run/rig.hpp"
#include "tools/harness/scenario/scenario.hpp"

namespace hldsim::execute {

struct Clocks {
    Hertz core;
    Duration hpet_period;
    Duration of(const value::Span& span) const { return span.on(core, hpet_period); }
};

/// The operator's acts of event `number`, which begins at t.
std::vector<run::Planned> plan(const scenario::Event& event, unsigned number, Instant t, run::Rig& rig,
                               const Clocks& clocks);

/// The CPU on which that action's task runs; none: no task does it.
std::optional<CpuNumber> runner_of(const scenario::SimpleAction& action);

/// How long after its beginning the last act of the event begins.
Duration extent(const scenario::Event& event, const Clocks& clocks);

}  // namespace hldsim::execute
