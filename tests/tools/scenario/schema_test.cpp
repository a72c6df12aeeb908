// SPDX-License-Identifier: Apache-2.0
// The schema and the reader agree: a small validator of the JSON Schema words that the schema uses, over files that the
// reader takes and over files that it refuses.
#include "tools/harness/scenario/schema.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "tests/support/catch.hpp"
#include "tests/tools/scenario/text.hpp"
#include "tools/harness/document/document.hpp"
#include "tools/harness/scenario/files.hpp"

using namespace hldsim;
using namespace hldsim::scenario;
using nlohmann::json;

namespace {

/// As an editor's YAML reader sees it.
json as_json(const document::Node& node) {
    if (node.is_map()) {
        json object = json::object();
        for (const document::Entry& entry : node.entries) {
            object[entry.key] = as_json(entry.value);
        }
        return object;
    }
    if (node.is_list()) {
        json list = json::array();
        for (const document::Node& item : node.items) {
            list.push_back(as_json(item));
        }
        return list;
    }
    if (node.is_null()) {
        return nullptr;
    }
    if (node.plain && (node.text == "true" || node.text == "false")) {
        return node.text == "true";
    }
    std::int64_t number = 0;
    const char* const end = node.text.data() + node.text.size();
    const auto [stop, failure] = std::from_chars(node.text.data(), end, number);
    return node.plain && failure == std::errc{} && stop == end ? json(number) : json(node.text);
}

class Validator {
public:
    explicit Validator(json schema) : root_(std::move(schema)) {}  // in braces it would be a list of one

    bool accepts(const json& value) const { return accepts(root_, value); }

private:
    static bool has_type(const json& types, const json& value) {
        const auto is = [&](const std::string& type) {
            return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
                   (type == "string" && value.is_string()) || (type == "integer" && value.is_number_integer()) ||
                   (type == "number" && value.is_number()) || (type == "boolean" && value.is_boolean());
        };
        if (types.is_string()) {
            return is(types);
        }
        return std::any_of(types.begin(), types.end(), [&](const json& type) { return is(type); });
    }

    std::ptrdiff_t accepting(const json& schemas, const json& value) const {
        return std::count_if(schemas.begin(), schemas.end(), [&](const json& one) { return accepts(one, value); });
    }

    bool accepts_object(const json& schema, const json& value) const {
        for (const json& key : schema.value("required", json::array())) {
            if (!value.contains(key.get<std::string>())) {
                return false;
            }
        }
        const json properties = schema.value("properties", json::object());
        for (const auto& [key, item] : value.items()) {
            if (properties.contains(key)) {
                if (!accepts(properties[key], item)) {
                    return false;
                }
            } else if (schema.contains("additionalProperties")) {
                const json& rest = schema["additionalProperties"];
                if (rest == json(false) || (rest.is_object() && !accepts(rest, item))) {
                    return false;
                }
            }
        }
        const json dependencies = schema.value("dependencies", json::object());
        for (const auto& [key, needs] : dependencies.items()) {
            for (const json& need : needs) {
                if (value.contains(key) && !value.contains(need.get<std::string>())) {
                    return false;
                }
            }
        }
        return value.size() >= schema.value("minProperties", std::size_t{0});
    }

    bool accepts(const json& schema, const json& value) const {
        if (schema.contains("$ref")) {
            const std::string name = schema["$ref"].get<std::string>().substr(std::string{"#/definitions/"}.size());
            return accepts(root_.at("definitions").at(name), value);
        }
        if ((schema.contains("type") && !has_type(schema["type"], value)) ||
            (schema.contains("enum") &&
             std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) ||
            (schema.contains("anyOf") && accepting(schema["anyOf"], value) == 0) ||
            (schema.contains("oneOf") && accepting(schema["oneOf"], value) != 1) ||
            (schema.contains("allOf") &&
             accepting(schema["allOf"], value) != static_cast<std::ptrdiff_t>(schema["allOf"].size()))) {
            return false;
        }
        if (value.is_number_integer() && ((schema.contains("minimum") && value < schema["minimum"]) ||
                                          (schema.contains("maximum") && value > schema["maximum"]))) {
            return false;
        }
        if (value.is_string() &&
            (value.get<std::string>().size() < schema.value("minLength", std::size_t{0}) ||
             (schema.contains("pattern") &&
              !std::regex_search(value.get<std::string>(), std::regex{schema["pattern"].get<std::string>()})))) {
            return false;
        }
        if (value.is_array()) {
            const bool all = std::all_of(value.begin(), value.end(), [&](const json& item) {
                return !schema.contains("items") || accepts(schema["items"], item);
            });
            const bool unique = std::set<json>(value.begin(), value.end()).size() == value.size();
            return all && value.size() >= schema.value("minItems", std::size_t{0}) &&
                   (unique || !schema.value("uniqueItems", false));
        }
        return !value.is_object() || accepts_object(schema, value);
    }

