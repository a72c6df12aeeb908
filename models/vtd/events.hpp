// SPDX-License-Identifier: Apache-2.0
// What a remapping unit lets others observe, one struct each. Hops of tokens are HopReached.
#pragma once
#include <cstdint>
#include <string>

#include "models/base/bits.hpp"
#include "models/base/duration.hpp"
#include "models/fabric/ports.hpp"
#include "models/regs/file.hpp"
#include "models/vtd/entry.hpp"

namespace hldsim::vtd {

/// A request has found its entry: in the cache (`stale`: memory holds another one by now) or in memory.
struct EntryUsed {
    MessageWrite write;
    std::uint32_t index = 0;
    Irte entry;
    bool cached = false;
    bool stale = false;
    Instant at;
};

/// What became of the fault of a blocked request (VTD-18, VTD-35).
enum class Recorded : std::uint8_t {
    Written,     // in fault record `record`
    Compressed,  // a pending record of the same requester stands for it
    Suppressed,  // FPD
    Overflowed,  // no record free: PFO is 1 now
    Lost,        // PFO was 1
};

/// A request ends in the unit; its device sees nothing of it (VTD-14).
struct RequestBlocked {
    MessageWrite write;
    Reason reason = Reason::None;
    std::uint32_t index = 0;  // if has_index(reason)
    Recorded recorded = Recorded::Written;
    unsigned record = 0;
    Instant at;
};

/// A request went into a posted-interrupt descriptor; `notified`: a notification was sent for it (VTD-17, 5.2.3).
struct RequestPosted {
    MessageWrite write;
    std::uint32_t index = 0;
    std::uint8_t vector = 0;
    bool notified = false;
    Instant at;
};

/// A descriptor was fetched; `error` is IQERCD.IQEI, 0: accepted.
struct DescriptorFetched {
    std::uint32_t position = 0;  // number in the queue
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    unsigned error = 0;
    Instant at;
};

/// The interrupt entry cache was invalidated: `count` indices from `first`, or all; `dropped` of them were cached.
struct CacheInvalidated {
    bool global = false;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    unsigned dropped = 0;
    Instant at;
};

/// A wait descriptor is complete; `status_written`: STDATA is in memory at `address`.
struct WaitCompleted {
    bool status_written = false;
    std::uint64_t address = 0;
    std::uint32_t data = 0;
    bool event = false;
    Instant at;
};

/// GSTS says that a command is done.
struct CommandCompleted {
    std::uint32_t status = 0;  // the whole of GSTS
    Instant at;
};

enum class EventKind : std::uint8_t { Fault, InvalidationCompletion };

/// The unit's own interrupt: sent, or held back by IM.
struct EventRaised {
    EventKind kind = EventKind::Fault;
    bool sent = false;
    InterruptMessage message;
    Instant at;
};

struct RegisterWritten {
    std::uint32_t offset = 0;
    Size size = Size::B4;
    std::uint64_t value = 0;
    Instant at;
};

/// "request of fa:0f.0 is blocked, fault 22h, index 3: the entry is not present; fault record 0"
std::string describe(const RequestBlocked& event);
std::string describe(const regs::Diagnosis& diagnosis);

}  // namespace hldsim::vtd
