// SPDX-License-Identifier: Apache-2.0
// A run's log, read once: the way of each token, what each NMI came to, lives, masks, timer, locks, tasks.
//
//   Order     everything below is in ranks (history.hpp); index_of() gives the log's own index back
//   Token     one of the HPET is the detector's, unless it was taken as an ordinary interrupt; and one that the
//             detector's code has sent, or of what it has set up (trace/set_up.hpp)
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/harness/check/finding.hpp"
#include "tools/harness/check/history.hpp"
#include "tools/harness/trace/log.hpp"

namespace hldsim::check {

constexpr std::uint64_t HPET_TIMERS_AT = 0x100;  // offset of TIM0_CONF: IA-PC HPET Specification 1.0a, 2.3.1

/// A CPU that has accepted a token: of a broadcast there are several.
struct Arrival {
    unsigned cpu = trace::NO_CPU;
    Rank accepted = NEVER;
    Rank taken = NEVER;
    Rank returned = NEVER;
    std::size_t nmi = NEVER;  // that it was taken in
};

/// No message is on its way, no latch is closed and no handler runs for so long.
constexpr Duration LONGEST_STAY{FS_PER_S};

/// The way of one token.
struct Trail {
    Token token;
    std::array<Rank, 6> hops{NEVER, NEVER, NEVER, NEVER, NEVER, NEVER};  // by Hop
    unsigned cpu = trace::NO_CPU;  // that accepted it; of several see look_at_unclaimed()
    std::vector<Arrival> arrivals;
    unsigned timer = 0;
    bool set_up = false;                    // by the detector's code
    bool by_wire = false;                   // from the timer to an I/O APIC, whose message it then is
    std::size_t nmi = NEVER;                // the NMI that it was taken in
    DeliveryMode mode = DeliveryMode::Nmi;  // in which it was accepted
    Rank entry = NEVER;                     // of the remapping table: used
    Rank blocked = NEVER;                   // by the remapping unit

    Rank hop(Hop which) const { return hops[static_cast<std::size_t>(which)]; }
    /// One that has a vector, or gets one from an 8259.
    bool interrupt() const {
        return mode == DeliveryMode::Fixed || mode == DeliveryMode::LowestPriority || mode == DeliveryMode::ExtInt;
    }
    bool detectors() const {
        return (token.source == Source::Hpet || token.source == Source::LapicTimer2 || set_up) && !interrupt();
    }
    bool of_timer() const { return token.source == Source::Hpet; }
    /// It was to be an NMI, and was accepted as SMI, INIT or SIPI.
    bool misdelivered() const { return detectors() && mode != DeliveryMode::Nmi; }
};

/// One NMI: from its entry to its return.
struct Nmi {
    unsigned cpu = 0;
    Rank entered = NEVER;
    Rank left = NEVER;
    Rank still = NEVER;                 // the run has ended in it
    std::vector<std::uint32_t> tokens;  // ids
    Rank claimed = NEVER;               // by the detector
    Rank claimed_elsewhere = NEVER;     // by a handler of the kernel's own
    Rank not_mine = NEVER;
    Rank unknown = NEVER;
    Rank ignored = NEVER;
    Rank swallowed = NEVER;
    std::vector<Rank> reads;  // of the HPET
    std::vector<Rank> writes;

