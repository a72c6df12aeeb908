// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "tools/harness/check/case.hpp"

namespace hldsim::check {

bool Case::violates(const char* invariant) const {
    return std::any_of(invariants.begin(), invariants.end(),
                       [&](const char* other) { return std::strcmp(other, invariant) == 0; });
}

const Trail* trail_of(const Index& index, const Case& c) {
    return c.subject.kind == Subject::Kind::Token ? &index.trails[c.subject.number] : nullptr;
}

namespace {

/// Of the tokens that merged into that NMI the detector's; if it has none, the first.
const Trail* trail_in(const Index& index, const Nmi* nmi) {
    const Trail* found = nullptr;
    for (const std::uint32_t id : nmi == nullptr ? std::vector<std::uint32_t>{} : nmi->tokens) {
        const Trail& trail = index.trails[id];
        if (found == nullptr || (trail.detectors() && !found->detectors())) {
            found = &trail;
        }
    }
    return found;
}

/// The write that took effect at that record was made in an NMI; null: elsewhere.
const Nmi* nmi_of_effect(const Index& index, Rank effective) {
    const auto write = std::find_if(index.writes.begin(), index.writes.end(),
                                    [&](const RegisterWrite& w) { return w.effective == effective; });
    return write == index.writes.end() || write->made == NEVER ? nullptr : index.nmi_around(write->made);
}

}  // namespace

const Trail* nmi_behind(const Index& index, const Case& c) {
    switch (c.subject.kind) {
        case Subject::Kind::Token:
            return &index.trails[c.subject.number];
        case Subject::Kind::Nmi:
            return trail_in(index, &index.nmis[c.subject.number]);
        case Subject::Kind::Lock:
        case Subject::Kind::Rule:
        case Subject::Kind::Report:
            return trail_in(index, index.nmi_around(c.at));
        case Subject::Kind::Timer:
            return trail_in(index, nmi_of_effect(index, c.at));
        case Subject::Kind::Coverage: {
            const Coverage coverage = coverage_between(index, c.cpu, c.first_evidence(), c.at);
            return coverage.cause == Coverage::Cause::NoCheckAnywhere ? first_after_last_check(index, c) : nullptr;
        }
        case Subject::Kind::Stuck:
        case Subject::Kind::Task:
        case Subject::Kind::Code:
            break;
    }
    return nullptr;
}

Rank left_mask(const Index& index, const Trail& trail) {
    const Rank there = trail.hop(Hop::Taken) != NEVER ? trail.hop(Hop::Taken) : trail.hop(Hop::Accepted);
    if (there == NEVER || trail.cpu == trace::NO_CPU) {
        return NEVER;
    }
    const History<bool>& monitored = index.cpus[trail.cpu].monitored;
    if (!monitored.before(there)) {
        return monitored.since(there);
    }
    const Nmi* const nmi = index.nmi_of(trail);
    const Rank changed = monitored.next_change(there);
    return nmi != nullptr && nmi->claimed == NEVER && changed < nmi->left ? changed : NEVER;
}

bool route_names_who_left(const Index& index, const Trail& trail) {
    const Rank left = left_mask(index, trail);
    const RegisterWrite* const route = index.route_of(trail);
    return left != NEVER && route != nullptr && route->effective != NEVER && route->effective > left;
}

Rank handler_of(const Index& index, Rank made) {
    const trace::Record& inside = index.record(made);
    if (inside.context == cpu::Context::Task) {
        return made;
    }
    for (Rank rank = made; rank-- > 0;) {
        const trace::Record& earlier = index.record(rank);
        if (earlier.what == trace::What::ContextEntered && earlier.actor == inside.actor &&
            earlier.context == inside.context) {
            return rank;
        }
    }
    return made;
}

const Quiet* disturbed_quiet(const Index& index, const Trail& trail) {
    const Rank matched = trail.hop(Hop::Matched);
    for (const Quiet& quiet : index.quiets) {
        if (matched < quiet.restarted && trail.hop(Hop::Returned) > quiet.done) {
            return &quiet;
        }
    }
    return nullptr;
}

Rank stop_before(const Index& index, const Trail& trail) {
    const Rank taken = trail.hop(Hop::Taken);
    if (taken == NEVER || !trail.of_timer() || trail.timer >= index.timers.size()) {
        return NEVER;
    }
    const History<bool>& programmed = index.timers[trail.timer].programmed;
    return programmed.before(taken) ? NEVER : programmed.since(taken);
}

Rank effect_of(const Index& index, Rank made) {
    const auto write =
        std::find_if(index.writes.begin(), index.writes.end(), [&](const RegisterWrite& w) { return w.made == made; });
    return write == index.writes.end() ? NEVER : write->effective;
}

const Wait* endless_wait(const Index& index, const Case& c) {
    if (c.subject.kind != Subject::Kind::Lock || !c.violates("INV-wait-graph")) {
        return nullptr;
    }
    for (const CpuFacts& cpu : index.cpus) {
        for (const Wait& wait : cpu.waits) {
            const bool shown = std::find(c.evidence.begin(), c.evidence.end(), wait.use.rank) != c.evidence.end();
            if (index.locks[wait.lock].named == c.subject.number && shown) {
                return &wait;
            }
        }
    }
    return nullptr;
}

const Trail* first_after_last_check(const Index& index, const Case& c) {
    const auto after = std::lower_bound(index.checks.begin(), index.checks.end(), c.at);
    if (after == index.checks.begin()) {
        return nullptr;
    }
    const Rank last = *std::prev(after);
    for (const Trail& trail : index.trails) {
        if (trail.detectors() && trail.hop(Hop::Matched) != NEVER && trail.hop(Hop::Matched) > last) {
            return &trail;
        }
    }
    return nullptr;
}

Rank next_check(const Index& index, const Case& c) {
    const auto next = std::lower_bound(index.checks.begin(), index.checks.end(), c.at);
    return next == index.checks.end() ? NEVER : *next;
}

// IRET unblocks NMIs, whatever context it returns from (SDM vol. 3A, 6.7.1).
Rank exception_before(const Index& index, const Trail& trail) {
    const Nmi* const nmi = index.nmi_of(trail);
    if (nmi == nullptr) {
        return NEVER;
    }
    // They are in the order in which they were entered; the outer one is among the CPU's last.
    unsigned before = 16;
    for (std::size_t n = trail.nmi; n-- > 0 && before > 0;) {
        const Nmi& outer = index.nmis[n];
        before -= outer.cpu == nmi->cpu ? 1 : 0;
        if (outer.cpu != nmi->cpu || outer.left < nmi->entered) {
            continue;
        }
        for (Rank rank = nmi->entered; rank-- > outer.entered;) {
            const trace::Record& record = index.record(rank);
            if (record.what == trace::What::ContextLeft && record.actor == nmi->cpu &&
                record.context == cpu::Context::Interrupt) {
                return rank;
            }
        }
    }
    return NEVER;
}

}  // namespace hldsim::check
