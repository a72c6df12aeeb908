// SPDX-License-Identifier: Apache-2.0
// A value that changes in the course of a run, and the order in which the records of a run happened.
#pragma once
#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <vector>

namespace hldsim::check {

/// Place of a record in the order of (at, index). Comparing two ranks compares instants, ties as they were recorded.
using Rank = std::size_t;
constexpr Rank NEVER = ~Rank{0};

/// Adds those of the ranks that are no NEVER.
inline void add_known(std::vector<Rank>& to, std::initializer_list<Rank> ranks) {
    std::copy_if(ranks.begin(), ranks.end(), std::back_inserter(to), [](Rank rank) { return rank != NEVER; });
}

template <class T>
class History {
public:
    explicit History(T initial = T{}) : initial_{initial} {}

    /// Ranks must not decrease.
    void change(Rank rank, T value) { changes_.push_back({rank, value}); }

    /// The value just before that record.
    T before(Rank rank) const {
        const std::size_t n = count_before(rank);
        return n == 0 ? initial_ : changes_[n - 1].value;
    }
    /// The record that gave it this value; NEVER: it has been so since power-on.
    Rank since(Rank rank) const {
        const std::size_t n = count_before(rank);
        return n == 0 ? NEVER : changes_[n - 1].rank;
    }
    /// The first change at or after that record; NEVER: none.
    Rank next_change(Rank rank) const {
        const std::size_t n = count_before(rank);
        return n == changes_.size() ? NEVER : changes_[n].rank;
    }
    struct Change {
        Rank rank;
        T value;
    };
    const std::vector<Change>& changes() const { return changes_; }

private:
    std::size_t count_before(Rank rank) const {
        const auto found = std::lower_bound(changes_.begin(), changes_.end(), rank,
                                            [](const Change& change, Rank wanted) { return change.rank < wanted; });
        return static_cast<std::size_t>(found - changes_.begin());
    }

    T initial_;
    std::vector<Change> changes_;
};

}  // namespace hldsim::check
