// SPDX-License-Identifier: Apache-2.0
// What an access to a register does.
#include "models/ioapic/registers.hpp"

#include "models/ioapic/entry.hpp"
#include "models/ioapic/ioapic.hpp"

namespace hldsim {

using regs::Diagnosis;

namespace {

constexpr std::uint32_t WINDOW_MASK = 0xff;  // address bits that are decoded (ICH: 11:8 are not)
constexpr std::uint32_t IOREGSEL = 0x00;
constexpr std::uint32_t IOWIN = 0x10;

// 82093AA, 3.1: registers are accessed by 32-bit loads and stores; IOREGSEL has one byte (I-2).
bool size_fits(std::uint32_t offset, Size size, bool write) {
    return size == Size::B4 || (size == Size::B1 && write && offset == IOREGSEL);
}

}  // namespace

void Ioapic::shape_registers() {
    file_.set_reset(file_.slot("VER"), ioapic::VERSION, profile_.version);
    file_.set_reset(file_.slot("VER"), ioapic::MAX_REDIR, profile_.pins - 1);
    file_.limit("RTEn", profile_.pins);
    if (profile_.index_bits == 8) {
        file_.set_access(select_slot_, ioapic::INDEX_8, regs::Access::RSVD);
    }
    if (!profile_.has_eoi_register()) {
        file_.limit("EOIR", 0);
    }
    if (!profile_.arbitration) {
        file_.limit("ARB", 0);
    }
    if (!profile_.remappable) {
        for (unsigned pin = 0; pin < profile_.pins; ++pin) {
            file_.set_access(static_cast<Slot>(rte_slot_ + pin), ioapic::EXT_DEST, regs::Access::RSVD);
            file_.set_access(static_cast<Slot>(rte_slot_ + pin), ioapic::FORMAT, regs::Access::RSVD);
        }
    }
}

std::uint32_t Ioapic::indexed_offset() const {
    return ioapic::INDEXED + 4 * static_cast<std::uint32_t>(file_.value(select_slot_));
}

// ---- reads

std::uint64_t Ioapic::read(std::uint32_t offset, Size size) {
    offset &= WINDOW_MASK;
    if (!size_fits(offset, size, false)) {
        diagnosis.emit({Diagnosis::Kind::Size, false, offset, size, 0, "registers are read by 4 bytes, aligned"});
        return byte_mask(bytes(size));
    }
    const regs::File::Location at = file_.locate(offset, size, false);
    if (!at) {
        return at.bad_size ? byte_mask(bytes(size)) : 0;
    }
    return offset == IOWIN ? read_indexed() : file_.readable(at, file_.value(at.slot));
}

// An index without a register: all through the index's range.
std::uint64_t Ioapic::read_indexed() {
    const regs::File::Location at = file_.locate(indexed_offset(), Size::B4, false);
    if (!at) {
        return 0;
    }
    const bool is_entry = at.slot >= rte_slot_;
    return file_.readable(at, is_entry ? entry(file_.instance(at.slot)) : file_.value(at.slot));
}

// ---- writes

void Ioapic::write(std::uint32_t offset, Size size, std::uint64_t value) {
    offset &= WINDOW_MASK;
    if (!size_fits(offset, size, true)) {
        diagnosis.emit({Diagnosis::Kind::Size, true, offset, size, value, "registers are written by 4 bytes, aligned"});
        return;
    }
    const regs::File::Location at = file_.locate(offset, size, true, value);
    if (!at) {
        return;
    }
    touch();
    if (offset == IOWIN) {
        return write_indexed(value);
    }
    const std::uint64_t written = file_.written(at, file_.value(at.slot), value);
    if (at.slot == eoi_slot_) {
        end_of_interrupt(static_cast<std::uint8_t>(written));
    } else {
        file_.set_value(at.slot, written);
    }
}

void Ioapic::write_indexed(std::uint64_t value) {
    const regs::File::Location at = file_.locate(indexed_offset(), Size::B4, true, value);
    if (!at) {
        return;
    }
    if (at.slot >= rte_slot_) {
        return write_entry(file_.instance(at.slot), at, value);
    }
    const std::uint64_t written = file_.written(at, file_.value(at.slot), value);
    file_.set_value(at.slot, written);
    if (at.slot == id_slot_) {  // I-22; 82093AA, 3.2.3
        file_.set_value(arb_slot_, ioapic::ARBITRATION_ID.set(0, ioapic::ID_BITS.get(written)));
    }
}

void Ioapic::set_entry(unsigned pin, std::uint64_t after) {
    const std::uint64_t before = rte(pin);
    file_.set_value(static_cast<Slot>(rte_slot_ + pin), after);
    if (entry_changed.watched()) {
        entry_changed.emit({timeline_.now(), pin, before, after});
    }
}

// One half at a time, each acts at once (I-4). RO fields survive (I-3): that is in the rows.
void Ioapic::write_entry(unsigned pin, const regs::File::Location& at, std::uint64_t value) {
    const std::uint64_t before = rte(pin);
    std::uint64_t after = file_.written(at, before, value);
    if (ioapic::TRIGGER.get(before) != 0 && ioapic::TRIGGER.get(after) == 0) {
        after = ioapic::REMOTE_IRR.set(after, 0);  // I-10: Linux, __eoi_ioapic_pin, where there is no EOIR
    }
    set_entry(pin, after);
    if (at.shift != 0) {
        return;  // a high half alone evaluates nothing
    }
    check_entry(pin, after);
    const auto unmasked_edge = [](std::uint64_t held) { return !ioapic::is_masked(held) && !ioapic::is_level(held); };
    // I-6: unmasking sends no edge. I-9: a polarity written under an unmasked entry may.
    if (unmasked_edge(before) && unmasked_edge(after) && !active(pin, before) && active(pin, after) &&
        profile_.intpol_change_is_edge) {
        request(pin, false);
    }
    evaluate_level(pin);
}

// 82093AA, 3.2.4, bits 10:8: what the delivery modes want of the other fields (I-16, I-18).
void Ioapic::check_entry(unsigned pin, std::uint64_t value) const {
    if (ioapic::is_masked(value)) {
        return;
    }
    const DeliveryMode mode = ioapic::delivery_mode(value);
    if (ioapic::FORMAT.get(value) != 0 && mode != DeliveryMode::Fixed) {
        misuse(pin, value, "remappable format: bits 10:8 must be 0");
    } else if (!ioapic::is_maskable(value) && ioapic::TRIGGER.get(value) != 0) {
        misuse(pin, value, "SMI, NMI, INIT and ExtINT are to be programmed as edge");
    } else if (mode == DeliveryMode::Smi && ioapic::VECTOR.get(value) != 0) {
        misuse(pin, value, "an SMI whose vector is not 0");
    }
}

void Ioapic::misuse(unsigned pin, std::uint64_t value, std::string_view what) const {
    diagnosis.emit({Diagnosis::Kind::Misuse, true, ioapic::entry_offset(pin), Size::B4, value, what});
}

}  // namespace hldsim
