// SPDX-License-Identifier: Apache-2.0
// INV-route: each message of the HPET is a pair of address and data that software wrote as one pair.
//
//   Register   TIMn_PROCMSG_ROUT, data in its low half and address in its high one (IA-PC HPET 1.0a, 2.3.9.3)
//   Pair       both halves in one write; or one after the other by one CPU in one go, with nobody's write between.
//              A go is a run of an NMI or interrupt handler, or of a task between two of its hotplug steps
//   Single     one half alone, over another one that was written before: not torn, and so the pair is whole
//   Judged     as the message leaves the HPET: what befalls it later is not the software's doing
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {
namespace {

constexpr unsigned DATA = 1;
constexpr unsigned ADDRESS = 2;
constexpr unsigned BOTH = DATA | ADDRESS;

unsigned halves_of(const Index& index, const RegisterWrite& write) {
    if (write.made == NEVER) {
        return BOTH;
    }
    const trace::Record& made = index.record(write.made);
    return made.bytes == 8 ? BOTH : (made.address & 4) != 0 ? ADDRESS : DATA;
}

/// A record of that CPU which ends what its context was doing.
bool ends_a_go(const trace::Record& record, const trace::Record& self) {
    using trace::What;
    if (record.actor != self.actor) {
        return false;
    }
    if (self.context != cpu::Context::Task) {
        return record.what == What::ContextLeft && record.context == self.context;
    }
    return record.what == What::HotplugStep || record.what == What::TaskBegun || record.what == What::TaskEnded;
}

bool in_one_go(const Index& index, const RegisterWrite& first, const RegisterWrite& second) {
    if (first.made == NEVER || second.made == NEVER || second.made < first.made) {
        return false;
    }
    const trace::Record& a = index.record(first.made);
    const trace::Record& b = index.record(second.made);
    if (a.actor != b.actor || a.context != b.context || a.depth != b.depth) {
        return false;
    }
    for (Rank rank = first.made + 1; rank < second.made; ++rank) {
        if (ends_a_go(index.record(rank), a)) {
            return false;
        }
    }
    return true;
}

/// Walks over the writes of one route in the order of their effect.
class Walk {
public:
    Walk(const Index& index, const Timer& timer) : index_{index}, routes_{timer.routes} {}

    /// What the register holds from write `i` on: whole, or halves that do not belong together.
    struct State {
        bool whole = true;
        const RegisterWrite* first = nullptr;   // of the halves
        const RegisterWrite* second = nullptr;  // null: there is none
    };

    std::vector<State> states() {
        std::vector<State> list;
        list.reserve(routes_.size());
        for (std::size_t i = 0; i < routes_.size(); ++i) {
            list.push_back(after(i));
        }
        return list;
    }

private:
    State after(std::size_t i) {
        const RegisterWrite& write = index_.writes[routes_[i]];
        const unsigned halves = halves_of(index_, write);
        const bool completes = pair_is_open_;
        pair_is_open_ = false;
        written_ |= halves;
        if (!completes && halves != BOTH && i + 1 < routes_.size()) {
            const RegisterWrite& next = index_.writes[routes_[i + 1]];
            pair_is_open_ = halves_of(index_, next) == (BOTH ^ halves) && in_one_go(index_, write, next);
            if (pair_is_open_) {
                return {is_committed(write.value), &write, &next};
            }
        }
        if (written_ != BOTH) {
            return {false, &write, nullptr};
        }
        committed_.push_back(write.value);
        return {true, &write, nullptr};
    }

    bool is_committed(std::uint64_t value) const {
        return std::find(committed_.begin(), committed_.end(), value) != committed_.end();
    }

    const Index& index_;
    const std::vector<std::size_t>& routes_;
    std::vector<std::uint64_t> committed_;
    unsigned written_ = 0;
    bool pair_is_open_ = false;
};

}  // namespace

void check_route(const Index& index, Violations& found) {
    std::vector<std::vector<Walk::State>> states;
    for (const Timer& timer : index.timers) {
        states.push_back(Walk{index, timer}.states());
    }
    for (const Trail& trail : index.trails) {
        if (trail.token.source != Source::Hpet || trail.hop(Hop::Posted) == NEVER || trail.hop(Hop::Matched) == NEVER) {
            continue;
        }
        const std::size_t count = index.routes_before(trail);
        const Walk::State state = count == 0 ? Walk::State{false, nullptr, nullptr} : states[trail.timer][count - 1];
        if (state.whole) {
            continue;
        }
        Violation violation{"INV-route",
                            {Subject::Kind::Token, trail.token.id},
                            trail.cpu,
                            trail.hop(Hop::Matched),
                            evidence_of(index, trail)};
        for (const RegisterWrite* const write : {state.first, state.second}) {
            if (write == nullptr) {
                continue;
            }
            for (const Rank rank : {write->made, write->effective}) {
                if (rank != NEVER) {
                    violation.evidence.push_back(rank);
                }
            }
        }
        found.push_back(std::move(violation));
    }
}

const RegisterWrite* other_half(const Index& index, const Trail& trail) {
    const std::size_t count = index.routes_before(trail);
    return count == 0 ? nullptr : Walk{index, index.timers[trail.timer]}.states()[count - 1].second;
}

}  // namespace hldsim::check
