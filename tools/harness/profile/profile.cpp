// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/profile/profile.hpp"

#include <dirent.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "tools/harness/document/document.hpp"
#include "tools/harness/profile/draft.hpp"
#include "tools/harness/profile/uncharged.hpp"

namespace hldsim::profile {
namespace {

using diagnostic::choices;
using diagnostic::Error;
using diagnostic::nearest;
using document::Entry;
using document::Node;

std::vector<std::string_view> row_and_knob_names() {
    std::vector<std::string_view> known{std::begin(ROW_NAMES), std::end(ROW_NAMES)};
    for (const KnobSpec& knob : KNOBS) {
        known.push_back(knob.name);
    }
    return known;
}

void override_row(Row row, const scenario::Setting& setting, Draft& draft) {
    if (const std::string why = why_uncharged(row); !why.empty()) {
        throw Error{setting.name_mark, "to set row '" + setting.name + "' changes nothing: it is " + why,
                    "a row that the models charge (hldsim explain PROFILE)"};
    }
    RowValue& value = *draft.rows[static_cast<std::size_t>(row)];
    const std::string& text = setting.value;
    if (value.unit == RowUnit::Count) {
        std::int64_t number = 0;
        const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure != std::errc{} || stop != text.data() + text.size() || number < 0) {
            throw Error{setting.value_mark, "'" + text + "' is no count", "a count for row '" + setting.name + "'"};
        }
        value.amount = number;
    } else {
        try {
            const value::Span span = value::parse_span(text);
            if (span.amount < 0) {
                throw Error{setting.value_mark, "'" + text + "' is below 0", "a latency that is not negative"};
            }
            value.amount = span.amount;
            value.unit = span.unit == value::Span::Unit::Time     ? RowUnit::Time
                         : span.unit == value::Span::Unit::Cycles ? RowUnit::CoreCycles
                                                                  : RowUnit::HpetTicks;
        } catch (const value::Problem& problem) {
            throw Error{setting.value_mark, problem.what(), problem.expected, problem.suggestion};
        }
    }
    value.provenance = {'=', {}, value.amount, value.amount, setting.value_mark};
}

void apply(const std::vector<scenario::Setting>& settings, Draft& draft) {
    for (const scenario::Setting& setting : settings) {
        if (const std::optional<Row> row = row_named(setting.name)) {
            override_row(*row, setting, draft);
        } else if (const KnobSpec* const spec = knob_named(setting.name)) {
            draft.knobs.insert_or_assign(setting.name, read_knob(*spec, setting.value, setting.value_mark));
            draft.knob_provenance.insert_or_assign(setting.name, Provenance{'=', {}, 0, 0, setting.value_mark});
        } else {
            throw Error{setting.name_mark, "no row or knob '" + setting.name + "' in a profile",
                        "a row or a knob of the profile (hldsim explain PROFILE)",
                        nearest(setting.name, row_and_knob_names())};
        }
    }
}

// What begins in the last of a run's 9,000 s goes through several rows, and Instant holds 9,223 s.
void check_length(Row row, const RowValue& value, const Profile& profile) {
    constexpr std::int64_t SECONDS = 10;
    const bool cycles = value.unit == RowUnit::CoreCycles;
    const bool ticks = value.unit == RowUnit::HpetTicks;
    const std::int64_t limit =
        cycles  ? static_cast<std::int64_t>(profile.core.numerator / profile.core.denominator) * SECONDS
        : ticks ? SECONDS * FS_PER_S / profile.hpet_period.fs
                : SECONDS * FS_PER_S;
    if (value.unit != RowUnit::Count && value.amount > limit) {
        throw Error{value.provenance.mark, "row '" + std::string{row_name(row)} + "' is longer than 10 s", "a latency"};
    }
}

Profile finish(Draft draft) {
    if (!draft.core || !draft.apic || !draft.remapping) {
        throw Error{draft.mark, "profile '" + draft.name + "' has no clock and no default: it is there to be extended",
                    "'clock' and 'default'"};
    }
    Profile profile{std::move(draft.name),
                    std::move(draft.machine),
                    *draft.core,
                    *draft.tsc,
                    *draft.crystal,
                    *draft.hpet_period,
                    *draft.apic,
                    *draft.remapping,
                    Timing{*draft.core, *draft.tsc, *draft.crystal, *draft.hpet_period},
                    {},
                    std::move(draft.knobs),
                    std::move(draft.knob_provenance)};
    for (std::size_t i = 0; i < ROWS; ++i) {
        if (!draft.rows[i]) {
            throw Error{draft.mark, "profile '" + profile.name + "' has no row '" + std::string{ROW_NAMES[i]} + "'",
                        "every row, here or in the profile that it extends"};
        }
        profile.timing.set(static_cast<Row>(i), draft.rows[i]->unit, draft.rows[i]->amount);
        check_length(static_cast<Row>(i), *draft.rows[i], profile);
        profile.provenance[i] = std::move(draft.rows[i]->provenance);
    }
    for (const KnobSpec& knob : KNOBS) {
        if (profile.knobs.find(knob.name) == profile.knobs.end()) {
            throw Error{draft.mark, "profile '" + profile.name + "' has no knob '" + std::string{knob.name} + "'",
                        "every knob, here or in the profile that it extends"};
        }
    }
    return profile;
}

Profile load_marked(const scenario::Marked<std::string>& name, const std::vector<scenario::Setting>& settings,
                    const std::string& folder) {
    const std::string path = file_of(name.value, folder);
    if (path != name.value) {
        const std::vector<std::string> known = installed(folder);
        if (std::find(known.begin(), known.end(), name.value) == known.end()) {
            const std::vector<std::string_view> names{known.begin(), known.end()};
            throw Error{Error::Parts{name.mark, folder, "no profile '" + name.value + "'", nearest(name.value, names),
                                     choices(names) + ", or the path of a .yaml file"}};
        }
    }
    std::vector<std::string> chain{path};
    Draft draft;
    try {
        read_file(path, folder, chain, draft);
    } catch (const Error& error) {
        if (!name.mark || error.parts().mark || error.parts().file != path) {
            throw;
        }
        throw Error{name.mark, "profile '" + name.value + "': " + error.parts().what, "the path of a readable profile"};
    }
    apply(settings, draft);
    return finish(std::move(draft));
}

}  // namespace

