// SPDX-License-Identifier: Apache-2.0
// High Precision Event Timer: one free-running main counter and its comparators ("timers").
//
//   Source      IA-PC HPET Specification 1.0a (October 2004); H-n are the rules of models/hpet/README.md
//   Clock       one domain, COUNTER_CLK_PERIOD fs a tick; every match happens on an edge of it, at its femtosecond
//   Access      4 or 8 bytes, naturally aligned; anything else reads all ones, writes nothing and is diagnosed
//   Interrupt   a posted 4-byte write when Tn_FSB_EN_CNF = 1, match_to_msi after the match; else an I/O APIC input
//   Reset       main counter 0 and halted; comparators all ones; lines low; nothing in flight
//   Deviation:  a register of an absent timer reads 0 and is diagnosed; on chips the value is undetermined.
//   Deviation:  timers 24 to 31 lie beyond the 1 KiB block of the specification, which has no room for them.
//   Deviation:  with split64 a read samples both halves of every register but MAIN_CNT at once.
//   Deviation:  a match whose message has not left at a reset is dropped with it.
#pragma once
#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <systemc>
#include <vector>

#include "models/base/choice.hpp"
#include "models/base/duration.hpp"
#include "models/base/limits.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/token.hpp"
#include "models/hpet/clock.hpp"
#include "models/hpet/comparator.hpp"
#include "models/hpet/events.hpp"
#include "models/hpet/profile.hpp"
#include "models/regs/file.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

class Hpet final : public sc_core::sc_module, public MmioTarget {
public:
    /// I/O APIC inputs of legacy replacement (H-32): wired to the 8259's IRQ 0 and IRQ 8 by the machine.
    static constexpr unsigned LEGACY_INPUT[] = {2, 8};

    Hpet(sc_core::sc_module_name name, sim::Timeline& timeline, const HpetProfile& profile, MessagePort& messages,
         InterruptPins& pins, TokenCounter& tokens, ChoiceSource& choices);

    // ---- bus
    std::uint64_t read(std::uint32_t offset, Size size) override;
    void write(std::uint32_t offset, Size size, std::uint64_t value) override;
    /// With read_flushes_match (H-39) not before the messages of all earlier matches have left.
    Instant completion_may_leave(Instant now) override;
    bool sends_as(RequesterId requester) const override;

    // ---- reset, in three phases
    /// Own state only: cancels every alarm, drives nothing, posts nothing.
    void reset_enter();
    /// Lets go of the lines that were driven.
    void reset_hold();
    void reset_exit() {}

    // ---- state, for observers: nothing here changes anything
    /// The main counter at the current instant.
    std::uint64_t main_counter() const;
    /// The whole register at that offset as software would read it now, without side effect or diagnosis.
    std::uint64_t peek(std::uint32_t offset) const;
    /// LEG_RT_CNF: the 8254 and the RTC's periodic interrupt are disconnected, but for a knob (H-32).
    bool replaces_legacy() const;
    /// All that the HPET would still do by itself: for each enabled timer its next match, and messages on their way.
    std::vector<hpet::ArmedMatch> armed() const;
    void copy_state(StateCopy& s);
    /// The whole state as text; equal texts are equal states.
    std::string dump() const;
    void dump(std::ostream& out) const override { out << dump(); }
    const HpetProfile& profile() const { return profile_; }
    /// Which registers there are; the values of some are kept elsewhere.
    const regs::File& registers() const { return file_; }
    const hpet::Clock& clock() const { return clock_; }
    /// Bytes that the device decodes.
    std::uint32_t window() const { return profile_.timers.size() > 24 ? 0x500 : 0x400; }

    // ---- faults (from outside, at the current instant)
    /// The next TIMn_COMP write becomes effective that many edges later than it would (H-12).
    void fault_comparator_late(Ticks ticks) { comparator_late_ = ticks.count; }
    /// Firmware clears ENABLE_CNF, or sets it again.
    void fault_enable(bool on);
    /// The package is in C10: the main counter stops there if halts_in_pc10 (H-38).
    void package_c10(bool inside);

    // ---- observations
    sim::Probe<hpet::TimerMatched> matched;
    sim::Probe<HopReached> hop;  // Matched at the edge, Posted when the message leaves
    sim::Probe<hpet::RegisterWritten> register_written;
    sim::Probe<regs::Diagnosis> diagnosis;

private:
    struct Timer {
        hpet::Comparator comparator;
        std::uint64_t next = hpet::Clock::NEVER;  // number of the edge of its next match
        std::uint64_t stale = 0;                  // what TIMn_COMP still reads (H-12)
        unsigned stale_reads = 0;
        Instant accumulator_written = Instant::never();
        bool latched = false;  // a match while disabled, with latch_while_disabled
        int line = NO_INPUT;   // the input that its level holds active
        int pulse = NO_INPUT;  // the input that its pulse holds active
        Instant pulse_end;
        Token token;  // of the match that made the status bit
    };
    struct InFlight {
        Instant leaves;
        unsigned timer = 0;
        MessageWrite message;
    };
    struct SplitWrite {
        bool pending = false;
        std::uint32_t offset = 0;
        std::uint64_t value = 0;
    };
    static constexpr int NO_INPUT = -1;
    static constexpr unsigned INPUTS = 32;  // Tn_INT_ROUTE_CNF has 5 bits
    using Slot = regs::File::Slot;

