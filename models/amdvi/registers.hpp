// SPDX-License-Identifier: Apache-2.0
// Register map of an AMD-Vi unit: AMD I/O Virtualization Technology (IOMMU) Specification, publication 48882, revision
// 3.05; a section here is the offset under which that chapter lists a register. Bits are checked against the headers
// of Linux 6.1, Xen and VirtualBox.
//
// What only DMA remapping uses is there as far as software that switches interrupt remapping on reads or writes it.
// A field whose meaning ends in "(profile)" has the value, or exists, as the profile says.
#pragma once
#include "models/regs/spec.hpp"

namespace hldsim::amdvi {

using regs::Access;
using regs::Field;
using regs::Register;

constexpr std::uint32_t WINDOW = 0x4000;

// clang-format off
inline constexpr Field DEV_TAB_BASE_FIELDS[] = {
    // bits    name      access        reset   meaning
    {{63, 52}, "",             Access::RSVD, 0, ""},
    {{51, 12}, "DevTabBase",   Access::RW,   0, "device table"},
    {{11, 9},  "",             Access::RSVD, 0, ""},
    {{8, 0},   "Size",         Access::RW,   0, "pages of 4 KiB, minus 1: 128 device ids each"},
};
inline constexpr Field CMD_BASE_FIELDS[] = {
    {{63, 60}, "",             Access::RSVD, 0, ""},
    {{59, 56}, "ComLen",       Access::RW,   8, "2^ComLen commands, 8 to 15"},
    {{55, 52}, "",             Access::RSVD, 0, ""},
    {{51, 12}, "ComBase",      Access::RW,   0, "command buffer; a write sets head and tail to 0"},
    {{11, 0},  "",             Access::RSVD, 0, ""},
};
inline constexpr Field EVENT_BASE_FIELDS[] = {
    {{63, 60}, "",             Access::RSVD, 0, ""},
    {{59, 56}, "EventLen",     Access::RW,   8, "2^EventLen events, 8 to 15"},
    {{55, 52}, "",             Access::RSVD, 0, ""},
    {{51, 12}, "EventBase",    Access::RW,   0, "event log; a write sets head and tail to 0"},
    {{11, 0},  "",             Access::RSVD, 0, ""},
};
inline constexpr Field CONTROL_FIELDS[] = {
    {{63, 60}, "",             Access::RSVD, 0, ""},
    {{59, 59}, "IRTCacheDis",  Access::RW,   0, "1: interrupt remapping entries are not cached"},
    {{58, 52}, "",             Access::RSVD, 0, "features that EFR does not report"},
    {{51, 51}, "IntCapXTEn",   Access::RW,   0, "1: the unit's interrupt is XT_INT_CTRL's, not the MSI's; exists with XTSup (profile)"},
    {{50, 50}, "XTEn",         Access::RW,   0, "1: 32-bit destinations, with GAEn; exists with XTSup (profile)"},
    {{49, 18}, "",             Access::RSVD, 0, "features that EFR does not report"},
    {{17, 17}, "GAEn",         Access::RW,   0, "1: interrupt remapping entries of 128 bits; exists with GASup (profile)"},
    {{16, 13}, "",             Access::RSVD, 0, "features that EFR does not report"},
    {{12, 12}, "CmdBufEn",     Access::RW,   0, "commands are fetched"},
    {{11, 11}, "Isoc",         Access::RW,   0, "HyperTransport only"},
    {{10, 10}, "Coherent",     Access::RW,   1, "HyperTransport only; reads snoop either way"},
    {{9, 9},   "ResPassPW",    Access::RW,   0, "HyperTransport only"},
    {{8, 8},   "PassPW",       Access::RW,   0, "HyperTransport only"},
    {{7, 5},   "InvTimeOut",   Access::RW,   0, "DMA only"},
    {{4, 4},   "ComWaitIntEn", Access::RW,   0, "ComWaitInt interrupts"},
    {{3, 3},   "EventIntEn",   Access::RW,   0, "EventLogInt and EventOverflow interrupt"},
    {{2, 2},   "EventLogEn",   Access::RW,   0, "events are logged"},
    {{1, 1},   "HtTunEn",      Access::RW,   0, "HyperTransport only"},
    {{0, 0},   "IommuEn",      Access::RW,   0, "0: messages pass unchanged, nothing is fetched or logged"},
};
inline constexpr Field EXCL_BASE_FIELDS[] = {
    {{63, 52}, "",             Access::RSVD, 0, ""},
    {{51, 12}, "ExclBase",     Access::RW,   0, "DMA only"},
    {{11, 2},  "",             Access::RSVD, 0, ""},
    {{1, 1},   "Allow",        Access::RW,   0, "DMA only"},
    {{0, 0},   "ExEn",         Access::RW,   0, "DMA only"},
};
inline constexpr Field EXCL_LIMIT_FIELDS[] = {
    {{63, 52}, "",             Access::RSVD, 0, ""},
    {{51, 12}, "ExclLimit",    Access::RW,   0, "DMA only"},
    {{11, 0},  "",             Access::RSVD, 0, ""},
};
inline constexpr Field EFR_FIELDS[] = {
    {{63, 47}, "DMA_HI",       Access::RO,   0, "DMA and virtual machines only"},
    {{46, 46}, "MsiCapMmioSup",Access::RO,   1, "the registers 150h to 168h are here, too"},
    {{45, 24}, "DMA_MID",      Access::RO,   0, "DMA and virtual machines only"},
    {{23, 21}, "GAMSup",       Access::RO,   0, "guest virtual APIC modes: none"},
    {{20, 16}, "SmiF",         Access::RO,   0, "SMI filters: none"},
    {{15, 12}, "GT_SIZES",     Access::RO,   0, "DMA only"},
    {{11, 10}, "HATS",         Access::RO,   2, "DMA only"},
    {{9, 9},   "PCSup",        Access::RO,   0, "performance counters"},
    {{8, 8},   "HESup",        Access::RO,   0, "hardware error registers"},
    {{7, 7},   "GASup",        Access::RO,   1, "1: entries of 128 bits (profile)"},
    {{6, 6},   "IASup",        Access::RO,   1, "1: INVALIDATE_IOMMU_ALL"},
    {{5, 5},   "",             Access::RSVD, 0, ""},
    {{4, 4},   "GTSup",        Access::RO,   0, "DMA only"},
    {{3, 3},   "NXSup",        Access::RO,   0, "DMA only"},
    {{2, 2},   "XTSup",        Access::RO,   1, "1: 32-bit destinations (profile)"},
    {{1, 1},   "PPRSup",       Access::RO,   0, "page requests"},
    {{0, 0},   "PreFSup",      Access::RO,   0, "prefetch commands"},
};
inline constexpr Field MSI_VECTOR_FIELDS[] = {
    {{31, 0},  "MsiNum",       Access::RO,   0, "which of the capability's messages: the first for all"},
};
inline constexpr Field MSI_CAP_FIELDS[] = {
    {{31, 24}, "",             Access::RSVD, 0, ""},
    {{23, 23}, "Msi64En",      Access::RO,   1, "64-bit addresses"},
    {{22, 20}, "MsiMultMessEn",Access::RW,   0, "the first message is used for all"},
    {{19, 17}, "MsiMultMessCap",Access::RO,  0, "one message"},
    {{16, 16}, "MsiEn",        Access::RW,   0, "1: the unit interrupts"},
    {{15, 8},  "MsiCapPtr",    Access::RO,   0, "PCI only"},
    {{7, 0},   "MsiCapId",     Access::RO,   5, "PCI only"},
};
inline constexpr Field MSI_ADDR_LO_FIELDS[] = {
    {{31, 2},  "MsiAddrLo",    Access::RW,   0, "31:20 FEEh, 19:12 destination, 3 redirection hint, 2 logical"},
    {{1, 0},   "",             Access::RSVD, 0, ""},
};
inline constexpr Field MSI_ADDR_HI_FIELDS[] = {
    {{31, 0},  "MsiAddrHi",    Access::RW,   0, "0"},
};
inline constexpr Field MSI_DATA_FIELDS[] = {
    {{31, 16}, "",             Access::RSVD, 0, ""},
    {{15, 0},  "MsiData",      Access::RW,   0, "10:8 delivery mode, 7:0 vector"},
};
inline constexpr Field MSI_MAP_FIELDS[] = {
    {{31, 0},  "MsiMap",       Access::RO,   0, "HyperTransport only"},
};
inline constexpr Field XT_INT_CTRL_FIELDS[] = {
    {{63, 56}, "DestHi",       Access::RW,   0, "destination, bits 31:24"},
    {{55, 41}, "",             Access::RSVD, 0, ""},
    {{40, 40}, "DM",           Access::RW,   0, "1: arbitrated, 0: fixed"},
    {{39, 32}, "Vector",       Access::RW,   0, "vector"},
    {{31, 8},  "DestLo",       Access::RW,   0, "destination, bits 23:0"},
    {{7, 3},   "",             Access::RSVD, 0, ""},
    {{2, 2},   "DestMode",     Access::RW,   0, "1: logical"},
    {{1, 0},   "",             Access::RSVD, 0, ""},
};
inline constexpr Field POINTER_FIELDS[] = {
    {{63, 19}, "",             Access::RSVD, 0, ""},
    {{18, 4},  "Ptr",          Access::RW,   0, "byte offset / 16"},
    {{3, 0},   "",             Access::RSVD, 0, ""},
};
inline constexpr Field STATUS_FIELDS[] = {
    {{63, 11}, "",             Access::RSVD, 0, ""},
    {{10, 5},  "PPR_GA",       Access::RO,   0, "logs that EFR does not report"},
    {{4, 4},   "CmdBufRun",    Access::RO,   0, "commands are fetched; 0 after a command that failed"},
    {{3, 3},   "EventLogRun",  Access::RO,   0, "events are logged; 0 after an overflow"},
    {{2, 2},   "ComWaitInt",   Access::RW1C, 0, "a COMPLETION_WAIT with i = 1 is complete"},
    {{1, 1},   "EventLogInt",  Access::RW1C, 0, "an event was logged"},
    {{0, 0},   "EventOverflow",Access::RW1C, 0, "an event was lost: the log is full"},
};
inline constexpr Field ABSENT_32_FIELDS[] = {
    {{31, 0},  "ABSENT", Access::UNIMPL, 0,    "a feature that EFR does not report"},
};
inline constexpr Field ABSENT_64_FIELDS[] = {
    {{63, 0},  "ABSENT", Access::UNIMPL, 0,    "a feature that EFR does not report"},
};

inline constexpr Register REGISTERS[] = {
    // offset width name             count, stride   fields                section
    {0x0000, 64,   "DEV_TAB_BASE",   {},             DEV_TAB_BASE_FIELDS,  "MMIO 0000h"},
    {0x0008, 64,   "CMD_BASE",       {},             CMD_BASE_FIELDS,      "MMIO 0008h"},
    {0x0010, 64,   "EVENT_BASE",     {},             EVENT_BASE_FIELDS,    "MMIO 0010h"},
    {0x0018, 64,   "CONTROL",        {},             CONTROL_FIELDS,       "MMIO 0018h"},
    {0x0020, 64,   "EXCL_BASE",      {},             EXCL_BASE_FIELDS,     "MMIO 0020h"},
    {0x0028, 64,   "EXCL_LIMIT",     {},             EXCL_LIMIT_FIELDS,    "MMIO 0028h"},
    {0x0030, 64,   "EFR",            {},             EFR_FIELDS,           "MMIO 0030h"},
    {0x0038, 64,   "PPR_BASE",       {},             ABSENT_64_FIELDS,     "MMIO 0038h"},
    {0x0040, 64,   "HW_EVENTn",      {3, 8},         ABSENT_64_FIELDS,     "MMIO 0040h"},
    {0x0060, 64,   "SMI_FILTERn",    {16, 8},        ABSENT_64_FIELDS,     "MMIO 0060h"},
    {0x00e0, 64,   "GA_LOGn",        {2, 8},         ABSENT_64_FIELDS,     "MMIO 00E0h"},
    {0x00f0, 64,   "LOG_Bn",         {2, 8},         ABSENT_64_FIELDS,     "MMIO 00F0h"},
    {0x0100, 64,   "DEV_TAB_SEGn",   {7, 8},         ABSENT_64_FIELDS,     "MMIO 0100h"},
    {0x0138, 64,   "DEVICE_EXTn",    {3, 8},         ABSENT_64_FIELDS,     "MMIO 0138h"},
    {0x0150, 32,   "MSI_VECTORn",    {2, 4},         MSI_VECTOR_FIELDS,    "MMIO 0150h"},
    {0x0158, 32,   "MSI_CAP",        {},             MSI_CAP_FIELDS,       "MMIO 0158h"},
    {0x015c, 32,   "MSI_ADDR_LO",    {},             MSI_ADDR_LO_FIELDS,   "MMIO 015Ch"},
    {0x0160, 32,   "MSI_ADDR_HI",    {},             MSI_ADDR_HI_FIELDS,   "MMIO 0160h"},
    {0x0164, 32,   "MSI_DATA",       {},             MSI_DATA_FIELDS,      "MMIO 0164h"},
    {0x0168, 32,   "MSI_MAP_CAP",    {},             MSI_MAP_FIELDS,       "MMIO 0168h"},
    {0x016c, 32,   "PERF_OPT",       {},             ABSENT_32_FIELDS,     "MMIO 016Ch"},
    {0x0170, 64,   "XT_INT_CTRL",    {},             XT_INT_CTRL_FIELDS,   "MMIO 0170h"},
    {0x0178, 64,   "XT_LOG_INTn",    {2, 8},         ABSENT_64_FIELDS,     "MMIO 0178h"},
    {0x2000, 64,   "CMD_HEAD",       {},             POINTER_FIELDS,       "MMIO 2000h"},
    {0x2008, 64,   "CMD_TAIL",       {},             POINTER_FIELDS,       "MMIO 2008h"},
    {0x2010, 64,   "EVENT_HEAD",     {},             POINTER_FIELDS,       "MMIO 2010h"},
    {0x2018, 64,   "EVENT_TAIL",     {},             POINTER_FIELDS,       "MMIO 2018h"},
    {0x2020, 64,   "STATUS",         {},             STATUS_FIELDS,        "MMIO 2020h"},
    {0x2030, 64,   "PPR_POINTERn",   {2, 8},         ABSENT_64_FIELDS,     "MMIO 2030h"},
    {0x2040, 64,   "GA_POINTERn",    {2, 8},         ABSENT_64_FIELDS,     "MMIO 2040h"},
};
// clang-format on

static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the register map of the AMD-Vi unit");
static_assert(regs::each_well_formed(REGISTERS),
              "gap, misalignment or duplicate field in a register of the AMD-Vi unit");

constexpr const Register& row(std::string_view name) { return regs::row(REGISTERS, name); }

inline constexpr regs::Map MAP{"amdvi", "AMD-Vi remapping unit",
                               "AMD I/O Virtualization Technology (IOMMU) Specification, 48882, revision 3.05",
                               REGISTERS};

// ---- the bits that the unit acts on, taken from the rows

namespace device_table {
inline constexpr Bits BASE = row("DEV_TAB_BASE").field("DevTabBase");
inline constexpr Bits SIZE = row("DEV_TAB_BASE").field("Size");
}  // namespace device_table

/// Command buffer and event log: base and length have the same places.
namespace ring {
inline constexpr Bits BASE = row("CMD_BASE").field("ComBase");
inline constexpr Bits LENGTH = row("CMD_BASE").field("ComLen");
static_assert(row("EVENT_BASE").field("EventBase").mask() == BASE.mask() &&
              row("EVENT_BASE").field("EventLen").mask() == LENGTH.mask());
}  // namespace ring

namespace control {
inline constexpr Bits IOMMU_EN = row("CONTROL").field("IommuEn");
inline constexpr Bits EVENT_LOG_EN = row("CONTROL").field("EventLogEn");
inline constexpr Bits EVENT_INT_EN = row("CONTROL").field("EventIntEn");
inline constexpr Bits COM_WAIT_INT_EN = row("CONTROL").field("ComWaitIntEn");
inline constexpr Bits CMD_BUF_EN = row("CONTROL").field("CmdBufEn");
inline constexpr Bits GA_EN = row("CONTROL").field("GAEn");
inline constexpr Bits XT_EN = row("CONTROL").field("XTEn");
inline constexpr Bits INT_CAP_XT_EN = row("CONTROL").field("IntCapXTEn");
inline constexpr Bits IRT_CACHE_DIS = row("CONTROL").field("IRTCacheDis");
}  // namespace control

namespace status {
inline constexpr Bits CMD_BUF_RUN = row("STATUS").field("CmdBufRun");
inline constexpr Bits EVENT_LOG_RUN = row("STATUS").field("EventLogRun");
inline constexpr Bits COM_WAIT_INT = row("STATUS").field("ComWaitInt");
inline constexpr Bits EVENT_LOG_INT = row("STATUS").field("EventLogInt");
inline constexpr Bits EVENT_OVERFLOW = row("STATUS").field("EventOverflow");
}  // namespace status

namespace own_interrupt {
inline constexpr Bits MSI_EN = row("MSI_CAP").field("MsiEn");
inline constexpr Bits XT_DEST_HI = row("XT_INT_CTRL").field("DestHi");
inline constexpr Bits XT_DEST_LO = row("XT_INT_CTRL").field("DestLo");
inline constexpr Bits XT_VECTOR = row("XT_INT_CTRL").field("Vector");
inline constexpr Bits XT_DM = row("XT_INT_CTRL").field("DM");
inline constexpr Bits XT_DEST_MODE = row("XT_INT_CTRL").field("DestMode");
}  // namespace own_interrupt

}  // namespace hldsim::amdvi
