// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <filesystem>

#include "models/base/timing.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/document/document.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/profile/knobs.hpp"
#include "tools/harness/profile/profile.hpp"
#include "tools/harness/profile/uncharged.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/explanation.hpp"
#include "tools/hldsim/table.hpp"

namespace hldsim::cli {
namespace {

using diagnostic::nearest;

std::string amount(const Timing& timing, Row row, std::int64_t value) {
    switch (timing.unit(row)) {
        case RowUnit::Time:
            return value::exact_text(Duration{value});
        case RowUnit::CoreCycles:
            return std::to_string(value) + " cycles";
        case RowUnit::HpetTicks:
            return std::to_string(value) + " ticks";
        case RowUnit::Count:
            return std::to_string(value);
    }
    return {};
}

std::string grade(const profile::Provenance& source) {
    switch (source.grade) {
        case 'A':
            return "A, measured";
        case 'B':
            return "B, a vendor's figure or a constant of the kernel";
        case 'C':
            return "C, derived or by analogy";
        case 'D':
            return "D, assumed";
        default:
            return "a round number";
    }
}

/// A knob's value in that profile, with its grade and sources if it has some.
std::string text_of(const profile::Profile& profile, std::string_view knob) {
    const profile::Provenance& source = profile.knob_provenance.find(knob)->second;
    std::string line = profile::text_of(profile.knobs.find(knob)->second);
    if (source.grade != '-') {
        line += std::string{"  "} + source.grade;
    }
    for (const std::string& id : source.sources) {
        line += " " + id;
    }
    return line;
}

/// The sources that entries name, each in full.
class Cited {
public:
    void add(const profile::Provenance& source) {
        for (const std::string& id : source.sources) {
            if (std::find(ids_.begin(), ids_.end(), id) == ids_.end()) {
                ids_.push_back(id);
            }
        }
    }
    void tell(Explanation& said) const {
        for (const std::string& id : ids_) {
            said.entries.push_back({id, profile::source_text(id, installation::profiles())});
        }
    }

private:
    std::vector<std::string> ids_;
};

Explanation explain_row(Row row) {
    Explanation said{"row of the timing profiles", {}};
    if (const std::string why = profile::why_uncharged(row); !why.empty()) {
        said.entries.push_back({"use", why});
    }
    const std::string folder = installation::profiles();
    Cited cited;
    for (const std::string& name : profile::installed(folder)) {
        const profile::Profile profile = profile::load(name, folder);
        const profile::Provenance& source = profile.source(row);
        std::string line = amount(profile.timing, row, profile.timing.amount(row));
        if (source.low != source.high) {
            line += " (" + amount(profile.timing, row, source.low) + " to " + amount(profile.timing, row, source.high) +
                    ")";
        }
        line += "; " + grade(source);
        for (const std::string& id : source.sources) {
            line += (id == source.sources.front() ? ": " : ", ") + id;
        }
        cited.add(source);
        said.entries.push_back({name, line});
    }
    cited.tell(said);
    return said;
}

Explanation explain_profile(const std::string& name) {
    const profile::Profile profile = profile::load(name, installation::profiles());
    Explanation said{profile.machine, {}};
    said.entries.push_back({"core, TSC, crystal", std::to_string(profile.core.numerator) + ", " +
                                                      std::to_string(profile.tsc.numerator) + ", " +
                                                      std::to_string(profile.crystal.numerator) + " Hz"});
    said.entries.push_back({"HPET period", value::exact_text(profile.hpet_period)});
    said.entries.push_back({"APIC, remapping", std::string{scenario::name_of(profile.apic)} + ", " +
                                                   std::string{scenario::name_of(profile.remapping)}});
    Cited cited;
    for (std::size_t i = 0; i < ROWS; ++i) {
        const auto row = static_cast<Row>(i);
        const profile::Provenance& source = profile.source(row);
        cited.add(source);
        std::string line = amount(profile.timing, row, profile.timing.amount(row)) + "  " + source.grade;
        for (const std::string& id : source.sources) {
            line += " " + id;
        }
        if (const std::string why = profile::why_uncharged(row); !why.empty()) {
            line += " (" + why.substr(0, why.find(';')) + ")";
        }
        said.entries.push_back({std::string{ROW_NAMES[i]}, line});
    }
    for (const auto& [knob, setting] : profile.knobs) {
        said.entries.push_back({knob, text_of(profile, knob)});
        cited.add(profile.knob_provenance.find(knob)->second);
    }
    cited.tell(said);
    return said;
}

Explanation explain_knob(const profile::KnobSpec& knob) {
    Explanation said{std::string{knob.meaning}, {}};
    if (knob.kind == profile::KnobKind::Word) {
        said.entries.push_back({"values", std::string{knob.words}});
    }
    if (!knob.rule.empty()) {
        said.entries.push_back({"rule", std::string{knob.rule}});
    }
    Cited cited;
    const std::string folder = installation::profiles();
    for (const std::string& name : profile::installed(folder)) {
        const profile::Profile profile = profile::load(name, folder);
        said.entries.push_back({name, text_of(profile, knob.name)});
        cited.add(profile.knob_provenance.find(knob.name)->second);
    }
    cited.tell(said);
    return said;
}

std::vector<std::string> all_names() {
    std::vector<std::string> names = catalogue_names();
    for (const std::string& profile : profile::installed(installation::profiles())) {
        names.push_back(profile);
    }
    names.insert(names.end(), std::begin(ROW_NAMES), std::end(ROW_NAMES));
    for (const profile::KnobSpec& knob : profile::KNOBS) {
        names.emplace_back(knob.name);
    }
    return names;
}

/// Does it stand in that name, from one word of it to another?
bool is_part_of(const std::string& name, const std::string& part) {
    const auto ends_word = [&](std::size_t at) {
        return at >= name.size() || std::isalnum(static_cast<unsigned char>(name[at])) == 0;
    };
    for (std::size_t at = name.find(part); at != std::string::npos; at = name.find(part, at + 1)) {
        if ((at == 0 || ends_word(at - 1)) && ends_word(at + part.size())) {
            return true;
        }
    }
    return false;
}

/// What was meant: the row or knob whose last part it is, the name that is near, or the shortest that it is a part of.
std::string name_meant(const std::string& wanted, const std::vector<std::string>& known) {
    constexpr std::size_t SHORTEST_PART = 3;
    const std::string* longer = nullptr;
    for (const std::string& name : known) {
        if (name.size() > wanted.size() && name.substr(name.find('.') + 1) == wanted) {
            return name;
        }
        if (is_part_of(name, wanted) && (longer == nullptr || name.size() < longer->size())) {
            longer = &name;
        }
    }
    const std::string near = nearest(wanted, {known.begin(), known.end()});
    return !near.empty() || longer == nullptr || wanted.size() < SHORTEST_PART ? near : *longer;
}

bool names_scenario(const std::string& name) {
    return name == "-" || std::filesystem::path{name}.extension() == ".yaml";
}

/// A file that 'machine.profile' may name: it begins with 'profile' where a scenario has its title.
bool is_profile(const std::string& file) {
    if (file == "-") {
        return false;
    }
    const document::Node node = document::parse(document::read(file));
    return node.is_map() && node.find("profile") != nullptr && node.find("title") == nullptr;
}

Explanation explain(const std::string& name) {
    if (names_scenario(name)) {
        if (is_profile(name)) {
            return explain_profile(name);
        }
        return explain_scenario(name);
    }
    if (std::optional<Explanation> said = explain_from_catalogue(name)) {
        return *said;
    }
    if (const std::optional<Row> row = row_named(name)) {
        return explain_row(*row);
    }
    if (const profile::KnobSpec* const knob = profile::knob_named(name)) {
        return explain_knob(*knob);
    }
    const std::vector<std::string> profiles = profile::installed(installation::profiles());
    if (std::find(profiles.begin(), profiles.end(), name) != profiles.end()) {
        return explain_profile(name);
    }
    wrong(name, "nothing is called '" + name + "'",
          "a hazard, an invariant, a claim, a design, a policy, an option, a "
          "statistic, an end of a run, a profile, a row or knob of a profile (hldsim list knobs), or the file of a "
          "scenario or profile",
          name_meant(name, all_names()));
}

int execute_explain(const Invocation& invocation, Output& output) {
    const std::string& name = invocation.arguments[0];
    const Explanation said = explain(name);
    if (invocation.global.json) {
        output.write(as_json(name, said));
    } else {
        output.write(as_text(name, said));
    }
    return exit_code::AS_EXPECTED;
}

}  // namespace

const Command EXPLAIN{
    "explain", "NAME",         1, 1, "one of these in full, with its source", "hldsim explain rotate-to-dying",
    nullptr,   execute_explain};

}  // namespace hldsim::cli
