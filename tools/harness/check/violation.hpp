// SPDX-License-Identifier: Apache-2.0
// What a checker says: which invariant, about what, and the records that show it. One checker an invariant, a file
// each.
#pragma once
#include <vector>

#include "tools/harness/check/index.hpp"

namespace hldsim::check {

/// What a violation is about: all of one subject are one finding.
struct Subject {
    enum class Kind : std::uint8_t { Token, Nmi, Lock, Coverage, Timer, Rule, Report, Stuck, Task, Code };
    Kind kind = Kind::Token;
    std::uint64_t number = 0;  // id of the token, index of the NMI, lock and so on

    friend bool operator==(Subject a, Subject b) { return a.kind == b.kind && a.number == b.number; }
    friend bool operator<(Subject a, Subject b) { return a.kind != b.kind ? a.kind < b.kind : a.number < b.number; }
};

/// Numbers of the Rule subjects.
enum RuleNumber : std::uint64_t {
    // INV-nmi-rules: what an NMI may not touch or do
    REMAPPER_RULE,
    SLEEP_RULE,
    ENTRY_RULE,  // of the remapping table
    IOAPIC_RULE,
    // INV-context
    CONTEXT_RULE,
    UNLOCK_RULE,
    // INV-nmi-rules again, the registers of the HPET: CONF_RULE is timer 0's, those of the others follow
    GEN_CONF_RULE,
    CONF_RULE,
};

struct Violation {
    const char* invariant = "";
    Subject subject;
    unsigned cpu = trace::NO_CPU;
    Rank at = NEVER;             // the record that breaks it
    std::vector<Rank> evidence;  // in any order
};

using Violations = std::vector<Violation>;
using Checker = void (*)(const Index&, Violations&);

/// Who holds what is waited for: of several readers the one that never lets go, or that waits itself, if there is one.
/// Null: nobody.
const Lock::Use* owner_of(const Index& index, const Wait& wait);

void check_lock_class(const Index& index, Violations& found);
void check_wait_graph(const Index& index, Violations& found);
void check_nmi_rules(const Index& index, Violations& found);
void check_context(const Index& index, Violations& found);
void check_mmio_budget(const Index& index, Violations& found);
void check_target(const Index& index, Violations& found);
void check_dead_target(const Index& index, Violations& found);
void check_conserve(const Index& index, Violations& found);
void check_claim(const Index& index, Violations& found);
void check_foreign(const Index& index, Violations& found);
void check_cover(const Index& index, Violations& found);
void check_sound(const Index& index, Violations& found);
void check_complete(const Index& index, Violations& found);
void check_regs(const Index& index, Violations& found);
void check_route(const Index& index, Violations& found);
void check_irte(const Index& index, Violations& found);
void check_iec(const Index& index, Violations& found);
void check_quiesce(const Index& index, Violations& found);
void check_armed(const Index& index, Violations& found);
void check_silent(const Index& index, Violations& found);
void check_progress(const Index& index, Violations& found);

// ---- evidence that several of them give

/// Every hop of the token, its NMI's fate, and the change of its CPU's mask bit before it.
std::vector<Rank> evidence_of(const Index& index, const Trail& trail);

/// The write that was to complete the route with which the token left; null: it was whole, or no such write came.
const RegisterWrite* other_half(const Index& index, const Trail& trail);

/// Where a task that has not ended stands, as far as it is known.
struct Standing {
    Rank step = NEVER;             // of hotplug: begun since the task began, the last one
    unsigned cpu = trace::NO_CPU;  // that runs it; without a step that of the task
    const Wait* wait = nullptr;    // for a lock
    Rank code = NEVER;             // in the detector's code
};
Standing standing_of(const Index& index, Rank began, unsigned cpu);

/// How far it got; NEVER: it is no request that a hop was seen of.
Rank last_hop(const Trail& trail);
/// An NMI of which nothing was heard for a second after its last hop, until the run ended.
bool lost(const Index& index, const Trail& trail);

/// What stands against a report, or for it.
struct Grounds {
    const Stuck* stuck = nullptr;  // of the CPU, of whatever kind; null: it was not, or was freed a threshold ago
    Rank held_up = NEVER;          // it was in one interrupt, or waited for one lock, a heartbeat long: since then
    Rank beat = NEVER;             // its timer interrupt of the last heartbeat
    bool exists = true;

    /// Spinning with interrupts on is no lockup.
    bool locked_up() const { return held_up != NEVER || (stuck != nullptr && stuck->kind != cpu::StuckKind::Spinning); }
};
Grounds grounds_of(const Index& index, const Report& report);

/// How the checks of a CPU came to an end: see coverage.cpp.
struct Coverage {
    enum class Cause : std::uint8_t { Alone, NoCheckAnywhere, RouteStandsStill };
    Cause cause = Cause::Alone;
    unsigned cpu = trace::NO_CPU;  // RouteStandsStill: that takes all NMIs
    Rank last_check = NEVER;       // anywhere
    Rank stopped = NEVER;          // NoCheckAnywhere: the write behind it that has stopped a timer

    Subject subject(unsigned uncovered) const;
};
/// Of a CPU that had no check between those two records.
Coverage coverage_between(const Index& index, unsigned cpu, Rank from, Rank to);

}  // namespace hldsim::check
