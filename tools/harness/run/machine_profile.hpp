// SPDX-License-Identifier: Apache-2.0
// From a profile file's rows and knobs to what the models take.
#pragma once
#include "models/machine/profile.hpp"
#include "tools/harness/profile/profile.hpp"

namespace hldsim::run {

/// Throws diagnostic::Error where the knobs describe what no device can be.
MachineProfile machine_profile(const profile::Profile& profile, bool x2apic,
                               scenario::Remapping remapping = scenario::Remapping::None);

/// The HPET's requester id as firmware's DMAR or IVRS table has it (dmar.hpet_scope); 0: it is not in the table.
std::uint16_t hpet_source_id(const profile::Profile& profile, const HpetProfile& hpet);

}  // namespace hldsim::run
