// SPDX-License-Identifier: Apache-2.0
// Interrupt entry cache: entries that were used, by interrupt index. VT-d 6.4, 11.4.2 (VTD-23).
//
//   Size       `entries` in sets of `ways`; which set an index falls into is its low bits
//   Stays      an entry that was used, until an invalidation names it or the set needs its place
//   Choice     `vtd.iec_victim`: who leaves a full set. The n-th alternative: the n-th least recently used
//   Not here   whether a hit is used at all: the unit asks that where memory has changed in the meantime
#pragma once
#include <cstdint>
#include <vector>

#include "models/base/choice.hpp"
#include "models/base/state_copy.hpp"
#include "models/vtd/entry.hpp"

namespace hldsim::vtd {

class EntryCache {
public:
    /// `ways` divides `entries`; no entries: nothing is ever cached.
    EntryCache(unsigned entries, unsigned ways, ChoiceSource& choices);

    /// The entry of that index, now the most recently used; null: not cached. Valid until the next call.
    const Irte* find(std::uint32_t index);
    void keep(std::uint32_t index, const Irte& entry);
    /// How many entries left.
    unsigned invalidate_all();
    unsigned invalidate(std::uint32_t first, std::uint32_t count);

    unsigned size() const;
    void copy_state(StateCopy& s) { s(sets_); }
    /// One line an entry, oldest first in each set.
    std::string dump() const;

private:
    struct Line {
        std::uint32_t index = 0;
        Irte entry;
    };
    using Set = std::vector<Line>;  // least recently used first

    Set& set_of(std::uint32_t index) { return sets_[index % sets_.size()]; }

    unsigned ways_;
    ChoiceSource& choices_;
    std::vector<Set> sets_;
};

}  // namespace hldsim::vtd
