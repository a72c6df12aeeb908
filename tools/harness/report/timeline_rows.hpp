// SPDX-License-Identifier: Apache-2.0
// Which records the time line of -v draws: those around findings, what the operator's events bring about, what is
// printed.
#pragma once
#include <vector>

#include "tools/harness/run/outcome.hpp"

namespace hldsim::report {

/// Worth a row where it is asked for; beside hops that a CPU makes, which its contexts draw already.
bool drawn(const trace::Record& record);

/// By record index.
std::vector<bool> wanted_rows(const run::Outcome& outcome);

}  // namespace hldsim::report
