// SPDX-License-Identifier: Apache-2.0
// VT-d remapping unit: interrupt remapping and queued invalidation, without DMA remapping.
//
//   Source     Intel Virtualization Technology for Directed I/O, revision 5.10; rules VTD-n of models/vtd/README.md
//   Access     4 or 8 bytes, naturally aligned, within one register; anything else is diagnosed, writes nothing
//   Messages   from devices only. IPIs, local interrupts and the unit's own events never come here (5.1)
//   Latency    vtd.iec_hit or vtd.iec_miss a request; vtd.qi_fetch a descriptor; vtd.iec_inv an invalidation;
//              vtd.status_write; vtd.gcmd_latency a command. Requests of one requester leave in order, others pass
//   Memory     read at the end of the access, snooped; an entry may also be seen as it was at the begin (choice)
//   Choice     vtd.iec_reread, vtd.iec_victim, vtd.irte_sample, vtd.wait_order; only where the answer can be told
//   Reset      everything off, nothing cached, no fault on record
//   Deviation: DMA remapping has registers, commands and descriptors, and no effect.
//   Deviation: faults, events and register effects take no time of their own; only the accesses to memory do.
//   Deviation: behind a wait descriptor with FN = 1 nothing is even fetched before it is complete.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <systemc>
#include <vector>

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
#include "models/vtd/events.hpp"
#include "models/vtd/pending.hpp"
#include "models/vtd/profile.hpp"
#include "models/vtd/registers.hpp"

namespace hldsim {

class Vtd final : public sc_core::sc_module, public MmioTarget, public MessageRoute {
public:
    /// `compatibility` says how a message is decoded that is not remapped.
    Vtd(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, const VtdProfile& profile,
        const FabricProfile& compatibility, MemoryPort& memory, TokenCounter& tokens, ChoiceSource& choices);

    // ---- bus
    std::uint64_t read(std::uint32_t offset, Size size) override;
    void write(std::uint32_t offset, Size size, std::uint64_t value) override;
    /// A read of FSTS or FECTL pushes a fault event in flight; of ICS or IECTL a completion event and status writes.
    Instant completion_may_leave(Instant now) override;
    static constexpr std::uint32_t window() { return vtd::WINDOW; }

    // ---- messages
    void arrive(const MessageWrite& write) override;
    bool holds_message() const override { return requests_under_way_ != 0; }
    bool orders_completions() const override { return true; }

    // ---- reset, in three phases
    void reset_enter();
    void reset_hold() {}
    void reset_exit() {}

    // ---- state, for observers: nothing here changes anything
    /// The register at that offset as software would read it, without side effect or diagnosis.
    std::uint64_t peek(std::uint32_t offset) const;
    /// Are requests remapped now? The switch comes before GSTS.IRES where requests have to be drained (VTD-9).
    bool remapping() const { return remapping_; }
    /// What SIRTP has latched; IRTA may hold something else.
    const vtd::Table& active_table() const { return table_; }
    const EntryCache<vtd::Irte>& cache() const { return cache_; }
    /// No invalidation, wait or command is under way, by which the unit would write to memory or interrupt by itself.
    bool idle() const { return due_.empty() && late_.empty(); }
    const VtdProfile& profile() const { return profile_; }
    /// Which registers there are; the values of some are kept elsewhere, and fault records are where CAP.FRO says.
    const regs::File& registers() const { return file_; }
    void copy_state(StateCopy& s);
    /// The whole state as text; equal texts are equal states.
    std::string dump() const;
    void dump(std::ostream& out) const override { out << dump(); }

    // ---- faults (from outside, at the current instant)
    /// Commands stay under way: no status bit changes any more (VTD-4).
    void fault_commands_stuck(bool on);
    /// All cached entries leave, as any of them may at any time.
    void fault_evict_all() { cache_.invalidate_all(); }

    // ---- observations
    sim::Probe<HopReached> hop;  // Remapped when a request leaves; Matched and Posted of the unit's own events
    sim::Probe<vtd::EntryUsed> entry_used;
    sim::Probe<vtd::RequestBlocked> request_blocked;
    sim::Probe<vtd::RequestPosted> request_posted;
    sim::Probe<vtd::DescriptorFetched> descriptor_fetched;
    sim::Probe<vtd::CacheInvalidated> cache_invalidated;
    sim::Probe<vtd::WaitCompleted> wait_completed;
    sim::Probe<vtd::CommandCompleted> command_completed;
    sim::Probe<vtd::EventRaised> event_raised;
    sim::Probe<vtd::RegisterWritten> register_written;
    sim::Probe<regs::Diagnosis> diagnosis;

private:
    using Slot = regs::File::Slot;
    enum class Step : std::uint8_t {
        LookupDone,
        DescriptorUpdated,  // of a posted interrupt
        Fetched,
        InvalidationDone,
        StatusWritten,
        CommandDone,
        WaitReady,       // late: behind what the local APICs accept at that instant
        CommandDrained,  // late
    };
    using Command = VtdCommand;
    struct Operation {
        Command command = Command::Qie;
        bool on = false;
    };
    /// One of the unit's own interrupts: its registers, and when the last one that was sent is accepted.
    struct EventRegisters {
        Slot control = 0;
        Slot data = 0;
        Slot address = 0;
        Slot upper = 0;
        vtd::EventKind kind = vtd::EventKind::Fault;
        Instant accepted;
    };

