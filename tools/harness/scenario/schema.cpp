// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/scenario/schema.hpp"

#include <nlohmann/json.hpp>

#include "models/base/limits.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/check/registered.hpp"
#include "tools/harness/scenario/words.hpp"

namespace hldsim::scenario {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const std::string& name) { return {{"$ref", "#/definitions/" + name}}; }

Json words(const std::vector<std::string_view>& names) {
    Json list = Json::array();
    for (const std::string_view name : names) {
        list.push_back(name);
    }
    return {{"enum", list}};
}

Json object(Json properties, const std::vector<std::string>& required = {}) {
    Json schema{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty()) {
        schema["required"] = required;
    }
    return schema;
}

Json list_of(Json items, unsigned min = 0) {
    return {{"type", "array"}, {"items", std::move(items)}, {"minItems", min}};
}

Json text(const std::string& meaning) { return {{"type", "string"}, {"description", meaning}}; }

Json integer(std::uint64_t min, std::uint64_t max) { return {{"type", "integer"}, {"minimum", min}, {"maximum", max}}; }

/// One of the keys, and no second one.
Json exactly_one(const std::vector<std::string>& keys) {
    Json any = Json::array();
    for (const std::string& key : keys) {
        any.push_back({{"required", {key}}});
    }
    return any;
}

Json scalar() { return {{"type", {"string", "number", "boolean"}}}; }

Json ids(bool must_be_found) {
    std::vector<std::string_view> known;
    for (const catalogue::Hazard& hazard : catalogue::hazards()) {
        if (!must_be_found || check::recognises(hazard.id)) {
            known.push_back(hazard.id);
        }
    }
    for (const catalogue::Invariant& invariant : catalogue::invariants()) {
        if (!must_be_found || check::watches(invariant.id)) {
            known.push_back(invariant.id);
        }
    }
    return list_of(words(known));
}

Json point() {
    Json schema = object({{"cpu", reference("cpu")},
                          {"in", text("a function: what it does, or what it calls does")},
                          {"reads", text("an object")},
                          {"writes", text("an object")},
                          {"updates", text("an object: an atomic read-modify-write")},
                          {"locks", text("a lock that has just been taken")},
                          {"unlocks", text("a lock that is about to be released")},
                          {"calls", text("a function that is about to run")},
                          {"nth", integer(1, 1'000'000)},
                          {"enters", text("a function")},
                          {"leaves", text("a function")},
                          {"line", text("FILE:N")},
                          {"nmi", words(names(HOP_WORDS))},
                          {"source", words(names(NMI_SOURCE_WORDS))},
                          {"becomes", words(names(LIFE_WORDS))}},
                         {"cpu"});
    schema["oneOf"] = exactly_one(
        {"reads", "writes", "updates", "locks", "unlocks", "calls", "enters", "leaves", "line", "nmi", "becomes"});
    schema["dependencies"] = {{"reads", {"in"}},   {"writes", {"in"}}, {"updates", {"in"}}, {"locks", {"in"}},
                              {"unlocks", {"in"}}, {"calls", {"in"}},  {"nth", {"in"}},     {"source", {"nmi"}}};
    return schema;
}

Json aim() {
    Json schema =
        object({{"that", reference("point")}, {"before", reference("point")}, {"after", reference("point")}}, {"that"});
    schema["oneOf"] = exactly_one({"before", "after"});
    return schema;
}

Json hotplug() {
    return {{"anyOf",
             {reference("cpu"),
              object({{"cpu", reference("cpu")}, {"by", reference("cpu")}, {"fails_at", text("a hotplug state")}},
                     {"cpu"})}}};
}

Json tsc() {
    Json schema =
        object({{"cpu", reference("cpu")}, {"stop", {{"type", "boolean"}}}, {"step", reference("duration")}}, {"cpu"});
    schema["oneOf"] = exactly_one({"stop", "step"});
    return schema;
}

/// The chipset's NMI goes to whoever has LINT1 unmasked: that needs no CPU.
Json nmi() {
    Json of_cpu = object({{"cpu", reference("cpu")}, {"source", words({"perf", "lint1"})}}, {"cpu", "source"});
    Json of_other =
        object({{"cpu", reference("cpu")}, {"source", words({"ipi"})}, {"by", reference("cpu")}}, {"cpu", "source"});
    Json of_chipset = object({{"cpu", {{"enum", {0}}}}, {"source", words({"serr", "iochk"})}}, {"source"});
    return {{"anyOf", {std::move(of_cpu), std::move(of_other), std::move(of_chipset)}}};
}

Json simple_actions() {
    const Json duration = reference("duration");
    const Json cpu = reference("cpu");
    Json cpus = list_of(cpu, 1);
    cpus["uniqueItems"] = true;
    return {
        {"offline", hotplug()},
        {"online", hotplug()},
        {"write",
         object({{"file", words(names(WRITABLE_FILES))}, {"value", scalar()}, {"by", cpu}}, {"file", "value"})},
        {"stuck", object({{"cpu", cpu}, {"kind", words(names(STUCK_WORDS))}, {"for", duration}}, {"cpu", "kind"})},
        {"smi",
         object({{"cpus", {{"anyOf", {words({"all"}), std::move(cpus)}}}}, {"for", duration}, {"iret_after", duration}},
                {"cpus", "for"})},
        {"exception", object({{"cpu", cpu}, {"for", duration}, {"at_iret", {{"type", "boolean"}}}}, {"cpu", "for"})},
        {"nmi", nmi()},
        {"tsc", tsc()},
        {"message", object({{"source", words(names(MESSAGE_SOURCE_WORDS))},
                            {"do", words(names(MESSAGE_FAULT_WORDS))},
                            {"by", duration},
                            {"to", cpu}},
                           {"source", "do"})}};
}

