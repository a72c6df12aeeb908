// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/document/document.hpp"
#include "tools/harness/value/span.hpp"
#include "tools/hldsim/json_place.hpp"
#include "tools/hldsim/replay_argument.hpp"
#include "tools/hldsim/scenario_runs.hpp"

namespace hldsim::cli {
namespace {

using diagnostic::Error;
using diagnostic::Mark;

constexpr std::string_view SUFFIX = ".json";
constexpr std::string_view SCHEMA = "hldsim.run/1";
constexpr document::Limits LIMITS{std::size_t{256} << 20U, "256 MiB", "what 'hldsim run --json' wrote",
                                  "JSON in UTF-8"};

const std::string IN_QUOTES = ", in quotes";

std::optional<std::int64_t> femtoseconds(const std::string& digits) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size() && number >= 0;
    return whole ? std::optional{number} : std::nullopt;
}

/// What says how the run was made, and is not looked at again, must be what such a run could have written.
void check_made(const std::shared_ptr<const diagnostic::Source>& source, const std::string& run, const Recorded& one) {
    const Json seed = one.run.value("seed", Json{});
    if (!seed.is_string() || !seed_in(seed.get<std::string>())) {
        throw Error{json_place(source, {run, "seed"}), "no seed of a run: " + seed.dump(), A_SEED + IN_QUOTES};
    }
    const std::vector<ReplayArgument::Pair> pairs = split(one.argument).pairs;
    const Json solved = one.run.value("solved", Json::object());
    for (const auto& [key, at] : solved.items()) {
        const diagnostic::Mark mark = json_place(source, {run, "solved", key});
        if (!at.is_string() || !femtoseconds(at.get<std::string>())) {
            throw Error{mark, "no instant of a run: " + at.dump(), "femtoseconds since power-on" + IN_QUOTES};
        }
        if (std::none_of(pairs.begin(), pairs.end(),
                         [&name = key](const ReplayArgument::Pair& pair) { return pair.value_of(name).has_value(); })) {
            throw Error{mark, "'" + key + "' was solved, and the run is not made again with it",
                        "a key of again.argument: " + one.argument};
        }
    }
}

Recorded recorded(const std::shared_ptr<const diagnostic::Source>& source, std::size_t number, Json&& run) {
    const auto fail = [&](const std::string& what, const std::string& expected) {
        throw Error{Error::Parts{{}, source->name, fmt::format("run {} {}", number, what), {}, expected}};
    };
    if (!run.is_object() || run.value("schema", Json{}) != SCHEMA) {
        fail("is none of hldsim's", "\"schema\": \"" + std::string{SCHEMA} + "\", as 'hldsim run --json' writes it");
    }
    Recorded one;
    if (run.contains("error")) {
        one.run = std::move(run);
        return one;
    }
    const Json again = run.value("again", Json{});
    if (!again.is_object() || !again.contains("argument") || !again["argument"].is_string()) {
        fail("does not say how it is made again", "\"again\": {\"argument\": \"SCENARIO#KEY=VALUE,...\"}");
    }
    if (!run.value("findings", Json{}).is_array()) {
        fail("has no list of findings", "\"findings\": [...]");
    }
    one.argument = again["argument"].get<std::string>();
    const std::string index = std::to_string(number - 1);
    one.argument_mark = json_place(source, {index, "again", "argument"});
    if (const Json detector = again.value("detector", Json{}); detector.is_string()) {
        one.detector = detector.get<std::string>();
    }
    if (const Json until = again.value("until", Json{}); until.is_string()) {
        one.until = until.get<std::string>();
    }
    for (const Json& text : again.value("files", Json::array())) {
        if (!text.is_object() || !text.value("name", Json{}).is_string() || !text.value("text", Json{}).is_string()) {
            fail("does not say what its scenario was", "\"files\": [{\"name\": \"...\", \"text\": \"...\"}]");
        }
        one.files.push_back(std::make_shared<const diagnostic::Source>(
            diagnostic::Source{text["name"].get<std::string>(), text["text"].get<std::string>()}));
    }
    one.run = std::move(run);
    check_made(source, index, one);
    return one;
}

/// What a parser expects at the place where it stops: behind the last ';' of its sentence.
std::string expected_by(const Json::parse_error& error) {
    constexpr std::string_view EXPECTED = "; expected ";
    const std::string_view sentence = error.what();
    const std::size_t at = sentence.rfind(EXPECTED);
    return at == std::string_view::npos ? std::string{}
                                        : std::string{sentence.substr(at + EXPECTED.size())} + ", as in ";
}

[[noreturn]] void refuse_text(const std::shared_ptr<const diagnostic::Source>& source, const Json::parse_error& error) {
    const std::size_t size = source->text.size();
    if (source->text.find_first_not_of(" \t\r\n") == std::string::npos) {
        throw Error{Mark{source, 0, 1}, "an empty record", LIMITS.what};
    }
    if (error.byte > size) {  // a copy that broke off, a disk that was full
        throw Error{Mark{source, size, 1}, "the record ends here, in the middle of a run",
                    "all of " + std::string{LIMITS.what} + ", up to the ']' that closes the list of runs"};
    }
    throw Error{Mark{source, error.byte == 0 ? 0 : error.byte - 1, 1}, "this is no JSON",
                expected_by(error) + std::string{LIMITS.what}};
}

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

bool names_record(const std::string& replay) {
    return replay.size() > SUFFIX.size() && replay.compare(replay.size() - SUFFIX.size(), SUFFIX.size(), SUFFIX) == 0;
}

bool is_record(const diagnostic::Source& source) {
    const std::size_t first = source.text.find_first_not_of(" \t\r\n");
    return first != std::string::npos && source.text[first] == '[';
}

std::shared_ptr<const diagnostic::Source> read_standard_input() {
    constexpr document::Limits EITHER{LIMITS.bytes, LIMITS.size, "a scenario, or what 'hldsim run --json' wrote",
                                      "YAML or JSON in UTF-8"};
    auto source = document::read("-", EITHER);
    if (const document::Limits scenario; !is_record(*source) && source->text.size() > scenario.bytes) {
        throw Error{Error::Parts{{}, "-", std::string{"larger than "} + scenario.size, {}, scenario.what}};
    }
    return source;
}

std::shared_ptr<const diagnostic::Source> read_record(const std::string& file) { return document::read(file, LIMITS); }

std::vector<Recorded> runs_of(const std::shared_ptr<const diagnostic::Source>& source) {
    Json all;
    try {
        all = Json::parse(source->text);
    } catch (const Json::parse_error& error) {
        refuse_text(source, error);
    } catch (const Json::exception&) {  // a number that no double holds
        throw Error{Error::Parts{{}, source->name, "a number beyond all that JSON can hold", {}, LIMITS.what}};
    }
    if (!all.is_array() || all.empty()) {
        throw Error{Mark{source, 0, 1}, "no list of runs", LIMITS.what};
    }
    std::vector<Recorded> runs;
    for (Json& run : all) {
        runs.push_back(recorded(source, runs.size() + 1, std::move(run)));
    }
    return runs;
}

std::optional<std::string> find_beside(const std::string& path, const std::string& record) {
    namespace fs = std::filesystem;
    std::error_code failure;
    if (fs::exists(path, failure)) {
        return path;
    }
    const fs::path here = fs::current_path(failure);
    fs::path folder = (here / record).lexically_normal().parent_path();
    while (!fs::path{path}.is_absolute()) {
        if (fs::exists(folder / path, failure)) {
            return (folder / path).lexically_proximate(here).string();
        }
        if (folder == folder.parent_path()) {
            break;
        }
        folder = folder.parent_path();
    }
    return std::nullopt;
}

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
