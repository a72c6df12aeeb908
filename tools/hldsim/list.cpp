// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/check/registered.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/profile/knobs.hpp"
#include "tools/harness/profile/profile.hpp"
#include "tools/harness/scenario/files.hpp"
#include "tools/harness/scenario/scenario.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/expectation.hpp"
#include "tools/hldsim/table.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;

void declare_list(po::options_description& options) { options.add_options()("markdown", "as a Markdown table"); }

std::string available(bool is) { return is ? "" : "later"; }

Table list_scenarios(bool links) {
    Table table{{"scenario", "claim", "title", "expected"}, {}};
    const std::string folder = installation::scenarios_here();
    for (const std::string& file : scenario::files({folder})) {
        const scenario::Scenario run = scenario::load(file).front();
        const std::string inside = file.substr(folder.size() + 1);
        table.rows.push_back({links ? fmt::format("[{0}]({0})", inside) : file, run.claim.value_or(""), run.title,
                              expectation_words(run.expect)});
    }
    return table;
}

Table list_hazards(bool /*links*/) {
    Table table{{"hazard", "group", "release", "statement"}, {}};
    for (const catalogue::Hazard& row : catalogue::hazards()) {
        table.rows.push_back({std::string{row.id}, std::string{row.group}, available(check::recognises(row.id)),
                              std::string{row.statement}});
    }
    return table;
}

Table list_invariants(bool /*links*/) {
    Table table{{"invariant", "release", "statement"}, {}};
    for (const catalogue::Invariant& row : catalogue::invariants()) {
        table.rows.push_back({std::string{row.id}, available(check::watches(row.id)), std::string{row.statement}});
    }
    return table;
}

Table list_claims(bool /*links*/) {
    Table table{{"claim", "folder", "statement"}, {}};
    for (const catalogue::Claim& row : catalogue::claims()) {
        table.rows.push_back({std::string{row.id}, std::string{row.folder}, std::string{row.statement}});
    }
    return table;
}

Table list_designs(bool /*links*/) {
    Table table{{"design", "release", "what"}, {}};
    for (const catalogue::Design& row : catalogue::designs()) {
        table.rows.push_back({std::string{row.name}, available(row.available), std::string{row.what}});
    }
    return table;
}

Table list_policies(bool /*links*/) {
    Table table{{"policy", "release", "next target"}, {}};
    for (const catalogue::Policy& row : catalogue::policies()) {
        table.rows.push_back({std::string{row.name}, available(row.available), std::string{row.next}});
    }
    return table;
}

Table list_profiles(bool /*links*/) {
    Table table{{"profile", "apic", "remapping", "machine"}, {}};
    const std::string folder = installation::profiles();
    for (const std::string& name : profile::installed(folder)) {
        const profile::Profile profile = profile::load(name, folder);
        table.rows.push_back({name, std::string{scenario::name_of(profile.apic)},
                              std::string{scenario::name_of(profile.remapping)}, profile.machine});
    }
    return table;
}

Table list_knobs(bool /*links*/) {
    Table table{{"knob", "default", "what"}, {}};
    const auto defaults = profile::default_knobs(installation::profiles());
    for (const profile::KnobSpec& knob : profile::KNOBS) {
        table.rows.push_back(
            {std::string{knob.name}, profile::text_of(defaults.find(knob.name)->second), std::string{knob.meaning}});
    }
    return table;
}

Table list_stats(bool /*links*/) {
    Table table{{"statistic", "of", "meaning"}, {}};
    for (const catalogue::Stat& row : catalogue::stats()) {
        table.rows.push_back({std::string{row.name}, "run", std::string{row.meaning}});
    }
    for (const catalogue::Stat& row : catalogue::search_stats()) {
        table.rows.push_back({std::string{row.name}, "search", std::string{row.meaning}});
    }
    return table;
}

struct Kind {
    std::string_view name;
    Table (*list)(bool links);
};

constexpr Kind KINDS[] = {{"scenarios", list_scenarios}, {"designs", list_designs},       {"policies", list_policies},
                          {"hazards", list_hazards},     {"invariants", list_invariants}, {"claims", list_claims},
                          {"profiles", list_profiles},   {"knobs", list_knobs},           {"stats", list_stats}};

void write(const Invocation& invocation, const Table& table, Output& output) {
    output.write(invocation.global.json         ? as_json(table)
                 : invocation.given("markdown") ? as_markdown(table)
                                                : as_text(table));
}

int execute_list(const Invocation& invocation, Output& output) {
    if (invocation.arguments.empty()) {
        Table table{{"kind", "count"}, {}};
        for (const Kind& kind : KINDS) {
            table.rows.push_back({std::string{kind.name}, std::to_string(kind.list(false).rows.size())});
        }
        write(invocation, table, output);
        return exit_code::AS_EXPECTED;
    }
    std::vector<std::string_view> names;
    for (const Kind& kind : KINDS) {
        if (kind.name == invocation.arguments[0]) {
            write(invocation, kind.list(invocation.given("markdown")), output);
            return exit_code::AS_EXPECTED;
        }
        names.push_back(kind.name);
    }
    wrong(invocation.arguments[0], "no kind '" + invocation.arguments[0] + "'", diagnostic::choices(names),
          diagnostic::nearest(invocation.arguments[0], names));
}

}  // namespace

const Command LIST{"list",
                   "[KIND]",
                   0,
                   1,
                   "scenarios, designs, policies, hazards, invariants, claims, profiles, knobs, stats: a line each",
                   "hldsim list hazards",
                   declare_list,
                   execute_list};

}  // namespace hldsim::cli
