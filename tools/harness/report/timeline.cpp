// SPDX-License-Identifier: Apache-2.0
// The time line of -v: a lane a device and CPU, a line an event, drawn around the findings; the rest in counts.
#include <algorithm>
#include <map>

#include "tools/harness/report/device.hpp"
#include "tools/harness/report/evidence.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;
using trace::Record;
using trace::What;

constexpr std::size_t FIRST_AROUND = 40;       // records before and after each piece of evidence of the first finding
constexpr std::size_t BEFORE_NMI = 8;          // records before an NMI of the scenario
constexpr Duration AFTER_NMI{10'000'000'000};  // 10 us
constexpr std::size_t OTHERS_AROUND = 6;
constexpr std::size_t LINES = 200;
constexpr std::uint64_t WARNING = 4;  // KERN_WARNING and worse are told wherever they are ...
constexpr std::size_t WARNINGS = 8;   // ... the first of them: faults come in floods
constexpr std::size_t TIME = 19;

/// Lanes: HPET, the fabric, one for each CPU with its LAPIC in front.
struct Drawing {
    std::size_t lane_width = 12;
    unsigned cpus = 0;
    std::vector<std::size_t> depth;            // of contexts, by CPU
    std::map<std::uint32_t, unsigned> flying;  // tokens between HPET and LAPIC

    std::size_t column(const Lane& lane) const {
        return lane.kind == Lane::Kind::Cpu        ? (2 + lane.cpu) * lane_width
               : lane.kind == Lane::Kind::Remapper ? lane_width
                                                   : 0;
    }
};

std::string base_line(const Drawing& drawing) {
    std::string line((2 + drawing.cpus) * drawing.lane_width, ' ');
    line[drawing.lane_width] = drawing.flying.empty() ? '.' : '*';
    line[0] = '.';
    for (unsigned cpu = 0; cpu < drawing.cpus; ++cpu) {
        const std::size_t at = drawing.column({Lane::Kind::Cpu, cpu});
        const std::size_t depth = std::min<std::size_t>(drawing.depth[cpu], 3);
        line.replace(at, depth + 1, std::string(depth + 1, '|'));
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
    if (record.actor < drawing.cpus && record.what == What::ContextEntered) {
        ++drawing.depth[record.actor];
    }
}

void follow_after(Drawing& drawing, const Record& record) {
    if (record.actor < drawing.cpus && record.what == What::ContextLeft && drawing.depth[record.actor] > 0) {
        --drawing.depth[record.actor];
    }
    if (record.actor < drawing.cpus && record.what == What::Initialized) {
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
            return "LAPIC " + id;
        case Hop::Remapped:
            return "remapped " + id;
        default:
            return std::string{hop_name(record.hop)} + " " + id;
    }
}

std::string line_of(const Outcome& outcome, const Drawing& drawing, std::size_t index) {
    const Record& record = outcome.log.records[index];
    std::string line = base_line(drawing);
    const Lane lane = lane_of(outcome, index);
    std::size_t at = drawing.column(lane);
    if (lane.kind == Lane::Kind::Cpu && lane.cpu < drawing.cpus) {
        at += std::min<std::size_t>(drawing.depth[lane.cpu], 3) + 2;
    }
    if (record.what == What::HopReached) {
        if (record.hop == Hop::Accepted && lane.kind == Lane::Kind::Cpu) {
            // The message crosses the fabric's lane to the local APIC.
            const std::size_t from = drawing.lane_width;
            const std::size_t to = drawing.column(lane);
            put(line, from, "o" + std::string(to - from - 2, '-') + ">");
        }
        put(line, at, flight(record, drawing));
    } else {
        put(line, at, words_of(outcome, index));
    }
    return without_trailing_spaces(right(exact_seconds(record.at).substr(0, TIME - 1), TIME) + "  " + line) + "\n";
}

// Hops that a CPU makes are drawn by its contexts already; locks and the local APICs' registers are the kernel's daily
// business, unless a finding names them.
bool drawn(const Record& record) {
    switch (record.what) {
        case What::HopReached:
            return record.hop != Hop::Taken && record.hop != Hop::Returned && record.hop != Hop::Matched;
        case What::LockTaken:
        case What::LockDropped:
        case What::EntryWritten:
        case What::RunEnded:
            return false;
        case What::DeviceWrite:
        case What::DeviceRead: {
            const std::optional<RegisterAt> at = register_at(record.address);
            return at && at->hpet;
        }
        default:
            return true;
    }
}

// What comes of an NMI that the scenario has made is what it is about, found or not.
bool makes_nmi(const Outcome& outcome, const Record& record) {
    const auto& events = outcome.scenario.events;
    return record.what == What::EventBegan && record.value >= 1 && record.value <= events.size() &&
           std::holds_alternative<scenario::Nmi>(events[record.value - 1].action);
}

void keep_around(const Outcome& outcome, std::size_t event, std::vector<bool>& keep) {
    const std::vector<Record>& records = outcome.log.records;
    const Instant end = records[event].at + AFTER_NMI;
    const std::size_t begin = event > BEFORE_NMI ? event - BEFORE_NMI : 0;
    for (std::size_t i = begin; i < std::min(records.size(), event + FIRST_AROUND); ++i) {
        keep[i] = keep[i] || records[i].at <= end;
    }
}

std::vector<bool> wanted(const Outcome& outcome) {
    const std::size_t count = outcome.log.records.size();
    std::vector<bool> keep(count, count <= 2 * FIRST_AROUND);
    std::vector<bool> evidence(count, false);
    for (const check::Finding& finding : outcome.findings) {
        const std::size_t around = &finding == &outcome.findings.front() ? FIRST_AROUND : OTHERS_AROUND;
        for (const std::size_t record : finding.evidence) {
            const std::size_t begin = record > around ? record - around : 0;
            for (std::size_t i = begin; i < std::min(count, record + around); ++i) {
                keep[i] = true;
            }
            if (record < count) {
                evidence[record] = true;
            }
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (makes_nmi(outcome, outcome.log.records[i])) {
            keep_around(outcome, i, keep);
        }
    }
    std::size_t warnings = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Record& record = outcome.log.records[i];
        const bool warns = record.what == What::Printed && record.value <= WARNING && ++warnings <= WARNINGS;
        keep[i] = (keep[i] && drawn(record)) || evidence[i] || record.what == What::EventBegan ||
                  record.what == What::StuckBegan || warns;
    }
    return keep;
}

std::string skipped(std::size_t events, std::size_t nmis) {
    return std::string(TIME, ' ') + "  ... " + grouped(events) + " events, " + grouped(nmis) + " NMIs taken ...\n";
}

}  // namespace

std::string timeline(const Outcome& outcome, const Style& style) {
    Drawing drawing;
    drawing.cpus = outcome.log.cpus;
    drawing.depth.assign(drawing.cpus, 0);
    // Many CPUs make lanes narrow; what an event says may run over its neighbours.
    const std::size_t room = std::max<std::size_t>(style.columns, 100) - TIME - 26;
    drawing.lane_width = std::min<std::size_t>(14, std::max<std::size_t>(6, room / (2 + std::max(1U, drawing.cpus))));

    std::string heads((2 + drawing.cpus) * drawing.lane_width, ' ');
    put(heads, 0, "HPET");
    put(heads, drawing.lane_width, "fabric");
    for (unsigned cpu = 0; cpu < drawing.cpus; ++cpu) {
        put(heads, drawing.column({Lane::Kind::Cpu, cpu}), "CPU" + std::to_string(cpu));
    }
    std::string text = right("time [s]", TIME) + "  " + without_trailing_spaces(heads) + "\n";

    std::vector<std::size_t> order(outcome.log.records.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return outcome.log.records[a].at < outcome.log.records[b].at;
    });
    const std::vector<bool> keep = wanted(outcome);
    std::size_t events = 0;
    std::size_t nmis = 0;
    std::size_t lines = 0;
    for (const std::size_t index : order) {
        const Record& record = outcome.log.records[index];
        follow(drawing, record);
        if (keep[index] && lines < LINES) {
            text += events > 0 ? skipped(events, nmis) : "";
            events = nmis = 0;
            text += line_of(outcome, drawing, index);
            ++lines;
        } else if (drawn(record)) {
            ++events;
            nmis += record.what == What::ContextEntered && record.context == cpu::Context::Nmi ? 1 : 0;
        }
        follow_after(drawing, record);
    }
    return text + (events > 0 ? skipped(events, nmis) : "");
}

}  // namespace hldsim::report
