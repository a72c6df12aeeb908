// SPDX-License-Identifier: Apache-2.0
// What MONITOR has armed on a CPU, and what MWAIT is asked for. SDM vol. 2, MONITOR and MWAIT.
#pragma once
#include <cstdint>

#include "models/cpu/address_map.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim::cpu {

struct Monitor {
    unsigned line = AddressMap::NO_LINE;
    bool armed = false;             // and not triggered
    bool waiting = false;           // in MWAIT
    bool masked_interrupt = false;  // ECX[0]: INTR ends it with IF = 0, too
};

/// The registers that MWAIT takes: EAX names the C-state, ECX[0] lets a masked INTR end it.
struct MwaitHints {
    std::uint32_t eax = 0;
    std::uint32_t ecx = 0;
};

/// Whoever wants to know which cores are in the deepest C-state: the package, which can go no deeper than they.
class DeepestState {
public:
    virtual ~DeepestState() = default;
    /// At the current instant: entered with MWAIT, left when the state's exit has passed, or by INIT.
    virtual void core_in_c10(CpuNumber core, bool inside) = 0;
};

}  // namespace hldsim::cpu
