// SPDX-License-Identifier: Apache-2.0
// An HPET that firmware gates: each access of a CPU to it is an SMI of that CPU (models/hpet/README.md).
//
//   Known of   AMD's SB700, whose HPET firmware guards (Linux 6.1, arch/x86/kernel/hpet.c, hpet_cfg_working)
//   Instant    asserted with the access, and taken at the boundary behind the instruction that makes it
//   Deviation: firmware passes each access on as it is. What it really does with one is not published
#pragma once
#include "models/cpu/cpus.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim {

class AccessTrap final : public CpuBus {
public:
    AccessTrap(CpuBus& bus, cpu::Cpus& cpus, std::uint64_t base, std::uint64_t size, Duration residency)
        : bus_{bus}, cpus_{cpus}, base_{base}, size_{size}, residency_{residency} {}

    /// The bus for the CPUs: without SMIs the one below.
    CpuBus& bus() { return residency_.fs == 0 ? bus_ : *this; }

    void post_write(CpuNumber cpu, std::uint64_t address, Size size, std::uint64_t value) override {
        bus_.post_write(cpu, address, size, value);
        trap(cpu, address);
    }
    void read(CpuNumber cpu, std::uint64_t address, Size size, ReadCompletion& completion) override {
        bus_.read(cpu, address, size, completion);
        trap(cpu, address);
    }

private:
    void trap(CpuNumber cpu, std::uint64_t address) {
        if (address - base_ < size_) {
            cpus_.assert_smi(cpu, residency_);
        }
    }

    CpuBus& bus_;
    cpu::Cpus& cpus_;
    std::uint64_t base_;
    std::uint64_t size_;
    Duration residency_;
};

}  // namespace hldsim
