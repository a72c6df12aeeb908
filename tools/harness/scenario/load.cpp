// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <utility>

#include "models/base/limits.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/document/file_kind.hpp"
#include "tools/harness/scenario/fields.hpp"
#include "tools/harness/scenario/length.hpp"

namespace hldsim::scenario {
namespace {

using diagnostic::choices;
using diagnostic::Error;
using diagnostic::Mark;
using diagnostic::nearest;
using diagnostic::Source;
using document::describe;
using document::Entry;
using document::Node;

constexpr std::size_t EXTENDS_MAX = 16;
constexpr std::size_t COMBINATIONS_MAX = 10'000;

std::string folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string{} : std::string{path.substr(0, slash + 1)};
}

/// "a/b/../c" as "a/c": two ways to name one file are one file.
std::string tidy(const std::string& path) {
    std::vector<std::string_view> parts;
    const std::string_view whole = path;
    for (std::size_t from = 0; from <= whole.size();) {
        const std::size_t slash = std::min(whole.find('/', from), whole.size());
        const std::string_view part = whole.substr(from, slash - from);
        if (part == ".." && !parts.empty() && parts.back() != "..") {
            parts.pop_back();
        } else if (part != "." && !part.empty()) {
            parts.push_back(part);
        }
        from = slash + 1;
    }
    std::string joined = !whole.empty() && whole.front() == '/' ? "/" : "";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        joined += (i > 0 ? "/" : "") + std::string{parts[i]};
    }
    return joined;
}

using Sources = std::vector<std::shared_ptr<const Source>>;

std::shared_ptr<const Source> source_of(const std::string& path, const Sources& texts) {
    const std::string name = document::source_name(path);
    const auto given = std::find_if(texts.begin(), texts.end(), [&](const auto& text) { return text->name == name; });
    return given == texts.end() ? document::read(path) : *given;
}

/// A file without a key of a scenario, or one that was to be such a key, is something else.
void refuse_strange(const Node& node) {
    const std::vector<std::string_view> keys = names(TOP_KEYS);
    const bool strange = std::none_of(node.entries.begin(), node.entries.end(), [&](const Entry& entry) {
        return std::find(keys.begin(), keys.end(), entry.key) != keys.end() || !nearest(entry.key, keys).empty();
    });
    if (strange && !node.entries.empty()) {
        throw Error{node.entries.front().key_mark, "no scenario: none of its keys is a scenario's", choices(keys)};
    }
}

/// The file with everything that it extends merged below it; `read` are their texts.
Node read_merged(const std::string& path, std::vector<std::string>& chain, const Sources& texts, Sources& read) {
    read.push_back(source_of(path, texts));
    Node node = document::parse(read.back());
    if (!node.is_map()) {
        throw Error{node.mark, "a scenario is " + describe(node), document::SCENARIO};
    }
    document::refuse_other_kind(node, document::FileKind::Scenario);
    refuse_strange(node);
    Entry* const extends = node.find("extends");
    if (extends == nullptr) {
        return node;
    }
    if (!extends->value.is_scalar() || extends->value.text.empty()) {
        throw Error{extends->value.mark, "'extends' is " + describe(extends->value), "the path of a scenario file"};
    }
    const Mark mark = extends->value.mark;
    const std::string& target = extends->value.text;
    const std::string base_path = tidy(target.front() == '/' ? target : folder_of(path) + target);
    if (std::find(chain.begin(), chain.end(), base_path) != chain.end()) {
        std::string way;
        for (const std::string& file : chain) {
            way += file + " -> ";
        }
        throw Error{mark, "'extends' goes in a circle: " + way + base_path, "a file that does not extend this one"};
    }
    if (chain.size() >= EXTENDS_MAX) {
        throw Error{mark, "'extends' over more than " + std::to_string(EXTENDS_MAX) + " files"};
    }
    chain.push_back(base_path);
    Node base;
    try {
        base = read_merged(base_path, chain, texts, read);
    } catch (const Error& error) {
        if (error.parts().mark || error.parts().file != base_path) {
            throw;
        }
        throw Error{mark, "cannot extend '" + target + "': " + error.parts().what,
                    "the path of a scenario file, "
                    "relative to this one"};
    }
    node.entries.erase(node.entries.begin() + (extends - node.entries.data()));
    document::merge(base, node);
    return base;
}

