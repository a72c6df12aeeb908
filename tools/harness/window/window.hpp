// SPDX-License-Identifier: Apache-2.0
// Race windows: for which instants of one event a hazard shows, exactly.
//
//   Moves     the instant of one event, on edges of the core clock, and nothing else
//   Window    a maximal interval of instants that show one hazard in one phase, half open. Runs that end as the
//             scenario does not expect, and not by a hazard, have one as well: "ends: panic"
//   Grid      step 1: every cycle of the range, basis "grid"
//   Bisect    a coarser step, and the event's own instant: each change between neighbours is bisected to its exact
//             cycle, basis "bisect", and so is what these tries show anew; a window that is narrower than the step and
//             lies between two tries is missed, and the report says so
//   Chance    width over the interval between two NMIs of the CPU that the finding names; 1 for what the whole range
//             shows
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/harness/execute/observe.hpp"

namespace hldsim::window {

struct Options {
    std::size_t event = 0;  // from 0
    Duration from;          // relative to the event's instant
    Duration to;
    // Of a range in cycles, exact: as a duration each is rounded up to a whole fs, and its sum may miss the edge.
    std::optional<std::int64_t> from_cycles;
    std::optional<std::int64_t> to_cycles;
    std::uint64_t step = 1;           // cycles
    std::optional<std::string> only;  // this hazard, or what violates this invariant
};

/// What the scenario says, over the defaults: scenario::moved_by_window(), which has to find an event; -5 us to 5 us.
/// Without a step the range is tried at 250 places and bisected: each cycle of the default's 10 us is a run, 37,000 of
/// them at 3.7 GHz, which take half a minute instead of half a second.
Options options_of(const scenario::Scenario& scenario, const execute::Clocks& clocks);

struct Result {
    std::vector<run::WindowFound> windows;  // by hazard, phase and time
    run::Searched searched;
    std::uint64_t runs = 0;
    std::uint64_t step = 1;
};

Result find(execute::Stage& stage, const Options& options);

}  // namespace hldsim::window
