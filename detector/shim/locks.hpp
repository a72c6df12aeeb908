// SPDX-License-Identifier: GPL-2.0 OR MIT
// Who holds which lock and who waits for it: a side table of the notes that lock code makes. Not a part of the run.
#pragma once
#include <cstddef>
#include <vector>

#include "detector/shim/abi.hpp"
#include "models/cpu/cpus.hpp"

namespace hldsim::shim {

/// "CPU n took lock L in an NMI at <pc>".
struct LockNote {
    cpu::Cpu& cpu;
    hld_lock_op op = HLD_LOCK_WAITS;  // without the reader's: see `read`
    const void* lock = nullptr;
    const char* name = "";
    const void* pc = nullptr;
    Instant at;
    cpu::Context context = cpu::Context::Task;
    bool kernels = false;   // named by the kernel, not by the detector
    bool read = false;      // waited for or taken beside other readers
    bool sleeping = false;  // who waits for it sleeps: a mutex, a semaphore
};

class Locks {
public:
    struct Held {
        const void* lock = nullptr;
        const char* name = "";
        unsigned cpu = 0;
        std::size_t depth = 0;  // nesting depth of the owner: 0 task
        cpu::Context context = cpu::Context::Task;
        const void* pc = nullptr;
        Instant at;
    };
    struct Wait {
        const void* lock = nullptr;
        const char* name = "";
        std::size_t depth = 0;
        cpu::Context context = cpu::Context::Task;
        const void* pc = nullptr;
        Instant at;
        bool read = false;
    };

    void reset(unsigned cpus);
    void note(const LockNote& note);
    /// The CPU's stack was abandoned: its waits are gone; what it held stays held.
    void restarted(CpuNumber cpu) { waits_[cpu.value].clear(); }

    void copy_state(StateCopy& s) { s(held_, waits_); }

    /// What the innermost context of that CPU waits for.
    const Wait* awaited(CpuNumber cpu) const;
    const std::vector<Held>& held() const { return held_; }
    /// Can the lock that this CPU waits for never be released? An owner of it, or an earlier waiter, lies below the
    /// waiter on the same CPU, an owner is stuck for ever, or waits itself in a chain that ends so. Assumes that only
    /// the owner unlocks.
    bool waits_for_ever(const cpu::Cpus& cpus, CpuNumber cpu) const;

private:
    bool never_goes_on(const cpu::Cpus& cpus, CpuNumber cpu, std::vector<bool>& seen) const;

    std::vector<Held> held_;
    std::vector<std::vector<Wait>> waits_;  // per CPU, innermost last
};

}  // namespace hldsim::shim
