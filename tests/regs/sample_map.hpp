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
inline constexpr Register REGISTERS[] = {
    {0x00, 32, "CONTROL",  {},        CONTROL_FIELDS, "1.1"},
    {0x04, 32, "LATER",    {},        LATER_FIELDS,   "1.2"},
    {0x08, 32, "MIXED",    {},        MIXED_FIELDS,   "1.3"},
    {0x10, 64, "CHn_VAL",  {3, 0x10}, CHANNEL_FIELDS, "1.4"},
    {0x40,  8, "INDEX",    {},        BYTE_FIELDS,    "1.5"},
};
// clang-format on
static_assert(regs::well_formed(REGISTERS[0]) && regs::well_formed(REGISTERS));
inline constexpr regs::Map MAP{"sample", "Sample Device", "No Specification 1.0", REGISTERS};

}  // namespace hldsim::sample
