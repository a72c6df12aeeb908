// SPDX-License-Identifier: Apache-2.0
// What happened in one run, in the order in which it happened: the only thing that checkers and reports look at.
//
//   Order     of happening; instants never decrease by more than a CPU's run-ahead, so sort by (at, index) to print
//   Code      positions are native return addresses; shim::Symbols turns them into functions and lines, later
//   Truth     hops, lives, stuckness and lock notes are ground truth of models and mini-kernel, not the detector's view
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/duration.hpp"
#include "models/cpu/events.hpp"
#include "models/fabric/token.hpp"

namespace hldsim::trace {

constexpr unsigned NO_CPU = HopReached::NO_CPU;

/// Life of a CPU. Leaving: its bit in the monitored mask is clear while it is still online and going down.
enum class Life : std::uint8_t { WaitForSipi, Coming, Up, Leaving, Offline, Dead };

enum class What : std::uint8_t {
    HopReached,      // token, hop; cpu from Accepted on, and there its DeliveryMode in value; flag: as an NMI that the
                     // detector's code has set up, at the hop where that shows (set_up.hpp)
    ContextEntered,  // context, vector in value; pc: where the code below stood; flag: NMIs are blocked from here on
    ContextLeft,
    Initialized,  // by INIT: the contexts of that CPU are gone, and none returns; flag: NMIs are still blocked
    IretInSmm,    // firmware's: NMIs are not blocked from here on
    LockWaits,    // object: the lock, text: its name, value: LOCK_ bits, pc: where
    LockTaken,
    LockDropped,
    LifeChanged,     // cpu, life in value, pc
    HotplugStep,     // text: callback, value: state, flag: bringing up; cpu: whose hotplug
    NmiClaimed,      // text: handler, value: what it returned; flag: one of the detector's, not of the kernel's own
    NmiNotMine,      // a handler was asked and said no; text and flag likewise
    NmiUnknown,      // nobody claimed it
    NmiIgnored,      // dropped at the entry of an offline CPU
    NmiSwallowed,    // taken for the second half of a back-to-back pair
    SleepRefused,    // text: a function that may sleep, called where that is forbidden; value: why, HLD_SLEEP_...
                     // flag: it is no call, but an initcall, a work or a hotplug callback has returned there
    Printed,         // text
    TaskBegun,       // value: number of the event
    TaskEnded,       // and its result in result
    DeviceWrite,     // value at address, as the CPU makes it
    DeviceRead,      // as the CPU begins it
    RegisterEffect,  // the write took effect in the device: address, value; of an enabled timer when it matches next,
                     // if nobody touches it, in result: fs since power-on, 0: never; flag: it has changed what the
                     // device held; period: of TIMn_COMP, which has kept its comparator and got this period
    TimerMatched,    // value: timer; token; flag: it moves a wire, and sends no message of its own
    MaskSet,         // cpu entered the monitored mask (value: by which CPU), pc: where
    MaskCleared,     // cpu left it
    StuckBegan,      // cpu, kind in value, until it is released
    StuckEnded,
    DrainDone,    // the detector's description says: from here on none of its NMIs is anywhere
    Restarted,    // and here its timer runs again
    EventBegan,   // value: number of the scenario's event
    StillInNmi,   // the run ends, and the CPU has not returned from it; pc: where it has got to
    StillInCode,  // the run ends, and an interrupt has not returned, or a task of the CPU is in the detector's code, or
                  // in what that has called; flag: it sleeps; value: femtoseconds, awake since; pc: in
                  // it
    RunEnded,     // text: why
    LineMoved,    // address: which Line, value: its number, flag: its level
    // Of the remapping unit. An entry is 128 bits: value its low half, address its high half; result: its index, cpu:
    // for whom.
    EntryUsed,       // token; flag: it was cached; stale: memory held another one
    EntryWritten,    // software is about to write this as one entry
    RequestBlocked,  // token, value: the reason, address: AMD-Vi's event, result: the index, flag: it is on record,
                     // text
    Invalidated,     // the entry cache: value: the first index, address: how many; flag: all
    WaitCompleted,   // a wait descriptor
    MessageLost,     // token, text: why no CPU gets it; cpu: whose local APIC dropped it, if one did
    MessageFaulted,  // token, value: the scenario's MessageFault that has met it; result: its sender, a Source
    // Software did with a device what its specification does not provide for, or a device sent what is no interrupt.
    Diagnosed,  // text; address; actor and pc: whose access, as far as it is known
};

/// A wire of the machine.
enum class Line : std::uint8_t {
    IoapicInput,    // number: that of the I/O APIC * 256 + the input
    InterruptLine,  // INTR of the 8259 pair
    Timer,          // OUT 0 of the 8254
    Nmi,            // NMI# of the chipset
};

/// Of the functions of SleepRefused: it never sleeps, but a mutex has a task as its owner.
inline bool is_for_tasks_alone(std::string_view function) {
    return function == "mutex_trylock" || function == "mutex_unlock";
}

/// Of a lock: the kernel gave it its name, else the detector; it is waited for or taken beside other readers.
constexpr std::uint64_t LOCK_OF_KERNEL = 1;
constexpr std::uint64_t LOCK_FOR_READING = 2;
constexpr std::uint64_t LOCK_THAT_SLEEPS = 4;  // a mutex, a semaphore: one may sleep with it

struct Record {
    What what = What::HopReached;
    unsigned cpu = NO_CPU;                      // the CPU it is about
    unsigned actor = NO_CPU;                    // the CPU that did it; NO_CPU: a device or the operator
    cpu::Context context = cpu::Context::Task;  // of the actor
    std::uint8_t depth = 0;                     // how deep contexts were nested
    Hop hop = Hop::Matched;
    bool flag = false;
    bool stale = false;   // of EntryUsed
    bool period = false;  // of RegisterEffect
    Token token;
    Instant at;
    std::uint64_t value = 0;
    std::uint64_t address = 0;  // physical, of device accesses
    const void* object = nullptr;
    const void* pc = nullptr;
    std::int64_t result = 0;
    std::uint32_t text = 0;  // index into Log::texts; 0: none
    std::uint8_t bytes = 0;  // of DeviceWrite and DeviceRead; of EntryUsed: the size of an entry of AMD's, else 0
};

/// An access to shared memory that is about to be made: kept only where asked for.
struct MemoryAccess {
    unsigned cpu = 0;
    cpu::Context context = cpu::Context::Task;
    cpu::AccessKind kind = cpu::AccessKind::Load;
    Instant at;
    Instant visible;  // to other CPUs: of a plain store when it left the store buffer, of others `at`
    const void* object = nullptr;
    const void* pc = nullptr;
};

/// What the harness knows of the detector from its description (hld.yaml); resolved to addresses.
struct Watched {
    const std::uint64_t* monitored = nullptr;  // words of the mask, one bit a CPU; null: nothing is known
    std::size_t monitored_bytes = 0;
};

struct Log {
    std::vector<Record> records;
    std::vector<MemoryAccess> accesses;
    std::vector<std::string> texts{std::string{}};
    Instant ended_at;
    unsigned cpus = 0;
    bool own_counter = false;  // the detector's code has set up a performance counter

    const std::string& text(const Record& record) const { return texts[record.text]; }
    /// A line of WARN_ON() and its kind.
    bool is_warning(const Record& record) const {
        return record.what == What::Printed && text(record).rfind("WARNING: CPU:", 0) == 0;
    }
    void clear() {
        records.clear();
        accesses.clear();
        texts.resize(1);
        ended_at = {};
        own_counter = false;
    }
};

}  // namespace hldsim::trace
