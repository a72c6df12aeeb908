// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/machine/register_maps.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/devices.hpp"
#include "tools/hldsim/table.hpp"

namespace hldsim::cli {
namespace {

namespace po = boost::program_options;
using nlohmann::ordered_json;

void declare(po::options_description& options) { options.add_options()("markdown", "as Markdown tables"); }

ordered_json fields_of(const regs::Register& spec) {
    ordered_json json = ordered_json::array();
    for (const regs::Field& field : spec) {
        json.push_back({{"msb", field.bits.msb},
                        {"lsb", field.bits.lsb},
                        {"name", field.name},
                        {"access", regs::access_name(field.access)},
                        {"reset", std::to_string(field.reset)},
                        {"meaning", field.meaning}});
    }
    return json;
}

ordered_json as_json(const regs::Map& map, const regs::Register& spec) {
    ordered_json json{{"name", spec.name},          {"offset", spec.offset},        {"width", spec.width},
                      {"count", spec.repeat.count}, {"stride", spec.repeat.stride}, {"section", spec.section}};
    if (map.places != nullptr) {
        json["place"] = map.places[&spec - map.begin()];
    }
    json["fields"] = fields_of(spec);
    for (std::size_t i = 0; i < map.format_count; ++i) {
        const regs::Format& format = map.formats[i];
        if (format.of == spec.name) {
            json["formats"].push_back({{"title", format.title},
                                       {"section", format.spec->section},
                                       {"selector_msb", format.selector.msb},
                                       {"selector_lsb", format.selector.lsb},
                                       {"selector_value", std::to_string(format.value)},
                                       {"fields", fields_of(*format.spec)}});
        }
    }
    return json;
}

ordered_json as_json(const regs::Map& map) {
    ordered_json json{{"device", map.device}, {"title", map.title}, {"source", map.source}};
    json["registers"] = ordered_json::array();
    for (const regs::Register& spec : map) {
        json["registers"].push_back(as_json(map, spec));
    }
    return json;
}

int list_devices(const Invocation& invocation, Output& output) {
    Table table{{"device", "title", "source"}, {}};
    for (const regs::Map* const map : register_maps()) {
        table.rows.push_back({std::string{map->device}, std::string{map->title}, std::string{map->source}});
    }
    output.write(invocation.global.json         ? as_json(table)
                 : invocation.given("markdown") ? as_markdown(table)
                                                : as_text(table));
    return exit_code::AS_EXPECTED;
}

int execute(const Invocation& invocation, Output& output) {
    if (invocation.arguments.empty()) {
        return list_devices(invocation, output);
    }
    const Register found = find_register(invocation.arguments[0]);
    if (invocation.global.json) {
        output.write((found.spec == nullptr ? as_json(*found.map) : as_json(*found.map, *found.spec)).dump(2) + "\n");
    } else if (found.spec != nullptr) {
        output.write(invocation.given("markdown") ? regs::to_markdown(*found.map, *found.spec)
                                                  : regs::to_text(*found.map, *found.spec));
    } else {
        output.write(invocation.given("markdown") ? regs::to_markdown(*found.map) : regs::to_text(*found.map));
    }
    return exit_code::AS_EXPECTED;
}

}  // namespace

Register find_register(const std::string& name) {
    const std::string device = name.substr(0, name.find('.'));
    std::vector<std::string_view> devices;
    for (const regs::Map* const map : register_maps()) {
        devices.push_back(map->device);
        if (map->device != device) {
            continue;
        }
        if (device == name) {
            return {map, nullptr, 0};
        }
        const std::string wanted = name.substr(device.size() + 1);
        if (const std::optional<regs::Named> found = regs::named(*map, wanted)) {
            return {map, found->spec, found->instance};
        }
        const std::vector<std::string> known = regs::names(*map);
        const std::vector<std::string_view> views{known.begin(), known.end()};
        wrong_part(name, device.size() + 1, wanted.size(), fmt::format("no register '{}' in {}", wanted, device),
                   "a register of 'hldsim regs " + device + "'", diagnostic::nearest(wanted, views));
    }
    wrong_part(name, 0, device.size(), "no device '" + device + "'", diagnostic::choices(devices),
               diagnostic::nearest(device, devices));
}

const Command REGS{"regs",
                   "[DEVICE[.REGISTER]]",
                   0,
                   1,
                   "register documentation from the models' own tables; --markdown",
                   "hldsim regs hpet.TIM0_CONF",
                   declare,
                   execute};

}  // namespace hldsim::cli