    /// What became of it, if it is known yet.
    Rank fate() const;
};

/// A register of the HPET.
struct Register {
    enum class Kind : std::uint8_t { None, GenConf, Status, Counter, Conf, Comparator, Route, Other };
    Kind kind = Kind::None;
    unsigned timer = 0;
};

/// A write to a register: made by a CPU, and later effective in the device.
struct RegisterWrite {
    Register target;
    Rank made = NEVER;
    Rank effective = NEVER;
    std::uint64_t value = 0;  // of the register, once effective; else as written
};

struct Timer {
    History<bool> enabled{false};     // INT_ENB in the device
    History<bool> programmed{false};  // and as the last CPU wrote it
    std::vector<std::size_t> routes;  // indexes of writes, in the order of their effect
    std::vector<std::size_t> comparators;
    std::vector<Rank> matches;
    bool periodic = false;  // as written last
};

struct Stuck {
    unsigned cpu = 0;
    cpu::StuckKind kind = cpu::StuckKind::IrqOff;
    Rank began = NEVER;
    Rank ended = NEVER;
};

/// From the point where the detector says that none of its NMIs is anywhere, until its timer runs again.
struct Quiet {
    unsigned cpu = 0;
    Rank stopped = NEVER;    // the write that stopped the timer
    Rank last_read = NEVER;  // of the HPET by that CPU since then
    Rank done = NEVER;
    Rank restarted = NEVER;
};

struct Lock {
    struct Use {
        Rank rank = NEVER;
        unsigned cpu = 0;
        unsigned depth = 0;
    };
    std::string name;
    bool kernels = false;            // by who gave it its name: else the detector's own
    bool sleeping = false;           // a mutex, a semaphore
    std::size_t named = 0;           // the first lock of that name
    Rank in_nmi = NEVER;             // first taken there by a call that may wait
    Rank elsewhere = NEVER;          // first taken in task or interrupt context
    Rank written_in_nmi = NEVER;     // both again, of takers that let nobody hold it beside them: for writing, and
    Rank written_elsewhere = NEVER;  // every taker of a lock that has no readers
    std::vector<Use> held;           // of several, each is a reader

    struct Clash {
        Rank in_nmi;
        Rank elsewhere;
    };
    /// The first two takers of which the one in the NMI waits for the other: readers do not wait for readers.
    std::optional<Clash> clash() const;
};

struct Wait {
    std::size_t lock = 0;
    Lock::Use use;
};

struct Task {
    std::uint64_t number = 0;
    unsigned cpu = 0;
    Rank began = NEVER;
    Rank ended = NEVER;
};

struct CpuFacts {
    History<trace::Life> life{trace::Life::WaitForSipi};
    History<bool> monitored{false};
    History<bool> going_down{false};
    std::vector<Rank> checks;  // NMIs of the detector that were claimed here
    std::vector<Rank> beats;   // timer interrupts taken
    std::vector<Wait> waits;   // open, innermost last
    std::vector<Rank> irqs;    // entered and not left, innermost last
    // Since when it can do nothing else; NEVER: it can.
    History<Rank> in_irq{NEVER};   // one interrupt
    History<Rank> waiting{NEVER};  // for a lock
    Rank still = NEVER;            // the run has ended with it in an interrupt, or with a task in the detector's code
};

struct Report {
    Rank rank = NEVER;
    unsigned names = 0;
};

class Index {
public:
    Index(const trace::Log& log, const Options& options);

    const trace::Log& log;
    const Options& options;
    std::vector<Trail> trails;  // by id
    std::vector<Nmi> nmis;
    std::vector<RegisterWrite> writes;
    std::vector<Timer> timers;
    std::vector<Stuck> stucks;
    std::vector<Quiet> quiets;
    std::vector<Lock> locks;
    std::vector<Task> tasks;
    std::vector<Report> reports;
    std::vector<Rank> checks;  // of all CPUs
    std::vector<CpuFacts> cpus;
    std::map<std::int64_t, std::vector<Rank>> entries;  // of the remapping table, by index: as software wrote them
    std::vector<Rank> invalidations;                    // of the entry cache
    std::vector<Rank> waits_completed;                  // wait descriptors
    Rank sleep_in_nmi = NEVER;                          // the first call of a function that may sleep there
    Rank sleep_elsewhere = NEVER;                       // and the first in an interrupt, or in a task that must not
    Rank unheld = NEVER;                                // the first release of a lock that nobody holds
    std::vector<Rank> held_asleep;                      // where it had taken the spinning locks that it held
    Rank remapper_in_nmi = NEVER;                       // the first access to the unit's registers there
    Rank entry_in_nmi = NEVER;                          // the first write of an entry of its table
    Rank last_step = NEVER;                             // of hotplug, of any CPU
    Rank ioapic_in_nmi = NEVER;                         // the first access to an I/O APIC

