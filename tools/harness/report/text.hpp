// SPDX-License-Identifier: Apache-2.0
// Times and lines as text, exact and the same everywhere.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/duration.hpp"

namespace hldsim::report {

/// A unit of time with so many decimals that a nanosecond shows; nanoseconds themselves show tenths.
struct Unit {
    std::string_view name;
    std::int64_t fs = 1;
    unsigned decimals = 0;
};
constexpr Unit NANOSECONDS{"ns", 1'000'000, 1};
constexpr Unit MICROSECONDS{"us", 1'000'000'000, 3};
constexpr Unit MILLISECONDS{"ms", 1'000'000'000'000, 6};
constexpr Unit SECONDS{"s", FS_PER_S, 9};

/// The unit in which a span is read most easily.
Unit unit_for(Duration span);

/// "-387.7": rounded half away from zero.
std::string number(Duration span, Unit unit);
/// "-387.7 ns"
std::string in(Duration span, Unit unit);
/// In the unit for it.
std::string short_span(Duration span);
/// "7.515804211 s" since power-on.
std::string seconds(Instant at);
/// "7.515804211000000": all fifteen decimals, in seconds.
std::string exact_seconds(Instant at);
/// "171,000"
std::string grouped(std::uint64_t value);

/// Printable ASCII; anything else, a byte at a time, is a question mark.
std::string ascii(std::string_view text);
/// Columns that UTF-8 text takes: its characters.
std::size_t width_of(std::string_view text);
std::string padded(std::string text, std::size_t width);
std::string right(const std::string& text, std::size_t width);
std::string without_trailing_spaces(std::string line);
/// Broken at spaces into lines of at most `width` columns where possible.
std::vector<std::string> wrapped(const std::string& text, std::size_t width);
/// Such lines, each with its end: the first begins with `head`, the others with as many blanks and `more`.
std::string paragraph(const std::string& head, const std::string& text, std::size_t width, std::size_t more = 0);
std::string joined(const std::vector<std::string>& parts, std::string_view between);
/// Quoted for a shell if it needs to be; with what a terminal would obey: for bash, as $'\xNN'.
std::string shell(const std::string& word);
/// A file's name, or what begins with one: no option, whatever it begins with.
std::string file_argument(const std::string& file);

/// Text between escape sequences of a terminal, or as it is.
enum class Tint : std::uint8_t { Good, Bad, Strong };
std::string tinted(std::string text, Tint tint, bool color);

}  // namespace hldsim::report
