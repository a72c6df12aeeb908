// SPDX-License-Identifier: Apache-2.0
// What a remapping unit reads and writes: so many bytes from address 0 on; beyond them nothing answers. It knows what
// each entry, aligned to its size, has been: a unit uses one as it was at some instant, and never a mix (VTD-22).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>

#include "models/fabric/memory.hpp"

namespace hldsim::fuzz {

template <std::uint64_t END>
class Memory final : public MemoryPort {
public:
    void power_on() {
        bytes_.fill(0);
        held_.clear();
        for (const std::size_t size : SIZES) {
            held_.insert(std::string(size, '\0'));
        }
    }
    bool read(std::uint64_t address, void* to, std::size_t size) override {
        const bool answers = address < END && size <= END - address;
        if (answers) {
            std::memcpy(to, &bytes_[address], size);
        }
        return answers;
    }
    bool write(std::uint64_t address, const void* from, std::size_t size) override {
        const bool answers = address < END && size <= END - address;
        if (answers) {
            std::memcpy(&bytes_[address], from, size);
            for (const std::size_t entry : SIZES) {
                for (std::uint64_t at = address / entry * entry; at < address + size; at += entry) {
                    held_.insert(std::string{bytes_.begin() + at, bytes_.begin() + at + entry});
                }
            }
        }
        return answers;
    }
    /// Has an entry of that size, 4, 16 or 32 bytes, been that since power-on?
    bool held(const void* entry, std::size_t size) const {
        return held_.count(std::string{static_cast<const char*>(entry), size}) != 0;
    }

private:
    static constexpr std::array<std::size_t, 3> SIZES{4, 16, 32};

    std::array<std::uint8_t, END> bytes_{};
    std::set<std::string> held_;
};

}  // namespace hldsim::fuzz
