// SPDX-License-Identifier: Apache-2.0
// All logical CPUs of the machine: what each does at a point, and which of them acts next.
//
//   Point      every load, store, atomic and kernel call of instrumented C enters here before it happens
//   Order      1 settle the access before, 2 pay, 3 let every smaller key act, 4 take a due event and start again at 3,
//              5 announce the own access and return: the compiled instruction follows with nothing in between
//   Key        (instant, drains before CPUs, CPU number); devices come before all of them (Timeline)
//   Devices    write memory, too (DMA): such a write is an actor of its own, between the drains and the CPUs
//   Time       each CPU's own, always on an edge of the core clock; a CPU runs ahead while its key is the smallest
//   Stores     x86-TSO: in order, one after the other; `mem.store_drain` each, or `mem.l1_hit` where the line is owned
//              when the store becomes head of the buffer; whatever drains the buffer waits for it
//   Monitor    one line a CPU; a store that becomes visible there, whoever's it is, triggers it (mwait.cpp)
//   TSC        each CPU's own: SDM vol. 3B, 17.17; RDTSC, its MSRs and the APIC's deadline read one counter
//   Deviation: an event that becomes due while an access is paid is taken before it, at the end of its cost
//   Deviation: delivery pushes no frame and changes no stack (IST): a handler runs on the stack that it interrupts
//   Deviation: machine checks and debug exceptions do not exist: of CPU-5's classes there are SMI, INIT, NMI, INTR and
//              what raise_exception() makes
//   Deviation: INIT to the boot CPU ends the run: at its reset vector firmware begins, which is not simulated
//   Deviation: INIT takes a CPU out of HLT and MWAIT without the exit of the C-state, as no figure was found: Linux
//              sends SIPI right behind it, and starts CPUs out of deep C-states with that (smpboot.c, init_udelay)
//   Deviation: delay() is a span of time, as udelay() with a TSC that counts: a stopped one does not hold it
//   Deviation: IA32_TSC_ADJUST exists whatever the profile's processor
//   Deviation: no out-of-order execution, no speculation, no load reordering beyond TSO, unbounded caches
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "models/base/clock_cursor.hpp"
#include "models/base/time_stamp.hpp"
#include "models/base/timing.hpp"
#include "models/cpu/address_map.hpp"
#include "models/cpu/cpu.hpp"
#include "models/cpu/events.hpp"
#include "models/cpu/key_heap.hpp"
#include "models/cpu/lines.hpp"
#include "models/cpu/options.hpp"
#include "models/cpu/software.hpp"
#include "models/fabric/ports.hpp"
#include "models/sim/probe.hpp"
#include "models/sim/timeline.hpp"

namespace hldsim::cpu {

class Cpus final : public sim::Actors {
public:
    using Options = CpuOptions;

    Cpus(sim::Timeline& timeline, const Timing& timing, const Options& options, CpuBus& bus);

    void connect(CpuNumber cpu, InterruptController& apic, LapicRegisters& registers);
    void connect(CpuNumber cpu, PerformanceCounters& counters);
    void connect(PortBus& ports) { ports_ = &ports; }
    void connect(DeepestState& package) { package_ = &package; }
    void load(Software& software, AddressMap map);

    /// Reset of all CPUs: the boot CPU is ready at its reset vector, the others wait for SIPI.
    void power_on();
    /// Ends the run from outside a CPU (time is up) or, on a CPU's stack, does not return.
    void end(End how);
    End ended() const { return ended_; }

    unsigned count() const { return static_cast<unsigned>(cpus_.size()); }
    Cpu& cpu(CpuNumber n) { return *cpus_[n.value]; }
    const Cpu& cpu(CpuNumber n) const { return *cpus_[n.value]; }
    /// The CPU on whose stack we are; null on the scheduler's.
    static Cpu* running() { return running_; }
    const AddressMap& addresses() const { return map_; }
    const Options& options() const { return options_; }
    const Timing& timing() const { return timing_; }
    /// All but cache lines; while no CPU runs.
    void copy_state(StateCopy& s);
    Lines& lines() { return lines_; }
    /// Lines that may have been written since power-on (or since lines().save() or restore()); touch() adds those that
    /// the host writes itself.
    const std::vector<unsigned>& touched_lines() const { return lines_.touched(); }
    void touch(const void* at, std::size_t size);

