// SPDX-License-Identifier: Apache-2.0
// Invalidations that a remapping unit has under way, and the waits that end groups of them: VT-d 6.5.2 (VTD-27,
// VTD-30), 48882 2.4 (AMDVI-13).
//
//   Group      the invalidations that have begun since the last wait; they overlap and end in any order
//   Closed     a wait's group, when the last of it has ended
//   Drained    when all is accepted that has left the unit by entries which an invalidation of the group has named
//   Not here   when a wait is ready, in which order waits complete, and what they do then: that is each unit's own
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>

#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"
#include "models/fabric/pool.hpp"

namespace hldsim {

struct InvalidationGroup {
    unsigned open = 0;  // invalidations that have not ended
    Instant drained;    // of those that have

    bool closed() const { return open == 0; }
};

/// `Command`: what the unit has fetched.
template <class Command>
struct InvalidationWait {
    std::uint32_t number = 0;
    Command command{};
    InvalidationGroup group;
    bool ready = false;    // nothing that it waits for is left
    bool held = false;     // ready, and stays behind an earlier one, where it need not
    bool writing = false;  // its write to memory is on its way
};

template <class Invalidation, class Command>
class InvalidationWaits {
public:
    using Wait = InvalidationWait<Command>;

    // ---- invalidations, by the slot that each has until it ends
    std::uint32_t begin_invalidation(const Invalidation& invalidation) {
        ++group_.open;
        return invalidations_.take({invalidation, fetched_});
    }
    const Invalidation& invalidation(std::uint32_t slot) const { return invalidations_[slot].what; }
    /// The number that the wait behind it has or will have.
    std::uint32_t wait_of(std::uint32_t slot) const { return invalidations_[slot].wait; }
    /// Returns the wait whose group is closed by this; null: there is none.
    const Wait* end_invalidation(std::uint32_t slot, Instant drained) {
        Wait* const owner = find(wait_of(slot));
        InvalidationGroup& group = owner == nullptr ? group_ : owner->group;
        invalidations_.release(slot);
        group.drained = std::max(group.drained, drained);
        --group.open;
        return group.closed() ? owner : nullptr;
    }

    // ---- waits, in the order in which they were fetched
    /// The wait ends the group of the invalidations before it; that may be closed already.
    const Wait& add(const Command& command) {
        waits_.push_back({fetched_++, command, group_});
        group_ = {};
        return waits_.back();
    }
    void remove(std::uint32_t number) {
        waits_.erase(std::find_if(waits_.begin(), waits_.end(), [&](const Wait& w) { return w.number == number; }));
    }
    /// Null: it has not been fetched, or is complete.
    Wait* find(std::uint32_t number) {
        const auto wait = std::find_if(waits_.begin(), waits_.end(), [&](const Wait& w) { return w.number == number; });
        return wait == waits_.end() ? nullptr : &*wait;
    }
    bool empty() const { return waits_.empty(); }
    std::size_t size() const { return waits_.size(); }
    Wait& operator[](std::size_t place) { return waits_[place]; }
    Wait& front() { return waits_.front(); }
    auto begin() const { return waits_.begin(); }
    auto end() const { return waits_.end(); }

    /// No invalidation is under way and no wait.
    bool idle() const { return group_.closed() && waits_.empty(); }
    /// Of what has begun since the last wait.
    const InvalidationGroup& group() const { return group_; }
    std::uint32_t waits_fetched() const { return fetched_; }
    void clear() {
        invalidations_.clear();
        waits_.clear();
        group_ = {};
        fetched_ = 0;
    }
    void copy_state(StateCopy& s) { s(invalidations_, waits_, group_, fetched_); }

private:
    struct UnderWay {
        Invalidation what{};
        std::uint32_t wait = 0;
    };
    Pool<UnderWay> invalidations_;
    std::deque<Wait> waits_;
    InvalidationGroup group_;
    std::uint32_t fetched_ = 0;
};

}  // namespace hldsim
