// SPDX-License-Identifier: Apache-2.0
// INV-dead-target: the CPU that accepts or takes an NMI of the detector is not offline, dead or waiting for its SIPI.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

namespace {

bool is_gone(trace::Life life) {
    return life == trace::Life::Offline || life == trace::Life::Dead || life == trace::Life::WaitForSipi;
}

}  // namespace

void check_dead_target(const Index& index, Violations& found) {
    for (const Trail& trail : index.trails) {
        if (!trail.detectors()) {
            continue;
        }
        for (const Arrival& there : trail.arrivals) {
            for (const Rank rank : {there.taken, there.accepted}) {
                if (rank == NEVER || !is_gone(index.cpus[there.cpu].life.before(rank))) {
                    continue;
                }
                Violation violation{"INV-dead-target",
                                    {Subject::Kind::Token, trail.token.id},
                                    there.cpu,
                                    rank,
                                    evidence_of(index, trail)};
                add_known(violation.evidence, {index.cpus[there.cpu].life.since(rank)});
                found.push_back(std::move(violation));
                break;
            }
        }
    }
}

}  // namespace hldsim::check
