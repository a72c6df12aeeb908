// SPDX-License-Identifier: Apache-2.0
// Local APIC of one CPU: xAPIC and x2APIC, messages and IPIs, local interrupts, the timer.
//
//   Source      Intel SDM volume 3A, chapter 10 (APIC); rules LAPIC-1 to LAPIC-43 of models/lapic/README.md
//   Clocks      count-down: core crystal (or the profile's clock) through the divider; deadline: TSC
//   Access      xAPIC: 32 bits at multiples of 16 in the page; x2APIC: MSRs 800h..8FFh; 1Bh and 6E0h in every mode
//   Latency     `lapic.accept` from the arrival of a message, or a local event, to the CPU's latch or IRR
//   ExtINT      by message or by LINT0: before the APIC's own vectors, and the vector comes from the 8259 by INTA
//   Reset       software-disabled xAPIC at FEE0_0000h
//   Deviation:  a store to the page acts in program order, but for one that selects TSC-deadline mode: WRMSR of
//               IA32_TSC_DEADLINE overtakes it where no fence is between them (LAPIC-35, models/cpu).
//   Deviation:  an IPI to self by shorthand does not use the bus: it costs `lapic.accept` alone.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <systemc>
#include <vector>

#include "models/base/timing.hpp"
#include "models/fabric/ports.hpp"
#include "models/lapic/events.hpp"
#include "models/lapic/msrs.hpp"
#include "models/lapic/profile.hpp"
#include "models/lapic/registers.hpp"
#include "models/lapic/timer.hpp"
#include "models/lapic/vectors.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

namespace lapic {

enum class Mode : std::uint8_t { Disabled, Xapic, X2apic };
enum class Lvt : std::uint8_t { Timer2, Cmci, Timer, Thermal, Pmi, Lint0, Lint1, Error };
constexpr std::size_t LVTS = 8;

}  // namespace lapic

