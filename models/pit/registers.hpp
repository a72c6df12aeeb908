// SPDX-License-Identifier: Apache-2.0
// The words of an 8254: Intel 8254 datasheet (order 231164), "Programming the 8254". The rows have no offsets of their
// own: which word a byte is follows from the port and from what was written before; PLACES says where each is found.
#pragma once
#include <string_view>

#include "models/regs/spec.hpp"

namespace hldsim::pit {

using regs::Access;
using regs::Field;
using regs::Register;

// clang-format off
inline constexpr Field CONTROL_FIELDS[] = {
    // bits  name            access        reset meaning
    {{7, 6}, "SC",           Access::WO,   0, "counter; 3: read-back command"},
    {{5, 4}, "RW",           Access::WO,   0, "0 latch the count; 1 low byte, 2 high byte, 3 low then high"},
    {{3, 1}, "M",            Access::WO,   0, "mode 0 to 5; 6 is 2, 7 is 3"},
    {{0, 0}, "BCD",          Access::WO,   0, "1: four decimal digits"},
};
inline constexpr Field READ_BACK_FIELDS[] = {
    {{7, 6}, "SC",           Access::WO,   3, "3: this is a read-back command"},
    {{5, 5}, "NOT_COUNT",    Access::WO,   0, "0: latch the count"},
    {{4, 4}, "NOT_STATUS",   Access::WO,   0, "0: latch the status"},
    {{3, 1}, "COUNTERS",     Access::WO,   0, "bit 1: counter 0, bit 2: counter 1, bit 3: counter 2"},
    {{0, 0}, "",             Access::RSVD, 0, ""},
};
inline constexpr Field COUNT_FIELDS[] = {
    {{7, 0}, "COUNT",        Access::RW,   0, "a byte of the count, low or high as RW says; 0 is 65536, or 10000"},
};
inline constexpr Field STATUS_FIELDS[] = {
    {{7, 7}, "OUT",          Access::RO,   0, "the output"},
    {{6, 6}, "NULL_COUNT",   Access::RO,   0, "1: the count last written is not counted yet"},
    {{5, 4}, "RW",           Access::RO,   0, "as programmed"},
    {{3, 1}, "M",            Access::RO,   0, "as programmed"},
    {{0, 0}, "BCD",          Access::RO,   0, "as programmed"},
};
inline constexpr Register REGISTERS[] = {
    // row  width name          count  fields            section
    {0,     8,    "CONTROL",    {},    CONTROL_FIELDS,   "control word format"},
    {1,     8,    "READ_BACK",  {},    READ_BACK_FIELDS, "read-back command"},
    {2,     8,    "COUNTERn",   {3, 1}, COUNT_FIELDS,    "write and read operations"},
    {5,     8,    "STATUSn",    {3, 1}, STATUS_FIELDS,   "read-back command, status"},
};
// clang-format on
static_assert(regs::well_formed(REGISTERS[0]), "CONTROL");
static_assert(regs::well_formed(REGISTERS[1]), "READ_BACK");
static_assert(regs::well_formed(REGISTERS[2]), "COUNTERn");
static_assert(regs::well_formed(REGISTERS[3]), "STATUSn");
static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the words of the 8254");

inline constexpr std::string_view PLACES[] = {"43h", "43h, bits 7:6 = 11b", "40h+n", "40h+n, read after read-back"};
inline constexpr regs::Map MAP{"pit", "8254 programmable interval timer", "Intel 8254 datasheet (order 231164)",
                               REGISTERS, PLACES};

}  // namespace hldsim::pit
