// SPDX-License-Identifier: Apache-2.0
// Physical memory as a device reaches it (DMA). Called at the instant of the access; the device charges its latency.
//
//   Read      snoops: what is globally visible at that instant, never a store that still sits in a CPU's store buffer
//   Write     is globally visible at once
//   Atomic    an access that lies in one cache line (64 bytes) happens as a whole: x86 and PCI Express give no less for
//             the naturally aligned quantities that devices use
#pragma once
#include <cstddef>
#include <cstdint>

namespace hldsim {

class MemoryPort {
public:
    virtual ~MemoryPort() = default;
    /// False: no memory answers at part of [address, address + size); `to` is then untouched.
    virtual bool read(std::uint64_t address, void* to, std::size_t size) = 0;
    /// False: no memory answers; nothing is written.
    virtual bool write(std::uint64_t address, const void* from, std::size_t size) = 0;
};

}  // namespace hldsim
