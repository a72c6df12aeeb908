// SPDX-License-Identifier: Apache-2.0
// AMD-Vi remapping unit: interrupt remapping, command buffer and event log, without DMA remapping.
//
//   Source     AMD I/O Virtualization Technology Specification 48882, revision 3.05; rules AMDVI-n of the README
//   Access     4 or 8 bytes, naturally aligned, within one register; anything else is diagnosed, writes nothing
//   Messages   from devices only. IPIs, local interrupts and the unit's own interrupt never come here
//   Latency    the profile's vtd rows by analogy: vtd.iec_hit or vtd.iec_miss an entry, of the device table and then of
//              the interrupt remapping table, as the device table entry of the arrival says; vtd.qi_fetch a command;
//              vtd.iec_inv an invalidation; vtd.status_write a store; vtd.gcmd_latency a write of CONTROL. Requests of
//              one requester leave in order, others pass
//   Memory     read at the end of the access, snooped; an entry may also be seen as it was at the begin (choice)
//   Choice     amdvi.dte_reread, amdvi.irte_reread, _victim, _sample; only where the answer can be told
//   Reset      everything off, nothing cached, no event
//   Deviation: DMA remapping has registers and commands, and no effect.
//   Deviation: events and register effects take no time of their own; only accesses to tables, commands and stores do.
//   Deviation: an event of a request has its MSI address; logs of hardware show HyperTransport's (FD_F8xx_xxxxh).
//   Deviation: the MSI capability is reached by MMIO alone, as the machine has no PCI configuration space.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <systemc>
#include <vector>

#include "models/amdvi/events.hpp"
#include "models/amdvi/pending.hpp"
#include "models/amdvi/profile.hpp"
#include "models/amdvi/registers.hpp"
#include "models/base/choice.hpp"
#include "models/base/timing.hpp"
#include "models/fabric/entry_cache.hpp"
#include "models/fabric/memory.hpp"
#include "models/fabric/pool.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/remapping.hpp"
#include "models/fabric/route.hpp"
#include "models/fabric/scheduled_steps.hpp"
#include "models/regs/file.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim {

class Amdvi final : public sc_core::sc_module, public MmioTarget, public MessageRoute {
public:
    /// `compatibility` says how a message is decoded that passes unchanged.
    Amdvi(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, const AmdviProfile& profile,
          const FabricProfile& compatibility, MemoryPort& memory, TokenCounter& tokens, ChoiceSource& choices);

    // ---- bus
    std::uint64_t read(std::uint32_t offset, Size size) override;
    void write(std::uint32_t offset, Size size, std::uint64_t value) override;
    /// A read of STATUS pushes the unit's interrupt and its stores.
    Instant completion_may_leave(Instant now) override;
    static constexpr std::uint32_t window() { return amdvi::WINDOW; }

    // ---- messages
    void arrive(const MessageWrite& write) override;
    bool holds_message() const override { return !looking_up_.empty(); }
    bool orders_completions() const override { return true; }

    // ---- reset, in three phases
    void reset_enter();
    void reset_hold() {}
    void reset_exit() {}

    // ---- state, for observers: nothing here changes anything
    /// The register at that offset as software would read it, without side effect or diagnosis.
    std::uint64_t peek(std::uint32_t offset) const;
    /// What is in effect: CONTROL as it was written vtd.gcmd_latency ago.
    std::uint64_t active_control() const { return control_; }
    bool enabled() const { return amdvi::control::IOMMU_EN.get(control_) != 0; }
    const EntryCache<amdvi::Dte>& device_cache() const { return devices_; }
    const EntryCache<amdvi::Irte>& entry_cache() const { return entries_; }
    /// No command or wait is under way, by which the unit would write to memory or interrupt by itself.
    bool idle() const { return due_.empty() && late_.empty(); }
    const AmdviProfile& profile() const { return profile_; }
    /// Which registers there are; the values of some are kept elsewhere.
    const regs::File& registers() const { return file_; }
    void copy_state(StateCopy& s);
    /// The whole state as text; equal texts are equal states.
    std::string dump() const;
    void dump(std::ostream& out) const override { out << dump(); }

    // ---- faults (from outside, at the current instant)
    /// All cached entries leave, as any of them may at any time.
    void fault_evict_all();

