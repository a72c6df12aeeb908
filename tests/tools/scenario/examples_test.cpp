// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/tools/scenario/text.hpp"

using namespace hldsim;
using namespace hldsim::scenario;

namespace {

std::string scenarios(const std::string& path) { return std::string{HLDSIM_SOURCE_DIR} + "/scenarios/" + path; }

}  // namespace

TEST_CASE("the smallest useful scenario has three lines, and the rest has defaults", "[product-3]") {
    const std::vector<Scenario> runs = load_text(SMALLEST);
    REQUIRE(runs.size() == 1);
    const Scenario& run = runs[0];
    CHECK(run.title == "CPU 2 goes down");
    CHECK(run.machine.cpus == 4);
    CHECK(run.machine.packages == 1);
    CHECK(run.machine.profile.value == "desktop-2018");
    CHECK(run.machine.tso);
    CHECK(run.kernel.watchdog_thresh_s == 10);
    CHECK(run.detector.design->value == "direct-route");
    CHECK(run.detector.policy.value == "round-robin");
    REQUIRE(run.events.size() == 1);
    const auto& offline = std::get<Hotplug>(run.events[0].action);
    CHECK_FALSE(offline.online);
    CHECK(offline.cpu.value == CpuNumber{2});
    CHECK_FALSE(offline.by);
    CHECK(run.events[0].at->value.amount == 5 * FS_PER_S);
    CHECK_FALSE(run.until);
    CHECK(run.expect.always.empty());
    CHECK(run.expect.ends == Ending::Time);
}

TEST_CASE("the aim of own-lock is read: an NMI after a lock is taken", "[product-3.7]") {
    const Scenario run = load(scenarios("claims/no-lock-in-nmi/own-lock.yaml")).at(0);
    REQUIRE(run.events.size() == 1);
    const Aim& aim = run.events[0].aim.value();
    CHECK_FALSE(aim.before);
    CHECK(aim.that.form == Point::Form::Nmi);
    CHECK(aim.that.hop == Hop::Taken);
    CHECK(aim.that.source == NmiSource::Hpet);
    CHECK(aim.that.cpu.value == CpuNumber{1});
    CHECK(aim.other.form == Point::Form::Locks);
    CHECK(aim.other.function.value == "hld_cpu_offline");
    CHECK(aim.other.object.value == "hld_lock");
    CHECK(aim.other.nth == 1);
    CHECK(run.claim.value() == "C1");
    CHECK(run.expect.always.at(0).value == "nmi-own-lock");
    CHECK(run.expect.ends == Ending::Deadlock);
}

TEST_CASE("options, aim and window of the review's race are read", "[product-3.7]") {
    const Scenario run = load(scenarios("claims/late-nmi-on-cpu-down/direct-route.yaml")).at(0);
    REQUIRE(run.detector.options.size() == 1);
    CHECK(run.detector.options[0].name == "retarget");
    CHECK(run.detector.options[0].value == "offline");
    const Aim& aim = run.events[0].aim.value();
    CHECK(aim.before);
    CHECK(sentence(aim.that) == "CPU 1, in hld_next_round_robin, reads hld.monitored_mask");
    CHECK(sentence(aim.other) == "CPU 2, in hld_cpu_offline, updates hld.monitored_mask");
    CHECK(diagnostic::position(aim.other.object.mark).column == 54);
    CHECK(run.window.from->value.amount == -2 * FS_PER_S / 1'000'000);
    CHECK(run.window.to->value.amount == 2 * FS_PER_S / 1'000'000);
    CHECK_FALSE(run.window.step);
}

TEST_CASE("vary gives a run for each value, in the order of the file", "[product-3.2]") {
    const std::vector<Scenario> runs = load(scenarios("stuck/irq-off.yaml"));
    REQUIRE(runs.size() == 5);
    CHECK(runs[0].events[0].at->value.amount == 5 * FS_PER_S);
    CHECK(runs[4].events[0].at->value.amount == 13 * FS_PER_S);
    CHECK(runs[4].vary.at(0).key == "events.1.at");
    CHECK(runs[4].vary.at(0).value == "13 s");
    const ReportExpectation& report = runs[0].expect.reports.at(0);
    CHECK(report.cpu.value == CpuNumber{1});
    CHECK(report.after.value.amount == 6 * FS_PER_S);
    CHECK(report.within.value.amount == 20 * FS_PER_S);
    CHECK(std::get<Stuck>(runs[0].events[0].action).kind == StuckKind::IrqOff);
}
