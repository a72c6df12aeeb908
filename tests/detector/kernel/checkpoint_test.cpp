// SPDX-License-Identifier: Apache-2.0
// A run that goes on from a checkpoint is the run from power-on: every effect at its instant, and the devices after it.
#include <memory>
#include <tuple>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::literals;

namespace {

using Line = std::tuple<std::int64_t, unsigned, int, std::uint64_t, std::uint64_t, bool>;

struct Effects final : cpu::Observer {
    void about_to(cpu::Cpu& /*cpu*/, const cpu::Access& /*access*/) override {}
    void entered(cpu::Cpu& /*cpu*/, const void* /*pc*/, const void* /*caller*/) override {}
    void leaving(cpu::Cpu& /*cpu*/, const void* /*pc*/) override {}
    bool wants_effects() const override { return true; }
    void effect(const cpu::EffectMade& made) override {
        if (made.at >= from) {
            lines.emplace_back(made.at.fs, made.cpu.value, static_cast<int>(made.effect), made.identity, made.value,
                               made.marked);
        }
    }
    Instant from;
    std::vector<Line> lines;
};

struct Action {
    Instant at;
    std::function<void()> act;
};

// CPU 2 goes down and comes back, CPU 1 is stuck, CPU 0 is in SMM for a while.
class Story {
public:
    explicit Story(unsigned cpus) : rig{cpus, {}, {{"design", "direct-route"}}} {
        const auto give = [this](hld_task_action action) {
            hld_task task{};
            task.action = action;
            task.cpu = 2;
            task.number = 1;
            rig.runtime->give(CpuNumber{0}, task);
            rig.machine->interrupt(CpuNumber{0}, HLD_TASK_VECTOR);
        };
        actions = {{Instant{} + 5_s, [give] { give(HLD_TASK_OFFLINE); }},
                   {Instant{} + 8_s, [give] { give(HLD_TASK_ONLINE); }},
                   {Instant{} + 9_s, [this] { rig.machine->cpus.stick({1}, cpu::StuckKind::IrqOff, 20_s); }},
                   {Instant{} + 12_s, [this] { rig.machine->cpus.assert_smi(CpuNumber{0}, 2_ms); }}};
    }

    void power_on(Instant from, bool first_part, bool second_part) {
        rig.runtime->restore();
        rig.machine->power_on();
        rig.runtime->apply_parameters();
        plan(from, first_part, second_part);
    }
    void plan(Instant from, bool before, bool after) {
        for (const Action& action : actions) {
            if (action.at < from ? before : after) {
                rig.machine->at(action.at, action.act);
            }
        }
    }
    std::vector<Line> finish(Instant from) {
        effects.from = from;
        effects.lines.clear();
        rig.machine->cpus.observe(&effects);
        rig.machine->run(Instant{} + 13_s);
        rig.machine->cpus.observe(nullptr);
        return effects.lines;
    }

    test::KernelRig rig;
    std::vector<Action> actions;
    Effects effects;
};

struct Kept {
    Instant at;
    StateCopy machine;
    shim::Runtime::Saved software;
    std::vector<Line> lines;
    std::string devices;
};

std::unique_ptr<Kept> keep(Story& story, Instant at) {
    auto kept = std::make_unique<Kept>();
    kept->at = at;
    story.power_on(at, true, true);
    kept->lines = story.finish(at);
    kept->devices = story.rig.machine->dump();
    story.power_on(at, true, false);
    REQUIRE(story.rig.machine->run_up_to(at) == cpu::End::None);
    kept->machine.save_anew();
    kept->machine(*story.rig.machine);
    story.rig.runtime->save(kept->software);
    return kept;
}

bool equal_again(Story& story, Kept& kept) {
    story.rig.machine->forget_plans();
    kept.machine.restore_from_begin();
    kept.machine(*story.rig.machine);
    story.rig.runtime->restore(kept.software);
    story.plan(kept.at, false, true);
    return story.finish(kept.at) == kept.lines && story.rig.machine->dump() == kept.devices;
}

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
    std::vector<std::unique_ptr<Kept>> all;
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
