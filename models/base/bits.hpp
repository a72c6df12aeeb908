// SPDX-License-Identifier: Apache-2.0
// Bit ranges as the specifications print them: most significant bit first, both inclusive.
#pragma once
#include <cstdint>

namespace hldsim {

struct Bits {
    unsigned msb = 0;
    unsigned lsb = 0;

    constexpr unsigned width() const { return msb - lsb + 1; }
    constexpr std::uint64_t mask() const {
        const std::uint64_t ones = width() >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width()) - 1;
        return ones << lsb;
    }
    /// The field of `value`, shifted down to bit 0.
    constexpr std::uint64_t get(std::uint64_t value) const { return (value & mask()) >> lsb; }
    /// `value` with the field replaced; bits of `field` beyond the width are dropped.
    constexpr std::uint64_t set(std::uint64_t value, std::uint64_t field) const {
        return (value & ~mask()) | ((field << lsb) & mask());
    }
};

/// Size of an access in bytes.
enum class Size : std::uint8_t { B1 = 1, B2 = 2, B4 = 4, B8 = 8 };

constexpr unsigned bytes(Size size) { return static_cast<unsigned>(size); }

/// All ones in the low n bytes, n from 1 to 8.
constexpr std::uint64_t byte_mask(unsigned n) { return n >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * n)) - 1; }

}  // namespace hldsim
