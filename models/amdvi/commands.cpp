// SPDX-License-Identifier: Apache-2.0
// The command buffer: a ring of commands in memory, fetched in order, executed with overlap. 48882, 2.4.
#include <algorithm>

#include "models/amdvi/amdvi.hpp"

namespace hldsim {

using amdvi::Command;
using amdvi::EventCode;
using amdvi::Wait;
namespace command = amdvi::command;

namespace {

bool waits_for_flush(const Wait& wait) { return command::FLUSH.get(wait.command.low) != 0; }

}  // namespace

// ---- fetching

void Amdvi::run_commands(bool on) {
    set_status(amdvi::status::CMD_BUF_RUN, on);
    fetching_ = false;
    ++fetch_generation_;  // what is fetched now arrives at nobody
    fetch_if_possible();
}

// A tail beyond the buffer counts within it (assumed; the specification forbids it).
void Amdvi::fetch_if_possible() {
    const std::uint64_t bytes = ring_entries(command_base_) * std::uint64_t{sizeof(Command)};
    const bool fenced = std::any_of(waits_.begin(), waits_.end(), waits_for_flush);
    const bool empty = (value(command_head_) - value(command_tail_)) % bytes == 0;
    if (fetching_ || fenced || empty || !status(amdvi::status::CMD_BUF_RUN)) {
        return;
    }
    fetching_ = true;
    due_.push(timeline_.now() + timing_.duration(Row::VtdQiFetch), Step::Fetched, fetch_generation_);
}

void Amdvi::fetched(std::uint32_t generation) {
    if (generation != fetch_generation_) {
        return;
    }
    fetching_ = false;
    const std::uint64_t bytes = ring_entries(command_base_) * std::uint64_t{sizeof(Command)};
    const std::uint64_t head = value(command_head_) % bytes;
    const std::uint64_t address = (value(command_base_) & amdvi::ring::BASE.mask()) + head;
    Command fetched;
    const bool readable = memory_.read(address, &fetched, sizeof(fetched));
    const EventCode error = !readable           ? EventCode::CommandHardwareError
                            : is_legal(fetched) ? EventCode::None
                                                : EventCode::IllegalCommandError;
    command_fetched.emit(
        {static_cast<std::uint32_t>(head / sizeof(Command)), fetched.low, fetched.high, error, timeline_.now()});
    if (error != EventCode::None) {
        return command_failed(error, address);  // the head stays at it
    }
    file_.set_value(command_head_, (head + sizeof(Command)) % bytes);
    execute(fetched);
    fetch_if_possible();
}

bool Amdvi::is_legal(const Command& c) const {
    switch (command::OPCODE.get(c.low)) {
        case command::COMPLETION_WAIT:
            return (c.low & command::WAIT_RESERVED) == 0;
        case command::INVALIDATE_DEVTAB_ENTRY:
        case command::INVALIDATE_INTERRUPT_TABLE:
            return (c.low & command::INVALIDATE_RESERVED) == 0 && c.high == 0;
        case command::INVALIDATE_IOMMU_ALL:
            return (c.low & ~command::OPCODE.mask()) == 0 && c.high == 0;
        case command::INVALIDATE_IOMMU_PAGES:
        case command::INVALIDATE_IOTLB_PAGES:
            return true;  // DMA only: accepted, no effect
        default:
            return false;  // PREFETCH and COMPLETE_PPR, as EFR reports neither; what does not exist
    }
}

// AMDVI-14: the buffer stops; what was fetched before completes. CmdBufEn off and on starts it again.
void Amdvi::command_failed(EventCode code, std::uint64_t address) {
    set_status(amdvi::status::CMD_BUF_RUN, false);
    ++fetch_generation_;
    fetching_ = false;
    const bool hardware = code == EventCode::CommandHardwareError;
    log(code, hardware ? amdvi::event::TYPE.set(0, amdvi::event::DATA_ERROR) : 0, address);
}

// ---- executing

void Amdvi::execute(const Command& c) {
    const std::uint64_t opcode = command::OPCODE.get(c.low);
    if (opcode == command::COMPLETION_WAIT) {
        const Wait& wait = waits_.add(c);
        if (wait.group.closed()) {
            group_closed(wait);
        }
        return;
    }
    amdvi::Invalidation invalidation;
    invalidation.all = opcode == command::INVALIDATE_IOMMU_ALL;
    invalidation.devices = invalidation.all || opcode == command::INVALIDATE_DEVTAB_ENTRY;
    invalidation.entries = invalidation.all || opcode == command::INVALIDATE_INTERRUPT_TABLE;
    invalidation.device.value = static_cast<std::uint16_t>(command::DEVICE_ID.get(c.low));
    due_.push(timeline_.now() + timing_.duration(Row::VtdIecInv), Step::InvalidationDone,
              waits_.begin_invalidation(invalidation));
}

// AMDVI-13: the entries leave at the end of the invalidation: until then a request may use them. What has used them by
// then is what the next wait drains.
void Amdvi::invalidation_done(std::uint32_t slot) {
    const amdvi::Invalidation done = waits_.invalidation(slot);
    const EntryRange entries{done.all, amdvi::number_of(done.device, 0), amdvi::INDICES};
    Instant drained;
    unsigned dropped = 0;
    if (done.devices) {
        dropped += devices_.invalidate({done.all, done.device.value, 1});
    }
    if (done.entries) {
        dropped += entries_.invalidate(entries);
    }
    if (done.devices || done.entries) {
        forget_samples(done);
        drained = departed_.drained(entries);
        cache_invalidated.emit({done.all, done.device, done.devices, done.entries, dropped, timeline_.now()});
    }
    if (const Wait* const last = waits_.end_invalidation(slot, drained)) {
        group_closed(*last);
    }
}

void Amdvi::group_closed(const Wait& wait) {
    late_.push(std::max(timeline_.now(), wait.group.drained), Step::WaitReady, wait.number);
}

// ---- COMPLETION_WAIT

void Amdvi::wait_ready(std::uint32_t number) {
    waits_.find(number)->ready = true;
    complete_waits();
}

// One after the other, in the order of the buffer.
void Amdvi::complete_waits() {
    if (waits_.empty() || !waits_.front().ready || waits_.front().writing) {
        return;
    }
    Wait& wait = waits_.front();
    if (command::STORE.get(wait.command.low) == 0) {
        return wait_done();  // comes back here
    }
    wait.writing = true;
    stored_ = timeline_.now() + timing_.duration(Row::VtdStatusWrite);
    due_.push(stored_, Step::Stored, 0);
}

void Amdvi::store() {
    const Command& c = waits_.front().command;
    const std::uint64_t address = c.low & command::STORE_ADDRESS.mask();
    if (!memory_.write(address, &c.high, sizeof(c.high))) {
        waits_.remove(waits_.front().number);
        command_failed(EventCode::CommandHardwareError, address);
        return complete_waits();
    }
    wait_done();
}

// The data is in memory; now the interrupt, if it is wanted, which so pushes the store.
void Amdvi::wait_done() {
    const Command c = waits_.front().command;
    waits_.remove(waits_.front().number);
    const bool interrupt = command::INTERRUPT.get(c.low) != 0;
    if (interrupt) {
        raise(amdvi::status::COM_WAIT_INT, amdvi::control::COM_WAIT_INT_EN);
    }
    wait_completed.emit(
        {command::STORE.get(c.low) != 0, c.low & command::STORE_ADDRESS.mask(), c.high, interrupt, timeline_.now()});
    complete_waits();
    fetch_if_possible();
}

}  // namespace hldsim
