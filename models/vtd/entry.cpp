// SPDX-License-Identifier: Apache-2.0
#include "models/vtd/entry.hpp"

#include <array>

namespace hldsim::vtd {

namespace {

constexpr std::uint64_t SVT_NONE = 0;
constexpr std::uint64_t SVT_SOURCE_ID = 1;
constexpr std::uint64_t SVT_BUS = 2;
constexpr std::uint64_t SVT_RESERVED = 3;

Reason source_reason(const Irte& entry, RequesterId requester, const VtdProfile& profile) {
    if (source_is_verified(entry, requester)) {
        return Reason::None;
    }
    const bool reserved = irte::SVT.get(entry.high) == SVT_RESERVED;
    return reserved && profile.reserved_svt == ReservedSvt::ReservedField ? Reason::EntryReserved : Reason::SourceId;
}

bool remapped_fields_are_legal(const Irte& entry, bool eime, const VtdProfile& profile) {
    if ((entry.low & irte::RESERVED_LO) != 0 || (entry.high & irte::RESERVED_HI) != 0) {
        return false;
    }
    if (!eime && (irte::DST.get(entry.low) & ~irte::NARROW_DST.mask()) != 0) {  // VTD-19
        return false;
    }
    const auto mode = static_cast<DeliveryMode>(irte::DLM.get(entry.low));
    if (is_reserved_in_messages(mode)) {
        return profile.reserved_mode == ReservedMode::Nothing;
    }
    return profile.smi_and_init || (mode != DeliveryMode::Smi && mode != DeliveryMode::Init);
}

Reason field_reason(const Irte& entry, bool eime, const VtdProfile& profile) {
    if (!entry.posted()) {
        return remapped_fields_are_legal(entry, eime, profile) ? Reason::None : Reason::EntryReserved;
    }
    const bool legal = profile.posted_interrupts && (entry.low & irte::RESERVED_LO_POSTED) == 0 &&
                       (entry.high & irte::RESERVED_HI_POSTED) == 0;
    return legal ? Reason::None : Reason::EntryReserved;
}

}  // namespace

bool source_is_verified(const Irte& entry, RequesterId requester) {
    // 9.9: the low bits of the function number that SQ leaves out.
    constexpr std::array<std::uint16_t, 4> COMPARED{0xffff, 0xfffb, 0xfff9, 0xfff8};
    const auto sid = static_cast<std::uint16_t>(irte::SID.get(entry.high));
    switch (irte::SVT.get(entry.high)) {
        case SVT_NONE:
            return true;
        case SVT_SOURCE_ID:
            return ((requester.value ^ sid) & COMPARED[irte::SQ.get(entry.high)]) == 0;
        case SVT_BUS: {
            const unsigned bus = requester.value >> 8U;
            return bus >= sid >> 8U && bus <= (sid & 0xffU);
        }
        default:
            return false;
    }
}

// Table 15 of 5.1.4.1 from "present" on; the numbers of the rows are those of models/vtd/README.md.
Reason check(const Irte& entry, RequesterId requester, bool eime, const VtdProfile& profile) {
    if (!entry.present()) {
        return Reason::NotPresent;
    }
    const Reason source = source_reason(entry, requester, profile);
    const Reason field = field_reason(entry, eime, profile);
    if (profile.check_order == CheckOrder::ReservedFirst) {
        return field != Reason::None ? field : source;
    }
    return source != Reason::None ? source : field;
}

InterruptMessage message_of(const Irte& entry, bool eime, const VtdProfile& profile) {
    const std::uint64_t destination = irte::DST.get(entry.low);
    InterruptMessage message;
    message.wide = eime;
    message.destination = static_cast<std::uint32_t>(eime ? destination : irte::NARROW_DST.get(destination));
    message.logical = irte::DM.get(entry.low) != 0;
    message.mode = static_cast<DeliveryMode>(irte::DLM.get(entry.low));
    message.redirection_hint =
        irte::RH.get(entry.low) != 0 && (message.mode != DeliveryMode::Nmi || profile.nmi_honours_hint);
    switch (message.mode) {
        case DeliveryMode::Fixed:
        case DeliveryMode::LowestPriority:
            message.vector = static_cast<std::uint8_t>(irte::V.get(entry.low));
            message.level = irte::TM.get(entry.low) != 0;
            break;
        case DeliveryMode::Nmi:  // TM and level say nothing: VTD-17
            message.vector = profile.nmi_forwards_vector ? static_cast<std::uint8_t>(irte::V.get(entry.low)) : 0;
            break;
        default:  // V is ignored: 9.9
            break;
    }
    return message;
}

const char* text(Reason reason) {
    switch (reason) {
        case Reason::None:
            return "no fault";
        case Reason::RequestReserved:
            return "reserved bits of a remappable request are set";
        case Reason::IndexTooLarge:
            return "the interrupt index is beyond the table, or the entry beyond the host address width";
        case Reason::NotPresent:
            return "the entry is not present";
        case Reason::TableRead:
            return "the entry could not be read";
        case Reason::EntryReserved:
            return "reserved bits of a present entry are set";
        case Reason::Compatibility:
            return "a request of compatibility format is blocked";
        case Reason::SourceId:
            return "the requester is not the one that the entry names";
        case Reason::DescriptorRead:
            return "the posted-interrupt descriptor could not be read or written";
        case Reason::DescriptorReserved:
            return "reserved bits of the posted-interrupt descriptor are set";
        case Reason::MalformedWrite:
            return "a write to an interrupt address that is no interrupt";
        case Reason::EimRequired:
            return "the unit needs EIME = 1";
        case Reason::RemappingRequired:
            return "requests are blocked while interrupt remapping is off";
    }
    return "unknown";
}

}  // namespace hldsim::vtd
