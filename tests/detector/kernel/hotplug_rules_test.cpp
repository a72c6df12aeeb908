// SPDX-License-Identifier: Apache-2.0
// What a CPU that goes down does to interrupts that are on their way to it (HP-2 to HP-4), and what an NMI that nobody
// claims becomes (CPU-24).
#include <algorithm>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

namespace {

using namespace hldsim::literals;

/// The detector's own NMIs come so rarely that none disturbs.
const shim::Runtime::Parameters QUIET{{"period_ms", "10000"}};

/// CPU 2 goes down at 1 s; when it reaches each stage.
struct Departure {
    explicit Departure(KernelRig& rig) {
        rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
        rig.run(2.0);
        REQUIRE(rig.results == std::vector<long>{0});
        for (std::size_t n = 0; n < rig.lives.size(); ++n) {
            offline = rig.lives[n] == "cpu 2 offline" ? rig.lived[n] : offline;
            dead = rig.lives[n] == "cpu 2 dead" ? rig.lived[n] : dead;
        }
        REQUIRE(offline < dead);
    }
    Instant offline = Instant::never();
    Instant dead = Instant::never();
};

bool said(const KernelRig& rig, const std::string& words) {
    return std::any_of(rig.lines.begin(), rig.lines.end(),
                       [&](const std::string& line) { return line.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("an NMI just before the CPU is offline meets its handlers, one just behind meets none", "[kernel][HP-2]") {
    KernelRig rig{4, {}, QUIET};
    const Departure at{rig};
    rig.plan_message(at.offline - 100_us, 2, DeliveryMode::Nmi);
    rig.run(2.0);
    CHECK(rig.count(HLD_NMI_IGNORED_OFFLINE, 2) == 0);
    CHECK(rig.count(HLD_NMI_NOT_MINE, 2) == 1);  // the bit is clear already, and the CPU still online
    CHECK(rig.count(HLD_NMI_UNKNOWN, 2) == 1);

    rig.forget_plans();
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
    rig.plan_message(at.offline + 100_us, 2, DeliveryMode::Nmi);
    rig.run(2.0);
    CHECK(rig.count(HLD_NMI_IGNORED_OFFLINE, 2) == 1);
    CHECK(rig.count(HLD_NMI_NOT_MINE, 2) == 0);
}

TEST_CASE("a CPU whose offline failed is watched again", "[kernel][HP-3]") {
    const bool fails = GENERATE(true, false);
    KernelRig rig{4, {}, {{"period_ms", "10"}}};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2, fails ? TEARDOWN_CPU : 0);
    rig.run(2.0);
    REQUIRE(rig.results == std::vector<long>{fails ? -11 : 0});
    const long late = std::count_if(rig.fates.begin(), rig.fates.end(), [](const KernelRig::Fate& fate) {
        return fate.cpu == 2 && fate.fate == HLD_NMI_CLAIMED && fate.at > 1.9;
    });
    CHECK((late > 0) == fails);
}

TEST_CASE("WI-24: a stray NMI wakes a dead CPU, which halts again and can come back", "[kernel][HP-4][WI-24]") {
    KernelRig rig{4, {}, QUIET};
    const Departure at{rig};
    rig.plan_message(at.dead + 50_ms, 2, DeliveryMode::Nmi);
    rig.plan(1.5, 0, HLD_TASK_ONLINE, 2);
    std::vector<bool> entered;
    rig.machine->cpus.context_changed.subscribe([&](const cpu::ContextChanged& c) {
        if (c.cpu == CpuNumber{2} && c.context == cpu::Context::Nmi) {
            entered.push_back(c.entered);
        }
    });
    rig.run(1.4);
    CHECK(entered == std::vector<bool>{true, false});
    CHECK(rig.count(HLD_NMI_IGNORED_OFFLINE, 2) == 1);
    CHECK(rig.machine->cpus.cpu(CpuNumber{2}).state == cpu::Cpu::State::Halted);
    rig.run(2.0);
    CHECK(rig.results == std::vector<long>{0, 0});
    CHECK(rig.online(2));
}

TEST_CASE("CPU 0 goes down where the command line lets it, a stray NMI does not start it, and one of Linux does",
          "[kernel][HP-5]") {
    const bool old = GENERATE(false, true);
    KernelRig rig{3, {{"cmdline", "cpu0_hotplug"}, {"hld_kernel_version", old ? "418" : "601"}}, QUIET};
    rig.plan(1.0, 1, HLD_TASK_OFFLINE, 0);
    rig.plan_message(Instant{} + 1500_ms, 0, DeliveryMode::Nmi);
    rig.plan(1.7, 1, HLD_TASK_ONLINE, 0);
    std::vector<bool> entered;
    rig.machine->cpus.context_changed.subscribe([&](const cpu::ContextChanged& c) {
        if (c.cpu == CpuNumber{0} && c.context == cpu::Context::Nmi && c.at > Instant{} + 1400_ms) {
            entered.push_back(c.entered);
        }
    });
    rig.run(1.6);
    CHECK(rig.lives.back() == "cpu 0 dead");
    CHECK(entered == std::vector<bool>{true, false});
    CHECK(rig.machine->cpus.cpu(CpuNumber{0}).state == cpu::Cpu::State::Halted);
    entered.clear();
    rig.run(2.5);
    CHECK(rig.results == std::vector<long>{0, 0});
    CHECK(rig.word("__cpu_online_mask") == 0x7);
    CHECK(entered == std::vector<bool>{true, false, true, false});
    const auto woken = std::count_if(rig.fates.begin(), rig.fates.end(), [](const KernelRig::Fate& fate) {
        return fate.cpu == 0 && fate.handler == "wake_cpu0" && fate.fate == HLD_NMI_CLAIMED;
    });
    CHECK(woken == (old ? 1 : 0));  // since 5.4 an offline CPU asks no handler: leaving HLT is all that it takes
}

TEST_CASE("a CPU 0 that has come back works as before, and can go again", "[kernel][HP-5]") {
    KernelRig rig{3, {{"cmdline", "cpu0_hotplug"}}, QUIET};
    for (const double at : {1.0, 2.0, 3.0}) {
        rig.plan(at, 1, HLD_TASK_OFFLINE, 0);
        rig.plan(at + 0.3, 1, HLD_TASK_ONLINE, 0);
        rig.plan(at + 0.6, 0, HLD_TASK_OFFLINE, 2);
        rig.plan(at + 0.8, 0, HLD_TASK_ONLINE, 2);
    }
    rig.run(4.5);
    CHECK(rig.results == std::vector<long>(12, 0));
    CHECK(rig.word("__cpu_online_mask") == 0x7);
}

TEST_CASE("an NMI in the WBINVD of a CPU that goes down is taken at its end", "[kernel][CPU-20]") {
    KernelRig rig{4, {}, QUIET};
    const Departure at{rig};
    const Timing& timing = rig.machine->profile.timing;
    const ClockDomain core = ClockDomain::of_frequency(timing.core());
    const Instant end = core.edge({core.first_at(at.dead).index + timing.cycles(Row::CpuWbinvd).count});
    REQUIRE(end - at.dead > 100_us);
    std::vector<Instant> taken;
    rig.machine->cpus.context_changed.subscribe([&](const cpu::ContextChanged& c) {
        if (c.cpu == CpuNumber{2} && c.context == cpu::Context::Nmi && c.entered) {
            taken.push_back(c.at);
        }
    });
    for (const Duration behind : {1_us, 300_us, end - at.dead - 1_us}) {
        rig.forget_plans();
        taken.clear();
        rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
        rig.plan_message(at.dead + behind, 2, DeliveryMode::Nmi);
        rig.run(1.4);
        CHECK(taken == std::vector{end});
    }
}

TEST_CASE("an NMI to a CPU that waits for SIPI is a triple fault as soon as the CPU is brought up",
          "[kernel][CPU-16][CPU-17]") {
    KernelRig rig{4, {}, QUIET};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
    rig.plan(1.5, 0, HLD_TASK_ONLINE, 2);
    REQUIRE(rig.run(2.0) == cpu::End::Time);
    Instant coming = Instant::never();
    for (std::size_t n = 0; n < rig.lives.size(); ++n) {
        coming = rig.lives[n] == "cpu 2 coming" ? rig.lived[n] : coming;
    }
    // Between INIT, which clears what is latched, and SIPI.
    unsigned shut_down = 0;
    for (Duration behind = 0_ns; behind < 2_us; behind = behind + 50_ns) {
        rig.forget_plans();
        rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
        rig.plan(1.5, 0, HLD_TASK_ONLINE, 2);
        rig.plan_message(coming + behind, 2, DeliveryMode::Nmi);
        if (rig.run(1.6) == cpu::End::TripleFault) {
            ++shut_down;
            CHECK(rig.runtime->end_reason() == "NMI, vector 2 beyond the limit of the IDT: #GP, #DF, shutdown");
        }
    }
    CHECK(shut_down > 0);
}

TEST_CASE("an NMI that no handler claims is unknown", "[kernel][CPU-24][WI-27]") {
    KernelRig rig{4, {}, QUIET};
    rig.plan_message(Instant{} + 1500_ms, 2, DeliveryMode::Nmi);
    rig.run(2.0);
    CHECK(rig.count(HLD_NMI_UNKNOWN, 2) == 1);
    CHECK(said(rig, "Uhhuh. NMI received for unknown reason"));
}

TEST_CASE("with unknown_nmi_panic an NMI that no handler claims ends the run as a panic", "[kernel][CPU-24]") {
    KernelRig rig{4, {{"cmdline", "unknown_nmi_panic"}}, QUIET};
    rig.plan_message(Instant{} + 1500_ms, 2, DeliveryMode::Nmi);
    CHECK(rig.run(2.0) == cpu::End::Panic);
    CHECK(rig.runtime->end_reason() == "NMI: Not continuing");
    CHECK(rig.count(HLD_NMI_UNKNOWN, 2) == 1);
    CHECK_FALSE(said(rig, "Dazed and confused"));
}

TEST_CASE("an NMI that is nobody's is swallowed if it interrupts the instruction at which two handlers claimed one",
          "[kernel][CPU-24]") {
    const bool two_claim = GENERATE(true, false);
    KernelRig rig{4, {{"cmdline", "hld.perf"}}, {{"period_ms", "100"}}};
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        rig.plan_act(Instant{} + 1_s,
                     [&rig, cpu] { rig.machine->cpus.stick(CpuNumber{cpu}, cpu::StuckKind::IrqOff, 500_ms); });
    }
    rig.run(1.2);
    const auto own = std::find_if(rig.fates.begin(), rig.fates.end(), [](const KernelRig::Fate& fate) {
        return fate.fate == HLD_NMI_CLAIMED && fate.at > 1.01;
    });
    REQUIRE(own != rig.fates.end());
    const unsigned target = own->cpu;
    const Instant claimed = Instant{} + Duration{1'000'000} * static_cast<std::int64_t>(own->at * 1e9);

    if (two_claim) {  // behind the entry of the timer's NMI: a second one, of which that handler claims both
        rig.plan_act(claimed - 600_ns, [&rig, target] { rig.machine->pmu(CpuNumber{target}).overflow(0); });
    }
    rig.plan_message(claimed + 20_ms, target, DeliveryMode::Nmi);
    rig.run(1.2);
    CHECK(rig.count(HLD_NMI_SWALLOWED, target) == (two_claim ? 2 : 0));
    CHECK(rig.count(HLD_NMI_UNKNOWN, target) == (two_claim ? 0 : 1));
    CHECK(said(rig, "Uhhuh") != two_claim);
}

TEST_CASE("two CPUs whose NMIs nobody claims read port 61h one after the other", "[kernel][CPU-23]") {
    KernelRig rig{4, {}, QUIET};
    const auto unknown_at = [&rig](unsigned cpu) {
        const auto fate = std::find_if(rig.fates.begin(), rig.fates.end(), [cpu](const KernelRig::Fate& f) {
            return f.fate == HLD_NMI_UNKNOWN && f.cpu == cpu;
        });
        REQUIRE(fate != rig.fates.end());
        return fate->at;
    };
    const auto read = static_cast<double>(rig.machine->cpus.timing().duration(Row::IoPort61Read).fs) * 1e-15;
    rig.plan_message(Instant{} + 1500_ms, 2, DeliveryMode::Nmi);
    rig.run(2.0);
    const double alone = unknown_at(2);
    rig.plan_message(Instant{} + 1500_ms, 1, DeliveryMode::Nmi);
    rig.run(2.0);
    const double first = std::min(unknown_at(1), unknown_at(2));
    const double second = std::max(unknown_at(1), unknown_at(2));
    CHECK(first - alone < read / 2);
    CHECK(second - first >= read);
    CHECK(second - first < 2 * read);
}

TEST_CASE("a handler that claims its own NMI hides another that merged with it", "[kernel][CPU-24]") {
    KernelRig rig{4, {}, {{"period_ms", "100"}}};
    rig.run(1.0);
    const auto own = std::find_if(rig.fates.begin(), rig.fates.end(),
                                  [](const KernelRig::Fate& fate) { return fate.fate == HLD_NMI_CLAIMED; });
    REQUIRE(own != rig.fates.end());
    const Instant claimed = Instant{} + Duration{1'000'000} * static_cast<std::int64_t>(own->at * 1e9);
    unsigned hidden = 0;
    unsigned seen = 0;
    const unsigned target = own->cpu;
    for (Duration before = 0_ns; before < 4_us; before = before + 50_ns) {
        rig.forget_plans();
        rig.plan_message(claimed - before, target, DeliveryMode::Nmi);
        rig.run(1.0);
        (said(rig, "Uhhuh") ? seen : hidden) += 1;
    }
    CHECK(hidden > 0);
    CHECK(seen > 0);
}

}  // namespace hldsim::test
