// SPDX-License-Identifier: Apache-2.0
// The words of an 8259A: Intel 8259A datasheet (order 231468), "Programming the 8259A"; ELCR as in the ICH datasheets.
//
// Two ports a chip (20h, 21h and A0h, A1h): which word a byte is follows from the port, from bits 4 and 3, and from
// what was written before. The rows have no offsets of their own; PLACES says where each is found.
#pragma once
#include <string_view>

#include "models/regs/spec.hpp"

namespace hldsim::pic {

using regs::Access;
using regs::Field;
using regs::Register;

// clang-format off
inline constexpr Field ICW1_FIELDS[] = {
    // bits  name            access        reset meaning
    {{7, 5}, "IGNORED",      Access::WO,   0, "interrupt vector address of an MCS-80"},
    {{4, 4}, "ICW1",         Access::WO,   1, "1: this is ICW1"},
    {{3, 3}, "LTIM",         Access::WO,   0, "1: all inputs are levels"},
    {{2, 2}, "ADI",          Access::WO,   0, "MCS-80 only"},
    {{1, 1}, "SNGL",         Access::WO,   0, "1: no ICW3 follows"},
    {{0, 0}, "IC4",          Access::WO,   0, "1: ICW4 follows"},
};
inline constexpr Field ICW2_FIELDS[] = {
    {{7, 3}, "VECTOR",       Access::WO,   0, "bits 7:3 of the vectors"},
    {{2, 0}, "IGNORED",      Access::WO,   0, "the input's number takes this place"},
};
inline constexpr Field ICW3_FIELDS[] = {
    {{7, 0}, "CASCADE",      Access::WO,   0, "which input has a slave (04h); of a slave: its number (02h)"},
};
inline constexpr Field ICW4_FIELDS[] = {
    {{7, 5}, "",             Access::RSVD, 0, ""},
    {{4, 4}, "SFNM",         Access::WO,   0, "1: special fully nested mode"},
    {{3, 2}, "BUF",          Access::WO,   0, "buffered mode: without effect"},
    {{1, 1}, "AEOI",         Access::WO,   0, "1: automatic end of interrupt"},
    {{0, 0}, "UPM",          Access::WO,   0, "1: 8086 mode; 0 is not modelled"},
};
inline constexpr Field OCW1_FIELDS[] = {
    {{7, 0}, "IMR",          Access::RW,   0, "bit n: input n is masked"},
};
inline constexpr Field OCW2_FIELDS[] = {
    {{7, 5}, "COMMAND",      Access::WO,   0, "1 EOI, 3 specific EOI, 5 rotate on EOI, 7 rotate on specific EOI, 4/0 rotate in AEOI on/off, 6 set priority, 2 nothing"},
    {{4, 3}, "OCW2",         Access::WO,   0, "00b: this is OCW2"},
    {{2, 0}, "LEVEL",        Access::WO,   0, "input of a specific command"},
};
inline constexpr Field OCW3_FIELDS[] = {
    {{7, 7}, "",             Access::RSVD, 0, ""},
    {{6, 6}, "ESMM",         Access::WO,   0, "1: SMM acts"},
    {{5, 5}, "SMM",          Access::WO,   0, "special mask mode"},
    {{4, 3}, "OCW3",         Access::WO,   1, "01b: this is OCW3"},
    {{2, 2}, "P",            Access::WO,   0, "1: the next read polls"},
    {{1, 1}, "RR",           Access::WO,   0, "1: RIS acts"},
    {{0, 0}, "RIS",          Access::WO,   0, "reads give 0: IRR, 1: ISR"},
};
inline constexpr Field IRR_FIELDS[] = {
    {{7, 0}, "IRR",          Access::RO,   0, "bit n: input n requests"},
};
inline constexpr Field ISR_FIELDS[] = {
    {{7, 0}, "ISR",          Access::RO,   0, "bit n: input n is in service"},
};
inline constexpr Field POLL_FIELDS[] = {
    {{7, 7}, "I",            Access::RO,   0, "1: there was a request; it is in service now"},
    {{6, 3}, "",             Access::RSVD, 0, ""},
    {{2, 0}, "LEVEL",        Access::RO,   0, "the highest input that requested"},
};
inline constexpr Field ELCR1_FIELDS[] = {
    {{7, 3}, "LEVEL",        Access::RW,   0, "bit n: IRQ n is a level"},
    {{2, 0}, "",             Access::RSVD, 0, "IRQ 0, 1 and 2 are edges"},
};
inline constexpr Field ELCR2_FIELDS[] = {
    {{7, 6}, "LEVEL_15_14",  Access::RW,   0, "IRQ 15 and 14 are levels"},
    {{5, 5}, "",             Access::RSVD, 0, "IRQ 13 is an edge"},
    {{4, 1}, "LEVEL_12_9",   Access::RW,   0, "IRQ 12 to 9 are levels"},
    {{0, 0}, "",             Access::RSVD, 0, "IRQ 8 is an edge"},
};
inline constexpr Register REGISTERS[] = {
    // row  width name     count  fields        section
    {0,     8,    "ICW1",  {},    ICW1_FIELDS,  "initialization command words"},
    {1,     8,    "ICW2",  {},    ICW2_FIELDS,  "initialization command words"},
    {2,     8,    "ICW3",  {},    ICW3_FIELDS,  "initialization command words"},
    {3,     8,    "ICW4",  {},    ICW4_FIELDS,  "initialization command words"},
    {4,     8,    "OCW1",  {},    OCW1_FIELDS,  "operation command words"},
    {5,     8,    "OCW2",  {},    OCW2_FIELDS,  "operation command words"},
    {6,     8,    "OCW3",  {},    OCW3_FIELDS,  "operation command words"},
    {7,     8,    "IRR",   {},    IRR_FIELDS,   "reading the 8259A status"},
    {8,     8,    "ISR",   {},    ISR_FIELDS,   "reading the 8259A status"},
    {9,     8,    "POLL",  {},    POLL_FIELDS,  "poll command"},
    {10,    8,    "ELCR1", {},    ELCR1_FIELDS, "ICH datasheets, ELCR1"},
    {11,    8,    "ELCR2", {},    ELCR2_FIELDS, "ICH datasheets, ELCR2"},
};
// clang-format on
static_assert(regs::each_well_formed(REGISTERS), "a word of the 8259A");
static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the words of the 8259A");

inline constexpr std::string_view PLACES[] = {"20h, A0h, bit 4 = 1",
                                              "21h, A1h after ICW1",
                                              "21h, A1h after ICW2",
                                              "21h, A1h after ICW3",
                                              "21h, A1h",
                                              "20h, A0h, bits 4:3 = 00b",
                                              "20h, A0h, bits 4:3 = 01b",
                                              "20h, A0h, read",
                                              "20h, A0h, read after RIS = 1",
                                              "read after P = 1",
                                              "4D0h",
                                              "4D1h"};
inline constexpr regs::Map MAP{"pic", "8259A pair", "Intel 8259A datasheet (order 231468)", REGISTERS, PLACES};

}  // namespace hldsim::pic
