// SPDX-License-Identifier: Apache-2.0
// Devices that access the memory of software. A write takes its turn in the heap, as a store that drains: a CPU that is
// parked on the line has its last turn with the old bytes first.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "models/cpu/cpus.hpp"

namespace hldsim::cpu {

void Cpus::device_writes(void* at, const void* bytes, unsigned size) {
    assert(size <= DEVICE_WRITE);
    DeviceWrite write;
    write.at = static_cast<char*>(at);
    write.size = size;
    std::memcpy(write.bytes.data(), bytes, size);
    device_writes_.push_back(write);
    if (!timed()) {
        make_device_write(timeline_.now());
        return;
    }
    heap_.push({timeline_.now(), Rank::Device, 0});
}

void Cpus::device_reads(void* to, const void* at, unsigned size) const {
    std::memcpy(to, at, size);
    const auto* const begin = static_cast<const char*>(at);
    for (const DeviceWrite& write : device_writes_) {
        const char* const from = std::max(begin, static_cast<const char*>(write.at));
        const char* const end = std::min(begin + size, static_cast<const char*>(write.at) + write.size);
        if (from < end) {
            std::memcpy(static_cast<char*>(to) + (from - begin), write.bytes.data() + (from - write.at),
                        static_cast<std::size_t>(end - from));
        }
    }
}

// False: a CPU that was parked on the line has its last turn first.
bool Cpus::make_device_write(Instant at) {
    const DeviceWrite& write = device_writes_.front();
    const unsigned first = map_.line(write.at);
    const unsigned last = map_.line(write.at + write.size - 1);
    for (const unsigned line : {first, last}) {
        if (line != AddressMap::NO_LINE && timed() && wake_watchers(line, {at, Rank::Device, 0})) {
            return false;
        }
    }
    std::memcpy(write.at, write.bytes.data(), write.size);
    for (const unsigned line : {first, last}) {
        if (line != AddressMap::NO_LINE) {
            lines_.take_from_all(line);
            written(line, at);
        }
    }
    device_writes_.pop_front();
    return true;
}

}  // namespace hldsim::cpu
