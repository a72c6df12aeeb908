// SPDX-License-Identifier: Apache-2.0
// All violations of one subject, and the recognisers that give them a hazard's name.
#pragma once
#include <string>
#include <vector>

#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

struct Case {
    Subject subject;
    std::vector<const char*> invariants;  // in the catalogue's order
    const char* own = "";                 // the first that the subject itself violates: others may follow from it
    unsigned cpu = trace::NO_CPU;
    std::vector<unsigned> cpus;  // all that the violations name
    Rank at = NEVER;             // of the first violation
    std::vector<Rank> evidence;
    unsigned more = 0;  // later tokens that went the same wrong way

    bool violates(const char* invariant) const;
    Rank first_evidence() const { return *std::min_element(evidence.begin(), evidence.end()); }
};

/// A hazard's predicate over evidence alone; no name of a design or of a scenario enters.
struct Recogniser {
    const char* hazard;
    bool (*fits)(const Index& index, const Case& c);
};

/// Most specific first.
const std::vector<Recogniser>& recognisers();

// ---- what predicates and sentences both look at

/// The token's case; null: it is about something else.
const Trail* trail_of(const Index& index, const Case& c);
/// The NMI that the case is about, whatever its subject is: that waits for the lock, that wrote the register, that ends
/// the rotation. Null: no NMI has part in it.
const Trail* nmi_behind(const Index& index, const Case& c);
/// The record that took the token's CPU out of the mask before, or while, the NMI was there; NEVER: none did.
Rank left_mask(const Index& index, const Trail& trail);
/// The route that led the token there took effect when that CPU had left the mask.
bool route_names_who_left(const Index& index, const Trail& trail);
/// The entry of the NMI or the interrupt in which that record was made; in a task the record itself.
Rank handler_of(const Index& index, Rank made);
/// The return of an exception within an NMI, behind which the token's NMI nested in that one; NEVER: it did not.
Rank exception_before(const Index& index, const Trail& trail);
/// The quiet time in which the token was somewhere; null: none.
const Quiet* disturbed_quiet(const Index& index, const Trail& trail);
/// The write that stopped the token's timer before its NMI was taken, if it is stopped; NEVER.
Rank stop_before(const Index& index, const Trail& trail);
/// The effect of the write of that CPU; NEVER: it had none yet.
Rank effect_of(const Index& index, Rank made);
/// The wait that never ends; null: the case is about the lock's class.
const Wait* endless_wait(const Index& index, const Case& c);
/// The first NMI of the detector that matched after its last check; null: none.
const Trail* first_after_last_check(const Index& index, const Case& c);
/// The check, of any CPU, that comes after all; NEVER: none does.
Rank next_check(const Index& index, const Case& c);

/// One line on what happened.
std::string sentence(const Index& index, const Case& c, const std::string& hazard);
/// More records that the hazard's cause is made of: the write of the route, the deadline and so on.
void add_cause(const Index& index, Case& c, const std::string& hazard);

}  // namespace hldsim::check
