// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/window/window.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "tools/harness/execute/judge.hpp"
#include "tools/harness/report/names.hpp"
#include "tools/harness/window/edge.hpp"

namespace hldsim::window {

namespace {

using namespace hldsim::literals;

std::string phase_name(const check::Finding& finding) {
    return finding.phase ? std::string{report::life_name(*finding.phase)} : std::string{};
}

struct Shape {
    std::string hazard;
    std::string phase;
    bool by_class = false;  // it could wait for ever, by the classes of its locks; else it does

    friend bool operator<(const Shape& a, const Shape& b) {
        return std::tie(a.hazard, a.phase, a.by_class) < std::tie(b.hazard, b.phase, b.by_class);
    }
};
using Shown = std::set<Shape>;

bool only_by_class(const check::Finding& finding) {
    return finding.invariants == std::vector<std::string>{"INV-lock-class"};
}

bool is_about(const check::Finding& finding, const std::string& name) {
    return finding.hazard == name ||
           std::find(finding.invariants.begin(), finding.invariants.end(), name) != finding.invariants.end();
}

/// What stands in a hazard's place where the run has ended otherwise than the scenario expects; empty: as it does, or
/// what was found says why (a deadlock, or code that spins).
std::string wrong_end(const execute::Observed& observed, const scenario::Scenario& scenario) {
    const cpu::End end = observed.result.end;
    const bool told = (end == cpu::End::Deadlock || end == cpu::End::AccessLimit) && !observed.verdict.findings.empty();
    return end == cpu::End::Time || told || execute::ends_as_expected(end, scenario.expect.ends)
               ? std::string{}
               : "ends: " + std::string{report::end_name(end)};
}

class Finder {
public:
    Finder(execute::Stage& stage, const Options& options)
        : stage_{stage},
          options_{options},
          clock_{ClockDomain::of_frequency(stage.profile().core)},
          home_{clock_.first_at(*stage.instants()[options.event])},
          first_{std::max(away(options.from_cycles, options.from), clock_.first_at(stage.rig().boot_ends()).index)},
          runs_{stage, options.event, clock_.edge({first_})} {}

    Result find();

private:
    /// The edge that is so far from the event's; never below 0.
    std::uint64_t away(std::optional<std::int64_t> cycles, Duration duration) const;
    const Shown& at(std::uint64_t edge);
    // With every access to shared memory.
    trace::Log whole(std::uint64_t edge) { return runs_.from_power_on(clock_.edge({edge}), true).log; }
    void try_range(std::uint64_t last);
    void bisect_changes();
    run::Searched searched() const;
    static Shown different(const Shown& a, const Shown& b);
    void close(const Shape& what, std::uint64_t end, bool open_above);
    Duration rotation(unsigned cpu) const;
    double chance(const Shape& what, const run::WindowFound& window) const;