    // set up, time (vtd.cpp)
    void shape_registers();
    void clear_state();
    void take_step(Step step, std::uint32_t slot);
    std::string describe_step(Step step, std::uint32_t slot) const;

    // registers (registers.cpp)
    std::uint32_t row_offset(std::uint32_t offset) const;
    std::uint64_t value(Slot slot) const { return file_.value(slot); }
    bool status(Bits bit) const { return bit.get(value(gsts_)) != 0; }
    void set_status(Bits bit, bool on) { file_.set_value(gsts_, bit.set(value(gsts_), on ? 1 : 0)); }
    void act_on_write(const regs::File::Location& at, std::uint64_t written, std::uint64_t before);
    void invalidate_by_register(Slot slot, const vtd::invalidate::Granularity& bits, std::uint64_t written);
    void write_fault_status(std::uint64_t before, std::uint64_t after);
    void write_event_control(EventRegisters& event, std::uint64_t before, std::uint64_t after);
    void misuse(std::uint32_t offset, std::uint64_t value, std::string_view what) const;

    // commands (commands.cpp)
    void write_command(std::uint32_t value);
    void start_command(std::uint32_t value);
    void begin_operation();
    void operation_done();
    void operation_complete();
    void latch_table();
    void switch_remapping(bool on);
    void switch_queue(bool on);
    void command_drained();

    // requests (requests.cpp)
    bool refused(const MessageWrite& write);
    void pass_through(const MessageWrite& write);
    void look_up(const MessageWrite& write, std::uint32_t index);
    void enqueue(const vtd::Request& request, Duration latency);
    void lookup_done(std::uint32_t slot);
    void leave(const vtd::Request& request, const vtd::Irte& entry);
    void update_descriptor(const vtd::Request& request);
    void notify(const vtd::Request& request, std::uint64_t control);
    void send(const MessageWrite& write, InterruptMessage message, std::uint32_t index);
    void forget_samples(const EntryRange& entries);
    bool is_beyond(const vtd::Table& table, std::uint32_t index) const;
    bool read_entry(const vtd::Table& table, std::uint32_t index, vtd::Irte& entry) const;

    // invalidation queue (invalidation.cpp)
    std::uint32_t queue_entries() const;
    bool wide_descriptors() const;
    void fetch_if_possible();
    void fetched(std::uint32_t generation);
    unsigned error_of(const vtd::Descriptor& descriptor) const;
    unsigned width_error() const;
    void execute(const vtd::Descriptor& descriptor);
    void execute_invalidation(const vtd::Descriptor& descriptor, bool entries);
    void invalidation_done(std::uint32_t slot);
    void group_closed(const vtd::Wait& wait);
    void wait_ready(std::uint32_t number);
    void complete_waits();
    void write_status(std::uint32_t number);
    void wait_done(std::uint32_t number);
    void queue_error(unsigned information);

    // faults and events (faults.cpp)
    void block(const MessageWrite& write, vtd::Reason reason, std::uint32_t index, const vtd::Irte* entry);
    void record(vtd::RequestBlocked& blocked);
    bool absorbed(const vtd::RequestBlocked& blocked) const;
    void raise_fault(Bits condition);
    void settle_fault_status();
    void raise(EventRegisters& event);
    void send_event(EventRegisters& event);
    InterruptMessage event_message(const EventRegisters& event) const;

    sim::Timeline& timeline_;
    const Timing& timing_;
    VtdProfile profile_;
    FabricProfile compatibility_;
    MemoryPort& memory_;
    TokenCounter& tokens_;
    ChoiceSource& choices_;
    regs::File file_;
    Slot gsts_;
    Slot fsts_;
    Slot ics_;
    Slot iqh_;
    Slot iqt_;
    Slot iqa_;
    Slot iqercd_;
    Slot irta_;
    Slot rtaddr_;
    Slot record_lo_;
    Slot record_hi_;

    // active state, apart from what is programmed
    bool remapping_ = false;
    vtd::Table table_;
    std::uint32_t translation_mode_ = 0;  // RTADDR.TTM, latched

    // commands
    std::deque<Operation> operations_;
    std::deque<std::uint32_t> commands_;  // written while one was under way
    Instant switched_;                    // the drain of IRE covers what has arrived by then
    bool stuck_ = false;
    bool overdue_ = false;  // the command under way would be done

    // requests
    EntryCache<vtd::Irte> cache_;
    Pool<vtd::Request> requests_;
    std::vector<std::uint32_t> looking_up_;  // slots, in order of arrival
    unsigned requests_under_way_ = 0;
    RequesterOrder order_;
    Departures departed_;

    // invalidation queue
    bool fetching_ = false;
    std::uint32_t fetch_generation_ = 0;
    vtd::Waits waits_;
    Instant status_written_;

    // faults and events
    unsigned next_record_ = 0;
    EventRegisters fault_event_;
    EventRegisters completion_event_;
    std::uint32_t last_read_ = 0;

    ScheduledSteps<Step> due_;
    ScheduledSteps<Step> late_;
};

}  // namespace hldsim
