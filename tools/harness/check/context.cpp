// SPDX-License-Identifier: Apache-2.0
// INV-context: what may sleep is called in a task alone and not by the stopper, with interrupts on, preemption not
// disabled and no RCU reader open (Linux, Documentation/kernel-hacking/hacking.rst, "Recipes for Deadlock"), and an
// initcall, a work or a hotplug callback returns to where one may (do_one_initcall(), process_one_work(), and
// schedule() of the hotplug thread). In an NMI it is INV-nmi-rules.
//
// And who releases a lock has taken it: lockdep's "bad unlock balance". Behind one of a spinning lock the preemption
// count is too low, so what it says of a later call is no finding.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_context(const Index& index, Violations& found) {
    const Rank call = index.sleep_elsewhere;
    bool counts = true;
    if (index.unheld != NEVER) {
        const trace::Record& unlock = index.record(index.unheld);
        found.push_back(
            {"INV-context", {Subject::Kind::Rule, UNLOCK_RULE}, unlock.actor, index.unheld, {index.unheld}});
        counts = (unlock.value & trace::LOCK_THAT_SLEEPS) != 0 || call < index.unheld;
    }
    if (call != NEVER && counts) {
        Violation violation{"INV-context", {Subject::Kind::Rule, CONTEXT_RULE}, index.record(call).actor, call, {call}};
        violation.evidence.insert(violation.evidence.end(), index.held_asleep.begin(), index.held_asleep.end());
        found.push_back(std::move(violation));
    }
}

}  // namespace hldsim::check
