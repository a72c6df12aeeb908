// SPDX-License-Identifier: Apache-2.0
// The local APIC's registers as its CPU sees them: the xAPIC page, the x2APIC MSRs, IA32_APIC_BASE, IA32_TSC_DEADLINE.
#include "models/lapic/lapic.hpp"

namespace hldsim {

using lapic::Lvt;
using lapic::Mode;
using Kind = regs::Diagnosis::Kind;

namespace {

namespace base = lapic::apic_base;

constexpr Bits VERSION_EOI_SUPPRESSION = lapic::row(lapic::VERSION).field("EOI_SUPPRESSION");
constexpr std::uint32_t DEADLINE_MODES = 1U << lapic::lvt::TIMER_MODE.msb;  // 2, and 3, which is reserved

/// 10.4.8, 10.5.1: the entry came with a processor whose MAX_LVT is at least this.
constexpr unsigned since_max_lvt(std::uint32_t offset) {
    return offset == lapic::LVT_CMCI ? 6 : offset == lapic::LVT_THERMAL ? 5 : 0;
}

}  // namespace

void Lapic::diagnose(Kind kind, bool write, std::uint32_t offset, Size size, std::uint64_t value,
                     const char* what) const {
    if (access_diagnosed.watched()) {
        access_diagnosed.emit({cpu_, {kind, write, offset, size, value, what}, timeline_.now()});
    }
}

bool Lapic::timer2_exists() const {
    const DualTimer& dual = profile_.dual_timer;
    return dual.independent_count || dual.timer2_delivery_mode || dual.timer2_reason;
}

bool Lapic::implements(std::uint32_t offset) const {
    return lapic::row_at(offset) != nullptr && (offset != lapic::LVT_TIMER2 || timer2_exists()) &&
           profile_.max_lvt_entry() >= since_max_lvt(offset);
}

/// Is there a register at this offset in the current mode, on this processor?
bool Lapic::exists(std::uint32_t offset) const {
    return implements(offset) && (mode_ == Mode::X2apic ? lapic::in_x2apic(offset) : lapic::in_xapic(offset));
}

// Reserved bits of the row, and those that the profile takes away.
std::uint32_t Lapic::reserved_bits(std::uint32_t offset) const {
    std::uint32_t bits = lapic::masks(offset).reserved;
    switch (offset) {
        case lapic::SVR:
            bits |= VERSION_EOI_SUPPRESSION.get(profile_.version) != 0 ? 0 : lapic::svr::SUPPRESS_EOI;  // LAPIC-6
            break;
        case lapic::LVT_TIMER:
            bits |= profile_.tsc_deadline ? 0 : DEADLINE_MODES;  // LAPIC-32
            break;
        case lapic::LVT_TIMER2:
            bits |= DEADLINE_MODES;
            bits |= profile_.dual_timer.timer2_reason ? 0 : lapic::lvt::FIRED;
            bits |= profile_.dual_timer.timer2_delivery_mode ? 0 : lapic::bits(lapic::LVT_TIMER2, "MODE");
            break;
        default:
            break;
    }
    return bits;
}

// ---- the page

std::uint64_t Lapic::mmio_read(std::uint32_t offset, Size size) {
    if (mode_ != Mode::Xapic) {
        diagnose(Kind::Undefined, false, offset, size, 0, "the page is not the APIC's in this mode");
        return profile_.dead_page_reads == DeadPageReads::Ones ? byte_mask(bytes(size)) : 0;
    }
    if (size != Size::B4 || offset % 16 != 0) {
        diagnose(Kind::Size, false, offset, size, 0, "registers are 32 bits wide at multiples of 16");
        return byte_mask(bytes(size));
    }
    if (!exists(offset)) {
        diagnose(Kind::Undefined, false, offset, size, 0, "no register at this offset");
        raise_error(lapic::esr::ILLEGAL_REGISTER);
        return 0;
    }
    if (lapic::masks(offset).readable == 0) {
        const bool missing = lapic::row(offset).mask(regs::Access::UNIMPL) != 0;
        diagnose(missing ? Kind::Unimplemented : Kind::Misuse, false, offset, size, 0,
                 missing ? "remote read is not modelled" : "the register is write-only");
        return 0;
    }
    return read_register(offset);
}

void Lapic::mmio_write(std::uint32_t offset, Size size, std::uint64_t value) {
    if (mode_ != Mode::Xapic) {
        diagnose(Kind::Undefined, true, offset, size, value, "the page is not the APIC's in this mode");
        return;
    }
    if (size != Size::B4 || offset % 16 != 0) {
        diagnose(Kind::Size, true, offset, size, value, "registers are 32 bits wide at multiples of 16");
        return;
    }
    if (!exists(offset)) {
        diagnose(Kind::Undefined, true, offset, size, value, "no register at this offset");
        raise_error(lapic::esr::ILLEGAL_REGISTER);
        return;
    }
    const bool writable_id = offset == lapic::ID && profile_.xapic_id_writable;
    if (lapic::masks(offset).writable == 0 && offset != lapic::ESR && !writable_id) {
        const bool missing = lapic::row(offset).mask(regs::Access::UNIMPL) != 0;
        diagnose(missing ? Kind::Unimplemented : Kind::Misuse, true, offset, size, value,
                 missing ? "remote read is not modelled" : "the register is read-only");
        return;
    }
    const auto value32 = static_cast<std::uint32_t>(value);
    const std::uint32_t reserved = value32 & reserved_bits(offset);
    if (reserved != 0 && offset != lapic::ESR) {
        diagnose(Kind::Reserved, true, offset, size, reserved, "reserved bits are written 1");
    }
    write_register(offset, value32 & ~reserved);
}

// ---- MSRs

bool Lapic::rdmsr(std::uint32_t msr, std::uint64_t& value) {
    if (msr == lapic::IA32_APIC_BASE) {
        value = apic_base();
        return true;
    }
    if (msr == lapic::IA32_TSC_DEADLINE) {
        value = deadline_.value();
        return profile_.tsc_deadline;
    }
    if (msr < lapic::X2APIC_FIRST || msr > lapic::X2APIC_LAST || mode_ != Mode::X2apic) {
        return false;
    }
    const std::uint32_t offset = lapic::offset_of_msr(msr);
    if (!exists(offset) || lapic::masks(offset).readable == 0) {
        return false;
    }
    value = read_register(offset);
    if (offset == lapic::ICR_LOW) {
        value |= std::uint64_t{icr_high_} << 32;
    }
    return true;
}

bool Lapic::wrmsr(std::uint32_t msr, std::uint64_t value) {
    if (msr == lapic::IA32_APIC_BASE) {
        return write_apic_base(value);
    }
    if (msr == lapic::IA32_TSC_DEADLINE) {
        if (deadline_mode() && mode_ != Mode::Disabled) {
            deadline_.write(value);
        } else if (profile_.tsc_deadline) {
            diagnose(Kind::Misuse, true, lapic::LVT_TIMER, Size::B8, value,
                     "IA32_TSC_DEADLINE is ignored outside TSC-deadline mode");
        }
        return profile_.tsc_deadline;
    }
    if (msr < lapic::X2APIC_FIRST || msr > lapic::X2APIC_LAST || mode_ != Mode::X2apic) {
        return false;
    }
    return wrmsr_x2apic(lapic::offset_of_msr(msr), value);
}

// SDM vol. 3A, 10.12.1.3: a read-only register, a reserved bit or anything above bit 31 of a 32-bit register: #GP.
bool Lapic::x2apic_accepts(std::uint32_t offset, std::uint64_t value) const {
    if (!exists(offset)) {
        return false;
    }
    if (offset == lapic::ESR || offset == lapic::EOI) {
        return value == 0;
    }
    const lapic::MsrMasks& masks = lapic::MSR_MASKS[offset / 16];
    return masks.writable != 0 && (value & (masks.reserved | reserved_bits(offset))) == 0;
}

bool Lapic::wrmsr_x2apic(std::uint32_t offset, std::uint64_t value) {
    if (!x2apic_accepts(offset, value)) {
        return false;
    }
    if (offset == lapic::ICR_LOW) {
        icr_high_ = static_cast<std::uint32_t>(value >> 32);
    }
    write_register(offset, static_cast<std::uint32_t>(value));
    return true;
}

// ---- IA32_APIC_BASE

std::uint64_t Lapic::apic_base() const {
    return page_ | base::BSP.set(0, boot_ ? 1 : 0) | base::EXTD.set(0, mode_ == Mode::X2apic ? 1 : 0) |
           base::EN.set(0, mode_ != Mode::Disabled ? 1 : 0);
}

// Legal transitions: SDM vol. 3A, 10.12.5. A reserved bit or an illegal transition: #GP.
bool Lapic::write_apic_base(std::uint64_t value) {
    const std::uint64_t page_mask = Bits{profile_.physical_address_bits - 1, base::PAGE.lsb}.mask();
    if ((value & (base::RESERVED | (base::PAGE.mask() & ~page_mask))) != 0) {
        return false;
    }
    const bool en = base::EN.get(value) != 0;
    const bool extd = base::EXTD.get(value) != 0;
    const Mode wanted = !en ? Mode::Disabled : extd ? Mode::X2apic : Mode::Xapic;
    const bool illegal = (extd && !en) || (extd && !profile_.x2apic) ||
                         (wanted == Mode::X2apic && mode_ == Mode::Disabled) ||
                         (wanted == Mode::Xapic && mode_ == Mode::X2apic);
    if (illegal) {
        return false;
    }
    page_ = value & page_mask;
    if (wanted != mode_) {
        enter_mode(wanted);
    }
    return true;
}

void Lapic::enter_mode(Mode mode) {
    if (mode == Mode::X2apic) {
        // LAPIC-3: the state is kept but for ID, LDR and the destination half of ICR.
        mode_ = mode;
        id_ = hardware_id_.value;
        ldr_ = lapic::x2apic_ldr::of_id(id_);
        icr_high_ = 0;
    } else {
        // LAPIC-2: to disabled, or back from it: power-up state. CR8, and with it TPR, is the CPU's and stays.
        const std::uint8_t tpr = vectors_.tpr();
        mode_ = mode;
        set_registers_to_reset();
        vectors_.set_tpr(tpr);
    }
    identify();
    update_pins();
    update_request();
}

// ---- register by register

std::uint32_t Lapic::read_register(std::uint32_t offset) const {
    if (is_lvt(offset)) {
        const Lvt entry = lvt_at(offset);
        return lvt(entry) | (send_pending(entry) ? lapic::lvt::STATUS & lapic::masks(offset).readable : 0);
    }
    const unsigned instance = offset / 16 % 8;
    switch (offset & ~std::uint32_t{0x7f}) {
        case lapic::ISR:
            return vectors_.isr().word(instance);
        case lapic::TMR:
            return vectors_.tmr().word(instance);
        case lapic::IRR:
            return vectors_.irr().word(instance);
        default:
            break;
    }
    switch (offset) {
        case lapic::ID:
            return id_;
        case lapic::VERSION:
            return profile_.version;
        case lapic::TPR:
            return vectors_.tpr();
        case lapic::APR:
            return vectors_.apr();
        case lapic::PPR:
            return vectors_.ppr();
        case lapic::LDR:
            return ldr_;
        case lapic::DFR:
            return dfr_;
        case lapic::SVR:
            return svr_;
        case lapic::ESR:
            return esr_;
        case lapic::ICR_LOW: {
            const bool sending = mode_ == Mode::Xapic && timeline_.now() < ipi_sent_at_;
            return icr_low_ | (sending ? lapic::icr::STATUS : 0);
        }
        case lapic::ICR_HIGH:
            return icr_high_;
        case lapic::INITIAL_COUNT: {
            const bool hidden = deadline_mode() && !count_drives_timer2() && profile_.initial_count_zero_in_deadline;
            return hidden ? 0 : countdown_.initial();
        }
        case lapic::CURRENT_COUNT:
            return countdown_.current();
        case lapic::DIVIDE:
            return divide_;
        default:
            return 0;
    }
}

void Lapic::write_register(std::uint32_t offset, std::uint32_t value) {
    if (is_lvt(offset)) {
        return write_lvt(offset, value);
    }
    switch (offset) {
        case lapic::ID:
            id_ = value & 0xff00'0000;
            return identify();
        case lapic::TPR:
            vectors_.set_tpr(static_cast<std::uint8_t>(value));
            return update_request();
        case lapic::EOI:
            return end_of_interrupt();
        case lapic::LDR:
            ldr_ = value;
            return;
        case lapic::DFR:
            dfr_ = value | 0x0fff'ffff;
            return;
        case lapic::SVR:
            return write_svr(value);
        case lapic::ESR:  // LAPIC-27
            esr_ = error_accumulator_;
            error_accumulator_ = 0;
            return;
        case lapic::ICR_LOW:
            icr_low_ = value & lapic::masks(lapic::ICR_LOW).writable;
            return send_ipi();
        case lapic::ICR_HIGH:
            icr_high_ = value;
            return;
        case lapic::INITIAL_COUNT:
            if (!deadline_mode() || count_drives_timer2()) {  // LAPIC-34: else ignored
                countdown_.write_initial(value);
            }
            return;
        case lapic::DIVIDE:
            return write_divide(value);
        case lapic::SELF_IPI:
            return send_self_ipi(static_cast<std::uint8_t>(value));
        default:
            return;
    }
}

void Lapic::write_svr(std::uint32_t value) {
    const bool was_enabled = enabled();
    svr_ = value;
    if (was_enabled && !enabled()) {
        mask_all_lvts();  // LAPIC-5; enabling again unmasks none
    }
}

void Lapic::write_divide(std::uint32_t value) {
    const unsigned code = ((value >> 1) & 4) | (value & 3);
    if (value != divide_ && countdown_.running()) {
        diagnose(Kind::Misuse, true, lapic::DIVIDE, Size::B4, value, "the divider is changed while the timer runs");
    }
    divide_ = value;
    const unsigned power = (code + 1) % 8;  // 000 is /2 ... 110 is /128, 111 is /1
    countdown_.divide_by_power(power, profile_.divide_change);
}

// LAPIC-24: ends the highest vector in service; level-triggered ones are told to the I/O APICs.
void Lapic::end_of_interrupt() {
    const int ended = vectors_.end_of_interrupt();
    if (ended == lapic::VectorSet::NONE) {
        return;
    }
    const auto vector = static_cast<std::uint8_t>(ended);
    if (vectors_.tmr().has(vector)) {
        if ((svr_ & lapic::svr::SUPPRESS_EOI) == 0) {
            bus_.broadcast_eoi(vector);
        }
        std::uint32_t& lint0 = lvt(Lvt::Lint0);
        if ((lint0 & lapic::lvt::REMOTE_IRR) != 0 && static_cast<std::uint8_t>(lint0) == vector) {
            lint0 &= ~lapic::lvt::REMOTE_IRR;
            update_level_pin();
        }
    }
    update_request();
}

// LAPIC-28: the error entry is raised once from zero on, masked or not, and armed again by the write to ESR.
void Lapic::raise_error(std::uint32_t bits) {
    const bool first = error_accumulator_ == 0;
    error_accumulator_ |= bits;
    if (first) {
        local_event(Lvt::Error, Source::None);
    }
}

}  // namespace hldsim
