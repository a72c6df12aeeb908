// SPDX-License-Identifier: Apache-2.0
#include "models/base/choice.hpp"

#include <algorithm>
#include <charconv>

#include "models/base/duration.hpp"

namespace hldsim {

std::uint32_t ChoiceSource::choose(std::string_view site, std::uint32_t alternatives) {
    if (alternatives <= 1) {
        return 0;
    }
    const std::uint32_t taken = answer(site, alternatives);
    log_.push_back({std::string{site}, alternatives, taken});
    return taken;
}

namespace {

std::uint64_t hash_of(std::string_view text) {  // FNV-1a: the same on every machine, as std::hash is not
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    return hash;
}

std::uint64_t splitmix64(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

}  // namespace

void SeededChoice::power_on() {
    ChoiceSource::power_on();
    streams_.clear();
}

std::uint32_t SeededChoice::answer(std::string_view site, std::uint32_t alternatives) {
    auto stream = std::find_if(streams_.begin(), streams_.end(), [&](const Stream& s) { return s.site == site; });
    if (stream == streams_.end()) {
        streams_.push_back({std::string{site}, seed_ ^ hash_of(site)});
        stream = std::prev(streams_.end());
    }
    const auto wide = static_cast<Uint128>(splitmix64(stream->position)) * alternatives;
    return static_cast<std::uint32_t>(wide >> 64U);
}

void PinnedChoice::power_on() {
    ChoiceSource::power_on();
    behind_->power_on();
}

std::uint32_t PinnedChoice::answer(std::string_view site, std::uint32_t alternatives) {
    const auto pin = std::find_if(pins_.begin(), pins_.end(), [&](const Pin& p) { return p.site == site; });
    return pin == pins_.end() ? behind_->choose(site, alternatives) : std::min(pin->taken, alternatives - 1);
}

void ReplayChoice::power_on() {
    ChoiceSource::power_on();
    next_ = 0;
    mismatch_.clear();
}

std::uint32_t ReplayChoice::answer(std::string_view site, std::uint32_t alternatives) {
    const auto described = [](std::string_view of, std::uint32_t among) {
        return "'" + std::string{of} + "' among " + std::to_string(among);
    };
    if (!mismatch_.empty()) {
        return 0;
    }
    if (next_ == recorded_.size()) {
        mismatch_ = "a choice at " + described(site, alternatives) + " behind the last that was recorded";
        return 0;
    }
    const Choice& recorded = recorded_[next_];
    if (recorded.site != site || recorded.alternatives != alternatives) {
        mismatch_ = "a choice at " + described(site, alternatives) + " where one at " +
                    described(recorded.site, recorded.alternatives) + " was recorded";
        return 0;
    }
    ++next_;
    return recorded.taken;
}

// ---- as text

std::string text_of(const std::vector<Choice>& choices) {
    std::string text;
    for (std::size_t i = 0; i < choices.size();) {
        const Choice& choice = choices[i];
        std::size_t next = i;
        while (next < choices.size() && choices[next].site == choice.site && choices[next].taken == choice.taken &&
               choices[next].alternatives == choice.alternatives) {
            ++next;
        }
        text += (text.empty() ? "" : "+") + choice.site + ":" + std::to_string(choice.taken) + "/" +
                std::to_string(choice.alternatives) + (next - i > 1 ? "*" + std::to_string(next - i) : "");
        i = next;
    }
    return text;
}

namespace {

constexpr std::uint32_t MOST_IN_A_ROW = 1'000'000;

/// The whole text as a number without sign.
bool number_in(std::string_view text, std::uint32_t& number) {
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc{} && stop == text.data() + text.size();
}

bool add_choice(std::string_view text, std::vector<Choice>& choices) {
    const std::size_t colon = text.rfind(':');
    const std::size_t slash = text.find('/', colon == std::string_view::npos ? 0 : colon);
    if (colon == 0 || colon == std::string_view::npos || slash == std::string_view::npos) {
        return false;
    }
    const std::size_t star = std::min(text.find('*', slash), text.size());
    Choice choice{std::string{text.substr(0, colon)}, 0, 0};
    std::uint32_t count = 1;
    if (!number_in(text.substr(colon + 1, slash - colon - 1), choice.taken) ||
        !number_in(text.substr(slash + 1, star - slash - 1), choice.alternatives) ||
        choice.taken >= choice.alternatives || (star < text.size() && !number_in(text.substr(star + 1), count)) ||
        count == 0 || count > MOST_IN_A_ROW) {
        return false;
    }
    choices.insert(choices.end(), count, choice);
    return true;
}

}  // namespace

std::optional<std::vector<Choice>> choices_in(std::string_view text) {
    std::vector<Choice> choices;
    while (!text.empty()) {
        const std::size_t plus = std::min(text.find('+'), text.size());
        if (!add_choice(text.substr(0, plus), choices)) {
            return std::nullopt;
        }
        text.remove_prefix(plus);
        if (!text.empty()) {
            text.remove_prefix(1);
            if (text.empty()) {
                return std::nullopt;
            }
        }
    }
    return choices;
}

}  // namespace hldsim
