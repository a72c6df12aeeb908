// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "tools/harness/scenario/fields.hpp"

namespace hldsim::scenario {
namespace {

using diagnostic::choices;
using diagnostic::Error;
using document::describe;
using document::Entry;
using document::Node;

Hotplug hotplug(const Node& node, bool online, const Context& context) {
    Hotplug action;
    action.online = online;
    if (!node.is_map()) {
        action.cpu = cpu(node, context);
    } else {
        const Fields fields{node, online ? "'online'" : "'offline'", {"cpu", "by", "fails_at"}};
        action.cpu = cpu(fields.require("cpu"), context);
        if (const Node* const by = fields.find("by")) {
            action.by = cpu(*by, context);
            if (action.by->value == action.cpu.value) {
                throw Error{by->mark, "CPU " + by->text + " cannot take itself " + (online ? "up" : "down"),
                            "another CPU"};
            }
        }
        if (const Node* const state = fields.find("fails_at")) {
            action.fails_at = name(*state, "the name of a hotplug state");
        }
    }
    if (context.cpus == 1) {
        throw Error{action.cpu.mark, "the only CPU of the machine cannot go " + std::string{online ? "up" : "down"},
                    "machine.cpus of 2 or more"};
    }
    return action;
}

WriteFile write_file(const Node& node, const Context& context) {
    const Fields fields{node, "'write'", {"file", "value", "by"}};
    WriteFile action;
    const Node& file = fields.require("file");
    action.file = name(file, "a file that the mini-kernel has");
    const std::vector<std::string_view> known = names(WRITABLE_FILES);
    if (std::find(known.begin(), known.end(), action.file.value) == known.end()) {
        const std::string near = diagnostic::nearest(action.file.value, known);
        const std::string last = action.file.value.substr(action.file.value.rfind('/') + 1);  // a sysctl's name
        throw Error{file.mark, "unknown file " + diagnostic::in_quotes(action.file.value), choices(known),
                    near.empty() ? diagnostic::nearest(last, known) : near};
    }
    const Node& value = fields.require("value");
    action.value = {text(value, "the text that is written"), value.mark};
    check_written(action, context);
    if (const Node* const by = fields.find("by")) {
        action.by = cpu(*by, context);
    }
    return action;
}

Stuck stuck(const Node& node, const Context& context) {
    const Fields fields{node, "'stuck'", {"cpu", "kind", "for"}};
    Stuck action;
    action.cpu = cpu(fields.require("cpu"), context);
    action.kind = choice(fields.require("kind"), "kind", STUCK_WORDS);
    if (const Node* const duration = fields.find("for")) {
        action.duration = span(*duration, Sign::Positive);
    }
    return action;
}

Smi smi(const Node& node, const Context& context) {
    const Fields fields{node, "'smi'", {"cpus", "for", "iret_after"}};
    Smi action;
    const Node& cpus = fields.require("cpus");
    if (cpus.is_list()) {
        for (const Node& item : cpus.items) {
            const Cpu one = cpu(item, context);
            if (std::any_of(action.cpus.begin(), action.cpus.end(),
                            [&](const Cpu& other) { return other.value.value == one.value.value; })) {
                throw Error{item.mark, "CPU " + item.text + " twice", "each CPU once"};
            }
            action.cpus.push_back(one);
        }
        if (action.cpus.empty()) {
            throw Error{cpus.mark, "an SMI on no CPU", "all, or a list of CPUs"};
        }
    } else if (!cpus.is_scalar() || cpus.text != "all") {
        throw Error{cpus.mark, describe(cpus) + " in place of a list of CPUs", "all, or a list such as [0, 2]"};
    }
    action.residency = span(fields.require("for"), Sign::Positive);
    if (const Node* const iret = fields.find("iret_after")) {
        action.iret_after = span(*iret, Sign::NotNegative);
    }
    return action;
}

Exception exception(const Node& node, const Context& context) {
    const Fields fields{node, "'exception'", {"cpu", "for", "at_iret"}};
    Exception action;
    action.cpu = cpu(fields.require("cpu"), context);
    action.duration = span(fields.require("for"), Sign::Positive);
    if (const Node* const at_iret = fields.find("at_iret")) {
        action.at_iret = boolean(*at_iret);
    }
    return action;
}

Nmi nmi(const Node& node, const Context& context) {
    const Fields fields{node, "'nmi'", {"cpu", "source", "by"}};
    Nmi action;
    action.mark = fields.require("source").mark;
    action.source = choice(fields.require("source"), "NMI source", NMI_ACTION_WORDS);
    const bool by_chipset = action.source == NmiSource::Serr || action.source == NmiSource::Iochk;
    if (!by_chipset) {
        action.cpu = cpu(fields.require("cpu"), context);
    } else if (const Node* const which = fields.find("cpu")) {
        action.cpu = cpu(*which, context);
        if (action.cpu.value.value != 0) {
            throw Error{which->mark, "'" + which->text + "' in place of the CPU that takes the chipset's NMI",
                        "0, or no 'cpu': NMI# is one line, and Linux unmasks LINT1 of the boot CPU alone"};
        }
    }
    if (const Entry* const by = fields.entry("by")) {
        if (action.source != NmiSource::Ipi) {
            throw Error{by->key_mark, "'by' together with 'source: " + std::string{name_of(action.source)} + "'",
                        "'by' only with 'source: ipi'"};
        }
        action.by = cpu(*fields.find("by"), context);
        if (action.by->value == action.cpu.value) {
            throw Error{action.by->mark, "a CPU asks itself without an NMI",
                        "another CPU than " + fields.find("cpu")->text};
        }
    }
    return action;
}

Message message(const Node& node, const Context& context) {
    const Fields fields{node, "'message'", {"source", "do", "by", "to"}};
    Message action;
    action.mark = fields.require("source").mark;
    action.source = choice(fields.require("source"), "source", MESSAGE_SOURCE_WORDS);
    action.fault = choice(fields.require("do"), "fault", MESSAGE_FAULT_WORDS);
    const std::string fault{name_of(action.fault)};
    if (const Entry* const by = fields.entry("by")) {
        if (action.fault != MessageFault::Delay) {
            throw Error{by->key_mark, "'by' together with 'do: " + fault + "'", "'by' only with 'do: delay'"};
        }
        action.by = span(*fields.find("by"), Sign::Positive);
    } else if (action.fault == MessageFault::Delay) {
        throw Error{node.mark, "a delay of unknown length", "by: DURATION beside 'do: delay'"};
    }
    if (const Entry* const to = fields.entry("to")) {
        if (action.fault != MessageFault::Misroute) {
            throw Error{to->key_mark, "'to' together with 'do: " + fault + "'", "'to' only with 'do: misroute'"};
        }
        action.to = cpu(*fields.find("to"), context);
        constexpr unsigned MOST = 254;  // a message in compatibility format has 8 bits for it, and 255 is all
        if (action.to->value.value > MOST) {
            throw Error{action.to->mark, "a message cannot be misrouted to CPU " + fields.find("to")->text,
                        "a CPU from 0 to 254"};
        }
    } else if (action.fault == MessageFault::Misroute) {
        throw Error{node.mark, "a message misrouted to nowhere", "to: CPU beside 'do: misroute'"};
    }
    return action;
}

Tsc tsc(const Node& node, const Context& context) {
    const Fields fields{node, "'tsc'", {"cpu", "stop", "step"}};
    Tsc action;
    action.cpu = cpu(fields.require("cpu"), context);
    const Node* const stop = fields.find("stop");
    const Entry* const step = fields.entry("step");
    if (stop != nullptr && step != nullptr) {
        throw Error{step->key_mark, "'step' together with 'stop'", "one of them"};
    }
    if (stop == nullptr && step == nullptr) {
        throw Error{node.mark, "a TSC to which nothing happens", "stop: true, or step: DURATION"};
    }
    if (stop != nullptr) {
        action.stop = boolean(*stop);
    } else {
        action.step = span(*fields.find("step"), Sign::Any);
        if (action.step->value.amount == 0) {
            throw Error{action.step->mark, "a step of nothing", "a duration, such as 1 ms or -1 ms"};
        }
    }
    return action;
}

std::vector<std::string_view> keys_of(std::initializer_list<std::string_view> more, bool with_repeat) {
    std::vector<std::string_view> keys{more};
    for (const std::string_view key : ACTION_KEYS) {
        if (with_repeat || key != "repeat") {
            keys.push_back(key);
        }
    }
    return keys;
}

void refuse_later(const Node& node) {
    for (const Entry& entry : node.entries) {
        const std::vector<std::string_view> later = names(LATER_ACTION_KEYS);
        if (std::find(later.begin(), later.end(), entry.key) != later.end()) {
            throw Error{entry.key_mark, "action '" + entry.key + "' is not available in this release",
                        choices(names(ACTION_KEYS))};
        }
    }
}

/// The one action of an event.
const Entry& action_of(const Node& node, const std::string& what, bool with_repeat) {
    const std::vector<std::string_view> actions = keys_of({}, with_repeat);
    const Entry* found = nullptr;
    for (const Entry& entry : node.entries) {
        if (std::find(actions.begin(), actions.end(), entry.key) == actions.end()) {
            continue;
        }
        if (found != nullptr) {
            throw Error{entry.key_mark, "two actions in one event: '" + found->key + "' and '" + entry.key + "'",
                        "one action; events may have the same instant"};
        }
        found = &entry;
    }
    if (found == nullptr) {
        throw Error{node.mark, what + " without an action", choices(actions)};
    }
    return *found;
}

SimpleAction simple_action(const std::string& key, const Node& node, const Context& context) {
    if (key == "offline" || key == "online") {
        return hotplug(node, key == "online", context);
    }
    if (key == "write") {
        return write_file(node, context);
    }
    if (key == "stuck") {
        return stuck(node, context);
    }
    if (key == "smi") {
        return smi(node, context);
    }
    if (key == "exception") {
        return exception(node, context);
    }
    if (key == "nmi") {
        return nmi(node, context);
    }
    if (key == "tsc") {
        return tsc(node, context);
    }
    return message(node, context);
}

Repeat repeat(const Node& node, const Context& context) {
    const Fields fields{node, "'repeat'", {"times", "every", "do"}};
    Repeat action;
    action.times = static_cast<unsigned>(count(fields.require("times"), 1, 1'000'000, "a count from 1 to 1000000"));
    action.every = span(fields.require("every"), Sign::Positive);
    const std::string expected = "a list of actions such as [{offline: 2}, {online: 2}]";
    const Node& actions = fields.require("do");
    for (const Node& item : list(actions, expected)) {
        if (item.is_map()) {
            refuse_later(item);
        }
        const Fields checked{item, "an action of 'repeat'", keys_of({}, false)};
        const Entry& entry = action_of(checked.node(), "an action of 'repeat'", false);
        action.actions.push_back(simple_action(entry.key, *checked.find(entry.key), context));
    }
    if (action.actions.empty()) {
        throw Error{actions.mark, "nothing to repeat", expected};
    }
    return action;
}

bool may_wait_for_point(const Action& action) {
    return std::holds_alternative<Stuck>(action) || std::holds_alternative<Smi>(action) ||
           std::holds_alternative<Exception>(action) || std::holds_alternative<Message>(action) ||
           std::holds_alternative<Nmi>(action);
}

// For whom a message was that left, and whether an IPI is an NMI, is known later only. An NMI waits for another one.
Point point_of_event(const Node& node, const Action& action, const Context& context) {
    Point point = read_point(node, context);
    const bool hop = point.form == Point::Form::Nmi;
    const bool there = point.hop == Hop::Accepted || point.hop == Hop::Taken || point.hop == Hop::Returned;
    if (std::holds_alternative<Nmi>(action) && !hop) {
        throw Error{node.mark, "an NMI that waits for something else than another one at a CPU",
                    "{cpu: N, nmi: HOP} with accepted, taken or returned, or 'at'"};
    }
    if (hop && !there) {
        throw Error{node.mark, "whom an NMI is for shows when it is accepted: before that no event can wait for it",
                    "{cpu: N, nmi: HOP} with accepted, taken or returned, or 'at' and an aim"};
    }
    if (hop && point.hop == Hop::Accepted && (point.source == NmiSource::Ipi || point.source == NmiSource::Ioapic)) {
        throw Error{node.mark, "whether a message of this source is an NMI shows when it is taken",
                    "nmi: taken or returned, or another source"};
    }
    return point;
}

}  // namespace

Event read_event(const Node& node, const Context& context) {
    if (node.is_map()) {
        refuse_later(node);
    }
    const Fields fields{node, "an event", keys_of({"at", "when", "aim"}, true)};
    Event event;
    event.mark = node.mark;
    const Entry& entry = action_of(node, "an event", true);
    const Node& value = *fields.find(entry.key);
    if (entry.key == "repeat") {
        event.action = repeat(value, context);
    } else {
        event.action = std::visit([](auto&& simple) { return Action{std::forward<decltype(simple)>(simple)}; },
                                  simple_action(entry.key, value, context));
    }
    const Node* const at = fields.find("at");
    const Entry* const when = fields.entry("when");
    const Entry* const aim = fields.entry("aim");
    if (at != nullptr && when != nullptr) {
        throw Error{when->key_mark, "'at' and 'when' in one event", "one of them"};
    }
    if (at == nullptr && when == nullptr) {
        throw Error{node.mark, "an event without an instant", "at: INSTANT, such as 'at: 5 s'"};
    }
    if (at != nullptr) {
        event.at = span(*at, Sign::NotNegative);
    } else {
        if (!may_wait_for_point(event.action)) {
            throw Error{when->key_mark, "'when' together with '" + entry.key + "'",
                        "'at'; 'when' only with stuck, smi, exception, message and nmi"};
        }
        event.when = point_of_event(*fields.find("when"), event.action, context);
    }
    if (aim != nullptr) {
        if (at == nullptr) {
            throw Error{aim->key_mark, "'aim' together with 'when'", "'at', the earliest instant, with an aim"};
        }
        event.aim = read_aim(*fields.find("aim"), context);
    }
    return event;
}

std::string_view name_of(StuckKind kind) { return name_in(STUCK_WORDS, kind); }
std::string_view name_of(MessageSource source) { return name_in(MESSAGE_SOURCE_WORDS, source); }
std::string_view name_of(MessageFault fault) { return name_in(MESSAGE_FAULT_WORDS, fault); }

std::vector<const Point*> points_of(const Scenario& scenario) {
    std::vector<const Point*> points;
    for (const Event& event : scenario.events) {
        if (event.when) {
            points.push_back(&*event.when);
        }
        if (event.aim) {
            points.push_back(&event.aim->that);
            points.push_back(&event.aim->other);
        }
    }
    return points;
}

std::optional<std::size_t> moved_by_window(const Scenario& scenario) {
    const auto first = [&](auto fits) -> std::optional<std::size_t> {
        const auto found = std::find_if(scenario.events.begin(), scenario.events.end(), fits);
        return found == scenario.events.end() ? std::nullopt
                                              : std::optional<std::size_t>(found - scenario.events.begin());
    };
    if (scenario.window.event) {
        return scenario.window.event;
    }
    const std::optional<std::size_t> aimed = first([](const Event& event) { return event.aim.has_value(); });
    return aimed ? aimed : first([](const Event& event) { return event.at.has_value(); });
}

}  // namespace hldsim::scenario
