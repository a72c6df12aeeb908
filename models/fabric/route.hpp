// SPDX-License-Identifier: Apache-2.0
// The way of a device's message through the root of the fabric: a remapper takes the place of the default route, and no
// device knows.
#pragma once
#include "models/fabric/msi.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim {

/// The fabric behind the route.
class RouteOutput {
public:
    virtual ~RouteOutput() = default;
    /// The message leaves the route now; it reaches the local APICs `msi.root_to_lapic` later.
    virtual void deliver(const InterruptMessage& message) = 0;
    /// The write breaks a rule.
    virtual void diagnose(const MessageWrite& write, msi::Fault fault, bool delivered) = 0;
};

class MessageRoute {
public:
    virtual ~MessageRoute() = default;
    /// A write to an interrupt address has arrived at the root now. What comes of it leaves by `output`, now or later.
    virtual void arrive(const MessageWrite& write, RouteOutput& output) = 0;
    /// Does the route still hold a message (for the recognition of deadlocks)?
    virtual bool holds_message() const { return false; }
};

/// No remapping: compatibility format, decoded at once.
class CompatibilityRoute final : public MessageRoute {
public:
    explicit CompatibilityRoute(const FabricProfile& profile) : profile_{profile} {}
    void arrive(const MessageWrite& write, RouteOutput& output) override;

private:
    FabricProfile profile_;
};

}  // namespace hldsim