    // ---- devices that access memory, at the current instant
    static constexpr unsigned DEVICE_WRITE = AddressMap::LINE;
    /// At most DEVICE_WRITE bytes, at once, before any CPU's action of this instant.
    void device_writes(void* at, const void* bytes, unsigned size);
    /// What is visible, and what devices write at this very instant.
    void device_reads(void* to, const void* at, unsigned size) const;

    // ---- points, on the stack of the running CPU
    void settle(Cpu& cpu) {
        if (cpu.stores.settle()) {
            joined(cpu);
        }
    }
    /// A block of code begins. It is free; but no code goes on for ever without an access.
    void block(Cpu& cpu) {
        settle(cpu);
        ++blocks_;
        if (++cpu.effort.now.blocks > options_.most_blocks) {
            end(End::AccessLimit);
        }
    }
    // Each returns when the access may be made, now. Its code position is cpu.pc.
    void load(Cpu& cpu, void* at, unsigned size, bool marked);
    void store(Cpu& cpu, void* at, unsigned size, bool marked);
    void access(Cpu& cpu, AccessKind kind, void* at, unsigned size, bool marked);
    void made(Cpu& cpu, Effect effect, const void* at, std::uint64_t value, bool marked) {
        if (effects_wanted_) {
            tell(cpu, effect, at, value, marked);
        }
    }
    void spend(Cpu& cpu, Cycles cost);    // a point that costs that much
    void delay(Cpu& cpu, Duration span);  // an event may cut it; the rest follows
    void fence(Cpu& cpu, Cycles cost);    // drains the store buffer
    /// HLT, or STI; HLT. `exit`: the row of the C-state that is left.
    void halt(Cpu& cpu, bool enabling_interrupts, Row exit = Row::CpuCstateExitC1);
    /// MONITOR: loads from `at` and arms its line. Memory without lines (a stack, constants) arms nothing.
    void monitor(Cpu& cpu, void* at);
    /// MWAIT, or STI; MWAIT. Does not wait where no monitor is armed, it has been triggered, or an event is pending.
    void mwait(Cpu& cpu, MwaitHints hints, bool enabling_interrupts = false);
    /// FRED: event data of the frame of the context that runs; of an NMI its sources (CPU-27).
    static std::uint64_t event_data(const Cpu& cpu) { return cpu.nesting.event_data(); }
    std::uint64_t local_operation(Cpu& cpu, const Access& access);  // one instruction on this CPU's own variable
    void relax(Cpu& cpu, const char* sp);  // PAUSE; sp: the caller's saved registers and frames
    void set_interrupts(Cpu& cpu, bool enabled);
    void move_to_ss(Cpu& cpu);    // MOV SS: holds NMI and INTR until behind the next instruction
    void software_nmi(Cpu& cpu);  // INT 2: the handler, without blocking NMIs and beside what is latched (CPU-19)
    /// LIDT of a table that has gates. From SIPI until here an event is a triple fault (CPU-17).
    void load_idt(Cpu& cpu);
    std::uint64_t rdtsc(Cpu& cpu);
    std::uint64_t mmio_read(Cpu& cpu, std::uint64_t address, Size size);
    void mmio_write(Cpu& cpu, std::uint64_t address, Size size, std::uint64_t value);
    std::uint64_t port_in(Cpu& cpu, std::uint16_t port, Size size);
    void port_out(Cpu& cpu, std::uint16_t port, Size size, std::uint64_t value);
    bool rdmsr(Cpu& cpu, std::uint32_t msr, std::uint64_t& value);
    bool wrmsr(Cpu& cpu, std::uint32_t msr, std::uint64_t value);

