// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/document/file_kind.hpp"
#include "tools/harness/profile/draft.hpp"
#include "tools/harness/scenario/words.hpp"

namespace hldsim::profile {
namespace {

using diagnostic::choices;
using diagnostic::Error;
using diagnostic::Mark;
using diagnostic::nearest;
using document::describe;
using document::Entry;
using document::Node;

constexpr std::size_t EXTENDS_MAX = 8;

struct RowUnitName {
    std::string_view name;
    RowUnit unit;
    std::int64_t scale;
};

// clang-format off
constexpr RowUnitName ROW_UNITS[] = {
    {"ns",   RowUnit::Time,       1'000'000},
    {"us",   RowUnit::Time,       1'000'000'000},
    {"ms",   RowUnit::Time,       1'000'000'000'000},
    {"cyc",  RowUnit::CoreCycles, 1},
    {"tick", RowUnit::HpetTicks,  1},
    {"n",    RowUnit::Count,      1},
};
// clang-format on

const Node& value_of(const Node& node, std::string_view key, const std::string& what) {
    const Entry* const entry = node.find(key);
    if (entry == nullptr || !entry->value.is_scalar()) {
        throw Error{entry == nullptr ? node.mark : entry->value.mark, "no '" + std::string{key} + "' in " + what,
                    "'" + std::string{key} + "' in " + what};
    }
    return entry->value;
}

void require_keys(const Node& node, const std::string& what, const std::vector<std::string_view>& keys) {
    if (!node.is_map()) {
        throw Error{node.mark, what + " is " + describe(node), "a mapping of " + choices(keys, "and")};
    }
    for (const Entry& entry : node.entries) {
        if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
            throw Error{entry.key_mark, "unknown key '" + entry.key + "' in " + what, choices(keys),
                        nearest(entry.key, keys)};
        }
    }
}

bool is_number(std::string_view text) {
    const std::string_view digits = text.substr(!text.empty() && text.front() == '-' ? 1 : 0);
    return !digits.empty() && digits.find_first_not_of("0123456789.") == std::string_view::npos &&
           std::count(digits.begin(), digits.end(), '.') <= 1 && digits.front() != '.' && digits.back() != '.';
}

std::int64_t amount(const Node& node, const RowUnitName& unit) {
    if (!is_number(node.text) || node.text.front() == '-') {
        throw Error{node.mark, describe(node) + " is no figure", "a number that is not negative"};
    }
    try {
        return value::scaled(node.text, unit.scale, unit.name);
    } catch (const value::Problem& problem) {
        throw Error{node.mark, problem.what(), problem.expected};
    }
}

/// Grade and sources, of a row or a knob.
void read_source(const Node& node, Provenance& provenance) {
    if (const Entry* const grade = node.find("g")) {
        const std::string& text = grade->value.text;
        if (text.size() != 1 || text[0] < 'A' || text[0] > 'D') {
            throw Error{grade->value.mark, "unknown grade " + describe(grade->value), "A, B, C or D"};
        }
        provenance.grade = text[0];
    }
    if (const Entry* const sources = node.find("s")) {
        if (!sources->value.is_list()) {
            throw Error{sources->value.mark, describe(sources->value) + " in place of a list",
                        "source ids, such as [S1]"};
        }
        for (const Node& source : sources->value.items) {
            provenance.sources.push_back(source.text);
        }
    }
}

RowValue read_row(const Entry& entry) {
    const Node& node = entry.value;
    const std::string what = "row '" + entry.key + "'";
    require_keys(node, what, {"v", "lo", "hi", "u", "g", "s"});
    const Node& unit_node = value_of(node, "u", what);
    const auto* const unit = std::find_if(std::begin(ROW_UNITS), std::end(ROW_UNITS),
                                          [&](const RowUnitName& u) { return u.name == unit_node.text; });
    if (unit == std::end(ROW_UNITS)) {
        throw Error{unit_node.mark, "unknown unit " + describe(unit_node), "ns, us, ms, cyc, tick or n"};
    }
    RowValue row;
    row.unit = unit->unit;
    row.amount = amount(value_of(node, "v", what), *unit);
    row.provenance.mark = entry.key_mark;
    row.provenance.low = node.find("lo") != nullptr ? amount(value_of(node, "lo", what), *unit) : row.amount;
    row.provenance.high = node.find("hi") != nullptr ? amount(value_of(node, "hi", what), *unit) : row.amount;
    if (row.provenance.low > row.amount || row.provenance.high < row.amount) {
        throw Error{node.mark, what + " lies outside its own bounds", "lo <= v <= hi"};
    }
    read_source(node, row.provenance);
    return row;
}

void read_rows(const Node& node, Draft& draft) {
    if (!node.is_map()) {
        throw Error{node.mark, "'rows' is " + describe(node), "a mapping of rows"};
    }
    for (const Entry& entry : node.entries) {
        const std::optional<Row> row = row_named(entry.key);
        if (!row) {
            throw Error{entry.key_mark, "no row '" + entry.key + "'", "a row of models/base/timing.hpp",
                        nearest(entry.key, {std::begin(ROW_NAMES), std::end(ROW_NAMES)})};
        }
        RowValue read = read_row(entry);
        std::optional<RowValue>& known = draft.rows[static_cast<std::size_t>(*row)];
        if (known && known->unit != read.unit) {
            throw Error{entry.key_mark, "row '" + entry.key + "' has another unit than in the profile that it extends",
                        "one unit for a row in all profiles"};
        }
        known = std::move(read);
    }
}

void read_knobs(const Node& node, Draft& draft) {
    if (!node.is_map()) {
        throw Error{node.mark, "'knobs' is " + describe(node), "a mapping of knobs"};
    }
    for (const Entry& entry : node.entries) {
        const KnobSpec* const spec = knob_named(entry.key);
        if (spec == nullptr) {
            std::vector<std::string_view> known;
            for (const KnobSpec& knob : KNOBS) {
                known.push_back(knob.name);
            }
            throw Error{entry.key_mark, "no knob '" + entry.key + "'", "a knob of 'hldsim list knobs'",
                        nearest(entry.key, known)};
        }
        Provenance provenance;
        provenance.mark = entry.key_mark;
        const Node* value = &entry.value;
        if (value->is_map()) {
            const std::string what = "knob '" + entry.key + "'";
            require_keys(*value, what, {"v", "g", "s"});
            read_source(*value, provenance);
            value = &value_of(*value, "v", what);
        }
        draft.knobs.insert_or_assign(entry.key, read_knob(*spec, value->text, value->mark));
        draft.knob_provenance.insert_or_assign(entry.key, std::move(provenance));
    }
}

Hertz frequency(const Node& node) {
    const std::string_view text = node.text;
    std::uint64_t hertz = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), hertz);
    if (failure != std::errc{} ||
        std::string_view{stop, static_cast<std::size_t>(text.data() + text.size() - stop)} != " Hz" || hertz == 0) {
        throw Error{node.mark, describe(node) + " is no frequency", "a frequency such as 3700000000 Hz"};
    }
    return {hertz, 1};
}