/// `events.N.at`, which fixes the instant of event N.
std::optional<std::size_t> fixed_event(std::string_view path) {
    constexpr std::string_view HEAD = "events.";
    constexpr std::string_view TAIL = ".at";
    if (path.size() <= HEAD.size() + TAIL.size() || path.substr(0, HEAD.size()) != HEAD ||
        path.substr(path.size() - TAIL.size()) != TAIL) {
        return std::nullopt;
    }
    std::size_t number = 0;
    const std::string_view digits = path.substr(HEAD.size(), path.size() - HEAD.size() - TAIL.size());
    const auto [stop, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return failure == std::errc{} && stop == digits.data() + digits.size() && number > 0
               ? std::optional<std::size_t>{number - 1}
               : std::nullopt;
}

struct Overrides {
    std::vector<std::string> paths;
    std::vector<std::size_t> fixed_events;
};

Overrides apply_overrides(Node& root, const LoadOptions& options) {
    Overrides applied;
    for (const std::string& setting : options.set) {
        const auto source = std::make_shared<const Source>(Source{options.set_name, setting});
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw Error{Mark{source, 0, std::max<std::size_t>(setting.size(), 1)}, "no KEY=VALUE",
                        "a dotted path and a value, such as detector.options.drain=none"};
        }
        Node value;
        if (setting.find_first_not_of(' ', equals + 1) == std::string::npos) {
            throw Error{Mark{source, equals, 1}, "no value behind '='", "a value; null removes the key"};
        }
        value = document::parse(source, equals + 1);
        const std::string path = setting.substr(0, equals);
        if (std::find(applied.paths.begin(), applied.paths.end(), path) != applied.paths.end()) {
            throw Error{Mark{source, 0, path.size()}, "'" + path + "' is set twice", "it once"};
        }
        if (path == "extends") {  // what is set stands above the file with all that it extends
            throw Error{Mark{source, 0, path.size()}, "'extends' cannot be set: the files are merged by then",
                        "a key of the merged scenario"};
        }
        document::set(root, Mark{source, 0, path.size()}, path, std::move(value));
        if (const std::optional<std::size_t> event = fixed_event(path)) {
            applied.fixed_events.push_back(*event);
        }
        applied.paths.push_back(path);
    }
    return applied;
}

std::size_t window_event(const Node& node, const std::vector<Event>& events) {
    const std::string expected =
        events.empty() ? "an event to move" : "the number of an event, from 1 to " + std::to_string(events.size());
    const std::size_t event = count(node, 1, events.size(), expected) - 1;
    if (!events[event].at) {
        throw Error{
            node.mark,
            "event " + std::to_string(event + 1) + " has no instant to move: it comes when the run gets to a point",
            "the number of an event with 'at'"};
    }
    return event;
}

Window read_window(const Node& node, const std::vector<Event>& events) {
    const Fields fields{node, "'window'", names(WINDOW_KEYS)};
    Window window;
    if (const Node* const event = fields.find("event")) {
        window.event = window_event(*event, events);
    }
    if (const Node* const from = fields.find("from")) {
        window.from = span(*from, Sign::Any);
    }
    if (const Node* const to = fields.find("to")) {
        window.to = span(*to, Sign::Any);
    }
    if (const Node* const step = fields.find("step")) {
        window.step = span(*step, Sign::Positive);
    }
    if (window.from && window.to && window.from->value.unit == window.to->value.unit &&
        window.from->value.amount >= window.to->value.amount) {
        throw Error{window.to->mark, "'to' is not later than 'from'",
                    "both relative to the event's instant, 'to' the later"};
    }
    return window;
}

void check_landing(const Scenario& scenario) {
    const bool aimed = std::any_of(scenario.events.begin(), scenario.events.end(),
                                   [](const Event& event) { return event.aim.has_value(); });
    if (scenario.expect.landing_mark && !aimed) {
        throw Error{scenario.expect.landing_mark, "'landing' without an aim", "an event with 'aim'"};
    }
}

std::string claim(const Node& node) {
    std::string found = text(node, "a claim of the review, C1 to C23");
    const std::vector<std::string_view> known = catalogue::names(catalogue::claims());
    if (catalogue::claim(found) == nullptr) {
        throw Error{node.mark, "no claim '" + found + "'", "a claim of the review, C1 to C23", nearest(found, known)};
    }
    return found;
}

std::string title(const Fields& fields) {
    const Node* const node = fields.find("title");
    const std::string expected = "'title': what happens, in one sentence";
    if (node == nullptr) {
        throw Error{fields.node().mark, "no 'title' in the scenario", expected};
    }
    std::string found = text(*node, expected);
    if (found.find_first_not_of(" \t\n") == std::string::npos) {
        throw Error{node->mark, "an empty title", expected};
    }
    return found;
}

Scenario read_scenario(const Node& root, const std::string& path, const LoadOptions& options) {
    const Fields fields{root, "the scenario", names(TOP_KEYS)};
    Scenario scenario;
    scenario.file = path;
    scenario.title = title(fields);
    if (const Node* const node = fields.find("claim")) {
        scenario.claim = claim(*node);
    }
    if (const Node* const node = fields.find("machine")) {
        scenario.machine = read_machine(*node);
    }
    if (const Node* const node = fields.find("kernel")) {
        scenario.kernel = read_kernel(*node);
    }
    const Entry* const detector = root.find("detector");
    if (detector != nullptr) {
        scenario.detector = read_detector(*fields.find("detector"));
    }
    if (options.detector) {
        scenario.detector.object = Marked<std::string>{*options.detector, {}};
    }
    check_built_in(scenario.detector, detector == nullptr ? root.mark : detector->key_mark);
    const Context context{scenario.machine.cpus};
    if (const Node* const node = fields.find("events")) {
        for (const Node& item : list(*node, "a list of events")) {
            scenario.events.push_back(read_event(item, context));
        }
    }
    if (const Node* const node = fields.find("window")) {
        scenario.window = read_window(*node, scenario.events);
    }
    if (const Node* const node = fields.find("until")) {
        scenario.until = span(*node, Sign::NotNegative);
    }
    if (const Node* const node = fields.find("expect")) {
        scenario.expect = read_expect(*node, context);
    }
    check_lengths(scenario);
    check_landing(scenario);
    return scenario;
}

