// SPDX-License-Identifier: Apache-2.0
// The table of the tip tree's handbook: a column an actor, a row an event, in time order, with contexts nested.
#include "tools/harness/report/cpu_table.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tools/harness/report/lane.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/rows.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;

constexpr std::size_t MARGIN = 5;
constexpr std::size_t GAP = 2;
constexpr std::size_t NARROW = 16;     // columns that may be left out go before others are narrower ...
constexpr std::size_t NARROWEST = 12;  // ... and below this none is

struct Column {
    Lane lane;
    std::size_t width = 0;
};

std::vector<Column> columns_of(const std::vector<TableRow>& rows) {
    std::map<Lane, std::size_t> widths;
    for (const TableRow& row : rows) {
        std::size_t& width = widths[row.lane];
        width = std::max({width, row.lane.name().size(), row.indent + row.text.size()});
    }
    std::vector<Column> columns;
    columns.reserve(widths.size());
    for (const auto& [lane, width] : widths) {
        columns.push_back({lane, width});
    }
    return columns;
}

std::size_t total_of(const std::vector<Column>& columns) {
    std::size_t sum = 0;
    for (const Column& column : columns) {
        sum += column.width + GAP;
    }
    return sum;
}

// Where the line is too long the widest column gives way, the last one at the end.
void narrow(std::vector<Column>& columns, std::size_t room) {
    for (const std::size_t least : {NARROW, NARROWEST}) {
        while (total_of(columns) > room) {
            auto widest = std::max_element(columns.begin(), columns.end() - 1,
                                           [](const Column& a, const Column& b) { return a.width < b.width; });
            if (columns.size() == 1 || widest->width <= least) {
                widest = columns.end() - 1;
            }
            if (widest->width <= least) {
                break;
            }
            --widest->width;
        }
    }
}

// The CPUs that the finding is about and its central event's have a column, and devices; of the others those with most
// rows as far as there is room. The rest is said below the table.
std::set<unsigned> left_out(const std::vector<TableRow>& rows, const Outcome& outcome, const Chosen& chosen,
                            std::size_t room) {
    std::map<unsigned, std::size_t> others;  // rows
    std::set<Lane> lanes;
    for (const TableRow& row : rows) {
        lanes.insert(row.lane);
        const trace::Record* const central = chosen.central ? &outcome.log.records[*chosen.central] : nullptr;
        const unsigned cpu = row.lane.cpu;
        if (row.lane.kind == Lane::Kind::Cpu &&
            (central == nullptr || (cpu != central->actor && cpu != central->cpu)) &&
            std::find(chosen.cpus.begin(), chosen.cpus.end(), cpu) == chosen.cpus.end()) {
            ++others[cpu];
        }
    }
    std::set<unsigned> out;
    std::size_t count = lanes.size();
    while (count * (NARROW + GAP) > room && !others.empty()) {
        const auto fewest = std::min_element(others.rbegin(), others.rend(),
                                             [](const auto& a, const auto& b) { return a.second < b.second; });
        out.insert(fewest->first);
        others.erase(fewest->first);
        --count;
    }
    return out;
}

// "(3 rows of CPUs 3, 4 and 6 are not shown; -v has them)"
std::string left_out_words(const std::set<unsigned>& cpus, std::size_t rows) {
    constexpr std::size_t NAMED = 6;
    std::vector<std::string> names;
    for (const unsigned cpu : cpus) {
        if (names.size() < NAMED) {
            names.push_back(std::to_string(cpu));
        }
    }
    std::string last = names.back();
    if (cpus.size() > NAMED) {
        last = std::to_string(cpus.size() - NAMED) + " more";
    } else {
        names.pop_back();
    }
    return "(" + std::to_string(rows) + (rows == 1 ? " row of CPU" : " rows of CPU") + (cpus.size() == 1 ? " " : "s ") +
           joined(names, ", ") + (names.empty() ? "" : " and ") + last + (rows == 1 ? " is" : " are") +
           " not shown; -v has them)\n";
}

std::size_t longest_word(const std::string& text) {
    std::size_t longest = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        longest = std::max(longest, end - begin);
        begin = end + 1;
    }
    return longest;
}

// A cell's lines: broken at spaces, and behind a part of a name where a word alone is too long.
std::vector<std::string> cell_lines(const std::string& text, std::size_t room) {
    if (text.size() <= room) {
        return {text};
    }
    const std::size_t narrower = room - 2;  // a text that does not fit goes on two columns further in
    std::vector<std::string> lines;
    for (std::string word : wrapped(text, narrower)) {
        while (word.size() > narrower) {
            std::size_t cut = word.find_last_of("(_+/:.,=", narrower - 1);
            cut = cut == std::string::npos ? narrower : cut + 1;
            lines.push_back(word.substr(0, cut));
            word.erase(0, cut);
        }
        lines.push_back(word);
    }
    return lines;
}

// A text, from its column on, and the time behind all columns.
std::string line_of(std::size_t begin, const std::string& text, std::size_t end, const std::string& time) {
    return without_trailing_spaces(padded(std::string(begin, ' ') + text, end) + time) + "\n";
}

std::vector<std::string> times_of(const Outcome& outcome, const Chosen& chosen, const std::vector<TableRow>& rows) {
    std::vector<std::optional<Instant>> instants;
    instants.reserve(rows.size());
    for (const TableRow& row : rows) {
        instants.push_back(row.record ? std::optional{outcome.log.records[*row.record].at} : std::nullopt);
    }
    std::vector<std::string> times = TableTime{outcome, chosen}.of(instants);
    for (std::string& text : times) {
        // Of units of one letter the numbers stand where those of two do.
        if (text.size() > 2 && text[text.size() - 2] == ' ') {
            text += ' ';
        }
    }
    return times;
}

}  // namespace

