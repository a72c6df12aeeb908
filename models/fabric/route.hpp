// SPDX-License-Identifier: Apache-2.0
// The way of a device's message through the root of the fabric: a remapper takes the place of the default route, and no
// device knows.
#pragma once
#include <optional>

#include "models/fabric/msi.hpp"
#include "models/fabric/ports.hpp"

namespace hldsim {

/// The fabric behind the route.
class RouteOutput {
public:
    virtual ~RouteOutput() = default;
    /// The message leaves the route now; it reaches the local APICs `msi.root_to_lapic` later. Returns the instant at
    /// which those have accepted it (`lapic.accept` behind that): what a remapper's draining waits for.
    virtual Instant deliver(const InterruptMessage& message) = 0;
    /// The write breaks a rule.
    virtual void diagnose(const MessageWrite& write, msi::Fault fault, bool delivered) = 0;
    /// From a route that orders completions: it has done with a write that had arrived. A read completion of the same
    /// device behind that write may reach its CPU at `passable`, not before.
    virtual void finished(const MessageWrite& write, Instant passable) = 0;
};

class MessageRoute {
public:
    virtual ~MessageRoute() = default;
    /// What comes of a message leaves by `output`, at its arrival or later; so do messages of the route's own.
    void connect(RouteOutput& output) { output_ = &output; }
    /// A write to an interrupt address has arrived at the root now.
    virtual void arrive(const MessageWrite& write) = 0;
    /// Does the route still hold a message?
    virtual bool holds_message() const { return false; }
    /// Does a device's read completion wait at the root for that device's earlier messages (VT-d, 5.2.4)?
    virtual bool orders_completions() const { return false; }

protected:
    RouteOutput& output() const { return *output_; }

private:
    RouteOutput* output_ = nullptr;
};

/// No remapping: compatibility format, decoded at once.
class CompatibilityRoute final : public MessageRoute {
public:
    explicit CompatibilityRoute(const FabricProfile& profile) : profile_{profile} {}
    void arrive(const MessageWrite& write) override { pass(write, profile_, output()); }

    /// What every root does with a message that it does not remap. Returns when it is accepted, if anything comes of
    /// it.
    static std::optional<Instant> pass(const MessageWrite& write, const FabricProfile& profile, RouteOutput& output);

private:
    FabricProfile profile_;
};

}  // namespace hldsim
