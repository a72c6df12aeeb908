// SPDX-License-Identifier: Apache-2.0
// NMI status and control: ports 61h and 70h. Intel ICH6 to ICH10 datasheets, "Processor interface registers" (NMI_SC,
// NMI_EN); CPU-22 and CPU-23 of models/cpu/README.md.
#pragma once
#include <string_view>

#include "models/regs/spec.hpp"

namespace hldsim::chipset {

using regs::Access;
using regs::Field;
using regs::Register;

// clang-format off
inline constexpr Field NMI_SC_FIELDS[] = {
    // bits  name               access        reset meaning
    {{7, 7}, "SERR_NMI_STS",    Access::RO,   0, "SERR# was asserted: a reason of an NMI"},
    {{6, 6}, "IOCHK_NMI_STS",   Access::RO,   0, "IOCHK# was asserted: a reason of an NMI"},
    {{5, 5}, "TMR2_OUT_STS",    Access::RO,   0, "the output of the 8254's counter 2"},
    {{4, 4}, "REF_TOGGLE",      Access::RO,   0, "changes with each refresh, where the profile has one"},
    {{3, 3}, "IOCHK_NMI_EN",    Access::RW,   0, "1: IOCHK# is cleared and disabled"},
    {{2, 2}, "PCI_SERR_EN",     Access::RW,   0, "1: SERR# is cleared and disabled"},
    {{1, 1}, "SPKR_DAT_EN",     Access::RW,   0, "speaker: without effect"},
    {{0, 0}, "TIM_CNT2_EN",     Access::RW,   0, "the gate of the 8254's counter 2"},
};
inline constexpr Field NMI_EN_FIELDS[] = {
    {{7, 7}, "NMI_DISABLE",     Access::WO,   1, "1: the chipset makes no NMI; messages are not its affair"},
    {{6, 0}, "RTC_INDEX",       Access::WO,   0, "register of the real-time clock, which is not modelled"},
};
inline constexpr Register REGISTERS[] = {
    // offset width name      count  fields         section
    {0x61,    8,    "NMI_SC", {},    NMI_SC_FIELDS, "NMI_SC"},
    {0x70,    8,    "NMI_EN", {},    NMI_EN_FIELDS, "NMI_EN"},
};
// clang-format on
static_assert(regs::well_formed(REGISTERS[0]), "NMI_SC");
static_assert(regs::well_formed(REGISTERS[1]), "NMI_EN");
static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the chipset's NMI ports");

inline constexpr std::string_view PLACES[] = {"port 61h", "port 70h"};
inline constexpr regs::Map MAP{"chipset", "NMI status and control", "Intel ICH6 to ICH10 datasheets", REGISTERS,
                               PLACES};

}  // namespace hldsim::chipset
