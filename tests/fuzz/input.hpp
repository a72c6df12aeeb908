// SPDX-License-Identifier: Apache-2.0
// A fuzzer's bytes as a program, and what a device must never do.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "models/base/bits.hpp"

namespace hldsim::fuzz {

/// Reads the bytes from the front; behind the end everything is 0, so every input is a program.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : data_{data}, left_{size} {}

    bool empty() const { return left_ == 0; }
    std::uint8_t byte() {
        if (left_ == 0) {
            return 0;
        }
        --left_;
        return *data_++;
    }
    std::uint64_t number(unsigned bytes_of) {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < bytes_of; ++i) {
            value |= std::uint64_t{byte()} << (8 * i);
        }
        return value;
    }
    Size size() {
        constexpr Size SIZES[] = {Size::B4, Size::B8, Size::B1, Size::B2};
        return SIZES[byte() % 4];
    }

private:
    const std::uint8_t* data_;
    std::size_t left_;
};

/// Ends the process with a sentence unless it holds: libFuzzer then keeps the input.
inline void require(bool holds, const std::string& otherwise) {
    if (!holds) {
        std::fprintf(stderr, "fuzz: %s\n", otherwise.c_str());
        std::abort();
    }
}

}  // namespace hldsim::fuzz
