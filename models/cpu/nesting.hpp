// SPDX-License-Identifier: Apache-2.0
// What may interrupt a logical CPU, and when: latches, blocking and priority, and nothing else. Pure: no time passes.
//
//   NMI        one in service and one latched; blocked from delivery until IRET, whosever IRET it is; with FRED until
//              the return from its own frame. SDM vol. 3A, 6.7.1 (CPU-1..4, CPU-26)
//   Source     a bitmap that gathers while the NMI is latched, and goes with it as FRED's event data (CPU-27)
//   SMI        one latched; taken though NMIs are blocked; blocks NMI and SMI until RSM. SDM vol. 3C, 34.8 (CPU-10..13)
//   INTR       a level that the local APIC drives; taken with IF = 1 and no shadow. SDM vol. 3A, 6.8.1 (CPU-6)
//   Shadow     the instruction behind STI that enables, or behind MOV SS: neither INTR nor NMI. SDM vol. 3A, 6.8.3
//   INIT       one latched; taken at a boundary outside SMM. SDM vol. 3C, 34.8 (CPU-11, CPU-15)
//   Priority   SMI, INIT, NMI, INTR. SDM vol. 3A, table 6-2 (CPU-5)
#pragma once
#include <cstdint>
#include <vector>

#include "models/base/duration.hpp"
#include "models/fabric/token.hpp"

namespace hldsim::cpu {

enum class Context : std::uint8_t { Task, Interrupt, Nmi, Smm };

class Nesting {
public:
    enum class Event : std::uint8_t { None, Smi, Init, Nmi, Interrupt };

    /// What kind of CPU it is; not changed by reset().
    void configure(bool sti_holds_nmi, bool fred, bool nmi_source = false) {
        sti_holds_nmi_ = sti_holds_nmi;
        fred_ = fred;
        nmi_source_ = nmi_source;
    }
    void reset();
    /// INIT acts: as reset(), but a latched SMI stays, and what concerns NMIs (the latch, its sources, blocking) unless
    /// it `clears_nmi` (CPU-15).
    void init(bool clears_nmi);

    /// NMI source of a message without one, and of one whose vector field is above 15.
    static constexpr std::uint16_t NO_SOURCE = 1;
    static constexpr std::uint16_t source_of(std::uint8_t vector) {
        return static_cast<std::uint16_t>(vector < 16 ? 1U << vector : NO_SOURCE);
    }
    /// True: the latch was empty. Otherwise the tokens merged into those that are latched already; so do the sources.
    bool latch_nmi(const TokenSet& tokens, Instant due, std::uint16_t source = NO_SOURCE);
    void latch_smi(Instant due) { latch_class_3(SMI, due); }
    void latch_init(Instant due) { latch_class_3(INIT, due); }
    void interrupt_line(bool active, Instant due);

    /// Nothing is latched: next() is None at every instant.
    bool idle() const { return nmi_latched_.empty() && class_3_ == 0 && !interrupt_line_; }
    /// What is taken first at an instruction boundary at `now`.
    Event next(Instant now) const;
    /// The instant at which next() first becomes something, if nothing else changes; never() if it does not.
    Instant due() const;

    const TokenSet& enter_nmi();  // latched -> in service, blocked; returns what is in service
    const TokenSet& leave_nmi();  // IRET: unblocks; returns what was in service
    void enter_smm();
    /// RSM: blocked as before, if the CPU `keeps_blocking` and SMM has not executed IRET (CPU-13).
    void leave_smm(bool keeps_blocking = true);
    /// Firmware executes IRET inside SMM: NMIs are taken there (CPU-12).
    void iret_in_smm() {
        nmi_blocked_ = false;
        iret_in_smm_ = true;
    }
    void enter_interrupt() { contexts_.push_back(Context::Interrupt); }
    /// Of an interrupt, an exception or INT n: its IRET unblocks NMIs even inside an NMI handler (CPU-4).
    void leave_interrupt() {
        contexts_.pop_back();
        nmi_blocked_ = nmi_blocked_ && fred_;
    }

    /// IRET faults: it has unblocked NMIs, and its context goes on (CPU-3).
    void iret_faults() { nmi_blocked_ = nmi_blocked_ && fred_; }

