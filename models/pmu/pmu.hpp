// SPDX-License-Identifier: Apache-2.0
// The fixed performance counters of one CPU, which overflow, and of which the local APIC hears then.
//
//   Source     SDM vol. 3B (edition of 2015), 18.2.1 and 18.2.2: architectural performance monitoring, version 2
//   Rules      LAPIC-41, CPU-22
//   Counters   1: edges of the core's clock, 2: of the TSC's, both while the CPU does not sleep (18.2.3)
//   Access     RDMSR and WRMSR. A register that is not here, and a reserved bit written 1: #GP, nothing written
//   Interrupt  an overflow of a counter that is enabled, in both registers, and whose PMI bit is set: the local APIC's
//              LVT entry for performance counters, at that instant, each time. The status bit stays until it is cleared
//   Status     read from IA32_PERF_GLOBAL_STATUS, cleared through IA32_PERF_GLOBAL_OVF_CTRL
//   Rings      all code is in ring 0 here: a counter for user mode alone stands still
//   Reset      all 0. INIT changes nothing: SDM vol. 3A, table 9-1
//   Deviation: counter 0 does not count: no instruction retires here. overflow() ends any that is on, asleep or not.
//   Deviation: fixed counters alone, no general-purpose ones, no debug store, no freeze on a PMI (IA32_DEBUGCTL).
//   Deviation: every profile has these, version 2, AMD's too: no CPUID leaf 0Ah tells of them, and nothing of the later
//              versions (AnyThread, IA32_PERF_GLOBAL_STATUS_SET) or of AMD's own counters is here.
#pragma once
#include <array>
#include <cstdint>
#include <ostream>
#include <string>

#include "models/base/state_copy.hpp"
#include "models/base/timing.hpp"
#include "models/fabric/ports.hpp"
#include "models/pmu/cycle_counter.hpp"
#include "models/pmu/registers.hpp"
#include "models/regs/file.hpp"
#include "models/sim/probe.hpp"

namespace hldsim {

class Pmu final : public PerformanceCounters {
public:
    Pmu(sim::Timeline& timeline, const Timing& timing, LocalInterrupts& apic);

    // ---- the CPU
    bool rdmsr(std::uint32_t msr, std::uint64_t& value) override;
    bool wrmsr(std::uint32_t msr, std::uint64_t value) override;
    bool count_cycles() const override { return is_on(1) || is_on(2); }
    void asleep(bool on) override;

    /// Fixed counter n, 0 to 2, passes its last value now. Diagnosed, and without effect, if it is off.
    void overflow(unsigned n);
    /// The first counter that is on, 0 if none is.
    unsigned first_on() const;

    // ---- reset, in three phases
    void reset_enter();
    void reset_hold() {}
    void reset_exit() {}

    void copy_state(StateCopy& s);
    std::string dump() const;
    void dump(std::ostream& out) const { out << dump(); }

    sim::Probe<unsigned> interrupting;  // the counter of which the local APIC hears now
    sim::Probe<regs::Diagnosis> diagnosis;

private:
    bool is_on(unsigned n) const;
    std::uint64_t value(regs::File::Slot slot) const;
    void overflowed(unsigned n);
    void update();

    LocalInterrupts& apic_;
    std::array<std::uint64_t, pmu::SLOTS> values_{};  // by slot of the map, without the counts of cycles
    pmu::CycleCounter core_;
    pmu::CycleCounter reference_;
    bool asleep_ = false;
};

}  // namespace hldsim
