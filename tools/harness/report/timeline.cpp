// SPDX-License-Identifier: Apache-2.0
// The time line of -v: a lane a device and CPU, a line an event, drawn around the findings; the rest in counts.
#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "tools/harness/report/hops.hpp"
#include "tools/harness/report/lane.hpp"
#include "tools/harness/report/names.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"
#include "tools/harness/report/timeline_rows.hpp"
#include "tools/harness/report/words.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;
using trace::Record;
using trace::What;

constexpr std::size_t LINES = 200;
constexpr std::size_t TIME = 19;       // at least
constexpr std::size_t MOST_CPUS = 10;  // with a lane of their own
constexpr std::size_t WIDEST = 14;     // lanes, and the narrowest: "fabric" and a blank
constexpr std::size_t NARROWEST_LANE = 7;

/// Lanes: HPET, the fabric, one for each CPU that has rows, with its LAPIC in front; one for all others of many.
struct Drawing {
    std::size_t time_width = TIME;
    std::size_t lane_width = WIDEST;
    std::map<unsigned, std::size_t> lanes;  // of CPUs: which lane
    std::size_t lane_count = 2;
    std::optional<std::size_t> others;         // the lane of CPUs that have none
    std::vector<std::size_t> depth;            // of contexts, by CPU
    std::map<std::uint32_t, unsigned> flying;  // tokens between HPET and LAPIC

    std::size_t column(const Lane& lane) const {
        if (lane.kind == Lane::Kind::Cpu) {
            const auto own = lanes.find(lane.cpu);
            return (own != lanes.end() ? own->second : others.value_or(0)) * lane_width;
        }
        return lane.kind == Lane::Kind::Remapper ? lane_width : 0;
    }
    bool has(unsigned cpu) const { return lanes.count(cpu) != 0; }
};

std::string base_line(const Drawing& drawing) {
    std::string line(drawing.lane_count * drawing.lane_width, ' ');
    line[drawing.lane_width] = drawing.flying.empty() ? '.' : '*';
    line[0] = '.';
    for (const auto& [cpu, lane] : drawing.lanes) {
        const std::size_t depth = std::min<std::size_t>(drawing.depth[cpu], 3);
        line.replace(lane * drawing.lane_width, depth + 1, std::string(depth + 1, '|'));
    }
    return line;
}

void put(std::string& line, std::size_t at, const std::string& text) {
    line.resize(std::max(line.size(), at + text.size()), ' ');
    line.replace(at, text.size(), text);
}

void follow(Drawing& drawing, const Record& record) {
    if (record.what == What::HopReached && record.token.source == Source::Hpet) {
        if (record.hop == Hop::Posted || record.hop == Hop::Remapped) {
            drawing.flying[record.token.id] = 1;
        } else {
            drawing.flying.erase(record.token.id);
        }
    }
    if (record.actor < drawing.depth.size() && record.what == What::ContextEntered) {
        ++drawing.depth[record.actor];
    }
}

void follow_after(Drawing& drawing, const Record& record) {
    if (record.actor < drawing.depth.size() && record.what == What::ContextLeft && drawing.depth[record.actor] > 0) {
        --drawing.depth[record.actor];
    }
    if (record.actor < drawing.depth.size() && record.what == What::Initialized) {
        drawing.depth[record.actor] = 0;
    }
}

std::string flight(const Record& record, const Drawing& drawing) {
    const std::string id = "#" + std::to_string(record.token.id);
    switch (record.hop) {
        case Hop::Matched:
            return "match " + id;
        case Hop::Posted:
            return "o" + std::string(drawing.lane_width - 1, '-') + "> " + id;
        case Hop::Accepted:
            return "LAPIC " + id + std::string{accepted_as(record)};
        case Hop::Remapped:
            return "remapped " + id;
        default:
            return std::string{hop_name(record.hop)} + " " + id;
    }
}

// What the operator does and what a CPU prints is of no lane, and too long for one: a line of its own.
std::optional<std::string> own_line(const Outcome& outcome, std::size_t index) {
    const Record& record = outcome.log.records[index];
    if (record.what == What::EventBegan) {
        return "operator: " + words_of(outcome, index);
    }
    if (record.what == What::Printed) {
        return lane_of(outcome, index).name() + " " + words_of(outcome, index);
    }
    return std::nullopt;
}

/// What stands on a line, and what it says from a column on.
struct Row {
    std::string line;
    std::size_t at = 0;
    std::string text;
};

Row row_of(const Outcome& outcome, const Drawing& drawing, std::size_t index) {
    const Record& record = outcome.log.records[index];
    Row row;
    row.line = base_line(drawing);
    const Lane lane = lane_of(outcome, index);
    const bool of_cpu = lane.kind == Lane::Kind::Cpu;
    row.at = drawing.column(lane);
    if (of_cpu) {
        row.at += drawing.has(lane.cpu) ? std::min<std::size_t>(drawing.depth[lane.cpu], 3) + 2 : 1;
    }
    const bool hop = record.what == What::HopReached;
    if (hop && record.hop == Hop::Accepted && of_cpu) {
        // The message crosses the fabric's lane to the local APIC.
        const std::size_t from = drawing.lane_width;
        put(row.line, from, "o" + std::string(drawing.column(lane) - from - 2, '-') + ">");
    }
    row.text = of_cpu && !drawing.has(lane.cpu) && drawing.others ? lane.name() + ": " : "";
    row.text += hop ? flight(record, drawing) : words_of(outcome, index);
    return row;
}

