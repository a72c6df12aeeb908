// SPDX-License-Identifier: Apache-2.0
#include "models/base/choice.hpp"

#include <algorithm>

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

void ReplayChoice::power_on() {
    ChoiceSource::power_on();
    next_ = 0;
}

std::uint32_t ReplayChoice::answer(std::string_view site, std::uint32_t alternatives) {
    if (next_ == recorded_.size()) {
        throw ReplayMismatch("a choice at '" + std::string{site} + "' after the end of the recorded ones");
    }
    const Choice& recorded = recorded_[next_];
    if (recorded.site != site || recorded.alternatives != alternatives) {
        throw ReplayMismatch("a choice at '" + std::string{site} + "' where '" + recorded.site + "' was recorded");
    }
    ++next_;
    return recorded.taken;
}

}  // namespace hldsim
