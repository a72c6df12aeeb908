// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/events.hpp"

#include "detector/shim/abi.hpp"
#include "tools/harness/report/names.hpp"

namespace hldsim::report {

namespace {

std::string last_component(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

}  // namespace

std::string action_words(const scenario::SimpleAction& action) {
    if (const auto* const hotplug = std::get_if<scenario::Hotplug>(&action)) {
        return std::string{"echo "} + (hotplug->online ? "1" : "0") + " > cpu" +
               std::to_string(hotplug->cpu.value.value) + "/online";
    }
    if (const auto* const file = std::get_if<scenario::WriteFile>(&action)) {
        return "echo " + file->value.value + " > " + last_component(file->file.value);
    }
    if (const auto* const stuck = std::get_if<scenario::Stuck>(&action)) {
        return cpu_name(stuck->cpu.value.value) + " gets stuck (" + std::string{scenario::name_of(stuck->kind)} + ")";
    }
    if (std::holds_alternative<scenario::Smi>(action)) {
        return "SMI";
    }
    if (const auto* const exception = std::get_if<scenario::Exception>(&action)) {
        const std::string cpu = cpu_name(exception->cpu.value.value);
        return exception->at_iret ? "the IRET of " + cpu + "'s next NMI handler faults" : "exception on " + cpu;
    }
    if (const auto* const nmi = std::get_if<scenario::Nmi>(&action)) {
        return "NMI (" + std::string{scenario::name_of(nmi->source)} + ") for " + cpu_name(nmi->cpu.value.value);
    }
    if (const auto* const tsc = std::get_if<scenario::Tsc>(&action)) {
        const std::string counter = "the TSC of " + cpu_name(tsc->cpu.value.value);
        if (tsc->step) {
            return "firmware moves " + counter + " by " + value::exact_text(tsc->step->value);
        }
        return counter + (tsc->stop ? " stops" : " goes on");
    }
    const auto& message = std::get<scenario::Message>(action);
    return "next message of " + std::string{scenario::name_of(message.source)} + ": " +
           std::string{scenario::name_of(message.fault)};
}

std::string event_words(const scenario::Scenario& scenario, std::uint64_t number) {
    if (number == HLD_TASK_BOOT) {
        return "boot";
    }
    if (number == 0 || number > scenario.events.size()) {
        return "event " + std::to_string(number);
    }
    const scenario::Action& action = scenario.events[number - 1].action;
    const auto simple = [&](const auto& one) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, scenario::Repeat>) {
            return one.actions.size() == 1 ? action_words(one.actions.front())
                                           : "repeat, event " + std::to_string(number);
        } else {
            return action_words(one);
        }
    };
    return std::visit(simple, action);
}

}  // namespace hldsim::report
