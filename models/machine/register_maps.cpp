// SPDX-License-Identifier: Apache-2.0
#include "models/machine/register_maps.hpp"

#include "models/amdvi/formats.hpp"
#include "models/amdvi/registers.hpp"
#include "models/chipset/registers.hpp"
#include "models/fabric/msi_registers.hpp"
#include "models/hpet/registers.hpp"
#include "models/ioapic/registers.hpp"
#include "models/lapic/msrs.hpp"
#include "models/lapic/registers.hpp"
#include "models/pic/registers.hpp"
#include "models/pit/registers.hpp"
#include "models/pmu/registers.hpp"
#include "models/vtd/formats.hpp"
#include "models/vtd/registers.hpp"

namespace hldsim {

const std::vector<const regs::Map*>& register_maps() {
    // clang-format off
    static const std::vector<const regs::Map*> all{
        &amdvi::MAP,
        &amdvi::MEMORY_MAP,
        &chipset::MAP,
        &hpet::MAP,
        &ioapic::MAP,
        &lapic::MAP,
        &lapic::MSR_MAP,
        &msi::MAP,
        &pic::MAP,
        &pit::MAP,
        &pmu::MAP,
        &vtd::MAP,
        &vtd::MEMORY_MAP,
    };
    // clang-format on
    return all;
}

}  // namespace hldsim
