// SPDX-License-Identifier: Apache-2.0
// I/O APIC register map. Intel 82093AA datasheet (order 290566), sections 3.1 (window) and 3.2 (behind the index); EOIR
// and the bits 55:48 of an entry as in I/O controller hubs; remappable format: VT-d specification 5.10,
// section 5.1.5.1.
//
// Registers behind the index are 32 bits wide; those of index i stand at INDEXED + 4 * i here, so that a redirection
// table entry (RTE) is one row of 64 bits. How many exist, and which bits of them, the profile decides.
#pragma once
#include <string_view>

#include "models/base/limits.hpp"
#include "models/regs/spec.hpp"

namespace hldsim::ioapic {

using regs::Access;
using regs::Field;
using regs::Register;

/// Where the indexed registers begin in the map; the window itself has 256 bytes.
inline constexpr std::uint32_t INDEXED = 0x1000;
/// Index of the low half of RTE 0.
inline constexpr unsigned FIRST_RTE = 0x10;
constexpr std::uint32_t entry_offset(unsigned pin) { return INDEXED + 4 * FIRST_RTE + 8 * pin; }

// clang-format off
inline constexpr Field IOREGSEL_FIELDS[] = {
    // bits    name                 access          reset meaning
    {{31, 9},  "",                  Access::RSVD,   0, ""},
    {{8, 8},   "INDEX_8",           Access::RW,     0, "bit 8 of the index, where there are more than 120 entries"},
    {{7, 0},   "INDEX",             Access::RW,     0, "index of the register that IOWIN shows"},
};
inline constexpr Field IOWIN_FIELDS[] = {
    {{31, 0},  "DATA",              Access::RW,     0, "the register that IOREGSEL selects"},
};
inline constexpr Field IRQPA_FIELDS[] = {
    {{31, 0},  "IRQPA",             Access::UNIMPL, 0, "pin assertion, I/O controller hubs 2 to 5 only"},
};
inline constexpr Field EOIR_FIELDS[] = {
    {{31, 8},  "",                  Access::RSVD,   0, ""},
    {{7, 0},   "VECTOR",            Access::WO,     0, "ends the level interrupts of that vector; version 20h and later (profile)"},
};
inline constexpr Field ID_FIELDS[] = {
    {{31, 28}, "",                  Access::RSVD,   0, ""},
    {{27, 24}, "ID",                Access::RW,     0, "I/O APIC id; no effect where interrupts are messages"},
    {{23, 0},  "",                  Access::RSVD,   0, ""},
};
inline constexpr Field VER_FIELDS[] = {
    {{31, 24}, "",                  Access::RSVD,   0, ""},
    {{23, 16}, "MAX_REDIR",         Access::RO,     0x17, "number of the last entry (profile)"},
    {{15, 15}, "PRQ",               Access::RO,     0, "1: IRQPA exists"},
    {{14, 8},  "",                  Access::RSVD,   0, ""},
    {{7, 0},   "VERSION",           Access::RO,     0x20, "11h: 82093AA; 20h: with EOIR (profile)"},
};
inline constexpr Field ARB_FIELDS[] = {
    {{31, 28}, "",                  Access::RSVD,   0, ""},
    {{27, 24}, "ARBITRATION_ID",    Access::RO,     0, "takes ID whenever that is written (82093AA)"},
    {{23, 0},  "",                  Access::RSVD,   0, ""},
};
inline constexpr Field RTE_FIELDS[] = {
    {{63, 56}, "DEST",              Access::RW,     0, "APIC id, or a set of logical destinations"},
    {{55, 49}, "EXT_DEST",          Access::RW,     0, "0; bits 14:8 of the destination on some virtual machines; exists with remapping (profile)"},
    {{48, 48}, "FORMAT",            Access::RW,     0, "0: compatibility format; exists with remapping (profile)"},
    {{47, 17}, "",                  Access::RSVD,   0, ""},
    {{16, 16}, "MASK",              Access::RW,     1, "1: masked"},
    {{15, 15}, "TRIGGER",           Access::RW,     0, "0: edge, 1: level"},
    {{14, 14}, "REMOTE_IRR",        Access::RO,     0, "level: the interrupt is on its way or in service, its EOI is not here"},
    {{13, 13}, "INTPOL",            Access::RW,     0, "0: active high, 1: active low"},
    {{12, 12}, "DELIVS",            Access::RO,     0, "1: the message is held up"},
    {{11, 11}, "DESTMOD",           Access::RW,     0, "0: physical, 1: logical destination"},
    {{10, 8},  "DELMOD",            Access::RW,     0, "0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT"},
    {{7, 0},   "VECTOR",            Access::RW,     0, "10h..FEh; an EOI matches this field"},
};
inline constexpr Field REMAPPABLE_FIELDS[] = {
    {{63, 49}, "INTERRUPT_INDEX",   Access::RW,     0, "bits 14:0 of the interrupt index"},
    {{48, 48}, "FORMAT",            Access::RW,     1, "1: remappable format"},
    {{47, 17}, "",                  Access::RSVD,   0, ""},
    {{16, 16}, "MASK",              Access::RW,     1, "1: masked"},
    {{15, 15}, "TRIGGER",           Access::RW,     0, "0: edge, 1: level; as TM of the IRTE"},
    {{14, 14}, "REMOTE_IRR",        Access::RO,     0, "level: the interrupt is on its way or in service, its EOI is not here"},
    {{13, 13}, "INTPOL",            Access::RW,     0, "0: active high, 1: active low"},
    {{12, 12}, "DELIVS",            Access::RO,     0, "1: the message is held up"},
    {{11, 11}, "INTERRUPT_INDEX_15", Access::RW,    0, "bit 15 of the interrupt index"},
    {{10, 8},  "ZERO",              Access::RW,     0, "must be 0, so that the message has no subhandle"},
    {{7, 0},   "VECTOR",            Access::RW,     0, "an EOI matches this field; Linux puts the input's number here"},
};

inline constexpr Register REGISTERS[] = {
    // offset            width name       count, stride            fields           section
    {0x00,               32,   "IOREGSEL", {},                      IOREGSEL_FIELDS, "3.1.1"},
    {0x10,               32,   "IOWIN",    {},                      IOWIN_FIELDS,    "3.1.2"},
    {0x20,               32,   "IRQPA",    {},                      IRQPA_FIELDS,    "ICH2 to ICH5 datasheets"},
    {0x40,               32,   "EOIR",     {},                      EOIR_FIELDS,     "ICH and PCH datasheets"},
    {INDEXED + 4 * 0x00, 32,   "ID",       {},                      ID_FIELDS,       "3.2.1"},
    {INDEXED + 4 * 0x01, 32,   "VER",      {},                      VER_FIELDS,      "3.2.2"},
    {INDEXED + 4 * 0x02, 32,   "ARB",      {},                      ARB_FIELDS,      "3.2.3"},
    {INDEXED + 4 * 0x10, 64,   "RTEn",     {limits::IOAPIC_PINS, 8}, RTE_FIELDS,     "3.2.4"},
};
// clang-format on
inline constexpr Register REMAPPABLE_RTE{INDEXED + 4 * 0x10,  64, "RTEn", {limits::IOAPIC_PINS, 8}, REMAPPABLE_FIELDS,
                                         "VT-d 5.10, 5.1.5.1"};

static_assert(regs::well_formed(REGISTERS[0]), "IOREGSEL");
static_assert(regs::well_formed(REGISTERS[1]), "IOWIN");
static_assert(regs::well_formed(REGISTERS[2]), "IRQPA");
static_assert(regs::well_formed(REGISTERS[3]), "EOIR");
static_assert(regs::well_formed(REGISTERS[4]), "ID");
static_assert(regs::well_formed(REGISTERS[5]), "VER");
static_assert(regs::well_formed(REGISTERS[6]), "ARB");
static_assert(regs::well_formed(REGISTERS[7]), "RTEn");
static_assert(regs::well_formed(REMAPPABLE_RTE), "RTEn, remappable format");
static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the I/O APIC register map");

inline constexpr std::string_view PLACES[] = {"00h",       "10h",       "20h",       "40h",
                                              "index 00h", "index 01h", "index 02h", "index 10h+2*n, 11h+2*n"};

// The bits that the device acts on, taken from the rows.
inline constexpr const Register& RTE = regs::row(REGISTERS, "RTEn");
inline constexpr Bits DEST = RTE.field("DEST");
inline constexpr Bits EXT_DEST = RTE.field("EXT_DEST");
/// 14:0 of the interrupt index, or the destination: bits 19:5 of the message's address in either format.
inline constexpr Bits ADDRESS_19_5{DEST.msb, EXT_DEST.lsb};
inline constexpr Bits FORMAT = RTE.field("FORMAT");
inline constexpr Bits MASK = RTE.field("MASK");
inline constexpr Bits TRIGGER = RTE.field("TRIGGER");
inline constexpr Bits REMOTE_IRR = RTE.field("REMOTE_IRR");
inline constexpr Bits INTPOL = RTE.field("INTPOL");
inline constexpr Bits DELIVS = RTE.field("DELIVS");
inline constexpr Bits DESTMOD = RTE.field("DESTMOD");
inline constexpr Bits DELMOD = RTE.field("DELMOD");
inline constexpr Bits VECTOR = RTE.field("VECTOR");
inline constexpr Bits INDEX_8 = regs::row(REGISTERS, "IOREGSEL").field("INDEX_8");
inline constexpr Bits MAX_REDIR = regs::row(REGISTERS, "VER").field("MAX_REDIR");
inline constexpr Bits VERSION = regs::row(REGISTERS, "VER").field("VERSION");
inline constexpr Bits ID_BITS = regs::row(REGISTERS, "ID").field("ID");
inline constexpr Bits ARBITRATION_ID = regs::row(REGISTERS, "ARB").field("ARBITRATION_ID");

inline constexpr regs::Format FORMATS[] = {{"RTEn", "remappable format (FORMAT = 1)", FORMAT, 1, &REMAPPABLE_RTE}};
inline constexpr regs::Map MAP{"ioapic",  "I/O APIC", "Intel 82093AA datasheet (order 290566); ICH and PCH datasheets",
                               REGISTERS, PLACES,     FORMATS};

}  // namespace hldsim::ioapic
