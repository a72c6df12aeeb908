// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/diagnoses.hpp"

#include <map>
#include <utility>

#include "tools/harness/report/text.hpp"
#include "tools/harness/report/words.hpp"

namespace hldsim::report {

std::vector<Diagnosed> diagnoses(const run::Outcome& outcome) {
    std::vector<Diagnosed> found;
    std::map<std::pair<std::string, const void*>, std::size_t> known;
    for (std::size_t i = 0; i < outcome.log.records.size(); ++i) {
        const trace::Record& record = outcome.log.records[i];
        if (record.what != trace::What::Diagnosed) {
            continue;
        }
        const auto [place, anew] = known.emplace(std::pair{outcome.log.text(record), record.pc}, found.size());
        if (anew) {
            found.push_back({i, 0});
        }
        ++found[place->second].times;
    }
    return found;
}

std::string diagnoses_text(const run::Outcome& outcome, std::size_t columns) {
    constexpr std::size_t SHOWN = 4;
    constexpr std::string_view HEAD = "  diagnosed   ";
    const std::vector<Diagnosed> all = diagnoses(outcome);
    std::string text;
    for (std::size_t i = 0; i < all.size() && i < SHOWN; ++i) {
        const trace::Record& first = outcome.log.records[all[i].first];
        const std::string place = place_words(outcome, all[i].first, true);
        std::string words = outcome.log.text(first);
        words += first.actor == trace::NO_CPU ? "" : "; CPU " + std::to_string(first.actor);
        words += place.empty() ? "" : (first.actor == trace::NO_CPU ? "; at " : " at ") + place;
        words += all[i].times == 1 ? "" : ", " + std::to_string(all[i].times) + " times";
        bool begins = true;
        for (const std::string& line : wrapped(words, columns - HEAD.size())) {
            text += (begins ? std::string{HEAD} : std::string(HEAD.size(), ' ')) + line + "\n";
            begins = false;
        }
    }
    return text +
           (all.size() > SHOWN ? "  ... " + std::to_string(all.size() - SHOWN) + " more diagnoses: --json\n" : "");
}

}  // namespace hldsim::report
