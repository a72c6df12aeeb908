// SPDX-License-Identifier: Apache-2.0
// INV-context: what may sleep is called in a task alone and not by the stopper, with interrupts on, preemption not
// disabled and no RCU reader open (Linux, Documentation/kernel-hacking/hacking.rst, "Recipes for Deadlock"), and an
// initcall, a work or a hotplug callback returns to where one may (do_one_initcall(), process_one_work(), and
// schedule() of the hotplug thread). In an NMI it is INV-nmi-rules.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_context(const Index& index, Violations& found) {
    const Rank call = index.sleep_elsewhere;
    if (call != NEVER) {
        Violation violation{"INV-context", {Subject::Kind::Rule, CONTEXT_RULE}, index.record(call).actor, call, {call}};
        violation.evidence.insert(violation.evidence.end(), index.held_asleep.begin(), index.held_asleep.end());
        found.push_back(std::move(violation));
    }
}

}  // namespace hldsim::check
