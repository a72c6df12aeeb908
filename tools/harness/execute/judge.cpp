// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "tools/harness/execute/actions.hpp"
#include "tools/harness/value/span.hpp"

namespace hldsim::execute {

namespace {

using trace::Record;
using trace::What;

bool is_named(const std::vector<scenario::Marked<std::string>>& list, const check::Finding& finding) {
    return std::any_of(list.begin(), list.end(), [&](const scenario::Marked<std::string>& id) {
        return id.value == finding.hazard ||
               std::find(finding.invariants.begin(), finding.invariants.end(), id.value) != finding.invariants.end();
    });
}

bool found_in(const run::Outcome& outcome, const scenario::Marked<std::string>& id) {
    return std::any_of(outcome.findings.begin(), outcome.findings.end(),
                       [&](const check::Finding& finding) { return is_named({id}, finding); });
}

bool unexpected_in(const run::Outcome& outcome, const scenario::Marked<std::string>& id) {
    for (std::size_t n = 0; n < outcome.findings.size(); ++n) {
        if (!outcome.finding_expected[n] && is_named({id}, outcome.findings[n])) {
            return true;
        }
    }
    return false;
}

/// Nothing in the run meets it: what comes behind a stop may.
void missing(run::Outcome& outcome, std::string expectation) {
    (outcome.stopped ? outcome.unjudged : outcome.unmet).push_back(std::move(expectation));
}

scenario::Ending ending(cpu::End end) {
    switch (end) {
        case cpu::End::Deadlock:
            return scenario::Ending::Deadlock;
        case cpu::End::Panic:
            return scenario::Ending::Panic;
        case cpu::End::TripleFault:  // the chipset resets the machine
        case cpu::End::BootCpuInit:  // firmware begins
        case cpu::End::Reset:
            return scenario::Ending::Reset;
        default:
            return scenario::Ending::Time;
    }
}

/// "it came after 10 s and 20 s", the first three; "none came".
std::string reports_of(const run::Outcome& outcome, unsigned cpu) {
    std::vector<std::string> after;
    for (const run::Reported& report : outcome.reports) {
        if (report.cpu == cpu && report.after) {
            after.push_back(value::readable_text(*report.after));
        }
    }
    if (after.empty()) {
        return "none came";
    }
    constexpr std::size_t SHOWN = 3;
    const std::size_t shown = std::min(after.size(), SHOWN);
    return fmt::format("it came after {}{}",
                       fmt::join(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                       after.size() > shown ? fmt::format(" and {} times more", after.size() - shown) : "");
}

/// Whether a report of this CPU is expected, be it that it comes early or late. In time, it is marked in `met`.
bool is_expected(const std::vector<scenario::ReportExpectation>& expected, unsigned cpu, Duration after,
                 const Clocks& clocks, std::vector<bool>& met) {
    bool wanted = false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (expected[i].cpu.value.value == cpu) {
            wanted = true;
            met[i] =
                met[i] || (after >= clocks.of(expected[i].after.value) && after <= clocks.of(expected[i].within.value));
        }
    }
    return wanted;
}

void judge_reports(run::Outcome& outcome, const Clocks& clocks) {
    const auto& expected = outcome.scenario.expect.reports;
    std::vector<bool> met(expected.size(), false);
    std::map<unsigned, Instant> stuck_since;
    for (const Record& record : outcome.log.records) {
        if (record.what == What::StuckBegan) {
            stuck_since.emplace(record.cpu, record.at);
        }
        if (record.what != What::Printed) {
            continue;
        }
        const auto cpu = check::lockup_reported(outcome.log.text(record));
        if (!cpu) {
            continue;
        }
        const auto stuck = stuck_since.find(*cpu);
        const auto after =
            stuck == stuck_since.end() ? std::nullopt : std::optional<Duration>{record.at - stuck->second};
        outcome.reports.push_back({*cpu, record.at, after});
        // Whom no event makes stuck may be held up by software: INV-sound says whether the report is right, and where
        // that is expected false reports are.
        const bool wanted =
            after ? is_expected(expected, *cpu, *after, clocks, met) : !unexpected_in(outcome, {"INV-sound", {}});
        if (!wanted) {
            outcome.unmet.push_back(fmt::format("report: none of CPU {} is expected    it was named at {}", *cpu,
                                                value::readable_text(record.at - Instant{})));
        }
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (met[i]) {
            continue;
        }
        const auto stuck = stuck_since.find(expected[i].cpu.value.value);
        const bool over =
            stuck != stuck_since.end() && stuck->second + clocks.of(expected[i].within.value) < outcome.ended_at;
        std::string report =
            fmt::format("report: CPU {} between {} and {} after it got stuck    {}", expected[i].cpu.value.value,
                        value::readable_text(clocks.of(expected[i].after.value)),
                        value::readable_text(clocks.of(expected[i].within.value)),
                        reports_of(outcome, expected[i].cpu.value.value));
        if (over) {
            outcome.unmet.push_back(std::move(report));
        } else {
            missing(outcome, std::move(report));
        }
    }
}

// An instant that is given is not searched for.
void leave_fixed_aims(run::Outcome& outcome) {
    const std::vector<scenario::Event>& events = outcome.scenario.events;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const bool judged = std::any_of(outcome.landings.begin(), outcome.landings.end(),
                                        [&](const run::Landing& landing) { return landing.event == i + 1; });
        if (!events[i].aim || judged) {
            continue;
        }
        outcome.not_searched.push_back(static_cast<unsigned>(i + 1));
        if (outcome.scenario.expect.landing_mark) {
            outcome.unjudged.push_back(fmt::format("landing: {}    the instant of event {} is given, not searched for",
                                                   outcome.scenario.expect.landing_impossible ? "impossible" : "found",
                                                   i + 1));
        }
    }
}

void judge_landing(run::Outcome& outcome) {
    leave_fixed_aims(outcome);
    for (const run::Landing& landing : outcome.landings) {
        const bool impossible = outcome.scenario.expect.landing_impossible;
        if (impossible ? landing.exhausted : landing.found) {
            continue;
        }
        if (!landing.found && !landing.exhausted) {
            // Neither: nothing was tried on which a verdict could rest.
            outcome.unmet.push_back(
                fmt::format("landing: {}    {}", impossible ? "impossible" : "found", landing.explanation));
            continue;
        }
        outcome.unmet.push_back(landing.found ? fmt::format("landing: impossible    found, with the request at {}",
                                                            value::readable_text(landing.at - Instant{}))
                                              : fmt::format("landing: found    impossible: {}", landing.explanation));
    }
}

void judge_counts(run::Outcome& outcome) {
    for (const scenario::CountExpectation& expected : outcome.scenario.expect.count) {
        const std::uint64_t got = outcome.stats[expected.stat.value];
        std::string count = fmt::format("count: {} from {} to {}    {}", expected.stat.value,
                                        expected.min ? std::to_string(*expected.min) : "0",
                                        expected.max ? std::to_string(*expected.max) : "any", got);
        if (expected.max && got > *expected.max) {  // a count never falls again
            outcome.unmet.push_back(std::move(count));
        } else if ((expected.min && got < *expected.min) || (expected.max && outcome.stopped)) {
            missing(outcome, std::move(count));
        }
    }
}

// An initcall that fails tells nobody but the log: nothing is found then because nothing is watched.
void judge_loading(run::Outcome& outcome) {
    const std::vector<Record>& records = outcome.log.records;
    const auto boot = std::find_if(records.begin(), records.end(), [](const Record& record) {
        return record.what == What::TaskEnded && record.value == HLD_TASK_BOOT;
    });
    if (boot == records.end() && outcome.stopped) {
        return missing(outcome, fmt::format("loads: {}    boot has not ended", outcome.scenario.expect.loads));
    }
    if (boot == records.end() && outcome.end == cpu::End::Time) {  // a panic or a deadlock says itself what it is
        outcome.unmet.push_back(fmt::format("loads: {}    boot has not ended at {}, the end of the run",
                                            outcome.scenario.expect.loads,
                                            value::readable_text(outcome.ended_at - Instant{})));
        return;
    }
    const bool loads = boot == records.end() || boot->result == 0;
    if (loads != outcome.scenario.expect.loads) {
        outcome.unmet.push_back(
            loads ? std::string{"loads: false    the detector starts"}
                  : fmt::format("loads: true    the detector refuses to start: {} (-v shows its words)", boot->result));
    }
}

void judge_prints(run::Outcome& outcome) {
    const std::vector<Record>& records = outcome.log.records;
    for (const scenario::Marked<std::string>& part : outcome.scenario.expect.prints) {
        const bool printed = std::any_of(records.begin(), records.end(), [&](const Record& record) {
            return record.what == What::Printed && outcome.log.text(record).find(part.value) != std::string::npos;
        });
        if (!printed) {
            missing(outcome, "prints: " + part.value + "    no line of the kernel has it (-v shows them)");
        }
    }
}

}  // namespace

