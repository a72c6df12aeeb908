// SPDX-License-Identifier: Apache-2.0
#include "models/sim/timeline.hpp"

#include <functional>
#include <utility>
#include <vector>

#include "models/sim/sc_time.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::literals;
using sim::Alarm;
using sim::Priority;

namespace {

struct Fixture {
    sim::Session session;
    sim::Timeline timeline{"timeline"};
    std::vector<int> rung;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "an alarm rings at its femtosecond, not one before", "[sim]") {
    Alarm alarm{timeline, Priority::Hpet, [&] { rung.push_back(1); }};
    alarm.at(Instant{1000});
    timeline.run_until(Instant{999});
    CHECK(rung.empty());
    CHECK(timeline.now() == Instant{999});
    timeline.run_until(Instant{1000});
    CHECK(rung == std::vector{1});
}

TEST_CASE_METHOD(Fixture, "at() replaces what was set, earlier or later, and never cancels", "[sim]") {
    Alarm alarm{timeline, Priority::Hpet, [&] { rung.push_back(static_cast<int>(timeline.now().fs)); }};
    alarm.at(Instant{1000});
    alarm.at(Instant{500});
    alarm.at(Instant{700});
    timeline.run_until(Instant{2000});
    CHECK(rung == std::vector{700});
    alarm.at(Instant{3000});
    alarm.cancel();
    timeline.run_until(Instant{4000});
    CHECK(rung == std::vector{700});
}

TEST_CASE_METHOD(Fixture, "equal times ring in the order of priority, then of making, whatever the order of setting",
                 "[sim]") {
    Alarm a{timeline, Priority::Fabric, [&] { rung.push_back(1); }};
    Alarm b{timeline, Priority::Hpet, [&] { rung.push_back(2); }};
    Alarm c{timeline, Priority::Hpet, [&] { rung.push_back(3); }};
    const bool reversed = GENERATE(false, true);
    std::vector<Alarm*> order{&a, &b, &c};
    if (reversed) {
        order = {&c, &b, &a};
    }
    for (Alarm* alarm : order) {
        alarm->at(Instant{10});
    }
    timeline.run_until(Instant{10});
    CHECK(rung == std::vector{2, 3, 1});
}

TEST_CASE_METHOD(Fixture, "an alarm set from another's ring for the same instant still rings then", "[sim]") {
    Alarm second{timeline, Priority::Fabric, [&] { rung.push_back(2); }};
    Alarm first{timeline, Priority::Hpet, [&] {
                    rung.push_back(1);
                    second.at(timeline.now());
                }};
    first.at(Instant{7});
    timeline.run_until(Instant{7});
    CHECK(rung == std::vector{1, 2});
}

namespace {

// A process that is not ours.
class Stranger final : public sc_core::sc_module {
public:
    Stranger(sc_core::sc_module_name name, std::function<void()> act) : sc_module{name}, act_{std::move(act)} {
        SC_HAS_PROCESS(Stranger);
        SC_METHOD(process);
        sensitive << due_;
        dont_initialize();
    }
    void notify(Duration span) { due_.notify(sim::to_sc_time(span)); }

private:
    void process() { act_(); }

    std::function<void()> act_;
    sc_core::sc_event due_;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a process beside ours gets its turn at its own instant, followed or not", "[sim]") {
    timeline.following(GENERATE(false, true));
    Stranger stranger{"stranger", [&] { rung.push_back(static_cast<int>(sc_core::sc_time_stamp().value())); }};
    Alarm first{timeline, Priority::Hpet, [&] { rung.push_back(static_cast<int>(timeline.now().fs)); }};
    Alarm second{timeline, Priority::Hpet, [&] { rung.push_back(static_cast<int>(timeline.now().fs)); }};
    first.at(Instant{1000});
    second.at(Instant{3000});
    stranger.notify(Duration{2000});
    timeline.run();
    CHECK(rung == std::vector{1000, 2000, 3000});
}

TEST_CASE_METHOD(Fixture, "instants count from power-on, however often", "[sim]") {
    Alarm alarm{timeline, Priority::Hpet, [&] { rung.push_back(static_cast<int>(timeline.now().fs)); }};
    for (int cycle = 0; cycle < 3; ++cycle) {
        timeline.power_on();
        CHECK(timeline.now() == Instant{});
        alarm.at(Instant{123});
        timeline.run();
    }
    CHECK(rung == std::vector{123, 123, 123});
}

TEST_CASE_METHOD(Fixture, "decoupled and following SystemC ring the same alarms at the same instants", "[sim]") {
    timeline.following(GENERATE(true, false));
    std::vector<std::int64_t> times;
    Alarm fast{timeline, Priority::Hpet, [&] {
                   times.push_back(timeline.now().fs);
                   if (times.size() < 5) {
                       fast.at(timeline.now() + 7_ns);
                   }
               }};
    fast.at(Instant{} + 1_ns);
    timeline.run();
    CHECK(times == std::vector<std::int64_t>{1'000'000, 8'000'000, 15'000'000, 22'000'000, 29'000'000});
}

TEST_CASE_METHOD(Fixture, "decoupled, runs may last longer together than SystemC can count", "[sim]") {
    timeline.following(false);
    Alarm alarm{timeline, Priority::Hpet, [&] { rung.push_back(1); }};
    for (int run = 0; run < 3; ++run) {  // six hours; 2^64 fs are 5.1 hours
        timeline.power_on();
        alarm.at(Instant{} + Duration{7200 * FS_PER_S});
        timeline.run_until(Instant{} + Duration{7200 * FS_PER_S - 1});
        CHECK(rung.size() == static_cast<std::size_t>(run));
        timeline.run_until(Instant{} + Duration{7200 * FS_PER_S});
        CHECK(rung.size() == static_cast<std::size_t>(run) + 1);
    }
}