/// A value in the words of the file, for reports and replay lines.
std::string shown(const Node& node) {
    if (node.is_scalar()) {
        return node.text;
    }
    std::string inside;
    for (const Node& item : node.items) {
        inside += (inside.empty() ? "" : ", ") + shown(item);
    }
    for (const Entry& entry : node.entries) {
        inside += (inside.empty() ? "" : ", ") + entry.key + ": " + shown(entry.value);
    }
    return node.is_null() ? "null" : node.is_list() ? "[" + inside + "]" : "{" + inside + "}";
}

/// A run is called by its values: two of one name could not be told apart.
void check_distinct(const Entry& axis) {
    std::vector<std::string> seen;
    for (const Node& value : axis.value.items) {
        std::string name = shown(value);
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
            throw Error{value.mark, "'" + name + "' is there twice in 'vary'", "each value of " + axis.key + " once"};
        }
        seen.push_back(std::move(name));
    }
}

std::vector<const Entry*> axes(const Node& vary) {
    if (!vary.is_map()) {
        throw Error{vary.mark, "'vary' is " + describe(vary), "keys with lists, such as {events.1.at: [5 s, 7 s]}"};
    }
    std::vector<const Entry*> found;
    std::size_t combinations = 1;
    for (const Entry& entry : vary.entries) {
        const std::string top = entry.key.substr(0, entry.key.find('.'));
        for (const std::string_view fixed : {"title", "claim", "extends", "vary", "expect"}) {
            if (top == fixed) {
                throw Error{entry.key_mark, "'" + top + "' cannot vary",
                            "a key of the machine, kernel, detector, events, window or until"};
            }
        }
        const std::string expected = "a list of values, such as [5 s, 7 s]";
        if (list(entry.value, expected).empty()) {
            throw Error{entry.value.mark, "nothing to vary over", expected};
        }
        check_distinct(entry);
        combinations *= entry.value.items.size();
        if (combinations > COMBINATIONS_MAX) {
            throw Error{entry.key_mark, "more than " + std::to_string(COMBINATIONS_MAX) + " combinations"};
        }
        found.push_back(&entry);
    }
    return found;
}

}  // namespace

std::vector<Scenario> load(const std::string& path, const LoadOptions& options) {
    std::vector<std::string> chain{tidy(path)};
    Sources read;
    Node root = read_merged(path, chain, options.texts, read);
    const Overrides overrides = apply_overrides(root, options);
    Node vary;
    if (Entry* const entry = root.find("vary")) {
        vary = entry->value;
        root.entries.erase(root.entries.begin() + (entry - root.entries.data()));
    }
    for (const std::string& set : overrides.paths) {  // what is set for all runs does not vary
        vary.entries.erase(std::remove_if(vary.entries.begin(), vary.entries.end(),
                                          [&](const Entry& entry) { return entry.key == set; }),
                           vary.entries.end());
    }
    const std::vector<const Entry*> varied = vary.is_null() ? std::vector<const Entry*>{} : axes(vary);
    std::vector<std::size_t> at(varied.size(), 0);
    std::vector<Scenario> runs;
    for (;;) {
        Node combined = root;
        std::vector<Varied> combination;
        for (std::size_t i = 0; i < varied.size(); ++i) {
            const Node& value = varied[i]->value.items[at[i]];
            document::set(combined, varied[i]->key_mark, varied[i]->key, value);
            combination.push_back({varied[i]->key, shown(value)});
        }
        Scenario scenario = read_scenario(combined, path, options);
        scenario.vary = std::move(combination);
        scenario.sources = read;
        for (const std::size_t event : overrides.fixed_events) {
            scenario.events.at(event).instant_fixed = true;
        }
        runs.push_back(std::move(scenario));
        std::size_t axis = varied.size();
        while (axis > 0 && ++at[axis - 1] == varied[axis - 1]->value.items.size()) {
            at[--axis] = 0;
        }
        if (axis == 0) {
            return runs;
        }
    }
}

std::string_view name_of(Apic apic) { return name_in(APIC_WORDS, apic); }
std::string_view name_of(Remapping remapping) { return name_in(REMAPPING_WORDS, remapping); }

}  // namespace hldsim::scenario
