// SPDX-License-Identifier: Apache-2.0
// Which CPUs are in the detector's mask, and who changed it when: from the accesses to it, without a word of its code.
//
//   Dated     a change has the instant of the access that made it; it is known at a later look, when it shows in memory
//   Buffered  a plain store waits in its CPU's store buffer: looked for until it shows
#pragma once
#include <cstdint>
#include <vector>

#include "models/cpu/cpus.hpp"
#include "tools/harness/trace/log.hpp"

namespace hldsim::trace {

/// An access that may change the mask, as it is about to be made.
struct MaskWrite {
    unsigned by = 0;  // CPU
    Instant at;
    const void* pc = nullptr;
    cpu::Context context = cpu::Context::Task;
    std::uint8_t depth = 0;
};

/// A CPU has entered the mask (`set`) or left it.
struct MaskChange {
    CpuNumber cpu;
    bool set = false;
    MaskWrite write;
};

class MaskTracker {
public:
    /// A run begins: no CPU is in the mask. Without an address nothing is tracked.
    void begin(const Watched& mask);

    bool tracks() const { return mask_.monitored != nullptr; }
    const Watched& mask() const { return mask_; }

    /// Is that an access that may change it? Kept then, until its effect shows. After changes().
    bool about_to(const cpu::Cpu& cpu, const cpu::Access& access);
    /// What the access kept last has changed and was not told yet: mostly nothing.
    std::vector<MaskChange> changes() { return pending_ ? look() : std::vector<MaskChange>{}; }
    const MaskWrite& write() const { return write_; }

private:
    std::vector<MaskChange> look();

    Watched mask_;
    std::vector<std::uint64_t> known_;  // as last seen
    MaskWrite write_;
    bool pending_ = false;
    bool buffered_ = false;
};

}  // namespace hldsim::trace
