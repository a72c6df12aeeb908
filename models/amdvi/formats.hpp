// SPDX-License-Identifier: Apache-2.0
// What the unit reads and writes in memory, as rows: AMD IOMMU specification 48882, revision 3.05: 2.2.2 (device
// table), 2.2.5 (interrupt remapping tables), 2.4 (commands), 2.5 (events).
//
// What is longer than 64 bits is several rows; bits of each are counted from 0. Offsets here only tell the rows apart.
#pragma once
#include <string_view>

#include "models/regs/spec.hpp"

namespace hldsim::amdvi {

using regs::Access;
using regs::Field;
using regs::Register;

// clang-format off
inline constexpr Field DTE_0_FIELDS[] = {
    // bits    name      access        reset   meaning
    {{63, 63}, "",          Access::RSVD, 0, ""},
    {{62, 7},  "DMA",       Access::RW,   0, "DMA only"},
    {{6, 2},   "",          Access::RSVD, 0, ""},
    {{1, 1},   "TV",        Access::RW,   0, "DMA only"},
    {{0, 0},   "V",         Access::RW,   0, "1: bits 127:1 are valid; interrupts ask IV alone"},
};
inline constexpr Field DTE_1_FIELDS[] = {
    {{63, 0},  "DMA",       Access::RW,   0, "DMA only"},
};
inline constexpr Field DTE_2_FIELDS[] = {
    {{63, 63}, "Lint1Pass", Access::RW,   0, "legacy LINT1 messages pass; no device of ours sends one"},
    {{62, 62}, "Lint0Pass", Access::RW,   0, "legacy LINT0 messages pass; no device of ours sends one"},
    {{61, 60}, "IntCtl",    Access::RW,   0, "fixed and arbitrated: 0 target abort, 1 pass unmapped, 2 remap, 3 reserved"},
    {{59, 59}, "",          Access::RSVD, 0, ""},
    {{58, 58}, "NMIPass",   Access::RW,   0, "1: NMIs pass unchanged; 0: they are blocked"},
    {{57, 57}, "EIntPass",  Access::RW,   0, "1: ExtINTs pass unchanged; 0: they are blocked"},
    {{56, 56}, "INITPass",  Access::RW,   0, "1: INITs pass unchanged; 0: they are blocked"},
    {{55, 52}, "",          Access::RSVD, 0, ""},
    {{51, 6},  "IntTabRootPtr", Access::RW, 0, "interrupt remapping table, aligned to 128 bytes"},
    {{5, 5},   "IG",        Access::RW,   0, "1: IO_PAGE_FAULTs of interrupts are not logged"},
    {{4, 1},   "IntTabLen", Access::RW,   0, "2^IntTabLen entries, 0 to 11"},
    {{0, 0},   "IV",        Access::RW,   0, "1: this word and the next are valid; 0: every message passes unchanged"},
};
inline constexpr Field DTE_3_FIELDS[] = {
    {{63, 54}, "ATTR",      Access::RW,   0, "DMA only"},
    {{53, 0},  "",          Access::RSVD, 0, ""},
};
inline constexpr Field IRTE_FIELDS[] = {
    {{31, 24}, "",            Access::RSVD, 0, ""},
    {{23, 16}, "Vector",      Access::RW,   0, "vector"},
    {{15, 8},  "Destination", Access::RW,   0, "8-bit id"},
    {{7, 7},   "",            Access::RSVD, 0, "guest mode, with GAEn only"},
    {{6, 6},   "DM",          Access::RW,   0, "1: logical"},
    {{5, 5},   "RqEoi",       Access::RW,   0, "HyperTransport only"},
    {{4, 2},   "IntType",     Access::RW,   0, "0 fixed, 1 arbitrated, else reserved"},
    {{1, 1},   "SupIOPF",     Access::RW,   0, "1: IO_PAGE_FAULTs of this entry are not logged"},
    {{0, 0},   "RemapEn",     Access::RW,   0, "1: remap; 0: IO_PAGE_FAULT"},
};
inline constexpr Field IRTE_LO_FIELDS[] = {
    {{63, 32}, "GATag",       Access::RW,   0, "software's where GuestMode = 0"},
    {{31, 8},  "Destination", Access::RW,   0, "id, bits 23:0; without XTEn 7:0, the rest reserved"},
    {{7, 7},   "GuestMode",   Access::RW,   0, "0, as EFR.GAMSup is 0"},
    {{6, 6},   "DM",          Access::RW,   0, "1: logical"},
    {{5, 5},   "RqEoi",       Access::RW,   0, "HyperTransport only"},
    {{4, 2},   "IntType",     Access::RW,   0, "0 fixed, 1 arbitrated, else reserved"},
    {{1, 1},   "SupIOPF",     Access::RW,   0, "1: IO_PAGE_FAULTs of this entry are not logged"},
    {{0, 0},   "RemapEn",     Access::RW,   0, "1: remap; 0: IO_PAGE_FAULT"},
};
inline constexpr Field IRTE_HI_FIELDS[] = {
    {{63, 56}, "DestinationHi", Access::RW, 0, "id, bits 31:24; reserved without XTEn"},
    {{55, 8},  "",            Access::RSVD, 0, "guest mode only"},
    {{7, 0},   "Vector",      Access::RW,   0, "vector"},
};
inline constexpr Field COMPLETION_WAIT_FIELDS[] = {
    {{63, 60}, "OPCODE",      Access::RW,   1, "1"},
    {{59, 52}, "",            Access::RSVD, 0, ""},
    {{51, 3},  "StoreAddress",Access::RW,   0, "address of the store / 8"},
    {{2, 2},   "f",           Access::RW,   0, "1: what is behind waits for this command"},
    {{1, 1},   "i",           Access::RW,   0, "1: ComWaitInt"},
    {{0, 0},   "s",           Access::RW,   0, "1: store"},
};
inline constexpr Field STORE_DATA_FIELDS[] = {
    {{63, 0},  "StoreData",   Access::RW,   0, "what the store writes, 8 bytes"},
};
inline constexpr Field INVALIDATE_FIELDS[] = {
    {{63, 60}, "OPCODE",      Access::RW,   5, "2 INVALIDATE_DEVTAB_ENTRY, 5 INVALIDATE_INTERRUPT_TABLE"},
    {{59, 16}, "",            Access::RSVD, 0, ""},
    {{15, 0},  "DeviceID",    Access::RW,   0, "whose entry, or table"},
};
inline constexpr Field EVENT_LO_FIELDS[] = {
    {{63, 60}, "CODE",        Access::RW,   2, "1 ILLEGAL_DEV_TABLE_ENTRY, 2 IO_PAGE_FAULT, 3 DEV_TAB_HARDWARE_ERROR, "
                                               "4 PAGE_TAB_HARDWARE_ERROR, 5 ILLEGAL_COMMAND_ERROR, 6 COMMAND_HARDWARE_ERROR"},
    {{59, 59}, "",            Access::RSVD, 0, ""},
    {{58, 57}, "TYPE",        Access::RW,   0, "hardware errors: 1 master abort, 2 target abort, 3 data error"},
    {{56, 56}, "TR",          Access::RW,   0, "DMA only"},
    {{55, 55}, "RZ",          Access::RW,   0, "1: reserved bits are not 0, or a reserved value"},
    {{54, 54}, "PE",          Access::RW,   0, "DMA only"},
    {{53, 53}, "RW",          Access::RW,   0, "DMA only"},
    {{52, 52}, "PR",          Access::RW,   0, "1: the entry has RemapEn = 1"},
    {{51, 51}, "I",           Access::RW,   0, "1: of an interrupt request"},
    {{50, 48}, "DMA",         Access::RW,   0, "DMA only"},
    {{47, 32}, "DomainID",    Access::RW,   0, "of the device; DMA only"},
    {{31, 16}, "",            Access::RSVD, 0, ""},
    {{15, 0},  "DeviceID",    Access::RW,   0, "requester id of the request"},
};
inline constexpr Field EVENT_HI_FIELDS[] = {
    {{63, 0},  "Address",     Access::RW,   0, "of the message, the table entry, the command or its store"},
};
inline constexpr Field MSI_DATA_FORMAT_FIELDS[] = {
    {{31, 11}, "OTHER",       Access::RW,   0, "as in any message"},
    {{10, 0},  "INDEX",       Access::RW,   0, "of the entry; 10:8 are the delivery mode as well"},
};

inline constexpr Register FORMATS[] = {
    {0x00, 64, "DTE_0",                {}, DTE_0_FIELDS,           "2.2.2"},
    {0x08, 64, "DTE_1",                {}, DTE_1_FIELDS,           "2.2.2"},
    {0x10, 64, "DTE_2",                {}, DTE_2_FIELDS,           "2.2.2"},
    {0x18, 64, "DTE_3",                {}, DTE_3_FIELDS,           "2.2.2"},
    {0x20, 32, "IRTE",                 {}, IRTE_FIELDS,            "2.2.5"},
    {0x28, 64, "IRTE_LO",              {}, IRTE_LO_FIELDS,         "2.2.5"},
    {0x30, 64, "IRTE_HI",              {}, IRTE_HI_FIELDS,         "2.2.5"},
    {0x38, 64, "COMPLETION_WAIT_LO",   {}, COMPLETION_WAIT_FIELDS, "2.4"},
    {0x40, 64, "COMPLETION_WAIT_HI",   {}, STORE_DATA_FIELDS,      "2.4"},
    {0x48, 64, "INVALIDATE_LO",        {}, INVALIDATE_FIELDS,      "2.4"},
    {0x50, 64, "EVENT_LO",             {}, EVENT_LO_FIELDS,        "2.5"},
    {0x58, 64, "EVENT_HI",             {}, EVENT_HI_FIELDS,        "2.5"},
    {0x60, 32, "MSI_DATA",             {}, MSI_DATA_FORMAT_FIELDS, "2.2.5"},
};
// clang-format on
static_assert(regs::well_formed(FORMATS));

inline constexpr std::string_view FORMAT_PLACES[] = {"device table entry, bits 63:0",
                                                     "device table entry, bits 127:64",
                                                     "device table entry, bits 191:128",
                                                     "device table entry, bits 255:192",
                                                     "interrupt remapping entry with GAEn = 0",
                                                     "interrupt remapping entry with GAEn = 1, bits 63:0",
                                                     "interrupt remapping entry with GAEn = 1, bits 127:64",
                                                     "command, bits 63:0",
                                                     "command, bits 127:64",
                                                     "command, bits 63:0",
                                                     "event, bits 63:0",
                                                     "event, bits 127:64",
                                                     "message, data"};
/// What is no register: `hldsim decode amdvi-memory.DTE_2 0x...`.
inline constexpr regs::Map MEMORY_MAP{"amdvi-memory", "AMD-Vi entries, commands, events and messages",
                                      "AMD I/O Virtualization Technology (IOMMU) Specification, 48882, revision 3.05",
                                      FORMATS, FORMAT_PLACES};

constexpr const Register& format(std::string_view name) { return regs::row(FORMATS, name); }

static_assert(regs::each_well_formed(FORMATS), "gap, misalignment or duplicate field in a format");

// ---- the bits that the unit acts on, taken from the rows

/// Bits 191:128 of a device table entry.
namespace dte {
inline constexpr Bits IV = format("DTE_2").field("IV");
inline constexpr Bits INT_TAB_LEN = format("DTE_2").field("IntTabLen");
inline constexpr Bits IG = format("DTE_2").field("IG");
inline constexpr Bits INT_TAB_ROOT = format("DTE_2").field("IntTabRootPtr");
inline constexpr Bits INIT_PASS = format("DTE_2").field("INITPass");
inline constexpr Bits EINT_PASS = format("DTE_2").field("EIntPass");
inline constexpr Bits NMI_PASS = format("DTE_2").field("NMIPass");
inline constexpr Bits INT_CTL = format("DTE_2").field("IntCtl");
inline constexpr std::uint64_t RESERVED_2 = format("DTE_2").mask(Access::RSVD);
inline constexpr std::uint64_t RESERVED_3 = format("DTE_3").mask(Access::RSVD);
constexpr unsigned INT_TAB_LEN_MAX = 11;
enum IntCtl : std::uint64_t { ABORT = 0, PASS = 1, REMAP = 2 };
}  // namespace dte

/// Both sizes of entries, as far as they agree; then each.
namespace irte {
inline constexpr Bits REMAP_EN = format("IRTE").field("RemapEn");
inline constexpr Bits SUP_IOPF = format("IRTE").field("SupIOPF");
inline constexpr Bits INT_TYPE = format("IRTE").field("IntType");
inline constexpr Bits DM = format("IRTE").field("DM");
inline constexpr Bits VECTOR = format("IRTE").field("Vector");
inline constexpr Bits DESTINATION = format("IRTE").field("Destination");
inline constexpr std::uint64_t RESERVED = format("IRTE").mask(Access::RSVD);
inline constexpr Bits GUEST_MODE = format("IRTE_LO").field("GuestMode");
inline constexpr Bits DESTINATION_LO = format("IRTE_LO").field("Destination");
inline constexpr Bits DESTINATION_HI = format("IRTE_HI").field("DestinationHi");
inline constexpr Bits VECTOR_128 = format("IRTE_HI").field("Vector");
inline constexpr std::uint64_t RESERVED_HI = format("IRTE_HI").mask(Access::RSVD);
static_assert(format("IRTE_LO").field("IntType").mask() == INT_TYPE.mask() &&
              format("IRTE_LO").field("DM").mask() == DM.mask() &&
              format("IRTE_LO").field("SupIOPF").mask() == SUP_IOPF.mask());
}  // namespace irte

namespace command {
inline constexpr Bits OPCODE = format("COMPLETION_WAIT_LO").field("OPCODE");
inline constexpr Bits STORE = format("COMPLETION_WAIT_LO").field("s");
inline constexpr Bits INTERRUPT = format("COMPLETION_WAIT_LO").field("i");
inline constexpr Bits FLUSH = format("COMPLETION_WAIT_LO").field("f");
inline constexpr Bits STORE_ADDRESS = format("COMPLETION_WAIT_LO").field("StoreAddress");
inline constexpr std::uint64_t WAIT_RESERVED = format("COMPLETION_WAIT_LO").mask(Access::RSVD);
inline constexpr Bits DEVICE_ID = format("INVALIDATE_LO").field("DeviceID");
inline constexpr std::uint64_t INVALIDATE_RESERVED = format("INVALIDATE_LO").mask(Access::RSVD);
enum Opcode : std::uint64_t {
    COMPLETION_WAIT = 1,
    INVALIDATE_DEVTAB_ENTRY = 2,
    INVALIDATE_IOMMU_PAGES = 3,
    INVALIDATE_IOTLB_PAGES = 4,
    INVALIDATE_INTERRUPT_TABLE = 5,
    INVALIDATE_IOMMU_ALL = 8,
};
}  // namespace command

namespace event {
inline constexpr Bits CODE = format("EVENT_LO").field("CODE");
inline constexpr Bits TYPE = format("EVENT_LO").field("TYPE");
inline constexpr Bits RZ = format("EVENT_LO").field("RZ");
inline constexpr Bits PR = format("EVENT_LO").field("PR");
inline constexpr Bits I = format("EVENT_LO").field("I");
inline constexpr Bits DEVICE_ID = format("EVENT_LO").field("DeviceID");
constexpr std::uint64_t TARGET_ABORT = 2;
constexpr std::uint64_t DATA_ERROR = 3;
}  // namespace event

/// Bits 10:0 of a message's data.
inline constexpr Bits INDEX = format("MSI_DATA").field("INDEX");
constexpr std::uint32_t INDICES = 1U << 11U;

}  // namespace hldsim::amdvi
