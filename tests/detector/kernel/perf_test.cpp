// SPDX-License-Identifier: Apache-2.0
// Who samples a performance counter owns its NMI: detector/kernel/perf.c.
#include <algorithm>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

namespace {

constexpr std::uint32_t FIXED_CTR0 = 0x309;
constexpr std::uint32_t FIXED_CTR_CTRL = 0x38d;
constexpr std::uint32_t GLOBAL_STATUS = 0x38e;
constexpr std::uint32_t GLOBAL_CTRL = 0x38f;
constexpr std::uint64_t COUNTER_0 = 1ULL << 32;

struct PerfRig : KernelRig {
    explicit PerfRig(const char* command_line)
        : KernelRig{4, {{"cmdline", command_line}}, {{"design", "direct-route"}, {"period_ms", "50"}}} {}

    void plan_overflow(Instant at, unsigned cpu) {
        plan_act(at, [this, cpu] { machine->pmu(CpuNumber{cpu}).overflow(0); });
    }
    std::uint64_t msr(unsigned cpu, std::uint32_t number) {
        std::uint64_t value = ~0ULL;
        CHECK(machine->pmu(CpuNumber{cpu}).rdmsr(number, value));
        return value;
    }
    long claims(const std::string& handler, unsigned cpu) const {
        return std::count_if(fates.begin(), fates.end(), [&](const Fate& fate) {
            return fate.cpu == cpu && fate.fate == HLD_NMI_CLAIMED && fate.handler == handler;
        });
    }
};

}  // namespace

TEST_CASE("an overflow is claimed by who samples, and leaves the counter ready for the next", "[kernel][LAPIC-41]") {
    PerfRig rig{"hld.perf"};
    rig.plan_overflow(Instant{} + 510_ms, 2);
    rig.plan_overflow(Instant{} + 510_ms + 20_us, 2);
    rig.run(0.6);
    CHECK(rig.claims("PMI", 2) == 2);
    for (const unsigned other : {0U, 1U, 3U}) {
        CHECK(rig.claims("PMI", other) == 0);
    }
    CHECK(rig.msr(2, GLOBAL_STATUS) == 0);
    CHECK(rig.msr(2, GLOBAL_CTRL) == COUNTER_0);
    CHECK(rig.count(HLD_NMI_UNKNOWN, 2) == 0);
}

TEST_CASE("a second overflow at any instant of the first one's NMI leaves no NMI without an owner", "[kernel]") {
    PerfRig rig{"hld.perf"};
    for (Duration behind; behind < 4_us; behind = behind + 25_ns) {
        rig.forget_plans();
        rig.plan_overflow(Instant{} + 510_ms, 2);
        rig.plan_overflow(Instant{} + 510_ms + behind, 2);
        rig.plan_overflow(Instant{} + 510_ms + 50_us, 2);  // and the entry is unmasked again
        rig.run(0.52);
        INFO(behind.fs / 1'000'000 << " ns");
        CHECK(rig.count(HLD_NMI_UNKNOWN, 2) == 0);
        CHECK(rig.claims("PMI", 2) >= 2);
        CHECK(rig.msr(2, GLOBAL_STATUS) == 0);
    }
}

TEST_CASE("the timer's NMI is not claimed by who samples", "[kernel][CPU-22]") {
    PerfRig rig{"hld.perf"};
    rig.run(1.0);
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        CHECK(rig.claims("PMI", cpu) == 0);
        CHECK(rig.claims("hld", cpu) > 2);
    }
}

TEST_CASE("where nobody samples, no counter counts, and no handler is asked", "[kernel]") {
    PerfRig rig{""};
    rig.plan_overflow(Instant{} + 510_ms, 2);
    rig.run(1.0);
    CHECK(rig.msr(2, GLOBAL_CTRL) == 0);
    CHECK(rig.msr(2, GLOBAL_STATUS) == 0);
    CHECK(std::none_of(rig.fates.begin(), rig.fates.end(), [](const auto& fate) { return fate.handler == "PMI"; }));
}

