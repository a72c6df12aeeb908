// SPDX-License-Identifier: Apache-2.0
// The messages' half of the fabric: MSI from devices, IPIs between local APICs, EOI to I/O APICs.
#include <algorithm>

#include "models/fabric/fabric.hpp"

namespace hldsim {

// ---- messages of devices

void Fabric::post(const MessageWrite& message) {
    MessageWrite write = message;
    Duration extra;
    if (!faults_.empty() && !apply_fault(write, extra)) {
        return;
    }
    travel_to_root(write, extra);
}

// What an injected fault makes of the message. False: it is gone.
bool Fabric::apply_fault(MessageWrite& message, Duration& extra) {
    const auto armed =
        std::find_if(faults_.begin(), faults_.end(), [&](const ArmedFault& f) { return f.source == message.from(); });
    if (armed == faults_.end()) {
        return true;
    }
    const MessageFault fault = armed->fault;
    faults_.erase(armed);
    const MessageWrite before = message;
    switch (fault.kind) {
        case MessageFaulted::Kind::Drop:
            break;
        case MessageFaulted::Kind::Delay:
            extra = fault.delay;
            break;
        case MessageFaulted::Kind::Duplicate:
            travel_to_root(message, {});
            extra = fault.delay;
            break;
        case MessageFaulted::Kind::Corrupt:
            message.address ^= fault.address_flips;
            message.data ^= fault.data_flips;
            break;
        case MessageFaulted::Kind::Misroute:
            message.address = msi::DESTINATION.set(message.address, fault.destination);
            break;
    }
    message_faulted.emit({fault.kind, before, message, timeline_.now()});
    return fault.kind != MessageFaulted::Kind::Drop;
}

// Messages of one requester stay in order, even behind a delayed one: M-13.
void Fabric::travel_to_root(const MessageWrite& message, Duration extra) {
    Instant at = timeline_.now() + timing_.duration(Row::MsiDeviceToRoot) + extra;
    const auto last = std::find_if(last_at_root_.begin(), last_at_root_.end(),
                                   [&](const LastAtRoot& l) { return l.requester == message.requester.value; });
    if (last == last_at_root_.end()) {
        last_at_root_.push_back({message.requester.value, at});
    } else {
        at = std::max(at, last->at);
        last->at = at;
    }
    ++messages_under_way_;
    Message travelling;
    travelling.write = message;
    if (route_->orders_completions()) {
        travelling.write.number = pushed_.posted(message.requester, timeline_.now());
    }
    push(at, Step::MessageAtRoot, messages_.take(travelling));
}

void Fabric::message_at_root(const MessageWrite& write) {
    if (!msi::is_interrupt_address(write.address)) {
        // Deviation: a device's write to memory has no effect; no device here does one.
        diagnose(write, msi::Fault::NotAnInterruptAddress, false);
        finished(write, timeline_.now());
        return;
    }
    // VT-d 5.10, 3.15: with a PASID the address is one of a process, to be translated.
    if (write.with_pasid) {
        diagnose(write, msi::Fault::WithPasid, false);
        finished(write, timeline_.now());
        return;
    }
    // Here and not in a route: it is about the write, whoever takes it.
    if (write.size == Size::B4 && msi::is_misaligned(write.address)) {
        diagnose(write, msi::Fault::Misaligned, true);
    }
    route_->arrive(write);
}

Instant Fabric::deliver(const InterruptMessage& message) {
    ++messages_under_way_;
    Message travelling;
    travelling.message = message;
    const Instant arrives = timeline_.now() + timing_.duration(Row::MsiRootToLapic);
    push(arrives, Step::MessageAtLapics, messages_.take(travelling));
    return arrives + timing_.duration(Row::LapicAccept);
}

void Fabric::diagnose(const MessageWrite& write, msi::Fault fault, bool delivered) {
    message_diagnosed.emit({write, fault, delivered, timeline_.now()});
}

void Fabric::message_at_lapics(const InterruptMessage& message) {
    if (receivers_.hand_over(message) == 0) {
        nobody_took(message);
    }
}

void Fabric::nobody_took(const InterruptMessage& message) const {
    message_without_target.emit({message, timeline_.now()});
}

// ---- IPIs

void Fabric::send(CpuNumber sender, Shorthand shorthand, const InterruptMessage& message) {
    ++messages_under_way_;
    Message ipi;
    ipi.message = message;
    ipi.sender = sender;
    ipi.shorthand = shorthand;
    if (shorthand != Shorthand::None) {
        // The destination field is ignored; whoever is enabled matches a broadcast.
        ipi.message.logical = false;
        ipi.message.destination = message.wide ? ~std::uint32_t{0} : msi::BROADCAST;
    }
    push(timeline_.now() + timing_.duration(Row::IpiWire), Step::IpiArrives, messages_.take(ipi));
}

bool Fabric::ipi_is_for(const Message& ipi, CpuNumber cpu) const {
    switch (ipi.shorthand) {
        case Shorthand::Self:
            return cpu == ipi.sender;
        case Shorthand::AllExcludingSelf:
            return cpu != ipi.sender;
        case Shorthand::None:
        case Shorthand::AllIncludingSelf:
            break;
    }
    return true;
}

// At the sender's package. If there are others the same slot travels on to them.
void Fabric::ipi_arrives(std::uint32_t slot) {
    Message ipi = messages_[slot];
    const unsigned home = package_of(ipi.sender);
    const Instant across = timeline_.now() + timing_.duration(Row::IpiCrossSocketAdd);
    bool done = !several_packages_;
    if (is_arbitrated(ipi.message)) {
        done = true;
        const auto eligible = [&](CpuNumber cpu) { return ipi_is_for(ipi, cpu); };
        if (receivers_.arbitrate(ipi.message, eligible, ipi.winner)) {
            ipi.reached = 1;
            if (package_of(ipi.winner) == home) {
                receivers_[ipi.winner].receive(ipi.message);
            } else {
                messages_[slot] = ipi;
                push(across, Step::IpiArrivesAtOne, slot);
                return;
            }
        }
    } else {
        receivers_.each_match(ipi.message, [&](CpuNumber cpu) {
            if (ipi_is_for(ipi, cpu) && (done || package_of(cpu) == home)) {
                receivers_[cpu].receive(ipi.message);
                ++ipi.reached;
            }
        });
    }
    if (!done) {
        messages_[slot] = ipi;
        push(across, Step::IpiArrivesAcross, slot);
        return;
    }
    messages_.release(slot);
    --messages_under_way_;
    if (ipi.reached == 0) {
        nobody_took(ipi.message);
    }
}

void Fabric::ipi_arrives_across(std::uint32_t slot) {
    Message ipi = messages_[slot];
    messages_.release(slot);
    --messages_under_way_;
    const unsigned home = package_of(ipi.sender);
    receivers_.each_match(ipi.message, [&](CpuNumber cpu) {
        if (ipi_is_for(ipi, cpu) && package_of(cpu) != home) {
            receivers_[cpu].receive(ipi.message);
            ++ipi.reached;
        }
    });
    if (ipi.reached == 0) {
        nobody_took(ipi.message);
    }
}

void Fabric::broadcast_eoi(std::uint8_t vector) {
    eoi_broadcast.emit({vector, timeline_.now()});
    if (!eoi_receivers_.empty()) {
        push(timeline_.now() + timing_.duration(Row::IoapicEoiBroadcast), Step::EoiArrives, vector);
    }
}

// ---- for observers

bool Fabric::message_under_way_to(CpuNumber cpu) const {
    if (route_->holds_message()) {
        return true;
    }
    return std::any_of(due_.begin(), due_.end(), [&](const auto& entry) {
        if (!carries_message(entry.step)) {
            return false;
        }
        const Message& m = messages_[entry.slot];
        switch (entry.step) {
            case Step::MessageAtRoot:
                return true;
            case Step::IpiArrivesAtOne:
                return m.winner == cpu;
            case Step::IpiArrivesAcross:
                if (package_of(cpu) == package_of(m.sender)) {
                    return false;
                }
                break;
            default:
                break;
        }
        return ipi_is_for(m, cpu) && receivers_.has(cpu) && receivers_[cpu].matches(m.message);
    });
}

}  // namespace hldsim
