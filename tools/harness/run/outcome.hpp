// SPDX-License-Identifier: Apache-2.0
// The result of one run of a scenario, complete: what reports, JUnit, JSON and exit codes are made of.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/choice.hpp"
#include "models/base/timing.hpp"
#include "tools/harness/check/finding.hpp"
#include "tools/harness/profile/profile.hpp"
#include "tools/harness/scenario/scenario.hpp"
#include "tools/harness/trace/log.hpp"

namespace hldsim::run {

/// A position in the source, resolved.
struct Place {
    std::string function;
    std::string file;
    unsigned line = 0;
};

/// A code position of the log, by record index: resolved while the objects are there.
using Places = std::map<std::size_t, Place>;

/// How an aim was met, or that it cannot be.
struct Landing {
    unsigned event = 0;  // number, from 1
    bool found = false;
    Instant at;               // the solved instant
    std::uint64_t runs = 0;   // that the search took
    std::string explanation;  // not found: what happens on both sides, or why nothing could be tried
    bool exhausted = false;   // not found, and every cycle was tried where the two points change their order
    std::optional<Instant> change = std::nullopt;  // where that is, if exhausted
};

/// "hard LOCKUP on cpu N", whoever printed it.
struct Reported {
    unsigned cpu = 0;
    Instant at;
    std::optional<Duration> after;  // since that CPU got stuck; none: it was not
};

/// An event of which nothing came.
struct NoEffect {
    unsigned event = 0;      // number, from 1
    std::uint64_t acts = 0;  // without effect ...
    std::uint64_t of = 0;    // ... of so many: more than 1 of a repeat
    std::string why;         // of the first
};

/// One maximal interval of instants that shows one hazard in one phase.
struct WindowFound {
    std::string hazard;
    std::string phase;
    bool by_class = false;  // by the classes of locks alone: it could wait for ever, and does not here
    Instant opens;
    Instant closes;  // half open: [opens, closes)
    std::uint64_t width_cycles = 0;
    std::int64_t opens_cycles = 0;  // relative to the event's instant in the run
    std::int64_t closes_cycles = 0;
    bool open_below = false;  // reaches the searched range's begin
    bool open_above = false;
    std::string basis;      // grid or bisect
    std::string opened_by;  // what differs in the run one cycle before: function, object, line
    std::string closed_by;
    double chance_per_event = 0;
    bool of_several = false;  // a rotation has more NMIs than the one that this window belongs to
};

/// Where windows were looked for: the instants that one event was given, the last one included.
struct Searched {
    unsigned event = 0;  // number, from 1
    Instant around;      // its own instant in the run
    Instant from;
    Instant to;
    std::int64_t from_cycles = 0;
    std::int64_t to_cycles = 0;
    std::string only;  // the hazard or invariant that was asked for; empty: all
};

/// A row of the profile; assumed: no measurement or document stands behind its value.
struct Latency {
    Row row = Row::MemL1Hit;
    bool assumed = false;
};

struct Outcome {
    scenario::Scenario scenario;
    std::string profile_name;
    std::vector<Latency> latencies;  // that the times of the first finding's table rest on
    cpu::End end = cpu::End::None;
    std::string end_reason;
    Instant ended_at;
    std::uint64_t seed = 1;
    std::vector<std::string> set;  // KEY=VALUE of --set, as given
    std::string detector_given;    // --detector, as given
    std::vector<Choice> choices;   // answers that the run got; all default: may be left empty
    std::string until_given;       // --until, as given
    bool stopped = false;          // there, and it would have gone on
    bool as_expected = false;
    bool undecided = false;  // it was stopped, and what comes later may make it as expected or not
    std::vector<check::Finding> findings;
    std::vector<bool> finding_expected;  // beside findings
    std::vector<bool> finding_demanded;  // beside findings: what the scenario is about, not what it only allows
    std::vector<Reported> reports;
    std::vector<std::string> unmet;     // "landing: impossible    found, with the request at 7.5 s"
    std::vector<std::string> unjudged;  // in the same form: what is behind the stop, or another run, decides
    std::vector<check::Unwatched> unwatched;
    std::vector<NoEffect> no_effect;  // in the order of events
    std::vector<Landing> landings;
    std::vector<unsigned> not_searched;          // numbers of aimed events whose instant was given
    std::map<std::string, Instant> solved;       // "events.1.at"
    std::vector<WindowFound> windows;            // of the window command
    std::optional<Searched> searched;            // by it
    std::string unsearched;                      // by it: why it did not search
    std::map<std::string, std::uint64_t> stats;  // figures of `list stats`
    trace::Log log;
    Places places;
    std::map<std::size_t, std::string> objects;  // names of the locks and variables of the log, by record index
    std::string detector_build_id;
    std::string detector_compiler;
    std::string error;  // the run could not be made: text of the error (exit 2 or 3)
};

}  // namespace hldsim::run
