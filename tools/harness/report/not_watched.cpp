// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {

std::string not_watched(const run::Outcome& outcome, const Style& style) {
    constexpr std::string_view HEAD = "  not watched: ";
    if (outcome.unwatched.empty()) {
        return "";
    }
    std::vector<std::string> invariants;
    std::vector<std::string_view> entries;
    for (const check::Unwatched& off : outcome.unwatched) {
        invariants.push_back(off.invariant);
        if (std::find(entries.begin(), entries.end(), off.entry) == entries.end()) {
            entries.emplace_back(off.entry);
        }
    }
    const std::string sentence =
        joined(invariants, ", ") + " (no description says " + diagnostic::choices(entries) + ")";
    std::string text;
    for (const std::string& part : wrapped(sentence, style.columns - HEAD.size())) {
        text += (text.empty() ? std::string{HEAD} : std::string(HEAD.size(), ' ')) + part + "\n";
    }
    return text;
}

}  // namespace hldsim::report
