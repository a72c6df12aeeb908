// SPDX-License-Identifier: Apache-2.0
// The fabric: register accesses from CPUs to devices, interrupt messages from devices, IPIs between local APICs.
//
//   Posted write   arrives `fabric.posted_write` after the store; in order per (CPU, device)
//   Read           request leg `fabric.read_request`, behind this CPU's earlier writes to that device; the device
//                  serves one read at a time (its service row), in order of arrival; the value is that of the instant
//                  at which the service of *this* read begins. The completion leaves at max(end of service, what the
//                  device's own earlier messages allow) and takes `fabric.read_response`; a remapper may hold it at the
//                  root until those have left it (VT-d, 5.2.4)
//   Message        a device's posted write to FEEx_xxxxh: `msi.device_to_root`, the route, `msi.root_to_lapic`; those
//                  of one requester are not reordered (M-13)
//   IPI            `ipi.wire`, to another package `ipi.cross_socket_add` more
//   Ties           arrivals of one femtosecond are handled in the order in which they were sent
//   Source         Intel SDM vol. 3A, chapter 10 (APIC); PCI Express ordering rules
//   Deviation:     a posted write costs its device no service time; only reads are serialised.
//   Deviation:     a device's write with a PASID (M-1) has no effect: nothing translates its address (VT-d 3.15).
//   Deviation:     only remapping units read, and at FEEx_xxxxh they find no memory; the zero-length read there, which
//                  succeeds (M-2, VT-d 3.15), does not exist.
#pragma once
#include <cstdint>
#include <ostream>
#include <string>
#include <systemc>
#include <vector>

#include "models/base/choice.hpp"
#include "models/base/timing.hpp"
#include "models/fabric/due_queue.hpp"
#include "models/fabric/events.hpp"
#include "models/fabric/pool.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/profile.hpp"
#include "models/fabric/pushed_writes.hpp"
#include "models/fabric/receivers.hpp"
#include "models/fabric/route.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

/// What shall happen to the next message of a source.
struct MessageFault {
    MessageFaulted::Kind kind = MessageFaulted::Kind::Drop;
    Duration delay;                   // Delay: on top; Duplicate: of the second one behind the first
    std::uint64_t address_flips = 0;  // Corrupt: bits to flip
    std::uint32_t data_flips = 0;
    std::uint8_t destination = 0;  // Misroute: new destination id
};

class Fabric final : public sc_core::sc_module, public MessagePort, public IpiPort, public CpuBus, private RouteOutput {
public:
    /// `packages[n]` is the package of CPU n; a CPU beyond the list is in package 0.
    Fabric(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, ChoiceSource& choices,
           const FabricProfile& profile = {}, std::vector<unsigned> packages = {});

    // ---- wiring
    /// The device answers at [base, base + size); a read takes `service` there.
    void map(std::uint64_t base, std::uint64_t size, MmioTarget& target, Row service);
    /// The local APIC of that CPU.
    void add(CpuNumber cpu, MessageReceiver& receiver);
    void add(EoiReceiver& receiver) { eoi_receivers_.push_back(&receiver); }
    /// What stands at the root in place of the compatibility format; nullptr: that one again.
    void route_through(MessageRoute* route);

    // ---- messages of devices
    void post(const MessageWrite& message) override;

    // ---- the bus of the local APICs: IPIs, ends of interrupts, ids
    void send(CpuNumber sender, Shorthand shorthand, const InterruptMessage& message) override;
    void broadcast_eoi(std::uint8_t vector) override;
    void identified(CpuNumber cpu, ApicId id, bool x2apic) override { receivers_.identified(cpu, id, x2apic); }

    // ---- register accesses of CPUs
    void post_write(CpuNumber cpu, std::uint64_t address, Size size, std::uint64_t value) override;
    void read(CpuNumber cpu, std::uint64_t address, Size size, ReadCompletion& completion) override;

    // ---- faults
    /// Acts on the next message of that source; several wait in line, one message each.
    void inject(Source source, const MessageFault& fault) { faults_.push_back({source, fault}); }

    // ---- what is under way (M-15), for observers: nothing here changes anything
    struct MessageUnderWay {
        Instant arrives;  // at the local APICs; never() while it is in the route or before it
        bool decoded = false;
        InterruptMessage message;  // if decoded
        MessageWrite write;        // else
        Shorthand shorthand = Shorthand::None;
        CpuNumber sender{HopReached::NO_CPU};
    };
    struct AccessUnderWay {
        CpuNumber cpu;
        std::uint64_t address = 0;
        bool write = false;
        Instant next_step;
    };
    bool messages_under_way() const { return messages_under_way_ != 0 || route_->holds_message(); }
    bool accesses_under_way() const { return accesses_under_way_ != 0; }
    /// Could a message that is under way be for that CPU? A message not yet decoded may be for anyone.
    bool message_under_way_to(CpuNumber cpu) const;
    template <class Visitor>
    void each_message_under_way(Visitor visit) const;
    template <class Visitor>
    void each_access_under_way(Visitor visit) const;

    // ---- reset, in three phases
    /// Everything under way, every fault and every claim on a device is forgotten.
    void reset_enter();
    void reset_hold() {}
    void reset_exit() {}

    // ---- state
    /// All but who is connected.
    void copy_state(StateCopy& s);
    std::string dump() const;
    void dump(std::ostream& to) const override { to << dump(); }