void read_clock(const Node& node, Draft& draft) {
    require_keys(node, "'clock'", {"core", "tsc", "crystal", "hpet_period"});
    draft.core = frequency(value_of(node, "core", "'clock'"));
    draft.tsc = frequency(value_of(node, "tsc", "'clock'"));
    draft.crystal = frequency(value_of(node, "crystal", "'clock'"));
    const Node& period = value_of(node, "hpet_period", "'clock'");
    try {
        const value::Span span = value::parse_span(period.text);
        constexpr std::int64_t LONGEST = 100'000'000;  // 05F5E100h: IA-PC HPET Specification 1.0a, 2.3.4
        if (span.unit != value::Span::Unit::Time || span.amount <= 0 || span.amount > LONGEST) {
            throw Error{period.mark, describe(period) + " is no HPET period", "at most 100 ns"};
        }
        draft.hpet_period = Duration{span.amount};
    } catch (const value::Problem& problem) {
        throw Error{period.mark, problem.what(), problem.expected, problem.suggestion};
    }
}

template <typename T, std::size_t N>
T word_in(const Node& node, const scenario::Word<T> (&words)[N]) {
    for (const scenario::Word<T>& word : words) {
        if (word.name == node.text) {
            return word.value;
        }
    }
    throw Error{node.mark, "unknown " + describe(node), choices(scenario::names(words)),
                nearest(node.text, scenario::names(words))};
}

