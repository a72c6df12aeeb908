// SPDX-License-Identifier: Apache-2.0
// The way of an NMI in the index: its tokens from hop to hop, the contexts it opens, what becomes of it.
#include "tools/harness/check/index.hpp"

namespace hldsim::check {

Rank Nmi::fate() const {
    for (const Rank rank : {claimed, claimed_elsewhere, unknown, ignored, swallowed, not_mine}) {
        if (rank != NEVER) {
            return rank;
        }
    }
    return NEVER;
}

Trail& Index::trail(Token token) {
    if (token.id >= trails.size()) {
        trails.resize(token.id + 1);
    }
    Trail& found = trails[token.id];
    if (token) {
        found.token = token;
    }
    return found;
}

namespace {

void arrive(Trail& way, Rank rank, const trace::Record& record) {
    if (record.hop < Hop::Accepted) {
        return;
    }
    const auto same = std::find_if(way.arrivals.begin(), way.arrivals.end(),
                                   [&](const Arrival& each) { return each.cpu == record.cpu; });
    Arrival& arrival = same == way.arrivals.end() ? way.arrivals.emplace_back() : *same;
    arrival.cpu = record.cpu;
    (record.hop == Hop::Accepted ? arrival.accepted
     : record.hop == Hop::Taken  ? arrival.taken
                                 : arrival.returned) = rank;
}

}  // namespace

void Index::hop(Rank rank, const trace::Record& record) {
    if (!record.token) {
        return;
    }
    Trail& way = trail(record.token);
    way.hops[static_cast<std::size_t>(record.hop)] = rank;
    way.set_up = way.set_up || record.flag;
    if (record.cpu < cpus.size()) {
        way.cpu = record.cpu;
        if (record.hop == Hop::Accepted) {
            way.mode = static_cast<DeliveryMode>(record.value);
        }
        arrive(way, rank, record);
        if (record.hop == Hop::Taken) {
            just_taken_[record.cpu].push_back(record.token.id);
        }
    }
}

/// Of a broadcast, the CPU where nobody has claimed it speaks for it, or else one that is up and has not taken it for
/// longer than anything stays; of several, the first.
void Index::look_at_unclaimed(Trail& trail) const {
    auto unclaimed = std::find_if(trail.arrivals.begin(), trail.arrivals.end(), [&](const Arrival& there) {
        return there.nmi != NEVER && nmis[there.nmi].claimed == NEVER && nmis[there.nmi].fate() != NEVER;
    });
    if (unclaimed == trail.arrivals.end()) {
        unclaimed = std::find_if(trail.arrivals.begin(), trail.arrivals.end(), [&](const Arrival& there) {
            return there.accepted != NEVER && there.taken == NEVER &&
                   life(there.cpu, there.accepted) == trace::Life::Up && ended_at_ - at(there.accepted) > LONGEST_STAY;
        });
    }
    if (trail.arrivals.size() < 2 || unclaimed == trail.arrivals.end()) {
        return;
    }
    trail.cpu = unclaimed->cpu;
    trail.nmi = unclaimed->nmi;
    trail.hops[static_cast<std::size_t>(Hop::Accepted)] = unclaimed->accepted;
    trail.hops[static_cast<std::size_t>(Hop::Taken)] = unclaimed->taken;
    trail.hops[static_cast<std::size_t>(Hop::Returned)] = unclaimed->returned;
}

void Index::matched(Rank rank, const trace::Record& match) {
    const auto number = static_cast<unsigned>(match.value);
    timer(number).matches.push_back(rank);
    Trail& way = trail(match.token);
    way.timer = number;
    way.by_wire = match.flag;
}

void Index::still_in_nmi(Rank rank, unsigned cpu) {
    if (cpu < cpus.size() && !open_nmis_[cpu].empty()) {
        nmis[open_nmis_[cpu].back()].still = rank;
    }
}

void Index::enter_nmi(Rank rank, unsigned cpu) {
    Nmi nmi;
    nmi.cpu = cpu;
    nmi.entered = rank;
    nmi.tokens = just_taken_[cpu];
    for (const std::uint32_t id : nmi.tokens) {
        trails[id].nmi = nmis.size();
        for (Arrival& there : trails[id].arrivals) {
            there.nmi = there.cpu == cpu ? nmis.size() : there.nmi;
        }
    }
    open_nmis_[cpu].push_back(nmis.size());
    nmis.push_back(std::move(nmi));
}

void Index::context(Rank rank, const trace::Record& record) {
    if (record.cpu >= cpus.size()) {
        return;
    }
    std::vector<std::size_t>& open = open_nmis_[record.cpu];
    if (record.what == trace::What::Initialized) {
        open.clear();  // they were left by nothing
        forget_stack(rank, cpus[record.cpu]);
        return;
    }
    if (record.context == cpu::Context::Interrupt) {
        interrupt_changed(rank, record);
    }
    if (record.what == trace::What::ContextLeft) {
        if (record.context == cpu::Context::Nmi && !open.empty()) {
            nmis[open.back()].left = rank;
            open.pop_back();
        }
        return;
    }
    if (record.context == cpu::Context::Nmi) {
        enter_nmi(rank, record.cpu);
    }
    for (const std::uint32_t id : just_taken_[record.cpu]) {
        if (record.context == cpu::Context::Interrupt) {
            trails[id].mode = DeliveryMode::Fixed;
        }
        if (trails[id].token.source == Source::LapicTimer) {
            cpus[record.cpu].beats.push_back(rank);
        }
    }
    just_taken_[record.cpu].clear();
}

void Index::fate(Rank rank, const trace::Record& record) {
    if (record.cpu >= cpus.size() || open_nmis_[record.cpu].empty()) {
        return;
    }
    Nmi& nmi = nmis[open_nmis_[record.cpu].back()];
    switch (record.what) {
        case trace::What::NmiClaimed:
            if (!record.flag) {
                nmi.claimed_elsewhere = std::min(nmi.claimed_elsewhere, rank);
            } else if (nmi.claimed == NEVER) {
                nmi.claimed = rank;
                if (holds_detectors(nmi)) {
                    checks.push_back(rank);
                    cpus[nmi.cpu].checks.push_back(rank);
                }
            }
            break;
        case trace::What::NmiNotMine:
            nmi.not_mine = rank;
            break;
        case trace::What::NmiUnknown:
            nmi.unknown = rank;
            break;
        case trace::What::NmiIgnored:
            nmi.ignored = rank;
            break;
        default:
            nmi.swallowed = rank;
            break;
    }
}

bool Index::holds_detectors(const Nmi& nmi) const {
    return std::any_of(nmi.tokens.begin(), nmi.tokens.end(), [&](std::uint32_t id) { return trails[id].detectors(); });
}

const Nmi* Index::nmi_around(Rank rank) const {
    const trace::Record& inside = record(rank);
    auto after = std::upper_bound(nmis.begin(), nmis.end(), rank,
                                  [](Rank wanted, const Nmi& nmi) { return wanted < nmi.entered; });
    while (after != nmis.begin()) {
        const Nmi& nmi = *--after;
        if (nmi.cpu == inside.actor) {
            return nmi.left == NEVER || nmi.left > rank ? &nmi : nullptr;
        }
    }
    return nullptr;
}

}  // namespace hldsim::check
