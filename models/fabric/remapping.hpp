// SPDX-License-Identifier: Apache-2.0
// What every unit has that remaps a device's messages at the root, whoever makes it: the order of what it lets through,
// what has left it and is not accepted yet, and the questions that both makers' documents leave open.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"
#include "models/fabric/pool.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/route.hpp"

namespace hldsim {

/// VTD-32: what a device's read completion waits for at the root. VT-d 5.2.4: interrupt requests ahead of it must be
/// "completed"; whether that is the unit's part or the APIC's is not settled.
enum class ReadCompletionPushes : std::uint8_t {
    Unit,  // the message has left the unit
    Apic,  // the local APIC has accepted it
};

/// VTD-30: how far a wait pushes requests that an invalidation drains. `Unit` is less than VT-d specifies.
enum class Drains : std::uint8_t { Apic, Unit };

/// What an access of a size that the unit does not take reads.
enum class BadSizeReads : std::uint8_t { Ones, Zero };

/// Entries that an invalidation names.
struct EntryRange {
    bool all = false;
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    static constexpr EntryRange everything() { return {true, 0, 0}; }
    static constexpr EntryRange only(std::uint32_t entry) { return {false, entry, 1}; }

    bool contains(std::uint32_t entry) const { return all || entry - first < count; }
};

/// M-13: requests of one requester leave in the order in which they came; others pass each other.
class RequesterOrder {
public:
    /// When a request leaves that is looked up at `ready`.
    Instant leaves(RequesterId requester, Instant ready) {
        for (Last& last : last_) {
            if (last.requester == requester.value) {
                return last.leaves = std::max(ready, last.leaves);
            }
        }
        last_.push_back({requester.value, ready});
        return ready;
    }
    void clear() { last_.clear(); }
    void copy_state(StateCopy& s) { s(last_); }
    auto begin() const { return last_.begin(); }
    auto end() const { return last_.end(); }

private:
    struct Last {
        std::uint16_t requester = 0;
        Instant leaves;
    };
    std::vector<Last> last_;
};

/// M-13: is none of that requester's requests in these slots, those still looked up? One whose lookup ends at this very
/// instant may be among them: time alone does not tell.
template <class Request>
bool is_first_of(RequesterId requester, const std::vector<std::uint32_t>& looking_up, const Pool<Request>& requests) {
    return std::none_of(looking_up.begin(), looking_up.end(),
                        [&](std::uint32_t slot) { return requests[slot].write.requester.value == requester.value; });
}

/// A request that has left the unit; what drains it waits until `accepted`.
struct Departed {
    std::uint32_t entry = 0;
    bool remapped = false;  // else unchanged: no invalidation drains that (VTD-30)
    Instant accepted;
};

class Departures {
public:
    Departures(Drains drains, ReadCompletionPushes pushes) : drains_{drains}, pushes_{pushes} {}

    /// The request leaves now through that entry; the local APICs accept what comes of it at `accepted`.
    void remapped(const MessageWrite& write, std::uint32_t entry, Instant accepted, Instant now, RouteOutput& output) {
        add(write, {entry, true, accepted}, now, output);
    }
    /// The request leaves now as it came, if it is a message at all.
    void unchanged(const MessageWrite& write, const FabricProfile& compatibility, Instant now, RouteOutput& output) {
        if (const std::optional<Instant> accepted = CompatibilityRoute::pass(write, compatibility, output)) {
            add(write, {0, false, *accepted}, now, output);
        } else {
            output.finished(write, now);
        }
    }
    /// When what was remapped through those entries is accepted; Instant{}: nothing is under way.
    Instant drained(const EntryRange& entries) const {
        Instant until;
        for (const Departed& d : departed_) {
            if (d.remapped && entries.contains(d.entry)) {
                until = std::max(until, d.accepted);
            }
        }
        return until;
    }
    /// The same of all requests, remapped or not.
    Instant everything_accepted() const {
        Instant until;
        for (const Departed& d : departed_) {
            until = std::max(until, d.accepted);
        }
        return until;
    }
    void clear() { departed_.clear(); }
    void copy_state(StateCopy& s) { s(departed_); }
    auto begin() const { return departed_.begin(); }
    auto end() const { return departed_.end(); }

private:
    void add(const MessageWrite& write, Departed departed, Instant now, RouteOutput& output) {
        departed_.erase(
            std::remove_if(departed_.begin(), departed_.end(), [&](const Departed& d) { return d.accepted <= now; }),
            departed_.end());
        const Instant passable = pushes_ == ReadCompletionPushes::Apic ? departed.accepted : now;
        departed.accepted = drains_ == Drains::Apic ? departed.accepted : now;
        departed_.push_back(departed);
        output.finished(write, passable);
    }

    Drains drains_;
    ReadCompletionPushes pushes_;
    std::vector<Departed> departed_;
};

/// 15:8 bus, 7:3 device, 2:0 function, as lspci writes it: "fa:0f.0".
std::string bus_name(RequesterId requester);

}  // namespace hldsim
