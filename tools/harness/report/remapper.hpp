// SPDX-License-Identifier: Apache-2.0
// What the remapping unit did, in words.
#pragma once
#include <string>

#include "tools/harness/trace/log.hpp"

namespace hldsim::report {

/// "entry 2 from the cache, stale: NMI to CPU 2", of an EntryUsed; without the cache of an EntryWritten.
std::string entry_words(const trace::Record& record);

/// "entries 2 to 5 are invalidated", of an Invalidated.
std::string invalidation_words(const trace::Record& record);

}  // namespace hldsim::report
