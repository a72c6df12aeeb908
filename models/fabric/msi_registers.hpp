// SPDX-License-Identifier: Apache-2.0
// The bits of an interrupt message as rows, in both formats: Intel SDM volume 3A, 10.11.1 (address) and 10.11.2 (data);
// VT-d specification 5.10, section 5.1.2.2, tables 13 and 14 (remappable format). Nobody accesses them as registers:
// the rows are for documents and for taking messages apart.
#pragma once
#include "models/regs/spec.hpp"

namespace hldsim::msi {

// clang-format off
inline constexpr regs::Field ADDRESS_FIELDS[] = {
    // bits    name                access              reset  meaning
    {{63, 32}, "HIGH",             regs::Access::RW,   0,     "0, else not an interrupt address"},
    {{31, 20}, "RANGE",            regs::Access::RO,   0xfee, "FEEh: an interrupt message"},
    {{19, 12}, "DEST",             regs::Access::RW,   0,     "destination id; FFh physical: every local APIC"},
    {{11, 5},  "EXT_DEST",         regs::Access::RW,   0,     "0; bits 14:8 of the destination on some virtual machines"},
    {{4, 4},   "FORMAT",           regs::Access::RW,   0,     "0: compatibility format"},
    {{3, 3},   "RH",               regs::Access::RW,   0,     "redirection hint: one of a logical set"},
    {{2, 2},   "DM",               regs::Access::RW,   0,     "destination mode: 0 physical, 1 logical"},
    {{1, 0},   "IGNORED",          regs::Access::RW,   0,     "the write is of 4 bytes, aligned"},
};
inline constexpr regs::Field REMAPPABLE_ADDRESS_FIELDS[] = {
    {{63, 32}, "HIGH",             regs::Access::RW,   0,     "0, else not an interrupt address"},
    {{31, 20}, "RANGE",            regs::Access::RO,   0xfee, "FEEh: an interrupt message"},
    {{19, 5},  "HANDLE",           regs::Access::RW,   0,     "bits 14:0 of the handle"},
    {{4, 4},   "FORMAT",           regs::Access::RW,   1,     "1: remappable format"},
    {{3, 3},   "SHV",              regs::Access::RW,   0,     "1: the data has a subhandle, which is added to the handle"},
    {{2, 2},   "HANDLE_15",        regs::Access::RW,   0,     "bit 15 of the handle"},
    {{1, 0},   "IGNORED",          regs::Access::RW,   0,     "the write is of 4 bytes, aligned"},
};
inline constexpr regs::Field DATA_FIELDS[] = {
    {{31, 16}, "",                 regs::Access::RSVD, 0,     ""},
    {{15, 15}, "TM",               regs::Access::RW,   0,     "trigger mode: 0 edge, 1 level; only fixed and lowest priority"},
    {{14, 14}, "LEVEL",            regs::Access::RW,   0,     "level trigger: 1 assert, 0 de-assert"},
    {{13, 11}, "",                 regs::Access::RSVD, 0,     ""},
    {{10, 8},  "DELMOD",           regs::Access::RW,   0,     "0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT"},
    {{7, 0},   "VECTOR",           regs::Access::RW,   0,     "10h..FEh; SMI: 0; NMI, INIT, ExtINT: ignored"},
};
inline constexpr regs::Field SUBHANDLE_FIELDS[] = {
    {{31, 16}, "",                 regs::Access::RSVD, 0,     ""},
    {{15, 0},  "SUBHANDLE",        regs::Access::RW,   0,     "added to the handle"},
};
inline constexpr regs::Register REGISTERS[] = {
    // offset width name             count  fields            section
    {0x00,  64,   "ADDRESS",         {},    ADDRESS_FIELDS,   "10.11.1"},
    {0x08,  32,   "DATA",            {},    DATA_FIELDS,      "10.11.2"},
    {0x0c,  32,   "DATA_SUBHANDLE",  {},    SUBHANDLE_FIELDS, "VT-d 5.10, 5.1.2.2"},
};
// clang-format on
inline constexpr regs::Register REMAPPABLE_ADDRESS{
    0x00, 64, "ADDRESS", {}, REMAPPABLE_ADDRESS_FIELDS, "VT-d 5.10, 5.1.2.2"};

static_assert(regs::well_formed(REGISTERS[0]), "ADDRESS");
static_assert(regs::well_formed(REGISTERS[1]), "DATA");
static_assert(regs::well_formed(REGISTERS[2]), "DATA_SUBHANDLE");
static_assert(regs::well_formed(REMAPPABLE_ADDRESS), "ADDRESS, remappable format");
static_assert(regs::well_formed(REGISTERS), "the rows of an interrupt message");

constexpr const regs::Register& row(std::string_view name) { return regs::row(REGISTERS, name); }

inline constexpr std::string_view PLACES[] = {"address", "data", "data, where SHV = 1"};
inline constexpr regs::Format FORMATS[] = {
    {"ADDRESS", "remappable format (FORMAT = 1)", row("ADDRESS").field("FORMAT"), 1, &REMAPPABLE_ADDRESS}};
inline constexpr regs::Map MAP{"msi",
                               "Interrupt message (MSI)",
                               "Intel SDM volume 3A, section 10.11, edition of 2015; VT-d specification 5.10",
                               REGISTERS,
                               PLACES,
                               FORMATS};

}  // namespace hldsim::msi
