// SPDX-License-Identifier: Apache-2.0
// What the fabric lets others observe, one struct each.
#pragma once
#include <cstdint>

#include "models/base/bits.hpp"
#include "models/base/duration.hpp"
#include "models/fabric/msi.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim {

/// A CPU's access that no device answers: a read gives all ones, a write is dropped.
struct UnmappedAccess {
    CpuNumber cpu;
    std::uint64_t address = 0;
    Size size = Size::B4;
    bool write = false;
    std::uint64_t value = 0;
    Instant at;
};

/// A device's message that breaks a rule; `delivered` says whether it goes on all the same.
struct MessageDiagnosed {
    MessageWrite write;
    msi::Fault fault = msi::Fault::None;
    bool delivered = false;
    Instant at;
};

/// An interrupt message that no local APIC has taken (M-9, LAPIC-11): the sender sees nothing of it.
struct MessageWithoutTarget {
    InterruptMessage message;
    Instant at;
};

/// An injected fault has met its message.
struct MessageFaulted {
    enum class Kind : std::uint8_t { Drop, Delay, Duplicate, Corrupt, Misroute };

    Kind kind = Kind::Drop;
    MessageWrite before;
    MessageWrite after;
    Instant at;
};

/// A local APIC has told the I/O APICs that a level-triggered vector is done.
struct EoiBroadcast {
    std::uint8_t vector = 0;
    Instant at;
};

}  // namespace hldsim
