// SPDX-License-Identifier: Apache-2.0
// The command protocol: GCMD asks, GSTS answers. VT-d 6.9, 11.4.4.
#include <algorithm>

#include "models/vtd/vtd.hpp"

namespace hldsim {

namespace {

constexpr std::uint32_t IRTA = vtd::row("IRTA").offset;

}  // namespace

// VTD-4: until the status bit changes the register is the hardware's. A write in between waits, and is diagnosed.
void Vtd::write_command(std::uint32_t value) {
    if (!operations_.empty()) {
        misuse(vtd::GCMD_OFFSET, value, "GCMD written while a command is under way");
        commands_.push_back(value);
        return;
    }
    start_command(value);
}

// VTD-2: a persistent bit acts where it differs from its status, a one-shot bit when it is 1. More than one is not
// defined (VTD-3); they are done in this order.
void Vtd::start_command(std::uint32_t value) {
    const auto persistent = [&](Bits bit, Command command) {
        const bool on = bit.get(value) != 0;
        if (on != status(bit)) {
            operations_.push_back({command, on});
        }
    };
    const auto one_shot = [&](Bits bit, Command command) {
        if (bit.get(value) != 0) {
            operations_.push_back({command, true});
        }
    };
    persistent(vtd::gsts::QIES, Command::Qie);
    one_shot(vtd::gsts::IRTPS, Command::Sirtp);
    persistent(vtd::gsts::CFIS, Command::Cfi);
    persistent(vtd::gsts::IRES, Command::Ire);
    one_shot(vtd::gsts::RTPS, Command::Srtp);
    persistent(vtd::gsts::TES, Command::Te);
    if (operations_.size() > 1) {
        misuse(vtd::GCMD_OFFSET, value, "more than one control changed by one write of GCMD");
    }
    if (!operations_.empty()) {
        begin_operation();
    }
}

void Vtd::begin_operation() {
    const Operation operation = operations_.front();
    if (operation.command == Command::Sirtp) {
        set_status(vtd::gsts::IRTPS, false);
    }
    if (operation.command == Command::Srtp) {
        set_status(vtd::gsts::RTPS, false);
    }
    due_.push(timeline_.now() + timing_.duration(Row::VtdGcmdLatency), Step::CommandDone, 0);
}

void Vtd::operation_done() {
    if (stuck_ || operations_.front().command == profile_.gcmd_stuck) {
        overdue_ = true;
        return;
    }
    const Operation operation = operations_.front();
    switch (operation.command) {
        case Command::Qie:
            switch_queue(operation.on);
            break;
        case Command::Sirtp:
            latch_table();
            break;
        case Command::Cfi:
            set_status(vtd::gsts::CFIS, operation.on);
            break;
        case Command::Ire:
            return switch_remapping(operation.on);  // complete once requests are drained
        case Command::Srtp:
            translation_mode_ = static_cast<std::uint32_t>(vtd::TTM.get(value(rtaddr_)));
            set_status(vtd::gsts::RTPS, true);
            break;
        case Command::Te:
            set_status(vtd::gsts::TES, operation.on);
            break;
    }
    operation_complete();
}

void Vtd::operation_complete() {
    operations_.pop_front();
    if (!status(vtd::gsts::TES) && !status(vtd::gsts::IRES)) {
        next_record_ = 0;  // VTD-35
    }
    command_completed.emit({static_cast<std::uint32_t>(value(gsts_)), timeline_.now()});
    if (!operations_.empty()) {
        return begin_operation();
    }
    while (operations_.empty() && !commands_.empty()) {
        const std::uint32_t next = commands_.front();
        commands_.pop_front();
        start_command(next);
    }
}

// VTD-5. The entry cache keeps what it has, unless the unit says otherwise (VTD-6): software has to invalidate it.
void Vtd::latch_table() {
    const std::uint64_t programmed = value(irta_);
    vtd::Table table;
    table.base = vtd::irta::BASE.mask() & programmed;
    table.entries = 2U << vtd::irta::S.get(programmed);
    table.eime = profile_.eim && vtd::irta::EIME.get(programmed) != 0;
    if (remapping_ && table.eime != table_.eime) {
        misuse(IRTA, programmed, "EIME changed while interrupt remapping is on");
    }
    if (table.base % (table.entries * sizeof(vtd::Irte)) != 0) {
        misuse(IRTA, programmed, "the table is not aligned to its size");
    }
    table_ = table;
    if (profile_.esirtps) {
        cache_.invalidate_all();
        forget_samples(EntryRange::everything());
    }
    set_status(vtd::gsts::IRTPS, true);
}

// VTD-8, VTD-9: requests from here on are remapped, or are not; those before have to be out of the way.
void Vtd::switch_remapping(bool on) {
    if (on && !status(vtd::gsts::IRTPS)) {
        misuse(vtd::GCMD_OFFSET, value(gsts_), "interrupt remapping switched on without a table (SIRTP)");
    }
    if (on && !status(vtd::gsts::QIES)) {
        misuse(vtd::GCMD_OFFSET, value(gsts_), "interrupt remapping switched on without queued invalidation");
    }
    remapping_ = on;
    if (!on && profile_.esirtps) {
        cache_.invalidate_all();
        forget_samples(EntryRange::everything());
    }
    switched_ = timeline_.now();
    late_.push(timeline_.now(), Step::CommandDrained, 0);
}

void Vtd::command_drained() {
    const bool on = operations_.front().on;
    if (on || profile_.ire_off_drains) {
        Instant until = departed_.everything_accepted();
        for (const std::uint32_t slot : looking_up_) {
            const vtd::Request& request = requests_[slot];
            until = request.arrived <= switched_ ? std::max(until, request.leaves) : until;
        }
        if (until > timeline_.now()) {
            return late_.push(until, Step::CommandDrained, 0);
        }
    }
    set_status(vtd::gsts::IRES, on);
    operation_complete();
}

// VTD-11. Commands that were fetched complete all the same.
void Vtd::switch_queue(bool on) {
    if (!on) {
        if (value(iqh_) != value(iqt_) || !waits_.idle()) {
            misuse(vtd::GCMD_OFFSET, value(gsts_), "queued invalidation switched off before the queue was quiet");
        }
        file_.set_value(iqh_, 0);
        fetching_ = false;
        ++fetch_generation_;
    }
    set_status(vtd::gsts::QIES, on);
    fetch_if_possible();
}

void Vtd::fault_commands_stuck(bool on) {
    stuck_ = on;
    if (!on && overdue_) {
        overdue_ = false;
        operation_done();
    }
}

}  // namespace hldsim
