// SPDX-License-Identifier: Apache-2.0
// The interfaces through which devices, CPUs and the fabric meet. Devices never include each other: they include this.
#pragma once
#include <cstdint>

#include "models/base/apic_id.hpp"
#include "models/base/bits.hpp"
#include "models/base/duration.hpp"
#include "models/base/time_stamp.hpp"
#include "models/fabric/token.hpp"

namespace hldsim {

/// PCI requester id of a device: bus 15:8, device 7:3, function 2:0.
struct RequesterId {
    std::uint16_t value = 0;
};

/// A device's registers as the fabric sees them. Called at the device's own instant; offset is inside its window.
class MmioTarget {
public:
    virtual ~MmioTarget() = default;
    virtual std::uint64_t read(std::uint32_t offset, Size size) = 0;
    virtual void write(std::uint32_t offset, Size size, std::uint64_t value) = 0;
    /// A read that arrives now: the earliest instant at which its completion may leave (a completion does not pass
    /// messages that the device posted before it).
    virtual Instant completion_may_leave(Instant now) { return now; }
    /// Are messages of that requester this device's own, so that its read completions stay behind them?
    virtual bool sends_as(RequesterId /*requester*/) const { return false; }
};

/// The I/O ports as a CPU sees them: at the current instant, by IN and OUT.
class PortBus {
public:
    virtual ~PortBus() = default;
    virtual std::uint64_t in(std::uint16_t port, Size size) = 0;
    virtual void out(std::uint16_t port, Size size, std::uint64_t value) = 0;
};

/// A posted memory write that a device sends: of 4 bytes, aligned, to FEEx_xxxxh it is an interrupt message.
struct MessageWrite {
    RequesterId requester;
    std::uint64_t address = 0;
    std::uint32_t data = 0;
    Token token;
    Size size = Size::B4;          // anything else is no interrupt (M-1)
    std::uint64_t number = 0;      // in the order of posting: the fabric's
    Source sender = Source::None;  // which device sends it, where that is not the token's source
    bool with_pasid = false;       // of a process address space: no interrupt (M-1)

