// SPDX-License-Identifier: Apache-2.0
// The event log and the unit's own interrupt: 48882, 2.5.
#include "models/amdvi/amdvi.hpp"

namespace hldsim {

using amdvi::EventCode;
using amdvi::Recorded;

namespace {

constexpr std::uint64_t EVENT_BYTES = 16;

}  // namespace

// AMDVI-10. A full log has one entry free.
Amdvi::Logged Amdvi::log(EventCode code, std::uint64_t low, std::uint64_t high) {
    Logged logged;
    const std::uint64_t bytes = ring_entries(event_base_) * EVENT_BYTES;
    const std::uint64_t tail = value(event_tail_) % bytes;
    const std::uint64_t next = (tail + EVENT_BYTES) % bytes;
    if (!status(amdvi::status::EVENT_LOG_RUN)) {
        logged.recorded = Recorded::NotLogging;
    } else if (next == value(event_head_) % bytes) {
        logged.recorded = Recorded::Overflowed;
        set_status(amdvi::status::EVENT_LOG_RUN, false);
        raise(amdvi::status::EVENT_OVERFLOW, amdvi::control::EVENT_INT_EN);
    } else {
        logged.position = static_cast<std::uint32_t>(tail / EVENT_BYTES);
        const std::uint64_t words[2] = {amdvi::event::CODE.set(low, static_cast<std::uint64_t>(code)), high};
        // A posted write: that it leads nowhere nobody tells the unit, which goes on.
        if (!memory_.write((value(event_base_) & amdvi::ring::BASE.mask()) + tail, words, sizeof(words))) {
            logged.recorded = Recorded::NoMemory;
            found(event_base_, "an event is written where no memory is");
        }
        file_.set_value(event_tail_, next);
        raise(amdvi::status::EVENT_LOG_INT, amdvi::control::EVENT_INT_EN);
    }
    return logged;
}

// AMDVI-11: where the bit was 1 already nothing new is sent.
void Amdvi::raise(Bits condition, Bits enable) {
    const bool first = !status(condition);
    set_status(condition, true);
    if (first && active(enable)) {
        send_interrupt();
    }
}

void Amdvi::send_interrupt() {
    std::optional<InterruptMessage> message = own_message();
    if (!message) {
        return;
    }
    message->token = tokens_.next(Source::Remapper);
    hop.emit({message->token, Hop::Matched, timeline_.now()});
    hop.emit({message->token, Hop::Posted, timeline_.now()});
    interrupt_accepted_ = output().deliver(*message);
    interrupt_sent.emit({*message, timeline_.now()});
}

// Never through a table: the unit is under no unit.
std::optional<InterruptMessage> Amdvi::own_message() const {
    using namespace amdvi::own_interrupt;
    if (active(amdvi::control::INT_CAP_XT_EN)) {
        const std::uint64_t held = value(xt_int_ctrl_);
        InterruptMessage message;
        message.wide = true;
        message.destination = static_cast<std::uint32_t>(XT_DEST_LO.get(held) | XT_DEST_HI.get(held) << 24U);
        message.logical = XT_DEST_MODE.get(held) != 0;
        message.mode = XT_DM.get(held) != 0 ? DeliveryMode::LowestPriority : DeliveryMode::Fixed;
        message.vector = static_cast<std::uint8_t>(XT_VECTOR.get(held));
        return message;
    }
    if (MSI_EN.get(value(msi_cap_)) == 0) {
        return {};
    }
    const std::uint64_t address = value(msi_high_) << 32U | value(msi_low_);
    const auto decoded = msi::decode(address, static_cast<std::uint32_t>(value(msi_data_)), compatibility_);
    if (!decoded.message) {
        found(msi_low_, "the unit's own interrupt is lost: MSI address and data make none");
    }
    return decoded.message;
}

}  // namespace hldsim