const KnobSpec* knob_named(std::string_view name) {
    const auto* const found =
        std::find_if(std::begin(KNOBS), std::end(KNOBS), [&](const KnobSpec& knob) { return knob.name == name; });
    return found == std::end(KNOBS) ? nullptr : found;
}

Profile load(const scenario::Machine& machine, const std::string& folder) {
    Profile profile = load_marked(machine.profile, machine.set, folder);
    profile.apic = machine.apic.value_or(profile.apic);
    profile.remapping = machine.remapping.value_or(profile.remapping);
    return profile;
}

Profile load(const std::string& name, const std::string& folder) { return load_marked({name, {}}, {}, folder); }

std::map<std::string, Knob, std::less<>> default_knobs(const std::string& folder) {
    std::vector<std::string> chain{file_of("common", folder)};
    Draft draft;
    read_file(chain.front(), folder, chain, draft);
    return std::move(draft.knobs);
}

std::vector<std::string> installed(const std::string& folder) {
    std::vector<std::string> found;
    DIR* const directory = opendir(folder.c_str());
    if (directory == nullptr) {
        throw Error{
            Error::Parts{{}, folder, "no profiles here", {}, "the profiles beside the program or in its source tree"}};
    }
    while (const dirent* const entry = readdir(directory)) {
        const std::string_view name = entry->d_name;
        constexpr std::string_view EXTENSION = ".yaml";
        if (name.size() > EXTENSION.size() && name.substr(name.size() - EXTENSION.size()) == EXTENSION) {
            const std::string_view stem = name.substr(0, name.size() - EXTENSION.size());
            if (stem != "common" && stem != "sources") {
                found.emplace_back(stem);
            }
        }
    }
    closedir(directory);
    std::sort(found.begin(), found.end());
    return found;
}

std::string source_text(const std::string& id, const std::string& folder) {
    const Node node = document::parse(document::read(folder + "/sources.yaml"));
    const Entry* const sources = node.find("sources");
    const Entry* const found = sources == nullptr ? nullptr : sources->value.find(id);
    return found == nullptr ? std::string{} : found->value.text;
}

std::string text_of(const Knob& knob) {
    if (const bool* const flag = std::get_if<bool>(&knob)) {
        return *flag ? "true" : "false";
    }
    if (const std::int64_t* const number = std::get_if<std::int64_t>(&knob)) {
        return std::to_string(*number);
    }
    if (const std::string* const word = std::get_if<std::string>(&knob)) {
        return *word;
    }
    return value::exact_text(std::get<value::Span>(knob));
}

bool Profile::flag(std::string_view knob) const { return std::get<bool>(knobs.find(knob)->second); }
std::int64_t Profile::number(std::string_view knob) const { return std::get<std::int64_t>(knobs.find(knob)->second); }
const std::string& Profile::word(std::string_view knob) const {
    return std::get<std::string>(knobs.find(knob)->second);
}
Duration Profile::duration(std::string_view knob) const {
    return std::get<value::Span>(knobs.find(knob)->second).on(core, hpet_period);
}

}  // namespace hldsim::profile
