// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/execute/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "models/machine/machine.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
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
        case cpu::End::Reset:
            return scenario::Ending::Reset;
        default:
            return scenario::Ending::Time;
    }
}

// "Watchdog detected hard LOCKUP on cpu N": the report is the line, whoever prints it.
std::optional<unsigned> lockup_reported(std::string_view line) {
    constexpr std::string_view WORDS = "hard LOCKUP on cpu ";
    const auto at = line.find(WORDS);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    unsigned cpu = 0;
    const char* const begin = line.data() + at + WORDS.size();
    const auto parsed = std::from_chars(begin, line.data() + line.size(), cpu);
    return parsed.ec == std::errc{} ? std::optional{cpu} : std::nullopt;
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
        const auto cpu = lockup_reported(outcome.log.text(record));
        if (!cpu) {
            continue;
        }
        const auto stuck = stuck_since.find(*cpu);
        outcome.reports.push_back(
            {*cpu, record.at,
             stuck == stuck_since.end() ? std::nullopt : std::optional<Duration>{record.at - stuck->second}});
        bool wanted = false;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (expected[i].cpu.value.value != *cpu || stuck == stuck_since.end()) {
                continue;
            }
            const Duration after = record.at - stuck->second;
            wanted = true;
            if (after >= clocks.of(expected[i].after.value) && after <= clocks.of(expected[i].within.value)) {
                met[i] = true;
            }
        }
        if (!wanted) {
            outcome.unmet.push_back(fmt::format("report: none of CPU {}    it was named at {}", *cpu,
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
            fmt::format("report: CPU {} between {} and {} after it got stuck    none came", expected[i].cpu.value.value,
                        value::readable_text(clocks.of(expected[i].after.value)),
                        value::readable_text(clocks.of(expected[i].within.value)));
        if (over) {
            outcome.unmet.push_back(std::move(report));
        } else {
            missing(outcome, std::move(report));
        }
    }
}

void judge_landing(run::Outcome& outcome) {
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

using Statistics = std::map<std::string, std::uint64_t>;

void count_hop(Statistics& stats, const Record& r) {
    const bool nmi = r.token.source != Source::LapicTimer && r.token.source != Source::Operator &&
                     r.token.source != Source::Ipi && r.token.source != Source::Remapper;
    const auto count = [&](const char* name, bool one) { stats[name] += one ? 1 : 0; };
    count("nmi.matched", nmi && r.hop == Hop::Matched);
    count("nmi.posted", nmi && r.hop == Hop::Posted);
    count("nmi.accepted", nmi && r.hop == Hop::Accepted);
    count("ipi.sent", r.token.source == Source::Ipi && r.hop == Hop::Matched);
    count("heartbeat.taken", r.token.source == Source::LapicTimer && r.hop == Hop::Taken);
}

// The tokens that an NMI delivers, which the log tells just before it: all but one have merged into its latch.
class Latched {
public:
    void add(const Record& hop) {
        if (hop.hop == Hop::Taken) {
            Taken& taken = taken_[hop.cpu];
            ++taken.tokens;
            taken.ipis += hop.token.source == Source::Ipi ? 1 : 0;
        }
    }
    /// That an IPI is an NMI shows when it is taken; what is one from the start has been counted where it was accepted.
    void count(Statistics& stats, const Record& entered) {
        const Taken taken = std::exchange(taken_[entered.actor], Taken{});
        if (entered.context == cpu::Context::Nmi && taken.tokens > 0) {
            stats["nmi.coalesced"] += taken.tokens - 1;
            stats["nmi.accepted"] += taken.ipis;
        }
    }

private:
    struct Taken {
        std::uint64_t tokens = 0;
        std::uint64_t ipis = 0;
    };
    std::map<unsigned, Taken> taken_;  // since the CPU's context changed, by CPU
};

void count_access(Statistics& stats, const Record& r) {
    const bool hpet = r.address - Machine::HPET_BASE < 0x500 && r.address != 0;
    const bool read = r.what == What::DeviceRead;
    stats[read ? "hpet.reads" : "hpet.writes"] += hpet ? 1 : 0;
    stats[read ? "hpet.nmi_reads" : "hpet.nmi_writes"] += hpet && r.context == cpu::Context::Nmi ? 1 : 0;
}

// Which action a task that has ended was: a CPU does those of one event that are given to it in their order.
class Tasks {
public:
    explicit Tasks(const scenario::Scenario& scenario) : scenario_{scenario} {}

    /// Told of each task's end, in order. The boot has a number beyond all events.
    bool is_hotplug(const Record& ended) {
        if (ended.value == 0 || ended.value > scenario_.events.size()) {
            return false;
        }
        const scenario::Action& action = scenario_.events[ended.value - 1].action;
        const auto* const repeat = std::get_if<scenario::Repeat>(&action);
        if (repeat == nullptr) {
            return std::holds_alternative<scenario::Hotplug>(action);
        }
        std::vector<bool> hotplug;
        for (const scenario::SimpleAction& simple : repeat->actions) {
            if (runner_of(simple) == CpuNumber{ended.actor}) {
                hotplug.push_back(std::holds_alternative<scenario::Hotplug>(simple));
            }
        }
        return !hotplug.empty() && hotplug[done_[{ended.value, ended.actor}]++ % hotplug.size()];
    }

private:
    const scenario::Scenario& scenario_;
    std::map<std::pair<std::uint64_t, unsigned>, std::size_t> done_;
};

}  // namespace

std::map<std::string, std::uint64_t> statistics(const scenario::Scenario& scenario, const trace::Log& log) {
    Statistics stats;
    for (const catalogue::Stat& stat : catalogue::stats()) {
        stats[std::string{stat.name}] = 0;
    }
    Tasks tasks{scenario};
    Latched latched;
    for (const Record& r : log.records) {
        switch (r.what) {
            case What::HopReached:
                count_hop(stats, r);
                latched.add(r);
                break;
            case What::ContextEntered:
                stats["nmi.taken"] += r.context == cpu::Context::Nmi ? 1 : 0;
                latched.count(stats, r);
                break;
            case What::NmiClaimed:
                stats["nmi.claimed"] += r.flag ? 1 : 0;
                break;
            case What::NmiUnknown:
                ++stats["nmi.unknown"];
                break;
            case What::NmiIgnored:
                ++stats["nmi.ignored"];
                break;
            case What::TaskEnded:
                stats[r.result == 0 ? "hotplug.completed" : "hotplug.failed"] += tasks.is_hotplug(r) ? 1 : 0;
                break;
            case What::Printed:
                stats["report.lockup"] += lockup_reported(log.text(r)) ? 1 : 0;
                break;
            case What::EntryUsed:
                ++stats[r.flag ? "remap.hits" : "remap.misses"];
                stats["remap.stale"] += r.flag && r.stale ? 1 : 0;
                break;
            case What::RequestBlocked:
                ++stats["remap.blocked"];
                stats["remap.recorded"] += r.flag ? 1 : 0;
                break;
            case What::Invalidated:
                ++stats["remap.invalidations"];
                break;
            case What::DeviceRead:
            case What::DeviceWrite:
                count_access(stats, r);
                break;
            default:
                break;
        }
    }
    return stats;
}

void judge(run::Outcome& outcome, const Clocks& clocks, bool reached_all) {
    const scenario::Expect& expect = outcome.scenario.expect;
    for (const check::Finding& finding : outcome.findings) {
        const bool demanded = is_named(expect.always, finding) || is_named(expect.sometimes, finding);
        outcome.finding_demanded.push_back(demanded);
        outcome.finding_expected.push_back(demanded || is_named(expect.allow, finding));
    }
    for (const scenario::Marked<std::string>& id : expect.always) {
        const bool found = std::any_of(outcome.findings.begin(), outcome.findings.end(),
                                       [&](const check::Finding& finding) { return is_named({id}, finding); });
        if (!found) {
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

namespace {

bool found_in(const run::Outcome& outcome, const scenario::Marked<std::string>& id) {
    return std::any_of(outcome.findings.begin(), outcome.findings.end(),
                       [&](const check::Finding& finding) { return is_named({id}, finding); });
}

}  // namespace

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
