// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/run/pinned_choices.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/profile/knobs.hpp"

namespace hldsim::run {
namespace {

struct Site {
    std::string_view knob;
    std::string_view site;
};

// One knob is for the interrupt entry cache of either unit, as the other vtd. knobs are.
constexpr Site SITES[] = {
    {"hpet.edge_or_access", "hpet.edge_or_access"}, {"vtd.iec_reread", "vtd.iec_reread"},
    {"vtd.iec_reread", "amdvi.irte_reread"},        {"vtd.iec_victim", "vtd.iec_victim"},
    {"vtd.iec_victim", "amdvi.irte_victim"},        {"vtd.irte_sample", "vtd.irte_sample"},
    {"vtd.irte_sample", "amdvi.irte_sample"},       {"vtd.wait_order", "vtd.wait_order"},
    {"amdvi.dte_reread", "amdvi.dte_reread"},
};

constexpr std::uint32_t LAST = std::numeric_limits<std::uint32_t>::max();

/// The place of the word among the knob's, without "seed".
std::uint32_t alternative(std::string_view knob, const std::string& word) {
    if (word == "newest") {
        return LAST;  // of as many as a set has
    }
    const std::vector<std::string_view> words = catalogue::words(profile::knob_named(knob)->words);
    return static_cast<std::uint32_t>(std::find(words.begin(), words.end(), word) - words.begin()) - 1;
}

}  // namespace

bool pins_a_choice(std::string_view knob) {
    return std::any_of(std::begin(SITES), std::end(SITES), [&](const Site& site) { return site.knob == knob; });
}

std::vector<PinnedChoice::Pin> pinned_choices(const profile::Profile& profile) {
    std::vector<PinnedChoice::Pin> pins;
    for (const Site& site : SITES) {
        if (const std::string& word = profile.word(site.knob); word != "seed") {
            pins.push_back({site.site, alternative(site.knob, word)});
        }
    }
    return pins;
}

}  // namespace hldsim::run
