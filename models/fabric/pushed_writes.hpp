// SPDX-License-Identifier: Apache-2.0
// Which messages a read completion has ahead of it, at a root that orders both: VT-d, 5.2.4 (VTD-32, M-13).
//
//   Ahead     the messages of the same device that were posted before the completion left the device, and no others
//   Cost      a handful of entries: those under way, and those done at an instant that has not come
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim {

class PushedWrites {
public:
    /// The number that the next message gets; numbers start at 1.
    std::uint64_t posted(RequesterId requester, Instant now) {
        const auto passed = [&](const Entry& e) { return e.passable <= now; };
        entries_.erase(std::remove_if(entries_.begin(), entries_.end(), passed), entries_.end());
        entries_.push_back({++last_, requester, Instant::never()});
        return last_;
    }
    void finished(std::uint64_t number, Instant passable) {
        for (Entry& entry : entries_) {
            if (entry.number == number) {
                entry.passable = passable;
            }
        }
    }
    std::uint64_t last() const { return last_; }
    /// When a completion of that device may be at its CPU which left behind message `mark`; never(): not known yet.
    Instant passable(std::uint64_t mark, const MmioTarget& device) const {
        Instant at;
        for (const Entry& entry : entries_) {
            if (entry.number <= mark && device.sends_as(entry.requester)) {
                at = std::max(at, entry.passable);
            }
        }
        return at;
    }
    void reset() {
        entries_.clear();
        last_ = 0;
    }
    void copy_state(StateCopy& s) { s(entries_, last_); }

private:
    struct Entry {
        std::uint64_t number = 0;
        RequesterId requester;
        Instant passable;
    };
    std::vector<Entry> entries_;
    std::uint64_t last_ = 0;
};

}  // namespace hldsim
