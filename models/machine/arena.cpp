// SPDX-License-Identifier: Apache-2.0
#include "models/machine/arena.hpp"

#include <algorithm>

namespace hldsim {

bool Arena::read(std::uint64_t address, void* to, std::size_t size) {
    if (!answers(address, size)) {
        return false;
    }
    cpus_.device_reads(to, native_ + (address - base_), static_cast<unsigned>(size));
    return true;
}

// By lines: no more is atomic.
bool Arena::write(std::uint64_t address, const void* from, std::size_t size) {
    if (!answers(address, size)) {
        return false;
    }
    constexpr std::size_t LINE = cpu::Cpus::DEVICE_WRITE;
    const auto* bytes = static_cast<const char*>(from);
    char* at = native_ + (address - base_);
    while (size > 0) {
        const std::size_t part = std::min(size, LINE - (address % LINE));
        cpus_.device_writes(at, bytes, static_cast<unsigned>(part));
        at += part;
        bytes += part;
        address += part;
        size -= part;
    }
    return true;
}

}  // namespace hldsim
