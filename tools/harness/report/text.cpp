// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/text.hpp"

#include <algorithm>

#include "tools/harness/diagnostic/diagnostic.hpp"

namespace hldsim::report {
namespace {

std::uint64_t magnitude(std::int64_t value) {
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

}  // namespace

Unit unit_for(Duration span) {
    const std::uint64_t size = magnitude(span.fs);
    for (const Unit unit : {NANOSECONDS, MICROSECONDS, MILLISECONDS}) {
        if (size < static_cast<std::uint64_t>(unit.fs) * 10'000) {
            return unit;
        }
    }
    return SECONDS;
}

std::string number(Duration span, Unit unit) {
    std::uint64_t scale = 1;
    for (unsigned i = 0; i < unit.decimals; ++i) {
        scale *= 10;
    }
    const std::uint64_t step = static_cast<std::uint64_t>(unit.fs) / scale;  // fs in the last decimal
    const std::uint64_t steps = (magnitude(span.fs) + step / 2) / step;
    std::string decimals = std::to_string(steps % scale);
    decimals.insert(0, unit.decimals - std::min<std::size_t>(unit.decimals, decimals.size()), '0');
    return (span.fs < 0 && steps != 0 ? "-" : "") + std::to_string(steps / scale) + "." + decimals;
}

std::string in(Duration span, Unit unit) { return number(span, unit) + " " + std::string{unit.name}; }

std::string short_span(Duration span) { return in(span, unit_for(span)); }

std::string seconds(Instant at) { return in(at - Instant{}, SECONDS); }

std::string exact_seconds(Instant at) { return number(at - Instant{}, {"s", FS_PER_S, 15}); }

std::string grouped(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (std::size_t i = digits.size(); i > 3; i -= 3) {
        digits.insert(i - 3, ",");
    }
    return digits;
}

std::string ascii(std::string_view text) {
    std::string clean{text};
    for (char& c : clean) {
        c = c >= ' ' && c <= '~' ? c : '?';
    }
    return clean;
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;  // goes on with a character of UTF-8
    }));
}

std::string padded(std::string text, std::size_t width) {
    text.append(width - std::min(width, width_of(text)), ' ');
    return text;
}

std::string right(const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, width_of(text)), ' ') + text;
}

std::string without_trailing_spaces(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
    std::vector<std::string> lines;
    std::string rest = text;
    while (rest.size() > width) {
        std::size_t cut = rest.rfind(' ', width);
        if (cut == std::string::npos || cut == 0) {
            cut = rest.find(' ');
        }
        if (cut == std::string::npos) {
            break;
        }
        lines.push_back(rest.substr(0, cut));
        rest.erase(0, cut + 1);
    }
    lines.push_back(rest);
    return lines;
}

std::string paragraph(const std::string& head, const std::string& text, std::size_t width, std::size_t more) {
    if (head.size() + text.size() <= width) {
        return without_trailing_spaces(head + text) + "\n";
    }
    constexpr std::size_t LEAST = 20;  // whatever the head
    std::string lines;
    for (const std::string& line : wrapped(text, std::max(width, head.size() + more + LEAST) - head.size() - more)) {
        lines += without_trailing_spaces((lines.empty() ? head : std::string(head.size() + more, ' ')) + line) + "\n";
    }
    return lines;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const std::string& part : parts) {
        text += (&part == &parts.front() ? "" : std::string{between}) + part;
    }
    return text;
}

std::string shell(const std::string& word) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"_-./#=,:+@%"}.find(c) != std::string_view::npos;
    };
    if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) {
        return word;
    }
    if (const std::string shown = diagnostic::printable(word); shown != word) {
        std::string quoted;
        for (const char c : word) {
            quoted += c == '\'' || c == '\\' ? std::string{'\\', c} : diagnostic::printable({&c, 1});
        }
        return "$'" + quoted + "'";
    }
    std::string quoted = "'";
    for (const char c : word) {
        quoted += c == '\'' ? "'\\''" : std::string{c};
    }
    return quoted + "'";
}

std::string file_argument(const std::string& file) {
    return shell((file.size() > 1 && file.front() == '-' ? "./" : "") + file);
}

std::string tinted(std::string text, Tint tint, bool color) {
    if (!color) {
        return text;
    }
    const char* const begin = tint == Tint::Good ? "\x1b[32m" : tint == Tint::Bad ? "\x1b[1;31m" : "\x1b[1m";
    return begin + std::move(text) + "\x1b[0m";
}

}  // namespace hldsim::report
