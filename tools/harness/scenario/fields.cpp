// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/scenario/fields.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hldsim::scenario {
namespace {

using diagnostic::choices;
using diagnostic::Error;
using diagnostic::in_quotes;
using diagnostic::nearest;
using document::describe;
using document::Entry;
using document::Node;

}  // namespace

Fields::Fields(const Node& node, std::string what, std::vector<std::string_view> keys)
    : node_{node}, what_{std::move(what)}, keys_{choices(keys, "and")} {
    if (!node.is_map()) {
        throw Error{node.mark, what_ + " is " + describe(node), "a mapping of " + keys_};
    }
    for (const Entry& found : node.entries) {
        if (std::find(keys.begin(), keys.end(), found.key) == keys.end()) {
            throw Error{found.key_mark, "unknown key " + in_quotes(found.key) + " in " + what_, choices(keys),
                        nearest(found.key, keys)};
        }
    }
}

const Node* Fields::find(std::string_view key) const {
    const Entry* const found = node_.find(key);
    if (found == nullptr) {
        return nullptr;
    }
    if (found->value.is_null()) {
        throw Error{found->value.mark, "no value for " + in_quotes(key),
                    "a value; null removes a key only where a file "
                    "extends another or with --set"};
    }
    return &found->value;
}

const Node& Fields::require(std::string_view key) const {
    const Node* const found = find(key);
    if (found == nullptr) {
        throw Error{node_.mark, "no " + in_quotes(key) + " in " + what_, "a mapping of " + keys_};
    }
    return *found;
}

std::string text(const Node& node, const std::string& expected) {
    if (!node.is_scalar()) {
        throw Error{node.mark, describe(node) + " in place of a text", expected};
    }
    return node.text;
}

Marked<std::string> name(const Node& node, const std::string& expected) {
    Marked<std::string> found{text(node, expected), node.mark};
    if (found.value.empty()) {
        throw Error{node.mark, "an empty name", expected};
    }
    return found;
}

bool boolean(const Node& node) {
    if (node.is_scalar() && (node.text == "true" || node.text == "false")) {
        return node.text == "true";
    }
    throw Error{node.mark, describe(node) + " is no boolean", "true or false"};
}

std::uint64_t count(const Node& node, std::uint64_t min, std::uint64_t max, const std::string& expected) {
    std::uint64_t number = 0;
    const char* const end = node.text.data() + node.text.size();
    const auto [stop, failure] = std::from_chars(node.text.data(), end, number);
    if (!node.is_scalar() || (failure == std::errc::invalid_argument) || stop != end) {
        throw Error{node.mark, describe(node) + " is no count", expected};
    }
    if (failure != std::errc{} || number < min || number > max) {
        throw Error{node.mark, describe(node) + " is out of range", expected};
    }
    return number;
}

Marked<value::Span> span(const Node& node, Sign sign) {
    const std::string expected = "a duration such as 5 s, 2.5 us or 100 cycles";
    if (!node.is_scalar()) {
        throw Error{node.mark, describe(node) + " in place of a duration", expected};
    }
    try {
        const value::Span found = value::parse_span(node.text);
        if (sign != Sign::Any && found.amount < 0) {
            throw Error{node.mark, describe(node) + " is below 0", "a duration that is not negative"};
        }
        if (sign == Sign::Positive && found.amount == 0) {
            throw Error{node.mark, describe(node) + " is 0", "a duration above 0"};
        }
        return {found, node.mark};
    } catch (const value::Problem& problem) {
        throw Error{node.mark, problem.what(), problem.expected, problem.suggestion};
    }
}

Cpu cpu(const Node& node, const Context& context) {
    const std::string range = context.cpus == 1 ? "CPU 0, the only one (machine.cpus)"
                                                : "a CPU from 0 to " + std::to_string(context.cpus - 1) +
                                                      " (machine.cpus is " + std::to_string(context.cpus) + ")";
    std::uint64_t number = 0;
    const char* const end = node.text.data() + node.text.size();
    const auto [stop, failure] = std::from_chars(node.text.data(), end, number);
    if (!node.is_scalar() || failure == std::errc::invalid_argument || stop != end) {
        throw Error{node.mark, describe(node) + " is no CPU", range};
    }
    if (failure != std::errc{} || number >= context.cpus) {
        throw Error{node.mark, "no CPU " + node.text, range};
    }
    return {CpuNumber{static_cast<unsigned>(number)}, node.mark};
}

const std::vector<Node>& list(const Node& node, const std::string& expected) {
    if (!node.is_list()) {
        throw Error{node.mark, describe(node) + " in place of a list", expected};
    }
    return node.items;
}

void not_one_of(const Node& node, const std::string& what, const std::vector<std::string_view>& valid) {
    throw Error{node.mark,
                node.is_scalar() ? "unknown " + what + " " + describe(node) : describe(node) + " is no " + what,
                choices(valid), node.is_scalar() ? nearest(node.text, valid) : std::string{}};
}

Marked<std::string> path_beside(const Node& node, const std::string& expected) {
    Marked<std::string> found = name(node, expected);
    const std::string_view from = found.mark ? std::string_view{found.mark.source->name} : std::string_view{};
    const std::size_t slash = from.rfind('/');
    if (found.value.front() != '/' && slash != std::string_view::npos) {
        found.value = std::string{from.substr(0, slash + 1)} + found.value;
    }
    return found;
}

}  // namespace hldsim::scenario
