// SPDX-License-Identifier: Apache-2.0
#include "models/chipset/nmi_control.hpp"

#include "models/chipset/registers.hpp"
#include "models/regs/print.hpp"

namespace hldsim {

using regs::Diagnosis;

namespace {

constexpr const regs::Register& NMI_SC = regs::row(chipset::REGISTERS, "NMI_SC");
constexpr const regs::Register& NMI_EN = regs::row(chipset::REGISTERS, "NMI_EN");
constexpr auto WRITABLE = static_cast<std::uint8_t>(NMI_SC.mask(regs::Access::RW));
constexpr Bits IOCHK_OFF = NMI_SC.field("IOCHK_NMI_EN");
constexpr Bits SERR_OFF = NMI_SC.field("PCI_SERR_EN");
constexpr Bits GATE2 = NMI_SC.field("TIM_CNT2_EN");
constexpr unsigned NMI_PIN = 1;

}  // namespace

NmiControl::NmiControl(sc_core::sc_module_name name, sim::Timeline& timeline, const ChipsetProfile& profile,
                       SpeakerTimer& timer, InterruptPins& output, TokenCounter& tokens)
    : sc_module{name}, timeline_{timeline}, profile_{profile}, timer_{timer}, output_{output}, tokens_{tokens} {}

void NmiControl::reset_enter() {
    control_ = 0;
    serr_ = {};
    iochk_ = {};
    disabled_ = NMI_EN.field("NMI_DISABLE").get(NMI_EN.reset()) != 0;
}

// ---- reasons

bool NmiControl::enabled(const Reason& reason) const {
    return (&reason == &serr_ ? SERR_OFF : IOCHK_OFF).get(control_) == 0;
}

void NmiControl::latch(Reason& reason, Source source) {
    if (!enabled(reason)) {
        return diagnosis.emit(
            regs::of_device(STATUS_PORT, control_, "a reason of an NMI is asserted that port 61h holds off"));
    }
    if (reason.latched) {
        return diagnosis.emit(
            regs::of_device(STATUS_PORT, control_, "a reason of an NMI is asserted that nobody has cleared yet"));
    }
    reason.latched = true;
    reason.token = tokens_.next(source);
    hop.emit({reason.token, Hop::Matched, timeline_.now()});
    update();
}

// The line is one: a second reason while it is active makes no edge, and so no second NMI.
void NmiControl::update() {
    const bool level = (serr_.latched || iochk_.latched) && !disabled_;
    if (level == driven_) {
        return;
    }
    driven_ = level;
    output_moved.emit({timeline_.now(), level});
    const Token token = !level ? Token{} : serr_.latched ? serr_.token : iochk_.token;
    output_.drive(NMI_PIN, level, token);
}

// ---- bus

void NmiControl::diagnose(Diagnosis::Kind kind, bool write, std::uint32_t port, Size size, std::uint64_t value,
                          std::string_view what) const {
    diagnosis.emit({kind, write, port, size, value, what});
}

std::uint64_t NmiControl::read(std::uint32_t port, Size size) {
    if (size != Size::B1) {
        diagnose(Diagnosis::Kind::Size, false, port, size, 0, "the NMI ports are read by bytes");
        return byte_mask(bytes(size));
    }
    if (port != STATUS_PORT) {
        diagnose(Diagnosis::Kind::Undefined, false, port, size, 0, "nothing is read from this port");
        return 0xff;
    }
    const bool toggle = profile_.refresh.fs != 0 && timeline_.now().fs / profile_.refresh.fs % 2 != 0;
    std::uint64_t value = control_;
    value = NMI_SC.field("SERR_NMI_STS").set(value, serr_.latched ? 1 : 0);
    value = NMI_SC.field("IOCHK_NMI_STS").set(value, iochk_.latched ? 1 : 0);
    value = NMI_SC.field("TMR2_OUT_STS").set(value, timer_.output2() ? 1 : 0);
    return NMI_SC.field("REF_TOGGLE").set(value, toggle ? 1 : 0);
}

void NmiControl::write(std::uint32_t port, Size size, std::uint64_t value) {
    if (size != Size::B1) {
        diagnose(Diagnosis::Kind::Size, true, port, size, value, "the NMI ports are written by bytes");
        return;
    }
    if (port == STATUS_PORT) {
        write_status(static_cast<std::uint8_t>(value));
    } else if (port == ENABLE_PORT) {
        disabled_ = NMI_EN.field("NMI_DISABLE").get(value) != 0;
        update();
    } else {
        diagnose(Diagnosis::Kind::Undefined, true, port, size, value, "no port of the chipset's NMI");
    }
}

// A 1 in the enable bit of a reason clears it, and holds it off until a 0 is written: NMI_SC.
void NmiControl::write_status(std::uint8_t value) {
    control_ = value & WRITABLE;
    for (Reason* reason : {&serr_, &iochk_}) {
        if (!enabled(*reason)) {
            *reason = {};
        }
    }
    timer_.gate2(GATE2.get(control_) != 0);
    update();
}

std::string NmiControl::dump() const {
    return "nmi control=" + regs::hexadecimal(control_, 8) + " serr=" + (serr_.latched ? "1" : "0") +
           " iochk=" + (iochk_.latched ? "1" : "0") + " disabled=" + (disabled_ ? "1" : "0") +
           " line=" + (driven_ ? "1" : "0") + "\n";
}

}  // namespace hldsim