/// A path that a profile extends is relative to that profile.
std::string beside(const std::string& path, const std::string& base, const std::string& written) {
    const std::size_t slash = path.rfind('/');
    return base == written && base.front() != '/' && slash != std::string::npos ? path.substr(0, slash + 1) + base
                                                                                : base;
}

}  // namespace

std::string file_of(const std::string& name, const std::string& folder) {
    const bool is_path = name.find('/') != std::string::npos || name.find(".yaml") != std::string::npos;
    return is_path ? name : folder + "/" + name + ".yaml";
}

/// Of a Number.
std::pair<std::int64_t, std::int64_t> limits_of(const KnobSpec& spec) {
    const std::vector<std::string_view> words = catalogue::words(spec.words);
    if (words.empty()) {
        return {0, std::numeric_limits<std::uint32_t>::max()};
    }
    return {std::stoll(std::string{words.front()}), std::stoll(std::string{words.back()})};
}

Knob read_knob(const KnobSpec& spec, const std::string& text, const Mark& mark) {
    const std::string said = "'" + text + "'";
    switch (spec.kind) {
        case KnobKind::Flag:
            if (text != "true" && text != "false") {
                throw Error{mark, said + " is no boolean", "true or false"};
            }
            return text == "true";
        case KnobKind::Number: {
            std::int64_t number = 0;
            const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (failure != std::errc{} || stop != text.data() + text.size()) {
                throw Error{mark, said + " is no whole number", "a whole number: " + std::string{spec.meaning}};
            }
            const auto [least, most] = limits_of(spec);
            if (number < least || number > most) {
                throw Error{mark, said + " is no number for '" + std::string{spec.name} + "'",
                            std::to_string(least) + " to " + std::to_string(most)};
            }
            return number;
        }
        case KnobKind::Duration:
            try {
                const value::Span span = value::parse_span(text);
                if (span.amount < 0) {
                    throw Error{mark, said + " is below 0", "a duration that is not negative"};
                }
                return span;
            } catch (const value::Problem& problem) {
                throw Error{mark, problem.what(), problem.expected, problem.suggestion};
            }
        case KnobKind::Word:
            break;
    }
    const std::vector<std::string_view> words = catalogue::words(spec.words);
    if (std::find(words.begin(), words.end(), text) == words.end()) {
        throw Error{mark, "unknown value " + said + " of '" + std::string{spec.name} + "'", choices(words),
                    nearest(text, words)};
    }
    return text;
}

void read_file(const std::string& path, const std::string& folder, std::vector<std::string>& chain, Draft& draft) {
    const Node node = document::parse(document::read(path), 0, "a mapping with at least 'profile'");
    document::refuse_other_kind(node, document::FileKind::Profile);
    require_keys(node, "a profile", {"profile", "extends", "machine", "clock", "default", "rows", "knobs"});
    if (const Entry* const extends = node.find("extends")) {
        const std::string base = beside(path, file_of(extends->value.text, folder), extends->value.text);
        if (std::find(chain.begin(), chain.end(), base) != chain.end() || chain.size() >= EXTENDS_MAX) {
            throw Error{extends->value.mark, "'extends' goes in a circle", "a profile that does not extend this one"};
        }
        chain.push_back(base);
        read_file(base, folder, chain, draft);
    }
    draft.mark = node.mark;
    draft.name = value_of(node, "profile", "a profile").text;
    if (const Entry* const entry = node.find("machine")) {
        draft.machine = entry->value.text;
    }
    if (const Entry* const entry = node.find("clock")) {
        read_clock(entry->value, draft);
    }
    if (const Entry* const entry = node.find("default")) {
        require_keys(entry->value, "'default'", {"apic", "remapping"});
        draft.apic = word_in(value_of(entry->value, "apic", "'default'"), scenario::APIC_WORDS);
        draft.remapping = word_in(value_of(entry->value, "remapping", "'default'"), scenario::REMAPPING_WORDS);
    }
    if (const Entry* const entry = node.find("rows")) {
        read_rows(entry->value, draft);
    }
    if (const Entry* const entry = node.find("knobs")) {
        read_knobs(entry->value, draft);
    }
}

}  // namespace hldsim::profile
