// SPDX-License-Identifier: Apache-2.0
// INV-target: an NMI of the detector is accepted and taken by CPUs of the monitored mask only.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_target(const Index& index, Violations& found) {
    if (!index.options.described.monitored) {
        return;
    }
    for (const Trail& trail : index.trails) {
        if (!trail.detectors() || trail.cpu == trace::NO_CPU) {
            continue;
        }
        for (const Hop hop : {Hop::Taken, Hop::Accepted}) {
            const Rank rank = trail.hop(hop);
            if (rank != NEVER && !index.cpus[trail.cpu].monitored.before(rank)) {
                found.push_back(
                    {"INV-target", {Subject::Kind::Token, trail.token.id}, trail.cpu, rank, evidence_of(index, trail)});
                break;
            }
        }
    }
}

}  // namespace hldsim::check
