// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/events.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {

std::string no_effect(const run::Outcome& outcome, const Style& style) {
    std::string text;
    for (const run::NoEffect& event : outcome.no_effect) {
        const std::string number = "event " + std::to_string(event.event);
        const std::string words = event_words(outcome.scenario, event.event);
        const bool known = words.find(number) == std::string::npos;  // "repeat, event 3"
        const std::string which = number + (known ? " (" + words + ")" : "") + " had no effect: ";
        const std::string begin =
            event.of > 1 ? grouped(event.acts) + " of the " + grouped(event.of) + " acts of " + which : which;
        text += paragraph("  ", begin + event.why, style.columns, 2);
    }
    return text;
}

}  // namespace hldsim::report
