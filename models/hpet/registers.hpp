// SPDX-License-Identifier: Apache-2.0
// HPET register map: IA-PC HPET Specification, revision 1.0a (October 2004), section 2.3.
//
// Read-only fields get their value from the profile, which also decides how many timers exist and which RW field is
// read-only on a timer that lacks the capability. Reserved bits of GEN_CONF are preserved by software, those of
// TIMn_CONF are written 0 (2.3.5, 2.3.8).
#pragma once
#include "models/base/limits.hpp"
#include "models/regs/spec.hpp"

namespace hldsim::hpet {

using regs::Access;
using regs::Field;
using regs::Register;

// clang-format off
inline constexpr Field GCAP_ID_FIELDS[] = {
    // bits    name                   access        reset   meaning
    {{63, 32}, "COUNTER_CLK_PERIOD",  Access::RO,   0,      "fs a tick, at most 05F5E100h (profile)"},
    {{31, 16}, "VENDOR_ID",           Access::RO,   0x8086, "as in PCI configuration space (profile)"},
    {{15, 15}, "LEG_RT_CAP",          Access::RO,   1,      "1: legacy replacement routing exists (profile)"},
    {{14, 14}, "",                    Access::RSVD, 0,      ""},
    {{13, 13}, "COUNT_SIZE_CAP",      Access::RO,   1,      "1: the main counter has 64 bits, 0: 32 (profile)"},
    {{12, 8},  "NUM_TIM_CAP",         Access::RO,   7,      "number of the last timer (profile)"},
    {{7, 0},   "REV_ID",              Access::RO,   1,      "revision of the function, not 0 (profile)"},
};
inline constexpr Field GEN_CONF_FIELDS[] = {
    {{63, 16}, "",                    Access::RSVP, 0,      ""},
    {{15, 8},  "",                    Access::RSVP, 0,      "the manufacturer's, not an operating system's"},
    {{7, 2},   "",                    Access::RSVP, 0,      ""},
    {{1, 1},   "LEG_RT_CNF",          Access::RW,   0,      "1: timers 0 and 1 replace the 8254 and the RTC"},
    {{0, 0},   "ENABLE_CNF",          Access::RW,   0,      "1: the main counter runs and timers may interrupt"},
};
inline constexpr Field GINTR_STA_FIELDS[] = {
    {{63, 32}, "",                    Access::RSVD, 0,      ""},
    {{31, 0},  "Tn_INT_STS",          Access::RW1C, 0,      "bit n: level-triggered timer n is active; edge: not set"},
};
inline constexpr Field MAIN_CNT_FIELDS[] = {
    {{63, 0},  "MAIN_CNT",            Access::RW,   0,      "main counter; write it only while halted"},
};
inline constexpr Field TIMn_CONF_FIELDS[] = {
    {{63, 32}, "Tn_INT_ROUTE_CAP",    Access::RO,   0,      "bit i: I/O APIC input i is allowed (profile)"},
    {{31, 16}, "",                    Access::RSVD, 0,      ""},
    {{15, 15}, "Tn_FSB_INT_DEL_CAP",  Access::RO,   0,      "1: can deliver as a message (profile)"},
    {{14, 14}, "Tn_FSB_EN_CNF",       Access::RW,   0,      "1: deliver as a message, whatever Tn_INT_ROUTE_CNF (profile)"},
    {{13, 9},  "Tn_INT_ROUTE_CNF",    Access::RW,   0,      "I/O APIC input to raise"},
    {{8, 8},   "Tn_32MODE_CNF",       Access::RW,   0,      "1: a 64-bit timer works as a 32-bit timer (profile)"},
    {{7, 7},   "",                    Access::RSVD, 0,      ""},
    {{6, 6},   "Tn_VAL_SET_CNF",      Access::RW,   0,      "next TIMn_COMP write sets the accumulator; self-clearing"},
    {{5, 5},   "Tn_SIZE_CAP",         Access::RO,   0,      "1: the timer has 64 bits (profile)"},
    {{4, 4},   "Tn_PER_INT_CAP",      Access::RO,   0,      "1: the timer can be periodic (profile)"},
    {{3, 3},   "Tn_TYPE_CNF",         Access::RW,   0,      "1: periodic, 0: one-shot (profile)"},
    {{2, 2},   "Tn_INT_ENB_CNF",      Access::RW,   0,      "1: a match interrupts"},
    {{1, 1},   "Tn_INT_TYPE_CNF",     Access::RW,   0,      "1: level, 0: edge"},
    {{0, 0},   "",                    Access::RSVD, 0,      ""},
};
inline constexpr Field TIMn_COMP_FIELDS[] = {
    {{63, 0},  "Tn_COMP",             Access::RW,   ~0ULL,  "periodic: reads the accumulator, writes the period (profile)"},
};
inline constexpr Field TIMn_PROCMSG_ROUT_FIELDS[] = {
    {{63, 32}, "Tn_FSB_INT_ADDR",     Access::RW,   0,      "address of the message: FEEx_xxxxh interrupts"},
    {{31, 0},  "Tn_FSB_INT_VAL",      Access::RW,   0,      "data of the message"},
};

inline constexpr Register REGISTERS[] = {
    // offset width name                 count, stride                fields                    section
    {0x000,  64,   "GCAP_ID",            {},                          GCAP_ID_FIELDS,           "2.3.4"},
    {0x010,  64,   "GEN_CONF",           {},                          GEN_CONF_FIELDS,          "2.3.5"},
    {0x020,  64,   "GINTR_STA",          {},                          GINTR_STA_FIELDS,         "2.3.6"},
    {0x0f0,  64,   "MAIN_CNT",           {},                          MAIN_CNT_FIELDS,          "2.3.7"},
    {0x100,  64,   "TIMn_CONF",          {limits::HPET_TIMERS, 0x20}, TIMn_CONF_FIELDS,         "2.3.8"},
    {0x108,  64,   "TIMn_COMP",          {limits::HPET_TIMERS, 0x20}, TIMn_COMP_FIELDS,         "2.3.9"},
    {0x110,  64,   "TIMn_PROCMSG_ROUT",  {limits::HPET_TIMERS, 0x20}, TIMn_PROCMSG_ROUT_FIELDS, "2.3.10"},
};
// clang-format on

static_assert(regs::well_formed(REGISTERS[0]), "GCAP_ID");
static_assert(regs::well_formed(REGISTERS[1]), "GEN_CONF");
static_assert(regs::well_formed(REGISTERS[2]), "GINTR_STA");
static_assert(regs::well_formed(REGISTERS[3]), "MAIN_CNT");
static_assert(regs::well_formed(REGISTERS[4]), "TIMn_CONF");
static_assert(regs::well_formed(REGISTERS[5]), "TIMn_COMP");
static_assert(regs::well_formed(REGISTERS[6]), "TIMn_PROCMSG_ROUT");
static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the HPET register map");

inline constexpr regs::Map MAP{"hpet", "High Precision Event Timer", "IA-PC HPET Specification 1.0a (October 2004)",
                               REGISTERS};

constexpr const Register& row(std::string_view name) { return regs::row(REGISTERS, name); }

// The bits that the device acts on, taken from the rows.
inline constexpr Bits LEG_RT_CNF = row("GEN_CONF").field("LEG_RT_CNF");
inline constexpr Bits ENABLE_CNF = row("GEN_CONF").field("ENABLE_CNF");
inline constexpr Bits INT_ROUTE_CAP = row("TIMn_CONF").field("Tn_INT_ROUTE_CAP");
inline constexpr Bits FSB_INT_DEL_CAP = row("TIMn_CONF").field("Tn_FSB_INT_DEL_CAP");
inline constexpr Bits FSB_EN_CNF = row("TIMn_CONF").field("Tn_FSB_EN_CNF");
inline constexpr Bits INT_ROUTE_CNF = row("TIMn_CONF").field("Tn_INT_ROUTE_CNF");
inline constexpr Bits MODE_32BIT_CNF = row("TIMn_CONF").field("Tn_32MODE_CNF");
inline constexpr Bits VAL_SET_CNF = row("TIMn_CONF").field("Tn_VAL_SET_CNF");
inline constexpr Bits SIZE_CAP = row("TIMn_CONF").field("Tn_SIZE_CAP");
inline constexpr Bits PER_INT_CAP = row("TIMn_CONF").field("Tn_PER_INT_CAP");
inline constexpr Bits TYPE_CNF = row("TIMn_CONF").field("Tn_TYPE_CNF");
inline constexpr Bits INT_ENB_CNF = row("TIMn_CONF").field("Tn_INT_ENB_CNF");
inline constexpr Bits INT_TYPE_CNF = row("TIMn_CONF").field("Tn_INT_TYPE_CNF");
inline constexpr Bits FSB_INT_ADDR = row("TIMn_PROCMSG_ROUT").field("Tn_FSB_INT_ADDR");
inline constexpr Bits FSB_INT_VAL = row("TIMn_PROCMSG_ROUT").field("Tn_FSB_INT_VAL");

}  // namespace hldsim::hpet