    const trace::Record& record(Rank rank) const { return log.records[index_of(rank)]; }
    std::size_t index_of(Rank rank) const { return order_.empty() ? rank : order_[rank]; }
    Instant at(Rank rank) const { return record(rank).at; }
    std::size_t size() const { return log.records.size(); }
    Instant ended_at() const { return ended_at_; }

    Register register_at(std::uint64_t address) const;
    trace::Life life(unsigned cpu, Rank rank) const;
    const Nmi* nmi_of(const Trail& trail) const { return trail.nmi == NEVER ? nullptr : &nmis[trail.nmi]; }
    bool holds_detectors(const Nmi& nmi) const;
    std::uint64_t number_of(const Nmi& nmi) const { return static_cast<std::uint64_t>(&nmi - nmis.data()); }
    /// Its CPU was stuck so at that record; null: it was not.
    const Stuck* stuck(unsigned cpu, Rank rank) const;
    /// The route that decided where the token went; null: none was ever written, or it went by wire.
    const RegisterWrite* route_of(const Trail& trail) const;
    /// How many writes of the timer's route had taken effect when the token matched.
    std::size_t routes_before(const Trail& trail) const;
    /// The NMI whose context that record was made in; null: another context.
    const Nmi* nmi_around(Rank rank) const;

    // ---- remapping
    bool is_remapper(std::uint64_t address) const;
    bool invalidates(Rank invalidation, std::int64_t entry) const;
    /// The last write of that entry before that record; NEVER: none.
    Rank entry_written_before(std::int64_t entry, Rank rank) const;
    /// Has software written the entry that the token used, as it is, since that record (NEVER: ever)?
    bool was_written(const Trail& trail, Rank since) const;
    struct Drained {
        Rank invalidation;
        Rank wait;
    };
    /// The token was remapped, and then an invalidation that names its entry and a wait were complete before that
    /// record.
    std::optional<Drained> drained_by_invalidation(const Trail& trail, Rank before) const;

private:
    void sort();
    void read(Rank rank);
    void hop(Rank rank, const trace::Record& record);
    void context(Rank rank, const trace::Record& record);
    void sleep(Rank rank, const trace::Record& record);
    void enter_nmi(Rank rank, unsigned cpu);
    void interrupt_changed(Rank rank, const trace::Record& record);
    static void forget_stack(Rank rank, CpuFacts& cpu);
    void matched(Rank rank, const trace::Record& match);
    void still_in_nmi(Rank rank, unsigned cpu);
    void still_in_code(Rank rank, unsigned cpu);
    void hotplug_step(Rank rank, const trace::Record& record);
    void fate(Rank rank, const trace::Record& record);
    void device_access(Rank rank, const trace::Record& record);
    void effect(Rank rank, const trace::Record& record);
    void lock(Rank rank, const trace::Record& record);
    std::vector<Rank> spinning_locks_of(const trace::Record& record) const;
    void printed(Rank rank, const trace::Record& record);
    void task(Rank rank, const trace::Record& record);
    void drain(Rank rank, const trace::Record& record);
    void remapped(Rank rank, const trace::Record& record);
    void life_changed(Rank rank, const trace::Record& record);
    void stuck_changed(Rank rank, const trace::Record& record);
    void end_quiet(Rank rank);
    void look_at_unclaimed(Trail& trail) const;
    Trail& trail(Token token);
    Timer& timer(unsigned number);
    CpuFacts* facts(unsigned cpu) { return cpu < cpus.size() ? &cpus[cpu] : nullptr; }

    std::vector<std::size_t> order_;  // empty: the log is in order
    Instant ended_at_;
    std::uint64_t hpet_base_ = 0;
    std::map<const void*, std::size_t> lock_numbers_;
    std::map<std::pair<std::string, bool>, std::size_t> lock_names_;  // and whose they are
    std::vector<std::size_t> unpaired_;                               // writes that are not effective yet
    std::vector<std::vector<std::uint32_t>> just_taken_;              // by CPU: tokens, before the context is entered
    std::vector<std::vector<std::size_t>> open_nmis_;                 // by CPU, innermost last
    std::vector<Quiet> preparing_;                                    // by CPU: stopped, perhaps read, not drained yet
};

}  // namespace hldsim::check
