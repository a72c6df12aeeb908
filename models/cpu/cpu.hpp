// SPDX-License-Identifier: Apache-2.0
// One logical CPU: its state, and what its local APIC and the fabric do to it.
#pragma once
#include <cstdint>
#include <vector>

#include "models/base/clock_cursor.hpp"
#include "models/base/time_stamp.hpp"
#include "models/base/timing.hpp"
#include "models/cpu/effort.hpp"
#include "models/cpu/events.hpp"
#include "models/cpu/monitor.hpp"
#include "models/cpu/nesting.hpp"
#include "models/cpu/spin.hpp"
#include "models/cpu/stack.hpp"
#include "models/cpu/store_buffer.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim::cpu {

class Cpus;

/// One logical CPU. Members are the cluster's business; observers read number, local time, pc and callers.
struct Cpu final : public CpuEvents, public ReadCompletion {
    enum class State : std::uint8_t { WaitForSipi, Ready, Running, Halted, Parked, WaitsForRead, Stuck };

    Cpu(Cpus& all, CpuNumber n, const ClockDomain& core, const Stack& own)
        : cluster{all}, number{n}, local{core}, stack{own}, drain{core} {}

    static constexpr Duration NO_IRET{-1};
    static constexpr Duration OF_PROFILE{-1};
    static constexpr unsigned NO_RENDEZVOUS = ~0U;
    static constexpr unsigned NO_SIPI = ~0U;

    // What each access looks at stands together.
    Cpus& cluster;
    CpuNumber number;
    State state = State::WaitForSipi;
    bool woken = false;          // leaves HLT without an event
    bool interruptible = false;  // in a delay: an event need not wait for its end
    bool drain_at_hand = false;  // the head of the store buffer, while this CPU runs: not in the heap
    bool observed = false;       // the observer wants to see each access
    ClockCursor local;
    const void* pc = nullptr;  // of the last hook
    Stack stack;
    Nesting nesting;
    Spin spin;
    ClockCursor drain;    // when the head of the store buffer becomes visible
    Instant visible_at;   // of the last store that has not passed through the buffer
    Instant awake_since;  // the last HLT or MWAIT, or the end of its sleep
    StoreBuffer stores;
    Effort effort;
    InterruptController* apic = nullptr;
    LapicRegisters* apic_registers = nullptr;
    PerformanceCounters* counters = nullptr;  // if there are any
    std::uint64_t read_value = 0;
    std::uint8_t sipi_vector = 0;
    struct Stick {
        bool requested = false;
        bool for_ever = false;
        StuckKind kind = StuckKind::IrqOff;
        Duration span;
        bool engaged = false;  // it is stuck now
    } stick;
    struct Exception {
        bool requested = false;
        Duration span;  // of its handler
    };
    Exception exception;   // at its next point
    Exception iret_fault;  // at the IRET of its next NMI handler
    /// Something else than its code goes on with comes at its next point.
    bool diverted() const { return stick.requested || exception.requested; }
    /// The store to its local APIC's page that selects TSC-deadline mode, while WRMSR can still overtake it (LAPIC-35).
    struct HeldStore {
        bool held = false;
        bool overtaken = false;  // the WRMSR that overtakes it is being made
        std::uint32_t offset = 0;
        Size size = Size::B4;
        std::uint64_t value = 0;
        Instant until;
    };
    HeldStore held_store;
    bool calm() const { return nesting.idle() && !diverted() && !held_store.held; }
    Monitor monitor;
    bool idt_loaded = false;       // events can be delivered
    unsigned held_sipi = NO_SIPI;  // vector of a SIPI that waits behind an INIT
    Row exit = Row::CpuCstateExitC1;
    // What firmware does in the SMI that is latched; one that is a message says nothing of either.
    Duration smi_residency = OF_PROFILE;
    Duration smi_iret_after = NO_IRET;
    std::uint64_t smis = 0;  // MSR 34h
    TimeStamp tsc;
    std::uint64_t tsc_adjust = 0;  // IA32_TSC_ADJUST
    // Firmware's rendez-vous (CPU-10): whose SMI is latched, and where this CPU waits for the others.
    unsigned rendezvous = NO_RENDEZVOUS;
    unsigned waits_at = NO_RENDEZVOUS;
    std::vector<const void*> callers;  // return addresses of the functions entered, all contexts in one row
    std::size_t callers_below = 0;     // how many of them belong to interrupted contexts
    TokenSet acknowledged;             // scratch: an abandoned stack must not own it

    void copy_state(StateCopy& s);
    void prefetch() const;

    void nmi(const TokenSet& tokens, std::uint8_t vector) override;
    void wake(const TokenSet& tokens) override;
    void smi(const TokenSet& tokens) override;
    void init(const TokenSet& tokens) override;
    void sipi(std::uint8_t vector, const TokenSet& tokens) override;
    void external_interrupt(bool active) override;
    void interrupt_request(bool active) override;
    void completed(std::uint64_t value) override;
};

}  // namespace hldsim::cpu
