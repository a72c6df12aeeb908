// SPDX-License-Identifier: Apache-2.0
// INV-target: an NMI of the detector is accepted and taken by CPUs of the monitored mask only.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_target(const Index& index, Violations& found) {
    if (!index.options.described.monitored) {
        return;
    }
    for (const Trail& trail : index.trails) {
        if (!trail.detectors()) {
            continue;
        }
        for (const Arrival& there : trail.arrivals) {
            for (const Rank rank : {there.taken, there.accepted}) {
                if (rank != NEVER && !index.cpus[there.cpu].monitored.before(rank)) {
                    found.push_back({"INV-target",
                                     {Subject::Kind::Token, trail.token.id},
                                     there.cpu,
                                     rank,
                                     evidence_of(index, trail)});
                    break;
                }
            }
        }
    }
}

}  // namespace hldsim::check
