// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

namespace {

const shim::Runtime::Parameters LOCK_AFFINITY{{"design", "lock-affinity"}, {"period_ms", "50"}};

}  // namespace

TEST_CASE("an NMI-delivered interrupt moves once and then stands still", "[kernel][C15]") {
    KernelRig rig{4, {}, LOCK_AFFINITY};
    rig.run(1.0);
    const std::uint64_t route = rig.machine->hpet.peek(0x110);
    CHECK((route & 0x700) == 0x400);
    CHECK(rig.count(HLD_NMI_CLAIMED, 0) == 1);
    CHECK(rig.count(HLD_NMI_CLAIMED, 1) > 10);
    CHECK(rig.count(HLD_NMI_CLAIMED, 2) == 0);
    rig.run(2.0);
    CHECK(rig.machine->hpet.peek(0x110) == route);
}

TEST_CASE("an NMI that finds the descriptor's lock taken below it waits for ever", "[kernel][nmi-desc-lock]") {
    KernelRig rig{4, {}, LOCK_AFFINITY};
    rig.run(0.5);
    REQUIRE(rig.fates.size() > 4);
    const double nmi = rig.fates[4].at;
    REQUIRE(rig.fates[4].cpu == 1);
    unsigned deadlocks = 0;
    unsigned survived = 0;
    for (double before = 0; before < 6e-6; before += 0.02e-6) {
        rig.forget_plans();
        rig.plan_write(nmi - before, 1, "/proc/irq/hpet/smp_affinity", "2");
        (rig.run(0.5) == cpu::End::Deadlock ? deadlocks : survived) += 1;
    }
    CHECK(deadlocks > 0);
    CHECK(survived > 0);
}

TEST_CASE("v4.18 runs the handlers on a CPU that is offline, v6.1 does not", "[kernel][CPU-25]") {
    const bool old = GENERATE(false, true);
    KernelRig rig{4, {{"hld_kernel_version", old ? "418" : "601"}}, {{"design", "direct-route"}, {"period_ms", "1"}}};
    // One of four consecutive periods has the route at CPU 1 when its bit is cleared: there it stays.
    long ignored = 0;
    long not_claimed = 0;
    for (int period = 0; period < 4; ++period) {
        rig.forget_plans();
        rig.plan(0.5 + 0.001 * period, 0, HLD_TASK_OFFLINE, 1);
        rig.run(0.8);
        REQUIRE(rig.results == std::vector<long>{0});
        ignored += rig.count(HLD_NMI_IGNORED_OFFLINE, 1);
        not_claimed += rig.count(HLD_NMI_UNKNOWN, 1);
    }
    CHECK((ignored > 0) != old);
    CHECK(not_claimed > 0);
}

TEST_CASE("WI-52: an NMI that hits an offline CPU ends the handler's chain without a word; a control CPU restarts it",
          "[kernel][CPU-25][HP-2][WI-52]") {
    const bool restarts = GENERATE(false, true);
    KernelRig rig{4, {}, {{"design", restarts ? "stop-drain" : "direct-route"}, {"period_ms", "1"}}};
    unsigned dead = 0;
    for (int period = 0; period < 4; ++period) {  // one of them has the route at CPU 1 when that goes
        rig.forget_plans();
        rig.plan(0.5 + 0.001 * period, 0, HLD_TASK_OFFLINE, 1);
        rig.run(0.8);
        REQUIRE(rig.results == std::vector<long>{0});
        const bool alive = std::any_of(rig.fates.begin(), rig.fates.end(), [](const KernelRig::Fate& fate) {
            return fate.fate == HLD_NMI_CLAIMED && fate.at > 0.7;
        });
        dead += alive ? 0 : 1;
    }
    CHECK(dead == (restarts ? 0 : 1));
}

