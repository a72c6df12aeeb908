// SPDX-License-Identifier: Apache-2.0
// What an I/O APIC tells its observers, one struct each. Diagnoses are regs::Diagnosis; hops of tokens are HopReached.
#pragma once
#include <cstdint>

#include "models/base/duration.hpp"
#include "models/fabric/token.hpp"

namespace hldsim::ioapic {

/// An input has changed its level. `active` is that level with the entry's polarity.
struct PinMoved {
    Instant at;
    unsigned pin = 0;
    bool level = false;
    bool active = false;
};

/// An active edge came while its entry was masked: neither sent nor held (I-6).
struct EdgeLost {
    Instant at;
    unsigned pin = 0;
};

/// The message of an entry leaves. Before the hop of its token.
struct EntrySent {
    Instant at;
    unsigned pin = 0;
    Token token;
    DeliveryMode mode = DeliveryMode::Fixed;
};

/// An entry was written, one half of it; or an end of interrupt has cleared its REMOTE_IRR.
struct EntryChanged {
    Instant at;
    unsigned pin = 0;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
};

}  // namespace hldsim::ioapic
