// SPDX-License-Identifier: Apache-2.0
// MSRs of the local APIC that are not a register of its page: IA32_APIC_BASE, IA32_TSC_DEADLINE, and of an x2APIC those
// that have another form there. Every other x2APIC MSR has the fields of its page register (registers.hpp).
// Intel SDM volume 3A, chapter 10 (APIC), sections of the edition of 2015.
//
// As of the PMU, `offset` is 8 for each MSR.
#pragma once
#include <array>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "models/lapic/registers.hpp"
#include "models/regs/spec.hpp"

namespace hldsim::lapic {

constexpr std::uint32_t IA32_APIC_BASE = 0x1b;
constexpr std::uint32_t IA32_TSC_DEADLINE = 0x6e0;
constexpr std::uint32_t offset_among_msrs(std::uint32_t msr) { return msr * 8; }

// clang-format off
inline constexpr Field APIC_BASE_FIELDS[] = {
    // bits    name           access        reset    meaning
    {{63, 12}, "PAGE",        Access::RW,   0xfee00, "of the registers; bits above the physical address width are reserved"},
    {{11, 11}, "EN",          Access::RW,   1,       "0: the APIC is off"},
    {{10, 10}, "EXTD",        Access::RW,   0,       "1: x2APIC mode; with EN only"},
    {{9, 9},   "",            Access::RSVD, 0,       ""},
    {{8, 8},   "BSP",         Access::RO,   0,       "1: the CPU that boots"},
    {{7, 0},   "",            Access::RSVD, 0,       ""},
};
inline constexpr Field TSC_DEADLINE_FIELDS[] = {
    {{63, 0},  "DEADLINE",    Access::RW,   0,       "TSC at which the timer interrupts; 0: disarmed, and so after it"},
};
inline constexpr Field X2APIC_ID_FIELDS[] = {
    {{31, 0},  "APIC_ID",     Access::RO,   0,       "x2APIC id, of the hardware (profile)"},
};
inline constexpr Field X2APIC_LDR_FIELDS[] = {
    {{31, 16}, "CLUSTER",     Access::RO,   0,       "bits 19:4 of the id (profile)"},
    {{15, 0},  "MEMBER",      Access::RO,   1,       "one bit: the one that bits 3:0 of the id number (profile)"},
};
inline constexpr Field ICR_FIELDS[] = {
    {{63, 32}, "DESTINATION", Access::RW,   0,       "id, or 31:16 cluster and 15:0 members; FFFFFFFFh: all"},
    {{31, 20}, "",            Access::RSVD, 0,       ""},
    {{19, 18}, "SHORTHAND",   Access::RW,   0,       "0 none, 1 self, 2 all including self, 3 all excluding self"},
    {{17, 16}, "",            Access::RSVD, 0,       ""},
    {{15, 15}, "TRIGGER",     Access::RW,   0,       "1: level, INIT de-assert only"},
    {{14, 14}, "LEVEL",       Access::RW,   0,       "1: assert; 0: INIT de-assert only"},
    {{13, 12}, "",            Access::RSVD, 0,       "no delivery status"},
    {{11, 11}, "LOGICAL",     Access::RW,   0,       "destination mode"},
    {{10, 8},  "MODE",        Access::RW,   0,       "delivery mode: 0 fixed, 1 lowest, 2 SMI, 4 NMI, 5 INIT, 6 SIPI"},
    {{7, 0},   "VECTOR",      Access::RW,   0,       "SIPI: page number"},
};
inline constexpr Register MSRS[] = {
    // MSR                                       width name                count fields               section
    {offset_among_msrs(IA32_APIC_BASE),          64, "IA32_APIC_BASE",     {},   APIC_BASE_FIELDS,    "10.4.4"},
    {offset_among_msrs(IA32_TSC_DEADLINE),       64, "IA32_TSC_DEADLINE",  {},   TSC_DEADLINE_FIELDS, "10.5.4.1"},
    {offset_among_msrs(x2apic_msr(ID)),          32, "X2APIC_ID",          {},   X2APIC_ID_FIELDS,    "10.12.1.2"},
    {offset_among_msrs(x2apic_msr(LDR)),         32, "X2APIC_LDR",         {},   X2APIC_LDR_FIELDS,   "10.12.10.2"},
    {offset_among_msrs(x2apic_msr(ICR_LOW)),     64, "ICR",                {},   ICR_FIELDS,          "10.12.9"},
};
// clang-format on
static_assert(regs::well_formed(MSRS[0]), "IA32_APIC_BASE");
static_assert(regs::well_formed(MSRS[1]), "IA32_TSC_DEADLINE");
static_assert(regs::well_formed(MSRS[2]), "X2APIC_ID");
static_assert(regs::well_formed(MSRS[3]), "X2APIC_LDR");
static_assert(regs::well_formed(MSRS[4]), "ICR");
static_assert(regs::well_formed(MSRS), "overlap or duplicate in the local APIC's MSRs");

inline constexpr std::string_view MSR_PLACES[] = {"MSR 01Bh", "MSR 6E0h", "MSR 802h", "MSR 80Dh", "MSR 830h"};
constexpr bool msr_places_are_right() {
    for (std::size_t i = 0; i < std::size(MSRS); ++i) {
        if (offset_among_msrs(three_digits(MSR_PLACES[i].substr(4))) != MSRS[i].offset) {
            return false;
        }
    }
    return true;
}
static_assert(std::size(MSR_PLACES) == std::size(MSRS) && msr_places_are_right(), "a place is not where its MSR is");

inline constexpr regs::Map MSR_MAP{"lapic-msr", "Local APIC: MSRs that its page has not, or in another form",
                                   "Intel SDM volume 3A, chapter 10 (APIC), edition of 2015", MSRS, MSR_PLACES};

// ---- names for the code

constexpr const Register& msr_row(std::string_view name) { return regs::row(MSRS, name); }

namespace apic_base {
inline constexpr Bits BSP = msr_row("IA32_APIC_BASE").field("BSP");    // read-only: this is the boot CPU
inline constexpr Bits EXTD = msr_row("IA32_APIC_BASE").field("EXTD");  // x2APIC mode
inline constexpr Bits EN = msr_row("IA32_APIC_BASE").field("EN");      // global enable
inline constexpr Bits PAGE = msr_row("IA32_APIC_BASE").field("PAGE");
inline constexpr std::uint64_t PAGE_RESET = msr_row("IA32_APIC_BASE").reset() & PAGE.mask();
inline constexpr std::uint64_t RESERVED = msr_row("IA32_APIC_BASE").mask(Access::RSVD);
}  // namespace apic_base

namespace x2apic_ldr {
inline constexpr Bits CLUSTER = msr_row("X2APIC_LDR").field("CLUSTER");
inline constexpr Bits MEMBER = msr_row("X2APIC_LDR").field("MEMBER");
/// SDM vol. 3A, 10.12.10.2: the logical id that hardware makes of the id.
constexpr std::uint32_t of_id(std::uint32_t id) {
    return static_cast<std::uint32_t>(CLUSTER.set(MEMBER.set(0, std::uint64_t{1} << (id & 0xf)), id >> 4 & 0xffff));
}
}  // namespace x2apic_ldr

/// Of MSRs whose form is not that of the page; null: the page's.
constexpr const Register* x2apic_form(std::uint32_t offset) {
    for (const Register& r : MSRS) {
        if (r.offset == offset_among_msrs(x2apic_msr(offset))) {
            return &r;
        }
    }
    return nullptr;
}
/// Masks of an x2APIC's MSR: what software may write, and what it must not, all of a 32-bit register's upper half.
struct MsrMasks {
    std::uint64_t writable = 0;
    std::uint64_t reserved = 0;
};
constexpr std::array<MsrMasks, PAGE_SLOTS> masks_of_msrs() {
    std::array<MsrMasks, PAGE_SLOTS> masks{};
    for (std::uint32_t slot = 0; slot < PAGE_SLOTS; ++slot) {
        const Register* const page = row_at(slot * 16);
        const Register* const own = x2apic_form(slot * 16);
        const Register* const r = own != nullptr ? own : page;
        if (r != nullptr) {
            masks[slot].writable = r->mask(Access::RW) | r->mask(Access::RW1C) | r->mask(Access::WO);
            masks[slot].reserved = r->mask(Access::RSVD) | ~byte_mask(r->width / 8);
        }
    }
    return masks;
}
inline constexpr std::array<MsrMasks, PAGE_SLOTS> MSR_MASKS = masks_of_msrs();

}  // namespace hldsim::lapic