TEST_CASE("a CPU that is idle, or dead, in the MWAIT of a C-state takes an NMI the exit of that state later",
          "[kernel][CPU-8][CPU-9][HP-4]") {
    struct State {
        const char* word;
        Row exit;
    };
    const State state =
        GENERATE(State{"hld.cstate=hlt", Row::CpuCstateExitC1}, State{"hld.cstate=c1", Row::CpuCstateExitC1},
                 State{"hld.cstate=c1e", Row::CpuCstateExitC1e}, State{"hld.cstate=c6", Row::CpuCstateExitC6},
                 State{"hld.cstate=c10", Row::CpuCstateExitC10});
    const bool dead = GENERATE(false, true);
    INFO(state.word << (dead ? ", dead" : ", idle"));
    KernelRig rig{2, {{"cmdline", state.word}}};
    Instant accepted;
    Instant taken;
    rig.machine->observe_hops([&](const HopReached& h) {
        if (h.token.source == Source::Operator && h.cpu == CpuNumber{1}) {
            (h.hop == Hop::Taken ? taken : accepted) = h.hop == Hop::Returned ? accepted : h.at;
        }
    });
    if (dead) {
        rig.plan(0.5, 0, HLD_TASK_OFFLINE, 1);
    }
    rig.plan_message(Instant{FS_PER_S}, 1, DeliveryMode::Nmi);
    rig.run(1.1);
    REQUIRE(rig.online(1) != dead);
    const Timing& timing = rig.machine->cpus.timing();
    const Instant due = accepted + timing.duration(Row::CpuEventBoundary) + timing.duration(state.exit);
    const ClockDomain core = ClockDomain::of_frequency(timing.core());
    CHECK(taken == core.edge(core.first_at(due)));
    CHECK(rig.count(HLD_NMI_IGNORED_OFFLINE, 1) == (dead ? 1 : 0));
}

TEST_CASE("where all sources of an NMI are known, those handlers alone are asked, else all of them",
          "[kernel][CPU-27]") {
    const std::uint8_t vector = GENERATE(std::uint8_t{0}, std::uint8_t{7}, std::uint8_t{8}, std::uint8_t{16});
    const bool reports = GENERATE(true, false);
    INFO("vector " << unsigned{vector} << (reports ? ", reported" : ", not reported"));
    KernelRig rig{1, {}, {{"design", "nmi-source"}}, false, false, nullptr, {}, reports};
    rig.plan_message(Instant{FS_PER_S}, 0, DeliveryMode::Nmi, vector);
    rig.run(1.1);
    const bool all_asked = !reports || vector == 0 || vector == 16;
    CHECK(rig.count(HLD_NMI_CLAIMED, 0) == (reports && vector == 8 ? 1 : 0));
    // Two handlers where the design could start, and none where it could not.
    CHECK(rig.count(HLD_NMI_NOT_MINE, 0) == (reports && all_asked ? 2 : 0));
    CHECK(rig.count(HLD_NMI_UNKNOWN, 0) == (reports && vector == 8 ? 0 : 1));
}

TEST_CASE("an NMI that comes within another one's handler is handled by its own source", "[kernel][CPU-13][CPU-27]") {
    KernelRig rig{1, {}, {{"design", "nmi-source"}}, false, false, nullptr, {}, true};
    unsigned depth = 0;
    unsigned deepest = 0;
    rig.machine->cpus.context_changed.subscribe([&](const cpu::ContextChanged& changed) {
        if (changed.context == cpu::Context::Nmi) {
            depth = changed.entered ? depth + 1 : depth - 1;
            deepest = std::max(deepest, depth);
        }
    });
    const Timing& timing = rig.machine->cpus.timing();
    unsigned nested = 0;
    // Firmware's IRET in the handler of an NMI of source 7, at 1 s, lets one of source 8 in after RSM.
    for (Duration smi; smi < 3_us; smi = smi + 200_ns) {
        rig.forget_plans();
        depth = deepest = 0;
        const Instant first{FS_PER_S};
        rig.plan_message(first, 0, DeliveryMode::Nmi, 7);
        rig.plan_act(first + smi, [&] { rig.machine->cpus.assert_smi(CpuNumber{0}, Duration{}, Duration{}); });
        rig.plan_message(first + smi + timing.duration(Row::SmmEntryExit) + 100_ns, 0, DeliveryMode::Nmi, 8);
        rig.run(1.1);
        if (deepest == 2) {
            ++nested;
            CHECK(rig.count(HLD_NMI_CLAIMED, 0) == 1);
            CHECK(rig.count(HLD_NMI_UNKNOWN, 0) == 1);
        }
    }
    CHECK(nested > 0);
}

}  // namespace hldsim::test
