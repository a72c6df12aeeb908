// SPDX-License-Identifier: Apache-2.0
// A register map as constexpr rows: masks, access semantics, reset, documentation and tests all follow from them.
//
//   Field      bits as the manual prints them, most significant first, both inclusive
//   Access     a word that carries intent: reserved (software must not), unimplemented (we do not yet), constant
//   Checked    at compile time: every bit covered once, names unique, aligned, no overlap: well_formed()
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/base/bits.hpp"

namespace hldsim::regs {

enum class Access : std::uint8_t {
    RO,      // read-only: set by hardware or by the profile
    RW,      // read-write
    RW1C,    // read; writing 1 clears
    W1S,     // write 1 to start or set; reads as the device says
    WO,      // write-only: reads 0
    RSVD,    // reserved: reads 0, software must write 0; anything else is diagnosed
    RSVP,    // reserved, preserve: software writes back what it read
    UNIMPL,  // defined by the specification and not modelled yet: an access is diagnosed as unimplemented
};

struct Field {
    Bits bits;
    std::string_view name;  // empty where reserved
    Access access = Access::RSVD;
    std::uint64_t reset = 0;
    std::string_view meaning;
};

struct Repeat {
    unsigned count = 1;
    unsigned stride = 0;
};

struct Register {
    std::uint32_t offset = 0;
    unsigned width = 32;  // bits
    std::string_view name;
    Repeat repeat;
    const Field* fields = nullptr;
    std::size_t field_count = 0;
    std::string_view section;  // of the specification that the map's header names

    template <std::size_t N>
    constexpr Register(std::uint32_t at, unsigned bits, std::string_view title, Repeat times, const Field (&rows)[N],
                       std::string_view where)
        : offset{at}, width{bits}, name{title}, repeat{times}, fields{rows}, field_count{N}, section{where} {}

    constexpr const Field* begin() const { return fields; }
    constexpr const Field* end() const { return fields + field_count; }

    constexpr std::uint64_t mask(Access access) const {
        std::uint64_t bits = 0;
        for (const Field& field : *this) {
            bits |= field.access == access ? field.bits.mask() : 0;
        }
        return bits;
    }
    constexpr std::uint64_t reset() const {
        std::uint64_t value = 0;
        for (const Field& field : *this) {
            value = field.bits.set(value, field.reset);
        }
        return value;
    }
    /// The bits of the named field; a name that is not there does not compile in a constant expression.
    constexpr Bits field(std::string_view title) const {
        for (const Field& row : *this) {
            if (row.name == title) {
                return row.bits;
            }
        }
        throw "no field of that name";
    }
};

/// Every bit from width-1 down to 0 is covered exactly once, in the order in which the manual prints them.
constexpr bool covers_every_bit_once(const Register& r) {
    unsigned next = r.width;
    for (const Field& field : r) {
        if (field.bits.msb + 1 != next || field.bits.lsb > field.bits.msb) {
            return false;
        }
        next = field.bits.lsb;
    }
    return next == 0;
}

constexpr bool field_names_are_unique(const Register& r) {
    for (const Field& a : r) {
        for (const Field& b : r) {
            if (&a != &b && !a.name.empty() && a.name == b.name) {
                return false;
            }
        }
    }
    return true;
}

constexpr bool resets_fit(const Register& r) {
    for (const Field& field : r) {
        if (field.bits.get(field.bits.set(0, field.reset)) != field.reset) {
            return false;
        }
    }
    return true;
}

constexpr bool aligned(const Register& r) {
    return (r.width == 8 || r.width == 16 || r.width == 32 || r.width == 64 || r.width == 128) &&
           r.offset % (r.width / 8) == 0 && (r.repeat.count == 1 || r.repeat.stride >= r.width / 8);
}

constexpr bool well_formed(const Register& r) {
    return covers_every_bit_once(r) && field_names_are_unique(r) && resets_fit(r) && aligned(r);
}

constexpr bool overlap(const Register& a, const Register& b) {
    for (unsigned i = 0; i < a.repeat.count; ++i) {
        for (unsigned k = 0; k < b.repeat.count; ++k) {
            const std::uint32_t at = a.offset + i * a.repeat.stride;
            const std::uint32_t bt = b.offset + k * b.repeat.stride;
            if (at < bt + b.width / 8 && bt < at + a.width / 8) {
                return true;
            }
        }
    }
    return false;
}

/// The map as a whole: no overlap, no duplicate name. Each register is asserted by itself, so that a message names it.
template <std::size_t N>
constexpr bool well_formed(const Register (&map)[N]) {
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t k = i + 1; k < N; ++k) {
            if (overlap(map[i], map[k]) || map[i].name == map[k].name) {
                return false;
            }
        }
    }
    return true;
}

/// As well_formed() of each register, for a map of too many to assert one by one.
template <std::size_t N>
constexpr bool each_well_formed(const Register (&map)[N]) {
    for (const Register& r : map) {
        if (!well_formed(r)) {
            return false;
        }
    }
    return true;
}

/// The row of that name; a name that is not there does not compile in a constant expression.
template <std::size_t N>
constexpr const Register& row(const Register (&map)[N], std::string_view title) {
    for (const Register& r : map) {
        if (r.name == title) {
            return r;
        }
    }
    throw "no row of that name";
}

/// Another meaning of a register's bits: where `selector` of the value holds `value`, `spec` has the fields.
struct Format {
    std::string_view of;     // name of the register
    std::string_view title;  // "remappable format (bit 48 = 1)"
    Bits selector;
    std::uint64_t value = 0;
    const Register* spec = nullptr;
};

/// A device's map with what documentation says about it.
struct Map {
    std::string_view device;  // "hpet"
    std::string_view title;   // "High Precision Event Timer"
    std::string_view source;  // "IA-PC HPET Specification 1.0a (October 2004)"
    const Register* registers = nullptr;
    std::size_t count = 0;
    const std::string_view* places = nullptr;  // by register: where software finds it, if not at its offset
    const Format* formats = nullptr;
    std::size_t format_count = 0;

    template <std::size_t N>
    constexpr Map(std::string_view name, std::string_view heading, std::string_view from, const Register (&rows)[N])
        : device{name}, title{heading}, source{from}, registers{rows}, count{N} {}
    /// For registers behind an index or a sequence: one text for each row. Offsets only tell the rows apart then.
    template <std::size_t N, std::size_t M>
    constexpr Map(std::string_view name, std::string_view heading, std::string_view from, const Register (&rows)[N],
                  const std::string_view (&where)[N], const Format (&other_formats)[M])
        : device{name},
          title{heading},
          source{from},
          registers{rows},
          count{N},
          places{where},
          formats{other_formats},
          format_count{M} {}
    template <std::size_t N>
    constexpr Map(std::string_view name, std::string_view heading, std::string_view from, const Register (&rows)[N],
                  const std::string_view (&where)[N])
        : device{name}, title{heading}, source{from}, registers{rows}, count{N}, places{where} {}

    constexpr const Register* begin() const { return registers; }
    constexpr const Register* end() const { return registers + count; }

    /// The format in which that register's value is to be read; null: the row's own.
    constexpr const Format* format_of(const Register& spec, std::uint64_t held) const {
        for (std::size_t i = 0; i < format_count; ++i) {
            if (formats[i].of == spec.name && formats[i].selector.get(held) == formats[i].value) {
                return &formats[i];
            }
        }
        return nullptr;
    }
};

}  // namespace hldsim::regs