    // ---- observations
    sim::Probe<HopReached> hop;  // Remapped when a request leaves through an entry; Matched and Posted of its own
    sim::Probe<amdvi::DeviceEntryUsed> device_entry_used;
    sim::Probe<amdvi::EntryUsed> entry_used;
    sim::Probe<amdvi::RequestBlocked> request_blocked;
    sim::Probe<amdvi::CommandFetched> command_fetched;
    sim::Probe<amdvi::CacheInvalidated> cache_invalidated;
    sim::Probe<amdvi::WaitCompleted> wait_completed;
    sim::Probe<amdvi::InterruptSent> interrupt_sent;
    sim::Probe<amdvi::RegisterWritten> register_written;
    sim::Probe<regs::Diagnosis> diagnosis;

private:
    using Slot = regs::File::Slot;
    enum class Step : std::uint8_t {
        ControlDone,
        LookupDone,
        Fetched,
        InvalidationDone,
        Stored,
        WaitReady,  // late: behind what the local APICs accept at that instant
    };

    // set up, time (amdvi.cpp)
    void shape_registers();
    void clear_state();
    void take_step(Step step, std::uint32_t slot);
    std::string describe_step(Step step, std::uint32_t slot) const;

    // registers (registers.cpp)
    std::uint64_t value(Slot slot) const { return file_.value(slot); }
    bool status(Bits bit) const { return bit.get(value(status_)) != 0; }
    void set_status(Bits bit, bool on) { file_.set_value(status_, bit.set(value(status_), on ? 1 : 0)); }
    bool active(Bits bit) const { return bit.get(control_) != 0; }
    void act_on_write(Slot slot, std::uint64_t written);
    void control_done();
    void misuse(std::uint32_t offset, std::uint64_t value, std::string_view what) const;
    void found(Slot slot, std::string_view what) const;  // by the unit itself: what the register holds is of no use
    std::uint32_t ring_entries(Slot base) const;

    // requests (requests.cpp)
    amdvi::EntryFormat entry_format() const;
    bool read_device(const amdvi::Request& request, amdvi::Dte& entry) const;
    bool read_entry(const amdvi::Request& request, amdvi::Irte& entry) const;
    amdvi::Decision decide(const amdvi::Request& request, const amdvi::Dte& device) const;
    void look_up(amdvi::Request& request);
    Duration begin_entry(amdvi::Request& request, const amdvi::Dte& device);
    void enqueue(amdvi::Request request, Duration latency);
    void lookup_done(std::uint32_t slot);
    void remap(amdvi::Request& request, const amdvi::Dte& device);
    void pass_unchanged(const MessageWrite& write);
    void block(const amdvi::Request& request, amdvi::Reason reason, const amdvi::Dte* device, const amdvi::Irte* entry);
    void forget_samples(const amdvi::Invalidation& done);

    // command buffer (commands.cpp)
    void run_commands(bool on);
    void fetch_if_possible();
    void fetched(std::uint32_t generation);
    bool is_legal(const amdvi::Command& command) const;
    void execute(const amdvi::Command& command);
    void invalidation_done(std::uint32_t slot);
    void group_closed(const amdvi::Wait& wait);
    void wait_ready(std::uint32_t number);
    void complete_waits();
    void store();
    void wait_done();
    void command_failed(amdvi::EventCode code, std::uint64_t address);

    // events and the unit's own interrupt (log.cpp)
    struct Logged {
        amdvi::Recorded recorded = amdvi::Recorded::Written;
        std::uint32_t position = 0;  // number in the log
    };
    Logged log(amdvi::EventCode code, std::uint64_t low, std::uint64_t high);
    void raise(Bits condition, Bits enable);
    void send_interrupt();
    std::optional<InterruptMessage> own_message() const;  // diagnoses an address that is none of an interrupt

    sim::Timeline& timeline_;
    const Timing& timing_;
    AmdviProfile profile_;
    FabricProfile compatibility_;
    MemoryPort& memory_;
    TokenCounter& tokens_;
    regs::File file_;
    Slot device_base_;
    Slot command_base_;
    Slot event_base_;
    Slot control_slot_;
    Slot command_head_;
    Slot command_tail_;
    Slot event_head_;
    Slot event_tail_;
    Slot status_;
    Slot msi_cap_;
    Slot msi_low_;
    Slot msi_high_;
    Slot msi_data_;
    Slot xt_int_ctrl_;

    std::uint64_t control_ = 0;           // in effect
    std::deque<std::uint64_t> controls_;  // written, not in effect yet
    std::uint32_t last_read_ = 0;

    // requests
    EntryCache<amdvi::Dte> devices_;
    EntryCache<amdvi::Irte> entries_;
    Pool<amdvi::Request> requests_;
    std::vector<std::uint32_t> looking_up_;  // slots, in order of arrival
    RequesterOrder order_;
    Departures departed_;

    // command buffer
    bool fetching_ = false;
    std::uint32_t fetch_generation_ = 0;
    amdvi::Waits waits_;
    Instant stored_;

    Instant interrupt_accepted_;

    ScheduledSteps<Step> due_;
    ScheduledSteps<Step> late_;
};

}  // namespace hldsim
