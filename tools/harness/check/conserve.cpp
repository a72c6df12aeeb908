// SPDX-License-Identifier: Apache-2.0
// INV-conserve: no token is lost on its way, and none ends as an unknown NMI.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

/// No message is on its way for so long.
constexpr Duration LONGEST_FLIGHT{FS_PER_S};

Subject subject_of(const Index& index, const Nmi& nmi) {
    for (const std::uint32_t id : nmi.tokens) {
        if (index.trails[id].detectors()) {
            return {Subject::Kind::Token, id};
        }
    }
    return {Subject::Kind::Nmi, static_cast<std::uint64_t>(&nmi - index.nmis.data())};
}

}  // namespace

void check_conserve(const Index& index, Violations& found) {
    for (const Nmi& nmi : index.nmis) {
        if (nmi.unknown != NEVER) {
            found.push_back({"INV-conserve", subject_of(index, nmi), nmi.cpu, nmi.unknown, {nmi.entered, nmi.unknown}});
        }
    }
    for (const Trail& trail : index.trails) {
        const Rank matched = trail.hop(Hop::Matched);
        if (trail.detectors() && matched != NEVER && trail.hop(Hop::Accepted) == NEVER &&
            trail.hop(Hop::Taken) == NEVER && index.ended_at() - index.at(matched) > LONGEST_FLIGHT) {
            found.push_back({"INV-conserve",
                             {Subject::Kind::Token, trail.token.id},
                             trace::NO_CPU,
                             matched,
                             evidence_of(index, trail)});
        }
    }
}

}  // namespace hldsim::check
