// SPDX-License-Identifier: Apache-2.0
// The chipset's NMI: two reasons, one line, ports 61h and 70h.
//
//   Source      Intel ICH6 to ICH10 datasheets, NMI_SC and NMI_EN; CPU-22, CPU-23
//   Reasons     SERR# and IOCHK#, latched until software writes 1 and then 0 to their bit
//   Line        active while a reason is latched and port 70h, bit 7, is 0; it ends at LINT1 of every local APIC
//   Reset       port 70h: 80h, the line is held until firmware clears bit 7
//   Not here    NMIs that are messages: an HPET's, an IPI or a performance counter's never shows in port 61h (CPU-22)
//   Access      1 byte; anything else reads all ones, writes nothing and is diagnosed
#pragma once
#include <cstdint>
#include <ostream>
#include <string>
#include <systemc>

#include "models/chipset/profile.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/token.hpp"
#include "models/regs/file.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

namespace chipset {

/// NMI# has changed.
struct OutputMoved {
    Instant at;
    bool level = false;
};

}  // namespace chipset

class NmiControl final : public sc_core::sc_module, public MmioTarget {
public:
    static constexpr std::uint32_t STATUS_PORT = 0x61;
    static constexpr std::uint32_t ENABLE_PORT = 0x70;

    /// NMI# is input 1 of `output`.
    NmiControl(sc_core::sc_module_name name, sim::Timeline& timeline, const ChipsetProfile& profile,
               SpeakerTimer& timer, InterruptPins& output, TokenCounter& tokens);

    // ---- bus: the offset is the number of the port
    std::uint64_t read(std::uint32_t port, Size size) override;
    void write(std::uint32_t port, Size size, std::uint64_t value) override;

    // ---- the reasons
    /// Somebody asserts SERR#, or IOCHK#, now. Where port 61h holds the reason off, or still shows the one before, that
    /// is diagnosed and has no effect.
    void assert_serr() { latch(serr_, Source::Serr); }
    void assert_iochk() { latch(iochk_, Source::Iochk); }

    // ---- reset, in three phases
    void reset_enter();
    void reset_hold() { update(); }
    void reset_exit() {}

    bool output() const { return driven_; }
    void copy_state(StateCopy& s) { s(control_, serr_, iochk_, disabled_, driven_); }
    std::string dump() const;
    void dump(std::ostream& out) const override { out << dump(); }

    sim::Probe<chipset::OutputMoved> output_moved;
    sim::Probe<HopReached> hop;  // Matched: a reason is latched
    sim::Probe<regs::Diagnosis> diagnosis;

private:
    struct Reason {
        bool latched = false;
        Token token;
    };

    void latch(Reason& reason, Source source);
    bool enabled(const Reason& reason) const;
    void update();
    void write_status(std::uint8_t value);
    void diagnose(regs::Diagnosis::Kind kind, bool write, std::uint32_t port, Size size, std::uint64_t value,
                  std::string_view what) const;

    sim::Timeline& timeline_;
    ChipsetProfile profile_;
    SpeakerTimer& timer_;
    InterruptPins& output_;
    TokenCounter& tokens_;
    std::uint8_t control_ = 0;  // bits 3:0 of port 61h
    Reason serr_;
    Reason iochk_;
    bool disabled_ = true;
    bool driven_ = false;
};

}  // namespace hldsim
