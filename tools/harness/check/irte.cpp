// SPDX-License-Identifier: Apache-2.0
// INV-irte: each lookup uses a 128-bit entry that software wrote as a whole. INV-iec: one that begins after the wait
// descriptor of an invalidation is complete uses no entry older than that invalidation.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

Violation violation_of(const Index& index, const Trail& trail, const char* invariant) {
    const trace::Record& used = index.record(trail.entry);
    Violation violation{
        invariant, {Subject::Kind::Token, trail.token.id}, trail.cpu, trail.entry, evidence_of(index, trail)};
    add_known(violation.evidence, {trail.entry, index.entry_written_before(used.result, trail.entry)});
    return violation;
}

/// The last write of the entry that an invalidation followed whose wait was complete before the message left its
/// device, and so before its lookup began; NEVER: there is none.
Rank oldest_allowed(const Index& index, const Trail& trail) {
    const Rank posted = trail.hop(Hop::Posted);
    const std::int64_t entry = index.record(trail.entry).result;
    const auto wait = std::lower_bound(index.waits_completed.begin(), index.waits_completed.end(), posted);
    if (posted == NEVER || wait == index.waits_completed.begin()) {
        return NEVER;
    }
    for (auto done = index.invalidations.rbegin(); done != index.invalidations.rend(); ++done) {
        if (*done < *std::prev(wait) && index.invalidates(*done, entry)) {
            return index.entry_written_before(entry, *done);
        }
    }
    return NEVER;
}

}  // namespace

void check_irte(const Index& index, Violations& found) {
    for (const Trail& trail : index.trails) {
        if (trail.entry != NEVER && !index.was_written(trail, NEVER)) {
            found.push_back(violation_of(index, trail, "INV-irte"));
        }
    }
}

void check_iec(const Index& index, Violations& found) {
    for (const Trail& trail : index.trails) {
        if (trail.entry == NEVER || !index.was_written(trail, NEVER)) {
            continue;  // a mixture has no age
        }
        const Rank oldest = oldest_allowed(index, trail);
        if (oldest != NEVER && !index.was_written(trail, oldest)) {
            found.push_back(violation_of(index, trail, "INV-iec"));
        }
    }
}

}  // namespace hldsim::check
