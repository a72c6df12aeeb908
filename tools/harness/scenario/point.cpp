// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/scenario/point.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "tools/harness/scenario/fields.hpp"

namespace hldsim::scenario {
namespace {

using diagnostic::Error;
using document::describe;
using document::Entry;
using document::Node;

// clang-format off
constexpr Word<Point::Form> FORM_WORDS[] = {
    {"reads", Point::Form::Reads}, {"writes", Point::Form::Writes}, {"updates", Point::Form::Updates},
    {"locks", Point::Form::Locks}, {"unlocks", Point::Form::Unlocks}, {"calls", Point::Form::Calls},
    {"enters", Point::Form::Enters}, {"leaves", Point::Form::Leaves}, {"line", Point::Form::Line},
    {"nmi", Point::Form::Nmi}, {"becomes", Point::Form::Becomes}};
// clang-format on

constexpr const char* FORMS =
    "one of: 'in' with reads, writes, updates, locks, unlocks or calls; enters; leaves; line; nmi; becomes";
constexpr const char* FUNCTION = "the name of a function of the detector or the mini-kernel";
constexpr const char* OBJECT = "a variable of the detector or the mini-kernel, or a device register (DEVICE.REGISTER)";

bool within_function(Point::Form form) { return form <= Point::Form::Calls; }

bool is_identifier(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && letter(text.front()) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

Marked<std::string> function(const Node& node) {
    Marked<std::string> found = name(node, FUNCTION);
    std::string_view body = found.value;
    for (const std::string_view part : {".isra", ".part", ".constprop", ".cold"}) {
        body = body.substr(0, body.find(part));  // what a compiler makes of a name is accepted
    }
    if (!is_identifier(body)) {
        const std::string_view bare = std::string_view{found.value}.substr(0, found.value.find('('));
        throw Error{node.mark, describe(node) + " is no name of a function", FUNCTION,
                    is_identifier(bare) ? std::string{bare} : std::string{}};
    }
    return found;
}

/// name, name.member, name[3].member, per_cpu(name), per_cpu(name).member
bool is_object(std::string_view text) {
    constexpr std::string_view PER_CPU = "per_cpu(";
    if (text.substr(0, PER_CPU.size()) == PER_CPU) {
        const std::size_t close = text.find(')');
        if (close == std::string_view::npos || !is_identifier(text.substr(PER_CPU.size(), close - PER_CPU.size()))) {
            return false;
        }
        text.remove_prefix(close + 1);
        return text.empty() || (text.front() == '.' && is_object(text.substr(1)));
    }
    while (true) {
        const std::size_t dot = text.find('.');
        std::string_view part = text.substr(0, dot);
        const std::size_t bracket = part.find('[');
        if (bracket != std::string_view::npos) {
            const std::string_view index = part.substr(bracket);
            if (index.size() < 3 || index.back() != ']' ||
                index.substr(1, index.size() - 2).find_first_not_of("0123456789") != std::string_view::npos) {
                return false;
            }
            part = part.substr(0, bracket);
        }
        if (!is_identifier(part)) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(dot + 1);
    }
}

Marked<std::string> object(const Node& node) {
    Marked<std::string> found = name(node, OBJECT);
    if (!is_object(found.value)) {
        std::string dotted = found.value;  // as C would write it
        for (std::size_t arrow = dotted.find("->"); arrow != std::string::npos; arrow = dotted.find("->")) {
            dotted.replace(arrow, 2, ".");
        }
        dotted.erase(0, dotted.find_first_not_of("&*"));
        throw Error{node.mark, describe(node) + " is no name of an object", OBJECT,
                    is_object(dotted) ? dotted : std::string{}};
    }
    return found;
}

void read_line(const Node& node, Point& point) {
    const std::string expected = "a source line such as \"hld_core.c:140\"";
    point.file = name(node, expected);
    const std::size_t colon = point.file.value.rfind(':');
    const std::string_view number = std::string_view{point.file.value}.substr(std::min(colon, point.file.value.size()));
    if (number.size() >= 2) {
        const char* const end = number.data() + number.size();
        const auto [stop, failure] = std::from_chars(number.data() + 1, end, point.line);
        if (failure == std::errc{} && stop == end && point.line > 0 && colon > 0) {
            point.file.value.resize(colon);
            return;
        }
    }
    throw Error{node.mark, describe(node) + " is no source line", expected};
}

/// The one key that says what happens there.
const Entry& form_of(const Node& node, Point::Form& form) {
    const Entry* found = nullptr;
    for (const Word<Point::Form>& word : FORM_WORDS) {
        if (const Entry* const entry = node.find(word.name)) {
            if (found != nullptr) {
                throw Error{entry->key_mark, "two things in one point: '" + found->key + "' and '" + entry->key + "'",
                            FORMS};
            }
            found = entry;
            form = word.value;
        }
    }
    if (found == nullptr) {
        throw Error{node.mark, "a point in which nothing happens", FORMS};
    }
    return *found;
}

void read_form(const Fields& fields, const Entry& entry, Point& point) {
    const Node& node = *fields.find(entry.key);
    switch (point.form) {
        case Point::Form::Reads:
        case Point::Form::Writes:
        case Point::Form::Updates:
        case Point::Form::Locks:
        case Point::Form::Unlocks:
            point.object = object(node);
            break;
        case Point::Form::Calls:
            point.callee = function(node);
            break;
        case Point::Form::Enters:
        case Point::Form::Leaves:
            point.function = function(node);
            break;
        case Point::Form::Line:
            read_line(node, point);
            break;
        case Point::Form::Nmi:
            point.hop = choice(node, "hop", HOP_WORDS);
            break;
        case Point::Form::Becomes:
            point.life = choice(node, "CPU state", LIFE_WORDS);
            break;
    }
}

}  // namespace

Point read_point(const Node& node, const Context& context) {
    const Fields fields{node,
                        "a point",
                        {"cpu", "in", "reads", "writes", "updates", "locks", "unlocks", "calls", "nth", "enters",
                         "leaves", "line", "nmi", "source", "becomes"}};
    Point point;
    point.mark = node.mark;
    point.cpu = cpu(fields.require("cpu"), context);
    const Entry& form = form_of(node, point.form);
    read_form(fields, form, point);
    if (const Entry* const in = fields.entry("in")) {
        if (!within_function(point.form)) {
            throw Error{in->key_mark, "'in' together with '" + form.key + "'", FORMS};
        }
        point.function = function(*fields.find("in"));
    } else if (within_function(point.form)) {
        throw Error{form.key_mark, "'" + form.key + "' without 'in'", "in: FUNCTION beside it"};
    }
    if (const Entry* const nth = fields.entry("nth")) {
        if (!within_function(point.form)) {
            throw Error{nth->key_mark, "'nth' together with '" + form.key + "'", "'nth' only with 'in'"};
        }
        point.nth = static_cast<unsigned>(count(*fields.find("nth"), 1, 1'000'000, "a count from 1 to 1000000"));
        point.nth_given = true;
    }
    if (const Entry* const source = fields.entry("source")) {
        if (point.form != Point::Form::Nmi) {
            throw Error{source->key_mark, "'source' together with '" + form.key + "'", "'source' only with 'nmi'"};
        }
        point.source = choice(*fields.find("source"), "NMI source", NMI_SOURCE_WORDS);
    }
    return point;
}

Aim read_aim(const Node& node, const Context& context) {
    const Fields fields{node, "an aim", {"that", "before", "after"}};
    const Entry* const before = fields.entry("before");
    const Entry* const after = fields.entry("after");
    if (before != nullptr && after != nullptr) {
        throw Error{after->key_mark, "'before' and 'after' in one aim", "one of them"};
    }
    if (before == nullptr && after == nullptr) {
        throw Error{node.mark, "an aim needs 'before' or 'after'",
                    "{that: POINT, before: POINT} or {that: POINT, after: POINT}"};
    }
    Aim aim;
    aim.mark = node.mark;
    aim.before = before != nullptr;
    aim.that = read_point(fields.require("that"), context);
    const Node& other = fields.require(aim.before ? "before" : "after");
    aim.other = read_point(other, context);
    if (sentence(aim.other) == sentence(aim.that)) {
        throw Error{other.mark, "an aim at one point, and not at two", "another point than 'that'"};
    }
    return aim;
}

std::string_view name_of(Point::Form form) { return name_in(FORM_WORDS, form); }
std::string_view name_of(NmiSource source) { return name_in(NMI_SOURCE_WORDS, source); }
std::string_view name_of(Hop hop) { return name_in(HOP_WORDS, hop); }
std::string_view name_of(Life life) { return name_in(LIFE_WORDS, life); }

std::string sentence(const Point& point) {
    std::string said = "CPU " + std::to_string(point.cpu.value.value);
    const std::string verb{name_of(point.form)};
    switch (point.form) {
        case Point::Form::Line:
            return said + " at " + point.file.value + ":" + std::to_string(point.line);
        case Point::Form::Nmi:
            return said + ", NMI of " + std::string{name_of(point.source)} + " " + std::string{name_of(point.hop)};
        case Point::Form::Becomes:
            return said + " becomes " + std::string{name_of(point.life)};
        case Point::Form::Enters:
        case Point::Form::Leaves:
            return said + " " + verb + " " + point.function.value;
        default:
            break;
    }
    said += ", in " + point.function.value + ", " + verb + " " +
            (point.form == Point::Form::Calls ? point.callee.value : point.object.value);
    return point.nth == 1 ? said : said + " (access " + std::to_string(point.nth) + ")";
}

}  // namespace hldsim::scenario