bool ends_as_expected(cpu::End end, scenario::Ending expected) {
    return end != cpu::End::BadAccess && end != cpu::End::AccessLimit && ending(end) == expected;
}

void judge(run::Outcome& outcome, const Clocks& clocks, bool reached_all) {
    const scenario::Expect& expect = outcome.scenario.expect;
    for (const check::Finding& finding : outcome.findings) {
        const bool demanded = is_named(expect.always, finding) || is_named(expect.sometimes, finding);
        outcome.finding_demanded.push_back(demanded);
        outcome.finding_expected.push_back(demanded || is_named(expect.allow, finding));
    }
    for (const scenario::Marked<std::string>& id : expect.always) {
        if (!found_in(outcome, id)) {
            missing(outcome, "always: " + id.value + "    not found");
        }
    }
    if (ending(outcome.end) != expect.ends) {
        missing(outcome,
                fmt::format("ends: {}    {}", scenario::name_of(expect.ends), scenario::name_of(ending(outcome.end))));
    }
    if (outcome.end == cpu::End::BadAccess || outcome.end == cpu::End::AccessLimit) {
        outcome.unmet.push_back(outcome.end == cpu::End::BadAccess
                                    ? "a bad access ended the run: " + outcome.end_reason
                                    : "the run makes no progress: " + outcome.end_reason);
    }
    if (!reached_all) {
        missing(outcome, "when: reached    the run never gets to the point");
    }
    judge_loading(outcome);
    judge_landing(outcome);
    judge_reports(outcome, clocks);
    judge_counts(outcome);
    judge_prints(outcome);
    const bool met = outcome.unmet.empty() && outcome.error.empty();
    outcome.as_expected = met && !outcome.stopped &&
                          std::all_of(outcome.finding_expected.begin(), outcome.finding_expected.end(),
                                      [](bool expected) { return expected; });
    // Nor does what was found speak against it: a hazard is told from its violation by what comes behind it.
    outcome.undecided = met && outcome.stopped;
}

void judge_file(std::vector<run::Outcome>& outcomes) {
    if (outcomes.empty()) {
        return;
    }
    for (const scenario::Marked<std::string>& id : outcomes.back().scenario.expect.sometimes) {
        const bool found = std::any_of(outcomes.begin(), outcomes.end(),
                                       [&](const run::Outcome& outcome) { return found_in(outcome, id); });
        if (found) {
            continue;
        }
        const auto stopped = std::find_if(outcomes.rbegin(), outcomes.rend(),
                                          [](const run::Outcome& outcome) { return outcome.stopped; });
        run::Outcome& named = stopped == outcomes.rend() ? outcomes.back() : *stopped;
        missing(named, "sometimes: " + id.value + "    in none of the file's runs");
        named.as_expected = false;  // nor is one that was stopped
    }
}

void leave_to_file(run::Outcome& outcome) {
    for (const scenario::Marked<std::string>& id : outcome.scenario.expect.sometimes) {
        if (!found_in(outcome, id)) {
            outcome.unjudged.push_back("sometimes: " + id.value +
                                       "    not in this run; 'hldsim run' looks at all runs of the file");
        }
    }
}

}  // namespace hldsim::execute
