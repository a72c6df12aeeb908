// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/profile/profile.hpp"
#include "tools/harness/report/events.hpp"
#include "tools/hldsim/expectation.hpp"
#include "tools/hldsim/explanation.hpp"

namespace hldsim::cli {
namespace {

using scenario::Event;
using scenario::Scenario;

std::string machine_words(const Scenario& run) {
    const scenario::Machine& machine = run.machine;
    const profile::Profile profile = profile::load(machine, installation::profiles());
    std::string text = fmt::format("{} CPUs, {}, {}, remapping {}", machine.cpus, machine.profile.value,
                                   scenario::name_of(machine.apic.value_or(profile.apic)),
                                   scenario::name_of(machine.remapping.value_or(profile.remapping)));
    text += machine.packages == 1 ? "" : fmt::format(", {} packages", machine.packages);
    text += machine.tso ? "" : ", each store visible at once";
    text += machine.cost == scenario::CostModel::Portable ? ", cost model portable" : "";
    for (const scenario::Setting& row : machine.set) {
        text += ", " + row.name + " = " + row.value;
    }
    return text;
}

/// Empty if all is the default.
std::string kernel_words(const scenario::Kernel& kernel) {
    std::string text = kernel.version ? kernel.version->value : "";
    if (kernel.watchdog_thresh_s != scenario::Kernel{}.watchdog_thresh_s) {
        text += fmt::format("{}watchdog_thresh = {} s", text.empty() ? "" : ", ", kernel.watchdog_thresh_s);
    }
    return kernel.cmdline.empty() ? text : text + (text.empty() ? "" : ", ") + "cmdline " + kernel.cmdline;
}

std::string detector_words(const scenario::Detector& detector) {
    std::string text = detector.object ? detector.object->value : "";
    if (detector.design) {
        text += (text.empty() ? "" : ", ") + detector.design->value + ", " + detector.policy.value;
    }
    for (const scenario::Setting& option : detector.options) {
        text += ", " + option.name + " = " + option.value;
    }
    return detector.description ? text + ", described by " + detector.description->value : text;
}

std::string by(const std::optional<scenario::Cpu>& cpu) {
    return cpu ? fmt::format(" by CPU {}", cpu->value.value) : std::string{};
}

std::string lasting(const std::optional<scenario::Marked<value::Span>>& span) {
    return span ? " for " + value::exact_text(span->value) : std::string{};
}

// What an action's own words leave out, for a table has no room for it.
std::string more(const scenario::Hotplug& hotplug) {
    return by(hotplug.by) +
           (hotplug.fails_at ? ", which fails at " + hotplug.fails_at->value + " and is rolled back" : "");
}
std::string more(const scenario::WriteFile& write) { return by(write.by); }
std::string more(const scenario::Stuck& stuck) { return lasting(stuck.duration); }
std::string more(const scenario::Smi& smi) {
    std::string cpus = smi.cpus.empty() ? " on all CPUs" : " on CPU";
    for (const scenario::Cpu& cpu : smi.cpus) {
        cpus += (cpus.back() == 'U' ? " " : ", ") + std::to_string(cpu.value.value);
    }
    return cpus + lasting(smi.residency) +
           (smi.iret_after ? ", IRET in SMM " + value::exact_text(smi.iret_after->value) + " after its entry" : "");
}
std::string more(const scenario::Exception& exception) { return ", its handler runs" + lasting(exception.duration); }
std::string more(const scenario::Message& message) {
    return (message.by ? " by " + value::exact_text(message.by->value) : "") +
           (message.to ? fmt::format(" to CPU {}", message.to->value.value) : "");
}
std::string more(const scenario::Nmi& /*nmi*/) { return {}; }
std::string more(const scenario::Tsc& /*tsc*/) { return {}; }

std::string whole_words(const scenario::SimpleAction& action) {
    return report::action_words(action) + std::visit([](const auto& one) { return more(one); }, action);
}

std::string actions_words(const Event& event) {
    const auto words = [](const auto& action) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(action)>, scenario::Repeat>) {
            std::string text = fmt::format("{} times, every {}:", action.times, value::exact_text(action.every.value));
            for (const scenario::SimpleAction& one : action.actions) {
                text += (text.back() == ':' ? " " : "; ") + whole_words(one);
            }
            return text;
        } else {
            return whole_words(action);
        }
    };
    return std::visit(words, event.action);
}

std::string event_words(const Event& event) {
    std::string text = actions_words(event);
    if (event.when) {
        return text + ", when the run first gets to: " + scenario::sentence(*event.when);
    }
    text += (event.aim ? ", not before " : ", at ") + value::exact_text(event.at->value);
    if (event.aim) {
        text += "; aimed, so that this: " + scenario::sentence(event.aim->that) +
                (event.aim->before ? "; comes just before this: " : "; comes just after this: ") +
                scenario::sentence(event.aim->other);
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
    if (const std::string kernel = kernel_words(run.kernel); !kernel.empty()) {
        said.entries.push_back({"kernel", kernel});
    }
    said.entries.push_back({"detector", detector_words(run.detector)});
    for (std::size_t i = 0; i < run.events.size(); ++i) {
        said.entries.push_back({"event " + std::to_string(i + 1), event_words(run.events[i])});
    }
    for (const Scenario& one : runs) {
        if (!one.vary.empty()) {
            said.entries.push_back({&one == &run ? "runs" : "", combination(one) + (&one == &run ? ", as above" : "")});
        }
    }
    said.entries.push_back({"ends", run.until ? value::exact_text(run.until->value) + " after its last event began"
                                              : "three thresholds after its last event began"});
    said.entries.push_back({"expected", expectation_words(run.expect)});
    said.entries.push_back({"run it", "hldsim run " + run.file});
    return said;
}

}  // namespace hldsim::cli