    /// Whose message a fault port takes it for.
    Source from() const { return sender != Source::None ? sender : token.source; }
};

/// Where a device posts its messages. Returns at once; the message takes its way from the current instant.
class MessagePort {
public:
    virtual ~MessagePort() = default;
    virtual void post(const MessageWrite& message) = 0;
};

/// Where a device's interrupt pins end (I/O APIC input, 8259 IRQ), levels as driven.
class InterruptPins {
public:
    virtual ~InterruptPins() = default;
    virtual void drive(unsigned input, bool active, Token token) = 0;
    /// Legacy replacement: from now on the HPET drives what the 8254 and the RTC drove, or no longer.
    virtual void replace_legacy(bool /*on*/) {}
};

/// Counter 2 of the 8254, as port 61h gates and shows it.
class SpeakerTimer {
public:
    virtual ~SpeakerTimer() = default;
    virtual void gate2(bool level) = 0;
    virtual bool output2() = 0;
};

/// The 8259 pair as a processor's INTA cycles see it.
class InterruptAcknowledge {
public:
    virtual ~InterruptAcknowledge() = default;
    /// The vector of what is requested first, which enters service; the spurious one if nothing is. Adds what it
    /// carried.
    virtual std::uint8_t acknowledge_external(TokenSet& tokens) = 0;
};

/// 011b is no mode at all, and 110b (SIPI) that of an IPI alone: reserved in messages and in the entries they come of.
constexpr bool is_reserved_in_messages(DeliveryMode mode) {
    return static_cast<unsigned>(mode) == 3 || mode == DeliveryMode::Sipi;
}

/// An interrupt message behind the remapper: what each local APIC matches against.
struct InterruptMessage {
    std::uint32_t destination = 0;
    bool logical = false;
    bool redirection_hint = false;
    bool wide = false;  // 32-bit destination (x2APIC ICR or remapped); else 8 bits
    DeliveryMode mode = DeliveryMode::Fixed;
    std::uint8_t vector = 0;
    bool level = false;   // trigger mode
    bool assert_ = true;  // level of INIT
    Token token;
};

/// Does one of the matching APICs get the message, rather than all (LAPIC-9, LAPIC-12)? Who makes the message decides
/// whether the hint counts for its mode: not for the NMI of a compatibility-format MSI (M-7), for any of a remapper
/// (VT-d, 9.9).
constexpr bool is_arbitrated(const InterruptMessage& message) {
    return message.mode == DeliveryMode::LowestPriority || (message.redirection_hint && message.logical);
}

/// ICR shorthand, SDM vol. 3A, 10.6.1.
enum class Shorthand : std::uint8_t { None = 0, Self = 1, AllIncludingSelf = 2, AllExcludingSelf = 3 };

/// What a local APIC sends over the system bus to others (and, by shorthand, to itself).
class IpiPort {
public:
    virtual ~IpiPort() = default;
    virtual void send(CpuNumber sender, Shorthand shorthand, const InterruptMessage& message) = 0;
    virtual void broadcast_eoi(std::uint8_t vector) = 0;
    /// The physical id of an APIC is now that one (reset, change of mode, software): the bus may look it up instead of
    /// asking everyone. Ids need not be unique (LAPIC-7).
    virtual void identified(CpuNumber /*cpu*/, ApicId /*id*/, bool /*x2apic*/) {}
};

/// What learns of the end of a level-triggered interrupt: an I/O APIC.
class EoiReceiver {
public:
    virtual ~EoiReceiver() = default;
    virtual void end_of_interrupt(std::uint8_t vector) = 0;
};

/// A local APIC as the bus sees it.
class MessageReceiver {
public:
    virtual ~MessageReceiver() = default;
    /// Does this APIC match the destination? Asked of each one independently (LAPIC-7).
    virtual bool matches(const InterruptMessage& message) const = 0;
    /// The message has arrived at the current instant.
    virtual void receive(const InterruptMessage& message) = 0;
    /// For lowest-priority arbitration.
    virtual std::uint8_t processor_priority() const = 0;
};

/// What a local APIC does to its CPU. All are edges but the INTR line.
class CpuEvents {
public:
    virtual ~CpuEvents() = default;
    /// `vector`: the vector field of the message or LVT entry, NMI source where the CPU reports it (CPU-27); 0: none.
    virtual void nmi(const TokenSet& tokens, std::uint8_t vector) = 0;
    virtual void smi(const TokenSet& tokens) = 0;
    virtual void init(const TokenSet& tokens) = 0;
    virtual void sipi(std::uint8_t vector, const TokenSet& tokens) = 0;
    virtual void external_interrupt(bool active) = 0;
    /// The APIC has a vector above its processor priority to offer (or no longer has).
    virtual void interrupt_request(bool active) = 0;
    /// The CPU leaves HLT or MWAIT and takes nothing (LAPIC-5, `nmi_when_soft_disabled: wake_only`).
    virtual void wake(const TokenSet& /*tokens*/) {}
};

/// What a CPU does to its local APIC (the register page and the MSRs are LapicRegisters').
class InterruptController {
public:
    virtual ~InterruptController() = default;
    /// INTA: the vector that enters service, or the spurious vector. `tokens` receives what it carried.
    virtual std::uint8_t acknowledge(TokenSet& tokens) = 0;
    /// INIT from the CPU's side: SDM vol. 3A, 10.4.7.3.
    virtual void init_reset() = 0;
    /// The core enters or leaves a C-state in which a timer that is not always running stands still (LAPIC-36).
    virtual void core_sleeps_deeply(bool /*asleep*/) {}
    /// The CPU's TSC is another function of its clock from now on: the deadline is compared with it (LAPIC-34).
    virtual void time_stamp_changed(const TimeStamp& /*tsc*/) {}
};

/// Model-specific registers of a CPU. False: the access faults (#GP), or the register is another's.
class MsrTarget {
public:
    virtual ~MsrTarget() = default;
    virtual bool rdmsr(std::uint32_t msr, std::uint64_t& value) = 0;
    virtual bool wrmsr(std::uint32_t msr, std::uint64_t value) = 0;
};

/// The performance counters of a CPU, as it sees them.
class PerformanceCounters : public MsrTarget {
public:
    /// Is one of them on that counts cycles? Then the CPU says when it has none.
    virtual bool count_cycles() const = 0;
    /// From now on the CPU executes nothing (HLT, MWAIT, waiting for SIPI), or it does again.
    virtual void asleep(bool on) = 0;
};

/// What happens in a CPU and interrupts it through an entry of its local APIC's vector table.
class LocalInterrupts {
public:
    virtual ~LocalInterrupts() = default;
    virtual void performance_counter_overflowed() = 0;
};

/// The local APIC's registers as its own CPU accesses them.
class LapicRegisters : public MsrTarget {
public:
    /// Physical address of the 4 KiB page, as IA32_APIC_BASE has it.
    virtual std::uint64_t page() const = 0;
    virtual std::uint64_t mmio_read(std::uint32_t offset, Size size) = 0;
    virtual void mmio_write(std::uint32_t offset, Size size, std::uint64_t value) = 0;
};

/// A blocking read's way back: called at the instant at which the value is at the CPU.
class ReadCompletion {
public:
    virtual ~ReadCompletion() = default;
    virtual void completed(std::uint64_t value) = 0;
};

/// The fabric as a CPU sees it. Instants are the current one; a CPU calls at its own time (Timeline::actor_at).
class CpuBus {
public:
    virtual ~CpuBus() = default;
    /// Posted: returns at once, arrives `fabric.posted_write` later, in order per (CPU, target).
    virtual void post_write(CpuNumber cpu, std::uint64_t address, Size size, std::uint64_t value) = 0;
    /// Non-posted: pushes this CPU's earlier posted writes to that target ahead of it; completes later.
    virtual void read(CpuNumber cpu, std::uint64_t address, Size size, ReadCompletion& completion) = 0;
};

}  // namespace hldsim
