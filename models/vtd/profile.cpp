// SPDX-License-Identifier: Apache-2.0
#include "models/vtd/profile.hpp"

#include <stdexcept>
#include <string>

#include "models/vtd/registers.hpp"

namespace hldsim {

namespace {

void require(bool holds, const char* otherwise) {
    if (!holds) {
        throw std::invalid_argument(std::string{"vtd profile: "} + otherwise);
    }
}

std::uint64_t flag(std::uint64_t value, Bits bit, bool on) { return bit.set(value, on ? 1 : 0); }

}  // namespace

void VtdProfile::validate() const {
    constexpr std::uint32_t IOTLB_END = vtd::row("IOTLB").offset + 8;
    const std::uint64_t fault_records_end =
        std::uint64_t{fault_records_at} + std::uint64_t{fault_records} * vtd::FAULT_RECORD_BYTES;
    require(version_major <= 15 && version_minor <= 15, "a version of two 4-bit numbers (VT-d 11.4.1)");
    require(host_address_width >= 32 && host_address_width <= 52, "a host address width of 32 to 52 bits");
    require(fault_records >= 1 && fault_records <= limits::VTD_FAULT_RECORDS, "1 to 14 fault records");
    require(fault_records_at % vtd::FAULT_RECORD_BYTES == 0 && fault_records_at >= 0x200 &&
                fault_records_end <= vtd::WINDOW,
            "fault records at a multiple of 16 from 200h on, within the page");
    require(fault_records_at >= IOTLB_END || fault_records_end <= vtd::row("IVA").offset,
            "fault records beside the IOTLB registers, at 500h (ECAP.IRO)");
    require(iec_entries == 0 || (iec_ways != 0 && iec_entries % iec_ways == 0),
            "an entry cache of whole sets: its ways divide its entries");
    require(!eim_required || eim, "EIMER without EIM is no unit");
    require(max_index_mask <= 15, "ECAP.MHMV of 0 to 15");
}

std::uint64_t VtdProfile::ver() const {
    const regs::Register& row = vtd::row("VER");
    return row.field("MAX").set(row.field("MIN").set(0, version_minor), version_major);
}

std::uint64_t VtdProfile::cap() const {
    const regs::Register& row = vtd::row("CAP");
    std::uint64_t value = row.reset();
    value = flag(value, row.field("ESIRTPS"), esirtps);
    value = flag(value, row.field("PI"), posted_interrupts);
    value = flag(value, row.field("CM"), caching_mode);
    value = row.field("NFR").set(value, fault_records - 1);
    return row.field("FRO").set(value, fault_records_at / 16);
}

std::uint64_t VtdProfile::ecap() const {
    const regs::Register& row = vtd::row("ECAP");
    std::uint64_t value = row.reset();
    value = flag(value, row.field("EIM"), eim);
    value = flag(value, row.field("SMTS"), scalable_mode);
    value = flag(value, row.field("ADMS"), abort_dma_mode);
    value = flag(value, row.field("EIMER"), eim_required);
    value = flag(value, row.field("IRREQ"), ir_required);
    return row.field("MHMV").set(value, max_index_mask);
}

}  // namespace hldsim
