// SPDX-License-Identifier: Apache-2.0
// What a run of CPUs is made of: how many, how they cost, how far it may go, how it may end, and who orders it.
#pragma once
#include <cstddef>
#include <cstdint>

#include "models/base/limits.hpp"
#include "models/cpu/profile.hpp"

namespace hldsim::cpu {

/// How a run ends.
enum class End : std::uint8_t {
    None,         // it goes on
    Time,         // as long as it was to last
    Deadlock,     // a CPU waits for what can never happen (Software::waits_for_ever), or software says so
    Panic,        // software says so
    Reset,        // software has reset the machine
    TripleFault,  // a CPU has shut down, which resets the machine
    BootCpuInit,  // an INIT has taken the boot CPU to its reset vector, where firmware begins, which is not simulated
    AccessLimit,  // code goes on without progress: see Effort
    BadAccess,    // code that cannot go on: Cpus::fault()
};

/// Replaces the order of keys where all interleavings are explored; costs are 0 then.
class Interleaver {
public:
    virtual ~Interleaver() = default;
    virtual std::size_t choose(std::size_t alternatives) = 0;
};

struct CpuOptions {
    unsigned count = 4;
    unsigned packages = 1;
    CostModel cost = CostModel::Access;
    bool tso = true;           // false: each store is visible at once
    bool stepping = false;     // suspend at every point instead of running ahead: the reference for run-ahead
    bool spin_parking = true;  // false: simulate every turn of every spin loop: the reference for parking
    std::uint64_t most_accesses = limits::ACCESSES;
    std::uint64_t most_blocks = limits::BLOCKS;
    std::uint64_t most_device_reads = limits::DEVICE_READS;
    std::uint64_t most_events = limits::EVENTS;
    CpuProfile profile;
};

}  // namespace hldsim::cpu
