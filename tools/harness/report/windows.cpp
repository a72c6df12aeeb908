// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;
using run::WindowFound;
using Cells = std::vector<std::string>;

std::string signed_cycles(std::int64_t cycles) { return (cycles > 0 ? "+" : "") + std::to_string(cycles); }

// Three significant digits are more than an assumed latency is worth.
std::string large(double count) {
    struct Step {
        double limit;
        double unit;
        const char* name;
    };
    constexpr std::array<Step, 3> STEPS{{{1e9, 1e6, " million"}, {1e12, 1e9, " billion"}, {1e15, 1e12, " trillion"}}};
    if (count < 1e6) {
        return grouped(static_cast<std::uint64_t>(std::llround(count)));
    }
    for (const Step& step : STEPS) {
        if (count < step.limit) {
            const double value = count / step.unit;
            return fmt::format("{:.{}f}{}", value, value < 10 ? 2 : value < 100 ? 1 : 0, step.name);
        }
    }
    return fmt::format("{:.2e}", count);
}

std::string long_time(double seconds) {
    struct Step {
        double length;
        const char* name;
    };
    constexpr std::array<Step, 4> STEPS{{{31'557'600, "years"}, {86'400, "days"}, {3'600, "hours"}, {60, "minutes"}}};
    for (const Step& step : STEPS) {
        if (seconds >= 2 * step.length) {
            return large(seconds / step.length) + " " + step.name;
        }
    }
    return seconds < 2 ? "a second or two" : fmt::format("{:.0f} seconds", seconds);
}

std::string event_noun(const Outcome& outcome) {
    const std::optional<std::size_t> event = scenario::moved_by_window(outcome.scenario);
    if (!event) {
        return "event";
    }
    const scenario::Action& action = outcome.scenario.events[*event].action;
    if (const auto* const hotplug = std::get_if<scenario::Hotplug>(&action)) {
        return hotplug->online ? "online" : "offline";
    }
    return std::holds_alternative<scenario::WriteFile>(action) ? "write" : "event";
}

std::string chance(const Outcome& outcome, const WindowFound& window) {
    if (window.chance_per_event <= 0) {
        return "not known";
    }
    if (window.by_class && window.chance_per_event >= 1) {
        return "shown by each run, wherever the event is";
    }
    constexpr double RATE = 5;  // churn that a test machine manages
    const double events = 1 / window.chance_per_event;
    const std::string noun = event_noun(outcome);
    return fmt::format("{}{:.2e} per {}: one in {} {}s; {} at {:.0f} a second",
                       window.open_below || window.open_above ? "at least " : "", window.chance_per_event, noun,
                       large(events), noun, long_time(events / RATE), RATE);
}

std::string edge(const WindowFound& window, bool opens) {
    const bool beyond = opens ? window.open_below : window.open_above;
    return beyond ? "the range that was searched ends here" : opens ? window.opened_by : window.closed_by;
}

std::string phase(const WindowFound& window) { return window.phase + (window.by_class ? ", by class" : ""); }

Cells row_of(const WindowFound& window) {
    return {window.hazard,
            phase(window),
            exact_seconds(window.opens),
            (window.open_below ? "<=" : "") + signed_cycles(window.opens_cycles),
            (window.open_above ? ">=" : "") + signed_cycles(window.closes_cycles),
            grouped(window.width_cycles),
            short_span(window.closes - window.opens),
            fmt::format("{:.2e}", window.chance_per_event)};
}

// In cycles; 0: nothing was searched.
std::uint64_t step_of(const Outcome& outcome) {
    const auto step = outcome.stats.find("window.step_cycles");
    return step == outcome.stats.end() ? 0 : step->second;
}

std::string paragraph(const Outcome& outcome, const WindowFound& window) {
    const bool cut = window.open_below || window.open_above;
    const auto edge_line = [&](bool opens) {
        const std::string cycles = signed_cycles(opens ? window.opens_cycles : window.closes_cycles) + " cycles";
        std::string text = fmt::format("    {:<8}{} s  {:>16}\n", opens ? "opens" : "closes",
                                       exact_seconds(opens ? window.opens : window.closes), cycles);
        for (const std::string& why : wrapped(edge(window, opens), 96)) {
            text += why.empty() ? "" : std::string(12, ' ') + why + "\n";
        }
        return text;
    };
    std::string text = "  " + window.hazard + (window.phase.empty() ? "" : " (" + phase(window) + ")") + "\n";
    text += edge_line(true) + edge_line(false);
    text += fmt::format("    width   {}{} fs, {} cycles, {}\n", cut ? "at least " : "",
                        grouped(static_cast<std::uint64_t>((window.closes - window.opens).fs)),
                        grouped(window.width_cycles), short_span(window.closes - window.opens));
    text += "    chance  " + chance(outcome, window) + "\n";
    const std::string missed =
        ": a window narrower than the step, " + grouped(step_of(outcome)) + " cycles, may be missed";
    return text + "    basis   " + window.basis + (window.basis == "bisect" ? missed : "") + "\n";
}

