// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/msi.hpp"

namespace hldsim::msi {

namespace {

constexpr std::uint64_t VECTOR_FIRST = 0x10;
constexpr std::uint64_t VECTOR_LAST = 0xfe;

class Decoder {
public:
    Decoder(std::uint64_t address, std::uint32_t data, const FabricProfile& profile)
        : address_{address}, data_{data}, profile_{profile} {}

    Decoded decode();

private:
    void complain(Fault fault, bool when = true) {
        if (when && fault_ == Fault::None) {
            fault_ = fault;
        }
    }
    void destination();
    void redirection();
    bool delivery();

    std::uint64_t address_;
    std::uint32_t data_;
    const FabricProfile& profile_;
    InterruptMessage message_;
    Fault fault_ = Fault::None;
};

Decoded Decoder::decode() {
    if (!is_interrupt_address(address_)) {
        return {std::nullopt, Fault::NotAnInterruptAddress};
    }
    if (FORMAT.get(address_) != 0) {
        complain(Fault::FormatBitSet);
        if (profile_.format1_without_ir == FormatBit::Drop) {
            return {std::nullopt, fault_};
        }
    }
    destination();
    complain(Fault::ReservedDataBits, (data_ & DATA_RESERVED) != 0);
    if (!delivery()) {
        return {std::nullopt, Fault::ReservedDeliveryMode};
    }
    redirection();
    return {message_, fault_};
}

void Decoder::destination() {
    message_.destination = static_cast<std::uint32_t>(DESTINATION.get(address_));
    // M-6: the addressing mode counts whatever RH is, as on real parts.
    message_.logical = DESTINATION_MODE.get(address_) != 0;
    const std::uint64_t extended = EXTENDED_DESTINATION.get(address_);
    if (extended == 0) {
        return;
    }
    if (profile_.extended_destination_id) {
        message_.destination |= static_cast<std::uint32_t>(extended) << DESTINATION.width();
        message_.wide = true;
    } else {
        complain(Fault::ReservedAddressBits);
    }
}

// Delivery mode, vector and trigger. False: the mode is reserved in a message.
bool Decoder::delivery() {
    const std::uint64_t vector = VECTOR.get(data_);
    message_.mode = delivery_mode(data_, profile_.delivery_encoding);
    message_.vector = static_cast<std::uint8_t>(vector);
    switch (message_.mode) {
        case DeliveryMode::Fixed:
        case DeliveryMode::LowestPriority:
            complain(Fault::VectorOutOfRange, vector < VECTOR_FIRST || vector > VECTOR_LAST);
            message_.level = TRIGGER_MODE.get(data_) != 0;
            message_.assert_ = !message_.level || LEVEL.get(data_) != 0;
            return true;
        case DeliveryMode::Smi:
            complain(Fault::SmiVectorNotZero, vector != 0);
            return true;
        case DeliveryMode::Nmi:   // edge whatever TM says: M-3
        case DeliveryMode::Init:  // M-4
        case DeliveryMode::ExtInt:
            return true;
        case DeliveryMode::Sipi:
            break;
    }
    return false;
}

void Decoder::redirection() {
    if (REDIRECTION_HINT.get(address_) == 0) {
        return;
    }
    if (!message_.logical) {
        complain(Fault::RedirectionToBroadcast, message_.destination == BROADCAST);
        return;  // LAPIC-9: without logical destination mode the hint says nothing
    }
    // M-3, M-7: an NMI (and what else is not arbitrated) goes to every CPU of the set.
    message_.redirection_hint = message_.mode == DeliveryMode::Fixed || message_.mode == DeliveryMode::LowestPriority;
}

}  // namespace

DeliveryMode delivery_mode(std::uint32_t data, DeliveryEncoding encoding) {
    constexpr DeliveryMode NONE = DeliveryMode::Sipi;
    constexpr DeliveryMode HYPERTRANSPORT[] = {DeliveryMode::Fixed,  DeliveryMode::LowestPriority,
                                               DeliveryMode::Smi,    DeliveryMode::Nmi,
                                               DeliveryMode::Init,   NONE,
                                               DeliveryMode::ExtInt, NONE};
    const std::uint64_t code = DELIVERY_MODE.get(data);
    if (encoding == DeliveryEncoding::Hypertransport) {
        return HYPERTRANSPORT[code];
    }
    return code == 3 ? NONE : static_cast<DeliveryMode>(code);
}

Decoded decode(std::uint64_t address, std::uint32_t data, const FabricProfile& profile) {
    return Decoder{address, data, profile}.decode();
}

// VT-d 5.10, 3.15: an interrupt message is a write of 4 bytes. Of another size it is blocked, whatever it says.
Decoded decode(const MessageWrite& write, const FabricProfile& profile) {
    if (is_interrupt_address(write.address) && write.size != Size::B4) {
        return {std::nullopt, Fault::NotFourBytes};
    }
    Decoded decoded = decode(write.address, write.data, profile);
    if (decoded.message) {
        decoded.message->token = write.token;
    }
    return decoded;
}

const char* text(Fault fault) {
    switch (fault) {
        case Fault::None:
            return "nothing is wrong";
        case Fault::NotAnInterruptAddress:
            return "not an interrupt address (FEEx_xxxxh)";
        case Fault::FormatBitSet:
            return "address bit 4 (remappable format) is set and nothing remaps";
        case Fault::ReservedAddressBits:
            return "reserved address bits 11:5 are set";
        case Fault::ReservedDataBits:
            return "reserved data bits 31:16 or 13:11 are set";
        case Fault::ReservedDeliveryMode:
            return "reserved delivery mode: dropped";
        case Fault::VectorOutOfRange:
            return "vector outside 10h..FEh";
        case Fault::SmiVectorNotZero:
            return "an SMI whose vector is not 0";
        case Fault::RedirectionToBroadcast:
            return "redirection hint with physical destination FFh";
        case Fault::NotFourBytes:
            return "not a 4-byte write: no interrupt";
        case Fault::WithPasid:
            return "a write with a PASID: no interrupt";
        case Fault::Misaligned:
            return "address bits 1:0 are set where 0 is expected: ignored (SDM vol. 3A, 10.11.1)";
    }
    return "unknown";
}

}  // namespace hldsim::msi
