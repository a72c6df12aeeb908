// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/lines.hpp"

#include <algorithm>

namespace hldsim::cpu {

void Lines::configure(unsigned cpus, unsigned packages, unsigned lines) {
    cpus_per_package_ = std::max(1U, (cpus + packages - 1) / packages);
    holders_.configure(cpus, lines);
    watchers_.configure(cpus, lines);
    touched_flag_.assign(lines, 0);
    touched_.clear();
    before_.clear();
}

void Lines::forget(unsigned line) {
    holders_.clear(line);
    watchers_.clear(line);
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
    const std::size_t words = holders_.words();
    saved.holders.resize(touched_.size() * words);
    saved.watchers.resize(touched_.size() * words);
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        const unsigned line = touched_[i];
        saved.place[line] = static_cast<std::uint32_t>(i + 1);
        holders_.keep(line, &saved.holders[i * words]);
        watchers_.keep(line, &saved.watchers[i * words]);
        touched_flag_[line] = 0;
    }
    touched_.clear();
}

void Lines::restore(const Saved& saved) {
    const std::size_t words = holders_.words();
    for (const unsigned line : touched_) {
        forget(line);
        if (saved.place[line] != 0) {
            const std::size_t place = saved.place[line] - 1;
            holders_.put_back(line, &saved.holders[place * words]);
            watchers_.put_back(line, &saved.watchers[place * words]);
        }
    }
    touched_.clear();
    before_ = saved.lines;
}

Reach Lines::reach(unsigned line, unsigned cpu) const {
    if (owns(line, cpu)) {
        return Reach::Held;
    }
    Reach nearest = holds(line, cpu) ? Reach::SamePackage : Reach::Memory;
    holders_.any_of(line, [&](unsigned holder) {
        if (holder == cpu) {
            return false;
        }
        const bool same_package = holder / cpus_per_package_ == cpu / cpus_per_package_;
        nearest = same_package ? Reach::SamePackage : Reach::OtherPackage;
        return same_package;
    });
    return nearest;
}

void Lines::take_from_all(unsigned line) {
    touch(line);
    holders_.clear(line);
}

void Lines::watch(unsigned line, unsigned cpu) {
    touch(line);
    watchers_.add(line, cpu);
}

void Lines::unwatch(unsigned line, unsigned cpu) {
    touch(line);
    watchers_.remove(line, cpu);
}

}  // namespace hldsim::cpu
