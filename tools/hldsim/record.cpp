// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/document/document.hpp"
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

}  // namespace hldsim::cli
