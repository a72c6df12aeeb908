// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/explanation.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/catalogue/details.hpp"
#include "tools/harness/check/registered.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/report/text.hpp"
#include "tools/harness/scenario/files.hpp"
#include "tools/harness/scenario/scenario.hpp"

namespace hldsim::cli {
namespace {

using Ids = std::vector<scenario::Marked<std::string>>;

bool names(const Ids& ids, std::string_view id) {
    return std::any_of(ids.begin(), ids.end(), [&](const auto& entry) { return entry.value == id; });
}

/// The installed scenarios for which `fits`; one that cannot be read shows nothing.
template <typename Predicate>
void add_scenarios(Explanation& said, Predicate fits) {
    for (const std::string& file : scenario::files({installation::scenarios_here()})) {
        try {
            const scenario::Scenario run = scenario::load(file).front();
            if (fits(run)) {
                said.entries.push_back({"scenario", file + ": " + run.title});
            }
        } catch (const diagnostic::Error&) {
            continue;
        }
    }
}

/// "1. one 2. two" as an entry for each step.
void add_steps(Explanation& said, const std::string& steps) {
    std::size_t from = 0;
    for (unsigned number = 2; from < steps.size(); ++number) {
        const std::size_t next = std::min(steps.find(" " + std::to_string(number) + ". ", from), steps.size());
        said.entries.push_back({from == 0 ? "interleaving" : "", steps.substr(from, next - from)});
        from = next + 1;
    }
}

Explanation explain(const catalogue::Hazard& hazard) {
    Explanation said{std::string{hazard.statement}, {}};
    for (const catalogue::Group& group : catalogue::groups()) {
        if (group.letter == hazard.group) {
            said.entries.push_back({"group", std::string{group.letter} + ". " + std::string{group.title}});
        }
    }
    if (!check::recognises(hazard.id)) {
        said.entries.push_back({"release", "known by name: no run of this release finds it"});
    }
    for (const std::string_view id : catalogue::words(hazard.invariants)) {
        const catalogue::Invariant* const invariant = catalogue::invariant(id);
        said.entries.push_back(
            {std::string{id}, invariant == nullptr ? std::string{} : std::string{invariant->statement}});
    }
    if (const catalogue::Detail* const detail = catalogue::detail(hazard.id)) {
        said.entries.push_back({"needs", std::string{detail->needs}});
        add_steps(said, std::string{detail->interleaving});
        said.entries.push_back({"seen", std::string{detail->seen}});
        said.entries.push_back({"width", std::string{detail->width}});
        said.entries.push_back({"way out", std::string{detail->way_out}});
        said.entries.push_back({"source", std::string{detail->source}});
        said.entries.push_back({"letters", std::string{catalogue::LETTERS}});
    }
    add_scenarios(said, [&](const scenario::Scenario& run) {
        return names(run.expect.always, hazard.id) || names(run.expect.sometimes, hazard.id);
    });
    return said;
}

Explanation explain(const catalogue::Invariant& invariant) {
    Explanation said{std::string{invariant.statement}, {}};
    if (!invariant.watched.empty()) {
        said.entries.push_back({"watched", std::string{invariant.watched}});
    }
    if (!check::watches(invariant.id)) {
        said.entries.push_back({"release", "known by name: no checker of this release watches it"});
    }
    std::string hazards;
    for (const catalogue::Hazard& hazard : catalogue::hazards()) {
        const std::vector<std::string_view> ids = catalogue::words(hazard.invariants);
        if (std::find(ids.begin(), ids.end(), invariant.id) != ids.end()) {
            hazards += (hazards.empty() ? "" : ", ") + std::string{hazard.id};
        }
    }
    said.entries.push_back({"hazards", hazards});
    said.entries.push_back({"source", std::string{invariant.source}});
    said.entries.push_back({"letters", std::string{catalogue::LETTERS}});
    return said;
}

Explanation explain(const catalogue::Claim& claim) {
    Explanation said{std::string{claim.statement}, {}};
    said.entries.push_back({"experiment", std::string{claim.experiment}});
    said.entries.push_back({"expected", std::string{claim.expected}});
    said.entries.push_back({"source", "review of the HPET watchdog series on the Linux kernel list, 15 June 2018"});
    add_scenarios(said, [&](const scenario::Scenario& run) { return run.claim == claim.id; });
    if (said.entries.back().title != "scenario") {
        said.entries.push_back({"scenario", "none in this release"});
    }
    return said;
}

/// Designs and policies stand in files of their names.
std::string source(const std::string& folder, std::string_view name) {
    std::string file{name};
    std::replace(file.begin(), file.end(), '-', '_');
    return "detector/" + folder + "/" + file + ".c";
}

std::string described(const catalogue::Option& option) {
    std::string text{option.meaning};
    if (!option.values.empty()) {
        text += "; one of";
        for (const std::string_view value : catalogue::words(option.values)) {
            text += " " + std::string{value};
        }
    }
    return text + " (" + std::string{option.preset} + ")";
}

Explanation explain(const catalogue::Design& design) {
    Explanation said{std::string{design.what}, {}};
    if (!design.available) {
        said.entries.push_back({"release", "known by name: not in the built-in detector of this release"});
    }
    said.entries.push_back({"code", std::string{design.code}});
    said.entries.push_back({"provenance", std::string{design.provenance}});
    said.entries.push_back({"steps", std::string{design.steps}});
    for (const catalogue::Option& option : catalogue::options()) {
        if (option.design == design.name || option.design.empty()) {
            said.entries.push_back({"option " + std::string{option.name}, described(option)});
        }
    }
    if (design.available) {
        said.entries.push_back({"source", source("designs", design.name)});
    }
    return said;
}

Explanation explain(const catalogue::Policy& policy) {
    Explanation said{"the next target: " + std::string{policy.next}, {}};
    if (!policy.available) {
        said.entries.push_back({"release", "known by name: not in the built-in detector of this release"});
    }
    said.entries.push_back({"remark", std::string{policy.remark}});
    said.entries.push_back(
        {"source", policy.available ? source("policies", policy.name) : "tools/harness/catalogue/designs.cpp"});
    return said;
}

Explanation explain(const catalogue::Option& option) {
    Explanation said{described(option), {}};
    const bool own = !option.design.empty();
    said.entries.push_back({"design", own ? std::string{option.design} : "every design"});
    said.entries.push_back({"source", own ? source("designs", option.design) : "detector/core/hld_core.c"});
    return said;
}

}  // namespace

std::optional<Explanation> explain_from_catalogue(const std::string& name) {
    if (const auto* const hazard = catalogue::hazard(name)) {
        return explain(*hazard);
    }
    if (const auto* const invariant = catalogue::invariant(name)) {
        return explain(*invariant);
    }
    if (const auto* const claim = catalogue::claim(name)) {
        return explain(*claim);
    }
    if (const auto* const design = catalogue::design(name)) {
        return explain(*design);
    }
    if (const auto* const policy = catalogue::policy(name)) {
        return explain(*policy);
    }
    for (const catalogue::Option& option : catalogue::options()) {
        if (option.name == name) {
            return explain(option);
        }
    }
    constexpr std::string_view IN_JSON = "stats.";
    const std::string plain = name.rfind(IN_JSON, 0) == 0 ? name.substr(IN_JSON.size()) : name;
    for (const auto* const stat : {catalogue::stat(plain), catalogue::search_stat(plain)}) {
        if (stat != nullptr) {
            return Explanation{std::string{stat->meaning}, {{"source", std::string{stat->source}}}};
        }
    }
    if (const auto* const end = catalogue::end(name)) {
        return Explanation{"an end of a run: " + std::string{end->meaning},
                           {{"expected by", end->expected.empty() ? "no scenario: it is never as expected"
                                                                  : "ends: " + std::string{end->expected}}}};
    }
    return std::nullopt;
}

std::vector<std::string> catalogue_names() {
    std::vector<std::string> all;
    const auto add = [&](const std::vector<std::string_view>& more) {
        all.insert(all.end(), more.begin(), more.end());
    };
    add(catalogue::names(catalogue::hazards()));
    add(catalogue::names(catalogue::invariants()));
    add(catalogue::names(catalogue::claims()));
    add(catalogue::names(catalogue::designs()));
    add(catalogue::names(catalogue::policies()));
    add(catalogue::names(catalogue::options()));
    add(catalogue::names(catalogue::stats()));
    add(catalogue::names(catalogue::search_stats()));
    add(catalogue::names(catalogue::ends()));
    return all;
}

std::string as_text(const std::string& name, const Explanation& explanation) {
    constexpr std::size_t COLUMNS = 100;
    std::size_t width = 0;
    for (const Explanation::Entry& entry : explanation.entries) {
        width = std::max(width, entry.title.size());
    }
    std::string text = name + "\n" + report::paragraph("  ", explanation.statement, COLUMNS);
    text += explanation.entries.empty() ? "" : "\n";
    for (const Explanation::Entry& entry : explanation.entries) {
        text += report::paragraph("  " + report::padded(entry.title, width + 2), entry.text.empty() ? "-" : entry.text,
                                  COLUMNS);
    }
    return text;
}

std::string as_json(const std::string& name, const Explanation& explanation) {
    nlohmann::ordered_json json{{"name", name}, {"statement", explanation.statement}};
    json["facts"] = nlohmann::ordered_json::array();
    for (const Explanation::Entry& entry : explanation.entries) {
        json["facts"].push_back({{"title", entry.title}, {"text", entry.text}});
    }
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace hldsim::cli
