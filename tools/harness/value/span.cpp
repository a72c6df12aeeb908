// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/value/span.hpp"

#include <algorithm>
#include <array>

#include "tools/harness/diagnostic/diagnostic.hpp"

namespace hldsim::value {
namespace {

using diagnostic::in_quotes;

struct UnitName {
    std::string_view name;
    Span::Unit unit;
    std::int64_t scale;
};

// clang-format off
constexpr std::array<UnitName, 10> UNITS{{
    {"fs",     Span::Unit::Time,   1},
    {"ps",     Span::Unit::Time,   1'000},
    {"ns",     Span::Unit::Time,   1'000'000},
    {"us",     Span::Unit::Time,   1'000'000'000},
    {"ms",     Span::Unit::Time,   1'000'000'000'000},
    {"s",      Span::Unit::Time,   FS_PER_S},
    {"min",    Span::Unit::Time,   60 * FS_PER_S},
    {"h",      Span::Unit::Time,   3600 * FS_PER_S},
    {"cycles", Span::Unit::Cycles, 1},
    {"ticks",  Span::Unit::Ticks,  1},
}};
// clang-format on

constexpr std::string_view EXPECTED = "a duration: a number and fs, ps, ns, us, ms, s, min, h, cycles or ticks";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const UnitName& unit_named(std::string_view name, std::string_view text) {
    const auto* const found =
        std::find_if(UNITS.begin(), UNITS.end(), [&](const UnitName& u) { return u.name == name; });
    if (found != UNITS.end()) {
        return *found;
    }
    std::string lower{name};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const UnitName& unit : UNITS) {
        if (unit.name == lower) {
            throw Problem{"unknown unit " + in_quotes(name) + " in " + in_quotes(text), std::string{EXPECTED}, lower};
        }
    }
    // Words that people write for these units; they are not near enough to be found by their letters.
    constexpr std::array<std::array<std::string_view, 2>, 11> KNOWN{{{"sec", "s"},
                                                                     {"secs", "s"},
                                                                     {"second", "s"},
                                                                     {"seconds", "s"},
                                                                     {"msec", "ms"},
                                                                     {"usec", "us"},
                                                                     {"nsec", "ns"},
                                                                     {"\xc2\xb5s", "us"},
                                                                     {"m", "min"},
                                                                     {"cycle", "cycles"},
                                                                     {"hours", "h"}}};
    for (const auto& [written, meant] : KNOWN) {
        if (written == name) {
            throw Problem{"unknown unit " + in_quotes(name) + " in " + in_quotes(text), std::string{EXPECTED},
                          std::string{meant}};
        }
    }
    std::vector<std::string_view> names;
    names.reserve(UNITS.size());
    for (const UnitName& unit : UNITS) {
        names.push_back(unit.name);
    }
    throw Problem{"unknown unit " + in_quotes(name) + " in " + in_quotes(text), std::string{EXPECTED},
                  name.size() < 3 ? std::string{} : diagnostic::nearest(name, names)};
}

}  // namespace

std::int64_t scaled(std::string_view number, std::int64_t scale, std::string_view unit) {
    const bool negative = !number.empty() && number.front() == '-';
    std::string_view digits = number;
    if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) {
        digits.remove_prefix(1);
    }
    Uint128 mantissa = 0;
    Uint128 divisor = 1;
    bool point = false;
    std::size_t count = 0;
    for (const char c : digits) {
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        mantissa = mantissa * 10 + static_cast<unsigned>(c - '0');
        divisor *= point ? 10U : 1U;
        if (++count > 19) {
            throw Problem{"too many digits in " + in_quotes(number), "19 digits at most"};
        }
    }
    const Uint128 product = mantissa * static_cast<Uint128>(scale);  // below 10^19 * 3.6 * 10^18: fits
    if (product % divisor != 0) {
        throw Problem{in_quotes(std::string{number} + " " + std::string{unit}) +
                          (scale == 1 ? " is not a whole number" : " is not a whole number of femtoseconds"),
                      scale == 1 ? "whole " + std::string{unit} : "a duration that fs can express"};
    }
    const Uint128 amount = product / divisor;
    if (amount > static_cast<Uint128>(Duration::max().fs)) {
        throw Problem{in_quotes(std::string{number} + " " + std::string{unit}) + " is out of range",
                      "a duration below 9,223 s"};
    }
    const auto value = static_cast<std::int64_t>(amount);
    return negative ? -value : value;
}

Span parse_span(std::string_view text) {
    std::size_t end = 0;
    if (end < text.size() && (text[end] == '-' || text[end] == '+')) {
        ++end;
    }
    const std::size_t first = end;
    bool point = false;
    while (end < text.size() && (is_digit(text[end]) || (text[end] == '.' && !point))) {
        point = point || text[end] == '.';
        ++end;
    }
    const std::string_view number = text.substr(0, end);
    if (end == first || !is_digit(text[first]) || number.back() == '.') {
        throw Problem{in_quotes(text) + " is no duration", std::string{EXPECTED}};
    }
    std::string_view unit = text.substr(end);
    while (!unit.empty() && unit.front() == ' ') {
        unit.remove_prefix(1);
    }
    if (unit.empty()) {
        if (number.find_first_not_of("+-0.") == std::string_view::npos) {
            return {};
        }
        throw Problem{in_quotes(text) + " has no unit", std::string{EXPECTED}};
    }
    const UnitName& known = unit_named(unit, text);
    return {known.unit, scaled(number, known.scale, known.name)};
}

Duration Span::on(Hertz core, Duration hpet_period) const {
    switch (unit) {
        case Unit::Time:
            return {amount};
        case Unit::Ticks:
            return hpet_period * amount;
        case Unit::Cycles:
            break;
    }
    const auto magnitude = static_cast<std::uint64_t>(amount < 0 ? -amount : amount);
    const Duration whole = ClockDomain::of_frequency(core).edge({magnitude}) - Instant{};
    return amount < 0 ? Duration{-whole.fs} : whole;
}

std::string exact_text(Duration duration) {
    if (duration.fs == 0) {
        return "0 s";
    }
    std::int64_t scale = FS_PER_S;
    for (const std::string_view unit : {"s", "ms", "us", "ns", "ps"}) {
        if (duration.fs % scale == 0) {
            return std::to_string(duration.fs / scale) + " " + std::string{unit};
        }
        scale /= 1000;
    }
    return std::to_string(duration.fs) + " fs";
}

std::string exact_text(Span span) {
    switch (span.unit) {
        case Span::Unit::Time:
            return exact_text(Duration{span.amount});
        case Span::Unit::Cycles:
            return std::to_string(span.amount) + " cycles";
        case Span::Unit::Ticks:
            return std::to_string(span.amount) + " ticks";
    }
    return {};
}

std::string readable_text(Duration duration) {
    struct Step {
        std::int64_t fs;
        const char* name;
    };
    constexpr Step SCALE[] = {
        {FS_PER_S, "s"}, {1'000'000'000'000, "ms"}, {1'000'000'000, "us"}, {1'000'000, "ns"}, {1'000, "ps"}, {1, "fs"}};
    if (duration.fs == 0) {
        return "0 ns";
    }
    const bool negative = duration.fs < 0;
    const std::int64_t fs = negative ? -duration.fs : duration.fs;
    const Step* unit = std::begin(SCALE);
    while (fs < unit->fs) {
        ++unit;
    }
    std::string digits = std::to_string(fs / unit->fs);
    std::string decimals = std::to_string(fs % unit->fs + unit->fs).substr(1);
    decimals.erase(decimals.find_last_not_of('0') + 1);
    if (!decimals.empty()) {
        digits += "." + decimals;
    }
    return (negative ? "-" : "") + digits + " " + unit->name;
}

}  // namespace hldsim::value
