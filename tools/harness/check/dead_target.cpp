// SPDX-License-Identifier: Apache-2.0
// INV-dead-target: the CPU that accepts or takes an NMI of the detector is not offline, dead or waiting for its SIPI.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_dead_target(const Index& index, Violations& found) {
    for (const Trail& trail : index.trails) {
        if (!trail.detectors() || trail.cpu == trace::NO_CPU) {
            continue;
        }
        for (const Hop hop : {Hop::Taken, Hop::Accepted}) {
            const Rank rank = trail.hop(hop);
            if (rank == NEVER) {
                continue;
            }
            const trace::Life life = index.cpus[trail.cpu].life.before(rank);
            if (life == trace::Life::Offline || life == trace::Life::Dead || life == trace::Life::WaitForSipi) {
                Violation violation{"INV-dead-target",
                                    {Subject::Kind::Token, trail.token.id},
                                    trail.cpu,
                                    rank,
                                    evidence_of(index, trail)};
                add_known(violation.evidence, {index.cpus[trail.cpu].life.since(rank)});
                found.push_back(std::move(violation));
                break;
            }
        }
    }
}

}  // namespace hldsim::check