    // ---- observations
    sim::Probe<UnmappedAccess> unmapped_access;
    sim::Probe<MessageDiagnosed> message_diagnosed;
    sim::Probe<MessageWithoutTarget> message_without_target;
    sim::Probe<MessageFaulted> message_faulted;
    sim::Probe<EoiBroadcast> eoi_broadcast;

private:
    enum class Step : std::uint8_t {
        WriteArrives,
        ReadArrives,
        ServiceBegins,
        CompletionLeaves,  // at a root that orders it behind messages
        ReadCompletes,
        MessageAtRoot,
        MessageAtLapics,
        IpiArrives,        // at the sender's package, or everywhere if there is but one
        IpiArrivesAcross,  // at the other packages
        IpiArrivesAtOne,   // at the winner of an arbitration, in another package
        EoiArrives,
    };
    static constexpr bool carries_message(Step step) { return step >= Step::MessageAtRoot && step != Step::EoiArrives; }
    static constexpr unsigned NO_TARGET = ~0U;

    struct Target {
        std::uint64_t base = 0;
        std::uint64_t size = 0;
        MmioTarget* device = nullptr;
        Row service{};
        Instant busy_until;
        std::vector<Instant> last_arrival;  // by CPU

        void copy_state(StateCopy& s) { s(busy_until, last_arrival); }
    };
    struct Access {
        CpuNumber cpu;
        unsigned target = NO_TARGET;
        std::uint32_t offset = 0;
        Size size = Size::B4;
        std::uint64_t value = 0;
        ReadCompletion* completion = nullptr;
        std::uint64_t behind = 0;  // number of the last message that left before the completion
    };
    struct Message {
        MessageWrite write;        // before the route
        InterruptMessage message;  // behind it
        CpuNumber sender{HopReached::NO_CPU};
        Shorthand shorthand = Shorthand::None;
        unsigned reached = 0;
        CpuNumber winner;
    };
    struct LastAtRoot {
        std::uint16_t requester = 0;
        Instant at;
    };
    struct ArmedFault {
        Source source{};
        MessageFault fault{};
    };

    // the queue (fabric.cpp)
    void ring();
    void arm();
    void push(Instant at, Step step, std::uint32_t slot);
    void take_step(Step step, std::uint32_t slot);

    // register accesses (fabric.cpp)
    unsigned target_at(std::uint64_t address, Size size) const;
    Instant arrival(Target& target, CpuNumber cpu, Duration leg);
    void write_arrives(const Access& access);
    void read_arrives(std::uint32_t slot);
    void service_begins(std::uint32_t slot);
    void completion_leaves(std::uint32_t slot);
    void read_completes(std::uint32_t slot);

    // messages (messages.cpp)
    void travel_to_root(const MessageWrite& message, Duration extra);
    void message_at_root(const MessageWrite& write);
    void message_at_lapics(const InterruptMessage& message);
    bool apply_fault(MessageWrite& message, Duration& extra);
    Instant deliver(const InterruptMessage& message) override;
    void diagnose(const MessageWrite& write, msi::Fault fault, bool delivered) override;
    void finished(const MessageWrite& write, Instant passable) override;
    void ipi_arrives(std::uint32_t slot);
    void ipi_arrives_across(std::uint32_t slot);
    bool ipi_is_for(const Message& ipi, CpuNumber cpu) const;
    void nobody_took(const InterruptMessage& message) const;
    unsigned package_of(CpuNumber cpu) const { return cpu.value < packages_.size() ? packages_[cpu.value] : 0; }

    sim::Timeline& timeline_;
    const Timing& timing_;
    FabricProfile profile_;
    std::vector<unsigned> packages_;
    bool several_packages_;
    Receivers receivers_;
    CompatibilityRoute compatibility_;
    MessageRoute* route_;
    std::vector<EoiReceiver*> eoi_receivers_;

    DueQueue<Step> due_;
    Pool<Access> accesses_;
    Pool<Message> messages_;
    std::vector<Target> targets_;
    std::vector<LastAtRoot> last_at_root_;  // by requester, a handful
    std::vector<ArmedFault> faults_;
    PushedWrites pushed_;
    std::vector<std::uint32_t> waiting_completions_;  // for a message ahead of them whose end is not known
    unsigned messages_under_way_ = 0;
    unsigned accesses_under_way_ = 0;
    bool ringing_ = false;
    sim::Alarm alarm_;
};

template <class Visitor>
void Fabric::each_message_under_way(Visitor visit) const {
    for (const auto& entry : due_) {
        if (carries_message(entry.step)) {
            const Message& m = messages_[entry.slot];
            const bool decoded = entry.step != Step::MessageAtRoot;
            visit(MessageUnderWay{decoded ? entry.at : Instant::never(), decoded, m.message, m.write, m.shorthand,
                                  m.sender});
        }
    }
}

template <class Visitor>
void Fabric::each_access_under_way(Visitor visit) const {
    for (const auto& entry : due_) {
        if (entry.step <= Step::ReadCompletes) {
            const Access& a = accesses_[entry.slot];
            const std::uint64_t base = a.target == NO_TARGET ? 0 : targets_[a.target].base;
            visit(AccessUnderWay{a.cpu, base + a.offset, entry.step == Step::WriteArrives, entry.at});
        }
    }
    for (const std::uint32_t slot : waiting_completions_) {
        const Access& a = accesses_[slot];
        visit(AccessUnderWay{a.cpu, targets_[a.target].base + a.offset, false, Instant::never()});
    }
}

}  // namespace hldsim