std::string table(const std::vector<Cells>& rows) {
    std::vector<std::size_t> widths;
    for (const Cells& row : rows) {
        widths.resize(std::max(widths.size(), row.size()), 0);
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const Cells& row : rows) {
        std::string line = " ";
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += " " + (i < 2 ? padded(row[i], widths[i]) : right(row[i], widths[i] + 1));
        }
        text += without_trailing_spaces(line) + "\n";
    }
    return text;
}

// How much the search of an outcome without a window says.
std::string tries(const Outcome& outcome) {
    const auto runs = outcome.stats.find("episodes");
    const std::uint64_t step = step_of(outcome);
    if (runs == outcome.stats.end() || step == 0) {
        return {};
    }
    return ", in " + grouped(runs->second) + (runs->second == 1 ? " run" : " runs") +
           (step > 1 ? " " + grouped(step) + " cycles apart: a narrower window may be missed" : "");
}

// The bounds within which the result holds.
std::string range(const Outcome& outcome) {
    if (!outcome.searched) {
        return {};
    }
    const run::Searched& searched = *outcome.searched;
    return fmt::format("  searched: event {} around {} s, from {} to {} cycles\n            {} s to {} s\n",
                       searched.event, exact_seconds(searched.around), signed_cycles(searched.from_cycles),
                       signed_cycles(searched.to_cycles), exact_seconds(searched.from), exact_seconds(searched.to));
}

// What else the scenario makes happen does not come by itself.
std::string conditions(const Outcome& outcome) {
    return outcome.windows.empty() || outcome.scenario.events.size() < 2
               ? ""
               : "  chance: where the other events come as in the scenario, each time\n";
}

// A chance is that of one window, and a hazard may have several.
std::string several(const Outcome& outcome) {
    const bool any = std::any_of(outcome.windows.begin(), outcome.windows.end(), [](const WindowFound& window) {
        return window.of_several && !(window.by_class && window.chance_per_event >= 1);
    });
    return any ? "  chance: of this window alone, in a rotation over all CPUs; at the NMIs to others there may be "
                 "more\n"
               : "";
}

}  // namespace

std::string windows(const std::vector<Outcome>& outcomes, const Style& style) {
    std::string text;
    for (const Outcome& outcome : outcomes) {
        text += tinted(diagnostic::printable(run_name(outcome)), Tint::Strong, style.color) + "\n  " +
                outcome.scenario.title + "\n\n";
        if (!outcome.error.empty()) {
            text += "  " + outcome.error + "\n\n";
            continue;
        }
        if (!outcome.unsearched.empty()) {
            text += "  no window searched: " + outcome.unsearched + "\n\n";
            continue;
        }
        if (outcome.windows.empty()) {
            const std::string only = outcome.searched ? outcome.searched->only : std::string{};
            text += "  no window " + (only.empty() ? "" : "of " + only + " ") + "within the range" + tries(outcome) +
                    "\n" + range(outcome) + "\n";
            continue;
        }
        std::vector<Cells> rows{
            {"hazard", "phase", "opens [s]", "from [cyc]", "to [cyc]", "width [cyc]", "width", "chance"}};
        for (const WindowFound& window : outcome.windows) {
            rows.push_back(row_of(window));
        }
        text += table(rows) + "\n";
        for (const WindowFound& window : outcome.windows) {
            text += paragraph(outcome, window) + "\n";
        }
        for (const auto& [key, at] : outcome.solved) {
            if (outcome.searched && at != outcome.searched->around) {
                continue;  // of an aim that is not met: the line below says around what
            }
            text += "  cycles count from " + key + "=" + exact_seconds(at) + " s\n";
        }
        text += range(outcome);
        text += several(outcome) + conditions(outcome);
    }
    return text;
}

}  // namespace hldsim::report
