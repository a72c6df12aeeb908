// SPDX-License-Identifier: Apache-2.0
// Recorded runs of a stage, checked.
#pragma once
#include <memory>
#include <optional>

#include "tools/harness/execute/stage.hpp"
#include "tools/harness/run/outcome.hpp"

namespace hldsim::execute {

/// One recorded run of a stage and what was found in it.
struct Observed {
    run::RunResult result;
    check::Verdict verdict;
    trace::Log log;
    bool reached_all = true;  // every `when` was reached
    bool stopped = false;     // by the stage's settings, before it ended by itself
};

/// Runs of the stage's plan, with event `moved` (from 0) at other instants than its own.
class Runs {
public:
    /// at() is asked for instants from `earliest` on.
    explicit Runs(Stage& stage, std::optional<std::size_t> moved = std::nullopt, Instant earliest = {});
    Runs(const Runs&) = delete;
    Runs& operator=(const Runs&) = delete;
    Runs(Runs&&) = delete;
    Runs& operator=(Runs&&) = delete;
    ~Runs();

    /// `accesses`: the log holds every access to shared memory.
    Observed from_power_on(Instant t = {}, bool accesses = false);
    /// The same run as from_power_on(t), begun where the runs part from each other if that can be.
    Observed at(Instant t);

private:
    class Points;

    run::RunOptions options(Instant t, bool accesses) const;
    bool keep(Instant t);
    Observed judged(const run::RunResult& result);

    Stage& stage_;
    std::optional<std::size_t> moved_;
    Instant earliest_;
    std::unique_ptr<Points> points_;
    std::unique_ptr<point::PointWatcher> watcher_;
    std::unique_ptr<run::Checkpoint> kept_;
    bool may_keep_ = true;
};

}  // namespace hldsim::execute
