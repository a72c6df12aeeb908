// SPDX-License-Identifier: Apache-2.0
// What happens in another order in two runs whose event stands one cycle apart.
//
//   Flip      two things that meet somewhere (a variable, a register, a CPU, a lock), and change their order
//   Instant   of a load or a locked operation: when it is made. Of a plain store: for its own CPU when it is made,
//             for the others when it leaves the store buffer
#pragma once
#include <optional>
#include <vector>

#include "tools/harness/trace/log.hpp"

namespace hldsim::window {

/// In the second run `first` comes before `second`, in the other one behind it.
template <class What>
struct Flip {
    const What* first = nullptr;
    const What* second = nullptr;
    Instant at;  // of `first`
};

/// The earliest flip of two accesses, one of them a write; none if there is none.
std::optional<Flip<trace::MemoryAccess>> first_flip_of_accesses(const trace::Log& outside, const trace::Log& inside);

using Records = std::vector<const trace::Record*>;

/// The records as they happened, without what the scenario or the kernel's log only notes.
Records in_order(const trace::Log& log);
/// The same thing in two runs, whatever its instant.
bool same(const trace::Record& a, const trace::Record& b);
/// Of two requests that are the same: they used the same entry, and found it in the same place.
bool same_entry(const trace::Record& a, const trace::Record& b);
/// The earliest flip of two records of which one meets the other.
std::optional<Flip<trace::Record>> first_flip_of_records(const Records& outside, const Records& inside);

}  // namespace hldsim::window
