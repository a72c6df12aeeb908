// SPDX-License-Identifier: Apache-2.0
// A machine with one pair of objects, to be power-cycled or to be begun at a checkpoint again and again.
#pragma once
#include <memory>
#include <optional>

#include "detector/shim/object.hpp"
#include "detector/shim/runtime.hpp"
#include "models/base/choice.hpp"
#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"

namespace hldsim::bench {

/// The kernel must have been loaded before the detector.
struct Pair {
    const shim::Object& kernel;
    const shim::Object& detector;
};
const Pair& mini_kernel();
const Pair& reference();
MachineProfile profile_for(unsigned cpus);

/// The unit that the HPET's messages go through, and how many entries its caches have.
struct Remapping {
    enum class Unit { Vtd, Amdvi } unit;
    unsigned entries;
};

class BenchRig {
public:
    BenchRig(const Pair& objects, unsigned cpus, std::optional<Remapping> remapping = {});

    void power_on();
    void save();
    void restore();
    /// CPU 2 goes down at 5 s and comes up again at 8 s.
    void plan_hotplug();

    sim::Session session;
    DefaultChoice choices;
    std::unique_ptr<Machine> machine;
    std::unique_ptr<shim::Runtime> runtime;
    static constexpr unsigned NMIS = 7;
    unsigned matches = 0;  // of the HPET's timers, since power-on
    Instant last_match;
    Instant seventh_match = Instant::never();
    std::uint64_t kept_accesses = 0;
    std::uint64_t kept_switches = 0;

private:
    void give(hld_task_action action);

    StateCopy kept_machine_;
    shim::Runtime::Saved kept_software_;
};

}  // namespace hldsim::bench
