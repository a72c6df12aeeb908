// SPDX-License-Identifier: Apache-2.0
// The 8259A pair of a PC: sixteen interrupt requests, one INTR line, vectors by INTA.
//
//   Source      Intel 8259A datasheet (order 231468); ELCR: ICH datasheets
//   Ports       20h, 21h master; A0h, A1h slave, on the master's input 2; 4D0h, 4D1h edge or level
//   Access      1 byte; anything else reads all ones, writes nothing and is diagnosed
//   Latency     none: INTR is a function of the inputs and the registers
//   Reset       neither chip is initialised: INTR is low whatever the inputs do; inputs keep their levels
//   Deviation:  an 8259A in MCS-80 mode (ICW4 without UPM) answers INTA as in 8086 mode.
//   Deviation:  with automatic EOI INTR stays high over INTA if a second request waits: no new edge for an I/O APIC.
//   Deviation:  INTA is one event: an input that falls between its two pulses is not modelled.
#pragma once
#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <systemc>

#include "models/fabric/ports.hpp"
#include "models/fabric/token.hpp"
#include "models/pic/chip.hpp"
#include "models/pic/profile.hpp"
#include "models/regs/file.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

namespace pic {

/// INTR has changed.
struct OutputMoved {
    Instant at;
    bool level = false;
};

}  // namespace pic

class Pic final : public sc_core::sc_module, public MmioTarget, public InterruptPins, public InterruptAcknowledge {
public:
    static constexpr unsigned INPUTS = 16;
    static constexpr unsigned CASCADE = 2;  // the slave's output stands on this input

    /// INTR is input 0 of `output`.
    Pic(sc_core::sc_module_name name, sim::Timeline& timeline, const PicProfile& profile, InterruptPins& output);

    // ---- bus: the offset is the number of the port
    std::uint64_t read(std::uint32_t port, Size size) override;
    void write(std::uint32_t port, Size size, std::uint64_t value) override;

    // ---- inputs: IRQ 0 to 15 without 2
    void drive(unsigned irq, bool level, Token token) override;

    // ---- the processor
    std::uint8_t acknowledge_external(TokenSet& tokens) override;

    // ---- reset, in three phases
    void reset_enter();
    void reset_hold() { update(); }
    void reset_exit() {}

    bool output() const { return driven_; }
    void copy_state(StateCopy& s);
    /// The whole state as text; equal texts are equal states.
    std::string dump() const;
    void dump(std::ostream& out) const override { out << dump(); }

    sim::Probe<pic::OutputMoved> output_moved;
    sim::Probe<regs::Diagnosis> diagnosis;

private:
    enum class Port : std::uint16_t {
        MasterCommand = 0x20,
        MasterData = 0x21,
        SlaveCommand = 0xa0,
        SlaveData = 0xa1,
        MasterElcr = 0x4d0,
        SlaveElcr = 0x4d1
    };

    bool asks_slave(unsigned input) const;
    unsigned take(pic::Chip& chip);
    void update();
    void diagnose(regs::Diagnosis::Kind kind, bool write, std::uint32_t port, Size size, std::uint64_t value,
                  std::string_view what) const;
    void write_elcr(pic::Chip& chip, std::uint32_t port, std::uint8_t writable, std::uint8_t value);

    sim::Timeline& timeline_;
    InterruptPins& output_;
    pic::Chip master_;
    pic::Chip slave_;
    std::array<Token, INPUTS> tokens_{};  // of the last rise of each input, until it is acknowledged
    bool driven_ = false;
};

}  // namespace hldsim
