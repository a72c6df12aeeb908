// SPDX-License-Identifier: Apache-2.0
// The register maps of register_maps.hpp as one kind of machine has them.
#pragma once
#include "models/machine/profile.hpp"
#include "models/regs/shape.hpp"

namespace hldsim {

/// `map` as a machine of that profile has it after reset: its first I/O APIC, the local APIC of its boot CPU. It asks a
/// machine that it makes, so a SystemC kernel of its own (sim::Session) is begun. What no profile decides, and a unit
/// that such a machine has not, is as the map.
regs::Shape shape_of(const regs::Map& map, const MachineProfile& profile);

}  // namespace hldsim
