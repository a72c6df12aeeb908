// SPDX-License-Identifier: Apache-2.0
// Entries of the device table and of interrupt remapping tables: what is checked in them, what they make of a message,
// and which event comes of what is wrong. AMD IOMMU specification 48882, 2.2.2, 2.2.5, 2.5.
#pragma once
#include <array>
#include <cstdint>

#include "models/amdvi/formats.hpp"
#include "models/amdvi/profile.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/profile.hpp"

namespace hldsim::amdvi {

/// Why a request is blocked. The numbers are ours; they do not meet VT-d's fault reasons.
enum class Reason : std::uint16_t {
    None = 0,
    NotFourBytes = 0x100,
    DeviceBeyondTable,
    DeviceTableRead,
    DeviceEntryReserved,
    TableLengthReserved,
    Aborted,  // IntCtl = 00b
    NmiBlocked,
    InitBlocked,
    ExtIntBlocked,
    PassLogical,
    ModeReserved,
    IndexTooLarge,
    EntryRead,
    NotEnabled,
    EntryReserved,
};

/// One line for a report.
const char* text(Reason reason);

/// Event codes, 2.5.
enum class EventCode : std::uint8_t {
    None = 0,
    IllegalDevTableEntry = 1,
    IoPageFault = 2,
    DevTabHardwareError = 3,
    PageTabHardwareError = 4,
    IllegalCommandError = 5,
    CommandHardwareError = 6,
};
const char* name(EventCode code);

/// Which event a blocked request makes; None: it leaves no trace.
EventCode event_of(Reason reason, const AmdviProfile& profile);

/// Is the index of a request that was blocked so a part of the story?
constexpr bool has_index(Reason reason) { return reason >= Reason::IndexTooLarge; }

/// The 256 bits as they were read, at once.
struct Dte {
    std::array<std::uint64_t, 4> words{};

    bool interrupts_valid() const { return dte::IV.get(words[2]) != 0; }
    std::uint64_t table() const { return words[2] & dte::INT_TAB_ROOT.mask(); }
    std::uint32_t entries() const { return 1U << dte::INT_TAB_LEN.get(words[2]); }
    bool ignores_faults() const { return dte::IG.get(words[2]) != 0; }

    friend bool operator==(const Dte& a, const Dte& b) { return a.words == b.words; }
    friend bool operator!=(const Dte& a, const Dte& b) { return !(a == b); }
};
static_assert(sizeof(Dte) == 32);

/// 32 bits (in `low`) or 128, as they were read, at once.
struct Irte {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    bool enabled() const { return irte::REMAP_EN.get(low) != 0; }
    bool suppresses_faults() const { return irte::SUP_IOPF.get(low) != 0; }

    friend bool operator==(const Irte& a, const Irte& b) { return a.low == b.low && a.high == b.high; }
    friend bool operator!=(const Irte& a, const Irte& b) { return !(a == b); }
};

/// How entries are read: latched from CONTROL.
struct EntryFormat {
    bool ga = false;
    bool xt = false;

    std::size_t bytes() const { return ga ? 16 : 4; }
};

/// What a device table entry makes of a message.
struct Decision {
    enum class Way : std::uint8_t { Pass, Remap, Block };

    Way way = Way::Pass;
    Reason reason = Reason::None;
};
/// `encoding` says what the message's delivery mode is: with HyperTransport's codes that of an NMI is another one.
Decision decide(const Dte& entry, const MessageWrite& write, DeliveryEncoding encoding, const AmdviProfile& profile);

/// May an entry that decided so be cached (AMDVI-12)? One that blocks by its own bits is a good entry.
bool is_illegal(Reason reason);

/// What is wrong with an interrupt remapping entry.
Reason check(const Irte& entry, const EntryFormat& format);

/// The message of a checked entry; trigger mode and level are those of the request, as in a message that passes (M-5).
InterruptMessage message_of(const Irte& entry, const EntryFormat& format, std::uint32_t data);

}  // namespace hldsim::amdvi
