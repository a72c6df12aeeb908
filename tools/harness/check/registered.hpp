// SPDX-License-Identifier: Apache-2.0
// What this release looks for, told by the tables that it looks with: nothing else says "watched" or "recognised".
#pragma once
#include <string_view>
#include <vector>

namespace hldsim::check {

/// The invariants that have a checker, in the order of the catalogue.
std::vector<std::string_view> watched_invariants();
/// The hazards that have a recogniser, most specific first.
std::vector<std::string_view> recognised_hazards();

bool watches(std::string_view invariant);
bool recognises(std::string_view hazard);

}  // namespace hldsim::check
