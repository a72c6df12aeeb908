// SPDX-License-Identifier: Apache-2.0
// The 8254 of a PC: counter 0 is the tick on IRQ 0, counter 1 was the refresh, counter 2 the speaker's.
//
//   Source      Intel 8254 datasheet (order 231164)
//   Clock       14.31818 MHz / 12, exactly 105/88 MHz; a write accepted at t acts with the first pulse after t
//   Ports       40h to 42h counters, 43h control word
//   Access      1 byte; anything else reads all ones, writes nothing and is diagnosed
//   Gates       of counters 0 and 1 tied high; of counter 2 port 61h's
//   Reset       as at power-on: no control word, outputs low, nothing counts
//   Deviation:  at power-on a chip's counters and outputs are undefined; here all are 0.
#pragma once
#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <systemc>

#include "models/base/clock_domain.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/token.hpp"
#include "models/pit/counter.hpp"
#include "models/regs/file.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

namespace pit {

/// OUT of counter 0 has changed.
struct OutputMoved {
    Instant at;
    bool level = false;
};

}  // namespace pit

class Pit final : public sc_core::sc_module, public MmioTarget, public SpeakerTimer {
public:
    static constexpr unsigned COUNTERS = 3;
    static constexpr std::uint32_t FIRST_PORT = 0x40;
    static constexpr Hertz CLOCK{105'000'000, 88};

    /// OUT 0 is input 0 of `output`.
    Pit(sc_core::sc_module_name name, sim::Timeline& timeline, InterruptPins& output, TokenCounter& tokens);

    // ---- bus: the offset is the number of the port
    std::uint64_t read(std::uint32_t port, Size size) override;
    void write(std::uint32_t port, Size size, std::uint64_t value) override;

    // ---- port 61h
    void gate2(bool level) override;
    bool output2() override;

    // ---- reset, in three phases
    void reset_enter();
    void reset_hold() { drive(); }
    void reset_exit() {}

    /// When OUT 0 changes by itself next.
    Instant next_change() const { return change_.due(); }
    void copy_state(StateCopy& s);
    /// The whole state as text, as of the last pulse; equal texts are equal states.
    std::string dump() const;
    void dump(std::ostream& out) const override { out << dump(); }

    sim::Probe<pit::OutputMoved> output_moved;
    sim::Probe<HopReached> hop;  // Matched: OUT 0 rises
    sim::Probe<regs::Diagnosis> diagnosis;

private:
    struct Channel {
        pit::Counter counter;
        std::uint64_t pulses = 0;  // that it has been told

        void copy_state(StateCopy& s) { s(counter, pulses); }
    };

    pit::Counter& counter_now(unsigned n);
    std::uint64_t pulses_by(Instant t) const;
    void write_control(std::uint8_t word);
    void drive();
    void arm();
    void on_change();
    void diagnose(regs::Diagnosis::Kind kind, bool write, std::uint32_t port, Size size, std::uint64_t value,
                  std::string_view what) const;

    sim::Timeline& timeline_;
    InterruptPins& output_;
    TokenCounter& tokens_;
    ClockDomain clock_ = ClockDomain::of_frequency(CLOCK);
    std::array<Channel, COUNTERS> channels_{};
    bool driven_ = false;
    sim::Alarm change_;
};

}  // namespace hldsim
