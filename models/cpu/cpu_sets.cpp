// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/cpu_sets.hpp"

#include <algorithm>

namespace hldsim::cpu {

void CpuSets::configure(unsigned cpus, unsigned sets) {
    words_ = (cpus + 63) / 64;
    state_.assign(sets, 0);
    maps_.assign(words_, 0);
    free_.clear();
}

void CpuSets::borrow(unsigned set) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(maps_.size() / words_));
        maps_.resize(maps_.size() + words_);
    }
    const std::uint32_t number = free_.back();
    free_.pop_back();
    state_[set] = std::uint64_t{number} << 1U;
    std::fill_n(map(set), words_, 0);
}

void CpuSets::add_to_map(unsigned set, unsigned cpu) {
    if (empty(set)) {
        state_[set] = only(cpu);
        return;
    }
    if (!is_map(set)) {
        const auto alone = static_cast<unsigned>(state_[set] >> 1U);
        borrow(set);
        map(set)[alone / 64] |= std::uint64_t{1} << (alone % 64);
    }
    map(set)[cpu / 64] |= std::uint64_t{1} << (cpu % 64);
}

void CpuSets::remove(unsigned set, unsigned cpu) {
    if (words_ == 1) {
        state_[set] &= ~(std::uint64_t{1} << cpu);
    } else if (state_[set] == only(cpu)) {
        state_[set] = 0;
    } else if (is_map(set)) {
        std::uint64_t* const words = map(set);
        words[cpu / 64] &= ~(std::uint64_t{1} << (cpu % 64));
        if (std::all_of(words, words + words_, [](std::uint64_t word) { return word == 0; })) {
            clear(set);
        }
    }
}

void CpuSets::keep(unsigned set, std::uint64_t* to) const {
    std::fill_n(to, words_, 0);
    any_of(set, [&](unsigned cpu) {
        to[cpu / 64] |= std::uint64_t{1} << (cpu % 64);
        return false;
    });
}

void CpuSets::put_back(unsigned set, const std::uint64_t* from) {
    clear(set);
    for (unsigned i = 0; i < words_; ++i) {
        for (std::uint64_t word = from[i]; word != 0; word &= word - 1) {
            add(set, i * 64 + static_cast<unsigned>(__builtin_ctzll(word)));
        }
    }
}

}  // namespace hldsim::cpu
