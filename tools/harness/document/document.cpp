// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/document/document.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hldsim::document {
namespace {

using diagnostic::Error;
using diagnostic::Mark;

/// Mappings whose keys are names with dots: the rest of a path is one key there.
bool has_dotted_keys(std::string_view path) {
    return path == "machine.set" || path == "expect.count" || path == "vary";
}

struct Step {
    std::string_view key;
    Mark mark;
};

std::vector<Step> steps(const Mark& whole_mark, std::string_view path) {
    std::vector<Step> found;
    const std::string_view written = std::string_view{whole_mark.source->text}.substr(whole_mark.offset);
    const bool in_quotes = !written.empty() && (written.front() == '"' || written.front() == '\'');
    const std::size_t start = whole_mark.offset + (in_quotes ? 1 : 0);
    std::size_t from = 0;
    for (;;) {
        const bool whole = from > 0 && has_dotted_keys(path.substr(0, from - 1));
        const std::size_t dot = whole ? std::string_view::npos : path.find('.', from);
        const std::string_view key = path.substr(from, dot == std::string_view::npos ? dot : dot - from);
        const Mark mark{whole_mark.source, start + from, std::max<std::size_t>(key.size(), 1)};
        if (key.empty()) {
            throw Error{mark, "empty name in the path '" + std::string{path} + "'",
                        "a dotted path such as detector.options.drain or events.1.at"};
        }
        found.push_back({key, mark});
        if (dot == std::string_view::npos) {
            return found;
        }
        from = dot + 1;
    }
}

Node& item(Node& list, const Step& step) {
    std::size_t number = 0;
    const char* const end = step.key.data() + step.key.size();
    const auto [stop, failure] = std::from_chars(step.key.data(), end, number);
    if (failure != std::errc{} || stop != end || number < 1 || number > list.items.size()) {
        const std::size_t count = list.items.size();
        throw Error{step.mark, "no item '" + std::string{step.key} + "' in a list of " + std::to_string(count),
                    count == 0 ? "a path to a value" : "a number from 1 to " + std::to_string(count)};
    }
    return list.items[number - 1];
}

Node& child(Node& node, const Step& step) {
    if (node.is_list()) {
        return item(node, step);
    }
    if (node.is_null()) {
        node.kind = Node::Kind::Map;
        node.mark = step.mark;
    }
    if (!node.is_map()) {
        throw Error{step.mark, "no key '" + std::string{step.key} + "' in " + describe(node), "a path to a value"};
    }
    if (Entry* entry = node.find(step.key)) {
        return entry->value;
    }
    node.entries.push_back({std::string{step.key}, step.mark, {}});
    node.entries.back().value.mark = step.mark;
    return node.entries.back().value;
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &*found;
}

Entry* Node::find(std::string_view key) { return const_cast<Entry*>(std::as_const(*this).find(key)); }

void merge(Node& base, const Node& over) {
    if (!base.is_map() || !over.is_map()) {
        base = over;
        return;
    }
    for (const Entry& entry : over.entries) {
        Entry* const known = base.find(entry.key);
        if (entry.value.is_null()) {
            if (known != nullptr) {
                base.entries.erase(base.entries.begin() + (known - base.entries.data()));
            }
        } else if (known == nullptr) {
            base.entries.push_back(entry);
        } else {
            known->key_mark = entry.key_mark;
            merge(known->value, entry.value);
        }
    }
    base.mark = over.mark;
}

void set(Node& root, const Mark& mark, std::string_view path, Node value) {
    const std::vector<Step> way = steps(mark, path);
    Node* node = &root;
    for (std::size_t i = 0; i + 1 < way.size(); ++i) {
        node = &child(*node, way[i]);
    }
    const Step& last = way.back();
    Node& target = child(*node, last);
    if (value.is_null() && node->is_map()) {
        Entry* const entry = node->find(last.key);
        node->entries.erase(node->entries.begin() + (entry - node->entries.data()));
        return;
    }
    target = std::move(value);
    if (Entry* const entry = node->find(last.key)) {
        entry->key_mark = last.mark;
    }
}

std::string describe(const Node& node) {
    switch (node.kind) {
        case Node::Kind::Null:
            return "nothing";
        case Node::Kind::Scalar:
            return "'" + (node.text.size() > 60 ? node.text.substr(0, 57) + "..." : node.text) + "'";
        case Node::Kind::List:
            return "a list";
        case Node::Kind::Map:
            return "a mapping";
    }
    return {};
}

}  // namespace hldsim::document
