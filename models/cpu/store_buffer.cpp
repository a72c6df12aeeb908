// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/store_buffer.hpp"

#include <cassert>

namespace hldsim::cpu {

bool StoreBuffer::settle_slowly() {
    const bool store_made = unsettled_ == Unsettled::Store;
    unsettled_ = Unsettled::Nothing;
    if (!store_made) {
        copy_store(hidden_.at, hidden_.bytes.data(), hidden_.size);
        return false;
    }
    Store& store = fifo_[(first_ + count_) % CAPACITY];
    ++count_;
    store.at = old_.at;
    store.size = old_.size;
    store.marked = old_.marked;
    store.line = old_.line;
    copy_store(store.bytes.data(), old_.at, old_.size);
    copy_store(old_.at, old_.bytes.data(), old_.size);
    return true;
}

void StoreBuffer::announce(void* at, unsigned size, bool marked, unsigned line) {
    assert(size <= Store::MAX_BYTES && !full() && unsettled_ == Unsettled::Nothing);
    old_.at = static_cast<std::uint8_t*>(at);
    old_.size = static_cast<std::uint8_t>(size);
    old_.marked = marked;
    old_.line = line;
    copy_store(old_.bytes.data(), at, size);
    unsettled_ = Unsettled::Store;
}

const Store* StoreBuffer::youngest(const void* at, unsigned size) const {
    const auto* const p = static_cast<const std::uint8_t*>(at);
    for (unsigned i = count_; i-- > 0;) {
        const Store& store = fifo_[(first_ + i) % CAPACITY];
        if (store.at < p + size && p < store.at + store.size) {
            return &store;
        }
    }
    return nullptr;
}

StoreBuffer::Cover StoreBuffer::cover_slowly(const void* at, unsigned size) const {
    const Store* const store = youngest(at, size);
    if (store == nullptr) {
        return Cover::None;
    }
    const auto* const p = static_cast<const std::uint8_t*>(at);
    return store->at <= p && p + size <= store->at + store->size ? Cover::Whole : Cover::Partial;
}

std::uint64_t StoreBuffer::value_seen(const void* at, unsigned size) const {
    const Store* const store = youngest(at, size);
    const auto* const p = static_cast<const std::uint8_t*>(at);
    return value_at(store == nullptr ? p : store->bytes.data() + (p - store->at), size);
}

void StoreBuffer::patch_load(void* at, unsigned size) {
    const Store* const store = youngest(at, size);
    hidden_.at = static_cast<std::uint8_t*>(at);
    hidden_.size = static_cast<std::uint8_t>(size);
    std::memcpy(hidden_.bytes.data(), at, size);
    std::memcpy(at, store->bytes.data() + (hidden_.at - store->at), size);
    unsettled_ = Unsettled::Load;
}

}  // namespace hldsim::cpu