TableTime::TableTime(const Outcome& outcome, const Chosen& chosen) {
    if (!chosen.central) {
        return;
    }
    zero_ = outcome.log.records[*chosen.central].at;
    std::vector<std::int64_t> distances;
    for (const std::size_t record : chosen.records) {
        const Duration distance = outcome.log.records[record].at - zero_;
        if (distance.fs != 0) {
            distances.push_back(distance.fs < 0 ? -distance.fs : distance.fs);
        }
    }
    if (!distances.empty()) {
        const auto near = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 4);
        std::nth_element(distances.begin(), near, distances.end());
        unit_ = unit_for({*near});
    }
}

bool TableTime::far(Duration distance) const {
    const std::int64_t units = unit_.fs >= FS_PER_S / 1'000 ? 1'000 : 100'000;
    return unit_.fs < FS_PER_S && (distance.fs >= unit_.fs * units || distance.fs <= -unit_.fs * units);
}

std::string TableTime::far_text(Duration distance, std::optional<Instant> before, std::optional<Instant> behind) const {
    const std::int64_t size = distance.fs < 0 ? -distance.fs : distance.fs;
    Unit unit = size >= SECONDS.fs ? SECONDS : size >= MILLISECONDS.fs ? MILLISECONDS : MICROSECONDS;
    const unsigned most = unit.decimals;
    const auto like = [&](std::optional<Instant> other) {
        return other && *other - zero_ != distance && number(*other - zero_, unit) == number(distance, unit);
    };
    unit.decimals = 3;
    unit.decimals = like(before) || like(behind) ? most : 3;
    return in(distance, unit);
}

std::vector<std::string> TableTime::of(const std::vector<std::optional<Instant>>& rows) const {
    std::vector<std::string> texts;
    std::optional<Instant> before;
    for (auto row = rows.begin(); row != rows.end(); ++row) {
        if (!*row) {
            texts.emplace_back();
            continue;
        }
        const auto behind =
            std::find_if(row + 1, rows.end(), [&](const std::optional<Instant>& at) { return at && *at != **row; });
        const Duration distance = **row - zero_;
        texts.push_back(far(distance) ? far_text(distance, before, behind == rows.end() ? std::nullopt : *behind)
                                      : in(distance, unit_));
        // Of rows of one instant all have the text of the first.
        before = behind == row + 1 || behind == rows.end() || *(row + 1) != *row ? *row : before;
    }
    return texts;
}

std::string table_text(const Outcome& outcome, const Chosen& chosen, const Style& style) {
    std::vector<TableRow> rows = rows_of(outcome, chosen.records);
    if (rows.empty()) {
        return "";
    }
    constexpr std::size_t TIME = 14;  // mostly
    const std::set<unsigned> out = left_out(rows, outcome, chosen, style.columns - MARGIN - TIME - 1);
    const std::size_t all = rows.size();
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [&](const TableRow& row) {
                                  return row.lane.kind == Lane::Kind::Cpu && out.count(row.lane.cpu) != 0;
                              }),
               rows.end());
    const std::size_t gone = all - rows.size();
    const std::vector<std::string> times = times_of(outcome, chosen, rows);
    std::size_t time_width = 0;
    for (const std::string& time : times) {
        time_width = std::max(time_width, time.size());
    }
    std::vector<Column> columns = columns_of(rows);
    narrow(columns, style.columns - MARGIN - time_width - 1);

    std::string heads(MARGIN, ' ');
    std::string rules(MARGIN, ' ');
    for (const Column& column : columns) {
        heads += padded(column.lane.name(), column.width + GAP);
        rules += padded(std::string(column.lane.name().size(), '-'), column.width + GAP);
    }
    std::string text = without_trailing_spaces(heads) + "\n" + without_trailing_spaces(rules) + "\n";
    std::size_t end = MARGIN;
    std::map<Lane, std::size_t> begins;
    for (const Column& column : columns) {
        begins[column.lane] = end;
        end += column.width + GAP;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        // Only one cell of a line has a text, so it may run over other columns; not into the time. What fits as it is
        // stays in its column; what goes on below does so two columns further in.
        const std::size_t needs = std::min(rows[i].text.size(), std::max(NARROWEST, longest_word(rows[i].text) + 2));
        const std::size_t right_most = std::max(end, MARGIN + GAP + needs) - GAP - needs;
        const std::size_t begin = std::min(begins[rows[i].lane] + rows[i].indent, right_most);
        const std::vector<std::string> parts = cell_lines(rows[i].text, end - GAP - begin);
        for (std::size_t part = 0; part < parts.size(); ++part) {
            text += line_of(begin + (part == 0 ? 0 : 2), parts[part], end,
                            part == 0 ? " " + right(times[i], time_width) : "");
        }
    }
    text += out.empty() ? "" : std::string(MARGIN, ' ') + left_out_words(out, gone);
    if (chosen.left_out > 0) {
        text += std::string(MARGIN, ' ') + "(" + std::to_string(chosen.left_out) + " more events of the evidence)\n";
    }
    return text;
}

std::string cpu_table(const Outcome& outcome, const check::Finding& finding, const Style& style) {
    return table_text(outcome, choose(outcome, finding, style.rows), style);
}

}  // namespace hldsim::report
