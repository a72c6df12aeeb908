// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/profile/profile.hpp"
#include "tools/harness/report/words.hpp"
#include "tools/hldsim/expectation.hpp"
#include "tools/hldsim/explanation.hpp"

namespace hldsim::cli {
namespace {

using scenario::Event;
using scenario::Scenario;

std::string machine_words(const Scenario& run) {
    const profile::Profile profile = profile::load(run.machine, installation::profiles());
    std::string text = fmt::format("{} CPUs, {}, {}, remapping {}", run.machine.cpus, run.machine.profile.value,
                                   scenario::name_of(run.machine.apic.value_or(profile.apic)),
                                   scenario::name_of(run.machine.remapping.value_or(profile.remapping)));
    for (const scenario::Setting& row : run.machine.set) {
        text += ", " + row.name + " = " + row.value;
    }
    return text;
}

std::string detector_words(const scenario::Detector& detector) {
    std::string text = detector.object ? detector.object->value : "";
    if (detector.design) {
        text += (text.empty() ? "" : ", ") + detector.design->value + ", " + detector.policy.value;
    }
    for (const scenario::Setting& option : detector.options) {
        text += ", " + option.name + " = " + option.value;
    }
    return text;
}

std::string actions_words(const Event& event) {
    const auto words = [](const auto& action) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(action)>, scenario::Repeat>) {
            std::string text = fmt::format("{} times, every {}:", action.times, value::exact_text(action.every.value));
            for (const scenario::SimpleAction& one : action.actions) {
                text += (text.back() == ':' ? " " : "; ") + report::action_words(one);
            }
            return text;
        } else {
            return report::action_words(action);
        }
    };
    return std::visit(words, event.action);
}

std::string event_words(const Event& event) {
    std::string text = actions_words(event);
    if (event.when) {
        return text + ", when " + scenario::sentence(*event.when);
    }
    text += (event.aim ? ", not before " : ", at ") + value::exact_text(event.at->value);
    if (event.aim) {
        text += ", so that " + scenario::sentence(event.aim->that) +
                (event.aim->before ? ", just before " : ", just after ") + scenario::sentence(event.aim->other);
    }
    return text;
}

/// What differs from run to run: a line for each combination.
std::string combination(const Scenario& run) {
    std::string text;
    for (const scenario::Varied& varied : run.vary) {
        text += (text.empty() ? "" : ", ") + varied.key + " = " + varied.value;
    }
    return text;
}

}  // namespace

Explanation explain_scenario(const std::string& file) {
    const std::vector<Scenario> runs = scenario::load(file);
    const Scenario& run = runs.front();
    Explanation said{run.title, {}};
    if (const catalogue::Claim* const claim = run.claim ? catalogue::claim(*run.claim) : nullptr) {
        said.entries.push_back({"claim " + std::string{claim->id}, std::string{claim->statement}});
    }
    said.entries.push_back({"machine", machine_words(run)});
    said.entries.push_back({"detector", detector_words(run.detector)});
    for (std::size_t i = 0; i < run.events.size(); ++i) {
        said.entries.push_back({"event " + std::to_string(i + 1), event_words(run.events[i])});
    }
    for (const Scenario& one : runs) {
        if (!one.vary.empty()) {
            said.entries.push_back({&one == &run ? "runs" : "", combination(one)});
        }
    }
    said.entries.push_back({"expected", expectation_words(run.expect)});
    said.entries.push_back({"run it", "hldsim run " + run.file});
    return said;
}

}  // namespace hldsim::cli
