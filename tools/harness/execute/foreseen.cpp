// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/foreseen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace hldsim::execute {

namespace {

using scenario::Hotplug;

/// One act on one CPU.
struct HotplugAct {
    Instant at;
    unsigned event = 0;  // number, from 1
    const Hotplug* hotplug = nullptr;
};

/// What is known of a CPU, and by which event; none: it depends on a run.
struct Known {
    std::optional<bool> up = true;  // all CPUs are, after boot
    unsigned by = 0;                // 0: boot
};

constexpr std::uint64_t ACTS_MAX = 100'000;

class Foresight {
public:
    Foresight(const scenario::Scenario& scenario, const std::vector<std::optional<Instant>>& instants,
              const Clocks& clocks)
        : clocks_{clocks} {
        for (std::size_t i = 0; i < scenario.events.size(); ++i) {
            const scenario::Event& event = scenario.events[i];
            const bool fixed = instants[i] && (!event.aim || event.instant_fixed);
            number_ = static_cast<unsigned>(i + 1);
            std::visit([&](const auto& action) { add(action, fixed ? instants[i] : std::nullopt); }, event.action);
        }
        std::stable_sort(acts_.begin(), acts_.end(),
                         [](const HotplugAct& a, const HotplugAct& b) { return a.at < b.at; });
    }

    std::vector<run::NoEffect> run() {
        for (const HotplugAct& act : acts_) {
            const unsigned cpu = act.hotplug->cpu.value.value;
            if (uncertain_.count(cpu) == 0) {
                step(act, known_[cpu]);
            }
        }
        std::vector<run::NoEffect> all;
        for (const auto& [number, event] : events_) {
            all.push_back(event);
        }
        return all;
    }

private:
    template <class Action>
    void add(const Action& /*no hotplug*/, std::optional<Instant> /*at*/) {}
    void add(const Hotplug& hotplug, std::optional<Instant> at) {
        if (at) {
            acts_.push_back({*at, number_, &hotplug});
            ++of_[number_];
        } else {
            uncertain_.insert(hotplug.cpu.value.value);
        }
    }
    void add(const scenario::Repeat& repeat, std::optional<Instant> at) {
        const bool too_many = std::uint64_t{repeat.times} * repeat.actions.size() > ACTS_MAX;
        for (unsigned pass = 0; pass < (at && !too_many ? repeat.times : 1); ++pass) {
            for (const scenario::SimpleAction& action : repeat.actions) {
                if (const auto* const hotplug = std::get_if<Hotplug>(&action)) {
                    add(*hotplug,
                        at && !too_many ? std::optional{*at + clocks_.of(repeat.every.value) * pass} : std::nullopt);
                }
            }
        }
    }

    void step(const HotplugAct& act, Known& known) {
        const Hotplug& hotplug = *act.hotplug;
        if (known.up == hotplug.online) {
            run::NoEffect& event = events_[act.event];
            if (event.acts++ == 0) {
                event.event = act.event;
                event.of = of_[act.event];
                event.why = known.by == 0 ? fmt::format("no event takes CPU {} down before", hotplug.cpu.value.value)
                                          : fmt::format("event {} takes CPU {} {} before", known.by,
                                                        hotplug.cpu.value.value, hotplug.online ? "up" : "down");
            }
            return;
        }
        known.up = hotplug.fails_at ? std::nullopt : std::optional{hotplug.online};
        known.by = act.event;
    }

    const Clocks& clocks_;
    unsigned number_ = 0;
    std::vector<HotplugAct> acts_;
    std::map<unsigned, std::uint64_t> of_;  // by event: how many acts of hotplug
    std::set<unsigned> uncertain_;          // CPUs
    std::map<unsigned, Known> known_;       // by CPU
    std::map<unsigned, run::NoEffect> events_;
};

}  // namespace

std::vector<run::NoEffect> foreseen_without_effect(const scenario::Scenario& scenario,
                                                   const std::vector<std::optional<Instant>>& instants,
                                                   const Clocks& clocks) {
    return Foresight{scenario, instants, clocks}.run();
}

}  // namespace hldsim::execute
