// SPDX-License-Identifier: Apache-2.0
// Local APIC register map. Intel SDM volume 3A, chapter 10 (APIC), sections of the edition of 2015.
//
// Offsets are those of the xAPIC page; in x2APIC mode register `offset` is MSR 800h + offset/16 (x2apic_msr). What
// exists in one mode only: in_xapic(), in_x2apic(). The registers that are other ones as MSRs, and the MSRs outside
// that range, are those of msrs.hpp. The reset values of ID, VERSION and LDR come from the profile.
#pragma once
#include <array>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "models/regs/spec.hpp"

namespace hldsim::lapic {

using regs::Access;
using regs::Field;
using regs::Register;

// clang-format off
inline constexpr Field ID_FIELDS[] = {
    // bits    name                access        reset meaning
    {{31, 24}, "APIC_ID",          Access::RO,   0,    "xAPIC id; x2APIC: all 32 bits. Read-only but for a knob (profile)"},
    {{23, 0},  "",                 Access::RSVD, 0,    ""},
};
inline constexpr Field VERSION_FIELDS[] = {
    {{31, 25}, "",                 Access::RSVD, 0,    ""},
    {{24, 24}, "EOI_SUPPRESSION",  Access::RO,   1,    "SVR.SUPPRESS_EOI may be set (profile)"},
    {{23, 16}, "MAX_LVT",          Access::RO,   6,    "number of LVT entries less one (profile)"},
    {{15, 8},  "",                 Access::RSVD, 0,    ""},
    {{7, 0},   "VERSION",          Access::RO,   0x15, "10h..15h: integrated APIC (profile)"},
};
inline constexpr Field TPR_FIELDS[] = {
    {{31, 8},  "",                 Access::RSVD, 0,    ""},
    {{7, 4},   "CLASS",            Access::RW,   0,    "vectors of this class and below wait; CR8"},
    {{3, 0},   "SUBCLASS",         Access::RW,   0,    ""},
};
inline constexpr Field APR_FIELDS[] = {
    {{31, 8},  "",                 Access::RSVD, 0,    ""},
    {{7, 0},   "PRIORITY",         Access::RO,   0,    "arbitration priority (P6)"},
};
inline constexpr Field PPR_FIELDS[] = {
    {{31, 8},  "",                 Access::RSVD, 0,    ""},
    {{7, 0},   "PRIORITY",         Access::RO,   0,    "processor priority"},
};
inline constexpr Field EOI_FIELDS[] = {
    {{31, 0},  "EOI",              Access::WO,   0,    "any value ends the highest interrupt in service; x2APIC: 0 only"},
};
inline constexpr Field RRD_FIELDS[] = {
    {{31, 0},  "REMOTE_READ",      Access::UNIMPL, 0,  "obsolete remote read"},
};
inline constexpr Field LDR_FIELDS[] = {
    {{31, 24}, "LOGICAL_ID",       Access::RW,   0,    "x2APIC: read-only, 31:16 cluster, 15:0 member"},
    {{23, 0},  "",                 Access::RSVD, 0,    ""},
};
inline constexpr Field DFR_FIELDS[] = {
    {{31, 28}, "MODEL",            Access::RW,   15,   "1111b flat, 0000b cluster"},
    {{27, 0},  "ONES",             Access::RO,   0xfffffff, "read as ones"},
};
inline constexpr Field SVR_FIELDS[] = {
    {{31, 13}, "",                 Access::RSVD, 0,    ""},
    {{12, 12}, "SUPPRESS_EOI",     Access::RW,   0,    "1: EOI is not broadcast; needs VERSION.EOI_SUPPRESSION"},
    {{11, 10}, "",                 Access::RSVD, 0,    ""},
    {{9, 9},   "FOCUS",            Access::RW,   0,    "focus processor checking off (P6, Pentium): without effect"},
    {{8, 8},   "ENABLE",           Access::RW,   0,    "APIC software enable"},
    {{7, 0},   "VECTOR",           Access::RW,   0xff, "spurious vector"},
};
inline constexpr Field VECTOR_BITS_FIELDS[] = {
    {{31, 0},  "VECTORS",          Access::RO,   0,    "bit b of register n: vector 32n + b"},
};
inline constexpr Field ESR_FIELDS[] = {
    {{31, 8},  "",                 Access::RSVD, 0,    ""},
    {{7, 7},   "ILLEGAL_REGISTER", Access::RO,   0,    "access to a reserved register (xAPIC)"},
    {{6, 6},   "RECEIVED_VECTOR",  Access::RO,   0,    "illegal vector received"},
    {{5, 5},   "SENT_VECTOR",      Access::RO,   0,    "illegal vector sent"},
    {{4, 4},   "REDIRECTABLE_IPI", Access::RO,   0,    "lowest-priority IPI where it is not supported"},
    {{3, 3},   "RECEIVE_ACCEPT",   Access::RO,   0,    "P6 bus only: never"},
    {{2, 2},   "SEND_ACCEPT",      Access::RO,   0,    "P6 bus only: never"},
    {{1, 1},   "RECEIVE_CHECKSUM", Access::RO,   0,    "P6 bus only: never"},
    {{0, 0},   "SEND_CHECKSUM",    Access::RO,   0,    "P6 bus only: never"},
};
inline constexpr Field ICR_LOW_FIELDS[] = {
    {{31, 20}, "",                 Access::RSVD, 0,    ""},
    {{19, 18}, "SHORTHAND",        Access::RW,   0,    "0 none, 1 self, 2 all including self, 3 all excluding self"},
    {{17, 16}, "",                 Access::RSVD, 0,    ""},
    {{15, 15}, "TRIGGER",          Access::RW,   0,    "1: level, INIT de-assert only"},
    {{14, 14}, "LEVEL",            Access::RW,   0,    "1: assert; 0: INIT de-assert only"},
    {{13, 13}, "",                 Access::RSVD, 0,    ""},
    {{12, 12}, "STATUS",           Access::RO,   0,    "delivery status, 1: being sent; x2APIC: reserved"},
    {{11, 11}, "LOGICAL",          Access::RW,   0,    "destination mode"},
    {{10, 8},  "MODE",             Access::RW,   0,    "delivery mode: 0 fixed, 1 lowest, 2 SMI, 4 NMI, 5 INIT, 6 SIPI"},
    {{7, 0},   "VECTOR",           Access::RW,   0,    "SIPI: page number"},
};
inline constexpr Field ICR_HIGH_FIELDS[] = {
    {{31, 24}, "DESTINATION",      Access::RW,   0,    "x2APIC: ICR has 64 bits, 63:32 destination"},
    {{23, 0},  "",                 Access::RSVD, 0,    ""},
};
inline constexpr Field LVT_TIMER_FIELDS[] = {
    {{31, 19}, "",                 Access::RSVD, 0,    ""},
    {{18, 17}, "TIMER_MODE",       Access::RW,   0,    "0 one-shot, 1 periodic, 2 TSC-deadline, 3 reserved"},
    {{16, 16}, "MASK",             Access::RW,   1,    ""},
    {{15, 13}, "",                 Access::RSVD, 0,    ""},
    {{12, 12}, "STATUS",           Access::RO,   0,    "delivery status, 1: sent to the core and not accepted yet"},
    {{11, 8},  "",                 Access::RSVD, 0,    "no delivery mode: the timer cannot send an NMI"},
    {{7, 0},   "VECTOR",           Access::RW,   0,    ""},
};
inline constexpr Field LVT_FIELDS[] = {
    {{31, 17}, "",                 Access::RSVD, 0,    ""},
    {{16, 16}, "MASK",             Access::RW,   1,    ""},
    {{15, 13}, "",                 Access::RSVD, 0,    ""},
    {{12, 12}, "STATUS",           Access::RO,   0,    "delivery status, 1: sent to the core and not accepted yet"},
    {{11, 11}, "",                 Access::RSVD, 0,    ""},
    {{10, 8},  "MODE",             Access::RW,   0,    "delivery mode: 0 fixed, 2 SMI, 4 NMI"},
    {{7, 0},   "VECTOR",           Access::RW,   0,    ""},
};
inline constexpr Field LVT_LINT_FIELDS[] = {
    {{31, 17}, "",                 Access::RSVD, 0,    ""},
    {{16, 16}, "MASK",             Access::RW,   1,    ""},
    {{15, 15}, "TRIGGER",          Access::RW,   0,    "1: level; fixed mode of LINT0 only"},
    {{14, 14}, "REMOTE_IRR",       Access::RO,   0,    "level: accepted and not yet ended"},
    {{13, 13}, "POLARITY",         Access::RW,   0,    "1: active low"},
    {{12, 12}, "STATUS",           Access::RO,   0,    "delivery status, 1: sent to the core and not accepted yet"},
    {{11, 11}, "",                 Access::RSVD, 0,    ""},
    {{10, 8},  "MODE",             Access::RW,   0,    "delivery mode: 0 fixed, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT"},
    {{7, 0},   "VECTOR",           Access::RW,   0,    ""},
};
inline constexpr Field LVT_ERROR_FIELDS[] = {
    {{31, 17}, "",                 Access::RSVD, 0,    ""},
    {{16, 16}, "MASK",             Access::RW,   1,    ""},
    {{15, 13}, "",                 Access::RSVD, 0,    ""},
    {{12, 12}, "STATUS",           Access::RO,   0,    "delivery status, 1: sent to the core and not accepted yet"},
    {{11, 8},  "",                 Access::RSVD, 0,    ""},
    {{7, 0},   "VECTOR",           Access::RW,   0,    ""},
};
inline constexpr Field LVT_TIMER2_FIELDS[] = {
    {{31, 19}, "",                 Access::RSVD, 0,    ""},
    {{18, 17}, "TIMER_MODE",       Access::RW,   0,    "0 one-shot, 1 periodic"},
    {{16, 16}, "MASK",             Access::RW,   1,    ""},
    {{15, 15}, "",                 Access::RSVD, 0,    ""},
    {{14, 14}, "FIRED",            Access::RW1C, 0,    "the timer has fired: a reason that a CPU reads locally"},
    {{13, 11}, "",                 Access::RSVD, 0,    ""},
    {{10, 8},  "MODE",             Access::RW,   0,    "delivery mode: 0 fixed, 4 NMI"},
    {{7, 0},   "VECTOR",           Access::RW,   0,    ""},
};
inline constexpr Field COUNT_FIELDS[] = {
    {{31, 0},  "COUNT",            Access::RW,   0,    "writing starts the timer, 0 stops it"},
};
inline constexpr Field CURRENT_COUNT_FIELDS[] = {
    {{31, 0},  "COUNT",            Access::RO,   0,    ""},
};
inline constexpr Field DIVIDE_FIELDS[] = {
    {{31, 4},  "",                 Access::RSVD, 0,    ""},
    {{3, 3},   "DIVIDE_HIGH",      Access::RW,   0,    "bits 3,1,0: 000 /2, 001 /4, ... 110 /128, 111 /1"},
    {{2, 2},   "",                 Access::RSVD, 0,    ""},
    {{1, 0},   "DIVIDE_LOW",       Access::RW,   0,    ""},
};
inline constexpr Field SELF_IPI_FIELDS[] = {
    {{31, 8},  "",                 Access::RSVD, 0,    ""},
    {{7, 0},   "VECTOR",           Access::WO,   0,    "fixed, edge, to this CPU"},
};

inline constexpr Register REGISTERS[] = {
    // offset width name              count,stride fields              section
    {0x020, 32, "ID",                 {1, 0},    ID_FIELDS,            "10.4.6"},
    {0x030, 32, "VERSION",            {1, 0},    VERSION_FIELDS,       "10.4.8"},
    {0x080, 32, "TPR",                {1, 0},    TPR_FIELDS,           "10.8.3.1"},
    {0x090, 32, "APR",                {1, 0},    APR_FIELDS,           "10.6.2.4"},
    {0x0a0, 32, "PPR",                {1, 0},    PPR_FIELDS,           "10.8.3.1"},
    {0x0b0, 32, "EOI",                {1, 0},    EOI_FIELDS,           "10.8.5"},
    {0x0c0, 32, "RRD",                {1, 0},    RRD_FIELDS,           "10.4.1"},
    {0x0d0, 32, "LDR",                {1, 0},    LDR_FIELDS,           "10.6.2.2"},
    {0x0e0, 32, "DFR",                {1, 0},    DFR_FIELDS,           "10.6.2.2"},
    {0x0f0, 32, "SVR",                {1, 0},    SVR_FIELDS,           "10.9"},
    {0x100, 32, "ISRn",               {8, 0x10}, VECTOR_BITS_FIELDS,   "10.8.4"},
    {0x180, 32, "TMRn",               {8, 0x10}, VECTOR_BITS_FIELDS,   "10.8.4"},
    {0x200, 32, "IRRn",               {8, 0x10}, VECTOR_BITS_FIELDS,   "10.8.4"},
    {0x280, 32, "ESR",                {1, 0},    ESR_FIELDS,           "10.5.3"},
    {0x2e0, 32, "LVT_TIMER2",         {1, 0},    LVT_TIMER2_FIELDS,    "counterfactual: in no hardware"},
    {0x2f0, 32, "LVT_CMCI",           {1, 0},    LVT_FIELDS,           "10.5.1"},
    {0x300, 32, "ICR_LOW",            {1, 0},    ICR_LOW_FIELDS,       "10.6.1"},
    {0x310, 32, "ICR_HIGH",           {1, 0},    ICR_HIGH_FIELDS,      "10.6.1"},
    {0x320, 32, "LVT_TIMER",          {1, 0},    LVT_TIMER_FIELDS,     "10.5.1"},
    {0x330, 32, "LVT_THERMAL",        {1, 0},    LVT_FIELDS,           "10.5.1"},
    {0x340, 32, "LVT_PMI",            {1, 0},    LVT_FIELDS,           "10.5.1"},
    {0x350, 32, "LVT_LINT0",          {1, 0},    LVT_LINT_FIELDS,      "10.5.1"},
    {0x360, 32, "LVT_LINT1",          {1, 0},    LVT_LINT_FIELDS,      "10.5.1"},
    {0x370, 32, "LVT_ERROR",          {1, 0},    LVT_ERROR_FIELDS,     "10.5.1"},
    {0x380, 32, "INITIAL_COUNT",      {1, 0},    COUNT_FIELDS,         "10.5.4"},
    {0x390, 32, "CURRENT_COUNT",      {1, 0},    CURRENT_COUNT_FIELDS, "10.5.4"},
    {0x3e0, 32, "DIVIDE",             {1, 0},    DIVIDE_FIELDS,        "10.5.4"},
    {0x3f0, 32, "SELF_IPI",           {1, 0},    SELF_IPI_FIELDS,      "10.12.11"},
};
// clang-format on
static_assert(regs::well_formed(REGISTERS), "overlap or duplicate in the local APIC's register map");
static_assert(regs::each_well_formed(REGISTERS),
              "gap, misalignment or duplicate field in a register of the local APIC");

// ---- names for the code: offsets and the position of a row in REGISTERS

enum Offset : std::uint32_t {
    ID = 0x020,
    VERSION = 0x030,
    TPR = 0x080,
    APR = 0x090,
    PPR = 0x0a0,
    EOI = 0x0b0,
    RRD = 0x0c0,
    LDR = 0x0d0,
    DFR = 0x0e0,
    SVR = 0x0f0,
    ISR = 0x100,
    TMR = 0x180,
    IRR = 0x200,
    ESR = 0x280,
    LVT_TIMER2 = 0x2e0,
    LVT_CMCI = 0x2f0,
    ICR_LOW = 0x300,
    ICR_HIGH = 0x310,
    LVT_TIMER = 0x320,
    LVT_THERMAL = 0x330,
    LVT_PMI = 0x340,
    LVT_LINT0 = 0x350,
    LVT_LINT1 = 0x360,
    LVT_ERROR = 0x370,
    INITIAL_COUNT = 0x380,
    CURRENT_COUNT = 0x390,
    DIVIDE = 0x3e0,
    SELF_IPI = 0x3f0,
};

constexpr std::uint32_t PAGE_SLOTS = 64;  // 16-byte slots up to 3FFh; above is reserved
constexpr std::uint8_t NO_ROW = 0xff;

/// Index into REGISTERS of what answers at each 16-byte slot; NO_ROW: reserved.
constexpr std::array<std::uint8_t, PAGE_SLOTS> rows_by_slot() {
    std::array<std::uint8_t, PAGE_SLOTS> rows{};
    for (auto& row : rows) {
        row = NO_ROW;
    }
    std::uint8_t index = 0;
    for (const Register& r : REGISTERS) {
        for (unsigned i = 0; i < r.repeat.count; ++i) {
            rows[(r.offset + i * r.repeat.stride) / 16] = index;
        }
        ++index;
    }
    return rows;
}
inline constexpr std::array<std::uint8_t, PAGE_SLOTS> ROW_BY_SLOT = rows_by_slot();

/// The row at an offset that is a multiple of 16, nullptr if reserved.
constexpr const Register* row_at(std::uint32_t offset) {
    const std::uint32_t slot = offset / 16;
    return slot < PAGE_SLOTS && ROW_BY_SLOT[slot] != NO_ROW ? &REGISTERS[ROW_BY_SLOT[slot]] : nullptr;
}
constexpr const Register& row(std::uint32_t offset) { return *row_at(offset); }

constexpr std::uint32_t X2APIC_FIRST = 0x800;
constexpr std::uint32_t X2APIC_LAST = 0x8ff;
constexpr std::uint32_t x2apic_msr(std::uint32_t offset) { return X2APIC_FIRST + offset / 16; }
constexpr std::uint32_t offset_of_msr(std::uint32_t msr) { return (msr - X2APIC_FIRST) * 16; }

/// SDM vol. 3A, table 10-6: DFR, ICR high, APR and RRD have no MSR; SELF IPI has no page offset.
constexpr bool in_x2apic(std::uint32_t offset) {
    return offset != DFR && offset != ICR_HIGH && offset != APR && offset != RRD;
}
constexpr bool in_xapic(std::uint32_t offset) { return offset != SELF_IPI; }

/// Masks of a register, derived from its row once.
struct Masks {
    std::uint32_t readable = 0;
    std::uint32_t writable = 0;  // by software, in whatever way
    std::uint32_t reserved = 0;
};
constexpr std::array<Masks, std::size(REGISTERS)> masks_of_rows() {
    std::array<Masks, std::size(REGISTERS)> masks{};
    std::size_t i = 0;
    for (const Register& r : REGISTERS) {
        const std::uint64_t both = r.mask(Access::RW) | r.mask(Access::RW1C);
        masks[i].readable = static_cast<std::uint32_t>(both | r.mask(Access::RO));
        masks[i].writable = static_cast<std::uint32_t>(both | r.mask(Access::WO));
        masks[i].reserved = static_cast<std::uint32_t>(r.mask(Access::RSVD));
        ++i;
    }
    return masks;
}
inline constexpr std::array<Masks, std::size(REGISTERS)> MASKS = masks_of_rows();
constexpr const Masks& masks(std::uint32_t offset) { return MASKS[ROW_BY_SLOT[offset / 16]]; }

// ---- the bits that the APIC acts on, taken from the rows

constexpr std::uint32_t bits(std::uint32_t offset, std::string_view field) {
    return static_cast<std::uint32_t>(row(offset).field(field).mask());
}

namespace svr {
inline constexpr std::uint32_t ENABLE = bits(SVR, "ENABLE");
inline constexpr std::uint32_t SUPPRESS_EOI = bits(SVR, "SUPPRESS_EOI");
}  // namespace svr

namespace esr {
inline constexpr std::uint32_t ILLEGAL_REGISTER = bits(ESR, "ILLEGAL_REGISTER");
inline constexpr std::uint32_t RECEIVED_VECTOR = bits(ESR, "RECEIVED_VECTOR");
inline constexpr std::uint32_t SENT_VECTOR = bits(ESR, "SENT_VECTOR");
inline constexpr std::uint32_t REDIRECTABLE_IPI = bits(ESR, "REDIRECTABLE_IPI");
}  // namespace esr

namespace icr {
inline constexpr Bits SHORTHAND = row(ICR_LOW).field("SHORTHAND");
inline constexpr Bits TRIGGER = row(ICR_LOW).field("TRIGGER");
inline constexpr Bits LEVEL = row(ICR_LOW).field("LEVEL");
inline constexpr std::uint32_t STATUS = bits(ICR_LOW, "STATUS");
inline constexpr Bits LOGICAL = row(ICR_LOW).field("LOGICAL");
inline constexpr Bits MODE = row(ICR_LOW).field("MODE");
}  // namespace icr

/// At the same place in every entry of the local vector table that has them.
namespace lvt {
inline constexpr Bits TIMER_MODE = row(LVT_TIMER).field("TIMER_MODE");
inline constexpr std::uint32_t MASK = bits(LVT_LINT0, "MASK");
inline constexpr std::uint32_t TRIGGER = bits(LVT_LINT0, "TRIGGER");
inline constexpr std::uint32_t REMOTE_IRR = bits(LVT_LINT0, "REMOTE_IRR");
inline constexpr std::uint32_t STATUS = bits(LVT_LINT0, "STATUS");
inline constexpr std::uint32_t FIRED = bits(LVT_TIMER2, "FIRED");
inline constexpr std::uint32_t POLARITY = bits(LVT_LINT0, "POLARITY");
inline constexpr Bits MODE = row(LVT_LINT0).field("MODE");
static_assert(MASK == bits(LVT_TIMER, "MASK") && MASK == bits(LVT_ERROR, "MASK") && MASK == bits(LVT_PMI, "MASK"));
static_assert(STATUS == bits(LVT_TIMER, "STATUS") && STATUS == bits(LVT_ERROR, "STATUS") &&
              STATUS == bits(LVT_PMI, "STATUS"));
static_assert(MODE.mask() == bits(LVT_PMI, "MODE") && MODE.mask() == bits(LVT_TIMER2, "MODE"));
}  // namespace lvt

// ---- documentation: where software finds each, in either mode

inline constexpr std::string_view PLACES[] = {
    "020h, MSR 802h",
    "030h, MSR 803h",
    "080h, MSR 808h",
    "090h",
    "0a0h, MSR 80Ah",
    "0b0h, MSR 80Bh",
    "0c0h",
    "0d0h, MSR 80Dh",
    "0e0h",
    "0f0h, MSR 80Fh",
    "100h+010h*n, MSR 810h+n",
    "180h+010h*n, MSR 818h+n",
    "200h+010h*n, MSR 820h+n",
    "280h, MSR 828h",
    "2e0h, MSR 82Eh",
    "2f0h, MSR 82Fh",
    "300h, MSR 830h",
    "310h",
    "320h, MSR 832h",
    "330h, MSR 833h",
    "340h, MSR 834h",
    "350h, MSR 835h",
    "360h, MSR 836h",
    "370h, MSR 837h",
    "380h, MSR 838h",
    "390h, MSR 839h",
    "3e0h, MSR 83Eh",
    "MSR 83Fh",
};

constexpr std::uint32_t three_digits(std::string_view text) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const char c = text[i];
        const int digit = c >= 'a' ? c - 'a' + 10 : c >= 'A' ? c - 'A' + 10 : c - '0';
        value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    return value;
}
/// PLACES say what the rows, in_xapic() and in_x2apic() say.
constexpr bool places_are_right() {
    for (std::size_t i = 0; i < std::size(REGISTERS); ++i) {
        const std::uint32_t offset = REGISTERS[i].offset;
        const std::string_view place = PLACES[i];
        const std::size_t msr = place.find("MSR ");
        if ((in_xapic(offset) && three_digits(place) != offset) ||
            in_x2apic(offset) != (msr != std::string_view::npos) ||
            (in_x2apic(offset) && three_digits(place.substr(msr + 4)) != x2apic_msr(offset))) {
            return false;
        }
    }
    return true;
}
static_assert(std::size(PLACES) == std::size(REGISTERS) && places_are_right(), "a place is not where its register is");

inline constexpr regs::Map MAP{"lapic", "Local APIC: its page, and as x2APIC the MSRs",
                               "Intel SDM volume 3A, chapter 10 (APIC), edition of 2015", REGISTERS, PLACES};

}  // namespace hldsim::lapic
