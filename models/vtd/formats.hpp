// SPDX-License-Identifier: Apache-2.0
// What the unit reads in memory and takes out of messages, as rows: VT-d revision 5.10, chapters 5, 6 and 9.
//
// An entry or descriptor of 128 bits is two rows, bits 63:0 (_LO) and 127:64 (_HI, its bits counted from 0). Offsets
// here only tell the rows apart.
#pragma once
#include <string_view>

#include "models/regs/spec.hpp"

namespace hldsim::vtd {

using regs::Access;
using regs::Field;
using regs::Register;

// clang-format off
inline constexpr Field IRTE_LO_FIELDS[] = {
    // bits    name      access        reset   meaning
    {{63, 32}, "DST",    Access::RW,   0,      "destination; EIME = 0: 47:40 the id, the rest reserved"},
    {{31, 24}, "",       Access::RSVD, 0,      ""},
    {{23, 16}, "V",      Access::RW,   0,      "vector; NMI: the NMI source, if the processors report it"},
    {{15, 15}, "IM",     Access::RW,   0,      "1: posted format"},
    {{14, 12}, "",       Access::RSVD, 0,      ""},
    {{11, 8},  "AVAIL",  Access::RW,   0,      "software's"},
    {{7, 5},   "DLM",    Access::RW,   0,      "0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT"},
    {{4, 4},   "TM",     Access::RW,   0,      "1: level"},
    {{3, 3},   "RH",     Access::RW,   0,      "1: to one of the CPUs in DST"},
    {{2, 2},   "DM",     Access::RW,   0,      "1: logical"},
    {{1, 1},   "FPD",    Access::RW,   0,      "1: faults of this entry are not recorded"},
    {{0, 0},   "P",      Access::RW,   0,      "present"},
};
inline constexpr Field IRTE_LO_POSTED_FIELDS[] = {
    {{63, 38}, "PDAL",   Access::RW,   0,      "address of the posted-interrupt descriptor, bits 31:6"},
    {{37, 24}, "",       Access::RSVD, 0,      ""},
    {{23, 16}, "VV",     Access::RW,   0,      "virtual vector"},
    {{15, 15}, "IM",     Access::RW,   1,      "1: posted format"},
    {{14, 14}, "URG",    Access::RW,   0,      "1: notifies although the descriptor suppresses it"},
    {{13, 12}, "",       Access::RSVD, 0,      ""},
    {{11, 8},  "AVAIL",  Access::RW,   0,      "software's"},
    {{7, 2},   "",       Access::RSVD, 0,      ""},
    {{1, 1},   "FPD",    Access::RW,   0,      "1: faults of this entry are not recorded"},
    {{0, 0},   "P",      Access::RW,   0,      "present"},
};
inline constexpr Field IRTE_HI_FIELDS[] = {
    {{63, 20}, "",       Access::RSVD, 0,      "posted format: 63:32 PDAH, bits 63:32 of the descriptor's address"},
    {{19, 18}, "SVT",    Access::RW,   0,      "0 no check, 1 by SID and SQ, 2 by bus range, 3 reserved"},
    {{17, 16}, "SQ",     Access::RW,   0,      "SVT = 1: 0 all 16 bits, 1 not bit 2, 2 not bits 2:1, 3 not bits 2:0"},
    {{15, 0},  "SID",    Access::RW,   0,      "requester id; SVT = 2: 15:8 the first bus, 7:0 the last"},
};
inline constexpr Field IEC_DESCRIPTOR_LO_FIELDS[] = {
    {{63, 48}, "",       Access::RSVD, 0,      ""},
    {{47, 32}, "IIDX",   Access::RW,   0,      "interrupt index; its low IM bits are ignored"},
    {{31, 27}, "IM",     Access::RW,   0,      "2^IM entries"},
    {{26, 12}, "",       Access::RSVD, 0,      ""},
    {{11, 9},  "TYPE_H", Access::RW,   0,      "type, bits 6:4"},
    {{8, 5},   "",       Access::RSVD, 0,      ""},
    {{4, 4},   "G",      Access::RW,   0,      "0 global, 1 by index"},
    {{3, 0},   "TYPE",   Access::RW,   4,      "4: interrupt entry cache"},
};
inline constexpr Field IEC_DESCRIPTOR_HI_FIELDS[] = {
    {{63, 0},  "",       Access::RSVD, 0,      ""},
};
inline constexpr Field WAIT_DESCRIPTOR_LO_FIELDS[] = {
    {{63, 32}, "STDATA", Access::RW,   0,      "what the status write writes"},
    {{31, 12}, "",       Access::RSVD, 0,      ""},
    {{11, 9},  "TYPE_H", Access::RW,   0,      "type, bits 6:4"},
    {{8, 7},   "",       Access::RSVD, 0,      "7: PD, with page-request drain"},
    {{6, 6},   "FN",     Access::RW,   0,      "1: what is behind waits for this descriptor"},
    {{5, 5},   "SW",     Access::RW,   0,      "1: status write"},
    {{4, 4},   "IF",     Access::RW,   0,      "1: completion event"},
    {{3, 0},   "TYPE",   Access::RW,   5,      "5: invalidation wait"},
};
inline constexpr Field WAIT_DESCRIPTOR_HI_FIELDS[] = {
    {{63, 2},  "STADDR", Access::RW,   0,      "address of the status write, bits 63:2"},
    {{1, 0},   "",       Access::RSVD, 0,      ""},
};
inline constexpr Field MSI_ADDRESS_FIELDS[] = {
    {{31, 20}, "FEE",       Access::RW, 0xfee, "interrupt address range"},
    {{19, 5},  "HANDLE",    Access::RW, 0,     "handle, bits 14:0"},
    {{4, 4},   "FORMAT",    Access::RW, 1,     "1: remappable format"},
    {{3, 3},   "SHV",       Access::RW, 0,     "1: the subhandle counts"},
    {{2, 2},   "HANDLE_15", Access::RW, 0,     "handle, bit 15"},
    {{1, 0},   "",          Access::RSVD, 0,   ""},
};
inline constexpr Field MSI_DATA_FIELDS[] = {
    {{31, 16}, "",          Access::RSVD, 0,   "checked with SHV = 1 only"},
    {{15, 0},  "SUBHANDLE", Access::RW, 0,     "added to the handle if SHV = 1, else ignored"},
};
inline constexpr Field PID_CONTROL_FIELDS[] = {
    {{63, 32}, "NDST",   Access::RW,   0,      "destination of the notification; xAPIC: 47:40"},
    {{31, 24}, "",       Access::RSVD, 0,      ""},
    {{23, 16}, "NV",     Access::RW,   0,      "vector of the notification"},
    {{15, 2},  "",       Access::RSVD, 0,      ""},
    {{1, 1},   "SN",     Access::RW,   0,      "1: no notification, unless the entry is urgent"},
    {{0, 0},   "ON",     Access::RW,   0,      "1: a notification is outstanding"},
};

inline constexpr Register FORMATS[] = {
    {0x00, 64, "IRTE_LO",            {}, IRTE_LO_FIELDS,            "9.9"},
    {0x08, 64, "IRTE_HI",            {}, IRTE_HI_FIELDS,            "9.9"},
    {0x10, 64, "IRTE_LO_POSTED",     {}, IRTE_LO_POSTED_FIELDS,     "9.10"},
    {0x20, 64, "IEC_DESCRIPTOR_LO",  {}, IEC_DESCRIPTOR_LO_FIELDS,  "6.5.2"},
    {0x28, 64, "IEC_DESCRIPTOR_HI",  {}, IEC_DESCRIPTOR_HI_FIELDS,  "6.5.2"},
    {0x30, 64, "WAIT_DESCRIPTOR_LO", {}, WAIT_DESCRIPTOR_LO_FIELDS, "6.5.2"},
    {0x38, 64, "WAIT_DESCRIPTOR_HI", {}, WAIT_DESCRIPTOR_HI_FIELDS, "6.5.2"},
    {0x40, 32, "MSI_ADDRESS",        {}, MSI_ADDRESS_FIELDS,        "5.1.2.2"},
    {0x44, 32, "MSI_DATA",           {}, MSI_DATA_FIELDS,           "5.1.2.2"},
    {0x48, 64, "PID_CONTROL",        {}, PID_CONTROL_FIELDS,        "9.11"},
};
// clang-format on
static_assert(regs::well_formed(FORMATS));

inline constexpr std::string_view FORMAT_PLACES[] = {"entry, bits 63:0",
                                                     "entry, bits 127:64",
                                                     "entry with IM = 1, bits 63:0",
                                                     "descriptor, bits 63:0",
                                                     "descriptor, bits 127:64",
                                                     "descriptor, bits 63:0",
                                                     "descriptor, bits 127:64",
                                                     "message, address",
                                                     "message, data",
                                                     "posted-interrupt descriptor, bits 319:256"};
inline constexpr regs::Format OTHER_FORMATS[] = {
    {"IRTE_LO", "posted format (IM = 1)", FORMATS[0].field("IM"), 1, &FORMATS[2]}};
/// What is no register: `hldsim decode vtd-memory.IRTE_LO 0x...`.
inline constexpr regs::Map MEMORY_MAP{"vtd-memory",
                                      "VT-d entries, descriptors and messages",
                                      "Intel Virtualization Technology for Directed I/O, revision 5.10 (November 2025)",
                                      FORMATS,
                                      FORMAT_PLACES,
                                      OTHER_FORMATS};

constexpr const Register& format(std::string_view name) { return regs::row(FORMATS, name); }

static_assert(regs::each_well_formed(FORMATS), "gap, misalignment or duplicate field in a format");

// ---- the bits that the unit acts on, taken from the rows

/// Low half of an entry.
namespace irte {
inline constexpr Bits DST = format("IRTE_LO").field("DST");
inline constexpr Bits V = format("IRTE_LO").field("V");
inline constexpr Bits IM = format("IRTE_LO").field("IM");
inline constexpr Bits DLM = format("IRTE_LO").field("DLM");
inline constexpr Bits TM = format("IRTE_LO").field("TM");
inline constexpr Bits RH = format("IRTE_LO").field("RH");
inline constexpr Bits DM = format("IRTE_LO").field("DM");
inline constexpr Bits FPD = format("IRTE_LO").field("FPD");
inline constexpr Bits P = format("IRTE_LO").field("P");
inline constexpr Bits PDAL = format("IRTE_LO_POSTED").field("PDAL");
inline constexpr Bits VV = format("IRTE_LO_POSTED").field("VV");
inline constexpr Bits URG = format("IRTE_LO_POSTED").field("URG");
/// DST with EIME = 0, counted from bit 0 of DST: the rest is reserved (VTD-19).
inline constexpr Bits NARROW_DST{15, 8};
// High half.
inline constexpr Bits SVT = format("IRTE_HI").field("SVT");
inline constexpr Bits SQ = format("IRTE_HI").field("SQ");
inline constexpr Bits SID = format("IRTE_HI").field("SID");
inline constexpr Bits PDAH{63, 32};

inline constexpr std::uint64_t RESERVED_LO = format("IRTE_LO").mask(Access::RSVD);
inline constexpr std::uint64_t RESERVED_LO_POSTED = format("IRTE_LO_POSTED").mask(Access::RSVD);
inline constexpr std::uint64_t RESERVED_HI = format("IRTE_HI").mask(Access::RSVD);
inline constexpr std::uint64_t RESERVED_HI_POSTED = RESERVED_HI & ~PDAH.mask();
}  // namespace irte

/// 9.11: posted-interrupt descriptor, by 64-bit word.
namespace pid {
constexpr unsigned WORDS = 8;
constexpr unsigned CONTROL = 4;  // the word behind the 256 bits of PIR
inline constexpr Bits ON = format("PID_CONTROL").field("ON");
inline constexpr Bits SN = format("PID_CONTROL").field("SN");
inline constexpr Bits NV = format("PID_CONTROL").field("NV");
inline constexpr Bits NDST = format("PID_CONTROL").field("NDST");
inline constexpr Bits NDST_NARROW{47, 40};  // xAPIC
inline constexpr std::uint64_t RESERVED = format("PID_CONTROL").mask(Access::RSVD);
}  // namespace pid

/// Low quadword of a descriptor.
namespace descriptor {
inline constexpr Bits TYPE{3, 0};
inline constexpr Bits TYPE_HIGH{11, 9};
inline constexpr Bits IEC_G = format("IEC_DESCRIPTOR_LO").field("G");
inline constexpr Bits IEC_IM = format("IEC_DESCRIPTOR_LO").field("IM");
inline constexpr Bits IEC_IIDX = format("IEC_DESCRIPTOR_LO").field("IIDX");
inline constexpr Bits WAIT_IF = format("WAIT_DESCRIPTOR_LO").field("IF");
inline constexpr Bits WAIT_SW = format("WAIT_DESCRIPTOR_LO").field("SW");
inline constexpr Bits WAIT_FN = format("WAIT_DESCRIPTOR_LO").field("FN");
inline constexpr Bits WAIT_STDATA = format("WAIT_DESCRIPTOR_LO").field("STDATA");
inline constexpr Bits WAIT_STADDR = format("WAIT_DESCRIPTOR_HI").field("STADDR");
inline constexpr std::uint64_t IEC_RESERVED = format("IEC_DESCRIPTOR_LO").mask(Access::RSVD);
inline constexpr std::uint64_t WAIT_RESERVED = format("WAIT_DESCRIPTOR_LO").mask(Access::RSVD);
inline constexpr std::uint64_t WAIT_RESERVED_HI = format("WAIT_DESCRIPTOR_HI").mask(Access::RSVD);
constexpr std::uint64_t TYPE_IEC = 4;
constexpr std::uint64_t TYPE_WAIT = 5;
constexpr std::uint64_t TYPE_LAST_LEGACY = 5;
constexpr std::uint64_t TYPE_LAST_SCALABLE = 10;
}  // namespace descriptor

/// Remappable format of a message.
namespace remappable {
inline constexpr Bits HANDLE = format("MSI_ADDRESS").field("HANDLE");
inline constexpr Bits FORMAT = format("MSI_ADDRESS").field("FORMAT");
inline constexpr Bits SHV = format("MSI_ADDRESS").field("SHV");
inline constexpr Bits HANDLE_15 = format("MSI_ADDRESS").field("HANDLE_15");
inline constexpr Bits SUBHANDLE = format("MSI_DATA").field("SUBHANDLE");
inline constexpr Bits DATA_RESERVED{31, 16};
}  // namespace remappable

}  // namespace hldsim::vtd
