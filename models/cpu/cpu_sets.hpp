// SPDX-License-Identifier: Apache-2.0
// Many small sets of CPUs, one for each cache line: nearly all are empty or hold one CPU, on a machine of any size.
//
//   Up to 64 CPUs   a set is one word
//   More            nothing, one CPU, or the number of a bit map that is borrowed while a set holds several
#pragma once
#include <cstdint>
#include <vector>

namespace hldsim::cpu {

class CpuSets {
public:
    /// All empty.
    void configure(unsigned cpus, unsigned sets);

    bool empty(unsigned set) const { return state_[set] == 0; }
    bool has(unsigned set, unsigned cpu) const {
        return words_ == 1 ? (state_[set] >> cpu & 1U) != 0 : state_[set] == only(cpu) || in_map(set, cpu);
    }
    bool has_only(unsigned set, unsigned cpu) const { return state_[set] == only(cpu); }

    void add(unsigned set, unsigned cpu) {
        if (words_ == 1) {
            state_[set] |= std::uint64_t{1} << cpu;
        } else if (state_[set] != only(cpu)) {
            add_to_map(set, cpu);
        }
    }
    /// Of sets that nobody asks for has_only(): what was several CPUs stays a bit map, though one be left.
    void remove(unsigned set, unsigned cpu);
    void set_only(unsigned set, unsigned cpu) {
        release(set);
        state_[set] = only(cpu);
    }
    void clear(unsigned set) {
        release(set);
        state_[set] = 0;
    }

    /// Calls visit(cpu) in ascending order until it returns true. The set must not change meanwhile.
    template <class Visit>
    bool any_of(unsigned set, Visit visit) const;

    /// One set as words, for keeping it: `words()` of them.
    unsigned words() const { return words_; }
    void keep(unsigned set, std::uint64_t* to) const;
    void put_back(unsigned set, const std::uint64_t* from);

private:
    // One CPU alone: its bit; or, where a word does not hold all, an odd number. Even ones are maps.
    std::uint64_t only(unsigned cpu) const {
        return words_ == 1 ? std::uint64_t{1} << cpu : std::uint64_t{cpu} << 1U | 1U;
    }
    bool is_map(unsigned set) const { return words_ != 1 && state_[set] != 0 && (state_[set] & 1U) == 0; }
    const std::uint64_t* map(unsigned set) const { return &maps_[(state_[set] >> 1U) * words_]; }
    std::uint64_t* map(unsigned set) { return &maps_[(state_[set] >> 1U) * words_]; }
    bool in_map(unsigned set, unsigned cpu) const {
        return is_map(set) && (map(set)[cpu / 64] >> (cpu % 64) & 1U) != 0;
    }
    void add_to_map(unsigned set, unsigned cpu);
    void borrow(unsigned set);
    void release(unsigned set) {
        if (is_map(set)) {
            free_.push_back(static_cast<std::uint32_t>(state_[set] >> 1U));
        }
    }

    unsigned words_ = 1;
    std::vector<std::uint64_t> state_;
    std::vector<std::uint64_t> maps_;  // number 0 is nobody's: it would look like an empty set
    std::vector<std::uint32_t> free_;
};

template <class Visit>
bool CpuSets::any_of(unsigned set, Visit visit) const {
    if (empty(set)) {
        return false;
    }
    if (words_ != 1 && !is_map(set)) {
        return visit(static_cast<unsigned>(state_[set] >> 1U));
    }
    const std::uint64_t* const words = words_ == 1 ? &state_[set] : map(set);
    for (unsigned i = 0; i < words_; ++i) {
        for (std::uint64_t word = words[i]; word != 0; word &= word - 1) {
            if (visit(i * 64 + static_cast<unsigned>(__builtin_ctzll(word)))) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace hldsim::cpu
