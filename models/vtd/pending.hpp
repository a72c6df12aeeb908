// SPDX-License-Identifier: Apache-2.0
// What a remapping unit has under way: requests in their lookup, messages not yet accepted, invalidations and waits.
#pragma once
#include <cstdint>

#include "models/base/duration.hpp"
#include "models/fabric/entry_cache.hpp"
#include "models/fabric/ports.hpp"
#include "models/vtd/entry.hpp"

namespace hldsim::vtd {

/// What SIRTP has latched. A request keeps the one that was active when it arrived: never a mix (VTD-7).
struct Table {
    std::uint64_t base = 0;
    std::uint32_t entries = 2;
    bool eime = false;
};

struct Request {
    enum class Way : std::uint8_t { PassThrough, Remap, Post };

    MessageWrite write;
    Way way = Way::Remap;
    Table table;
    std::uint32_t index = 0;
    EntryLookup<Irte> lookup;
    Instant arrived;
    Instant leaves;
};

struct Descriptor {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::uint64_t more[2] = {0, 0};  // DW = 1
};

/// Invalidations between two wait descriptors (VTD-27), and when what they drain is accepted (VTD-30).
struct Group {
    unsigned open = 0;
    Instant drained;
};

struct Invalidation {
    bool entries = false;  // of the interrupt entry cache; else of a cache that interrupts do not use
    EntryRange range;
    std::uint32_t group = 0;  // number of the wait descriptor that ends it
};

struct Wait {
    std::uint32_t number = 0;
    Descriptor descriptor;
    Group group;
    bool ready = false;    // nothing that it waits for is left
    bool held = false;     // ready, and stays behind an earlier one
    bool writing = false;  // its status write is on its way
};

}  // namespace hldsim::vtd
