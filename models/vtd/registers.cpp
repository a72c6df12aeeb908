// SPDX-License-Identifier: Apache-2.0
// What an access to a register does.
#include "models/vtd/registers.hpp"

#include <algorithm>

#include "models/vtd/vtd.hpp"

namespace hldsim {

using regs::Diagnosis;

namespace {

constexpr std::uint32_t CCMD = vtd::row("CCMD").offset;
constexpr std::uint32_t FSTS = vtd::row("FSTS").offset;
constexpr std::uint32_t FECTL = vtd::row("FECTL").offset;
constexpr std::uint32_t IQT = vtd::row("IQT").offset;
constexpr std::uint32_t ICS = vtd::row("ICS").offset;
constexpr std::uint32_t IECTL = vtd::row("IECTL").offset;
constexpr std::uint32_t IOTLB = vtd::row("IOTLB").offset;
constexpr unsigned REFUSES_REGISTER_INVALIDATION = 6;  // VER.MAX, 6.5

bool is_fault_record(std::uint32_t offset, std::uint32_t first, unsigned records) {
    return offset >= first && offset - first < records * vtd::FAULT_RECORD_BYTES;
}

}  // namespace

// CAP.FRO says where the fault records are; the rows stand at one place (and nothing else is there).
std::uint32_t Vtd::row_offset(std::uint32_t offset) const {
    if (is_fault_record(offset, profile_.fault_records_at, profile_.fault_records)) {
        return offset - profile_.fault_records_at + vtd::FAULT_RECORDS_AT;
    }
    const bool vacated = is_fault_record(offset, vtd::FAULT_RECORDS_AT, limits::VTD_FAULT_RECORDS);
    return vacated ? vtd::WINDOW + offset : offset;
}

std::uint64_t Vtd::read(std::uint32_t offset, Size size) {
    const auto at = file_.locate(row_offset(offset), size, false);
    if (!at) {
        last_read_ = vtd::WINDOW;
        return at.bad_size && profile_.bad_size_reads == BadSizeReads::Ones ? byte_mask(bytes(size)) : 0;
    }
    last_read_ = file_.offset(at.slot);
    return file_.readable(at, value(at.slot));
}

std::uint64_t Vtd::peek(std::uint32_t offset) const {
    const Slot slot = file_.slot_at(row_offset(offset));
    if (slot == regs::File::NONE) {
        return 0;
    }
    return value(slot) & ~(file_.mask(slot, regs::Access::WO) | file_.reserved_mask(slot));
}

// VTD-34. The fabric asks right behind the read.
Instant Vtd::completion_may_leave(Instant now) {
    switch (last_read_) {
        case FSTS:
        case FECTL:
            return std::max(now, fault_event_.accepted);
        case ICS:
        case IECTL:
            return std::max({now, completion_event_.accepted, status_written_});
        default:
            return now;
    }
}

void Vtd::write(std::uint32_t offset, Size size, std::uint64_t written) {
    const auto at = file_.locate(row_offset(offset), size, true, written);
    if (!at) {
        return;
    }
    const std::uint64_t before = value(at.slot);
    const std::uint64_t after = file_.written(at, before, written);
    file_.set_value(at.slot, after & ~file_.mask(at.slot, regs::Access::WO));
    register_written.emit({offset, size, written, timeline_.now()});
    act_on_write(at, after, before);
}

void Vtd::act_on_write(const regs::File::Location& at, std::uint64_t written, std::uint64_t before) {
    switch (file_.offset(at.slot)) {
        case vtd::GCMD_OFFSET:
            return write_command(static_cast<std::uint32_t>(written));
        case CCMD:
            return invalidate_by_register(at.slot, vtd::invalidate::CONTEXT, written);
        case IOTLB:
            return invalidate_by_register(at.slot, vtd::invalidate::IOTLB, written);
        case FSTS:
            return write_fault_status(before, written);
        case FECTL:
            return write_event_control(fault_event_, before, written);
        case IECTL:
            return write_event_control(completion_event_, before, written);
        case ICS:
            if (vtd::queue::IWC.get(written) == 0) {  // nothing is left to report: VTD-37
                file_.set_value(completion_event_.control, vtd::event::IP.set(value(completion_event_.control), 0));
            }
            return;
        case vtd::IQA_OFFSET:
            if (status(vtd::gsts::QIES) && value(iqh_) != value(iqt_)) {
                misuse(vtd::IQA_OFFSET, written, "IQA changed while the queue is not empty");
            }
            return;
        case IQT:
            if ((at.lanes & vtd::queue::QT.mask()) != 0) {
                fetch_if_possible();
            }
            return;
        default:
            break;
    }
    if (at.slot >= record_hi_ && at.slot < record_hi_ + profile_.fault_records) {
        settle_fault_status();
    }
}

// DMA only: nothing is cached, so that all is done at once, with the granularity that was asked for (Linux calls an
// IAIG of 0 a failed flush).
void Vtd::invalidate_by_register(Slot slot, const vtd::invalidate::Granularity& bits, std::uint64_t written) {
    if (bits.start.get(written) == 0) {
        return;
    }
    const bool refused = profile_.version_major >= REFUSES_REGISTER_INVALIDATION;
    if (refused) {
        misuse(file_.offset(slot), written, "register-based invalidation, which this version refuses (6.5)");
    }
    file_.set_value(slot, bits.actual.set(value(slot), refused ? 0 : bits.requested.get(written)));
}

// VTD-25: without IQE the queue goes on by itself, from the descriptor at which it stopped.
void Vtd::write_fault_status(std::uint64_t before, std::uint64_t after) {
    settle_fault_status();
    if (vtd::fsts::IQE.get(before) != 0 && vtd::fsts::IQE.get(after) == 0) {
        file_.set_value(iqercd_, vtd::queue::IQEI.set(value(iqercd_), 0));
        fetch_if_possible();
    }
}

void Vtd::write_event_control(EventRegisters& event, std::uint64_t before, std::uint64_t after) {
    if (vtd::event::IM.get(before) != 0 && vtd::event::IM.get(after) == 0 && vtd::event::IP.get(after) != 0) {
        send_event(event);
    }
}

void Vtd::misuse(std::uint32_t offset, std::uint64_t value, std::string_view what) const {
    diagnosis.emit({Diagnosis::Kind::Misuse, true, offset, Size::B4, value, what});
}

}  // namespace hldsim
