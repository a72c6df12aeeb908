// SPDX-License-Identifier: Apache-2.0
// Fault records and the unit's own interrupts: VT-d 7.2, 7.3, 11.4.7, 5.1.6.
#include "models/vtd/vtd.hpp"

namespace hldsim {

using vtd::Reason;
using vtd::Recorded;

// ---- records

void Vtd::block(const MessageWrite& write, Reason reason, std::uint32_t index, const vtd::Irte* entry) {
    vtd::RequestBlocked blocked;
    blocked.write = write;
    blocked.reason = reason;
    blocked.index = vtd::has_index(reason) ? index : 0;
    blocked.at = timeline_.now();
    if (entry != nullptr && entry->fault_processing_disabled() && vtd::is_qualified(reason)) {
        blocked.recorded = Recorded::Suppressed;
    } else {
        record(blocked);
    }
    request_blocked.emit(blocked);
    output().finished(write, timeline_.now());
}

// VTD-35, in its order.
void Vtd::record(vtd::RequestBlocked& blocked) {
    const auto hi = static_cast<Slot>(record_hi_ + next_record_);
    const auto lo = static_cast<Slot>(record_lo_ + next_record_);
    if (vtd::fsts::PFO.get(value(fsts_)) != 0) {
        blocked.recorded = Recorded::Lost;
        return;
    }
    if (profile_.compress_faults && absorbed(blocked)) {
        blocked.recorded = Recorded::Compressed;
        return;
    }
    if (vtd::frcd::F.get(value(hi)) != 0) {
        blocked.recorded = Recorded::Overflowed;
        file_.set_value(fsts_, vtd::fsts::PFO.set(value(fsts_), 1));  // no event comes of it: VTD-37
        return;
    }
    blocked.recorded = Recorded::Written;
    blocked.record = next_record_;
    file_.set_value(lo, vtd::frcd::INDEX.set(0, blocked.index));
    std::uint64_t high = vtd::frcd::SID.set(0, blocked.write.requester.value);
    high = vtd::frcd::FR.set(high, static_cast<std::uint64_t>(blocked.reason));
    file_.set_value(hi, vtd::frcd::F.set(high, 1));
    next_record_ = (next_record_ + 1) % profile_.fault_records;
    if (vtd::fsts::PPF.get(value(fsts_)) == 0) {
        file_.set_value(fsts_, vtd::fsts::FRI.set(value(fsts_), blocked.record));
        raise_fault(vtd::fsts::PPF);
    }
}

bool Vtd::absorbed(const vtd::RequestBlocked& blocked) const {
    for (unsigned n = 0; n < profile_.fault_records; ++n) {
        const std::uint64_t record = value(static_cast<Slot>(record_hi_ + n));
        if (vtd::frcd::F.get(record) != 0 && vtd::frcd::SID.get(record) == blocked.write.requester.value) {
            return true;
        }
    }
    return false;
}

// ---- FSTS, VTD-36 and VTD-37

void Vtd::raise_fault(Bits condition) {
    const bool first = (value(fsts_) & vtd::fsts::CONDITIONS) == 0;
    file_.set_value(fsts_, condition.set(value(fsts_), 1));
    if (first) {
        raise(fault_event_);
    }
}

// PPF is the OR of all F; an event that is held back has nothing to report once every condition is gone.
void Vtd::settle_fault_status() {
    bool pending = false;
    for (unsigned n = 0; n < profile_.fault_records; ++n) {
        pending = pending || vtd::frcd::F.get(value(static_cast<Slot>(record_hi_ + n))) != 0;
    }
    file_.set_value(fsts_, vtd::fsts::PPF.set(value(fsts_), pending ? 1 : 0));
    if ((value(fsts_) & vtd::fsts::CONDITIONS) == 0) {
        file_.set_value(fault_event_.control, vtd::event::IP.set(value(fault_event_.control), 0));
    }
}

// ---- the unit's own interrupts

void Vtd::raise(EventRegisters& event) {
    file_.set_value(event.control, vtd::event::IP.set(value(event.control), 1));
    if (vtd::event::IM.get(value(event.control)) == 0) {
        return send_event(event);
    }
    event_raised.emit({event.kind, false, event_message(event), timeline_.now()});
}

void Vtd::send_event(EventRegisters& event) {
    file_.set_value(event.control, vtd::event::IP.set(value(event.control), 0));
    InterruptMessage message = event_message(event);
    message.token = tokens_.next(Source::Remapper);
    hop.emit({message.token, Hop::Matched, timeline_.now()});
    hop.emit({message.token, Hop::Posted, timeline_.now()});
    event.accepted = output().deliver(message);
    event_raised.emit({event.kind, true, message, timeline_.now()});
}

// VTD-39: edge, fixed or lowest priority, never an NMI, and never through the table (5.1.6).
InterruptMessage Vtd::event_message(const EventRegisters& event) const {
    constexpr Bits LOWEST_PRIORITY{8, 8};
    constexpr Bits UPPER_DESTINATION{31, 8};
    const std::uint64_t data = value(event.data);
    const std::uint64_t address = value(event.address);
    InterruptMessage message;
    message.wide = table_.eime;
    message.destination = static_cast<std::uint32_t>(msi::DESTINATION.get(address));
    if (message.wide) {
        message.destination |= static_cast<std::uint32_t>(value(event.upper) & UPPER_DESTINATION.mask());
    }
    message.logical = msi::DESTINATION_MODE.get(address) != 0;
    message.redirection_hint = msi::REDIRECTION_HINT.get(address) != 0;
    message.mode = LOWEST_PRIORITY.get(data) != 0 ? DeliveryMode::LowestPriority : DeliveryMode::Fixed;
    message.vector = static_cast<std::uint8_t>(msi::VECTOR.get(data));
    return message;
}

}  // namespace hldsim
