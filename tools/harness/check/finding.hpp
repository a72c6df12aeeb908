// SPDX-License-Identifier: Apache-2.0
// What a run showed: a violated invariant with its evidence, named by the hazard that explains it.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/cpu/cpus.hpp"
#include "tools/harness/trace/log.hpp"

namespace hldsim::check {

/// What a detector's description (hld.yaml) tells. An absent entry switches its invariants off.
struct Described {
    bool monitored = false;             // MaskSet and MaskCleared records exist
    bool drained = false;               // DrainDone and Restarted records exist
    std::optional<Duration> max_delay;  // Dmax
    std::optional<unsigned> reads;      // device reads per NMI
    std::optional<unsigned> writes;     // device writes per NMI
    // Of an entry that says nothing of this object: what the object lacks.
    std::map<std::string, std::string> lacking = {};
    bool nmi_handler = true;  // the object can register one: else no NMI is ever its check of a CPU
};

struct Options {
    Described described;
    Duration threshold;  // watchdog_thresh
    Duration heartbeat;  // the kernel's sample period, 2/5 of it
    cpu::End end = cpu::End::None;
    std::string end_reason;
    unsigned ended_by = trace::NO_CPU;      // of AccessLimit: whose code ran into it
    std::uint64_t timer_conf_register = 0;  // physical address of TIM0_CONF; 0: where the machine's HPET has it
    bool mask_written = false;              // the operator wrote who is watched
    Duration hpet_tick;                     // of the main counter; 0: measured from the first deadlines that were met
};

/// One finding: all violations of one token, or of one wait, or of one CPU's coverage.
struct Finding {
    std::string hazard;                   // a hazard's ID, or an invariant's where no recogniser fits
    std::vector<std::string> invariants;  // violated, in the order of the catalogue
    unsigned cpu = trace::NO_CPU;         // the CPU that it names
    std::optional<trace::Life> phase;     // the life of that CPU at that instant
    Instant at;
    cpu::Context context = cpu::Context::Task;
    Token token;                        // if it is about an NMI
    std::string sentence;               // "CPU 2 took the NMI 4 ns after it left the mask; no handler claimed it"
    std::size_t where = 0;              // the record whose code position the finding points at
    std::vector<std::size_t> evidence;  // records, in order of time
    unsigned more = 0;                  // further findings of the same hazard and phase, counted only
};

/// Of a line "Watchdog detected hard LOCKUP on cpu N", which is the report, whoever prints it: N.
std::optional<unsigned> lockup_reported(std::string_view line);

/// Behind "in": "task context", "an interrupt", "an NMI", "SMM".
const char* context_words(cpu::Context context);

/// An invariant that was off, and the first entry of the description that it lacks.
struct Unwatched {
    std::string invariant;
    std::string entry;
    std::string lacks = {};  // what the object has not that the entry names; empty: there is no entry

    friend bool operator==(const Unwatched& a, const Unwatched& b) {
        return a.invariant == b.invariant && a.entry == b.entry && a.lacks == b.lacks;
    }
};

struct Verdict {
    std::vector<Finding> findings;     // of each hazard and phase the first
    std::vector<Unwatched> unwatched;  // in the order of the catalogue
};

/// Looks at one run's log. Nothing but evidence enters: no design, no scenario.
Verdict check(const trace::Log& log, const Options& options);

}  // namespace hldsim::check
