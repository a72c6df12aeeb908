// SPDX-License-Identifier: Apache-2.0
// Which hotplug callbacks there are, for events that ask one to fail: the kernel's and the detector's, told by runs.
#include <fmt/format.h>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/execute/actions.hpp"
#include "tools/harness/execute/stage.hpp"

namespace hldsim::execute {

using diagnostic::Error;

// Down and up again with nothing else on the way: which callbacks a CPU has does not hang on what else is done to it.
void Stage::ask_for_callbacks(const scenario::Cpu& cpu) {
    constexpr Duration APART{2 * FS_PER_S};
    const Instant boot = rig_->boot_ends();
    if (boot == Instant::never()) {
        return;
    }
    std::vector<run::Planned> there_and_back;
    for (const bool online : {false, true}) {
        scenario::Event event;
        event.action = scenario::Hotplug{online, cpu, {}, {}};
        const Instant begin = boot + (online ? APART * 2 : APART);
        for (run::Planned& planned : execute::plan(event, 1, begin, *rig_, clocks_)) {
            there_and_back.push_back(std::move(planned));
        }
    }
    rig_->run(there_and_back, {boot + APART * 3, false, {}});
}

bool Stage::has_callback(const scenario::Hotplug& hotplug) const {
    return rig_->hotplug_states().count({hotplug.fails_at->value, hotplug.online}) != 0;
}

// A callback may also come with what the scenario does.
void Stage::find_failures() {
    std::vector<const scenario::Hotplug*> failing;
    const auto look_at = [&](const scenario::Hotplug* hotplug) {
        if (hotplug != nullptr && hotplug->fails_at) {
            failing.push_back(hotplug);
        }
    };
    for (const scenario::Event& event : scenario_.events) {
        look_at(std::get_if<scenario::Hotplug>(&event.action));
        if (const auto* const repeat = std::get_if<scenario::Repeat>(&event.action)) {
            for (const scenario::SimpleAction& action : repeat->actions) {
                look_at(std::get_if<scenario::Hotplug>(&action));
            }
        }
    }
    for (const scenario::Hotplug* const hotplug : failing) {
        if (!has_callback(*hotplug)) {
            ask_for_callbacks(hotplug->cpu);
        }
        if (!has_callback(*hotplug)) {
            rig_->run(plan(), {own_end(), false, {}});
        }
        const scenario::Marked<std::string>& wanted = *hotplug->fails_at;
        std::vector<std::string_view> known;
        for (const auto& [callback, state] : rig_->hotplug_states()) {
            if (callback.second == hotplug->online) {
                known.emplace_back(callback.first);
            }
        }
        if (!has_callback(*hotplug)) {
            throw Error(
                wanted.mark,
                fmt::format("no hotplug callback '{}' on the way {}", wanted.value, hotplug->online ? "up" : "down"),
                diagnostic::choices(known), diagnostic::nearest(wanted.value, known));
        }
    }
}

}  // namespace hldsim::execute
