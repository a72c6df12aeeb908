// SPDX-License-Identifier: Apache-2.0
// Who acts next: the one SystemC process in which every alarm of every device, and every CPU, takes its turn.
//
//   Key         (instant, priority, number of the alarm); CPUs come after all devices of the same instant
//   Origin      instants count from power-on: power_on() makes SystemC's current time the new origin
//   SystemC     time advances by one next_trigger() a step (following()); or, decoupled as TLM-2.0 allows, only when
//               another SystemC process has something to do before the next step. Both give the same trace (a test).
//               Processes must exist when the simulation starts: one that is spawned later is not waited for.
//
// Never SystemC's own order of equal times: it depends on when an event was queued.
#pragma once
#include <cstdint>
#include <functional>
#include <systemc>
#include <vector>

#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"

namespace hldsim::sim {

/// Order of devices at one femtosecond. The order of a tie that hardware leaves open is a choice of the device.
enum class Priority : std::uint8_t {
    Operator,  // what a scenario does to the machine
    Hpet,      // an edge of the HPET comes before an access that arrives with it (H-36)
    Pit,
    LapicTimer,
    Pmu,
    Ioapic,
    Fabric,    // arrivals: register accesses, messages
    HpetLate,  // an edge of the HPET that a choice has put behind an access of the same instant
    Remapper,
    Lapic,         // acceptance
    RemapperLate,  // what waits for an acceptance
    CpuEvent,      // latch to core
    Limit,         // the end of the run
};

class Timeline;

/// One thing that a device will do. at() replaces what was set before; SystemC alone would ignore a later notify.
class Alarm {
public:
    Alarm(Timeline& timeline, Priority priority, std::function<void()> ring);
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    Alarm(Alarm&&) = delete;
    Alarm& operator=(Alarm&&) = delete;

    /// Rings at t, which is not before now; Instant::never() cancels.
    void at(Instant t);
    void cancel() { at(Instant::never()); }
    bool set() const { return due_ != Instant::never(); }
    Instant due() const { return due_; }

private:
    friend class Timeline;
    static constexpr std::size_t NOWHERE = ~std::size_t{0};

    Timeline& timeline_;
    Priority priority_;
    std::uint32_t number_;
    std::function<void()> ring_;
    Instant due_ = Instant::never();
    std::size_t place_ = NOWHERE;  // in the heap
};

/// What shares the timeline with the alarms but keeps a queue of its own: the CPUs.
class Actors {
public:
    virtual ~Actors() = default;
    /// The instant of their next action; never() if nobody can act without being woken.
    virtual Instant next() const = 0;
    /// Act while next() lies before timeline.horizon(). Called with now() at most next().
    virtual void act() = 0;
};

class Timeline final : public sc_core::sc_module {
public:
    explicit Timeline(sc_core::sc_module_name name);

    /// Since power-on. While a CPU accesses a device: the CPU's own time.
    Instant now() const { return now_; }

    /// A new origin; every alarm must be cancelled.
    void power_on();
    void join(Actors& actors) { actors_ = &actors; }
    /// SystemC's time follows every step (true, the default), or only where another process needs it.
    void following(bool on) { following_ = on; }

    /// Runs everything up to and including t. now() is t afterwards.
    void run_until(Instant t);
    /// Runs until nothing is left or stop() is called.
    void run();
    /// From inside a step: no further step. The caller cancels what is still set, or goes on with run() after go_on().
    void stop() { stopped_ = true; }
    void go_on() { stopped_ = false; }
    /// Now, and every alarm: outside of run(), decoupled, and only if no other SystemC process has anything to do.
    void copy_state(StateCopy& s);

    // ---- for Actors
    /// Before this instant no device acts; an actor may go on by itself while its time lies before it.
    Instant horizon() const { return horizon_; }
    /// An actor that is first in order acts on a device at its own time t, now() <= t < horizon().
    void actor_at(Instant t) { now_ = t; }
    /// Must follow each action on a device by an actor, as that may have set an alarm.
    void update_horizon();

    /// Is an alarm of that priority due at this very instant?
    bool due_now(Priority priority) const;

    std::uint64_t steps() const { return steps_; }

private:
    friend class Alarm;

    void start_of_simulation() override;
    void process();
    bool step();
    bool systemc_reached(Instant t, Instant foreign);
    Instant next_alarm() const { return heap_.empty() ? Instant::never() : heap_.front()->due_; }
    static bool before(const Alarm& a, const Alarm& b);
    void moved(Alarm& alarm);
    void sift(std::size_t place, Alarm* alarm);
    void put(std::size_t place, Alarm* alarm);
    void remove(Alarm& alarm);
    Instant foreign_activity() const;
    Instant systemc_now() const;

    std::vector<Alarm*> heap_;
    Actors* actors_ = nullptr;
    sc_core::sc_event wake_;
    Duration epoch_;
    Instant now_;
    Instant horizon_ = Instant::never();
    Instant limit_ = Instant::never();
    std::uint32_t alarms_made_ = 0;
    std::uint64_t steps_ = 0;
    bool alone_ = false;  // no other process exists in this simulation
    bool following_ = true;
    bool stopped_ = false;
    bool inside_ = false;
};

}  // namespace hldsim::sim
