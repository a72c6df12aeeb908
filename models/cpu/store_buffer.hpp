// SPDX-License-Identifier: Apache-2.0
// One CPU's store buffer, x86-TSO, around stores that compiled C makes by itself.
//
//   Model      x86-TSO (Sewell et al., CACM 53(7), 2010): FIFO of stores, loads forward from the youngest that covers
//   Store      announced by a hook; the compiled instruction writes memory; the CPU's next hook settles it: the new
//              bytes join the FIFO, the old ones are put back, so what lies in memory at a hook is globally visible
//   Load       bytes that the FIFO covers are patched in for that one load and taken out at the next hook
//   Nesting    an NMI enters after settle() and before the hook announces its own access: it never meets half a store
//   Deviation: a store leaves after a fixed time at the latest, so that not each order that TSO allows comes by itself
//   Deviation: a load that a store covers in part waits for the whole buffer to drain (hardware replays that load)
#pragma once
#include <array>
#include <cstdint>
#include <cstring>

#include "models/base/limits.hpp"
#include "models/base/state_copy.hpp"

namespace hldsim::cpu {

struct Store {
    static constexpr unsigned MAX_BYTES = 16;

    std::uint8_t* at = nullptr;
    std::array<std::uint8_t, MAX_BYTES> bytes{};
    std::uint8_t size = 0;
    bool marked = false;
    unsigned line = 0;  // of its first byte
};

/// Copies as many bytes as a store has; the sizes of registers without a call.
inline void copy_store(void* to, const void* from, unsigned size) {
    switch (size) {
        case 8:
            std::memcpy(to, from, 8);
            break;
        case 4:
            std::memcpy(to, from, 4);
            break;
        case 1:
            std::memcpy(to, from, 1);
            break;
        default:
            std::memcpy(to, from, size);
            break;
    }
}

/// The first bytes of what is there, at most 8.
inline std::uint64_t value_at(const void* at, unsigned size) {
    std::uint64_t value = 0;
    copy_store(&value, at, size < sizeof value ? size : static_cast<unsigned>(sizeof value));
    return value;
}

class StoreBuffer {
public:
    enum class Cover : std::uint8_t { None, Whole, Partial };
    static constexpr unsigned CAPACITY = limits::STORE_BUFFER_ENTRIES;

    bool empty() const { return count_ == 0; }
    bool full() const { return count_ == CAPACITY; }
    unsigned count() const { return count_; }
    const Store& head() const { return fifo_[first_]; }
    void pop() {
        first_ = first_ + 1 == CAPACITY ? 0 : first_ + 1;
        --count_;
    }
    void reset() {
        first_ = count_ = 0;
        unsettled_ = Unsettled::Nothing;
    }

    /// Must be the first act of every hook. True: a store has joined the FIFO.
    bool settled() const { return unsettled_ == Unsettled::Nothing; }
    bool settle() { return unsettled_ != Unsettled::Nothing && settle_slowly(); }
    /// The compiled store of `size` bytes at `at`, at most 16, follows.
    void announce(void* at, unsigned size, bool marked, unsigned line);
    /// By the youngest store that overlaps the bytes.
    Cover cover(const void* at, unsigned size) const { return count_ == 0 ? Cover::None : cover_slowly(at, size); }
    /// What a load of up to 8 bytes would find, of bytes that are always stored together.
    std::uint64_t value_seen(const void* at, unsigned size) const;
    void copy_state(StateCopy& s) {
        s(first_, count_, unsettled_, old_, hidden_);
        for (unsigned i = 0; i < count_; ++i) {
            s(fifo_[(first_ + i) % CAPACITY]);
        }
    }
    /// Only if cover() is Whole: the compiled load follows.
    void patch_load(void* at, unsigned size);

private:
    // What the compiled instruction that follows a hook does to memory, and the next hook takes out again.
    enum class Unsettled : std::uint8_t { Nothing, Store, Load };

    bool settle_slowly();
    Cover cover_slowly(const void* at, unsigned size) const;
    const Store* youngest(const void* at, unsigned size) const;

    Unsettled unsettled_ = Unsettled::Nothing;
    unsigned first_ = 0;
    unsigned count_ = 0;
    Store old_;     // the place of the announced store, with the bytes that were there
    Store hidden_;  // the place of the patched load, with the bytes that others must see
    std::array<Store, CAPACITY> fifo_;
};

}  // namespace hldsim::cpu
