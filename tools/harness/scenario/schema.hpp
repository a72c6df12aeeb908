// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of scenario files, from the same words as the reader: completion and checks in editors.
#pragma once
#include <string>

namespace hldsim::scenario {

/// Draft 7, a whole document.
std::string schema();

}  // namespace hldsim::scenario
