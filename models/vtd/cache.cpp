// SPDX-License-Identifier: Apache-2.0
#include "models/vtd/cache.hpp"

#include <algorithm>
#include <string>

#include "models/regs/print.hpp"

namespace hldsim::vtd {

EntryCache::EntryCache(unsigned entries, unsigned ways, ChoiceSource& choices)
    : ways_{ways}, choices_{choices}, sets_(entries == 0 ? 0 : entries / ways) {
    for (Set& set : sets_) {
        set.reserve(ways);
    }
}

const Irte* EntryCache::find(std::uint32_t index) {
    if (sets_.empty()) {
        return nullptr;
    }
    Set& set = set_of(index);
    const auto line = std::find_if(set.begin(), set.end(), [&](const Line& l) { return l.index == index; });
    if (line == set.end()) {
        return nullptr;
    }
    std::rotate(line, line + 1, set.end());
    return &set.back().entry;
}

void EntryCache::keep(std::uint32_t index, const Irte& entry) {
    if (sets_.empty()) {
        return;
    }
    Set& set = set_of(index);
    const auto line = std::find_if(set.begin(), set.end(), [&](const Line& l) { return l.index == index; });
    if (line != set.end()) {
        set.erase(line);
    } else if (set.size() == ways_) {
        set.erase(set.begin() + choices_.choose("vtd.iec_victim", ways_));
    }
    set.push_back({index, entry});
}

unsigned EntryCache::invalidate_all() {
    const unsigned left = size();
    for (Set& set : sets_) {
        set.clear();
    }
    return left;
}

unsigned EntryCache::invalidate(std::uint32_t first, std::uint32_t count) {
    unsigned left = 0;
    for (Set& set : sets_) {
        const auto end = std::remove_if(set.begin(), set.end(), [&](const Line& l) { return l.index - first < count; });
        left += static_cast<unsigned>(set.end() - end);
        set.erase(end, set.end());
    }
    return left;
}

unsigned EntryCache::size() const {
    std::size_t lines = 0;
    for (const Set& set : sets_) {
        lines += set.size();
    }
    return static_cast<unsigned>(lines);
}

std::string EntryCache::dump() const {
    std::string text;
    for (const Set& set : sets_) {
        for (const Line& line : set) {
            text += "  cached " + std::to_string(line.index) + ": " + regs::hexadecimal(line.entry.high, 64) + " " +
                    regs::hexadecimal(line.entry.low, 64) + "\n";
        }
    }
    return text;
}

}  // namespace hldsim::vtd
