// SPDX-License-Identifier: Apache-2.0
// What an AMD-Vi unit has under way: requests in their lookup, invalidations and waits.
#pragma once
#include <cstdint>

#include "models/amdvi/entry.hpp"
#include "models/base/duration.hpp"
#include "models/fabric/entry_cache.hpp"
#include "models/fabric/invalidation_waits.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim::amdvi {

/// Entries of one device have numbers in a row: a cache of all of them can name those of a device by a range.
constexpr std::uint32_t number_of(RequesterId device, std::uint32_t index) { return device.value * INDICES + index; }

struct Request {
    MessageWrite write;
    bool unchecked = false;  // IommuEn was 0 when it came
    bool remaps = false;     // an interrupt remapping entry is looked up as well
    EntryFormat format;
    std::uint64_t device_table = 0;
    std::uint64_t table = 0;  // of interrupt remapping entries
    std::uint32_t index = 0;
    EntryLookup<Dte> device;
    EntryLookup<Irte> entry;
    Instant leaves;

    std::uint32_t number() const { return number_of(write.requester, index); }
    std::uint64_t entry_address() const { return table + index * std::uint64_t{format.bytes()}; }
};

struct Command {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

struct Invalidation {
    bool devices = false;  // entries of the device table
    bool entries = false;  // interrupt remapping entries
    bool all = false;
    RequesterId device;
};

using Waits = InvalidationWaits<Invalidation, Command>;
using Wait = Waits::Wait;

}  // namespace hldsim::amdvi
