// SPDX-License-Identifier: Apache-2.0
// A run that goes on from a checkpoint is the run from power-on: every effect at its instant, and the devices after it.
#include "tests/detector/kernel/checkpoint_rig.hpp"

using namespace hldsim;
using namespace hldsim::literals;
using test::equal_again;
using test::keep;

namespace {

// CPU 2 goes down and comes back, CPU 1 is stuck, CPU 0 is in SMM for a while.
struct Story : test::Story {
    explicit Story(unsigned cpus) : test::Story{cpus} {
        add_hotplug(5_s, HLD_TASK_OFFLINE);
        add_hotplug(8_s, HLD_TASK_ONLINE);
        add(9_s, [this] { rig.machine->cpus.stick({1}, cpu::StuckKind::IrqOff, 20_s); });
        add(12_s, [this] { rig.machine->cpus.assert_smi(CpuNumber{0}, 2_ms); });
    }
};

// One fault after the other; the last ones wait for CPUs that are in SMM.
struct Faults : test::Story {
    Faults() : test::Story{4} {
        cpu::Cpus& cpus = rig.machine->cpus;
        const std::vector<CpuNumber> all{CpuNumber{0}, CpuNumber{1}, CpuNumber{2}, CpuNumber{3}};
        const std::vector<CpuNumber> three{CpuNumber{0}, CpuNumber{1}, CpuNumber{2}};
        add(1_s, [&cpus] { cpus.assert_smi(CpuNumber{3}, 2_ms); });
        add(3_s, [&cpus, all] { cpus.assert_smi(all, 2_ms, 1_ms); });
        add(4_s, [&cpus] { cpus.stick({1}, cpu::StuckKind::InNmi, 3_s); });
        add(4150_ms, [&cpus] { cpus.assert_smi(CpuNumber{1}, 1_ms); });
        add(4200_ms, [&cpus] { cpus.raise_exception({3}, 10_ms); });
        add(4500_ms, [&cpus] { cpus.fault_iret({3}, 1_ms); });
        add(6_s, [&cpus] { cpus.step_tsc({2}, 1'000'000); });
        add(7100_ms, [&cpus] { cpus.stop_tsc({3}, true); });
        add_hotplug(8_s, HLD_TASK_OFFLINE);
        add(8500_ms, [&cpus] { cpus.assert_smi(CpuNumber{1}, 2_ms); });
        add(8501_ms, [&cpus] { cpus.assert_smi(CpuNumber{1}, 3_ms, 1_ms); });
        add_hotplug(10_s, HLD_TASK_ONLINE);
        add(12_s, [&cpus] { cpus.stop_tsc({3}, false); });
        add(12400_ms, [&cpus] {
            cpus.assert_smi(CpuNumber{1}, 2_ms);
            cpus.assert_smi(CpuNumber{2}, 4_ms);
            cpus.assert_smi(CpuNumber{3}, 2_s);
        });
        add(12401_ms, [&cpus, all, three] {
            for (const CpuNumber n : all) {
                cpus.fault_iret(n, 1_ms);
            }
            cpus.stick({1}, cpu::StuckKind::IrqOff, 20_s);
            cpus.stick({3}, cpu::StuckKind::IrqOff, 20_s);
            cpus.raise_exception({2}, 10_ms);
            cpus.assert_smi(three, 3_ms, 1_ms);
            cpus.assert_smi(CpuNumber{3}, 3_ms, 1_ms);
        });
    }
};

// In boot, at rest, while the CPU goes down, while it starts, behind the last effect.
const Instant INSTANTS[] = {Instant{} + 3_us,       Instant{} + 1_ms,        Instant{} + 4999_ms,
                            Instant{} + 5_s + 1_us, Instant{} + 5_s + 25_us, Instant{} + 5_s + 60_us,
                            Instant{} + 8_s + 1_us, Instant{} + 8_s + 7_us,  Instant{} + 8001_ms};

}  // namespace

TEST_CASE("a run from a checkpoint has every effect of the run from power-on", "[checkpoint]") {
    for (const unsigned cpus : {4U, 8U}) {
        Story story{cpus};
        for (const Instant at : INSTANTS) {
            const auto kept = keep(story, at);
            CAPTURE(cpus, at.fs);
            REQUIRE_FALSE(kept->lines.empty());
            CHECK(equal_again(story, *kept));
            CHECK(equal_again(story, *kept));
        }
    }
}

TEST_CASE("checkpoints and power cycles may follow each other in any order", "[checkpoint]") {
    Story story{4};
    std::vector<std::unique_ptr<test::Kept>> all;
    for (const Instant at : INSTANTS) {
        all.push_back(keep(story, at));
    }
    unsigned different = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        different += equal_again(story, *all[i * 7 % all.size()]) ? 0 : 1;
        if (i % 5 == 0) {
            story.power_on({}, false, false);
            story.rig.machine->run(Instant{} + 3_ms);
        }
    }
    CHECK(different == 0);
    story.power_on(INSTANTS[2], true, true);
    CHECK(story.finish(INSTANTS[2]) == all[2]->lines);
}

TEST_CASE("the ten thousandth run from a checkpoint equals the first", "[checkpoint]") {
    Story story{4};
    const auto kept = keep(story, Instant{} + 11_s);
    REQUIRE_FALSE(kept->lines.empty());
    unsigned different = 0;
    for (unsigned i = 0; i < 10'000; ++i) {
        different += equal_again(story, *kept) ? 0 : 1;
    }
    CHECK(different == 0);
}

TEST_CASE("a run from a checkpoint in the midst of a fault has every effect of the run from power-on", "[checkpoint]") {
    // In SMM before and behind firmware's IRET, stuck, in an exception, with one to come, before and behind what
    // happens to two time-stamp counters, with a second SMI latched, and while the last faults wait for their CPUs.
    const Duration at = GENERATE(2999_ms, 3_s + 100_ns, 3_s + 500_us, 3_s + 1500_us, 4100_ms, 4205_ms, 4500_ms + 1_us,
                                 5900_ms, 7_s, 7200_ms, 8501500_us, 9_s, 12200_ms, 12401500_us);
    Faults story;
    const auto kept = keep(story, Instant{} + at);
    CAPTURE(at.fs);
    REQUIRE_FALSE(kept->lines.empty());
    CHECK(equal_again(story, *kept));
    CHECK(equal_again(story, *kept));
}

TEST_CASE("power-on leaves nothing of a run that ended in the midst of faults", "[checkpoint]") {
    Faults story;
    const auto run = [&story](bool faults) {
        story.power_on(Instant{} + 2_s, true, faults);
        const auto lines = story.finish({});
        return std::pair{lines, story.state()};
    };
    const auto first = run(false);
    run(true);
    CHECK(run(false) == first);
}
