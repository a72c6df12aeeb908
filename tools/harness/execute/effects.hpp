// SPDX-License-Identifier: Apache-2.0
// Which of a scenario's events came to nothing: asked for, and nothing of the machine or the kernel changed by it.
#pragma once
#include <string>
#include <vector>

#include "tools/harness/run/outcome.hpp"

namespace hldsim::execute {

/// `told`: the files of the kernel of which the detector hears while it runs. Of a run that was stopped: none, for what
/// comes later may have an effect.
std::vector<run::NoEffect> without_effect(const run::Outcome& outcome, const std::vector<std::string>& told);

}  // namespace hldsim::execute
