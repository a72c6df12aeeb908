// SPDX-License-Identifier: Apache-2.0
// A driver's interrupt on a CPU that goes down: what is saved of it, what of an NMI (HP-1); and broadcasts (LAPIC-43).
#include <algorithm>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

namespace {

using namespace hldsim::literals;

/// CPU 2 has the interrupt; one match, at an instant that the test chooses.
struct FixedRig : KernelRig {
    enum class Remapping { None, Vtd, Amd };

    explicit FixedRig(const shim::Runtime::Parameters& driver = {}, Remapping by = Remapping::None)
        : KernelRig{4,
                    {},
                    driver,
                    false,
                    by == Remapping::Vtd,
                    FIXED_IRQ,
                    by == Remapping::Amd ? std::optional{AmdviProfile{}} : std::nullopt} {}

    /// When CPU 2 is offline, if it goes down at 1 s.
    Instant offline() {
        plan(1.0, 0, HLD_TASK_OFFLINE, 2);
        run(1.5);
        REQUIRE(results == std::vector<long>{0});
        const auto at = std::find(lives.begin(), lives.end(), "cpu 2 offline");
        REQUIRE(at != lives.end());
        return lived[static_cast<std::size_t>(at - lives.begin())];
    }
    void match_at(Instant at) {
        plan_act(at, [this] { machine->hpet.write(0x108, Size::B8, machine->hpet.main_counter() + 1); });
    }
    /// CPU 2 goes down at 1 s, and the timer matches soon after `at`.
    void run_down_with_match(Instant at) {
        forget_plans();
        plan(1.0, 0, HLD_TASK_OFFLINE, 2);
        match_at(at);
        run(1.5);
        REQUIRE(results == std::vector<long>{0});
        REQUIRE_FALSE(online(2));
    }
    long handled() const { return said("fixed: handled on CPU "); }
    long handled_on(unsigned cpu) const { return said("fixed: handled on CPU " + std::to_string(cpu)); }
    long said(const std::string& words) const {
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string& line) { return line.find(words) != std::string::npos; });
    }
};

/// Fine around the instant at which the CPU is offline.
Duration step_at(Duration from) {
    if (from < Duration{} - 2_us || from >= 20_us) {
        return from < Duration{} ? 2_us : 100_us;
    }
    return from < 3_us ? 50_ns : 1_us;
}

}  // namespace

TEST_CASE("a fixed interrupt in flight when its CPU goes down is handled once, by whoever has it next",
          "[kernel][HP-1][WI-22]") {
    using Remapping = FixedRig::Remapping;
    FixedRig rig{{}, GENERATE(Remapping::None, Remapping::Vtd, Remapping::Amd)};
    const Instant offline = rig.offline();
    unsigned here = 0;
    unsigned saved = 0;
    // From interrupts still on, through interrupts off and the move, to the look at the IRR a millisecond later.
    for (Duration from = Duration{} - 80_us; from < 1200_us; from = from + step_at(from)) {
        CAPTURE(from.fs);
        rig.run_down_with_match(offline + from);
        CHECK(rig.handled() == 1);
        (rig.handled_on(2) == 1 ? here : saved) += 1;
    }
    CHECK(here > 0);
    CHECK(saved > 15);
}

TEST_CASE("an NMI in flight then is lost: there is no IRR bit to look at", "[kernel][HP-1]") {
    FixedRig rig{{{"as_nmi", "1"}}};
    const Instant offline = rig.offline();
    unsigned lost = 0;
    for (Duration from = Duration{} - 20_us; from < 20_us; from = from + 1_us) {
        rig.run_down_with_match(offline + from);
        const long ignored = rig.count(HLD_NMI_IGNORED_OFFLINE, 2);
        long heard = 0;
        for (unsigned cpu = 0; cpu < 4; ++cpu) {
            heard += rig.count(HLD_NMI_UNKNOWN, cpu);
        }
        CHECK(ignored + heard == 1);
        lost += ignored == 1 ? 1 : 0;
    }
    CHECK(lost > 0);
}

namespace {

constexpr long CYCLES = 20;  // there are 16 vectors for devices on each CPU

/// Down and up every 200 ms, and the interrupt back to CPU 2; with a match behind each move, or none.
void plan_cycles(FixedRig& rig, bool completes) {
    for (long n = 0; n < CYCLES; ++n) {
        const double begin = 1.0 + 0.2 * static_cast<double>(n);
        const Instant at = Instant{} + 1_s + 200_ms * n;
        rig.plan(begin, 0, HLD_TASK_OFFLINE, 2);
        rig.plan(begin + 0.1, 0, HLD_TASK_ONLINE, 2);
        rig.plan_write(begin + 0.15, 0, "/proc/irq/hpet/smp_affinity", "4");
        if (completes) {
            rig.match_at(at + 80_ms);
            rig.match_at(at + 180_ms);
        }
    }
}

}  // namespace

TEST_CASE("WI-22: a CPU that goes down and comes back twenty times leaks no vector", "[kernel][HP-1][WI-22]") {
    // Behind each move: an interrupt at the new place completes it, or none does.
    const long matches = GENERATE(1L, 0L);
    FixedRig rig;
    plan_cycles(rig, matches != 0);
    rig.run(5.1);
    CHECK(rig.results == std::vector<long>(std::size_t{3} * CYCLES, 0));
    CHECK(rig.said("set affinity failed") == 0);
    CHECK(rig.handled() == 2 * CYCLES * matches);
    CHECK(rig.handled_on(2) == CYCLES * matches);
}

TEST_CASE("WI-53: an NMI broadcast by shorthand reaches the CPU that is offline, too, and no handler of its",
          "[kernel][LAPIC-43][WI-53]") {
    FixedRig rig{{{"broadcast", "1"}}};
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 3);
    rig.match_at(Instant{} + 1300_ms);
    rig.run(1.5);
    REQUIRE(rig.results == std::vector<long>{0});
    REQUIRE(rig.handled_on(2) == 1);
    CHECK(rig.count(HLD_NMI_UNKNOWN, 0) == 1);
    CHECK(rig.count(HLD_NMI_UNKNOWN, 1) == 1);
    CHECK(rig.count(HLD_NMI_UNKNOWN, 2) == 0);
    CHECK(rig.count(HLD_NMI_IGNORED_OFFLINE, 3) == 1);
}

}  // namespace hldsim::test
