// SPDX-License-Identifier: Apache-2.0
// What a remapping unit reads and writes: so many bytes from address 0 on; beyond them nothing answers.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "models/fabric/memory.hpp"

namespace hldsim::fuzz {

template <std::uint64_t END>
struct Memory final : MemoryPort {
    bool read(std::uint64_t address, void* to, std::size_t size) override {
        const bool answers = address < END && size <= END - address;
        if (answers) {
            std::memcpy(to, &bytes[address], size);
        }
        return answers;
    }
    bool write(std::uint64_t address, const void* from, std::size_t size) override {
        const bool answers = address < END && size <= END - address;
        if (answers) {
            std::memcpy(&bytes[address], from, size);
        }
        return answers;
    }
    std::array<std::uint8_t, END> bytes{};
};

}  // namespace hldsim::fuzz
