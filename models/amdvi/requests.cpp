// SPDX-License-Identifier: Apache-2.0
// One interrupt request from its arrival to what becomes of it.
#include <algorithm>

#include "models/amdvi/amdvi.hpp"

namespace hldsim {

using amdvi::Decision;
using amdvi::Dte;
using amdvi::EventCode;
using amdvi::Irte;
using amdvi::Reason;
using amdvi::Request;

namespace {

constexpr std::uint32_t DEVICES_OF_A_PAGE = 4096 / sizeof(Dte);

}  // namespace

amdvi::EntryFormat Amdvi::entry_format() const {
    const bool ga = active(amdvi::control::GA_EN);
    return {ga, ga && active(amdvi::control::XT_EN)};
}

bool Amdvi::read_device(const Request& request, Dte& entry) const {
    return memory_.read(request.device_table + request.write.requester.value * sizeof(Dte), &entry, sizeof(entry));
}

bool Amdvi::read_entry(const Request& request, Irte& entry) const {
    entry = {};
    return memory_.read(request.entry_address(), &entry, request.format.bytes());
}

// ---- arrival

void Amdvi::arrive(const MessageWrite& write) {
    Request request;
    request.write = write;
    if (write.size != Size::B4) {  // M-1
        output().diagnose(write, msi::Fault::NotFourBytes, false);
        return block(request, Reason::NotFourBytes, nullptr, nullptr);
    }
    if (!enabled()) {  // AMDVI-3
        request.unchecked = true;
        return enqueue(request, {});
    }
    const std::uint64_t base = value(device_base_);
    request.format = entry_format();
    request.device_table = base & amdvi::device_table::BASE.mask();
    request.index = static_cast<std::uint32_t>(amdvi::INDEX.get(write.data));
    if (write.requester.value >= (amdvi::device_table::SIZE.get(base) + 1) * DEVICES_OF_A_PAGE) {
        return block(request, Reason::DeviceBeyondTable, nullptr, nullptr);
    }
    look_up(request);
}

amdvi::Decision Amdvi::decide(const Request& request, const Dte& device) const {
    return amdvi::decide(device, request.write, compatibility_.delivery_encoding, profile_);
}

// How long it takes is what the entries of now tell: hits and misses, one lookup or two. An index beyond the table is
// refused without one.
void Amdvi::look_up(Request& request) {
    Dte memory;
    const bool readable = read_device(request, memory);
    request.device = devices_.begin(request.write.requester.value, readable ? &memory : nullptr);
    Duration latency = timing_.duration(request.device.cached ? Row::VtdIecHit : Row::VtdIecMiss);
    const Dte& device = request.device.entry;
    if (request.device.sampled && request.index < device.entries() &&
        decide(request, device).way == Decision::Way::Remap) {
        latency = latency + begin_entry(request, device);
    }
    enqueue(request, latency);
}

Duration Amdvi::begin_entry(Request& request, const Dte& device) {
    request.remaps = true;
    request.table = device.table();
    Irte memory;
    const bool readable = read_entry(request, memory);
    request.entry = entries_.begin(request.number(), readable ? &memory : nullptr);
    return timing_.duration(request.entry.cached ? Row::VtdIecHit : Row::VtdIecMiss);
}

void Amdvi::enqueue(Request request, Duration latency) {
    const Instant now = timeline_.now();
    request.leaves = order_.leaves(request.write.requester, now + latency);
    if (request.unchecked && is_first_of(request.write.requester, looking_up_, requests_)) {
        return pass_unchanged(request.write);
    }
    const std::uint32_t slot = requests_.take(request);
    looking_up_.push_back(slot);
    due_.push(request.leaves, Step::LookupDone, slot);
}

// ---- the end of its lookup

void Amdvi::lookup_done(std::uint32_t slot) {
    Request request = requests_[slot];
    requests_.release(slot);
    looking_up_.erase(std::find(looking_up_.begin(), looking_up_.end(), slot));
    if (request.unchecked) {
        return pass_unchanged(request.write);
    }
    const std::optional<Dte> device =
        devices_.end(request.device, [&](Dte& memory) { return read_device(request, memory); });
    if (!device) {
        return block(request, Reason::DeviceTableRead, nullptr, nullptr);
    }
    const bool cached = request.device.cached;
    device_entry_used.emit({request.write, *device, cached, cached && request.device.stale, timeline_.now()});
    const Decision decision = decide(request, *device);
    // AMDVI-12: an entry that blocks by its own bits is a good one, and cached.
    devices_.used(request.write.requester.value, request.device, *device,
                  !amdvi::is_illegal(decision.reason) || profile_.np_cache);
    switch (decision.way) {
        case Decision::Way::Pass:
            return pass_unchanged(request.write);
        case Decision::Way::Block:
            return block(request, decision.reason, &*device, nullptr);
        case Decision::Way::Remap:
            return remap(request, *device);
    }
}

void Amdvi::remap(Request& request, const Dte& device) {
    if (request.index >= device.entries()) {
        return block(request, Reason::IndexTooLarge, &device, nullptr);
    }
    if (!request.remaps || request.table != device.table()) {
        // The device table entry is another one than at the arrival. When the request leaves is settled: this access
        // takes no time.
        begin_entry(request, device);
    }
    const std::optional<Irte> entry =
        entries_.end(request.entry, [&](Irte& memory) { return read_entry(request, memory); });
    if (!entry) {
        return block(request, Reason::EntryRead, &device, nullptr);
    }
    const bool cached = request.entry.cached;
    entry_used.emit(
        {request.write, request.index, *entry, request.format, cached, cached && request.entry.stale, timeline_.now()});
    const Reason reason = amdvi::check(*entry, request.format);
    entries_.used(request.number(), request.entry, *entry,
                  (reason == Reason::None || profile_.np_cache) && !active(amdvi::control::IRT_CACHE_DIS));
    if (reason != Reason::None) {
        return block(request, reason, &device, &*entry);
    }
    InterruptMessage message = amdvi::message_of(*entry, request.format, request.write.data);
    message.token = request.write.token;
    if (message.token) {
        hop.emit({message.token, Hop::Remapped, timeline_.now()});
    }
    departed_.remapped(request.write, request.number(), output().deliver(message), timeline_.now(), output());
}

void Amdvi::pass_unchanged(const MessageWrite& write) {
    departed_.unchanged(write, compatibility_, timeline_.now(), output());
}

// AMDVI-9.
void Amdvi::block(const Request& request, Reason reason, const Dte* device, const Irte* entry) {
    amdvi::RequestBlocked blocked;
    blocked.write = request.write;
    blocked.reason = reason;
    blocked.event = amdvi::event_of(reason, profile_);
    blocked.index = amdvi::has_index(reason) ? request.index : 0;
    blocked.at = timeline_.now();
    const bool page_fault = blocked.event == EventCode::IoPageFault;
    const bool suppressed = page_fault && ((device != nullptr && device->ignores_faults()) ||
                                           (entry != nullptr && entry->suppresses_faults()));
    if (suppressed) {
        blocked.recorded = amdvi::Recorded::Suppressed;
    } else if (blocked.event != EventCode::None) {
        const bool hardware = reason == Reason::DeviceTableRead || reason == Reason::EntryRead;
        const bool reserved = reason == Reason::DeviceEntryReserved || reason == Reason::EntryReserved;
        std::uint64_t low = amdvi::event::DEVICE_ID.set(0, request.write.requester.value);
        low = amdvi::event::I.set(low, 1);
        low = amdvi::event::RZ.set(low, reserved ? 1 : 0);
        low = amdvi::event::PR.set(low, page_fault && entry != nullptr && entry->enabled() ? 1 : 0);
        low = amdvi::event::TYPE.set(low, hardware ? amdvi::event::TARGET_ABORT : 0);
        const std::uint64_t address = reason == Reason::DeviceTableRead
                                          ? request.device_table + request.write.requester.value * sizeof(Dte)
                                      : reason == Reason::EntryRead ? request.entry_address()
                                                                    : request.write.address;
        const Logged logged = log(blocked.event, low, address);
        blocked.recorded = logged.recorded;
        blocked.position = logged.position;
    }
    request_blocked.emit(blocked);
    output().finished(request.write, timeline_.now());
}

// An invalidation has named the entry: a request whose lookup is not over must not use one from before.
void Amdvi::forget_samples(const amdvi::Invalidation& done) {
    for (const std::uint32_t slot : looking_up_) {
        Request& request = requests_[slot];
        if (done.all || request.write.requester.value == done.device.value) {
            request.device.sampled = request.device.sampled && !done.devices;
            request.entry.sampled = request.entry.sampled && !done.entries;
        }
    }
}

}  // namespace hldsim