/// What does not fit goes on below, by words; the lanes go on beside it. A line of the kernel stays one, as in its log:
/// people search for it.
std::string line_of(const Outcome& outcome, const Drawing& drawing, std::size_t index, const Style& style) {
    constexpr std::size_t LEAST = 30;
    const std::optional<std::string> own = own_line(outcome, index);
    const Row row = own ? Row{"", 0, *own} : row_of(outcome, drawing, index);
    const std::string below = own ? "" : base_line(drawing);
    const std::size_t used = drawing.time_width + 2 + row.at;
    const bool printed = outcome.log.records[index].what == What::Printed;
    const std::size_t room = printed ? row.text.size() : style.columns - std::min(used, style.columns);
    std::string text;
    for (const std::string& part : wrapped(row.text, std::max(LEAST, room))) {
        std::string line = text.empty() ? row.line : below;
        put(line, row.at + (text.empty() ? 0 : 2), part);
        const std::string time = text.empty() ? exact_seconds(outcome.log.records[index].at) : "";
        text += without_trailing_spaces(right(time, drawing.time_width) + "  " + line) + "\n";
    }
    return text;
}

std::string skipped(const Drawing& drawing, std::size_t events, std::size_t nmis) {
    return std::string(drawing.time_width, ' ') + "  ... " + grouped(events) +
           (events == 1 ? " event, " : " events, ") + grouped(nmis) +
           (nmis == 1 ? " NMI taken ...\n" : " NMIs taken ...\n");
}

/// Of the CPUs in the rows those with most of them have lanes.
Drawing drawing_of(const Outcome& outcome, const std::vector<std::size_t>& rows, const Style& style) {
    std::map<unsigned, std::size_t> counts;
    for (const std::size_t index : rows) {
        const Lane lane = lane_of(outcome, index);
        if (lane.kind == Lane::Kind::Cpu && lane.cpu < outcome.log.cpus && !own_line(outcome, index)) {
            ++counts[lane.cpu];
        }
    }
    std::vector<unsigned> cpus;
    cpus.reserve(counts.size());
    for (const auto& [cpu, count] : counts) {
        cpus.push_back(cpu);
    }
    std::stable_sort(cpus.begin(), cpus.end(), [&](unsigned a, unsigned b) { return counts[a] > counts[b]; });
    const bool many = cpus.size() > MOST_CPUS;
    cpus.resize(std::min(cpus.size(), MOST_CPUS));
    std::sort(cpus.begin(), cpus.end());

    Drawing drawing;
    for (const std::size_t index : rows) {
        const std::string time = exact_seconds(outcome.log.records[index].at);
        drawing.time_width = std::max(drawing.time_width, time.size() + 1);
    }
    drawing.depth.assign(outcome.log.cpus, 0);
    for (const unsigned cpu : cpus) {
        drawing.lanes[cpu] = drawing.lane_count++;
    }
    if (many) {
        drawing.others = drawing.lane_count++;
    }
    // Many CPUs make lanes narrow; what an event says may run over its neighbours.
    const std::size_t room = std::max<std::size_t>(style.columns, 100) - drawing.time_width - 26;
    drawing.lane_width =
        std::min(WIDEST, std::max(NARROWEST_LANE, room / std::max<std::size_t>(3, drawing.lane_count)));
    return drawing;
}

std::string head_of(const Outcome& outcome, const Drawing& drawing) {
    std::string heads(drawing.lane_count * drawing.lane_width, ' ');
    put(heads, 0, "HPET");
    put(heads, drawing.lane_width, "fabric");
    for (const auto& [cpu, lane] : drawing.lanes) {
        put(heads, lane * drawing.lane_width, Lane{Lane::Kind::Cpu, cpu}.name());
    }
    if (drawing.others) {
        put(heads, *drawing.others * drawing.lane_width, "others");
    } else if (drawing.lanes.size() < outcome.log.cpus) {
        const std::size_t rest = outcome.log.cpus - drawing.lanes.size();
        heads = without_trailing_spaces(heads) + "   (" + std::to_string(rest) + " more " +
                (rest == 1 ? "CPU" : "CPUs") + " without a row here)";
    }
    return right("time [s]", drawing.time_width) + "  " + without_trailing_spaces(heads) + "\n";
}

}  // namespace

std::string timeline(const Outcome& outcome, const Style& style) {
    std::vector<std::size_t> order(outcome.log.records.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return outcome.log.records[a].at < outcome.log.records[b].at;
    });
    const std::vector<bool> keep = wanted_rows(outcome);
    std::vector<std::size_t> rows;
    for (const std::size_t index : order) {
        const What what = outcome.log.records[index].what;
        if (keep[index] && (rows.size() < LINES || what == What::Printed || what == What::EventBegan)) {
            rows.push_back(index);
        }
    }
    Drawing drawing = drawing_of(outcome, rows, style);
    std::string text = head_of(outcome, drawing);

    auto next = rows.begin();
    std::size_t events = 0;
    std::size_t nmis = 0;
    for (const std::size_t index : order) {
        const Record& record = outcome.log.records[index];
        follow(drawing, record);
        if (next != rows.end() && *next == index) {
            text += events > 0 ? skipped(drawing, events, nmis) : "";
            events = nmis = 0;
            text += line_of(outcome, drawing, index, style);
            ++next;
        } else if (drawn(record)) {
            ++events;
            nmis += record.what == What::ContextEntered && record.context == cpu::Context::Nmi ? 1 : 0;
        }
        follow_after(drawing, record);
    }
    return text + (events > 0 ? skipped(drawing, events, nmis) : "");
}

}  // namespace hldsim::report