    json root_;
};

json document_of(const std::string& path) { return as_json(document::parse(document::read(path))); }

/// What the reader refuses for reasons that no schema can know: other files, other keys, numbers inside texts.
const std::vector<std::string> BEYOND_A_SCHEMA = {
    "cpu-",           "cpus-none-",      "design-",       "detector-missing",
    "option-",        "packages-uneven", "policy-",       "profile-",
    "row-",           "knob-",           "extends-",      "until-",
    "event-after",    "repeat-too",      "duration-",     "instant-",
    "thresh-",        "window-order",    "window-event",  "window-step",
    "stuck-for",      "hazard-in",       "landing-",      "report-order",
    "count-range",    "vary-item",       "vary-title",    "boolean-on",
    "point-function", "point-in-with",   "point-object",  "point-line",
    "unit-missing-",  "message-",        "event-when",    "cpu-impossible",
    "tsc-step",       "failing-",        "smi-too",       "stuck-too",
    "repeat-wraps",   "window-too",      "cpus-without",  "point-device",
    "point-file",     "point-hop-of",    "point-not-per", "point-register",
    "point-fault",    "point-no-lock",   "point-timer",   "write-affinity",
    "write-cpu",      "write-mask",      "write-text",    "write-thresh",
    "nmi-perf-",      "nmi-ipi-",        "nmi-by-itself", "smi-iret",
    "exception-for",  "exception-too",   "aim-one-point", "cmdline-",
    "vary-twice"};

bool beyond_a_schema(const std::string& name) {
    return std::any_of(BEYOND_A_SCHEMA.begin(), BEYOND_A_SCHEMA.end(),
                       [&](const std::string& head) { return name.compare(0, head.size(), head) == 0; });
}

}  // namespace

TEST_CASE("the schema accepts every scenario of the tree", "[product-2]") {
    const Validator validator{json::parse(schema())};
    const std::vector<std::string> all = files({std::string{HLDSIM_SOURCE_DIR} + "/scenarios"});
    CHECK(all.size() > 20);
    for (const std::string& file : all) {
        INFO(file);
        CHECK(validator.accepts(document_of(file)));
    }
}

TEST_CASE("the schema refuses what the reader refuses, but for what no schema can know", "[product-2]") {
    const Validator validator{json::parse(schema())};
    const std::string folder = std::string{HLDSIM_SOURCE_DIR} + "/tests/reject/scenarios";
    std::size_t refused = 0;
    for (const std::string& file : files({folder})) {
        const std::string name = file.substr(folder.size() + 1);
        json value;
        try {
            value = document_of(file);
        } catch (const diagnostic::Error&) {
            continue;  // no document at all
        }
        if (!beyond_a_schema(name)) {
            INFO(name);
            CHECK_FALSE(validator.accepts(value));
            ++refused;
        }
    }
    CHECK(refused > 40);
}

TEST_CASE("the schema is a draft 7 document with every top key", "[product-2]") {
    const json document = json::parse(schema());
    CHECK(document["$schema"] == "http://json-schema.org/draft-07/schema#");
    for (const char* const key : {"title", "claim", "extends", "machine", "kernel", "detector", "events", "vary",
                                  "window", "until", "expect"}) {
        CHECK(document["properties"].contains(key));
    }
}
