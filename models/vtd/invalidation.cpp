// SPDX-License-Identifier: Apache-2.0
// Queued invalidation: a ring of descriptors in memory, fetched in order, executed with overlap. VT-d 6.5.2, 6.5.5.
#include <algorithm>

#include "models/vtd/vtd.hpp"

namespace hldsim {

namespace {

/// IQERCD.IQEI, 11.4.9.9 (VTD-24).
enum QueueError : unsigned {
    NO_ERROR = 0,
    INVALID_TAIL = 1,
    FETCH_ERROR = 2,
    INVALID_TYPE = 3,
    RESERVED_FIELD = 4,
    INVALID_WIDTH = 5,
    TAIL_MISALIGNED = 6,
    INVALID_MODE = 7,
};

/// RTADDR.TTM as latched.
enum TranslationMode : std::uint32_t { LEGACY = 0, SCALABLE = 1, RESERVED_MODE = 2, ABORT_DMA = 3 };

constexpr std::uint64_t BYTES_128 = 16;
constexpr std::uint64_t BYTES_256 = 32;

std::uint64_t type_of(const vtd::Descriptor& d) {
    return vtd::descriptor::TYPE_HIGH.get(d.low) << 4U | vtd::descriptor::TYPE.get(d.low);
}

}  // namespace

bool Vtd::wide_descriptors() const { return vtd::queue::DW.get(value(iqa_)) != 0; }

std::uint32_t Vtd::queue_entries() const {
    const std::uint32_t bytes = 4096U << vtd::queue::QS.get(value(iqa_));
    return static_cast<std::uint32_t>(bytes / (wide_descriptors() ? BYTES_256 : BYTES_128));
}

// ---- fetching, VTD-25

void Vtd::fetch_if_possible() {
    const bool stopped = vtd::fsts::IQE.get(value(fsts_)) != 0 || vtd::fsts::ITE.get(value(fsts_)) != 0;
    if (fetching_ || stopped || !status(vtd::gsts::QIES) || value(iqh_) == value(iqt_)) {
        return;
    }
    const std::uint64_t tail = vtd::queue::QT.get(value(iqt_));
    if (wide_descriptors() && tail % 2 != 0) {
        return queue_error(TAIL_MISALIGNED);
    }
    if (tail * BYTES_128 / (wide_descriptors() ? BYTES_256 : BYTES_128) >= queue_entries()) {
        return queue_error(INVALID_TAIL);
    }
    const bool fenced = std::any_of(waits_.begin(), waits_.end(), [](const vtd::Wait& wait) {
        return vtd::descriptor::WAIT_FN.get(wait.command.low) != 0;
    });
    if (fenced) {
        return;
    }
    fetching_ = true;
    due_.push(timeline_.now() + timing_.duration(Row::VtdQiFetch), Step::Fetched, fetch_generation_);
}

void Vtd::fetched(std::uint32_t generation) {
    if (generation != fetch_generation_) {
        return;  // the queue was switched off meanwhile
    }
    fetching_ = false;
    const std::uint64_t bytes = wide_descriptors() ? BYTES_256 : BYTES_128;
    const std::uint64_t position = value(iqh_) / bytes;
    vtd::Descriptor descriptor;
    const bool readable = memory_.read((vtd::queue::BASE.mask() & value(iqa_)) + value(iqh_), &descriptor, bytes);
    const unsigned error = readable ? error_of(descriptor) : FETCH_ERROR;
    descriptor_fetched.emit(
        {static_cast<std::uint32_t>(position), descriptor.low, descriptor.high, error, timeline_.now()});
    if (error != NO_ERROR) {
        return queue_error(error);  // IQH stays at it
    }
    file_.set_value(iqh_, (position + 1) % queue_entries() * bytes);
    execute(descriptor);
    fetch_if_possible();
}

// A queue whose descriptors have the wrong width for the mode has no valid descriptor at all.
unsigned Vtd::width_error() const {
    switch (translation_mode_) {
        case LEGACY:
            return wide_descriptors() && !profile_.scalable_mode && !profile_.abort_dma_mode ? INVALID_WIDTH : NO_ERROR;
        case SCALABLE:
            return !profile_.scalable_mode ? INVALID_MODE : wide_descriptors() ? NO_ERROR : INVALID_WIDTH;
        case ABORT_DMA:
            return !profile_.abort_dma_mode ? INVALID_MODE : wide_descriptors() ? NO_ERROR : INVALID_WIDTH;
        default:
            return INVALID_MODE;
    }
}

unsigned Vtd::error_of(const vtd::Descriptor& descriptor) const {
    if (const unsigned error = width_error()) {
        return error;
    }
    const std::uint64_t type = type_of(descriptor);
    const std::uint64_t last =
        translation_mode_ == LEGACY ? vtd::descriptor::TYPE_LAST_LEGACY : vtd::descriptor::TYPE_LAST_SCALABLE;
    if (type == 0 || type > last) {
        return INVALID_TYPE;
    }
    bool reserved = false;
    if (type == vtd::descriptor::TYPE_IEC) {
        const bool too_large = vtd::descriptor::IEC_G.get(descriptor.low) != 0 &&
                               vtd::descriptor::IEC_IM.get(descriptor.low) > profile_.max_index_mask;
        reserved = (descriptor.low & vtd::descriptor::IEC_RESERVED) != 0 || descriptor.high != 0 ||
                   (too_large && profile_.mask_too_large == MaskTooLarge::Error);
    } else if (type == vtd::descriptor::TYPE_WAIT) {
        reserved = (descriptor.low & vtd::descriptor::WAIT_RESERVED) != 0 ||
                   (descriptor.high & vtd::descriptor::WAIT_RESERVED_HI) != 0;
    }
    const bool interrupts = type == vtd::descriptor::TYPE_IEC || type == vtd::descriptor::TYPE_WAIT;
    reserved = reserved || (interrupts && (descriptor.more[0] | descriptor.more[1]) != 0);
    return reserved ? RESERVED_FIELD : NO_ERROR;
}

void Vtd::queue_error(unsigned information) {
    file_.set_value(iqercd_, vtd::queue::IQEI.set(value(iqercd_), information));
    raise_fault(vtd::fsts::IQE);
}

// ---- executing, VTD-27

void Vtd::execute(const vtd::Descriptor& descriptor) {
    const std::uint64_t type = type_of(descriptor);
    if (type != vtd::descriptor::TYPE_WAIT) {
        return execute_invalidation(descriptor, type == vtd::descriptor::TYPE_IEC);
    }
    const vtd::Wait& wait = waits_.add(descriptor);
    if (wait.group.closed()) {
        group_closed(wait);
    }
}

void Vtd::execute_invalidation(const vtd::Descriptor& descriptor, bool entries) {
    vtd::Invalidation invalidation;
    invalidation.entries = entries;
    const auto mask = static_cast<unsigned>(vtd::descriptor::IEC_IM.get(descriptor.low));
    const bool by_index = vtd::descriptor::IEC_G.get(descriptor.low) != 0;
    EntryRange& range = invalidation.range;
    range.all = !by_index || mask > profile_.max_index_mask;  // VTD-29
    if (entries && by_index && range.all) {
        diagnosis.emit(regs::of_device(regs::NO_REGISTER, descriptor.low,
                                       "an invalidation with an index mask above ECAP.MHMV: taken as global"));
    }
    if (!range.all) {
        range.count = 1U << mask;
        range.first = static_cast<std::uint32_t>(vtd::descriptor::IEC_IIDX.get(descriptor.low)) & ~(range.count - 1);
    }
    due_.push(timeline_.now() + timing_.duration(Row::VtdIecInv), Step::InvalidationDone,
              waits_.begin_invalidation(invalidation));
}

// The entries leave at the end of the invalidation: until then a request may use them. What has used them by then is
// what the next wait descriptor drains (VTD-30).
void Vtd::invalidation_done(std::uint32_t slot) {
    const vtd::Invalidation done = waits_.invalidation(slot);
    Instant drained;
    if (done.entries) {
        const EntryRange& range = done.range;
        const unsigned dropped = cache_.invalidate(range);
        forget_samples(range);
        drained = departed_.drained(range);
        cache_invalidated.emit({range.all, range.first, range.count, dropped, timeline_.now()});
    }
    if (const vtd::Wait* const last = waits_.end_invalidation(slot, drained)) {
        group_closed(*last);
    }
}

void Vtd::group_closed(const vtd::Wait& wait) {
    late_.push(std::max(timeline_.now(), wait.group.drained), Step::WaitReady, wait.number);
}

// ---- wait descriptors, VTD-28

void Vtd::wait_ready(std::uint32_t number) {
    waits_.find(number)->ready = true;
    complete_waits();
}

// VTD-27: of two waits the later may be complete first, if nothing is between them that it has to wait for.
void Vtd::complete_waits() {
    for (std::size_t i = 0; i < waits_.size(); ++i) {
        vtd::Wait& wait = waits_[i];
        if (!wait.ready || wait.writing || (i != 0 && wait.held)) {
            continue;
        }
        if (i != 0 && choices_.choose("vtd.wait_order", 2) == 0) {
            wait.held = true;
            continue;
        }
        if (vtd::descriptor::WAIT_SW.get(wait.command.low) == 0) {
            return wait_done(wait.number);  // comes back here
        }
        wait.writing = true;
        due_.push(timeline_.now() + timing_.duration(Row::VtdStatusWrite), Step::StatusWritten, wait.number);
        status_written_ = std::max(status_written_, timeline_.now() + timing_.duration(Row::VtdStatusWrite));
    }
}

void Vtd::write_status(std::uint32_t number) {
    const vtd::Descriptor& descriptor = waits_.find(number)->command;
    const std::uint64_t address =
        vtd::descriptor::WAIT_STADDR.mask() & descriptor.high & ((std::uint64_t{1} << profile_.host_address_width) - 1);
    const auto data = static_cast<std::uint32_t>(vtd::descriptor::WAIT_STDATA.get(descriptor.low));
    if (!memory_.write(address, &data, sizeof(data))) {
        diagnosis.emit(regs::of_device(regs::NO_REGISTER, descriptor.high,
                                       "the status write of a wait descriptor leads to no memory"));
    }
    wait_done(number);
}

// The status is in memory; now the event, if it is wanted, which so pushes the status (VTD-28).
void Vtd::wait_done(std::uint32_t number) {
    const vtd::Descriptor descriptor = waits_.find(number)->command;
    const std::uint64_t low = descriptor.low;
    const std::uint64_t address = vtd::descriptor::WAIT_STADDR.mask() & descriptor.high;
    waits_.remove(number);
    const bool event = vtd::descriptor::WAIT_IF.get(low) != 0;
    if (event && vtd::queue::IWC.get(value(ics_)) == 0) {
        file_.set_value(ics_, vtd::queue::IWC.set(value(ics_), 1));
        raise(completion_event_);
    }
    wait_completed.emit({vtd::descriptor::WAIT_SW.get(low) != 0, address,
                         static_cast<std::uint32_t>(vtd::descriptor::WAIT_STDATA.get(low)), event, timeline_.now()});
    complete_waits();
    fetch_if_possible();
}

}  // namespace hldsim
