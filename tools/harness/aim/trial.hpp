// SPDX-License-Identifier: Apache-2.0
// One try of an aim: a run that looks for two points, and how they lie to each other.
#pragma once
#include <optional>
#include <vector>

#include "tools/harness/aim/aim.hpp"

namespace hldsim::aim {

/// The other point Q was reached: the room around it on its CPU, and where the wanted point P lies.
struct Meeting {
    Instant q;
    Instant previous;  // access of Q's CPU
    Instant next;
    Instant p;             // the nearest hit of P
    bool p_first = false;  // P before Q, ties by what happened first
    bool meets = false;    // as the aim wants it
};

struct Trial {
    std::vector<point::Hit> p;
    std::vector<Instant> all_q;
    std::optional<Meeting> meeting;  // none: P or Q was not reached
    std::optional<Instant> first_p;  // of those after the event
    std::optional<Instant> q;        // the same of Q
    std::optional<Instant> caused;   // what the event has brought about

    run::RunResult result;

    std::vector<Instant> all_p() const;
    /// The run did not get to the instant that was asked for.
    bool broke_off() const { return result.end != cpu::End::Time && result.end != cpu::End::None; }
};

/// A hit of a point, in the order in which hits were told.
struct Seen {
    point::Hit hit;
    Instant next = Instant::never();
    std::uint64_t order = 0;
};

// A checkpoint before the events of neighbouring tries, with what had been seen of the points by then.
struct Kept {
    run::Checkpoint checkpoint;
    std::vector<Seen> p;
    std::vector<Seen> q;
    std::uint64_t order = 0;
};

class Trials final : public point::Listener {
public:
    Trials(run::Rig& rig, const Question& question);

    /// A run whose event begins at edge k of the core clock, until `until`.
    const Trial& at(Edge k, Instant until) { return at(clock_.edge(k), until); }
    const Trial& at(Instant event, Instant until);
    /// The nominal run: also learns what the points fit, and refuses an ambiguous one.
    const Trial& nominal(Edge k, Instant until);
    /// From now on P is what the event brings about, and Q what comes anyway.
    void event_causes_p() { causes_p_ = true; }
    /// Whether P and Q meet with the event at that instant, whichever of both it brings about.
    bool meets(Instant event, Instant until);

    const Trial& last() const { return trial_; }
    const ClockDomain& clock() const { return clock_; }
    std::uint64_t runs() const { return runs_; }
    std::string why_never(bool of_other) const;

private:
    void reached(const point::Hit& hit) override;
    void went_on(const point::Hit& hit, Instant next_access) override;
    void judge(Instant event);
    void forget();
    void run_from_power_on(Instant event, Instant until);
    bool keep_near(Instant event);
    void run_from_kept(Instant event, Instant until);

    run::Rig& rig_;
    const Question& question_;
    ClockDomain clock_;
    point::PointWatcher watcher_;
    trace::Watched watched_;  // only if a point asks for it: to follow the mask costs time
    std::vector<Seen> p_;
    std::vector<Seen> q_;
    std::uint64_t order_ = 0;
    std::uint64_t runs_ = 0;
    std::optional<Kept> kept_;
    bool may_keep_ = true;
    bool causes_p_ = false;
    std::optional<Instant> last_event_;
    Trial trial_;
};

}  // namespace hldsim::aim
