// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tools/harness/value/span.hpp"

namespace hldsim::cli {
namespace {

std::string text(const Json& object, const char* key) {
    const Json value = object.value(key, Json{});
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}

std::string title(const Json& finding) {
    std::string title = text(finding, "hazard");
    if (const std::string phase = text(finding, "phase"); !phase.empty()) {
        title += " (" + phase + ")";
    }
    if (const std::string cpu = text(finding, "cpu"); !cpu.empty()) {
        title += "  CPU " + cpu;
    }
    return title;
}

bool alike(const Json& a, const Json& b) {
    for (const char* const key : {"hazard", "phase", "cpu", "context"}) {
        if (a.value(key, Json{}) != b.value(key, Json{})) {
            return false;
        }
    }
    return true;
}

bool equal(const Json& a, const Json& b) {
    for (const char* const key : {"at_fs", "where", "interleaving", "token", "invariants"}) {
        if (a.value(key, Json{}) != b.value(key, Json{})) {
            return false;
        }
    }
    return true;
}

std::string place(const Json& finding) {
    const Json where = finding.value("where", Json::object());
    return where.empty() ? "" : text(where, "file") + ":" + text(where, "line");
}

std::int64_t instant(const Json& object, const char* key) {
    const std::string digits = text(object, key);
    try {
        return std::stoll(digits);
    } catch (const std::exception&) {
        return 0;  // a record that somebody has edited: it differs, and that is said
    }
}

/// Up to where both runs can be compared, if that is not to their ends.
std::optional<std::int64_t> common_end(const Json& then, const Json& now) {
    const bool was_stopped = then.value("stopped", false);
    const bool is_stopped = now.value("stopped", false);
    const std::int64_t was = instant(then, "end_fs");
    const std::int64_t is = instant(now, "end_fs");
    if (was_stopped && is_stopped) {
        return was == is ? std::nullopt : std::optional{std::min(was, is)};
    }
    return was_stopped ? std::optional{was} : is_stopped ? std::optional{is} : std::nullopt;
}

/// The same steps at the same instants, if the source below them does not count.
bool same_steps(const Json& then, const Json& now) {
    const auto steps = [](const Json& finding) {
        Json rows = finding.value("interleaving", Json::array());
        for (Json& row : rows) {
            row.erase("where");
        }
        return rows;
    };
    return steps(then) == steps(now);
}

std::string how_moved(const Json& then, const Json& now) {
    const std::int64_t by = instant(now, "at_fs") - instant(then, "at_fs");
    std::string line =
        by == 0 ? "at the same instant" : value::readable_text({by < 0 ? -by : by}) + (by < 0 ? " earlier" : " later");
    if (place(then) != place(now)) {
        line += ", at " + place(now) + " (was " + place(then) + ")";
    } else if (by == 0) {
        line += same_steps(then, now) ? ", other lines of the source" : ", by other steps";
    }
    return line;
}

/// What of a run differs besides its findings: its end, reports, faults, diagnoses, statistics.
void compare_rest(const Json& then, const Json& now, Comparison& result) {
    const auto differs = [&](const std::string& name, const std::string& was, const std::string& is) {
        result.lines.push_back(
            fmt::format("moved  {}: {} (was {})", name, is.empty() ? "-" : is, was.empty() ? "-" : was));
        result.state = std::max(result.state, Comparison::State::Moved);
    };
    for (const char* const key : {"ended", "end_reason", "end_fs"}) {
        if (text(then, key) != text(now, key)) {
            differs(key, text(then, key), text(now, key));
        }
    }
    for (const char* const key : {"reports", "faults", "diagnoses"}) {
        const Json was = then.value(key, Json::array());
        const Json is = now.value(key, Json::array());
        if (was != is) {
            differs(key, fmt::format("{} of them", was.size()), fmt::format("{} of them, not the same", is.size()));
        }
    }
    Json names = then.value("stats", Json::object());
    names.update(now.value("stats", Json::object()));
    for (const auto& [name, unused] : names.items()) {
        const std::string was = text(then.value("stats", Json::object()), name.c_str());
        const std::string is = text(now.value("stats", Json::object()), name.c_str());
        if (was != is && name != "episodes" && name != "window.step_cycles") {  // a search's, not the run's
            differs(name, was, is);
        }
    }
}

}  // namespace

std::string build_words(const Json& run) {
    const Json build = run.value("build", Json::object());
    return fmt::format("detector build {:.8}, {}, hldsim {}", text(build, "detector"), text(build, "detector_compiler"),
                       text(build, "hldsim"));
}

std::string_view name_of(Comparison::State state) {
    switch (state) {
        case Comparison::State::Same:
            return "same";
        case Comparison::State::Moved:
            return "moved";
        case Comparison::State::Stopped:
            return "stopped";
        case Comparison::State::Gone:
            return "gone";
        case Comparison::State::New:
            break;
    }
    return "new";
}

Comparison compare(const Json& then, const Json& now) {
    using State = Comparison::State;
    Comparison result;
    const std::optional<std::int64_t> stop = common_end(then, now);
    // What comes behind a stop may add to a finding, or show that it is another one.
    const auto tell = [&](State state, const Json& finding, const std::string& how = {}) {
        const std::string_view word = !stop || state == State::Same ? name_of(state)
                                      : state == State::Gone        ? "unseen"
                                                                    : "so far";
        result.lines.push_back(fmt::format("{:<7}{}{}", word, title(finding), how));
        result.state = std::max(result.state, stop ? State::Stopped : state);
    };
    std::vector<const Json*> left;
    for (const Json& finding : now["findings"]) {
        left.push_back(&finding);
    }
    for (const Json& old : then["findings"]) {
        auto found = std::find_if(left.begin(), left.end(),
                                  [&](const Json* one) { return alike(old, *one) && equal(old, *one); });
        if (found == left.end()) {
            found = std::find_if(left.begin(), left.end(), [&](const Json* one) { return alike(old, *one); });
        }
        if (found == left.end()) {
            tell(State::Gone, old);
            continue;
        }
        const bool same = equal(old, **found);
        tell(same ? State::Same : State::Moved, old, same ? "" : "  " + how_moved(old, **found));
        left.erase(found);
    }
    for (const Json* const fresh : left) {
        tell(State::New, *fresh);
    }
    if (stop) {
        result.lines.push_back("stopped at " + value::readable_text({*stop}) + ": what comes later is not compared");
        result.state = State::Stopped;
    } else {
        compare_rest(then, now, result);
    }
    return result;
}

}  // namespace hldsim::cli
