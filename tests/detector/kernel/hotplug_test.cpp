// SPDX-License-Identifier: Apache-2.0
#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

namespace {

// States of linux/cpuhotplug.h.
constexpr unsigned SMPBOOT_THREADS = 21;
constexpr unsigned ONLINE_DYN = 30;

std::vector<std::string> of(const KernelRig& rig, unsigned cpu, bool bringup) {
    std::vector<std::string> names;
    for (const auto& step : rig.steps) {
        if (step.cpu == cpu && step.bringup == bringup) {
            names.push_back(step.step);
        }
    }
    return names;
}

}  // namespace

TEST_CASE("callbacks of a CPU that goes run in Linux's order", "[kernel]") {
    KernelRig rig{4};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
    rig.run(2.0);
    const auto down = of(rig, 2, false);
    CHECK(down == std::vector<std::string>{"sched:active", "hld:online", "perf/x86/cstate:online",
                                           "perf/x86/intel/uncore:online", "smpboot/threads:online", "sched:waitempty",
                                           "cpu:teardown", "hrtimers:dying", "smpcfd:dying"});
}

TEST_CASE("a callback that fails brings the CPU back", "[kernel]") {
    KernelRig rig{4};
    SECTION("in the hotplug thread of the CPU") { rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2, SMPBOOT_THREADS); }
    SECTION("on the control CPU") { rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2, TEARDOWN_CPU); }
    rig.plan(2.0, 0, HLD_TASK_OFFLINE, 2);
    rig.run(1.9);
    CHECK(rig.results == std::vector<long>{-11});
    CHECK(rig.word("__cpu_online_mask") == 0xf);
    CHECK(of(rig, 2, true).back() == "sched:active");
    rig.run(3.0);
    CHECK(rig.results == std::vector<long>{-11, 0});
    CHECK(rig.word("__cpu_online_mask") == 0xb);
}

TEST_CASE("a bring-up that fails leaves the CPU dead", "[kernel]") {
    KernelRig rig{4};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
    rig.plan(2.0, 0, HLD_TASK_ONLINE, 2, ONLINE_DYN);
    rig.plan(3.0, 0, HLD_TASK_ONLINE, 2);
    rig.run(2.9);
    CHECK(rig.results == std::vector<long>{0, -11});
    CHECK(rig.word("__cpu_online_mask") == 0xb);
    CHECK(rig.lives.back() == "cpu 2 dead");
    rig.run(4.0);
    CHECK(rig.results == std::vector<long>{0, -11, 0});
    CHECK(rig.word("__cpu_online_mask") == 0xf);
}

TEST_CASE("a CPU that no SIPI reaches is given up after 10 s, and comes the next time", "[kernel]") {
    KernelRig rig{4};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
    // SIPI is lost in SMM, where INIT waits: SDM vol. 3C, 34.3.1.
    rig.plan_act(Instant{2 * FS_PER_S}, [&] { rig.machine->cpus.assert_smi(CpuNumber{2}, Duration{FS_PER_S / 10}); });
    rig.plan(2.0001, 0, HLD_TASK_ONLINE, 2);
    rig.plan(20.0, 0, HLD_TASK_ONLINE, 2);
    rig.run(11.9);
    CHECK(rig.results == std::vector<long>{0});
    rig.run(12.2);
    CHECK(rig.results == std::vector<long>{0, -5});
    CHECK(rig.word("__cpu_online_mask") == 0xb);
    CHECK(rig.lives.back() == "cpu 2 dead");
    rig.run(21.0);
    CHECK(rig.results == std::vector<long>{0, -5, 0});
    CHECK(rig.word("__cpu_online_mask") == 0xf);
}

TEST_CASE("what cannot go down is refused, CPU 0 above all", "[kernel][HP-5]") {
    KernelRig rig{2};
    rig.plan(1.0, 1, HLD_TASK_OFFLINE, 0);
    rig.plan(1.1, 1, HLD_TASK_OFFLINE, 1);
    rig.plan(1.2, 0, HLD_TASK_OFFLINE, 7);
    rig.run(2.0);
    CHECK(rig.results == std::vector<long>{-1, -1, -19});
    CHECK(rig.word("__cpu_online_mask") == 0x3);
}

TEST_CASE("two requests at once are served one after the other", "[kernel]") {
    KernelRig rig{4};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
    rig.plan(1.0, 1, HLD_TASK_OFFLINE, 3);
    rig.run(3.0);
    CHECK(rig.results == std::vector<long>{0, 0});
    CHECK(rig.word("__cpu_online_mask") == 0x3);
}

TEST_CASE("a file that nobody has is not written", "[kernel]") {
    KernelRig rig{2};
    rig.plan_write(1.0, 0, "watchdog_thresh", "61");
    rig.plan_write(1.1, 0, "no_such_file", "1");
    rig.plan_write(1.2, 0, "/proc/irq/hpet/smp_affinity", "1");
    rig.plan_write(1.3, 0, "watchdog_thresh", "20");
    rig.run(2.0);
    CHECK(rig.results == std::vector<long>{-22, -2, -2, 0});
}

TEST_CASE("the detector hears of a new set of monitored CPUs", "[kernel]") {
    KernelRig rig{4, {}, {{"period_ms", "10"}}};
    rig.plan_write(1.0, 0, "watchdog_cpumask", "0-2");
    rig.plan_write(1.1, 0, "watchdog_cpumask", "2-1");
    rig.plan_write(1.2, 0, "watchdog_cpumask", "9");
    rig.run(2.0);
    CHECK(rig.results == std::vector<long>{0, -22, -34});
    CHECK(rig.word("watchdog_cpumask") == 0x7);
}

}  // namespace hldsim::test
