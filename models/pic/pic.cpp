// SPDX-License-Identifier: Apache-2.0
#include "models/pic/pic.hpp"

#include "models/pic/registers.hpp"

namespace hldsim {

using regs::Diagnosis;

namespace {

constexpr auto ELCR1_WRITABLE = static_cast<std::uint8_t>(regs::row(pic::REGISTERS, "ELCR1").mask(regs::Access::RW));
constexpr auto ELCR2_WRITABLE = static_cast<std::uint8_t>(regs::row(pic::REGISTERS, "ELCR2").mask(regs::Access::RW));

}  // namespace

Pic::Pic(sc_core::sc_module_name name, sim::Timeline& timeline, const PicProfile& profile, InterruptPins& output)
    : sc_module{name},
      timeline_{timeline},
      output_{output},
      master_{true, profile.edge_follows_line},
      slave_{false, profile.edge_follows_line} {}

// ---- reset

void Pic::reset_enter() {
    for (pic::Chip* chip : {&master_, &slave_}) {
        chip->reset();
    }
    tokens_.fill({});
}

void Pic::copy_state(StateCopy& s) { s(master_, slave_, tokens_, driven_); }

// ---- inputs and output

void Pic::drive(unsigned irq, bool level, Token token) {
    if (irq >= INPUTS || irq == CASCADE) {
        diagnosis.emit(
            regs::of_device(regs::NO_REGISTER, irq, "an interrupt request that the 8259 pair does not have is driven"));
        return;
    }
    if (level) {
        tokens_[irq] = token;
    }
    (irq < 8 ? master_ : slave_).drive(irq % 8, level);
    update();
}

// The slave's INT is the master's input 2; the master's is INTR.
void Pic::update() {
    master_.drive(CASCADE, slave_.request() != pic::Chip::NONE);
    const int request = master_.request();
    const bool level = request != pic::Chip::NONE;
    if (level == driven_) {
        return;
    }
    driven_ = level;
    Token token;
    if (level) {
        const int behind = request == static_cast<int>(CASCADE) ? 8 + slave_.request() : request;
        token = tokens_[static_cast<std::size_t>(behind)];
    }
    output_moved.emit({timeline_.now(), level});
    output_.drive(0, level, token);
}

// "Initialization command words": a single chip has no slave. In a chipset its input 2 is still the slave's INT.
bool Pic::asks_slave(unsigned input) const { return input == CASCADE && !master_.single(); }

unsigned Pic::take(pic::Chip& chip) {
    const unsigned input = chip.acknowledge();
    if (&chip == &master_ && asks_slave(input)) {
        master_.drive(CASCADE, false);  // the slave's INT falls with INTA, and rises again if it has more
    }
    return input;
}

// "Interrupt sequence": the master answers, or lets the slave answer.
std::uint8_t Pic::acknowledge_external(TokenSet& tokens) {
    bool spurious = master_.request() == pic::Chip::NONE;
    unsigned input = take(master_);
    std::uint8_t vector = master_.vector(input);
    if (!spurious && asks_slave(input)) {
        spurious = slave_.request() == pic::Chip::NONE;
        input = take(slave_);
        vector = slave_.vector(input);
        input += 8;
    } else if (!spurious && input == CASCADE && slave_.request() != pic::Chip::NONE) {
        tokens.add(tokens_[8U + static_cast<unsigned>(slave_.request())]);  // it still waits at the slave
    }
    if (!spurious) {
        tokens.add(tokens_[input]);
        tokens_[input] = {};
    }
    update();
    return vector;
}

// ---- bus

void Pic::diagnose(Diagnosis::Kind kind, bool write, std::uint32_t port, Size size, std::uint64_t value,
                   std::string_view what) const {
    diagnosis.emit({kind, write, port, size, value, what});
}

std::uint64_t Pic::read(std::uint32_t port, Size size) {
    if (size != Size::B1) {
        diagnose(Diagnosis::Kind::Size, false, port, size, 0, "the 8259 pair is read by bytes");
        return byte_mask(bytes(size));
    }
    std::uint64_t value = 0xff;
    switch (static_cast<Port>(port)) {
        case Port::MasterCommand:
        case Port::MasterData:
            value = master_.read(port % 2 != 0);
            break;
        case Port::SlaveCommand:
        case Port::SlaveData:
            value = slave_.read(port % 2 != 0);
            break;
        case Port::MasterElcr:
            return master_.elcr();
        case Port::SlaveElcr:
            return slave_.elcr();
        default:
            diagnose(Diagnosis::Kind::Undefined, false, port, size, 0, "no port of the 8259 pair");
            return value;
    }
    update();  // a poll acknowledges
    return value;
}

void Pic::write(std::uint32_t port, Size size, std::uint64_t value) {
    if (size != Size::B1) {
        diagnose(Diagnosis::Kind::Size, true, port, size, value, "the 8259 pair is written by bytes");
        return;
    }
    const auto byte = static_cast<std::uint8_t>(value);
    switch (static_cast<Port>(port)) {
        case Port::MasterCommand:
            master_.write_command(byte);
            break;
        case Port::MasterData:
            master_.write_data(byte);
            break;
        case Port::SlaveCommand:
            slave_.write_command(byte);
            break;
        case Port::SlaveData:
            slave_.write_data(byte);
            break;
        case Port::MasterElcr:
            write_elcr(master_, port, ELCR1_WRITABLE, byte);
            break;
        case Port::SlaveElcr:
            write_elcr(slave_, port, ELCR2_WRITABLE, byte);
            break;
        default:
            diagnose(Diagnosis::Kind::Undefined, true, port, size, value, "no port of the 8259 pair");
            return;
    }
    update();
}

void Pic::write_elcr(pic::Chip& chip, std::uint32_t port, std::uint8_t writable, std::uint8_t value) {
    if ((value & ~writable) != 0) {
        diagnose(Diagnosis::Kind::Reserved, true, port, Size::B1, value & ~writable, "this request is always an edge");
    }
    chip.set_elcr(value & writable);
}

std::string Pic::dump() const {
    std::string text;
    for (const pic::Chip* chip : {&master_, &slave_}) {
        text += std::string{chip == &master_ ? "master" : "slave"} + (chip->initialised() ? " " : " not initialised ") +
                chip->dump() + "\n";
    }
    text += "tokens";
    for (unsigned irq = 0; irq < INPUTS; ++irq) {
        text += tokens_[irq] ? " " + std::to_string(irq) + ":" + std::to_string(tokens_[irq].id) : "";
    }
    return text + "\nintr=" + (driven_ ? "1" : "0") + "\n";
}

}  // namespace hldsim
