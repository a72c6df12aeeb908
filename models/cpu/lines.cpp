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

void Lines::forget(unsigned line) {
    std::fill_n(holders_.begin() + std::ptrdiff_t{line} * words_, words_, 0);
    std::fill_n(watchers_.begin() + std::ptrdiff_t{line} * words_, words_, 0);
    watch_count_[line] = 0;
    touched_flag_[line] = 0;
}

void Lines::reset() {
    for (const unsigned line : touched_) {
        forget(line);
    }
    for (const unsigned line : before_) {
        forget(line);
    }
    touched_.clear();
    before_.clear();
}

void Lines::save(Saved& saved) {
    for (const unsigned line : before_) {
        touch(line);
    }
    before_ = touched_;
    saved.lines = touched_;
    saved.place.assign(touched_flag_.size(), 0);
    saved.holders.clear();
    saved.watchers.clear();
    saved.watch_count.clear();
    for (const unsigned line : touched_) {
        saved.watch_count.push_back(watch_count_[line]);
        saved.place[line] = static_cast<std::uint32_t>(saved.watch_count.size());
        for (unsigned i = 0; i < words_; ++i) {
            saved.holders.push_back(holders_[std::size_t{line} * words_ + i]);
            saved.watchers.push_back(watchers_[std::size_t{line} * words_ + i]);
        }
        touched_flag_[line] = 0;
    }
    touched_.clear();
}

void Lines::restore(const Saved& saved) {
    for (const unsigned line : touched_) {
        forget(line);
        if (saved.place[line] == 0) {
            continue;
        }
        const std::size_t place = saved.place[line] - 1;
        watch_count_[line] = saved.watch_count[place];
        for (unsigned i = 0; i < words_; ++i) {
            holders_[std::size_t{line} * words_ + i] = saved.holders[place * words_ + i];
            watchers_[std::size_t{line} * words_ + i] = saved.watchers[place * words_ + i];
        }
    }
    touched_.clear();
    before_ = saved.lines;
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
