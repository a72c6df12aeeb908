// SPDX-License-Identifier: Apache-2.0
// What every remapper's dump() says of the state that all of them have.
#pragma once
#include <string>

#include "models/fabric/invalidation_waits.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/remapping.hpp"

namespace hldsim::remapper_text {

std::string hex(std::uint64_t value);
/// Femtoseconds, or "never".
std::string at(Instant t);
/// " NAME=VALUE"
std::string named(const char* name, std::uint64_t value);
std::string of(const MessageWrite& write);
std::string of(const InvalidationGroup& group);
/// A line each requester, each message that has left.
std::string of(const RequesterOrder& order);
std::string of(const Departures& departures);

}  // namespace hldsim::remapper_text
