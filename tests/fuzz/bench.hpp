// SPDX-License-Identifier: Apache-2.0
// Devices of one profile after the other on one timeline.
#pragma once
#include <memory>
#include <string>
#include <systemc>

#include "models/sim/session.hpp"
#include "models/sim/timeline.hpp"
#include "tests/fuzz/tail.hpp"

namespace hldsim::fuzz {

/// While it lives modules are built in a SystemC that never runs. The one that runs takes none once it has begun, and a
/// device has no process of its own: it acts on the timeline that it is given.
class Apart {
public:
    Apart() : runs_{sc_core::sc_curr_simcontext} {
        static auto& never_runs = *new sc_core::sc_simcontext;
        sc_core::sc_curr_simcontext = &never_runs;
    }
    ~Apart() { sc_core::sc_curr_simcontext = runs_; }
    Apart(const Apart&) = delete;
    Apart& operator=(const Apart&) = delete;
    Apart(Apart&&) = delete;
    Apart& operator=(Apart&&) = delete;

private:
    sc_core::sc_simcontext* runs_;
};

/// World: a device and what it is wired to, World(timeline, profile), with power_on(tail).
template <class World>
class Bench {
public:
    /// The World of what was drawn, powered on: the last one, if it is of the same.
    template <class Profile>
    World& of(const Tail& tail, const Profile& profile) {
        timeline_.following(false);  // so that time may run on without end
        timeline_.power_on();
        if (world_ == nullptr || tail.drawn() != drawn_) {
            const Apart apart;
            world_.reset();  // two of one name would not be
            world_ = std::make_unique<World>(timeline_, profile);
            drawn_ = tail.drawn();
        }
        world_->power_on(tail);
        return *world_;
    }

private:
    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    std::unique_ptr<World> world_;
    std::string drawn_;
};

}  // namespace hldsim::fuzz
