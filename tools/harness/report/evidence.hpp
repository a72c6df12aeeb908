// SPDX-License-Identifier: Apache-2.0
// Which records a table shows: the evidence of the finding first, then the neighbours that explain it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tools/harness/run/outcome.hpp"

namespace hldsim::report {

struct Chosen {
    std::vector<std::size_t> records;    // in order of time
    std::optional<std::size_t> central;  // times count from it; one of the records
    std::size_t left_out = 0;            // evidence that did not find room
    std::vector<unsigned> cpus;          // that the finding is about: their columns stay whatever the width
};
Chosen choose(const run::Outcome& outcome, const check::Finding& finding, std::size_t limit);

}  // namespace hldsim::report
