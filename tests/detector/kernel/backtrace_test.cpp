// SPDX-License-Identifier: Apache-2.0
// Who asks a CPU by NMI what it does, and who knows whose NMI that was: detector/kernel/backtrace.c.
#include <algorithm>
#include <cerrno>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

namespace {

struct BacktraceRig : KernelRig {
    explicit BacktraceRig(const char* command_line = "hld.backtrace")
        : KernelRig{4, {{"cmdline", command_line}}, {{"design", "direct-route"}, {"period_ms", "50"}}} {}

    std::vector<unsigned> claims() const {
        std::vector<unsigned> cpus;
        for (const Fate& fate : fates) {
            if (fate.fate == HLD_NMI_CLAIMED && fate.handler == "arch_bt") {
                cpus.push_back(fate.cpu);
            }
        }
        return cpus;
    }
    long printed(const std::string& line) const {
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string& text) { return text.find(line) != std::string::npos; });
    }
};

using Cpus = std::vector<unsigned>;
using Results = std::vector<long>;

}  // namespace

TEST_CASE("a CPU that is asked answers by an NMI that has its owner, and nobody else does", "[kernel][CPU-22]") {
    BacktraceRig rig;
    rig.plan(0.51, 3, HLD_TASK_BACKTRACE, 2);
    rig.run(0.6);
    CHECK(rig.claims() == Cpus{2});
    CHECK(rig.results == Results{0});
    CHECK(rig.printed("Sending NMI from CPU 3 to CPUs 2:") == 1);
    CHECK(rig.printed("NMI backtrace for cpu 2") == 1);
    CHECK(rig.count(HLD_NMI_UNKNOWN, 2) == 0);
}

TEST_CASE("the timer's NMI is not claimed by who answers requests", "[kernel][CPU-22]") {
    BacktraceRig rig;
    rig.run(1.0);
    CHECK(rig.claims().empty());
    CHECK(std::count_if(rig.fates.begin(), rig.fates.end(),
                        [](const auto& fate) { return fate.fate == HLD_NMI_CLAIMED && fate.handler == "hld"; }) > 8);
}

TEST_CASE("an offline CPU never answers, and is given up after ten seconds", "[kernel][CPU-25]") {
    BacktraceRig rig;
    rig.plan(0.5, 0, HLD_TASK_OFFLINE, 2);
    rig.plan(2.0, 0, HLD_TASK_BACKTRACE, 2);
    SECTION("not before") {
        rig.run(11.9);
        CHECK(rig.results == Results{0});
    }
    SECTION("but then") {
        rig.run(12.1);
        CHECK(rig.results == Results{0, -ETIMEDOUT});
    }
    CHECK(rig.claims().empty());
    CHECK(rig.count(HLD_NMI_IGNORED_OFFLINE, 2) >= 1);
}

TEST_CASE("an answer that comes when nobody waits any longer still has its owner", "[kernel]") {
    BacktraceRig rig;
    rig.plan_act(Instant{} + 500_ms, [&] { rig.machine->cpus.assert_smi({CpuNumber{2}}, 11_s); });
    rig.plan(0.6, 0, HLD_TASK_BACKTRACE, 2);
    rig.run(12.0);
    CHECK(rig.results == Results{-ETIMEDOUT});
    CHECK(rig.claims() == Cpus{2});
}

TEST_CASE("there is one request at a time", "[kernel]") {
    BacktraceRig rig;
    rig.plan_act(Instant{} + 500_ms, [&] { rig.machine->cpus.assert_smi({CpuNumber{2}}, 100_ms); });
    rig.plan(0.51, 0, HLD_TASK_BACKTRACE, 2);
    rig.plan(0.55, 1, HLD_TASK_BACKTRACE, 3);
    rig.plan(0.7, 1, HLD_TASK_BACKTRACE, 3);
    rig.run(0.8);
    CHECK(rig.results == Results{-EBUSY, 0, 0});
    CHECK(rig.claims() == Cpus{2, 3});
}

TEST_CASE("a CPU that asks itself needs no NMI", "[kernel]") {
    BacktraceRig rig;
    rig.plan(0.51, 2, HLD_TASK_BACKTRACE, 2);
    rig.run(0.6);
    CHECK(rig.results == Results{0});
    CHECK(rig.claims().empty());
    CHECK(rig.printed("NMI backtrace for cpu 2") == 1);
}

TEST_CASE("where nobody answers, nobody asks", "[kernel]") {
    BacktraceRig rig{""};
    rig.plan(0.51, 0, HLD_TASK_BACKTRACE, 2);
    rig.run(0.6);
    CHECK(rig.results == Results{-ENODEV});
    CHECK(std::none_of(rig.fates.begin(), rig.fates.end(), [](const auto& fate) { return fate.handler == "arch_bt"; }));
}

TEST_CASE("a CPU that there is not is not asked", "[kernel]") {
    BacktraceRig rig;
    rig.plan(0.51, 0, HLD_TASK_BACKTRACE, 4);
    rig.run(0.6);
    CHECK(rig.results == Results{-ENODEV});
}

}  // namespace hldsim::test
