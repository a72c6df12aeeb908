// SPDX-License-Identifier: Apache-2.0
// The knobs that take a choice away from the seed: the adversary, written down.
#pragma once
#include <vector>

#include "models/base/choice.hpp"
#include "tools/harness/profile/profile.hpp"

namespace hldsim::run {

/// A knob that is not "seed" answers its sites: its first other word is alternative 0.
std::vector<PinnedChoice::Pin> pinned_choices(const profile::Profile& profile);

/// Is that a knob of this kind?
bool pins_a_choice(std::string_view knob);

}  // namespace hldsim::run
