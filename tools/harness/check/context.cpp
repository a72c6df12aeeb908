// SPDX-License-Identifier: Apache-2.0
// INV-context: what may sleep is called in a task alone, with interrupts on and preemption not disabled (Linux,
// Documentation/kernel-hacking/hacking.rst, "Recipes for Deadlock"). In an NMI it is INV-nmi-rules.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_context(const Index& index, Violations& found) {
    const Rank call = index.sleep_elsewhere;
    if (call != NEVER) {
        found.push_back({"INV-context", {Subject::Kind::Rule, CONTEXT_RULE}, index.record(call).actor, call, {call}});
    }
}

}  // namespace hldsim::check
