// SPDX-License-Identifier: Apache-2.0
// A profile while its files are read: what they say so far; complete or not usable at the end.
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/harness/profile/knobs.hpp"
#include "tools/harness/profile/profile.hpp"

namespace hldsim::profile {

struct RowValue {
    RowUnit unit = RowUnit::Time;
    std::int64_t amount = 0;
    Provenance provenance;
};

struct Draft {
    std::string name;
    std::string machine;
    std::optional<Hertz> core;
    std::optional<Hertz> tsc;
    std::optional<Hertz> crystal;
    std::optional<Duration> hpet_period;
    std::optional<scenario::Apic> apic;
    std::optional<scenario::Remapping> remapping;
    std::array<std::optional<RowValue>, ROWS> rows;
    std::map<std::string, Knob, std::less<>> knobs;
    std::map<std::string, Provenance, std::less<>> knob_provenance;
    diagnostic::Mark mark;
};

/// A name means a file of the folder; what looks like a path is one.
std::string file_of(const std::string& name, const std::string& folder);

/// Reads a file over what it extends. `chain` holds the files on the way.
void read_file(const std::string& path, const std::string& folder, std::vector<std::string>& chain, Draft& draft);

/// A knob's value from its text. Throws Error at `mark`.
Knob read_knob(const KnobSpec& spec, const std::string& text, const diagnostic::Mark& mark);

}  // namespace hldsim::profile