TEST_CASE("an overflow at any instant at which a counter is switched off does not switch it on again", "[kernel]") {
    PerfRig rig{"hld.perf"};
    const auto counts_at = [&](Instant t) {
        bool counts = false;
        rig.forget_plans();
        rig.plan(0.5, 0, HLD_TASK_OFFLINE, 2);
        rig.plan_act(t, [&] { counts = rig.msr(2, GLOBAL_CTRL) != 0; });
        rig.run(2.0);
        return counts;
    };
    Instant on = Instant{} + 500_ms;
    Instant off = Instant{} + 1900_ms;
    REQUIRE(counts_at(on));
    REQUIRE_FALSE(counts_at(off));
    while (off - on > 1_ns) {
        const Instant middle = on + Duration{(off - on).fs / 2};
        (counts_at(middle) ? on : off) = middle;
    }
    unsigned taken = 0;
    for (Instant t = off - 2_us; t <= off; t = t + 20_ns) {
        rig.forget_plans();
        rig.plan(0.5, 0, HLD_TASK_OFFLINE, 2);
        rig.plan_overflow(t, 2);
        rig.run(2.0);
        INFO((off - t).fs / 1'000'000 << " ns before it is off");
        CHECK(rig.msr(2, GLOBAL_CTRL) == 0);
        CHECK(rig.results == std::vector<long>{0});
        taken += rig.claims("PMI", 2) == 1 ? 1 : 0;
    }
    CHECK(taken > 50);
}

TEST_CASE("a CPU that goes down stops its counter, one that comes up starts it", "[kernel]") {
    PerfRig rig{"hld.perf"};
    std::uint64_t while_down = ~0ULL;
    rig.plan(0.5, 0, HLD_TASK_OFFLINE, 2);
    rig.plan_act(Instant{} + 2_s, [&] { while_down = rig.msr(2, GLOBAL_CTRL); });
    rig.plan(2.5, 0, HLD_TASK_ONLINE, 2);
    rig.run(4.0);
    REQUIRE(rig.results == std::vector<long>{0, 0});
    CHECK(while_down == 0);
    CHECK(rig.msr(2, GLOBAL_CTRL) == COUNTER_0);
}

// ---- hld.perf=N: cycles, whose count comes to its end by itself

TEST_CASE("a CPU that is busy is sampled once in so many cycles, one that sleeps is not", "[kernel][pmu]") {
    PerfRig rig{"hld.perf=3700000"};  // 1 ms of 3.7 GHz
    const auto samples_of_100_ms = [&](bool busy, unsigned cpu) {
        rig.forget_plans();
        if (busy) {
            rig.plan_act(Instant{} + 500_ms,
                         [&rig, cpu] { rig.machine->cpus.stick(CpuNumber{cpu}, cpu::StuckKind::Spinning, 100_ms); });
        }
        rig.run(0.6);
        return std::count_if(rig.fates.begin(), rig.fates.end(), [&](const auto& fate) {
            return fate.cpu == cpu && fate.handler == "PMI" && fate.fate == HLD_NMI_CLAIMED && fate.at > 0.5;
        });
    };
    const unsigned cpu = GENERATE(1U, 2U);
    CHECK(samples_of_100_ms(false, cpu) == 0);
    const long busy = samples_of_100_ms(true, cpu);
    CHECK(busy >= 98);  // the handler stops the counter for a while
    CHECK(busy <= 100);
    CHECK(rig.count(HLD_NMI_UNKNOWN, cpu) == 0);
}

TEST_CASE("a counter of cycles is not counter 0", "[kernel][pmu]") {
    PerfRig rig{"hld.perf=1000000000000"};
    rig.run(0.6);
    CHECK(rig.msr(2, GLOBAL_CTRL) == COUNTER_0 << 1);
    CHECK(rig.msr(2, FIXED_CTR_CTRL) == 0x90);
    CHECK(rig.msr(2, FIXED_CTR0 + 1) > (1ULL << 48) - 1000000000000);
    CHECK(rig.msr(2, FIXED_CTR0) == 0);
}

TEST_CASE("a period that is none is no word that the kernel knows, and nobody samples", "[kernel]") {
    const char* const word = GENERATE("hld.perf=", "hld.perf=0", "hld.perf=x", "hld.perf=1x", "hld.perf=-1",
                                      "hld.perf=281474976710656", "hld.perf=99999999999999999999", "hld.perfect");
    PerfRig rig{word};
    rig.run(0.1);
    CHECK(rig.msr(0, GLOBAL_CTRL) == 0);
    CHECK(std::any_of(rig.lines.begin(), rig.lines.end(), [&](const std::string& line) {
        return line.find(std::string{"Unknown kernel command line parameter \""} + word) != std::string::npos;
    }));
}

TEST_CASE("the longest period is that of the counter", "[kernel]") {
    PerfRig rig{"hld.perf=281474976710655"};
    rig.run(0.1);
    CHECK(rig.msr(0, GLOBAL_CTRL) == COUNTER_0 << 1);
}

}  // namespace hldsim::test