class Lapic final : public sc_core::sc_module,
                    public MessageReceiver,
                    public InterruptController,
                    public LapicRegisters,
                    public LocalInterrupts {
public:
    /// `id` is the hardware's: all of it in x2APIC mode, its low 8 bits in xAPIC mode. `boot`: the boot CPU's.
    Lapic(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, const LapicProfile& profile,
          CpuNumber cpu, ApicId id, bool boot, IpiPort& bus, TokenCounter& tokens);
    /// The CPU behind; before the first reset.
    void connect(CpuEvents& cpu) { core_ = &cpu; }
    /// The 8259 that answers INTA; without one an ExtINT message is refused.
    void connect(InterruptAcknowledge& external) { external_ = &external; }

    // ---- the bus
    bool matches(const InterruptMessage& message) const override;
    void receive(const InterruptMessage& message) override;
    std::uint8_t processor_priority() const override { return vectors_.ppr(); }

    // ---- the CPU
    std::uint8_t acknowledge(TokenSet& tokens) override;
    void init_reset() override;
    void core_sleeps_deeply(bool asleep) override;
    void time_stamp_changed(const TimeStamp& tsc) override { deadline_.compare_with(tsc); }
    std::uint64_t page() const override { return page_; }
    std::uint64_t mmio_read(std::uint32_t offset, Size size) override;
    void mmio_write(std::uint32_t offset, Size size, std::uint64_t value) override;
    bool rdmsr(std::uint32_t msr, std::uint64_t& value) override;
    bool wrmsr(std::uint32_t msr, std::uint64_t value) override;
    /// CR8: the task priority class.
    std::uint8_t cr8() const { return vectors_.tpr() >> 4; }
    void set_cr8(std::uint8_t task_class);
    /// Disabled: IA32_APIC_BASE.EN is 0, and CPUID.1:EDX.APIC with it.
    lapic::Mode mode() const { return mode_; }
    /// Is there a register at this offset on this processor, in some mode?
    bool implements(std::uint32_t offset) const;

    // ---- pins and local events
    /// Levels as driven; an NMI through a pin carries the token of its source (8254, SERR#, IOCHK#) if it has one.
    void lint0(bool level, Token token = {}) { drive(0, level, token); }
    void lint1(bool level, Token token = {}) { drive(1, level, token); }
    void performance_counter_overflowed() override { local_event(lapic::Lvt::Pmi, Source::Perf); }
    void thermal_event() { local_event(lapic::Lvt::Thermal, Source::None); }
    void corrected_machine_check() { local_event(lapic::Lvt::Cmci, Source::None); }

    // ---- faults
    /// LAPIC-37: the timer's interrupt comes although its LVT entry is masked.
    void fire_after_mask(bool on);

    // ---- reset, in three phases
    void reset_enter();
    void reset_hold();
    void reset_exit() {}

    // ---- state
    void copy_state(StateCopy& s);
    std::string dump() const;
    void dump(std::ostream& to) const override { to << dump(); }

    // ---- observations
    sim::Probe<HopReached> hop;  // of messages from Accepted on; of the APIC's own interrupts from Matched on
    sim::Probe<lapic::AccessDiagnosed> access_diagnosed;
    sim::Probe<lapic::InterruptDiscarded> interrupt_discarded;
    sim::Probe<lapic::VectorAccepted> vector_accepted;

private:
    struct Arrival {
        Instant due;
        InterruptMessage message;
        bool wake_only = false;
        std::optional<lapic::Lvt> sent_by = {};
    };
    struct VectorToken {
        std::uint8_t vector = 0;
        Token token;
    };

    // acceptance (lapic.cpp)
    bool enabled() const { return mode_ != lapic::Mode::Disabled && (svr_ & lapic::svr::ENABLE) != 0; }
    void enter_pipeline(const InterruptMessage& message, bool wake_only = false,
                        std::optional<lapic::Lvt> sent_by = {});
    void accept_due();
    void accept(const Arrival& arrival);
    void accept_vector(const Arrival& arrival);
    void discard(const InterruptMessage& message, lapic::DiscardReason reason);
    void accept_external(const InterruptMessage& message);
    bool external_pending() const { return external_ != nullptr && (external_interrupt_ || external_latched_); }
    void update_request();
    void emit_hop(Token token, Hop reached, DeliveryMode mode) const;
    void set_registers_to_reset();
    void identify();

    // mode and MSRs, registers (registers.cpp)
    bool write_apic_base(std::uint64_t value);
    void enter_mode(lapic::Mode mode);
    std::uint64_t apic_base() const;
    bool exists(std::uint32_t offset) const;
    std::uint32_t read_register(std::uint32_t offset) const;
    void write_register(std::uint32_t offset, std::uint32_t value);
    void write_svr(std::uint32_t value);
    void write_divide(std::uint32_t value);
    void end_of_interrupt();
    bool wrmsr_x2apic(std::uint32_t offset, std::uint64_t value);
    bool x2apic_accepts(std::uint32_t offset, std::uint64_t value) const;
    bool timer2_exists() const;
    std::uint32_t reserved_bits(std::uint32_t offset) const;
    void diagnose(regs::Diagnosis::Kind kind, bool write, std::uint32_t offset, Size size, std::uint64_t value,
                  const char* what) const;
    void raise_error(std::uint32_t bits);

    // IPIs and destinations (ipi.cpp)
    void send_ipi();
    bool ipi_is_legal(Shorthand shorthand, DeliveryMode mode, std::uint8_t vector);
    void send_self_ipi(std::uint8_t vector);
    bool matches_physical(const InterruptMessage& message) const;
    bool matches_logical(const InterruptMessage& message) const;
    bool is_broadcast_here(const InterruptMessage& message) const;

    // local vector table (lvt.cpp)
    std::uint32_t& lvt(lapic::Lvt entry) { return lvt_[static_cast<std::size_t>(entry)]; }
    std::uint32_t lvt(lapic::Lvt entry) const { return lvt_[static_cast<std::size_t>(entry)]; }
    static lapic::Lvt lvt_at(std::uint32_t offset);
    static bool is_lvt(std::uint32_t offset);
    void write_lvt(std::uint32_t offset, std::uint32_t value);
    void mask_all_lvts();
    bool send_pending(lapic::Lvt entry) const;
    void local_event(lapic::Lvt entry, Source source) { raise(entry, source, {}); }
    void raise(lapic::Lvt entry, Source source, Token token);
    DeliveryMode delivery_mode(lapic::Lvt entry) const;
    bool mode_is_legal(lapic::Lvt entry, DeliveryMode mode) const;
    void drive(unsigned pin, bool level, Token token);
    void update_pins();
    void update_level_pin();
    void level_pin_refused();
    bool pin_active(unsigned pin) const;
    bool deadline_mode() const;
    bool count_drives_timer2() const;
    void timer_mode_changed(std::uint32_t before);
    void connect_timers();
    void countdown_expired();
    void deadline_reached();

    sim::Timeline& timeline_;
    const Timing& timing_;
    LapicProfile profile_;
    CpuNumber cpu_;
    ApicId hardware_id_;
    bool boot_;
    IpiPort& bus_;
    TokenCounter& tokens_;
    CpuEvents* core_ = nullptr;
    InterruptAcknowledge* external_ = nullptr;

    lapic::Mode mode_ = lapic::Mode::Xapic;
    std::uint64_t page_ = lapic::apic_base::PAGE_RESET;
    std::uint32_t id_ = 0;
    std::uint32_t ldr_ = 0;
    std::uint32_t dfr_ = 0;
    std::uint32_t svr_ = 0;
    std::uint32_t esr_ = 0;
    std::uint32_t error_accumulator_ = 0;
    std::uint32_t icr_low_ = 0;
    std::uint32_t icr_high_ = 0;  // x2APIC: the whole destination
    std::uint32_t divide_ = 0;
    std::array<std::uint32_t, lapic::LVTS> lvt_{};
    lapic::Vectors vectors_;
    Instant ipi_sent_at_;  // the xAPIC's delivery status reads 0 from then on
    std::array<bool, 2> pin_level_{};
    std::array<Token, 2> pin_token_{};
    bool external_interrupt_ = false;  // the line of a pin
    bool external_latched_ = false;    // an ExtINT message
    TokenSet external_tokens_;
    bool requested_ = false;
    bool fire_after_mask_ = false;

    std::vector<Arrival> arrivals_;  // from first_arrival_ on, in order of time
    std::size_t first_arrival_ = 0;
    std::vector<VectorToken> vector_tokens_;  // of the vectors in IRR
    TokenSet carried_;                        // scratch: what goes to the CPU just now

    lapic::Countdown countdown_;
    lapic::Deadline deadline_;
    sim::Alarm acceptance_;
};

}  // namespace hldsim
