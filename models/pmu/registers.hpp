// SPDX-License-Identifier: Apache-2.0
// Architectural performance monitoring, version 2: the fixed counters and what controls them. SDM vol. 3B (edition of
// 2015), 18.2.1 and 18.2.2.
//
// Registers are MSRs of 64 bits: `offset` is 8 for each MSR behind the first one.
#pragma once
#include <cstdint>
#include <iterator>
#include <string_view>

#include "models/regs/spec.hpp"

namespace hldsim::pmu {

using regs::Access;
using regs::Field;
using regs::Register;

constexpr std::uint8_t COUNTERS = 3;
constexpr std::uint32_t FIRST_MSR = 0x309;
constexpr std::uint32_t LAST_MSR = 0x390;
/// Of an MSR from FIRST_MSR to LAST_MSR.
constexpr std::uint32_t offset_of_msr(std::uint32_t msr) { return (msr - FIRST_MSR) * 8; }

// clang-format off
inline constexpr Field FIXED_CTR_FIELDS[] = {
    // bits    name               access        reset meaning
    {{63, 48}, "",                Access::RSVD, 0, ""},
    {{47, 0},  "COUNT",           Access::RW,   0, "0: instructions, 1: core cycles, 2: cycles of the TSC"},
};
inline constexpr Field FIXED_CTR_CTRL_FIELDS[] = {
    {{63, 12}, "",                Access::RSVD, 0, ""},
    {{11, 11}, "PMI2",            Access::RW,   0, "1: an overflow of counter 2 interrupts"},
    {{10, 10}, "",                Access::RSVD, 0, ""},
    {{9, 8},   "EN2",             Access::RW,   0, "counter 2: 0 off, 1 OS, 2 user, 3 both"},
    {{7, 7},   "PMI1",            Access::RW,   0, "1: an overflow of counter 1 interrupts"},
    {{6, 6},   "",                Access::RSVD, 0, ""},
    {{5, 4},   "EN1",             Access::RW,   0, "counter 1: 0 off, 1 OS, 2 user, 3 both"},
    {{3, 3},   "PMI0",            Access::RW,   0, "1: an overflow of counter 0 interrupts"},
    {{2, 2},   "",                Access::RSVD, 0, ""},
    {{1, 0},   "EN0",             Access::RW,   0, "counter 0: 0 off, 1 OS, 2 user, 3 both"},
};
inline constexpr Field GLOBAL_STATUS_FIELDS[] = {
    {{63, 63}, "COND_CHGD",       Access::RO,   0, "never set here"},
    {{62, 62}, "OVF_BUF",         Access::RO,   0, "never set here: no debug store"},
    {{61, 35}, "",                Access::RSVD, 0, ""},
    {{34, 34}, "OVF_FIXED_CTR2",  Access::RO,   0, "counter 2 has overflowed"},
    {{33, 33}, "OVF_FIXED_CTR1",  Access::RO,   0, "counter 1 has overflowed"},
    {{32, 32}, "OVF_FIXED_CTR0",  Access::RO,   0, "counter 0 has overflowed"},
    {{31, 0},  "",                Access::RSVD, 0, ""},
};
inline constexpr Field GLOBAL_CTRL_FIELDS[] = {
    {{63, 35}, "",                Access::RSVD, 0, ""},
    {{34, 34}, "EN_FIXED_CTR2",   Access::RW,   0, "1: counter 2 may count"},
    {{33, 33}, "EN_FIXED_CTR1",   Access::RW,   0, "1: counter 1 may count"},
    {{32, 32}, "EN_FIXED_CTR0",   Access::RW,   0, "1: counter 0 may count"},
    {{31, 0},  "",                Access::RSVD, 0, ""},
};
inline constexpr Field GLOBAL_OVF_CTRL_FIELDS[] = {
    {{63, 63}, "CLR_COND_CHGD",   Access::WO,   0, "1: clears COND_CHGD"},
    {{62, 62}, "CLR_OVF_BUF",     Access::WO,   0, "1: clears OVF_BUF"},
    {{61, 35}, "",                Access::RSVD, 0, ""},
    {{34, 34}, "CLR_FIXED_CTR2",  Access::WO,   0, "1: clears OVF_FIXED_CTR2"},
    {{33, 33}, "CLR_FIXED_CTR1",  Access::WO,   0, "1: clears OVF_FIXED_CTR1"},
    {{32, 32}, "CLR_FIXED_CTR0",  Access::WO,   0, "1: clears OVF_FIXED_CTR0"},
    {{31, 0},  "",                Access::RSVD, 0, ""},
};
inline constexpr Register REGISTERS[] = {
    // MSR                   width name                         count,stride   fields                  section
    {offset_of_msr(0x309), 64, "IA32_FIXED_CTR",            {COUNTERS, 8}, FIXED_CTR_FIELDS,       "18.2.2"},
    {offset_of_msr(0x38d), 64, "IA32_FIXED_CTR_CTRL",       {},            FIXED_CTR_CTRL_FIELDS,  "18.2.2"},
    {offset_of_msr(0x38e), 64, "IA32_PERF_GLOBAL_STATUS",   {},            GLOBAL_STATUS_FIELDS,   "18.2.2"},
    {offset_of_msr(0x38f), 64, "IA32_PERF_GLOBAL_CTRL",     {},            GLOBAL_CTRL_FIELDS,     "18.2.2"},
    {offset_of_msr(0x390), 64, "IA32_PERF_GLOBAL_OVF_CTRL", {},            GLOBAL_OVF_CTRL_FIELDS, "18.2.2"},
};
// clang-format on
static_assert(regs::well_formed(REGISTERS[0]), "IA32_FIXED_CTR");
static_assert(regs::well_formed(REGISTERS[1]), "IA32_FIXED_CTR_CTRL");
static_assert(regs::well_formed(REGISTERS[2]), "IA32_PERF_GLOBAL_STATUS");
static_assert(regs::well_formed(REGISTERS[3]), "IA32_PERF_GLOBAL_CTRL");
static_assert(regs::well_formed(REGISTERS[4]), "IA32_PERF_GLOBAL_OVF_CTRL");
static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the performance counters' registers");

inline constexpr std::string_view PLACES[] = {"MSR 309h to 30Bh", "MSR 38Dh", "MSR 38Eh", "MSR 38Fh", "MSR 390h"};
inline constexpr regs::Map MAP{"pmu", "Performance counters of a CPU", "SDM vol. 3B, edition of 2015", REGISTERS,
                               PLACES};

/// Instances of registers, in the order of the map.
enum Slot : std::uint8_t { FIXED_CTR, FIXED_CTR_CTRL = COUNTERS, GLOBAL_STATUS, GLOBAL_CTRL, GLOBAL_OVF_CTRL, SLOTS };

static_assert(REGISTERS[0].repeat.count == COUNTERS && std::size(REGISTERS) == SLOTS - COUNTERS + 1, "slots");
static_assert(REGISTERS[1].name == "IA32_FIXED_CTR_CTRL" && REGISTERS[2].name == "IA32_PERF_GLOBAL_STATUS" &&
                  REGISTERS[3].name == "IA32_PERF_GLOBAL_CTRL" && REGISTERS[4].name == "IA32_PERF_GLOBAL_OVF_CTRL",
              "slots");

/// Bits of counter n.
constexpr Bits enabled(unsigned n) { return {4 * n + 1, 4 * n}; }         // of IA32_FIXED_CTR_CTRL
constexpr Bits interrupts(unsigned n) { return {4 * n + 3, 4 * n + 3}; }  // of IA32_FIXED_CTR_CTRL
constexpr Bits of_counter(unsigned n) { return {32 + n, 32 + n}; }        // of the three global registers
static_assert(enabled(1).mask() == REGISTERS[1].field("EN1").mask(), "EN1");
static_assert(interrupts(2).mask() == REGISTERS[1].field("PMI2").mask(), "PMI2");
static_assert(of_counter(0).mask() == REGISTERS[2].field("OVF_FIXED_CTR0").mask(), "OVF_FIXED_CTR0");

}  // namespace hldsim::pmu
