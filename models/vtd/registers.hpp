// SPDX-License-Identifier: Apache-2.0
// Register map of a remapping unit: Intel Virtualization Technology for Directed I/O, revision 5.10 (November 2025),
// section 11.4; the same numbers stand in chapter 11 since revision 4.0, in chapter 10 before.
//
// What only DMA remapping uses is there as far as software that switches interrupt remapping on reads or writes it.
// A field whose meaning ends in "(profile)" has the value that the profile says. Fault records are two rows of 64
// bits each; where they lie is CAP.FRO's to say, the rows stand for its default.
#pragma once
#include "models/base/limits.hpp"
#include "models/regs/spec.hpp"

namespace hldsim::vtd {

using regs::Access;
using regs::Field;
using regs::Register;

constexpr std::uint32_t FAULT_RECORDS_AT = 0x220;
constexpr std::uint32_t FAULT_RECORD_BYTES = 16;
/// The map ends where the last register of revision 5 does; what lies behind is undefined.
constexpr std::uint32_t WINDOW = 0x1000;

// clang-format off
inline constexpr Field VER_FIELDS[] = {
    // bits    name      access        reset   meaning
    {{31, 8},  "",       Access::RSVD, 0,      ""},
    {{7, 4},   "MAX",    Access::RO,   1,      "major version (profile)"},
    {{3, 0},   "MIN",    Access::RO,   0,      "minor version (profile)"},
};
inline constexpr Field CAP_FIELDS[] = {
    {{63, 63}, "ESRTPS", Access::RO,   0,      "1: SRTP invalidates the DMA caches by itself"},
    {{62, 62}, "ESIRTPS",Access::RO,   0,      "1: SIRTP, and IRE 1 to 0, invalidate the interrupt entry cache (profile)"},
    {{61, 61}, "ECMDS",  Access::RO,   0,      "enhanced command interface"},
    {{60, 60}, "FL5LP",  Access::RO,   0,      "DMA only"},
    {{59, 59}, "PI",     Access::RO,   0,      "1: posted interrupts (profile)"},
    {{58, 57}, "",       Access::RSVD, 0,      ""},
    {{56, 56}, "FL1GP",  Access::RO,   0,      "DMA only"},
    {{55, 55}, "DRD",    Access::RO,   1,      "DMA read draining"},
    {{54, 54}, "DWD",    Access::RO,   1,      "DMA write draining"},
    {{53, 48}, "MAMV",   Access::RO,   0,      "DMA only"},
    {{47, 40}, "NFR",    Access::RO,   7,      "number of fault records minus 1 (profile)"},
    {{39, 39}, "PSI",    Access::RO,   0,      "DMA only"},
    {{38, 38}, "",       Access::RSVD, 0,      ""},
    {{37, 34}, "SLLPS",  Access::RO,   0,      "DMA only"},
    {{33, 24}, "FRO",    Access::RO,   0x22,   "offset of the fault records / 16 (profile)"},
    {{23, 23}, "",       Access::RSVD, 0,      ""},
    {{22, 22}, "ZLR",    Access::RO,   0,      "DMA only"},
    {{21, 16}, "MGAW",   Access::RO,   47,     "DMA only"},
    {{15, 13}, "",       Access::RSVD, 0,      ""},
    {{12, 8},  "SAGAW",  Access::RO,   4,      "DMA only"},
    {{7, 7},   "CM",     Access::RO,   0,      "1: not-present and erroneous entries may be cached (profile)"},
    {{6, 6},   "PHMR",   Access::RO,   0,      "protected high memory region"},
    {{5, 5},   "PLMR",   Access::RO,   0,      "protected low memory region"},
    {{4, 4},   "RWBF",   Access::RO,   0,      "write-buffer flush required"},
    {{3, 3},   "AFL",    Access::RO,   0,      "advanced fault logging"},
    {{2, 0},   "ND",     Access::RO,   6,      "2^(4+2*ND) domains; DMA only"},
};
inline constexpr Field ECAP_FIELDS[] = {
    {{63, 63}, "",       Access::RSVD, 0,      ""},
    {{62, 62}, "IRREQ",  Access::RO,   0,      "1: requests are blocked while IRES = 0 (profile)"},
    {{61, 61}, "EIMER",  Access::RO,   0,      "1: remaps with EIME = 1 only (profile)"},
    {{60, 54}, "",       Access::RSVD, 0,      ""},
    {{53, 53}, "RPRIVS", Access::RO,   0,      "DMA only"},
    {{52, 52}, "ADMS",   Access::RO,   0,      "abort-DMA mode (profile)"},
    {{51, 51}, "PMS",    Access::RO,   0,      "performance monitoring"},
    {{50, 50}, "",       Access::RSVD, 0,      ""},
    {{49, 49}, "RPS",    Access::RO,   0,      "DMA only"},
    {{48, 48}, "SMPWCS", Access::RO,   0,      "DMA only"},
    {{47, 47}, "FLTS",   Access::RO,   0,      "DMA only"},
    {{46, 46}, "SLTS",   Access::RO,   0,      "DMA only"},
    {{45, 45}, "SLADS",  Access::RO,   0,      "DMA only"},
    {{44, 44}, "VCS",    Access::RO,   0,      "virtual command"},
    {{43, 43}, "SMTS",   Access::RO,   0,      "scalable mode (profile)"},
    {{42, 42}, "PDS",    Access::RO,   0,      "page-request drain"},
    {{41, 41}, "DIT",    Access::RO,   0,      "DMA only"},
    {{40, 40}, "PASID",  Access::RO,   0,      "DMA only"},
    {{39, 35}, "PSS",    Access::RO,   0,      "DMA only"},
    {{34, 34}, "EAFS",   Access::RO,   0,      "DMA only"},
    {{33, 33}, "NWFS",   Access::RO,   0,      "DMA only"},
    {{32, 32}, "",       Access::RSVD, 0,      ""},
    {{31, 31}, "SRS",    Access::RO,   0,      "DMA only"},
    {{30, 30}, "ERS",    Access::RO,   0,      "DMA only"},
    {{29, 29}, "PRS",    Access::RO,   0,      "DMA only"},
    {{28, 27}, "",       Access::RSVD, 0,      ""},
    {{26, 26}, "NEST",   Access::RO,   0,      "DMA only"},
    {{25, 25}, "MTS",    Access::RO,   0,      "DMA only"},
    {{24, 24}, "",       Access::RSVD, 0,      ""},
    {{23, 20}, "MHMV",   Access::RO,   15,     "largest index mask of an invalidation (profile)"},
    {{19, 18}, "",       Access::RSVD, 0,      ""},
    {{17, 8},  "IRO",    Access::RO,   0x50,   "offset of the IOTLB registers / 16; DMA only"},
    {{7, 7},   "SC",     Access::RO,   0,      "DMA only"},
    {{6, 6},   "PT",     Access::RO,   0,      "DMA only"},
    {{5, 5},   "",       Access::RSVD, 0,      ""},
    {{4, 4},   "EIM",    Access::RO,   1,      "1: 32-bit destination ids (profile)"},
    {{3, 3},   "IR",     Access::RO,   1,      "interrupt remapping"},
    {{2, 2},   "DT",     Access::RO,   0,      "device-TLBs"},
    {{1, 1},   "QI",     Access::RO,   1,      "queued invalidation"},
    {{0, 0},   "C",      Access::RO,   1,      "reads of tables and of the queue snoop the caches"},
};
inline constexpr Field GCMD_FIELDS[] = {
    {{31, 31}, "TE",     Access::WO,   0,      "DMA remapping on or off; status only here"},
    {{30, 30}, "SRTP",   Access::WO,   0,      "one-shot: set root-table pointer"},
    {{29, 29}, "SFL",    Access::WO,   0,      "one-shot: set fault log; no effect as AFL = 0"},
    {{28, 28}, "",       Access::RSVD, 0,      "EAFL, as AFL = 0"},
    {{27, 27}, "WBF",    Access::WO,   0,      "one-shot: write-buffer flush; no effect as RWBF = 0"},
    {{26, 26}, "QIE",    Access::WO,   0,      "queued invalidation on or off"},
    {{25, 25}, "IRE",    Access::WO,   0,      "interrupt remapping on or off"},
    {{24, 24}, "SIRTP",  Access::WO,   0,      "one-shot: latch IRTA"},
    {{23, 23}, "CFI",    Access::WO,   0,      "1: compatibility format bypasses remapping"},
    {{22, 0},  "",       Access::RSVD, 0,      ""},
};
inline constexpr Field GSTS_FIELDS[] = {
    {{31, 31}, "TES",    Access::RO,   0,      "DMA remapping is on"},
    {{30, 30}, "RTPS",   Access::RO,   0,      "RTADDR is latched"},
    {{29, 29}, "FLS",    Access::RO,   0,      ""},
    {{28, 28}, "AFLS",   Access::RO,   0,      ""},
    {{27, 27}, "WBFS",   Access::RO,   0,      ""},
    {{26, 26}, "QIES",   Access::RO,   0,      "queued invalidation is on"},
    {{25, 25}, "IRES",   Access::RO,   0,      "interrupt remapping is on"},
    {{24, 24}, "IRTPS",  Access::RO,   0,      "IRTA is latched"},
    {{23, 23}, "CFIS",   Access::RO,   0,      "compatibility format bypasses remapping"},
    {{22, 0},  "",       Access::RSVD, 0,      ""},
};
inline constexpr Field RTADDR_FIELDS[] = {
    {{63, 12}, "RTA",    Access::RW,   0,      "root table; DMA only"},
    {{11, 10}, "TTM",    Access::RW,   0,      "0 legacy, 1 scalable, 3 abort-DMA; latched by SRTP"},
    {{9, 0},   "",       Access::RSVD, 0,      ""},
};
inline constexpr Field CCMD_FIELDS[] = {
    {{63, 63}, "ICC",    Access::WO,   0,      "invalidate context cache; done at once"},
    {{62, 61}, "CIRG",   Access::RW,   0,      "DMA only"},
    {{60, 59}, "CAIG",   Access::RO,   0,      "what was invalidated: as CIRG asked; 0: the request was refused"},
    {{58, 34}, "",       Access::RSVD, 0,      ""},
    {{33, 32}, "FM",     Access::WO,   0,      "DMA only"},
    {{31, 16}, "SID",    Access::WO,   0,      "DMA only"},
    {{15, 0},  "DID",    Access::RW,   0,      "DMA only"},
};
inline constexpr Field FSTS_FIELDS[] = {
    {{31, 16}, "",       Access::RSVD, 0,      ""},
    {{15, 8},  "FRI",    Access::RO,   0,      "the fault record that made PPF 1"},
    {{7, 7},   "",       Access::RSVD, 0,      ""},
    {{6, 6},   "ITE",    Access::RW1C, 0,      "device-TLB invalidation timed out"},
    {{5, 5},   "ICE",    Access::RW1C, 0,      "device-TLB invalidation completed wrongly"},
    {{4, 4},   "IQE",    Access::RW1C, 0,      "invalidation queue error: IQERCD says which"},
    {{3, 2},   "",       Access::RSVD, 0,      ""},
    {{1, 1},   "PPF",    Access::RO,   0,      "a fault record is valid"},
    {{0, 0},   "PFO",    Access::RW1C, 0,      "a fault was lost: no record was free"},
};
inline constexpr Field EVENT_CONTROL_FIELDS[] = {
    {{31, 31}, "IM",     Access::RW,   1,      "1: the event's message is held back"},
    {{30, 30}, "IP",     Access::RO,   0,      "an event is held back"},
    {{29, 0},  "",       Access::RSVD, 0,      ""},
};
inline constexpr Field EVENT_DATA_FIELDS[] = {
    {{31, 16}, "",       Access::RSVD, 0,      ""},
    {{15, 0},  "IMD",    Access::RW,   0,      "8: 1 lowest priority, 0 fixed; 7:0 vector"},
};
inline constexpr Field EVENT_ADDRESS_FIELDS[] = {
    {{31, 2},  "MA",     Access::RW,   0,      "31:20 FEEh, 19:12 destination, 3 redirection hint, 2 logical"},
    {{1, 0},   "",       Access::RSVD, 0,      ""},
};
inline constexpr Field EVENT_UPPER_FIELDS[] = {
    {{31, 0},  "MUA",    Access::RW,   0,      "31:8 destination[31:8]; exists with EIM"},
};
inline constexpr Field PROTECTED_FIELDS[] = {
    {{31, 0},  "PM",     Access::RO,   0,      "no protected memory region"},
};
inline constexpr Field IQH_FIELDS[] = {
    {{63, 19}, "",       Access::RSVD, 0,      ""},
    {{18, 4},  "QH",     Access::RO,   0,      "the next descriptor to fetch, by byte offset / 16"},
    {{3, 0},   "",       Access::RSVD, 0,      ""},
};
inline constexpr Field IQT_FIELDS[] = {
    {{63, 19}, "",       Access::RSVD, 0,      ""},
    {{18, 4},  "QT",     Access::RW,   0,      "behind the last descriptor; a write starts fetching"},
    {{3, 0},   "",       Access::RSVD, 0,      ""},
};
inline constexpr Field IQA_FIELDS[] = {
    {{63, 12}, "IQA",    Access::RW,   0,      "base of the queue; change it only while the queue is empty"},
    {{11, 11}, "DW",     Access::RW,   0,      "0: 128-bit descriptors, 1: 256-bit"},
    {{10, 3},  "",       Access::RSVD, 0,      ""},
    {{2, 0},   "QS",     Access::RW,   0,      "2^QS pages"},
};
inline constexpr Field ICS_FIELDS[] = {
    {{31, 1},  "",       Access::RSVD, 0,      ""},
    {{0, 0},   "IWC",    Access::RW1C, 0,      "a wait descriptor with IF has completed"},
};
inline constexpr Field IQERCD_FIELDS[] = {
    {{63, 48}, "ICESID", Access::RO,   0,      "device-TLB only"},
    {{47, 32}, "ITESID", Access::RO,   0,      "device-TLB only"},
    {{31, 4},  "",       Access::RSVD, 0,      ""},
    {{3, 0},   "IQEI",   Access::RO,   0,      "why IQE is 1: 1 tail, 2 fetch, 3 type, 4 reserved, 5 width, 6 alignment, 7 TTM"},
};
inline constexpr Field IRTA_FIELDS[] = {
    {{63, 12}, "IRTA",   Access::RW,   0,      "interrupt remapping table, aligned to its size; latched by SIRTP"},
    {{11, 11}, "EIME",   Access::RW,   0,      "1: 32-bit destinations, compatibility format blocked; exists with EIM"},
    {{10, 4},  "",       Access::RSVD, 0,      ""},
    {{3, 0},   "S",      Access::RW,   0,      "2^(S+1) entries"},
};
inline constexpr Field FRCDn_LO_FIELDS[] = {
    {{63, 48}, "INDEX",  Access::RO,   0,      "interrupt index; FR 20h, 25h, 29h to 2Bh: undefined"},
    {{47, 12}, "FI",     Access::RO,   0,      "DMA only"},
    {{11, 0},  "",       Access::RSVD, 0,      ""},
};
inline constexpr Field FRCDn_HI_FIELDS[] = {
    {{63, 63}, "F",      Access::RW1C, 0,      "the record is valid"},
    {{62, 62}, "T1",     Access::RO,   0,      "DMA only"},
    {{61, 60}, "AT",     Access::RO,   0,      "DMA only"},
    {{59, 40}, "PV",     Access::RO,   0,      "DMA only"},
    {{39, 32}, "FR",     Access::RO,   0,      "fault reason: 20h to 2Bh for interrupts"},
    {{31, 31}, "PP",     Access::RO,   0,      "DMA only"},
    {{30, 30}, "EXE",    Access::RO,   0,      "DMA only"},
    {{29, 29}, "PRIV",   Access::RO,   0,      "DMA only"},
    {{28, 28}, "T2",     Access::RO,   0,      "DMA only"},
    {{27, 16}, "",       Access::RSVD, 0,      ""},
    {{15, 0},  "SID",    Access::RO,   0,      "requester id of the blocked request"},
};
inline constexpr Field IVA_FIELDS[] = {
    {{63, 12}, "ADDR",   Access::WO,   0,      "DMA only"},
    {{11, 7},  "",       Access::RSVD, 0,      ""},
    {{6, 6},   "IH",     Access::WO,   0,      "DMA only"},
    {{5, 0},   "AM",     Access::WO,   0,      "DMA only"},
};
inline constexpr Field IOTLB_FIELDS[] = {
    {{63, 63}, "IVT",    Access::WO,   0,      "invalidate IOTLB; done at once"},
    {{62, 62}, "",       Access::RSVD, 0,      ""},
    {{61, 60}, "IIRG",   Access::RW,   0,      "DMA only"},
    {{59, 59}, "",       Access::RSVD, 0,      ""},
    {{58, 57}, "IAIG",   Access::RO,   0,      "what was invalidated: as IIRG asked; 0: the request was refused"},
    {{56, 50}, "",       Access::RSVD, 0,      ""},
    {{49, 49}, "DR",     Access::RW,   0,      "DMA only"},
    {{48, 48}, "DW",     Access::RW,   0,      "DMA only"},
    {{47, 32}, "DID",    Access::RW,   0,      "DMA only"},
    {{31, 0},  "",       Access::RSVD, 0,      ""},
};
inline constexpr Field ABSENT_32_FIELDS[] = {
    {{31, 0},  "ABSENT", Access::UNIMPL, 0,    "a capability that this unit does not report"},
};
inline constexpr Field ABSENT_64_FIELDS[] = {
    {{63, 0},  "ABSENT", Access::UNIMPL, 0,    "a capability that this unit does not report"},
};

inline constexpr Register REGISTERS[] = {
    // offset width name          count, stride   fields                section
    {0x000,  32,   "VER",         {},             VER_FIELDS,           "11.4.1"},
    {0x008,  64,   "CAP",         {},             CAP_FIELDS,           "11.4.2"},
    {0x010,  64,   "ECAP",        {},             ECAP_FIELDS,          "11.4.3"},
    {0x018,  32,   "GCMD",        {},             GCMD_FIELDS,          "11.4.4.1"},
    {0x01c,  32,   "GSTS",        {},             GSTS_FIELDS,          "11.4.4.2"},
    {0x020,  64,   "RTADDR",      {},             RTADDR_FIELDS,        "11.4"},
    {0x028,  64,   "CCMD",        {},             CCMD_FIELDS,          "11.4"},
    {0x034,  32,   "FSTS",        {},             FSTS_FIELDS,          "11.4.7"},
    {0x038,  32,   "FECTL",       {},             EVENT_CONTROL_FIELDS, "11.4.7"},
    {0x03c,  32,   "FEDATA",      {},             EVENT_DATA_FIELDS,    "11.4.7"},
    {0x040,  32,   "FEADDR",      {},             EVENT_ADDRESS_FIELDS, "11.4.7"},
    {0x044,  32,   "FEUADDR",     {},             EVENT_UPPER_FIELDS,   "11.4.7"},
    {0x064,  32,   "PMn",         {7, 4},         PROTECTED_FIELDS,     "11.4"},
    {0x080,  64,   "IQH",         {},             IQH_FIELDS,           "11.4.9"},
    {0x088,  64,   "IQT",         {},             IQT_FIELDS,           "11.4.9"},
    {0x090,  64,   "IQA",         {},             IQA_FIELDS,           "11.4.9"},
    {0x09c,  32,   "ICS",         {},             ICS_FIELDS,           "11.4.9"},
    {0x0a0,  32,   "IECTL",       {},             EVENT_CONTROL_FIELDS, "11.4.9"},
    {0x0a4,  32,   "IEDATA",      {},             EVENT_DATA_FIELDS,    "11.4.9"},
    {0x0a8,  32,   "IEADDR",      {},             EVENT_ADDRESS_FIELDS, "11.4.9"},
    {0x0ac,  32,   "IEUADDR",     {},             EVENT_UPPER_FIELDS,   "11.4.9"},
    {0x0b0,  64,   "IQERCD",      {},             IQERCD_FIELDS,        "11.4.9.9"},
    {0x0b8,  64,   "IRTA",        {},             IRTA_FIELDS,          "11.4.10"},
    {0x0c0,  64,   "PAGE_REQn",   {3, 8},         ABSENT_64_FIELDS,     "11.4"},
    {0x0dc,  32,   "PAGE_EVENTn", {5, 4},         ABSENT_32_FIELDS,     "11.4"},
    {0x100,  64,   "MTRRCAP",     {},             ABSENT_64_FIELDS,     "11.4"},
    {0x108,  64,   "MTRRDEF",     {},             ABSENT_64_FIELDS,     "11.4"},
    {0x120,  64,   "MTRRn",       {32, 8},        ABSENT_64_FIELDS,     "11.4"},
    {0x220,  64,   "FRCDn_LO",    {limits::VTD_FAULT_RECORDS, FAULT_RECORD_BYTES}, FRCDn_LO_FIELDS, "11.4.7"},
    {0x228,  64,   "FRCDn_HI",    {limits::VTD_FAULT_RECORDS, FAULT_RECORD_BYTES}, FRCDn_HI_FIELDS, "11.4.7"},
    {0x300,  64,   "PERFn",       {32, 8},        ABSENT_64_FIELDS,     "11.4"},
    {0x400,  64,   "ECMDn",       {10, 8},        ABSENT_64_FIELDS,     "11.4"},
    {0x500,  64,   "IVA",         {},             IVA_FIELDS,           "11.4"},
    {0x508,  64,   "IOTLB",       {},             IOTLB_FIELDS,         "11.4"},
    {0xe00,  64,   "VCMDn",       {7, 8},         ABSENT_64_FIELDS,     "11.4"},
};
// clang-format on

static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the register map of the remapping unit");
static_assert(regs::each_well_formed(REGISTERS),
              "gap, misalignment or duplicate field in a register of the remapping unit");

constexpr const Register& row(std::string_view name) { return regs::row(REGISTERS, name); }

inline constexpr regs::Map MAP{"vtd", "VT-d remapping unit",
                               "Intel Virtualization Technology for Directed I/O, revision 5.10 (November 2025)",
                               REGISTERS};

inline constexpr std::uint32_t GCMD_OFFSET = row("GCMD").offset;
inline constexpr std::uint32_t IQA_OFFSET = row("IQA").offset;

// ---- the bits that the unit acts on, taken from the rows

/// GCMD and GSTS carry a control and its status at the same place.
namespace gsts {
inline constexpr Bits TES = row("GSTS").field("TES");
inline constexpr Bits RTPS = row("GSTS").field("RTPS");
inline constexpr Bits QIES = row("GSTS").field("QIES");
inline constexpr Bits IRES = row("GSTS").field("IRES");
inline constexpr Bits IRTPS = row("GSTS").field("IRTPS");
inline constexpr Bits CFIS = row("GSTS").field("CFIS");
}  // namespace gsts
static_assert(row("GCMD").field("QIE").mask() == gsts::QIES.mask() &&
              row("GCMD").field("SIRTP").mask() == gsts::IRTPS.mask());

namespace fsts {
inline constexpr Bits FRI = row("FSTS").field("FRI");
inline constexpr Bits ITE = row("FSTS").field("ITE");
inline constexpr Bits ICE = row("FSTS").field("ICE");
inline constexpr Bits IQE = row("FSTS").field("IQE");
inline constexpr Bits PPF = row("FSTS").field("PPF");
inline constexpr Bits PFO = row("FSTS").field("PFO");
/// Where one of them is set, another raises no event, and an event that is held back still has something to report
/// (VTD-37). PFO alone raises none.
inline constexpr std::uint64_t CONDITIONS = ITE.mask() | ICE.mask() | IQE.mask() | PPF.mask() | PFO.mask();
}  // namespace fsts

namespace event {
inline constexpr Bits IM = row("FECTL").field("IM");
inline constexpr Bits IP = row("FECTL").field("IP");
}  // namespace event

namespace queue {
inline constexpr Bits QT = row("IQT").field("QT");
inline constexpr Bits BASE = row("IQA").field("IQA");
inline constexpr Bits DW = row("IQA").field("DW");
inline constexpr Bits QS = row("IQA").field("QS");
inline constexpr Bits IWC = row("ICS").field("IWC");
inline constexpr Bits IQEI = row("IQERCD").field("IQEI");
}  // namespace queue

namespace irta {
inline constexpr Bits BASE = row("IRTA").field("IRTA");
inline constexpr Bits EIME = row("IRTA").field("EIME");
inline constexpr Bits S = row("IRTA").field("S");
}  // namespace irta

namespace frcd {
inline constexpr Bits INDEX = row("FRCDn_LO").field("INDEX");
inline constexpr Bits F = row("FRCDn_HI").field("F");
inline constexpr Bits FR = row("FRCDn_HI").field("FR");
inline constexpr Bits SID = row("FRCDn_HI").field("SID");
}  // namespace frcd

inline constexpr Bits TTM = row("RTADDR").field("TTM");

/// Register-based invalidation: what software asks for, and what the hardware says that it has done.
namespace invalidate {
struct Granularity {
    Bits start, requested, actual;
};
inline constexpr Granularity CONTEXT{row("CCMD").field("ICC"), row("CCMD").field("CIRG"), row("CCMD").field("CAIG")};
inline constexpr Granularity IOTLB{row("IOTLB").field("IVT"), row("IOTLB").field("IIRG"), row("IOTLB").field("IAIG")};
}  // namespace invalidate

}  // namespace hldsim::vtd
