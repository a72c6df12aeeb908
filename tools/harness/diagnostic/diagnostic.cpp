// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/diagnostic/diagnostic.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace hldsim::diagnostic {
namespace {

constexpr std::size_t EXCERPT = 200;  // a longer line is cut around its mark

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

struct Line {
    std::string_view text;  // without its end
    std::size_t start = 0;  // offset in the source
};

Line line_of(const Mark& mark) {
    const std::string_view text = mark.source->text;
    const std::size_t at = std::min(mark.offset, text.size());
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > start && text[end - 1] == '\r') {
        --end;
    }
    return {text.substr(start, end - start), start};
}

/// A character stays one: carets stand below.
std::string in_columns(std::string_view text) {
    std::string shown{text};
    for (char& c : shown) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
            c = '?';
        }
    }
    return shown;
}

/// The line and the carets below it, each with a line end before it.
std::string excerpt(const Mark& mark) {
    const Line line = line_of(mark);
    std::string_view text = line.text;
    std::size_t column = std::min(mark.offset - line.start, text.size());
    std::string lead;
    if (text.size() > EXCERPT) {
        std::size_t cut = column > EXCERPT / 2 ? column - EXCERPT / 2 : 0;
        while (cut > 0 && continues_character(text[cut])) {
            --cut;
        }
        text = text.substr(cut, EXCERPT);
        column -= cut;
        lead = cut > 0 ? "..." : "";
    }
    std::string under(lead.size(), ' ');
    for (const char c : text.substr(0, column)) {
        if (!continues_character(c)) {
            under += c == '\t' ? '\t' : ' ';
        }
    }
    const std::size_t run = characters(text.substr(column, mark.length));
    return "\n" + lead + in_columns(text) + "\n" + under + std::string(std::max<std::size_t>(run, 1), '^');
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
    std::size_t size = 0;
    while (size < std::min(a.size(), b.size()) && a[size] == b[size]) {
        ++size;
    }
    return size;
}

std::string render(const Error::Parts& parts) {
    std::string text;
    if (parts.mark) {
        text = location(parts.mark) + ": ";
    } else if (!parts.file.empty()) {
        text = printable(parts.file) + ": ";
    }
    text += "error: " + printable(parts.what, "\n\t");
    if (!parts.suggestion.empty()) {
        text += "; did you mean '" + printable(parts.suggestion) + "'?";
    }
    if (parts.mark) {
        text += excerpt(parts.mark);
    }
    if (!parts.expected.empty()) {
        text += "\n  expected " + parts.expected;
    }
    return text;
}

}  // namespace

Position position(const Mark& mark) {
    const std::string_view text = mark.source->text;
    const std::size_t at = std::min(mark.offset, text.size());
    const Line line = line_of(mark);
    const auto above = static_cast<std::size_t>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line.start), '\n'));
    return {above + 1, characters(text.substr(line.start, at - line.start)) + 1};
}

std::string location(const Mark& mark) {
    if (!mark) {
        return "built in";
    }
    const Position at = position(mark);
    return printable(mark.source->name) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

Error::Error(Parts parts) : std::runtime_error{render(parts)}, parts_{std::move(parts)} {}

Error::Error(Mark mark, std::string what, std::string expected, std::string suggestion)
    : Error{Parts{std::move(mark), {}, std::move(what), std::move(suggestion), std::move(expected)}} {}

std::string printable(std::string_view text, std::string_view kept) {
    constexpr std::string_view DIGITS = "0123456789abcdef";
    std::string shown;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= 0x20 && byte != 0x7f) || kept.find(c) != std::string_view::npos) {
            shown += c;
        } else {
            shown.append("\\x").append(1, DIGITS[byte >> 4U]).append(1, DIGITS[byte & 0xfU]);
        }
    }
    return shown;
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::vector<std::size_t> next(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t replaced = row[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
            next[k] = std::min({row[k] + 1, next[k - 1] + 1, replaced});
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) {
                next[k] = std::min(next[k], before[k - 2] + 1);
            }
        }
        std::swap(before, row);
        std::swap(row, next);
    }
    return row[b.size()];
}

std::string nearest(std::string_view got, const std::vector<std::string_view>& valid) {
    constexpr std::size_t LONGEST = 100;  // nobody mistypes a name of that length by two letters
    if (got.size() > LONGEST) {
        return {};
    }
    const std::size_t far_enough = std::max<std::size_t>(2, got.size() / 3) + 1;
    std::size_t best = far_enough;
    std::size_t best_prefix = 0;
    std::string_view found;
    for (const std::string_view candidate : valid) {
        const std::size_t far = distance(got, candidate);
        const std::size_t prefix = common_prefix(got, candidate);  // people begin a word right
        const bool nearer = far < best || (far == best && best < far_enough && prefix > best_prefix);
        if (nearer && far < std::max(got.size(), candidate.size())) {
            best = far;
            best_prefix = prefix;
            found = candidate;
        }
    }
    return std::string{found};
}

std::string in_quotes(std::string_view text) { return "'" + std::string{text} + "'"; }

std::string choices(const std::vector<std::string_view>& valid, std::string_view last) {
    std::string text;
    for (std::size_t i = 0; i < valid.size(); ++i) {
        if (i > 0) {
            text += i + 1 == valid.size() ? " " + std::string{last} + " " : ", ";
        }
        text += valid[i];
    }
    return text;
}

}  // namespace hldsim::diagnostic