    // ---- faults
    /// The CPU stops making progress at its next point, for ever unless `span` is above 0.
    void stick(CpuNumber cpu, StuckKind kind, Duration span);
    /// SMI asserted now on that CPU, which stays in SMM for `residency`. Firmware may execute IRET `iret_after` its
    /// entry: from there on it takes NMIs itself, in SMM (CPU-12).
    void assert_smi(CpuNumber cpu, Duration residency, Duration iret_after = Cpu::NO_IRET);
    /// One SMI for all these CPUs. With `smi_rendezvous` they leave together, `residency` after the last has entered,
    /// and `iret_after` counts from there as well. Not waited for are CPUs in wait-for-SIPI and those that are frozen;
    /// where one SMI is latched already, this one merges with it.
    void assert_smi(const std::vector<CpuNumber>& cpus, Duration residency, Duration iret_after = Cpu::NO_IRET);
    /// That CPU's TSC stands still from now on, or goes on from where it stands. No register does it: a fault.
    void stop_tsc(CpuNumber cpu, bool stopped);
    /// Firmware writes that CPU's IA32_TIME_STAMP_COUNTER now: so many counts ahead of what it reads, and so is
    /// IA32_TSC_ADJUST.
    void step_tsc(CpuNumber cpu, std::int64_t counts);
    /// An exception (a breakpoint, a page fault) at the CPU's next point, in whatever context it is; its handler takes
    /// `span` and returns by IRET (CPU-4). A CPU in HLT or SMM has it behind that, one in wait-for-SIPI not at all.
    void raise_exception(CpuNumber cpu, Duration span);
    /// The IRET of the next NMI handler that returns on that CPU faults (its frame is not in memory, say): NMIs are
    /// unblocked, the exception's handler takes `span`, and then IRET is executed once more (CPU-3).
    void fault_iret(CpuNumber cpu, Duration span);

    // ---- observation
    sim::Probe<HopReached> hop;
    sim::Probe<ContextChanged> context_changed;
    sim::Probe<StuckChanged> stuck_changed;
    sim::Probe<Initialized> initialized;
    sim::Probe<IretInSmm> iret_in_smm;
    sim::Probe<DeviceStored> device_stored;
    sim::Probe<TripleFault> triple_fault;
    /// Asks once what it wants.
    void observe(Observer* observer);
    Observer* observer() const { return observer_; }
    void interleave(Interleaver* interleaver);
    /// Exploration: that CPU takes one NMI, whenever the interleaver likes.
    void inject_nmi(CpuNumber cpu) { inject_nmi_into_ = static_cast<int>(cpu.value); }

    /// What ended the run, where code that cannot go on did.
    const Fault& fault() const { return fault_; }
    /// That CPU's code cannot go on; ends the run. `what` is a literal.
    [[noreturn]] void fault(Cpu& cpu, const char* what, End how = End::BadAccess);
    /// To memory that has lines. With CostModel::Portable marked ones alone: how many others there are is the
    /// compiler's.
    std::uint64_t accesses() const { return accesses_ - free_accesses_; }
    /// Grows with each block and each access of code, whatever it is to.
    std::uint64_t hooks() const { return blocks_ + accesses_; }
    std::uint64_t parks() const { return parks_; }
    std::uint64_t switches() const { return switches_; }

    // ---- sim::Actors
    Instant next() const override { return heap_.due(); }
    void act() override;

private:
    friend struct Cpu;

    // scheduler.cpp
    void choose_path();
    void prefetch_next() const;
    void rekey(Cpu& cpu, Instant at);
    void ready(Cpu& cpu, Instant at);
    void suspend(Cpu& cpu, Cpu::State state);
    void sleep(Cpu& cpu);
    void count_cycles(Cpu& cpu, bool on);
    void hand_over(Cpu& cpu);
    void pump(Cpu& cpu) {
        if (!runs_ahead_ || !is_first(cpu)) {
            pump_slowly(cpu);
        }
    }
    void pump_slowly(Cpu& cpu);
    // No device and no other actor comes before this CPU's next action.
    bool is_first(const Cpu& cpu) const {
        return timeline_.horizon() > cpu.local.now() && !heap_.front().before(key(cpu)) &&
               !(cpu.drain_at_hand && cpu.drain.now() <= cpu.local.now());
    }
    // As is_first(), and nothing is latched that the CPU might take.
    bool is_calm(const Cpu& cpu) const { return runs_ahead_ && is_first(cpu) && cpu.calm(); }
    void drain_own(Cpu& cpu);
    void dispatch(const Key& key);
    void explore();
    bool explore_step();
    void start(Cpu& cpu);
    static void enter(void* cpu);
    Key key(const Cpu& cpu) const { return {cpu.local.now(), Rank::Cpu, cpu.number.value}; }
    [[noreturn]] void leave_for_ever(Cpu& cpu);
    // Never returns; not declared so, as ASan would look for the end of a stack that it does not know.
    void abandon(Cpu& cpu);