    // setting up (hpet.cpp)
    void shape_registers();
    void shape_timer(unsigned n);
    void clear_state();

    // time and matches (hpet.cpp)
    std::uint64_t edges_seen() const;
    std::uint64_t count_at(std::uint64_t edge) const;
    bool counting() const { return running_ && !stopped_in_c10_; }
    void set_counting(bool running, bool stopped_in_c10, std::uint64_t sync_edges);
    void begin_access(bool write);
    bool edge_waits();
    void on_edge();
    void on_late();
    void take_edge(std::uint64_t edge);
    std::uint64_t next_match(const Timer& timer, std::uint64_t conf, std::uint64_t edge) const;
    std::uint64_t next_equal(const Timer& timer, std::uint64_t value, std::uint64_t edge) const;
    bool match_matters(unsigned n) const;
    void arm_timer(unsigned n);
    void arm_all();
    void schedule();

    // registers (registers.cpp)
    std::uint64_t conf(unsigned n) const { return file_.value(static_cast<Slot>(conf_slot_ + n)); }
    std::uint64_t whole_value(Slot slot) const;
    std::uint64_t main_counter_halves(std::uint64_t lanes) const;
    void write_half(std::uint32_t offset, Size size, std::uint64_t value);
    void flush_split();
    void write_general(const regs::File::Location& at, std::uint64_t value);
    void tell_legacy();
    void write_status(const regs::File::Location& at, std::uint64_t value);
    void write_counter(const regs::File::Location& at, std::uint64_t value);
    void write_conf(unsigned n, const regs::File::Location& at, std::uint64_t value);
    std::uint64_t settled_conf(unsigned n, std::uint64_t before, std::uint64_t after);
    /// Did it load the period, and nothing else?
    bool write_comparator(unsigned n, const regs::File::Location& at, std::uint64_t value);
    void load_comparator(unsigned n, std::uint64_t value);
    void misuse(std::uint32_t offset, std::uint64_t value, std::string_view what) const;

    // interrupts (interrupts.cpp)
    std::uint64_t status() const { return file_.value(status_slot_); }
    void set_status(std::uint64_t bits) { file_.set_value(status_slot_, bits); }
    hpet::Outlet outlet(unsigned n) const;
    unsigned input_of(unsigned n) const;
    bool input_allowed(unsigned n) const;
    void interrupt(unsigned n, Instant at, std::uint64_t edge);
    void report_match(unsigned n, Instant at, hpet::Outlet outlet, Token token) const;
    void send(unsigned n, Instant at, std::uint64_t edge, Token token);
    MessageWrite message_of(unsigned n, Token token) const;
    void on_leave();
    void start_pulse(unsigned n, std::uint64_t edge, Token token);
    void end_pulses();
    void update_line(unsigned n);
    void update_lines();
    void hold_input(int input, Token token);
    void release_input(int input);
    void drive_lines();

    sim::Timeline& timeline_;
    HpetProfile profile_;
    MessagePort& messages_;
    InterruptPins& pins_;
    TokenCounter& tokens_;
    ChoiceSource& choices_;
    hpet::Clock clock_;
    regs::File file_;
    Slot general_slot_, status_slot_, counter_slot_, conf_slot_, comparator_slot_, route_slot_;

    // The main counter is base_ + edges after anchor_ while it counts, else base_.
    std::uint64_t base_ = 0;
    std::uint64_t anchor_ = 0;
    std::uint64_t counter_mask_;
    bool running_ = false;
    bool stopped_in_c10_ = false;

    std::vector<Timer> timers_;
    std::uint32_t live_ = 0;  // bit n: timer n's next match can have an effect
    std::uint64_t comparator_late_ = 0;
    SplitWrite split_;

    // A tie of an edge and an access (H-36): the edge that has been put first, or that waits behind the access.
    std::uint64_t decided_edge_ = hpet::Clock::NEVER;
    bool access_first_ = false;

    std::vector<InFlight> in_flight_;
    // Each input is high while somebody holds it; driven_ is what the pins were told.
    std::array<std::uint8_t, INPUTS> holders_{};
    std::array<Token, INPUTS> input_token_{};
    std::uint32_t held_ = 0;
    std::uint32_t driven_ = 0;
    unsigned guarded_reads_ = 0;  // that still give all ones
    bool legacy_told_ = false;    // as driven_: are the 8254 and the RTC disconnected, as far as the pins know

    sim::Alarm edge_;  // before pulse_end_: at one instant a match prolongs a pulse
    sim::Alarm pulse_end_;
    sim::Alarm leave_;
    sim::Alarm late_;
    sim::Alarm second_half_;
};

}  // namespace hldsim
