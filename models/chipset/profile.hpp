// SPDX-License-Identifier: Apache-2.0
// How the chipset's NMI ports answer where chips differ.
#pragma once
#include "models/base/duration.hpp"

namespace hldsim {

struct ChipsetProfile {
    /// REF_TOGGLE changes each time that this has passed; 0: it reads 0. Chips: about 15 us, the refresh of old memory.
    Duration refresh;
};

}  // namespace hldsim
