// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/report/diagnoses.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {

std::vector<UnknownWord> unknown_words(const run::Outcome& outcome) {
    constexpr std::string_view SAYS = "Unknown kernel command line parameter \"";
    std::vector<UnknownWord> words;
    for (const trace::Record& record : outcome.log.records) {
        const std::string line = record.what == trace::What::Printed ? outcome.log.text(record) : std::string{};
        const std::size_t at = line.find(SAYS);
        if (at == std::string::npos) {
            continue;
        }
        const std::string word = line.substr(at + SAYS.size(), line.find('"', at + SAYS.size()) - at - SAYS.size());
        if (std::none_of(words.begin(), words.end(), [&](const UnknownWord& known) { return known.word == word; })) {
            words.push_back({word, diagnostic::nearest(word, scenario::command_line_words())});
        }
    }
    return words;
}

namespace {

/// "INV-target, INV-cover (no description says 'monitored')": a text for each reason.
std::vector<std::string> groups_of(const std::vector<check::Unwatched>& unwatched) {
    std::vector<std::string> reasons;
    for (const check::Unwatched& off : unwatched) {
        if (std::find(reasons.begin(), reasons.end(), off.lacks) == reasons.end()) {
            reasons.push_back(off.lacks);
        }
    }
    std::vector<std::string> groups;
    for (const std::string& lacks : reasons) {
        std::vector<std::string> invariants;
        std::vector<std::string_view> entries;
        for (const check::Unwatched& off : unwatched) {
            if (off.lacks != lacks) {
                continue;
            }
            invariants.push_back(off.invariant);
            if (std::find(entries.begin(), entries.end(), off.entry) == entries.end()) {
                entries.emplace_back(off.entry);
            }
        }
        groups.push_back(joined(invariants, ", ") + " (" +
                         (lacks.empty() ? "no description says " + diagnostic::choices(entries) : lacks) + ")");
    }
    return groups;
}

}  // namespace

std::string not_watched(const run::Outcome& outcome, const Style& style) {
    constexpr std::string_view HEAD = "  not watched: ";
    std::string text;
    for (const auto& [word, near] : unknown_words(outcome)) {
        text += "  kernel command line: unknown word " + diagnostic::in_quotes(word) +
                (near.empty() ? "" : "; did you mean " + diagnostic::in_quotes(near) + "?") + "\n";
    }
    if (outcome.unwatched.empty()) {
        return text;
    }
    const std::string sentence = joined(groups_of(outcome.unwatched), "; ");
    std::string_view head = HEAD;
    for (const std::string& part : wrapped(sentence, style.columns - HEAD.size())) {
        text += (head.empty() ? std::string(HEAD.size(), ' ') : std::string{head}) + part + "\n";
        head = {};
    }
    return text;
}

}  // namespace hldsim::report
