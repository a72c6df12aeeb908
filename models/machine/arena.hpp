// SPDX-License-Identifier: Apache-2.0
// The memory that devices reach: the arena of software (kmalloc), which is physical memory at a fixed base.
//
//   Read    what lies in native memory is what is globally visible: a store in a store buffer is undone there
//   Write   takes its turn before every CPU's action of the same instant
//   Else    no memory answers: neither the images of software nor a device can be reached
#pragma once
#include <cstdint>

#include "models/cpu/cpus.hpp"
#include "models/fabric/memory.hpp"

namespace hldsim {

class Arena final : public MemoryPort {
public:
    explicit Arena(cpu::Cpus& cpus) : cpus_{cpus} {}
    /// [physical, physical + size) is the native memory at `native`.
    void connect(std::uint64_t physical, char* native, std::size_t size) {
        base_ = physical;
        native_ = native;
        size_ = size;
    }

    bool read(std::uint64_t address, void* to, std::size_t size) override;
    bool write(std::uint64_t address, const void* from, std::size_t size) override;

private:
    bool answers(std::uint64_t address, std::size_t size) const {
        return address >= base_ && size <= size_ && address - base_ <= size_ - size;
    }

    cpu::Cpus& cpus_;
    std::uint64_t base_ = 0;
    char* native_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace hldsim