    static constexpr unsigned NO_LINE = AddressMap::NO_LINE;

    // simple_access.cpp
    bool is_simple(const Cpu& cpu) const;
    bool is_ahead_at(Instant t) const { return t < timeline_.horizon() && t < heap_.due(); }
    void go_on(Cpu& cpu, const ClockCursor::Landing& landing);
    void load_past_stores(Cpu& cpu, void* at, unsigned size, bool marked, unsigned line);
    void note_read(Cpu& cpu, const void* at, unsigned size, unsigned line, bool charged);
    bool visible_at_once(const Cpu& cpu, const void* at, unsigned size, unsigned line, Instant visible) const;
    void begin_store(Cpu& cpu, void* at, unsigned size, bool marked, unsigned line);

    // access.cpp
    void count_access(Cpu& cpu);
    std::uint64_t told(std::uint64_t value) const;
    void tell(Cpu& cpu, Effect effect, const void* at, std::uint64_t value, bool marked);
    // A point without memory.
    void arrive(Cpu& cpu, bool drain_first = false) {
        if (is_calm(cpu) && (!drain_first || drained(cpu))) {
            cpu.nesting.end_shadow();
        } else {
            arrive_slowly(cpu, {}, NO_LINE, drain_first);
        }
    }
    void arrive_slowly(Cpu& cpu, const Access& access, unsigned line, bool drain_first);
    void access_elsewhere(Cpu& cpu, const Access& access);
    void pay(Cpu& cpu, AccessKind kind, unsigned line);
    void access_foreign_stack(Cpu& cpu, const Access& access, Cpu& owner);
    bool wake_watchers_behind(const Access& access, const Key& waker);
    void come_to(Cpu& cpu, const Access& access, unsigned line, bool there);
    void make_load(Cpu& cpu, void* at, unsigned size, bool marked, unsigned line);
    void own_all(const Cpu& cpu, const void* at, unsigned size, unsigned line);
    void own(unsigned line, const Cpu& cpu);
    bool pays(bool marked) const { return marked || options_.cost == CostModel::Access; }
    Cycles transfer_cost(unsigned line, unsigned cpu) const;
    bool timed() const { return interleaver_ == nullptr; }
    static bool is_boot(const Cpu& cpu) { return cpu.number.value == 0; }

    // draining.cpp
    // Every store that the CPU has made is visible.
    static bool drained(const Cpu& cpu) { return cpu.stores.empty() && cpu.visible_at <= cpu.local.now(); }
    void joined(Cpu& cpu);
    void drain_all(Cpu& cpu);
    void schedule_drain(Cpu& cpu);
    bool drain_head(unsigned cpu, Instant at);
    void hold_store(Cpu& cpu, std::uint32_t offset, Size size, std::uint64_t value);
    void release_store(Cpu& cpu);
    void write_own_apic(Cpu& cpu, std::uint32_t offset, Size size, std::uint64_t value);

    // arrivals.cpp
    void arrived(Cpu& cpu);
    Instant leaves_sleep(const Cpu& cpu, Instant due) const;

    // events.cpp
    Nesting::Event take_due(Cpu& cpu) { return cpu.nesting.idle() ? Nesting::Event::None : take_latched(cpu); }
    Nesting::Event take_latched(Cpu& cpu);
    bool take_all_due(Cpu& cpu);
    void take_init(Cpu& cpu);
    void take_nmi(Cpu& cpu);
    void take_interrupt(Cpu& cpu);
    Cycles event_entry() const {
        return timing_.cycles(options_.profile.fred ? Row::CpuFredEntry : Row::CpuNmiEntryHw);
    }
    Cycles event_exit() const { return timing_.cycles(options_.profile.fred ? Row::CpuFredExit : Row::CpuNmiExitIret); }
    void shut_down(Cpu& cpu, const char* chain, const TokenSet& tokens);
    void context(Cpu& cpu, Context context, bool entered, const void* interrupted, std::uint8_t vector = 0);
    [[noreturn]] void end_storm(Cpu& cpu);

    // smm.cpp
    void take_smi(Cpu& cpu);
    void stay_in_smm(Cpu& cpu, Instant until, Duration iret_after);
    void take_nmi_in_smm(Cpu& cpu);
    unsigned new_rendezvous(Duration residency);
    void meet_in_smm(Cpu& cpu, unsigned rendezvous, Duration iret_after);
    void has_come(Cpu& cpu, unsigned rendezvous);

