// SPDX-License-Identifier: Apache-2.0
// Everything that makes one kind of machine: latencies and how each device behaves.
#pragma once
#include "models/base/timing.hpp"
#include "models/cpu/profile.hpp"
#include "models/fabric/profile.hpp"
#include "models/hpet/profile.hpp"
#include "models/lapic/profile.hpp"

namespace hldsim {

struct MachineProfile {
    Timing timing;
    HpetProfile hpet;
    FabricProfile fabric;
    LapicProfile lapic;
    cpu::CpuProfile cpu;
    bool x2apic = false;  // firmware hands over with the APICs in x2APIC mode
};

}  // namespace hldsim
