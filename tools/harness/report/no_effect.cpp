// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/events.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

/// "2 of the 3 acts of event 1 (echo 0 > cpu2/online)"
std::string subject(const scenario::Scenario& scenario, const run::NoEffect& event) {
    const std::string number = "event " + std::to_string(event.event);
    const std::string words = event_words(scenario, event.event);
    const bool known = words.find(number) == std::string::npos;  // "repeat, event 3"
    return (event.of > 1 ? grouped(event.acts) + " of the " + grouped(event.of) + " acts of " : "") + number +
           (known ? " (" + words + ")" : "");
}

}  // namespace

std::string no_effect(const run::Outcome& outcome, const Style& style) {
    std::string text;
    for (const run::NoEffect& event : outcome.no_effect) {
        text += paragraph("  ", subject(outcome.scenario, event) + " had no effect: " + event.why, style.columns, 2);
    }
    return text;
}

std::string nothing_to_do(const scenario::Scenario& scenario, const run::NoEffect& event) {
    return subject(scenario, event) + (event.acts > 1 ? " find" : " finds") + " nothing to do: " + event.why;
}

}  // namespace hldsim::report
