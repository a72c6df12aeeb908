// SPDX-License-Identifier: Apache-2.0
// The register maps of the machine's devices, and of what they exchange (messages, entries and commands in memory).
#pragma once
#include <vector>

#include "models/regs/spec.hpp"

namespace hldsim {

/// In alphabetic order of Map::device; they live as long as the program.
const std::vector<const regs::Map*>& register_maps();

}  // namespace hldsim
