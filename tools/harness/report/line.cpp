// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

// Distinct hazards, in the order in which they were found.
std::vector<std::string> hazards(const run::Outcome& outcome) {
    std::vector<std::string> names;
    for (const check::Finding& finding : outcome.findings) {
        if (std::find(names.begin(), names.end(), finding.hazard) == names.end()) {
            names.push_back(finding.hazard);
        }
    }
    return names;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string line(const run::Outcome& outcome, const Style& style, std::size_t file_width) {
    const std::string name = run_name(outcome);
    if (!outcome.error.empty()) {
        return tinted("ERROR", Tint::Bad, style.color) + " " + padded(name, file_width) + "   " +
               first_line(outcome.error);
    }
    if (!outcome.as_expected) {
        return tinted("FAIL", Tint::Bad, style.color) + "  " + name;
    }
    const std::vector<std::string> found = hazards(outcome);
    std::string text = "nothing found, as expected";
    if (!found.empty()) {
        text =
            "found as expected: " + found.front() + (found.size() > 1 ? " +" + std::to_string(found.size() - 1) : "");
    } else if (outcome.scenario.expect.landing_impossible) {
        text = "cannot happen, as expected";
        std::uint64_t runs = 0;
        for (const run::Landing& landing : outcome.landings) {
            runs += landing.runs;
        }
        text += runs > 0 ? ": " + grouped(runs) + " runs" : "";
    }
    return tinted("ok", Tint::Good, style.color) + "    " + padded(name, file_width) + "   " + text;
}

std::string summary(const std::vector<run::Outcome>& outcomes) {
    const auto passed = std::count_if(outcomes.begin(), outcomes.end(),
                                      [](const run::Outcome& o) { return o.as_expected && o.error.empty(); });
    return std::to_string(passed) + " passed, " + std::to_string(outcomes.size() - static_cast<std::size_t>(passed)) +
           " failed";
}

}  // namespace hldsim::report
