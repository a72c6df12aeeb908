// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/run/description.hpp"

#include <filesystem>

#include "tools/harness/document/document.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/value/span.hpp"

namespace hldsim::run {

namespace {

using diagnostic::Error;

unsigned count_of(const document::Entry& entry) {
    unsigned value = 0;
    for (const char c : entry.value.text) {
        if (c < '0' || c > '9' || value > 1000) {
            throw Error(entry.value.mark, "'" + entry.value.text + "' is no count", "a whole number from 0 to 1000");
        }
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

std::vector<scenario::Point> points(const document::Node& node, unsigned cpus) {
    const document::Entry* const leaves = node.find("leaves");
    const document::Entry* const enters = node.find("enters");
    if (!node.is_map() || (leaves == nullptr) == (enters == nullptr)) {
        throw Error(node.mark, "a point of a description is {enters: FUNCTION} or {leaves: FUNCTION}");
    }
    const document::Entry& named = leaves != nullptr ? *leaves : *enters;
    std::vector<scenario::Point> all(cpus);
    for (unsigned n = 0; n < cpus; ++n) {
        all[n].form = leaves != nullptr ? scenario::Point::Form::Leaves : scenario::Point::Form::Enters;
        all[n].cpu = {CpuNumber{n}, node.mark};
        all[n].function = {named.value.text, named.value.mark};
        all[n].mark = node.mark;
    }
    return all;
}

// "20 s", or so many times the threshold of the watchdog: "2 thresholds".
Duration duration_of(const document::Entry& entry, Duration threshold) {
    constexpr std::string_view THRESHOLDS = " thresholds";
    const std::string_view text = entry.value.text;
    if (text.size() > THRESHOLDS.size() && text.substr(text.size() - THRESHOLDS.size()) == THRESHOLDS) {
        document::Entry number = entry;
        number.value.text = text.substr(0, text.size() - THRESHOLDS.size());
        return threshold * static_cast<std::int64_t>(count_of(number));
    }
    try {
        return value::parse_span(entry.value.text).on({1, 1}, {1});
    } catch (const value::Problem& problem) {
        throw Error(entry.value.mark, problem.what(), problem.expected, problem.suggestion);
    }
}

void watch_mask(Description& description, const document::Entry& entry, const shim::Symbols& symbols) {
    const auto data = symbols.variable(entry.value.text);
    if (data.problem != shim::Symbols::Data::Problem::None || data.memory.size() != 1) {
        std::vector<std::string_view> names(data.candidates.begin(), data.candidates.end());
        throw Error(entry.value.mark, "no variable '" + entry.value.text + "' in the detector", "a cpumask",
                    diagnostic::nearest(data.unknown, names));
    }
    description.watched.monitored = reinterpret_cast<const std::uint64_t*>(data.memory[0].begin);
    description.watched.monitored_bytes = data.memory[0].length;
    description.described.monitored = true;
}

}  // namespace

Description describe(const std::string& file, const shim::Symbols& symbols, unsigned cpus, Duration threshold) {
    Description description;
    if (file.empty()) {
        return description;
    }
    description.file = file;
    const document::Node root = document::parse(document::read(file));
    for (const document::Entry& entry : root.entries) {
        if (entry.key == "monitored") {
            watch_mask(description, entry, symbols);
        } else if (entry.key == "drained") {
            description.drained = points(entry.value, cpus);
            description.described.drained = true;
        } else if (entry.key == "restart") {
            description.restart = points(entry.value, cpus);
        } else if (entry.key == "max_delay") {
            description.described.max_delay = duration_of(entry, threshold);
        } else if (entry.key == "budget") {
            if (const auto* const reads = entry.value.find("reads")) {
                description.described.reads = count_of(*reads);
            }
            if (const auto* const writes = entry.value.find("writes")) {
                description.described.writes = count_of(*writes);
            }
        } else {
            throw Error(entry.key_mark, "unknown key '" + entry.key + "'",
                        "monitored, drained, restart, max_delay or budget",
                        diagnostic::nearest(entry.key, {"monitored", "drained", "restart", "max_delay", "budget"}));
        }
    }
    return description;
}

std::string description_of(const shim::Object& object, const std::optional<std::string>& given) {
    if (given) {
        return *given;
    }
    std::filesystem::path beside = object.path();
    beside.replace_extension(".yaml");
    if (std::filesystem::exists(beside)) {
        return beside.string();
    }
    if (!object.of_core()) {
        return {};
    }
    std::string built_in = installation::object("hld.yaml");
    if (std::filesystem::exists(built_in)) {
        return built_in;
    }
    const std::filesystem::path source =
        std::filesystem::path{installation::profiles()} / ".." / ".." / "detector" / "hld.yaml";
    return std::filesystem::exists(source) ? source.lexically_normal().string() : std::string{};
}

}  // namespace hldsim::run