    execute::Stage& stage_;
    const Options& options_;
    ClockDomain clock_;
    Edge home_;
    std::uint64_t first_;  // edge that is tried
    execute::Runs runs_;
    Result result_;
    std::map<std::uint64_t, Shown> tried_;
    std::map<Shape, unsigned> named_cpu_;
    std::map<Shape, run::WindowFound> open_;
    std::map<unsigned, Duration> nmi_interval_;  // by CPU, as far as known
    Duration period_;                            // between two NMIs, whatever their CPUs; 0: not known
};

Duration period_before(const trace::Log& log, Instant event) {
    std::vector<Instant> matches;
    for (const trace::Record& record : log.records) {
        if (record.what == trace::What::HopReached && record.hop == Hop::Matched &&
            record.token.source == Source::Hpet && record.at < event) {
            matches.push_back(record.at);
        }
    }
    const std::size_t count = matches.size();
    return count < 2 ? Duration{} : matches[count - 1] - matches[count - 2];
}

// The time between the first two NMIs of each CPU, as long as the event has not begun.
std::map<unsigned, Duration> intervals(const trace::Log& log, Instant event) {
    std::map<unsigned, Instant> last;
    std::map<unsigned, Duration> between;
    for (const trace::Record& record : log.records) {
        const bool taken =
            record.what == trace::What::HopReached && record.hop == Hop::Taken && record.token.source == Source::Hpet;
        if (!taken || record.at >= event) {
            continue;
        }
        if (const auto before = last.find(record.cpu); before != last.end() && record.at != before->second) {
            between.emplace(record.cpu, record.at - before->second);
        }
        last[record.cpu] = record.at;
    }
    return between;
}

std::uint64_t Finder::away(std::optional<std::int64_t> cycles, Duration duration) const {
    if (!cycles) {
        return clock_.first_at(clock_.edge(home_) + duration).index;
    }
    const auto home = static_cast<std::int64_t>(home_.index);
    return static_cast<std::uint64_t>(std::max(home + *cycles, std::int64_t{0}));
}

const Shown& Finder::at(std::uint64_t edge) {
    if (const auto known = tried_.find(edge); known != tried_.end()) {
        return known->second;
    }
    ++result_.runs;
    const execute::Observed observed = runs_.at(clock_.edge({edge}));
    Shown shown;
    for (const check::Finding& finding : observed.verdict.findings) {
        if (!options_.only || is_about(finding, *options_.only)) {
            const Shape what{finding.hazard, phase_name(finding), only_by_class(finding)};
            shown.insert(what);
            named_cpu_.emplace(what, finding.cpu);
        }
    }
    const std::string end = wrong_end(observed, stage_.scenario());
    if (!end.empty() && !options_.only) {
        const Shape what{end, {}, false};
        shown.insert(what);
        named_cpu_.emplace(what, observed.result.by ? observed.result.by->value : trace::NO_CPU);
    }
    return tried_.emplace(edge, std::move(shown)).first->second;
}

/// From one NMI of that CPU to its next.
Duration Finder::rotation(unsigned cpu) const {
    const auto interval = nmi_interval_.find(cpu);
    if (interval != nmi_interval_.end()) {
        return interval->second;
    }
    if (nmi_interval_.empty()) {
        return Duration{static_cast<std::int64_t>(stage_.scenario().kernel.watchdog_thresh_s) * FS_PER_S};
    }
    // It has had one NMI or none, as far as the run goes: as the others have.
    return std::max_element(nmi_interval_.begin(), nmi_interval_.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->second;
}

double Finder::chance(const Shape& what, const run::WindowFound& window) const {
    if (window.by_class && window.open_below && window.open_above) {
        return 1;
    }
    const Duration width = window.closes - window.opens;
    return std::min(1.0, static_cast<double>(width.fs) / static_cast<double>(rotation(named_cpu_.at(what)).fs));
}

void Finder::close(const Shape& what, std::uint64_t end, bool open_above) {
    run::WindowFound window = open_.at(what);
    window.closes = clock_.edge({end});
    window.closes_cycles = static_cast<std::int64_t>(end) - static_cast<std::int64_t>(home_.index);
    window.width_cycles = static_cast<std::uint64_t>(window.closes_cycles - window.opens_cycles);
    window.open_above = open_above;
    window.basis = options_.step == 1 ? "grid" : "bisect";
    window.chance_per_event = chance(what, window);
    window.of_several = period_.fs != 0 && rotation(named_cpu_.at(what)).fs >= 2 * period_.fs;
    if (!window.open_below) {
        const std::uint64_t first = clock_.first_at(window.opens).index;
        window.opened_by = difference(whole(first - 1), whole(first), stage_.rig().symbols());
    }
    if (!open_above) {
        window.closed_by = difference(whole(end), whole(end - 1), stage_.rig().symbols());
    }
    result_.windows.push_back(window);
    open_.erase(what);  // last: `what` may be its key
}

run::Searched Finder::searched() const {
    const std::uint64_t last = tried_.rbegin()->first;
    const auto relative = [this](std::uint64_t edge) {
        return static_cast<std::int64_t>(edge) - static_cast<std::int64_t>(home_.index);
    };
    return {static_cast<unsigned>(options_.event + 1),
            *stage_.instants()[options_.event],
            clock_.edge({first_}),
            clock_.edge({last}),
            relative(first_),
            relative(last),
            options_.only.value_or("")};
}

// The range in steps, and the event's own instant.
void Finder::try_range(std::uint64_t last) {
    for (std::uint64_t edge = first_;; edge = std::min(edge + options_.step, last)) {
        at(edge);
        if (edge == last) {
            break;
        }
    }
    if (home_.index >= first_ && home_.index <= last) {
        at(home_.index);
    }
}

// Each change between two neighbours to its exact cycle; what a try between them shows anew has edges of its own.
void Finder::bisect_changes() {
    for (auto low = tried_.begin(); std::next(low) != tried_.end();) {
        const auto high = std::next(low);
        const Shown differs = different(low->second, high->second);
        if (differs.empty() || low->first + 1 == high->first) {
            low = high;
            continue;
        }
        at(low->first + (high->first - low->first) / 2);
    }
}

Shown Finder::different(const Shown& a, const Shown& b) {
    Shown differs;
    std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(differs, differs.end()));
    return differs;
}

Result Finder::find() {
    result_.step = options_.step;
    const Duration several{4 * static_cast<std::int64_t>(stage_.scenario().kernel.watchdog_thresh_s) * FS_PER_S};
    const Instant late = clock_.edge(home_) + several;
    const trace::Log quiet = runs_.from_power_on(late).log;
    nmi_interval_ = intervals(quiet, late);
    period_ = period_before(quiet, late);
    try_range(away(options_.to_cycles, options_.to));
    bisect_changes();
    result_.searched = searched();
    Shown before;
    for (const auto& [edge, now] : tried_) {
        for (const Shape& what : different(before, now)) {
            if (now.count(what) == 0) {
                close(what, edge, false);
                continue;
            }
            run::WindowFound& window = open_[what];
            window = {};
            window.hazard = what.hazard;
            window.phase = what.phase;
            window.by_class = what.by_class;
            window.opens = clock_.edge({edge});
            window.opens_cycles = static_cast<std::int64_t>(edge) - static_cast<std::int64_t>(home_.index);
            window.open_below = edge == first_;
        }
        before = now;
    }
    while (!open_.empty()) {
        close(open_.begin()->first, tried_.rbegin()->first + 1, true);
    }
    std::sort(result_.windows.begin(), result_.windows.end(), [](const auto& a, const auto& b) {
        return std::tie(a.hazard, a.by_class, a.opens.fs, a.phase) <
               std::tie(b.hazard, b.by_class, b.opens.fs, b.phase);
    });
    return std::move(result_);
}

std::optional<std::int64_t> cycles_of(const std::optional<scenario::Marked<value::Span>>& span) {
    const bool in_cycles = span && span->value.unit == value::Span::Unit::Cycles;
    return in_cycles ? std::optional{span->value.amount} : std::nullopt;
}

}  // namespace

Options options_of(const scenario::Scenario& scenario, const execute::Clocks& clocks) {
    constexpr std::uint64_t PLACES = 250;
    Options options;
    options.event = scenario::moved_by_window(scenario).value();
    options.from = scenario.window.from ? clocks.of(scenario.window.from->value) : Duration{} - 5_us;
    options.to = scenario.window.to ? clocks.of(scenario.window.to->value) : 5_us;
    options.from_cycles = cycles_of(scenario.window.from);
    options.to_cycles = cycles_of(scenario.window.to);
    const ClockDomain core = ClockDomain::of_frequency(clocks.core);
    options.step =
        scenario.window.step
            ? std::max<std::uint64_t>(1, core.first_at(Instant{} + clocks.of(scenario.window.step->value)).index)
            : std::max<std::uint64_t>(1, core.edges_covering(options.to - options.from) / PLACES);
    return options;
}

Result find(execute::Stage& stage, const Options& options) { return Finder{stage, options}.find(); }

}  // namespace hldsim::window
