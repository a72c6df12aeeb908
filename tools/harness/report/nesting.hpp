// SPDX-License-Identifier: Apache-2.0
// How the contexts of a CPU lie within one another: task, interrupt, NMI, SMM.
#pragma once
#include <optional>
#include <vector>

#include "tools/harness/trace/log.hpp"

namespace hldsim::report {

/// The entries of the contexts around a record, innermost first.
std::vector<std::size_t> entries_around(const trace::Log& log, std::size_t record);

/// The exit that belongs to an entry; none: the context was never left.
std::optional<std::size_t> exit_of(const trace::Log& log, std::size_t entry);

}  // namespace hldsim::report
