// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/lines.hpp"

#include <algorithm>

namespace hldsim::cpu {

void Lines::configure(unsigned cpus, unsigned packages, unsigned lines) {
    words_ = (cpus + 63) / 64;
    cpus_per_package_ = std::max(1U, (cpus + packages - 1) / packages);
    holders_.assign(std::size_t{lines} * words_, 0);
    watchers_.assign(std::size_t{lines} * words_, 0);
    watch_count_.assign(lines, 0);
    touched_flag_.assign(lines, 0);
    touched_.clear();
}

void Lines::reset() {
    for (const unsigned line : touched_) {
        std::fill_n(holders_.begin() + std::ptrdiff_t{line} * words_, words_, 0);
        std::fill_n(watchers_.begin() + std::ptrdiff_t{line} * words_, words_, 0);
        watch_count_[line] = 0;
        touched_flag_[line] = 0;
    }
    touched_.clear();
}

bool Lines::owns_slowly(unsigned line, unsigned cpu) const {
    const std::uint64_t* const words = &holders_[std::size_t{line} * words_];
    for (unsigned i = 0; i < words_; ++i) {
        if (words[i] != (i == cpu / 64 ? std::uint64_t{1} << (cpu % 64) : 0)) {
            return false;
        }
    }
    return true;
}

Reach Lines::reach(unsigned line, unsigned cpu) const {
    if (holds(line, cpu) && owns(line, cpu)) {
        return Reach::Held;
    }
    Reach nearest = holds(line, cpu) ? Reach::SamePackage : Reach::Memory;
    for (unsigned i = 0; i < words_; ++i) {
        std::uint64_t word = holders_[std::size_t{line} * words_ + i];
        for (; word != 0; word &= word - 1) {
            const unsigned holder = i * 64 + static_cast<unsigned>(__builtin_ctzll(word));
            if (holder == cpu) {
                continue;
            }
            if (holder / cpus_per_package_ == cpu / cpus_per_package_) {
                return Reach::SamePackage;
            }
            nearest = Reach::OtherPackage;
        }
    }
    return nearest;
}

void Lines::own_slowly(unsigned line, unsigned cpu) {
    std::fill_n(holders_.begin() + std::ptrdiff_t{line} * words_, words_, 0);
    holders_[line * words_ + cpu / 64] = std::uint64_t{1} << (cpu % 64);
}

void Lines::watch(unsigned line, unsigned cpu) {
    touch(line);
    watchers_[line * words_ + cpu / 64] |= std::uint64_t{1} << (cpu % 64);
    ++watch_count_[line];
}

void Lines::unwatch(unsigned line, unsigned cpu) {
    watchers_[line * words_ + cpu / 64] &= ~(std::uint64_t{1} << (cpu % 64));
    --watch_count_[line];
}

}  // namespace hldsim::cpu