    // exceptions.cpp
    void meet_exception(Cpu& cpu);
    void meet_iret_fault(Cpu& cpu);
    void take_exception(Cpu& cpu, std::uint8_t vector, Duration span);

    // stuck.cpp
    void look_again(Cpu& cpu);
    void divert(Cpu& cpu);
    void be_stuck(Cpu& cpu);
    void stay_stuck(Cpu& cpu, Instant until);
    void wait_up_to(Cpu& cpu, Instant until);

    // time_stamp.cpp
    std::uint64_t tsc_edge(Instant t) const {
        const auto last = tsc_clock_.last_at(t);
        return last ? last->index : 0;
    }
    std::uint64_t tsc(const Cpu& cpu) const { return cpu.tsc.at(tsc_edge(cpu.local.now())); }
    static bool is_tsc_msr(std::uint32_t msr);
    std::uint64_t read_tsc_msr(const Cpu& cpu, std::uint32_t msr) const;
    void write_tsc_msr(Cpu& cpu, std::uint32_t msr, std::uint64_t value);
    static void move_tsc(Cpu& cpu, std::uint64_t counts);

    // device_writes.cpp
    struct DeviceWrite {
        char* at = nullptr;
        unsigned size = 0;
        std::array<char, DEVICE_WRITE> bytes{};
    };
    bool make_device_write(Instant at);

    // instructions.cpp
    void count_device_read(Cpu& cpu);

    // mwait.cpp
    void disarm(Cpu& cpu);
    void trigger_monitors(unsigned line, Instant at);
    void written(unsigned line, Instant at) {
        if (lines_.watched(line)) {
            trigger_monitors(line, at);
        }
    }
    bool mwait_has_event(const Cpu& cpu) const;
    void core_sleeps_deeply(Cpu& cpu, bool asleep);
    void tell_sleep(Cpu& cpu, bool asleep);

    // spinning.cpp
    bool wake_watchers(unsigned line, const Key& waker) { return lines_.watched(line) && wake_all(line, waker); }
    bool wake_all(unsigned line, const Key& waker);
    bool takes_from_watcher(const Cpu& cpu, bool marked, unsigned line) const;
    void unpark(Cpu& cpu, const Key& waker);
    bool may_park(Cpu& cpu, const char* sp);
    void park(Cpu& cpu);

    sim::Timeline& timeline_;
    const Timing& timing_;
    Options options_;
    CpuBus& bus_;
    PortBus* ports_ = nullptr;
    DeepestState* package_ = nullptr;
    ClockDomain core_clock_;
    ClockDomain tsc_clock_;
    ClockCursor::Step hit_;  // mem.l1_hit
    Stacks stacks_;
    std::vector<std::unique_ptr<Cpu>> cpus_;
    KeyHeap heap_;  // CPUs that are ready, heads of store buffers, writes of devices
    /// CPUs that one SMI has reached and that have not all left SMM.
    struct Rendezvous {
        unsigned awaited = 0;
        unsigned inside = 0;
        Instant leave = Instant::never();  // known when nobody is awaited
        Duration residency;
    };
    std::vector<Rendezvous> rendezvous_;     // by the number that a CPU has; a free one is used again
    std::deque<DeviceWrite> device_writes_;  // one for each such key, in their order
    AddressMap map_;
    Lines lines_;
    Software* software_ = nullptr;
    Observer* observer_ = nullptr;
    Observer::Memory looked_into_;
    bool effects_wanted_ = false;
    Interleaver* interleaver_ = nullptr;
    bool runs_ahead_ = true;  // neither stepping nor exploring
    bool simple_ = true;      // load() and store() may be made without a detour
    int inject_nmi_into_ = -1;
    bool injected_ = false;
    End ended_ = End::None;
    Fault fault_;
    std::uint64_t accesses_ = 0;
    std::uint64_t blocks_ = 0;
    std::uint64_t free_accesses_ = 0;  // of these: plain ones under CostModel::Portable
    std::uint64_t parks_ = 0;
    std::uint64_t switches_ = 0;

    static inline Cpu* running_ = nullptr;  // the hooks are C functions without an argument of ours
};

}  // namespace hldsim::cpu
