// SPDX-License-Identifier: Apache-2.0
// What a CPU needs from software: entry points, called on the CPU's own stack. The shim implements it with native C,
// model tests with a few lines of C++.
#pragma once
#include <cstdint>

#include "models/base/apic_id.hpp"

namespace hldsim::cpu {

class Software {
public:
    virtual ~Software() = default;
    virtual void reset_vector(CpuNumber cpu) = 0;                       // boot CPU after power-on; never returns
    virtual void startup(CpuNumber cpu, std::uint8_t sipi_vector) = 0;  // after SIPI; never returns
    virtual void interrupt(CpuNumber cpu, std::uint8_t vector, const void* ip, bool interrupts_enabled) = 0;
    virtual void nmi(CpuNumber cpu, const void* ip, bool interrupts_enabled) = 0;
    /// Does this CPU, which has just been parked in a spin loop, wait for something that can never happen: a lock whose
    /// owner is below it on the same CPU, waits in a circle with it, or is stuck for ever?
    virtual bool waits_for_ever(CpuNumber cpu) = 0;
    /// The CPU has shut down by a triple fault, or INIT has taken the boot CPU to firmware; `why` says how. The run
    /// ends behind this.
    virtual void shut_down(CpuNumber /*cpu*/, const char* /*why*/) {}
};

}  // namespace hldsim::cpu