Json action_names(const Json& actions) {
    std::vector<std::string> keys;
    for (const auto& [key, schema] : actions.items()) {
        keys.push_back(key);
    }
    return exactly_one(keys);
}

Json event() {
    Json repeated = object(simple_actions());
    repeated["oneOf"] = action_names(simple_actions());
    Json actions = simple_actions();
    actions["repeat"] =
        object({{"times", integer(1, 1'000'000)}, {"every", reference("duration")}, {"do", list_of(repeated, 1)}},
               {"times", "every", "do"});
    Json keys = actions;
    keys["at"] = reference("duration");
    keys["when"] = reference("point");
    keys["aim"] = reference("aim");
    Json schema = object(keys);
    schema["allOf"] = {{{"oneOf", action_names(actions)}}, {{"oneOf", exactly_one({"at", "when"})}}};
    schema["dependencies"] = {{"aim", {"at"}}};
    return schema;
}

Json expectations() {
    Json range = object({{"min", integer(0, std::uint64_t{1} << 62U)}, {"max", integer(0, std::uint64_t{1} << 62U)}});
    range["minProperties"] = 1;
    Json counts;
    for (const catalogue::Stat& stat : catalogue::stats()) {
        counts[std::string{stat.name}] = {{"anyOf", {integer(0, std::uint64_t{1} << 62U), range}},
                                          {"description", stat.meaning}};
    }
    Json part = text("a part of a line that the kernel prints");
    part["minLength"] = 1;
    return object({{"always", ids(true)},
                   {"sometimes", ids(true)},
                   {"allow", ids(false)},
                   {"never", ids(false)},
                   {"reports", list_of(object({{"cpu", reference("cpu")},
                                               {"after", reference("duration")},
                                               {"within", reference("duration")}},
                                              {"cpu", "after", "within"}))},
                   {"landing", words(names(LANDING_WORDS))},
                   {"ends", words(names(ENDING_WORDS))},
                   {"count", object(counts)},
                   {"prints", list_of(part)},
                   {"loads", {{"type", "boolean"}, {"description", "false: the detector refuses to start"}}}});
}

Json machine() {
    return object({{"cpus", integer(1, limits::CPUS)},
                   {"packages", integer(1, limits::CPUS)},
                   {"profile", text("a name of 'hldsim list profiles', or a path")},
                   {"remapping", words(names(REMAPPING_WORDS))},
                   {"apic", words(names(APIC_WORDS))},
                   {"cost", words(names(COST_WORDS))},
                   {"tso", {{"type", "boolean"}}},
                   {"set", {{"type", "object"}, {"additionalProperties", scalar()}}}});
}

Json detector() {
    return object({{"object", text("the path of a .so made by hldsim-cc")},
                   {"design", text("a name of 'hldsim list designs'")},
                   {"policy", text("a name of 'hldsim list policies'")},
                   {"options", {{"type", "object"}, {"additionalProperties", scalar()}}},
                   {"description", text("what the harness may know of the object: a path")}});
}

Json definitions() {
    constexpr const char* DURATION = "^[+-]?[0-9]+(\\.[0-9]+)? ?(fs|ps|ns|us|ms|s|min|h|cycles|ticks)$";
    return {{"duration",
             {{"anyOf", {{{"type", "string"}, {"pattern", DURATION}}, {{"type", "integer"}, {"enum", {0}}}}},
              {"description", "a number and fs, ps, ns, us, ms, s, min, h, cycles or ticks; or 0"}}},
            {"cpu", {{"type", "integer"}, {"minimum", 0}, {"maximum", limits::CPUS - 1}}},
            {"point", point()},
            {"aim", aim()},
            {"event", event()}};
}

}  // namespace

std::string schema() {
    Json all =
        object({{"title", {{"type", "string"}, {"minLength", 1}, {"description", "what happens, in one sentence"}}},
                {"claim", words(catalogue::names(catalogue::claims()))},
                {"extends", text("the path of a scenario file: start there")},
                {"machine", machine()},
                {"kernel", object({{"version", words(names(KERNEL_VERSIONS))},
                                   {"watchdog_thresh", reference("duration")},
                                   {"cmdline", {{"type", "string"}}}})},
                {"detector", detector()},
                {"events", list_of(reference("event"))},
                {"vary", {{"type", "object"}, {"additionalProperties", {{"type", "array"}, {"minItems", 1}}}}},
                {"window", object({{"event", integer(1, 1'000'000)},
                                   {"from", reference("duration")},
                                   {"to", reference("duration")},
                                   {"step", reference("duration")}})},
                {"until", reference("duration")},
                {"expect", expectations()}},
               {"title"});
    Json document{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "hldsim scenario"}};
    document.update(all);
    document["definitions"] = definitions();
    return document.dump(2) + "\n";
}

}  // namespace hldsim::scenario
