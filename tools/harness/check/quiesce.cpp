// SPDX-License-Identifier: Apache-2.0
// INV-quiesce: between the point where the detector says "drained" and its restart, none of its tokens is anywhere.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

namespace {

/// The detector is done with a token when its handler has returned; the entry code of the kernel may take its time.
Rank done_with(const Index& index, const Trail& trail) {
    const Nmi* const nmi = index.nmi_of(trail);
    return nmi == nullptr ? trail.hop(Hop::Returned)
                          : std::min({trail.hop(Hop::Returned), nmi->claimed, nmi->not_mine, nmi->ignored});
}

}  // namespace

void check_quiesce(const Index& index, Violations& found) {
    if (!index.options.described.drained) {
        return;
    }
    std::vector<std::uint32_t> alive;  // not returned by the end of the last quiet time
    std::uint32_t next = 0;
    for (const Quiet& quiet : index.quiets) {
        for (; next < index.trails.size(); ++next) {
            const Trail& trail = index.trails[next];
            const Rank matched = trail.hop(Hop::Matched);
            if (matched != NEVER && matched > quiet.restarted) {
                break;
            }
            if (trail.detectors() && matched != NEVER) {
                alive.push_back(next);
            }
        }
        alive.erase(std::remove_if(alive.begin(), alive.end(),
                                   [&](std::uint32_t id) { return done_with(index, index.trails[id]) < quiet.done; }),
                    alive.end());
        for (const std::uint32_t id : alive) {
            const Trail& trail = index.trails[id];
            Violation violation{"INV-quiesce",
                                {Subject::Kind::Token, id},
                                trail.cpu,
                                std::max(quiet.done, trail.hop(Hop::Matched)),
                                evidence_of(index, trail)};
            add_known(violation.evidence, {quiet.stopped, quiet.last_read, quiet.done});
            found.push_back(std::move(violation));
        }
    }
}

}  // namespace hldsim::check
