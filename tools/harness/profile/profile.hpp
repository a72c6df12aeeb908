// SPDX-License-Identifier: Apache-2.0
// A timing profile: what each latency of a machine is, where the figure comes from, and how its devices behave.
//
//   Rows       every row of models/base/timing.hpp, exact, with bounds, grade and sources
//   Knobs      the choices that the hardware's documents leave open, by name: a value, or {v, g, s} as a row has it
//   Complete   a profile and what it extends give every row and knob; an unknown name is an error
//   Overrides  machine.set of a scenario, over rows and knobs
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/base/timing.hpp"
#include "tools/harness/scenario/scenario.hpp"

namespace hldsim::profile {

/// Where a row's figure comes from. Bounds are in the row's unit, fs for time.
struct Provenance {
    // A measured, B vendor or kernel source, C derived, D assumed, - none given, = set by the scenario
    char grade = '-';
    std::vector<std::string> sources;
    std::int64_t low = 0;
    std::int64_t high = 0;
    diagnostic::Mark mark;

    bool assumed() const { return grade == 'D' || grade == '-'; }
};

/// A knob's value: a boolean, a number, a word, or a duration.
using Knob = std::variant<bool, std::int64_t, std::string, value::Span>;

/// As a profile writes it.
std::string text_of(const Knob& knob);

struct Profile {
    std::string name;
    std::string machine;  // the machine in words
    Hertz core;
    Hertz tsc;
    Hertz crystal;
    Duration hpet_period;
    scenario::Apic apic = scenario::Apic::Xapic;
    scenario::Remapping remapping = scenario::Remapping::None;
    Timing timing;
    std::array<Provenance, ROWS> provenance;
    std::map<std::string, Knob, std::less<>> knobs;
    std::map<std::string, Provenance, std::less<>> knob_provenance;  // of each knob, without bounds

    const Provenance& source(Row row) const { return provenance[static_cast<std::size_t>(row)]; }
    bool flag(std::string_view knob) const;
    std::int64_t number(std::string_view knob) const;
    const std::string& word(std::string_view knob) const;
    Duration duration(std::string_view knob) const;
};

/// The profile of a scenario, with what its machine section sets. `folder` holds the installed profiles.
Profile load(const scenario::Machine& machine, const std::string& folder);

/// The profile of that name or path alone.
Profile load(const std::string& name, const std::string& folder);

/// The knobs of `common`: what a profile has that says nothing of them.
std::map<std::string, Knob, std::less<>> default_knobs(const std::string& folder);

/// Names of the installed profiles, sorted; without those that are there to be extended only.
std::vector<std::string> installed(const std::string& folder);

/// A source's text by its id; empty if there is none.
std::string source_text(const std::string& id, const std::string& folder);

/// A sum of rows, or a whole path that was measured, against its parts. Charged by no model.
struct Check {
    Row row;
    std::vector<Row> parts;
    bool exact = false;  // the sum itself; else the parts lie within the row's bounds
};
const std::vector<Check>& checks();
/// Empty, or what does not add up.
std::string contradiction(const Profile& profile, const Check& check);
/// H-6, ICH6 datasheet, 5.18.1: the main counter never reads the same twice, so a read takes a tick or more. Empty, or
/// what a read takes that is shorter.
std::string read_within_a_tick(const Profile& profile);

}  // namespace hldsim::profile
