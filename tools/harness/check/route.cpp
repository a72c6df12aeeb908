// SPDX-License-Identifier: Apache-2.0
// INV-route: each message of the HPET is a pair of address and data that software wrote as one pair.
//
//   Register   TIMn_PROCMSG_ROUT, data in its low half and address in its high one (IA-PC HPET 1.0a, 2.3.9.3)
//   Pair       both halves in one write; or one after the other by one CPU in one go: a run of an NMI or interrupt
//              handler, or of a task between two of its hotplug steps. With another's write between it is none
//   Single     one half alone, over another one that was written before: not torn, and so the pair is whole
//   Message    of the HPET itself: what a timer sends by wire is a message of the I/O APIC's (2.3.8, Tn_FSB_EN_CNF)
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

/// The first record behind the write that ends what its context was doing.
Rank end_of_go(const Index& index, Rank made) {
    const trace::Record& self = index.record(made);
    Rank rank = made + 1;
    while (rank < index.size() && !ends_a_go(index.record(rank), self)) {
        ++rank;
    }
    return rank;
}

/// Walks over the writes of one route in the order of their effect.
class Walk {
public:
    Walk(const Index& index, const Timer& timer) : index_{index}, routes_{timer.routes} { find_pairs(); }

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
    static constexpr std::size_t NONE = ~std::size_t{0};

    const RegisterWrite& write(std::size_t i) const { return index_.writes[routes_[i]]; }

    /// The next write of the same context in its go, if it is the other half.
    std::size_t partner_of(std::size_t i) const {
        const RegisterWrite& first = write(i);
        if (first.made == NEVER || halves_of(index_, first) == BOTH) {
            return NONE;
        }
        const trace::Record& a = index_.record(first.made);
        const Rank end = end_of_go(index_, first.made);
        for (std::size_t j = i + 1; j < routes_.size(); ++j) {
            const Rank made = write(j).made;
            if (made == NEVER || made < first.made || index_.record(made).actor != a.actor) {
                continue;
            }
            if (made >= end) {
                break;  // writes of one CPU take effect in their order
            }
            const trace::Record& b = index_.record(made);
            if (a.context == b.context && a.depth == b.depth) {
                return (halves_of(index_, first) ^ halves_of(index_, write(j))) == BOTH ? j : NONE;
            }
        }
        return NONE;
    }

    void find_pairs() {
        second_.assign(routes_.size(), NONE);
        first_.assign(routes_.size(), NONE);
        for (std::size_t i = 0; i < routes_.size(); ++i) {
            if (const std::size_t j = first_[i] == NONE ? partner_of(i) : NONE; j != NONE && first_[j] == NONE) {
                second_[i] = j;
                first_[j] = i;
            }
        }
    }

    State after(std::size_t i) {
        const RegisterWrite& now = write(i);
        written_ |= halves_of(index_, now);
        if (second_[i] != NONE) {
            return {is_committed(now.value), &now, &write(second_[i])};
        }
        const bool others_between = first_[i] != NONE && first_[i] + 1 != i;
        if (written_ != BOTH || others_between) {
            return {written_ == BOTH && is_committed(now.value), &now, nullptr};
        }
        committed_.push_back(now.value);
        return {true, &now, nullptr};
    }

    bool is_committed(std::uint64_t value) const {
        return std::find(committed_.begin(), committed_.end(), value) != committed_.end();
    }

    const Index& index_;
    const std::vector<std::size_t>& routes_;
    std::vector<std::size_t> second_;  // of the pair that this write begins
    std::vector<std::size_t> first_;   // of the pair that it completes
    std::vector<std::uint64_t> committed_;
    unsigned written_ = 0;
};

}  // namespace

void check_route(const Index& index, Violations& found) {
    std::vector<std::vector<Walk::State>> states;
    for (const Timer& timer : index.timers) {
        states.push_back(Walk{index, timer}.states());
    }
    for (const Trail& trail : index.trails) {
        if (trail.token.source != Source::Hpet || trail.by_wire || trail.hop(Hop::Posted) == NEVER ||
            trail.hop(Hop::Matched) == NEVER) {
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
            if (write != nullptr) {
                add_known(violation.evidence, {write->made, write->effective});
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
