// SPDX-License-Identifier: Apache-2.0
// What a local APIC lets others observe. Hops of tokens are HopReached.
#pragma once
#include <cstdint>

#include "models/base/apic_id.hpp"
#include "models/base/duration.hpp"
#include "models/fabric/ports.hpp"
#include "models/regs/file.hpp"

namespace hldsim::lapic {

/// Software did what the manual does not provide for. Offsets are those of the xAPIC page, in both modes.
struct AccessDiagnosed {
    CpuNumber cpu;
    regs::Diagnosis diagnosis;
    Instant at;
};

/// Why a message that matched, or an interrupt of the APIC's own, did not get to the CPU.
enum class DiscardReason : std::uint8_t {
    GloballyDisabled,     // LAPIC-2
    SoftwareDisabled,     // LAPIC-5: fixed and lowest priority
    NmiSoftwareDisabled,  // LAPIC-5, knob nmi_when_soft_disabled: Drop or WakeOnly
    IllegalVector,        // LAPIC-19
    Deassert,             // LAPIC-18, M-5: level de-assert means nothing here
    IllegalMode,          // the LVT entry does not know this delivery mode
    Unimplemented,        // ExtINT message: no 8259 is connected
    Masked,               // the LVT entry is masked: lost, not pending (LAPIC-33)
};
const char* text(DiscardReason reason);

struct InterruptDiscarded {
    CpuNumber cpu;
    InterruptMessage message;
    DiscardReason reason = DiscardReason::SoftwareDisabled;
    Instant at;
};

/// A vector entered IRR; `merged`: it was there already (LAPIC-22).
struct VectorAccepted {
    CpuNumber cpu;
    std::uint8_t vector = 0;
    bool level = false;
    bool merged = false;
    Token token;
    Instant at;
};

}  // namespace hldsim::lapic
