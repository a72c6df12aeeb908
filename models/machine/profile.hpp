// SPDX-License-Identifier: Apache-2.0
// Everything that makes one kind of machine: latencies and how each device behaves.
#pragma once
#include <optional>
#include <vector>

#include "models/amdvi/profile.hpp"
#include "models/base/timing.hpp"
#include "models/chipset/profile.hpp"
#include "models/cpu/profile.hpp"
#include "models/fabric/profile.hpp"
#include "models/hpet/profile.hpp"
#include "models/ioapic/profile.hpp"
#include "models/lapic/profile.hpp"
#include "models/pic/profile.hpp"
#include "models/vtd/profile.hpp"

namespace hldsim {

struct MachineProfile {
    Timing timing;
    HpetProfile hpet;
    FabricProfile fabric;
    LapicProfile lapic;
    cpu::CpuProfile cpu;
    bool x2apic = false;                                  // firmware hands over with the APICs in x2APIC mode
    std::vector<IoapicProfile> ioapics{IoapicProfile{}};  // at least one
    PicProfile pic{};
    ChipsetProfile chipset{};
    Duration hpet_access_smi{};  // each access to the HPET is an SMI of the CPU, which takes so long; 0: none
    // A remapping unit, of one kind; software switches it on.
    std::optional<VtdProfile> vtd{};
    std::optional<AmdviProfile> amdvi{};
};

}  // namespace hldsim
