// SPDX-License-Identifier: Apache-2.0
// Stories of a whole machine, kept somewhere and told on from there: every effect, the devices and the CPUs at the end.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

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

/// 13 s of a machine, with actions in the order of their instants.
class Story {
public:
    explicit Story(unsigned cpus) : rig{cpus, {}, {{"design", "direct-route"}}} {
        rig.machine->cpus.context_changed.subscribe([this](const cpu::ContextChanged& now) {
            note(now.at, now.cpu, static_cast<int>(now.context), now.entered);
        });
        rig.machine->cpus.iret_in_smm.subscribe([this](const cpu::IretInSmm& now) { note(now.at, now.cpu, -1, true); });
        rig.machine->cpus.stuck_changed.subscribe(
            [this](const cpu::StuckChanged& now) { note(now.at, now.cpu, static_cast<int>(now.kind), now.stuck); });
    }

    void add(Duration at, std::function<void()> act) { actions.push_back({Instant{} + at, std::move(act)}); }
    /// What CPUs tell of beside their effects.
    void note(Instant at, CpuNumber cpu, int what, bool on) {
        if (at >= effects.from) {
            constexpr int NO_EFFECT = 1000;
            effects.lines.emplace_back(at.fs, cpu.value, NO_EFFECT + what, 0, 0, on);
        }
    }
    /// CPU 2 goes down, or comes up.
    void add_hotplug(Duration at, hld_task_action action) {
        add(at, [this, action] {
            hld_task task{};
            task.action = action;
            task.cpu = 2;
            task.number = 1;
            rig.runtime->give(CpuNumber{0}, task);
            rig.machine->interrupt(CpuNumber{0}, HLD_TASK_VECTOR);
        });
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

    /// The devices, and of each CPU what no effect shows.
    std::string state() const {
        std::string text = rig.machine->dump();
        for (unsigned n = 0; n < rig.machine->cpus.count(); ++n) {
            const cpu::Cpu& cpu = rig.machine->cpus.cpu(CpuNumber{n});
            for (const auto value : {cpu.smis, cpu.tsc.at(1'000'000'000), cpu.tsc_adjust,
                                     static_cast<std::uint64_t>(cpu.awake_since.fs)}) {
                text += std::to_string(value) + ' ';
            }
        }
        return text;
    }

    KernelRig rig;
    std::vector<Action> actions;
    Effects effects;
};

struct Kept {
    Instant at;
    StateCopy machine;
    shim::Runtime::Saved software;
    std::vector<Line> lines;
    std::string state;
};

inline std::unique_ptr<Kept> keep(Story& story, Instant at) {
    auto kept = std::make_unique<Kept>();
    kept->at = at;
    story.power_on(at, true, true);
    kept->lines = story.finish(at);
    kept->state = story.state();
    story.power_on(at, true, false);
    REQUIRE(story.rig.machine->run_up_to(at) == cpu::End::None);
    kept->machine.save_anew();
    kept->machine(*story.rig.machine);
    story.rig.runtime->save(kept->software);
    return kept;
}

inline bool equal_again(Story& story, Kept& kept) {
    story.rig.machine->forget_plans();
    kept.machine.restore_from_begin();
    kept.machine(*story.rig.machine);
    story.rig.runtime->restore(kept.software);
    story.plan(kept.at, false, true);
    return story.finish(kept.at) == kept.lines && story.state() == kept.state;
}

}  // namespace hldsim::test
