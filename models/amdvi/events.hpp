// SPDX-License-Identifier: Apache-2.0
// What an AMD-Vi unit lets others observe, one struct each. Hops of tokens are HopReached.
#pragma once
#include <cstdint>
#include <string>

#include "models/amdvi/entry.hpp"
#include "models/base/bits.hpp"
#include "models/base/duration.hpp"
#include "models/fabric/ports.hpp"
#include "models/regs/file.hpp"

namespace hldsim::amdvi {

/// A request has found its device table entry: in the cache (`stale`: memory holds another one by now) or in memory.
struct DeviceEntryUsed {
    MessageWrite write;
    Dte entry;
    bool cached = false;
    bool stale = false;
    Instant at;
};

/// A request has found its interrupt remapping entry.
struct EntryUsed {
    MessageWrite write;
    std::uint32_t index = 0;
    Irte entry;
    EntryFormat format;
    bool cached = false;
    bool stale = false;
    Instant at;
};

/// What became of an event (AMDVI-10).
enum class Recorded : std::uint8_t {
    Written,     // in the log, at `position`
    Suppressed,  // IG or SupIOPF
    NoEvent,     // none is made of it
    NotLogging,  // EventLogRun = 0
    Overflowed,  // the log was full: EventOverflow is 1 now
    NoMemory,    // EVENT_BASE leads to no memory
};

/// A request ends in the unit; its device sees nothing of it.
struct RequestBlocked {
    MessageWrite write;
    Reason reason = Reason::None;
    EventCode event = EventCode::None;
    std::uint32_t index = 0;  // if has_index(reason)
    Recorded recorded = Recorded::NoEvent;
    std::uint32_t position = 0;  // number in the log
    Instant at;
};

/// A command was fetched; `error`: it is not executed and the buffer stops at it.
struct CommandFetched {
    std::uint32_t position = 0;  // number in the buffer
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    EventCode error = EventCode::None;
    Instant at;
};

/// An invalidation is done: of the device's entry, of its interrupt remapping entries, of both, of all devices.
struct CacheInvalidated {
    bool all = false;
    RequesterId device;
    bool device_entries = false;
    bool interrupt_entries = false;
    unsigned dropped = 0;
    Instant at;
};

/// A COMPLETION_WAIT is complete; `stored`: its data is in memory at `address`.
struct WaitCompleted {
    bool stored = false;
    std::uint64_t address = 0;
    std::uint64_t data = 0;
    bool interrupt = false;
    Instant at;
};

/// The unit's own interrupt.
struct InterruptSent {
    InterruptMessage message;
    Instant at;
};

struct RegisterWritten {
    std::uint32_t offset = 0;
    Size size = Size::B4;
    std::uint64_t value = 0;
    Instant at;
};

/// "request of 00:14.0 is blocked: NMIPass = 0, and ...; IO_PAGE_FAULT, event 0 of the log"
std::string describe(const RequestBlocked& event);
std::string describe(const regs::Diagnosis& diagnosis);

}  // namespace hldsim::amdvi
