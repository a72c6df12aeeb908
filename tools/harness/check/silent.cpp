// SPDX-License-Identifier: Apache-2.0
// INV-silent: a timer of the HPET that has been stopped sends nothing, and what was on its way is no longer taken
// unexpectedly.
//
// A stop is a posted write, so a message may leave or arrive after it. That is a violation where nobody is there to
// claim it; a detector that waits for it and claims it has done what it must.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_silent(const Index& index, Violations& found) {
    for (const Trail& trail : index.trails) {
        const Rank matched = trail.hop(Hop::Matched);
        if (!trail.detectors() || trail.token.source != Source::Hpet || matched == NEVER ||
            trail.timer >= index.timers.size()) {
            continue;
        }
        const Timer& timer = index.timers[trail.timer];
        const Nmi* const nmi = index.nmi_of(trail);
        const bool off = !timer.enabled.before(matched);
        const bool taken_when_stopped = nmi != nullptr && nmi->left != NEVER && nmi->claimed == NEVER &&
                                        timer.programmed.since(nmi->entered) != NEVER &&
                                        !timer.programmed.before(nmi->entered);
        if (!off && !taken_when_stopped) {
            continue;
        }
        Violation violation{"INV-silent",
                            {Subject::Kind::Token, trail.token.id},
                            trail.cpu,
                            off ? matched : nmi->entered,
                            evidence_of(index, trail)};
        add_known(violation.evidence, {timer.programmed.since(violation.at), timer.enabled.since(violation.at)});
        found.push_back(std::move(violation));
    }
}

}  // namespace hldsim::check
