// SPDX-License-Identifier: Apache-2.0
#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

TEST_CASE("four CPUs boot, and the initcalls return", "[kernel]") {
    KernelRig rig{4};
    CHECK(rig.run(0.2) == cpu::End::Time);
    CHECK(rig.word("__cpu_online_mask") == 0xf);
    CHECK(rig.booted < Instant::never());
    CHECK(rig.lives == std::vector<std::string>{"cpu 0 up", "cpu 1 coming", "cpu 1 up", "cpu 2 coming", "cpu 2 up",
                                                "cpu 3 coming", "cpu 3 up"});
}

TEST_CASE("the APICs may be in x2APIC mode", "[kernel]") {
    KernelRig rig{2, {}, {}, true};
    CHECK(rig.run(0.2) == cpu::End::Time);
    CHECK(rig.word("__cpu_online_mask") == 0x3);
}

TEST_CASE("the receiver of an IPI sees the store before it, in xAPIC and in x2APIC mode", "[kernel][LAPIC-17]") {
    constexpr std::int64_t SLOW = 20'000;  // cycles: without a fence the IPI is there long before the store is visible
    const bool x2apic = GENERATE(false, true);
    KernelRig rig{2, {}, {}, x2apic, false, IPI_BEHIND_STORE, {}, false, SLOW};
    CHECK(rig.run(0.2) == cpu::End::Time);
    std::string said;
    for (const std::string& line : rig.lines) {
        const std::size_t at = line.find("the receiver sees ");
        said += at == std::string::npos ? "" : line.substr(at);
    }
    CHECK_THAT(said, Catch::StartsWith("the receiver sees 1"));
}

TEST_CASE("a CPU goes down and comes back", "[kernel]") {
    KernelRig rig{4};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
    rig.plan(2.0, 0, HLD_TASK_ONLINE, 2);
    CHECK(rig.run(1.9) == cpu::End::Time);
    CHECK(rig.word("__cpu_online_mask") == 0xb);
    CHECK(rig.results == std::vector<long>{0});
    CHECK(rig.lives.back() == "cpu 2 dead");
    CHECK(rig.run(3.0) == cpu::End::Time);
    CHECK(rig.word("__cpu_online_mask") == 0xf);
    CHECK(rig.results == std::vector<long>{0, 0});
    CHECK(rig.lives.back() == "cpu 2 up");
}

TEST_CASE("the second run of a machine equals the first", "[kernel]") {
    KernelRig rig{4};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 1);
    rig.run(2.0);
    const auto accesses = rig.machine->cpus.accesses();
    const auto booted = rig.booted;
    rig.run(2.0);
    CHECK(rig.machine->cpus.accesses() == accesses);
    CHECK(rig.booted == booted);
}

}  // namespace hldsim::test
