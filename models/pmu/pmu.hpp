// SPDX-License-Identifier: Apache-2.0
// The performance counters of one CPU, as far as an NMI needs them: they overflow, and the local APIC hears of it.
//
//   Source     SDM vol. 3B (edition of 2015), 18.2.1 and 18.2.2: architectural performance monitoring, version 2
//   Rules      LAPIC-41, CPU-22
//   Access     RDMSR and WRMSR. A register that is not here, and a reserved bit written 1: #GP, nothing written
//   Interrupt  an overflow of a counter that is enabled, in both registers, and whose PMI bit is set: the local APIC's
//              LVT entry for performance counters, at that instant, each time. The status bit stays until it is cleared
//   Status     read from IA32_PERF_GLOBAL_STATUS, cleared through IA32_PERF_GLOBAL_OVF_CTRL
//   Reset      all 0. INIT changes nothing: SDM vol. 3A, table 9-1
//   Deviation: a counter does not count by itself; overflow() is when it would have come to its end, whatever it holds.
//   Deviation: fixed counters alone, no general-purpose ones, no debug store, no freeze on a PMI (IA32_DEBUGCTL).
//   Deviation: every profile has these, version 2, AMD's too: no CPUID leaf 0Ah tells of them, and nothing of the later
//              versions (AnyThread, IA32_PERF_GLOBAL_STATUS_SET) or of AMD's own counters is here.
#pragma once
#include <array>
#include <cstdint>
#include <ostream>
#include <string>

#include "models/base/state_copy.hpp"
#include "models/fabric/ports.hpp"
#include "models/pmu/registers.hpp"
#include "models/regs/file.hpp"
#include "models/sim/probe.hpp"

namespace hldsim {

class Pmu final : public MsrTarget {
public:
    explicit Pmu(LocalInterrupts& apic) : apic_{apic} {}

    // ---- the CPU
    bool rdmsr(std::uint32_t msr, std::uint64_t& value) override;
    bool wrmsr(std::uint32_t msr, std::uint64_t value) override;

    /// Fixed counter n, 0 to 2, passes its last value now. Diagnosed, and without effect, if it does not count.
    void overflow(unsigned n);

    // ---- reset, in three phases
    void reset_enter() { values_ = {}; }
    void reset_hold() {}
    void reset_exit() {}

    void copy_state(StateCopy& s) { s(values_); }
    std::string dump() const;
    void dump(std::ostream& out) const { out << dump(); }

    sim::Probe<regs::Diagnosis> diagnosis;

private:
    LocalInterrupts& apic_;
    std::array<std::uint64_t, pmu::SLOTS> values_{};  // by slot of the map; a machine may have a thousand of these
};

}  // namespace hldsim
