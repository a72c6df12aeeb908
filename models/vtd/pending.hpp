// SPDX-License-Identifier: Apache-2.0
// What a remapping unit has under way: requests in their lookup, invalidations and waits.
#pragma once
#include <cstdint>

#include "models/base/duration.hpp"
#include "models/fabric/entry_cache.hpp"
#include "models/fabric/invalidation_waits.hpp"
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

struct Invalidation {
    bool entries = false;  // of the interrupt entry cache; else of a cache that interrupts do not use
    EntryRange range;
};

using Waits = InvalidationWaits<Invalidation, Descriptor>;
using Wait = Waits::Wait;

}  // namespace hldsim::vtd
