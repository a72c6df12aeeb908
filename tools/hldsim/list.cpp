// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

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

Table list_scenarios() {
    Table table{{"scenario", "claim", "title", "expected"}, {}};
    for (const std::string& file : scenario::files({installation::scenarios_here()})) {
        const scenario::Scenario run = scenario::load(file).front();
        table.rows.push_back({file, run.claim.value_or(""), run.title, expectation_words(run.expect)});
    }
    return table;
}

/// For a document in the folder of scenarios: files as links.
Table link_scenarios() {
    Table table = list_scenarios();
    const std::string folder = installation::scenarios_here();
    for (std::vector<std::string>& row : table.rows) {
        row[0] = fmt::format("[{0}]({0})", row[0].substr(folder.size() + 1));
    }
    return table;
}

Table list_hazards() {
    Table table{{"hazard", "group", "release", "statement"}, {}};
    for (const catalogue::Hazard& row : catalogue::hazards()) {
        table.rows.push_back({std::string{row.id}, std::string{row.group}, available(check::recognises(row.id)),
                              std::string{row.statement}});
    }
    return table;
}

Table list_invariants() {
    Table table{{"invariant", "release", "statement"}, {}};
    for (const catalogue::Invariant& row : catalogue::invariants()) {
        table.rows.push_back({std::string{row.id}, available(check::watches(row.id)), std::string{row.statement}});
    }
    return table;
}

Table list_claims() {
    std::map<std::string, std::set<std::string>> folders;
    for (const std::string& file : scenario::files({installation::scenarios_here()})) {
        folders[scenario::load(file).front().claim.value_or("")].insert(file.substr(0, file.rfind('/')));
    }
    Table table{{"claim", "scenarios", "statement"}, {}};
    for (const catalogue::Claim& row : catalogue::claims()) {
        const std::set<std::string>& there = folders[std::string{row.id}];
        table.rows.push_back({std::string{row.id}, there.empty() ? "none" : fmt::format("{}", fmt::join(there, ", ")),
                              std::string{row.statement}});
    }
    return table;
}

Table list_designs() {
    Table table{{"design", "release", "what"}, {}};
    for (const catalogue::Design& row : catalogue::designs()) {
        table.rows.push_back({std::string{row.name}, available(row.available), std::string{row.what}});
    }
    return table;
}

Table list_policies() {
    Table table{{"policy", "release", "next target"}, {}};
    for (const catalogue::Policy& row : catalogue::policies()) {
        table.rows.push_back({std::string{row.name}, available(row.available), std::string{row.next}});
    }
    return table;
}

Table list_profiles() {
    Table table{{"profile", "apic", "remapping", "machine"}, {}};
    const std::string folder = installation::profiles();
    for (const std::string& name : profile::installed(folder)) {
        const profile::Profile profile = profile::load(name, folder);
        table.rows.push_back({name, std::string{scenario::name_of(profile.apic)},
                              std::string{scenario::name_of(profile.remapping)}, profile.machine});
    }
    return table;
}

Table list_knobs() {
    Table table{{"knob", "default", "what"}, {}};
    const auto defaults = profile::default_knobs(installation::profiles());
    for (const profile::KnobSpec& knob : profile::KNOBS) {
        table.rows.push_back(
            {std::string{knob.name}, profile::text_of(defaults.find(knob.name)->second), std::string{knob.meaning}});
    }
    return table;
}

Table list_stats() {
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
    Table (*list)();
    Table (*list_as_markdown)() = list;
};

constexpr Kind KINDS[] = {{"scenarios", list_scenarios, link_scenarios},
                          {"designs", list_designs},
                          {"policies", list_policies},
                          {"hazards", list_hazards},
                          {"invariants", list_invariants},
                          {"claims", list_claims},
                          {"profiles", list_profiles},
                          {"knobs", list_knobs},
                          {"stats", list_stats}};

int execute_list(const Invocation& invocation, Output& output) {
    if (invocation.arguments.empty()) {
        Table table{{"kind", "count"}, {}};
        for (const Kind& kind : KINDS) {
            table.rows.push_back({std::string{kind.name}, std::to_string(kind.list().rows.size())});
        }
        output.write(as_asked(table, invocation));
        return exit_code::AS_EXPECTED;
    }
    std::vector<std::string_view> names;
    for (const Kind& kind : KINDS) {
        if (kind.name == invocation.arguments[0]) {
            const auto list = invocation.given("markdown") ? kind.list_as_markdown : kind.list;
            output.write(as_asked(list(), invocation));
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
                   execute_list,
                   "what the single letters in an invariant stand for, 'hldsim explain NAME' tells\n"};

}  // namespace hldsim::cli
