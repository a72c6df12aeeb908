// SPDX-License-Identifier: Apache-2.0
// I/O APIC: levels of input pins become interrupt messages, as the redirection table says.
//
//   Source      Intel 82093AA datasheet (order 290566); ICH and PCH datasheets; I-n are the rules of
//               models/ioapic/README.md
//   Access      index and data: IOREGSEL selects, IOWIN shows; 4 bytes, aligned; one byte may be written to IOREGSEL
//   Input       an edge, or a level with REMOTE_IRR, by the entry's TRIGGER; active is level XOR INTPOL
//   Output      a posted 4-byte write, `ioapic.pin_to_msg` after the pin; the entry is sampled when the pin asks
//   Reset       every entry masked, edge, 0; nothing on its way; pins keep their levels
//   Deviation:  REMOTE_IRR is set when the message leaves; the serial APIC bus sets it when a local APIC accepts.
//   Deviation:  a pin that asks again while its message is held up (DELIVS = 1) merges with it.
//   Deviation:  an index without a register reads 0; the datasheet does not say, other models give all ones.
//   Deviation:  the bits 55:48 of an entry exist or not for the whole chip, whether or not remapping is on.
#pragma once
#include <cstdint>
#include <ostream>
#include <string>
#include <systemc>
#include <vector>

#include "models/base/timing.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/token.hpp"
#include "models/ioapic/events.hpp"
#include "models/ioapic/profile.hpp"
#include "models/regs/file.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

class Ioapic final : public sc_core::sc_module, public MmioTarget, public InterruptPins, public EoiReceiver {
public:
    /// Bytes that the device decodes: address bits 7:0, all through its page.
    static constexpr std::uint32_t WINDOW = 0x1000;

    Ioapic(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, const IoapicProfile& profile,
           MessagePort& messages, TokenCounter& tokens);

    // ---- bus
    std::uint64_t read(std::uint32_t offset, Size size) override;
    void write(std::uint32_t offset, Size size, std::uint64_t value) override;
    bool sends_as(RequesterId requester) const override { return requester.value == profile_.requester.value; }
    /// An end of interrupt from a local APIC (I-12): every level entry of that vector with REMOTE_IRR.
    void end_of_interrupt(std::uint8_t vector) override;

    // ---- inputs
    /// The level of an input is now that; a pin beyond the last is refused with a diagnosis. The token of an edge that
    /// asks travels with the message; without one the message gets a token of its own.
    void drive(unsigned pin, bool level, Token token) override;

    // ---- reset, in three phases
    void reset_enter();
    void reset_hold() {}
    void reset_exit() {}

    // ---- state, for observers
    unsigned pins() const { return profile_.pins; }
    bool level(unsigned pin) const { return pins_[pin].level; }
    /// The whole entry as software would read it now.
    std::uint64_t entry(unsigned pin) const;
    /// Has a pin asked for a message that has not left?
    bool holds_message() const { return !leaving_.empty(); }
    const IoapicProfile& profile() const { return profile_; }
    /// Which registers there are; the values of some are kept elsewhere.
    const regs::File& registers() const { return file_; }
    void copy_state(StateCopy& s);
    /// The whole state as text; equal texts are equal states.
    std::string dump() const;
    void dump(std::ostream& out) const override { out << dump(); }

    // ---- faults
    /// The next level message of that pin leaves as an edge, so no EOI will come for it (I-23).
    void fault_level_as_edge(unsigned pin) {
        touch();
        level_as_edge_ = static_cast<int>(pin);
    }

    // ---- observations
    sim::Probe<HopReached> hop;  // Posted when the message leaves; Matched too for a token of its own
    sim::Probe<ioapic::PinMoved> pin_moved;
    sim::Probe<ioapic::EdgeLost> edge_lost;
    sim::Probe<ioapic::EntrySent> entry_sent;
    sim::Probe<ioapic::EntryChanged> entry_changed;
    sim::Probe<regs::Diagnosis> diagnosis;

private:
    struct Pin {
        bool level = false;
        Token token;                     // of the last rise, until a message takes it
        Source source = Source::Ioapic;  // of what drives the pin: a message that is sent again is its, too
    };
    struct Leaving {
        Instant ready;  // DELIVS reads 1 from here on
        unsigned pin = 0;
        bool level = false;
        MessageWrite message;
    };
    static constexpr int NO_PIN = -1;
    static constexpr int ANY_PIN = -2;
    using Slot = regs::File::Slot;

    // registers (registers.cpp)
    void shape_registers();
    std::uint32_t indexed_offset() const;
    std::uint64_t read_indexed();
    void write_indexed(std::uint64_t value);
    void write_entry(unsigned pin, const regs::File::Location& at, std::uint64_t value);
    void set_entry(unsigned pin, std::uint64_t after);
    void check_entry(unsigned pin, std::uint64_t value) const;
    std::uint64_t rte(unsigned pin) const { return file_.value(static_cast<Slot>(rte_slot_ + pin)); }
    void misuse(unsigned pin, std::uint64_t value, std::string_view what) const;

    // pins and messages (ioapic.cpp)
    bool active(unsigned pin, std::uint64_t rte) const;
    void evaluate_level(unsigned pin);
    void request(unsigned pin, bool level);
    MessageWrite message_of(unsigned pin, Token token) const;
    Token token_for(Pin& pin);
    bool being_sent(unsigned pin) const;
    bool held_up(unsigned pin) const;
    void on_leave();
    void arm();
    void clear_state();
    void touch() { pristine_ = false; }

    sim::Timeline& timeline_;
    const Timing& timing_;
    IoapicProfile profile_;
    MessagePort& messages_;
    TokenCounter& tokens_;
    regs::File file_;
    Slot select_slot_, eoi_slot_, id_slot_, arb_slot_, rte_slot_;

    std::vector<Pin> pins_;
    std::vector<Leaving> leaving_;  // by (ready, pin)
    Instant last_left_;
    bool sent_before_ = false;
    int level_as_edge_ = NO_PIN;
    bool pristine_ = true;  // nothing has changed since the reset: resetting and copying cost nothing
    sim::Alarm leave_;
};

}  // namespace hldsim
