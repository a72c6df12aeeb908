// SPDX-License-Identifier: Apache-2.0
// What an access to a register does.
#include "models/amdvi/registers.hpp"

#include <algorithm>

#include "models/amdvi/amdvi.hpp"

namespace hldsim {

namespace {

constexpr std::uint32_t CONTROL = amdvi::row("CONTROL").offset;
constexpr std::uint32_t STATUS = amdvi::row("STATUS").offset;
constexpr std::uint64_t SHORTEST_RING = 8;  // 256 entries; less is reserved

}  // namespace

std::uint64_t Amdvi::read(std::uint32_t offset, Size size) {
    const auto at = file_.locate(offset, size, false);
    if (!at) {
        last_read_ = amdvi::WINDOW;
        return at.bad_size && profile_.bad_size_reads == BadSizeReads::Ones ? byte_mask(bytes(size)) : 0;
    }
    last_read_ = file_.offset(at.slot);
    return file_.readable(at, value(at.slot));
}

std::uint64_t Amdvi::peek(std::uint32_t offset) const {
    const Slot slot = file_.slot_at(offset);
    return slot == regs::File::NONE ? 0 : value(slot) & ~file_.reserved_mask(slot);
}

// The fabric asks right behind the read.
Instant Amdvi::completion_may_leave(Instant now) {
    return last_read_ == STATUS ? std::max({now, interrupt_accepted_, stored_}) : now;
}

void Amdvi::write(std::uint32_t offset, Size size, std::uint64_t written) {
    const auto at = file_.locate(offset, size, true, written);
    if (!at) {
        return;
    }
    file_.set_value(at.slot, file_.written(at, value(at.slot), written));
    register_written.emit({offset, size, written, timeline_.now()});
    act_on_write(at.slot, value(at.slot));
}

void Amdvi::act_on_write(Slot slot, std::uint64_t written) {
    if (slot == control_slot_) {
        controls_.push_back(written);
        return due_.push(timeline_.now() + timing_.duration(Row::VtdGcmdLatency), Step::ControlDone, 0);
    }
    if (slot == command_tail_ || slot == command_head_) {
        if (slot == command_head_ && status(amdvi::status::CMD_BUF_RUN)) {
            misuse(file_.offset(slot), written, "the head of the command buffer written while CmdBufRun is 1");
        }
        return fetch_if_possible();
    }
    const bool is_base = slot == command_base_ || slot == event_base_;
    if (is_base) {  // AMDVI-2
        file_.set_value(slot == command_base_ ? command_head_ : event_head_, 0);
        file_.set_value(slot == command_base_ ? command_tail_ : event_tail_, 0);
        if (amdvi::ring::LENGTH.get(written) < SHORTEST_RING) {
            misuse(file_.offset(slot), written, "a ring of less than 256 entries");
        }
    }
    const bool busy = slot == device_base_    ? enabled()
                      : slot == command_base_ ? status(amdvi::status::CMD_BUF_RUN)
                                              : slot == event_base_ && status(amdvi::status::EVENT_LOG_RUN);
    if (busy) {
        misuse(file_.offset(slot), written, "a base changed while what it is the base of is in use");
    }
}

// AMDVI-1: what is written takes effect as a whole, in the order of the writes.
void Amdvi::control_done() {
    const std::uint64_t before = control_;
    control_ = controls_.front();
    controls_.pop_front();
    const auto runs = [](std::uint64_t control, Bits enable) {
        return amdvi::control::IOMMU_EN.get(control) != 0 && enable.get(control) != 0;
    };
    const auto changed = [&](Bits bit) { return bit.get(before) != bit.get(control_); };
    if (amdvi::control::IOMMU_EN.get(before) != 0 &&
        (changed(amdvi::control::GA_EN) || changed(amdvi::control::XT_EN))) {
        misuse(CONTROL, control_, "GAEn or XTEn changed while IommuEn is 1");
    }
    if (active(amdvi::control::IRT_CACHE_DIS)) {
        entries_.invalidate_all();
    }
    const bool logs = runs(control_, amdvi::control::EVENT_LOG_EN);
    if (logs != runs(before, amdvi::control::EVENT_LOG_EN)) {
        set_status(amdvi::status::EVENT_LOG_RUN, logs && !status(amdvi::status::EVENT_OVERFLOW));
    }
    const bool fetches = runs(control_, amdvi::control::CMD_BUF_EN);
    if (fetches != runs(before, amdvi::control::CMD_BUF_EN)) {
        run_commands(fetches);
    }
}

std::uint32_t Amdvi::ring_entries(Slot base) const { return 1U << amdvi::ring::LENGTH.get(value(base)); }

void Amdvi::misuse(std::uint32_t offset, std::uint64_t value, std::string_view what) const {
    diagnosis.emit({regs::Diagnosis::Kind::Misuse, true, offset, Size::B8, value, what});
}

void Amdvi::found(Slot slot, std::string_view what) const {
    diagnosis.emit(regs::of_device(file_.offset(slot), value(slot), what));
}

}  // namespace hldsim
