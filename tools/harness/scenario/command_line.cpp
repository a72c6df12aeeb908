// SPDX-License-Identifier: Apache-2.0
// Words of the kernel's command line, by the rules of who reads them in the mini-kernel (parse_command_line in
// detector/kernel/params.c). A word of Linux that this one does not know is left to it: it says so.
#include <algorithm>
#include <charconv>

#include "tools/harness/scenario/fields.hpp"

namespace hldsim::scenario {
namespace {

using diagnostic::choices;
using diagnostic::Error;
using diagnostic::in_quotes;
using diagnostic::nearest;

struct Known {
    std::string_view name;
    std::vector<std::string_view> values;
    bool alone = false;   // may stand without a value
    bool number = false;  // may have one as its value
};

const std::vector<Known>& known_words() {
    static const std::vector<Known> WORDS = {
        {"unknown_nmi_panic", {}, true},
        {"cpu0_hotplug", {}, true},
        {"intremap", {"off", "nosid"}},
        {"hld.backtrace", {}, true},
        {"hld.cstate", {"hlt", "c1", "c1e", "c6", "c10"}},
        {"hld.hpet", {"legacy"}},
        {"hld.irte_update", {"halves", "words", "whole"}},
        {"hld.nmipass", {"0"}},
        {"hld.perf", {}, true, true},
    };
    return WORDS;
}

constexpr std::uint64_t MOST_CYCLES = (std::uint64_t{1} << 48) - 1;  // what a fixed counter holds

bool is_period(std::string_view text) {
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && value >= 1 && value <= MOST_CYCLES;
}

std::string expected_of(const Known& known) {
    const std::string name{known.name};
    if (known.number) {
        return name + ", or " + name + "=N with N from 1 to " + std::to_string(MOST_CYCLES);
    }
    return known.alone ? name + " without a value" : name + "= and " + choices(known.values);
}

/// Where the word stands in the node's text; the whole of it, if it is written in another way there.
diagnostic::Mark mark_of(const document::Node& node, std::size_t from, std::size_t length) {
    diagnostic::Mark mark = node.mark;
    if (mark) {
        const std::string_view written = std::string_view{mark.source->text}.substr(mark.offset, mark.length);
        const std::size_t begin = written.find(node.text);
        if (begin != std::string_view::npos) {
            mark.offset += begin + from;
            mark.length = length;
        }
    }
    return mark;
}

void check_word(std::string_view word, const diagnostic::Mark& mark) {
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const std::vector<Known>& words = known_words();
    const auto known = std::find_if(words.begin(), words.end(), [&](const Known& each) { return each.name == name; });
    if (known == words.end()) {
        if (name.rfind("hld.", 0) == 0) {
            const std::vector<std::string_view> names = command_line_words();
            std::vector<std::string_view> own;
            std::copy_if(names.begin(), names.end(), std::back_inserter(own),
                         [](std::string_view each) { return each.rfind("hld.", 0) == 0; });
            throw Error{mark, "unknown word " + in_quotes(name) + " of the kernel's command line", choices(own),
                        nearest(name, own)};
        }
        return;
    }
    const std::string_view value = equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
    const bool fits = equals == std::string_view::npos
                          ? known->alone
                          : std::find(known->values.begin(), known->values.end(), value) != known->values.end() ||
                                (known->number && is_period(value));
    if (!fits) {
        throw Error{mark, in_quotes(word) + " is nothing that the kernel knows", expected_of(*known),
                    nearest(value, known->values)};
    }
}

}  // namespace

std::vector<std::string_view> command_line_words() {
    std::vector<std::string_view> names;
    for (const Known& known : known_words()) {
        names.push_back(known.name);
    }
    return names;
}

void check_command_line(const document::Node& node) {
    for (std::size_t from = 0; from < node.text.size();) {
        const std::size_t end = std::min(node.text.find(' ', from), node.text.size());
        if (end > from) {
            check_word(std::string_view{node.text}.substr(from, end - from), mark_of(node, from, end - from));
        }
        from = end + 1;
    }
}

}  // namespace hldsim::scenario
