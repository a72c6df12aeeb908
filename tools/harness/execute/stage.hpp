// SPDX-License-Identifier: Apache-2.0
// A scenario made ready: profile, machine, objects, parameters, description; its events with solved instants.
//
//   Errors    diagnostic::Error at the scenario's own marks: unknown parameter, unknown place, instant before boot ends
//   One       stage stands at a time in a process: SystemC and the hooks know but one machine
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tools/harness/aim/aim.hpp"
#include "tools/harness/execute/actions.hpp"
#include "tools/harness/run/description.hpp"
#include "tools/harness/run/outcome.hpp"
#include "tools/harness/run/rig.hpp"

namespace hldsim::execute {

struct Settings {
    std::uint64_t seed = 1;
    /// The answers of an earlier run, in place of the seed's; empty: none are given.
    std::vector<Choice> choices;
    /// False: an aimed event begins at its `at`, and no aim is solved.
    bool solve = true;
    /// The run ends there, counted from power-on, if it does not end before.
    std::optional<Duration> stop;
};

class Stage {
public:
    /// Rigs are kept for the next stage that needs the same machine and objects.
    Stage(const scenario::Scenario& scenario, const Settings& settings);

    const scenario::Scenario& scenario() const { return scenario_; }
    const profile::Profile& profile() const { return profile_; }
    run::Rig& rig() { return *rig_; }
    const run::Description& description() const { return description_; }
    const Clocks& clocks() const { return clocks_; }

    /// The instant at which event i (from 0) begins; of one with `when`, none.
    const std::vector<std::optional<Instant>>& instants() const { return instants_; }
    const std::vector<run::Landing>& landings() const { return landings_; }

    /// What the last run asked that the given choices do not answer; empty: nothing.
    std::string unanswered() const { return replayed_ == nullptr ? std::string{} : replayed_->mismatch(); }

    /// The whole plan, with event `moved` (from 0) at t instead of its own instant.
    std::vector<run::Planned> plan(std::optional<std::size_t> moved = std::nullopt, Instant t = {}) const;
    /// When a run with that plan ends by itself, if nothing ends it before.
    Instant own_end(std::optional<std::size_t> moved = std::nullopt, Instant t = {}) const;
    /// That, or where Settings stop it.
    Instant stopped(Instant own_end) const { return stop_ ? std::min(own_end, Instant{} + *stop_) : own_end; }
    Instant until(std::optional<std::size_t> moved = std::nullopt, Instant t = {}) const {
        return stopped(own_end(moved, t));
    }

private:
    void set_up_machine();
    void check_messages() const;
    void check_owners() const;
    void check_hops() const;
    void check_states() const;
    void set_choices(const Settings& settings);
    void set_parameters();
    void place_events(bool solve);
    void find_failures();
    void ask_for_callbacks(const scenario::Cpu& cpu);
    bool has_callback(const scenario::Hotplug& hotplug) const;
    void solve_aims();
    void look_at_landings();
    aim::Question question(std::size_t i);

    const scenario::Scenario& scenario_;
    profile::Profile profile_;
    Clocks clocks_;
    std::optional<Duration> stop_;
    run::Rig* rig_ = nullptr;
    const ReplayChoice* replayed_ = nullptr;  // the rig's, if choices are given
    run::Description description_;
    std::vector<std::optional<Instant>> instants_;
    std::vector<bool> placed_;  // takes part in the plan
    std::vector<run::Landing> landings_;
};

}  // namespace hldsim::execute
