// SPDX-License-Identifier: Apache-2.0
// Where the fabric and the remapping units keep what is under way: by number, no allocation once warm.
#pragma once
#include <cstdint>
#include <vector>

#include "models/base/state_copy.hpp"

namespace hldsim {

/// Slots of T that keep their place and their number; released slots are used again.
template <class T>
class Pool {
public:
    std::uint32_t take(const T& value) {
        if (free_.empty()) {
            slots_.push_back(value);
            return static_cast<std::uint32_t>(slots_.size() - 1);
        }
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        slots_[slot] = value;
        return slot;
    }
    void release(std::uint32_t slot) { free_.push_back(slot); }
    /// Valid until the next take().
    T& operator[](std::uint32_t slot) { return slots_[slot]; }
    const T& operator[](std::uint32_t slot) const { return slots_[slot]; }
    void clear() {
        slots_.clear();
        free_.clear();
    }
    void copy_state(StateCopy& s) { s(slots_, free_); }

private:
    std::vector<T> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace hldsim
