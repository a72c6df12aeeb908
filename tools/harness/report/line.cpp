// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

// Distinct hazards: what the scenario is about before what it only allows, and each in the order of finding.
std::vector<std::string> hazards(const run::Outcome& outcome) {
    std::vector<std::string> names;
    for (const bool about : {true, false}) {
        for (std::size_t i = 0; i < outcome.findings.size(); ++i) {
            const std::string& name = outcome.findings[i].hazard;
            const bool demanded = i < outcome.finding_demanded.size() && outcome.finding_demanded[i];
            if (demanded == about && std::find(names.begin(), names.end(), name) == names.end()) {
                names.push_back(name);
            }
        }
    }
    return names;
}

std::string and_more(std::size_t count) { return count > 1 ? " +" + std::to_string(count - 1) : ""; }

std::string impossible(const run::Outcome& outcome) {
    std::uint64_t runs = 0;
    for (const run::Landing& landing : outcome.landings) {
        runs += landing.runs;
    }
    return "cannot happen, as expected" + (runs > 0 ? ": " + grouped(runs) + (runs == 1 ? " run" : " runs") : "");
}

/// "CPU 1 after 12.513 s"
std::string named(const run::Reported& report) {
    constexpr Unit TO_A_MILLISECOND{"s", FS_PER_S, 3};
    return "CPU " + std::to_string(report.cpu) + (report.after ? " after " + in(*report.after, TO_A_MILLISECOND) : "");
}

/// "event 2 had no effect", "2 events had no effect"
std::string idle_events(const run::Outcome& outcome) {
    const std::size_t count = outcome.no_effect.size();
    return count == 0   ? ""
           : count == 1 ? "event " + std::to_string(outcome.no_effect.front().event) + " had no effect"
                        : std::to_string(count) + " events had no effect";
}

/// What a run that is as expected has shown; one that was stopped: what it has shown by then.
std::string seen(const run::Outcome& outcome) {
    std::vector<std::string> parts;
    if (outcome.stopped) {
        parts.push_back("stopped at " + seconds(outcome.ended_at));
    }
    if (outcome.scenario.expect.landing_impossible && outcome.not_searched.empty()) {
        parts.push_back(impossible(outcome));
    }
    if (outcome.scenario.expect.ends != scenario::Ending::Time && !outcome.stopped) {
        parts.push_back(std::string{scenario::name_of(outcome.scenario.expect.ends)} + ", as expected");
    }
    if (const std::vector<std::string> found = hazards(outcome); !found.empty()) {
        parts.push_back((outcome.stopped ? "found so far: " : "found as expected: ") + found.front() +
                        and_more(found.size()));
    }
    if (!outcome.reports.empty()) {
        parts.push_back((outcome.stopped ? "reported: " : "reported as expected: ") + named(outcome.reports.front()) +
                        and_more(outcome.reports.size()));
    }
    if (const auto& prints = outcome.scenario.expect.prints; parts.empty() && !prints.empty()) {
        parts.push_back("printed as expected: " + prints.front().value + and_more(prints.size()));
    }
    if (outcome.stopped && parts.size() == 1) {
        parts.emplace_back("nothing found so far");
    }
    if (parts.empty()) {
        parts.emplace_back("nothing found, as expected");
    }
    if (outcome.scenario.expect.landing_mark && !outcome.not_searched.empty()) {
        parts.push_back(fmt::format("not searched: whether event {} can land", outcome.not_searched.front()) +
                        and_more(outcome.not_searched.size()));
    }
    if (const std::string idle = idle_events(outcome); !idle.empty()) {
        parts.push_back(idle);
    }
    return joined(parts, "; ");
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string line(const run::Outcome& outcome, const Style& style, std::size_t file_width) {
    const std::string name = diagnostic::printable(run_name(outcome));
    if (!outcome.error.empty()) {
        return tinted("ERROR", Tint::Bad, style.color) + " " + padded(name, file_width) + "   " +
               first_line(outcome.error);
    }
    if (outcome.undecided) {
        return tinted("STOP", Tint::Strong, style.color) + "  " + padded(name, file_width) + "   " + seen(outcome);
    }
    if (!outcome.as_expected) {
        return tinted("FAIL", Tint::Bad, style.color) + "  " + name;
    }
    return tinted("ok", Tint::Good, style.color) + "    " + padded(name, file_width) + "   " + seen(outcome);
}

}  // namespace hldsim::report
