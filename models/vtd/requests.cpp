// SPDX-License-Identifier: Apache-2.0
// One interrupt request from its arrival to what becomes of it: VT-d 5.1.3 to 5.1.4.1.
#include <algorithm>
#include <array>

#include "models/vtd/vtd.hpp"

namespace hldsim {

using vtd::Irte;
using vtd::Reason;
using vtd::Request;

// ---- checks that need no memory

void Vtd::arrive(const MessageWrite& write) {
    if (refused(write)) {
        return;
    }
    const bool remappable = vtd::remappable::FORMAT.get(write.address) != 0;
    if (!remapping_ || !remappable) {
        Request request;
        request.write = write;
        request.way = Request::Way::PassThrough;
        return enqueue(request, {});
    }
    // VTD-12: in more than 16 bits, so that a sum beyond the table is beyond the table.
    std::uint32_t index = static_cast<std::uint32_t>(vtd::remappable::HANDLE.get(write.address)) |
                          static_cast<std::uint32_t>(vtd::remappable::HANDLE_15.get(write.address)) << 15U;
    if (vtd::remappable::SHV.get(write.address) != 0) {
        index += static_cast<std::uint32_t>(vtd::remappable::SUBHANDLE.get(write.data));
        if (vtd::remappable::DATA_RESERVED.get(write.data) != 0) {
            return block(write, Reason::RequestReserved, 0, nullptr);
        }
    }
    if (is_beyond(table_, index)) {
        return block(write, Reason::IndexTooLarge, index, nullptr);
    }
    look_up(write, index);
}

bool Vtd::is_beyond(const vtd::Table& table, std::uint32_t index) const {
    const std::uint64_t end = table.base + (std::uint64_t{index} + 1) * sizeof(Irte);
    return index >= table.entries || end > std::uint64_t{1} << profile_.host_address_width;
}

// Rows 10, 1, 11 and 2 of table 15: what is blocked whatever the entry says.
bool Vtd::refused(const MessageWrite& write) {
    Reason reason = Reason::None;
    const bool remappable = vtd::remappable::FORMAT.get(write.address) != 0;
    if (write.size != Size::B4) {  // M-1
        output().diagnose(write, msi::Fault::NotFourBytes, false);
        if (!profile_.malformed_write_faults) {
            output().finished(write, timeline_.now());
            return true;
        }
        reason = Reason::MalformedWrite;
    } else if (!remapping_) {
        reason = profile_.ir_required ? Reason::RemappingRequired : Reason::None;
    } else if (profile_.eim_required && !table_.eime) {
        reason = Reason::EimRequired;
    } else if (!remappable && (table_.eime || !status(vtd::gsts::CFIS))) {
        reason = Reason::Compatibility;
    }
    if (reason != Reason::None) {
        block(write, reason, 0, nullptr);
    }
    return reason != Reason::None;
}

// ---- the entry

void Vtd::look_up(const MessageWrite& write, std::uint32_t index) {
    Request request;
    request.write = write;
    request.table = table_;
    request.index = index;
    Irte memory;
    const bool readable = read_entry(table_, index, memory);
    request.lookup = cache_.begin(index, readable ? &memory : nullptr);  // VTD-23
    enqueue(request, timing_.duration(request.lookup.cached ? Row::VtdIecHit : Row::VtdIecMiss));
}

// M-13: requests of one requester leave in the order in which they came.
void Vtd::enqueue(const Request& request, Duration latency) {
    const Instant now = timeline_.now();
    Request queued = request;
    queued.arrived = now;
    queued.leaves = order_.leaves(request.write.requester, now + latency);
    if (queued.way == Request::Way::PassThrough && is_first_of(request.write.requester, looking_up_, requests_)) {
        return pass_through(queued.write);
    }
    ++requests_under_way_;
    const std::uint32_t slot = requests_.take(queued);
    looking_up_.push_back(slot);
    due_.push(queued.leaves, Step::LookupDone, slot);
}

void Vtd::lookup_done(std::uint32_t slot) {
    Request request = requests_[slot];
    requests_.release(slot);
    --requests_under_way_;
    looking_up_.erase(std::find(looking_up_.begin(), looking_up_.end(), slot));
    if (request.way == Request::Way::PassThrough) {
        return pass_through(request.write);
    }
    if (is_beyond(request.table, request.index)) {  // it begins anew with another: forget_samples()
        return block(request.write, Reason::IndexTooLarge, request.index, nullptr);
    }
    // VTD-22: 16 bytes at once.
    const std::optional<Irte> entry =
        cache_.end(request.lookup, [&](Irte& memory) { return read_entry(request.table, request.index, memory); });
    if (!entry) {
        return block(request.write, Reason::TableRead, request.index, nullptr);
    }
    const bool cached = request.lookup.cached;
    entry_used.emit({request.write, request.index, *entry, cached, cached && request.lookup.stale, timeline_.now()});
    const Reason reason = vtd::check(*entry, request.write.requester, request.table.eime, profile_);
    // CM = 0: what led to a fault is not cached; what it replaces in memory is not either.
    cache_.used(request.index, request.lookup, *entry, reason == Reason::None || profile_.caching_mode);
    if (reason != Reason::None) {
        return block(request.write, reason, request.index, &*entry);
    }
    leave(request, *entry);
}

bool Vtd::read_entry(const vtd::Table& table, std::uint32_t index, Irte& entry) const {
    return memory_.read(table.base + index * sizeof(Irte), &entry, sizeof(Irte));
}

// An invalidation has named the index: a request whose lookup is not over must not use an entry from before, nor leave
// one in the cache. So it begins anew, with the table that is active now as a whole (VTD-7).
void Vtd::forget_samples(const EntryRange& entries) {
    for (const std::uint32_t slot : looking_up_) {
        Request& request = requests_[slot];
        if (entries.contains(request.index)) {
            request.lookup.sampled = false;
            request.table = table_;
        }
    }
}

// ---- what becomes of the request

void Vtd::pass_through(const MessageWrite& write) {
    departed_.unchanged(write, compatibility_, timeline_.now(), output());
}

void Vtd::leave(const Request& request, const Irte& entry) {
    if (entry.posted()) {
        Request posted = request;
        posted.way = Request::Way::Post;
        posted.lookup.entry = entry;
        ++requests_under_way_;
        // Posting hardware need not keep the order of requests: 5.2.4.
        due_.push(timeline_.now() + timing_.duration(Row::VtdIecMiss), Step::DescriptorUpdated, requests_.take(posted));
        return;
    }
    const InterruptMessage message = vtd::message_of(entry, request.table.eime, profile_);
    if (is_reserved_in_messages(message.mode)) {  // with ReservedMode::Nothing it has passed the checks
        output().diagnose(request.write, msi::Fault::ReservedDeliveryMode, false);
        return output().finished(request.write, timeline_.now());
    }
    send(request.write, message, request.index);
}

void Vtd::send(const MessageWrite& write, InterruptMessage message, std::uint32_t index) {
    message.token = write.token;
    if (message.token) {
        hop.emit({message.token, Hop::Remapped, timeline_.now()});
    }
    departed_.remapped(write, index, output().deliver(message), timeline_.now(), output());
}

// ---- posted format: 5.2.3, 9.11

// One atomic read-modify-write of the descriptor's line.
void Vtd::update_descriptor(const Request& request) {
    std::array<std::uint64_t, vtd::pid::WORDS> pid{};
    const std::uint64_t address = request.lookup.entry.descriptor_address();
    if (!memory_.read(address, pid.data(), sizeof(pid))) {
        return block(request.write, Reason::DescriptorRead, request.index, &request.lookup.entry);
    }
    std::uint64_t& control = pid[vtd::pid::CONTROL];
    const bool reserved = (control & vtd::pid::RESERVED) != 0 || (pid[5] | pid[6] | pid[7]) != 0;
    if (reserved) {
        return block(request.write, Reason::DescriptorReserved, request.index, &request.lookup.entry);
    }
    const auto vector = static_cast<std::uint8_t>(vtd::irte::VV.get(request.lookup.entry.low));
    pid[vector / 64U] |= std::uint64_t{1} << (vector % 64U);
    const bool urgent = vtd::irte::URG.get(request.lookup.entry.low) != 0;
    const bool notifies = vtd::pid::ON.get(control) == 0 && (urgent || vtd::pid::SN.get(control) == 0);
    if (notifies) {
        control = vtd::pid::ON.set(control, 1);
    }
    if (!memory_.write(address, pid.data(), sizeof(pid))) {
        return block(request.write, Reason::DescriptorRead, request.index, &request.lookup.entry);
    }
    request_posted.emit({request.write, request.index, vector, notifies, timeline_.now()});
    if (notifies) {
        return notify(request, control);
    }
    output().finished(request.write, timeline_.now());
}

void Vtd::notify(const Request& request, std::uint64_t control) {
    InterruptMessage message;
    message.wide = request.table.eime;
    message.destination =
        static_cast<std::uint32_t>((message.wide ? vtd::pid::NDST : vtd::pid::NDST_NARROW).get(control));
    message.vector = static_cast<std::uint8_t>(vtd::pid::NV.get(control));
    send(request.write, message, request.index);
}

}  // namespace hldsim
