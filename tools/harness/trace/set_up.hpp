// SPDX-License-Identifier: Apache-2.0
// Who has set up what an NMI comes from: the detector's code, or somebody else. So its NMIs are known whatever sends
// them, without a word of its code.
//
//   Code       an access is the detector's if its object makes it, or the driver of the local APIC that its object has
//              called (detector/kernel/apic.c). Whatever else of the kernel it calls acts for the kernel
//   IPI        of who writes ICR
//   Counter    of who wrote its count last
//   I/O APIC   of who wrote the low half of the entry last, whose delivery mode that is
//   LINT0      of who wrote that LVT entry of the CPU last: for what the 8254 sends
#pragma once
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "detector/shim/object.hpp"
#include "models/cpu/cpus.hpp"
#include "models/fabric/token.hpp"
#include "models/ioapic/events.hpp"
#include "models/pmu/registers.hpp"

namespace hldsim::trace {

class SetUp {
public:
    SetUp(const shim::Object& kernel, const shim::Object& detector) : kernel_{&kernel}, detector_{&detector} {}

    /// A run begins: nothing is the detector's.
    void begin(unsigned cpus);

    // ---- what CPUs write, and devices send
    void stored(const cpu::Cpu& cpu, std::uint64_t address, std::uint64_t value, const void* pc);
    /// Is it a counter, and the detector's from now on?
    bool msr_written(const cpu::Cpu& cpu, std::uint32_t msr);
    void entry_sent(unsigned ioapic, const ioapic::EntrySent& sent);
    void counter_interrupts(unsigned cpu, unsigned counter) { state_.cpus[cpu].interrupting = counter; }

    /// At its first hop that tells: the token is an NMI that the detector's code has set up. `sender`: of an IPI.
    bool is_detectors(const HopReached& reached, const cpu::Cpu* sender) const;

    struct PerCpu {
        std::array<bool, pmu::COUNTERS> counters{};
        unsigned interrupting = 0;  // the counter that does so last
        bool lint0 = false;
    };
    struct State {
        std::vector<PerCpu> cpus;
        std::map<unsigned, std::uint64_t> selected;       // index, by I/O APIC
        std::set<std::pair<unsigned, unsigned>> entries;  // of I/O APICs
        Token sent;                                       // the last one of such an entry
    };
    const State& state() const { return state_; }
    void go_on_from(const State& state) { state_ = state; }

private:
    bool by_detector(const cpu::Cpu& cpu, const void* pc) const;
    bool is_driver(const void* pc) const;

    const shim::Object* kernel_;
    const shim::Object* detector_;
    State state_;
};

}  // namespace hldsim::trace
