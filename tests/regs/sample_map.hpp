// SPDX-License-Identifier: Apache-2.0
// A map of no device, with every access word in it.
#pragma once
#include "models/regs/spec.hpp"

namespace hldsim::sample {

using regs::Access;
using regs::Field;
using regs::Register;

// clang-format off
inline constexpr Field CONTROL_FIELDS[] = {
    {{31, 24}, "KEY",    Access::WO,     0,    "write-only key"},
    {{23, 20}, "",       Access::RSVP,   0,    ""},
    {{19, 16}, "START",  Access::W1S,    0,    "write 1 to start"},
    {{15, 8},  "STATUS", Access::RW1C,   0xff, "write 1 to clear"},
    {{7, 4},   "ID",     Access::RO,     0x5,  "identity"},
    {{3, 2},   "",       Access::RSVD,   0,    ""},
    {{1, 0},   "MODE",   Access::RW,     1,    "mode"},
};
inline constexpr Field CHANNEL_FIELDS[] = {
    {{63, 0},  "VALUE",  Access::RW,     0,    "value"},
};
inline constexpr Field LATER_FIELDS[] = {
    {{31, 1},  "",       Access::RSVD,   0,    ""},
    {{0, 0},   "WHAT",   Access::UNIMPL, 0,    "not modelled"},
};
inline constexpr Field MIXED_FIELDS[] = {
    {{31, 16}, "WHAT",   Access::UNIMPL, 0,    "not modelled"},
    {{15, 0},  "KNOWN",  Access::RW,     0,    "modelled"},
};
inline constexpr Field BYTE_FIELDS[] = {
    {{7, 0},   "INDEX",  Access::RW,     0,    "index"},
};
inline constexpr Field WIDE_FIELDS[] = {
    {{63, 4},  "FIRST",                    Access::RW, 0, "a field with a wide value"},
    {{3, 0},   "A_NAME_OF_TWENTY_FOUR_XY", Access::RO, 5, "narrow (profile)"},
};
inline constexpr Register WIDE{0x00, 64, "WIDE", {}, WIDE_FIELDS, "1.6"};
inline constexpr Register REGISTERS[] = {
    {0x00, 32, "CONTROL",  {},        CONTROL_FIELDS, "1.1"},
    {0x04, 32, "LATER",    {},        LATER_FIELDS,   "1.2"},
    {0x08, 32, "MIXED",    {},        MIXED_FIELDS,   "1.3"},
    {0x10, 64, "CHn_VAL",  {3, 0x10}, CHANNEL_FIELDS, "1.4"},
    {0x40,  8, "INDEX",    {},        BYTE_FIELDS,    "1.5"},
};
// clang-format on
static_assert(regs::each_well_formed(REGISTERS) && regs::well_formed(REGISTERS));
inline constexpr regs::Map MAP{"sample", "Sample Device", "No Specification 1.0", REGISTERS};

// Two registers behind an index, the second with another meaning where its bit 7 is set.
// clang-format off
inline constexpr Field PLAIN_FIELDS[] = {
    {{7, 7},   "OTHER",  Access::RW,     0,    "1: the other format"},
    {{6, 0},   "LOW",    Access::RW,     0,    "seven bits"},
};
inline constexpr Field OTHER_FIELDS[] = {
    {{7, 7},   "OTHER",  Access::RW,     1,    "1: this format"},
    {{6, 4},   "HIGH",   Access::RW,     0,    "three bits"},
    {{3, 0},   "",       Access::RSVD,   0,    ""},
};
inline constexpr Register INDEXED[] = {
    {0, 8, "FIRST",  {},     BYTE_FIELDS,  "2.1"},
    {1, 8, "ENTRYn", {4, 1}, PLAIN_FIELDS, "2.2"},
};
// clang-format on
inline constexpr Register OTHER_ENTRY{1, 8, "ENTRYn", {4, 1}, OTHER_FIELDS, "2.3"};
inline constexpr std::string_view PLACES[] = {"index 00h", "index 01h and up"};
inline constexpr regs::Format FORMATS[] = {{"ENTRYn", "other format (bit 7 = 1)", {7, 7}, 1, &OTHER_ENTRY}};
inline constexpr regs::Map INDEXED_MAP{"indexed", "Indexed Device", "No Specification 1.1", INDEXED, PLACES, FORMATS};

}  // namespace hldsim::sample
