// SPDX-License-Identifier: Apache-2.0
#include "models/amdvi/entry.hpp"

#include "models/fabric/msi.hpp"

namespace hldsim::amdvi {

namespace {

constexpr std::uint64_t ARBITRATED = 1;
/// Destination with XTEn = 0, within the field: the rest is reserved.
constexpr Bits NARROW{7, 0};

Decision blocked(Reason reason) { return {Decision::Way::Block, reason}; }

// AMDVI-7: these kinds are never remapped; they pass as they are, or do not.
Decision pass_or_block(std::uint64_t word, Bits pass, Reason reason, const MessageWrite& write,
                       const AmdviProfile& profile) {
    if (pass.get(word) == 0) {
        return blocked(reason);
    }
    const bool logical = msi::DESTINATION_MODE.get(write.address) != 0;
    return logical && profile.pass_needs_physical ? blocked(Reason::PassLogical) : Decision{};
}

// AMDVI-6.
Decision by_int_ctl(const Dte& entry) {
    switch (dte::INT_CTL.get(entry.words[2])) {
        case dte::ABORT:
            return blocked(Reason::Aborted);
        case dte::PASS:
            return {};
        case dte::REMAP:
            return dte::INT_TAB_LEN.get(entry.words[2]) > dte::INT_TAB_LEN_MAX
                       ? blocked(Reason::TableLengthReserved)
                       : Decision{Decision::Way::Remap, Reason::None};
        default:
            return blocked(Reason::DeviceEntryReserved);
    }
}

}  // namespace

Decision decide(const Dte& entry, const MessageWrite& write, DeliveryEncoding encoding, const AmdviProfile& profile) {
    if (!entry.interrupts_valid()) {
        return {};
    }
    const std::uint64_t word = entry.words[2];
    if ((word & dte::RESERVED_2) != 0 || (entry.words[3] & dte::RESERVED_3) != 0) {
        return blocked(Reason::DeviceEntryReserved);
    }
    switch (msi::delivery_mode(write.data, encoding)) {
        case DeliveryMode::Fixed:
        case DeliveryMode::LowestPriority:
            return by_int_ctl(entry);
        case DeliveryMode::Nmi:
            return pass_or_block(word, dte::NMI_PASS, Reason::NmiBlocked, write, profile);
        case DeliveryMode::Init:
            return pass_or_block(word, dte::INIT_PASS, Reason::InitBlocked, write, profile);
        case DeliveryMode::ExtInt:
            return pass_or_block(word, dte::EINT_PASS, Reason::ExtIntBlocked, write, profile);
        case DeliveryMode::Smi:
            return {};  // AMDVI-8: EFR.SmiFSup is 0
        default:
            return blocked(Reason::ModeReserved);
    }
}

bool is_illegal(Reason reason) {
    return reason == Reason::DeviceEntryReserved || reason == Reason::TableLengthReserved;
}

Reason check(const Irte& entry, const EntryFormat& format) {
    if (!entry.enabled()) {
        return Reason::NotEnabled;
    }
    bool reserved = irte::INT_TYPE.get(entry.low) > ARBITRATED;
    if (!format.ga) {
        reserved = reserved || (entry.low & irte::RESERVED) != 0;
    } else {
        const std::uint64_t destination = irte::DESTINATION_LO.get(entry.low);
        const bool wide = (destination & ~NARROW.mask()) != 0 || irte::DESTINATION_HI.get(entry.high) != 0;
        reserved = reserved || irte::GUEST_MODE.get(entry.low) != 0 || (entry.high & irte::RESERVED_HI) != 0 ||
                   (!format.xt && wide);
    }
    return reserved ? Reason::EntryReserved : Reason::None;
}

InterruptMessage message_of(const Irte& entry, const EntryFormat& format, std::uint32_t data) {
    InterruptMessage message;
    message.wide = format.ga && format.xt;
    message.logical = irte::DM.get(entry.low) != 0;
    message.mode = irte::INT_TYPE.get(entry.low) == ARBITRATED ? DeliveryMode::LowestPriority : DeliveryMode::Fixed;
    message.level = msi::TRIGGER_MODE.get(data) != 0;
    message.assert_ = !message.level || msi::LEVEL.get(data) != 0;
    if (format.ga) {
        message.vector = static_cast<std::uint8_t>(irte::VECTOR_128.get(entry.high));
        message.destination = static_cast<std::uint32_t>(irte::DESTINATION_LO.get(entry.low) |
                                                         irte::DESTINATION_HI.get(entry.high) << 24U);
    } else {
        message.vector = static_cast<std::uint8_t>(irte::VECTOR.get(entry.low));
        message.destination = static_cast<std::uint32_t>(irte::DESTINATION.get(entry.low));
    }
    return message;
}

EventCode event_of(Reason reason, const AmdviProfile& profile) {
    switch (reason) {
        case Reason::DeviceTableRead:
            return EventCode::DevTabHardwareError;
        case Reason::EntryRead:
            return EventCode::PageTabHardwareError;
        case Reason::DeviceEntryReserved:
        case Reason::TableLengthReserved:
            return EventCode::IllegalDevTableEntry;
        case Reason::Aborted:
        case Reason::NmiBlocked:
        case Reason::InitBlocked:
        case Reason::ExtIntBlocked:
        case Reason::PassLogical:
        case Reason::ModeReserved:
            return profile.aborts_are_logged ? EventCode::IoPageFault : EventCode::None;
        case Reason::DeviceBeyondTable:
        case Reason::IndexTooLarge:
        case Reason::NotEnabled:
        case Reason::EntryReserved:
            return EventCode::IoPageFault;
        default:
            return EventCode::None;
    }
}

const char* name(EventCode code) {
    constexpr std::array<const char*, 7> NAMES{"no event",
                                               "ILLEGAL_DEV_TABLE_ENTRY",
                                               "IO_PAGE_FAULT",
                                               "DEV_TAB_HARDWARE_ERROR",
                                               "PAGE_TAB_HARDWARE_ERROR",
                                               "ILLEGAL_COMMAND_ERROR",
                                               "COMMAND_HARDWARE_ERROR"};
    return NAMES[static_cast<std::size_t>(code)];
}

const char* text(Reason reason) {
    switch (reason) {
        case Reason::None:
            return "no fault";
        case Reason::NotFourBytes:
            return "a write to an interrupt address that is no interrupt";
        case Reason::DeviceBeyondTable:
            return "the device id is beyond the device table";
        case Reason::DeviceTableRead:
            return "the device table entry could not be read";
        case Reason::DeviceEntryReserved:
            return "reserved bits of the device table entry are set";
        case Reason::TableLengthReserved:
            return "IntTabLen is reserved";
        case Reason::Aborted:
            return "IntCtl = 00b: fixed and arbitrated interrupts are aborted";
        case Reason::NmiBlocked:
            return "NMIPass = 0, and an NMI is never remapped";
        case Reason::InitBlocked:
            return "INITPass = 0";
        case Reason::ExtIntBlocked:
            return "EIntPass = 0";
        case Reason::PassLogical:
            return "a message that passes unchanged has a physical destination";
        case Reason::ModeReserved:
            return "a reserved delivery mode";
        case Reason::IndexTooLarge:
            return "the index is beyond the interrupt remapping table";
        case Reason::EntryRead:
            return "the interrupt remapping entry could not be read";
        case Reason::NotEnabled:
            return "the interrupt remapping entry has RemapEn = 0";
        case Reason::EntryReserved:
            return "the interrupt remapping entry has a reserved IntType or reserved bits";
    }
    return "unknown";
}

}  // namespace hldsim::amdvi
