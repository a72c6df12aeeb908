// SPDX-License-Identifier: Apache-2.0
// What is under way, ordered by (instant, order of sending): a binary heap of small entries, no allocation once warm.
#pragma once
#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"

namespace hldsim {

/// Step names what happens to the slot.
template <class Step>
class DueQueue {
public:
    struct Entry {
        Instant at;
        std::uint64_t sequence = 0;
        std::uint32_t slot = 0;
        Step step{};
    };

    void push(Instant at, Step step, std::uint32_t slot) {
        heap_.push_back({at, sequence_++, slot, step});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    Entry pop() {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const Entry first = heap_.back();
        heap_.pop_back();
        return first;
    }
    Instant next() const { return heap_.empty() ? Instant::never() : heap_.front().at; }
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }
    void clear() {
        heap_.clear();
        sequence_ = 0;
    }
    void copy_state(StateCopy& s) { s(heap_, sequence_); }
    /// In no particular, but a reproducible, order.
    auto begin() const { return heap_.begin(); }
    auto end() const { return heap_.end(); }

private:
    static bool later(const Entry& a, const Entry& b) {
        return std::tie(a.at, a.sequence) > std::tie(b.at, b.sequence);
    }

    std::vector<Entry> heap_;
    std::uint64_t sequence_ = 0;
};

}  // namespace hldsim
