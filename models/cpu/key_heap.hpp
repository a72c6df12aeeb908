// SPDX-License-Identifier: Apache-2.0
// Who acts next: a heap of keys (instant, drains before writes of devices before CPUs, CPU number), all of them
// different.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"

namespace hldsim::cpu {

enum class Rank : std::uint8_t { Drain, Device, Cpu };

class Key {
public:
    Key() = default;
    Key(Instant t, Rank rank, unsigned cpu) : at{t}, order_{static_cast<std::uint32_t>(rank) << 30U | cpu} {}

    Rank rank() const { return static_cast<Rank>(order_ >> 30U); }
    unsigned cpu() const { return order_ & 0x3fff'ffffU; }
    bool before(const Key& o) const { return value() < o.value(); }
    friend bool operator==(const Key& a, const Key& b) { return a.value() == b.value(); }

    Instant at = Instant::never();

private:
    // One number, so that a comparison is no branch: which key is the smaller one, nobody can predict.
    Uint128 value() const { return static_cast<Uint128>(static_cast<std::uint64_t>(at.fs)) << 32U | order_; }

    std::uint32_t order_ = ~0U;
};

class KeyHeap {
public:
    bool empty() const { return keys_.empty(); }
    std::size_t size() const { return keys_.size(); }
    /// The smallest; a key behind all others if there is none.
    const Key& front() const { return keys_.empty() ? LAST : keys_.front(); }
    /// The instant of front(), or never().
    Instant due() const { return due_; }

    void push(const Key& key) {
        keys_.push_back(key);
        rise(keys_.size() - 1, key);
        due_ = keys_.front().at;
    }
    Key pop() {
        const Key first = keys_.front();
        const Key last = keys_.back();
        keys_.pop_back();
        if (!keys_.empty()) {
            // Down to a leaf, always along the smaller child, and up from there: the last key belongs far down.
            std::size_t hole = 0;
            for (std::size_t child = 2; child < keys_.size(); child = 2 * hole + 2) {
                child -= keys_[child - 1].before(keys_[child]) ? 1 : 0;
                keys_[hole] = keys_[child];
                hole = child;
            }
            if (2 * hole + 2 == keys_.size()) {
                keys_[hole] = keys_[2 * hole + 1];
                hole = 2 * hole + 1;
            }
            rise(hole, last);
        }
        due_ = front().at;
        return first;
    }
    void clear() {
        keys_.clear();
        due_ = Instant::never();
    }
    void replace(const Key& old, const Key& key) {
        std::replace_if(
            keys_.begin(), keys_.end(), [&](const Key& k) { return k == old; }, key);
        make();
    }
    /// Removes the keys for which it is true.
    template <class Predicate>
    void remove_if(Predicate predicate) {
        keys_.erase(std::remove_if(keys_.begin(), keys_.end(), predicate), keys_.end());
        make();
    }
    /// All keys in ascending order, up to the next change.
    const std::vector<Key>& sorted() {
        std::sort(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) { return a.before(b); });
        return keys_;  // that is a heap, too
    }
    /// Removes the key at that place of sorted().
    Key take(std::size_t place) {
        const Key key = keys_[place];
        keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(place));
        due_ = front().at;
        return key;
    }
    void copy_state(StateCopy& s) { s(keys_, due_); }

private:
    void rise(std::size_t place, const Key& key) {
        while (place > 0 && key.before(keys_[(place - 1) / 2])) {
            keys_[place] = keys_[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        keys_[place] = key;
    }
    void make() {
        std::make_heap(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) { return b.before(a); });
        due_ = front().at;
    }

    static inline const Key LAST{};
    std::vector<Key> keys_;
    Instant due_ = Instant::never();
};

}  // namespace hldsim::cpu