    bool interrupts_enabled() const { return interrupts_enabled_; }
    void enable_interrupts(bool on) {
        shadow_ = on && !interrupts_enabled_ ? Shadow::Sti : Shadow::None;
        interrupts_enabled_ = on;
    }
    /// IRET: the flag of before, and no shadow.
    void restore_interrupts(bool on) {
        shadow_ = Shadow::None;
        interrupts_enabled_ = on;
    }
    /// MOV SS or POP SS. Two in a row: only the first has a shadow (CPU-6).
    void move_to_ss(bool behind_another) { shadow_ = behind_another ? Shadow::None : Shadow::MovSs; }
    /// The instruction behind STI or MOV SS has been executed.
    void end_shadow() { shadow_ = Shadow::None; }
    bool shadowed() const { return shadow_ != Shadow::None; }

    Context context() const { return contexts_.empty() ? Context::Task : contexts_.back(); }
    std::size_t depth() const { return contexts_.size(); }
    bool nmi_latched() const { return !nmi_latched_.empty(); }
    bool nmi_blocked() const { return nmi_blocked_; }
    bool smi_latched() const { return (class_3_ & SMI) != 0; }
    bool init_latched() const { return (class_3_ & INIT) != 0; }
    bool frozen() const { return frozen_; }
    bool in_smm() const { return in_smm_; }
    const TokenSet& latched() const { return nmi_latched_; }
    std::uint16_t latched_source() const { return source_latched_; }
    /// Of the frame of the innermost context: the sources of its NMI, where the CPU reports them; else 0.
    std::uint16_t event_data() const {
        return context() == Context::Nmi && nmis_in_service_ > 0 ? source_in_service_[nmis_in_service_ - 1] : 0;
    }
    /// When the interrupt request may be seen, whatever IF is: ECX[0] of MWAIT; never() if there is none.
    Instant interrupt_due() const { return interrupt_line_ && !frozen_ ? interrupt_due_ : Instant::never(); }
    void copy_state(StateCopy& s) {
        s(nmi_latched_, nmi_in_service_, source_latched_, source_in_service_, nmis_in_service_, contexts_, nmi_due_,
          class_3_due_, interrupt_due_, nmi_blocked_, nmi_blocked_before_smm_, class_3_, in_smm_, interrupt_line_,
          interrupts_enabled_, shadow_, frozen_, iret_in_smm_);
    }
    /// Faults. NMIs are as if one were in service, until released; or nothing at all is taken.
    void block_nmi(bool on) { nmi_blocked_ = on; }
    void freeze(bool on) { frozen_ = on; }

private:
    static constexpr std::uint8_t SMI = 1;
    static constexpr std::uint8_t INIT = 2;

    enum class Shadow : std::uint8_t { None, Sti, MovSs };
    void latch_class_3(std::uint8_t event, Instant due);
    bool shadow_holds_nmi() const { return shadow_ == Shadow::MovSs || (shadow_ == Shadow::Sti && sti_holds_nmi_); }

    TokenSet nmi_latched_;
    std::vector<TokenSet> nmi_in_service_;  // more than one only where SMM let one nest
    std::uint16_t source_latched_ = 0;
    std::vector<std::uint16_t> source_in_service_;
    std::size_t nmis_in_service_ = 0;
    std::vector<Context> contexts_;
    Instant nmi_due_ = Instant::never();
    Instant class_3_due_ = Instant::never();  // of the first that was latched
    Instant interrupt_due_ = Instant::never();
    bool nmi_blocked_ = false;
    bool nmi_blocked_before_smm_ = false;
    std::uint8_t class_3_ = 0;  // SMI and INIT, latched; one byte, as each access asks for it
    bool in_smm_ = false;
    bool interrupt_line_ = false;
    bool interrupts_enabled_ = false;
    Shadow shadow_ = Shadow::None;
    bool frozen_ = false;
    bool iret_in_smm_ = false;
    bool sti_holds_nmi_ = true;
    bool fred_ = false;
    bool nmi_source_ = false;
};

}  // namespace hldsim::cpu
