// SPDX-License-Identifier: Apache-2.0
// A remapping unit's cache of table entries, by number, and the lookup of an entry in it and in memory.
// VT-d 6.4, 11.4.2 (VTD-22, VTD-23); AMD's units cache likewise (AMDVI-12).
//
//   Size       `entries` in sets of `ways`; which set a number falls into is its low bits
//   Stays      an entry that was used, until an invalidation names it or the set needs its place
//   Read       at once, and at the end of the access; where memory changed meanwhile, or as it was at the begin
//   Choice     victim: who leaves a full set. The n-th alternative: the n-th least recently used
//              reread: a hit whose memory has changed: use it, read memory and keep that, read memory and keep this one
//              sample: what a read finds where memory changed during it: the end's value, the begin's
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/base/choice.hpp"
#include "models/base/state_copy.hpp"
#include "models/fabric/remapping.hpp"

namespace hldsim {

/// One entry while it is looked up.
template <class Entry>
struct EntryLookup {
    Entry entry{};         // as cached, or as memory held it at the begin
    bool cached = false;   // `entry` is from the cache and will be used
    bool stale = false;    // and memory held another one at the begin
    bool sampled = false;  // `entry` is of the begin; no longer once an invalidation has named it
    bool keep = true;      // the entry that is read replaces the cached one
};

template <class Entry>
class EntryCache {
public:
    struct Sites {
        std::string_view victim;
        std::string_view reread;
        std::string_view sample;
    };
    struct Line {
        std::uint32_t number = 0;
        Entry entry{};
    };
    using Set = std::vector<Line>;  // least recently used first

    /// `ways` divides `entries`; no entries: nothing is ever cached.
    EntryCache(unsigned entries, unsigned ways, ChoiceSource& choices, const Sites& sites)
        : ways_{ways}, choices_{choices}, sites_{sites}, sets_(entries == 0 ? 0 : entries / ways) {
        for (Set& set : sets_) {
            set.reserve(ways);
        }
    }

    // ---- a lookup
    /// `memory` is what memory holds now; null: nothing answers there.
    EntryLookup<Entry> begin(std::uint32_t number, const Entry* memory) {
        EntryLookup<Entry> lookup;
        const Entry* const cached = find(number);
        if (cached != nullptr) {
            // Where both are equal nothing is to be chosen.
            lookup.stale = memory != nullptr && *memory != *cached;
            const std::uint32_t taken = lookup.stale ? choices_.choose(sites_.reread, REREADS) : USE_CACHED;
            lookup.cached = taken == USE_CACHED;
            lookup.keep = taken != READ_ONLY;
        }
        if (lookup.cached) {
            lookup.entry = *cached;
            lookup.sampled = true;
        } else if (memory != nullptr) {
            lookup.entry = *memory;
            lookup.sampled = true;
        }
        return lookup;
    }
    /// The entry that is used; nothing: no memory answers. `read(Entry&)` reads memory as it is now.
    template <class Read>
    std::optional<Entry> end(EntryLookup<Entry>& lookup, Read read) {
        if (lookup.cached && lookup.sampled) {
            return lookup.entry;
        }
        lookup.cached = false;
        Entry memory{};
        if (!read(memory)) {
            return {};
        }
        if (lookup.sampled && lookup.entry != memory && choices_.choose(sites_.sample, 2) == 1) {
            return lookup.entry;
        }
        return memory;
    }
    /// The entry was used so. One that may not be cached does not leave an old one behind either.
    void used(std::uint32_t number, const EntryLookup<Entry>& lookup, const Entry& entry, bool may_be_cached) {
        if (lookup.cached || !lookup.keep) {
            return;
        }
        if (may_be_cached) {
            keep(number, entry);
        } else {
            invalidate(EntryRange::only(number));
        }
    }

    /// How many entries left.
    unsigned invalidate(const EntryRange& entries) {
        unsigned left = 0;
        for (Set& set : sets_) {
            const auto end =
                std::remove_if(set.begin(), set.end(), [&](const Line& l) { return entries.contains(l.number); });
            left += static_cast<unsigned>(set.end() - end);
            set.erase(end, set.end());
        }
        return left;
    }
    unsigned invalidate_all() { return invalidate(EntryRange::everything()); }

    unsigned size() const {
        std::size_t lines = 0;
        for (const Set& set : sets_) {
            lines += set.size();
        }
        return static_cast<unsigned>(lines);
    }
    const std::vector<Set>& sets() const { return sets_; }
    void copy_state(StateCopy& s) { s(sets_); }

private:
    enum Reread : std::uint32_t { USE_CACHED, READ_AND_KEEP, READ_ONLY, REREADS };

    Set& set_of(std::uint32_t number) { return sets_[number % sets_.size()]; }
    static auto line_of(Set& set, std::uint32_t number) {
        return std::find_if(set.begin(), set.end(), [&](const Line& l) { return l.number == number; });
    }
    /// Now the most recently used; null: not cached.
    const Entry* find(std::uint32_t number) {
        if (sets_.empty()) {
            return nullptr;
        }
        Set& set = set_of(number);
        const auto line = line_of(set, number);
        if (line == set.end()) {
            return nullptr;
        }
        std::rotate(line, line + 1, set.end());
        return &set.back().entry;
    }
    void keep(std::uint32_t number, const Entry& entry) {
        if (sets_.empty()) {
            return;
        }
        Set& set = set_of(number);
        const auto line = line_of(set, number);
        if (line != set.end()) {
            set.erase(line);
        } else if (set.size() == ways_) {
            set.erase(set.begin() + choices_.choose(sites_.victim, ways_));
        }
        set.push_back({number, entry});
    }

    unsigned ways_;
    ChoiceSource& choices_;
    Sites sites_;
    std::vector<Set> sets_;
};

}  // namespace hldsim
