// SPDX-License-Identifier: Apache-2.0
// The table of the tip tree's handbook: a column an actor, a row an event, in time order, with contexts nested.
#include "tools/harness/report/cpu_table.hpp"

#include <algorithm>
#include <map>

#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;

constexpr std::size_t MARGIN = 5;
constexpr std::size_t GAP = 2;
constexpr std::size_t NARROWEST = 18;

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

// Where the line is too long the widest column gives way, the last one at the end: only one cell of a line has a text,
// so it may run over the columns behind it.
void narrow(std::vector<Column>& columns, std::size_t room) {
    const auto total = [&] {
        std::size_t sum = 0;
        for (const Column& column : columns) {
            sum += column.width + GAP;
        }
        return sum;
    };
    while (total() > room) {
        auto widest = std::max_element(columns.begin(), columns.end() - 1,
                                       [](const Column& a, const Column& b) { return a.width < b.width; });
        if (columns.size() == 1 || widest->width <= NARROWEST) {
            widest = columns.end() - 1;
        }
        if (widest->width <= NARROWEST) {
            return;
        }
        --widest->width;
    }
}

// A text, from its column on, and the time behind all columns.
std::string line_of(std::size_t begin, const std::string& text, std::size_t end, const std::string& time) {
    return without_trailing_spaces(padded(std::string(begin, ' ') + text, end) + time) + "\n";
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

std::string TableTime::of(Instant at) const {
    const Duration distance = at - zero_;
    const std::int64_t far = unit_.fs > FS_PER_S / 1'000'000 ? Duration::max().fs : unit_.fs * 1'000'000;
    const bool own = distance.fs >= far || distance.fs <= -far;
    return in(distance, own ? unit_for(distance) : unit_);
}

std::string table_text(const Outcome& outcome, const Chosen& chosen, const Style& style) {
    const std::vector<TableRow> rows = rows_of(outcome, chosen.records);
    if (rows.empty()) {
        return "";
    }
    const TableTime time{outcome, chosen};
    std::vector<std::string> times;
    std::size_t time_width = 0;
    for (const TableRow& row : rows) {
        times.push_back(row.record ? time.of(outcome.log.records[*row.record].at) : "");
        // Of units of one letter the numbers stand where those of two do.
        const std::string& text = times.back();
        if (text.size() > 2 && text[text.size() - 2] == ' ') {
            times.back() += ' ';
        }
        time_width = std::max(time_width, times.back().size());
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
        const TableRow& row = rows[i];
        const std::size_t begin = begins[row.lane] + row.indent;
        const std::vector<std::string> parts = wrapped(row.text, std::max<std::size_t>(end - GAP, begin + 10) - begin);
        for (std::size_t part = 0; part < parts.size(); ++part) {
            // A text that does not fit goes on two columns further in.
            text += line_of(begin + (part == 0 ? 0 : 2), parts[part], end,
                            part == 0 ? " " + right(times[i], time_width) : "");
        }
    }
    if (chosen.left_out > 0) {
        text += std::string(MARGIN, ' ') + "(" + std::to_string(chosen.left_out) + " more events of the evidence)\n";
    }
    return text;
}

std::string cpu_table(const Outcome& outcome, const check::Finding& finding, const Style& style) {
    return table_text(outcome, choose(outcome, finding, style.rows), style);
}

}  // namespace hldsim::report
