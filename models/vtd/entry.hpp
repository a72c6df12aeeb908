// SPDX-License-Identifier: Apache-2.0
// An entry of the interrupt remapping table: what is checked in it, and the message that comes of it. VT-d 9.9, 9.10.
#pragma once
#include <cstdint>

#include "models/fabric/ports.hpp"
#include "models/vtd/formats.hpp"
#include "models/vtd/profile.hpp"

namespace hldsim::vtd {

/// Fault reasons of interrupt requests, 7.1 and table 15 of 5.1.4.1 (VTD-16).
enum class Reason : std::uint8_t {
    None = 0,
    RequestReserved = 0x20,
    IndexTooLarge = 0x21,
    NotPresent = 0x22,
    TableRead = 0x23,
    EntryReserved = 0x24,
    Compatibility = 0x25,
    SourceId = 0x26,
    DescriptorRead = 0x27,
    DescriptorReserved = 0x28,
    MalformedWrite = 0x29,
    EimRequired = 0x2a,
    RemappingRequired = 0x2b,
};

/// One line for a report.
const char* text(Reason reason);

/// May the entry's FPD bit suppress the record (VTD-18)?
constexpr bool is_qualified(Reason reason) {
    return reason == Reason::NotPresent || reason == Reason::EntryReserved || reason == Reason::SourceId ||
           reason == Reason::DescriptorRead || reason == Reason::DescriptorReserved;
}

/// Is the interrupt index of a record with this reason defined (VTD-38)?
constexpr bool has_index(Reason reason) {
    return reason != Reason::RequestReserved && reason != Reason::Compatibility && reason < Reason::MalformedWrite;
}

/// The 128 bits as they were read, at once.
struct Irte {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    bool present() const { return irte::P.get(low) != 0; }
    bool posted() const { return irte::IM.get(low) != 0; }
    bool fault_processing_disabled() const { return irte::FPD.get(low) != 0; }
    std::uint64_t descriptor_address() const { return irte::PDAH.get(high) << 32 | irte::PDAL.get(low) << 6; }

    friend bool operator==(const Irte& a, const Irte& b) { return a.low == b.low && a.high == b.high; }
    friend bool operator!=(const Irte& a, const Irte& b) { return !(a == b); }
};
static_assert(sizeof(Irte) == 16);

/// What is wrong with a request of that requester through this entry; `eime` is the active EIME.
Reason check(const Irte& entry, RequesterId requester, bool eime, const VtdProfile& profile);

/// Is a requester the one that the entry names (SVT, SQ, SID)? SVT = 11b: no.
bool source_is_verified(const Irte& entry, RequesterId requester);

/// The message of a checked entry in remapped format.
InterruptMessage message_of(const Irte& entry, bool eime, const VtdProfile& profile);

}  // namespace hldsim::vtd
