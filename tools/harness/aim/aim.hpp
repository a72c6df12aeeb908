// SPDX-License-Identifier: Apache-2.0
// Solves where an event must begin so that two points of the run fall together. Only the event is moved, whose instant
// is free in real life; the machine up to it is the same in every try, and no interrupt is ever moved.
//
//   Before     P happens after the access that Q's CPU makes before Q, and not after Q
//   After      P happens after Q and before the next access of Q's CPU
//   Search     the nominal run (event at the end of its range) gives the instants of P that come anyway, and the delay
//              from the event to Q; they are put together, tried, corrected
//   Caused     what the event brings about moves when the event is moved, what comes anyway stays
//   Answer     of the first interval of instants that does it, the middle core cycle
//   Impossible the change of order of P and Q is bisected to one cycle, and every cycle within 5 us of it is tried;
//              what the event brings about comes on both sides, and no try breaks off before it
//   Patience   a try lasts until what the event brings about has come; where that is late, one in 64 does, or fewer
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "models/base/clock_domain.hpp"
#include "tools/harness/point/point_watcher.hpp"
#include "tools/harness/run/outcome.hpp"
#include "tools/harness/run/rig.hpp"

namespace hldsim::aim {

/// The plan of a run whose aimed event begins at that instant.
using PlanAt = std::function<std::vector<run::Planned>(Instant)>;

struct Question {
    const scenario::Aim* aim = nullptr;
    PlanAt plan;
    Instant from;        // the earliest instant of the event
    Duration range;      // how far it may be delayed
    unsigned event = 1;  // its number
    trace::Watched watched = {};
};

/// Solves one aim on that rig, whose parameters are set. Throws diagnostic::Error for a point that names nothing, or
/// that fits several different accesses.
run::Landing solve(run::Rig& rig, const Question& question);

/// One run: whether the aim is met with the event at that instant. Throws as solve() for a point that names nothing.
bool is_met(run::Rig& rig, const Question& question, Instant event);

}  // namespace hldsim::aim
