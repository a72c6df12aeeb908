// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "models/amdvi/registers.hpp"
#include "models/machine/register_maps.hpp"
#include "models/machine/register_shapes.hpp"
#include "models/vtd/registers.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/installation.hpp"
#include "tools/harness/profile/profile.hpp"
#include "tools/harness/run/machine_profile.hpp"
#include "tools/hldsim/command.hpp"
#include "tools/hldsim/devices.hpp"
#include "tools/hldsim/table.hpp"

namespace hldsim::cli {
namespace {

using nlohmann::ordered_json;

ordered_json fields_of(const regs::Register& spec) {
    ordered_json json = ordered_json::array();
    for (const regs::Field& field : spec) {
        json.push_back({{"msb", field.bits.msb},
                        {"lsb", field.bits.lsb},
                        {"name", field.name},
                        {"access", regs::access_name(field.access)},
                        {"reset", regs::set_by_profile(field) ? "set by the profile" : std::to_string(field.reset)},
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
    output.write(as_asked(table, invocation));
    return exit_code::AS_EXPECTED;
}

/// Maps beside a device's own: vtd-memory of vtd, lapic-msr of lapic.
bool beside(const regs::Map& map, std::string_view device) {
    return map.device.size() > device.size() && map.device.substr(0, device.size()) == device &&
           map.device[device.size()] == '-';
}

/// "See also: hldsim regs lapic-msr (TITLE)", a line each.
std::string see_also(const regs::Map& shown) {
    std::string text;
    for (const regs::Map* const map : register_maps()) {
        if (beside(*map, shown.device)) {
            text += fmt::format("{}See also: hldsim regs {} ({})\n", text.empty() ? "\n" : "", map->device, map->title);
        }
    }
    return text;
}

std::string upper(std::string_view text) {
    std::string all{text};
    std::transform(all.begin(), all.end(), all.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return all;
}

/// What was meant by `wanted`: the name in other letters, the one that is near, or the one that it goes on from
/// (RTE0 of RTE0_LOW).
std::string meant(std::string_view wanted, const std::vector<std::string>& known) {
    const std::string capital = upper(wanted);
    std::string_view begins;
    for (const std::string& name : known) {
        if (upper(name) == capital) {
            return name;
        }
        const bool goes_on = capital.size() > name.size() && capital[name.size()] == '_' &&
                             capital.compare(0, name.size(), upper(name)) == 0;
        begins = goes_on && name.size() > begins.size() ? name : begins;
    }
    const std::vector<std::string_view> views{known.begin(), known.end()};
    const std::string near = diagnostic::nearest(wanted, views);
    if (!near.empty() || !begins.empty()) {
        return near.empty() ? std::string{begins} : near;
    }
    std::vector<std::string> capitals(known.size());
    std::transform(known.begin(), known.end(), capitals.begin(), upper);
    const std::string found = diagnostic::nearest(capital, {capitals.begin(), capitals.end()});
    const auto at = std::find(capitals.begin(), capitals.end(), found);
    return at == capitals.end() ? std::string{} : known[static_cast<std::size_t>(at - capitals.begin())];
}

/// The map as a machine of that profile has it. A remapping unit is the one that machine.remapping gives that machine.
regs::Shape shape_in(const std::string& profile_name, const regs::Map& map) {
    const std::string folder = installation::profiles();
    const std::vector<std::string> known = profile::installed(folder);
    const bool path = profile_name.find_first_of("./") != std::string::npos;
    if (!path && std::find(known.begin(), known.end(), profile_name) == known.end()) {
        const std::vector<std::string_view> names{known.begin(), known.end()};
        wrong(profile_name, "no profile '" + profile_name + "'",
              diagnostic::choices(names) + ", or the path of a .yaml file", diagnostic::nearest(profile_name, names));
    }
    const profile::Profile profile = profile::load(profile_name, folder);
    const bool vtd = map.device == vtd::MAP.device;
    const bool amd = map.device == amdvi::MAP.device;
    const scenario::Remapping remapping = vtd   ? scenario::Remapping::Vtd
                                          : amd ? scenario::Remapping::Amd
                                                : profile.remapping;
    return shape_of(map, run::machine_profile(profile, false, remapping));
}

/// The register within the shape: under the name of its instance, or of its row for the first of them.
Register within(const regs::Map& map, const Register& found, const Invocation& invocation) {
    if (found.spec == nullptr) {
        return {&map, nullptr, 0};
    }
    std::optional<regs::Named> named = regs::named(map, regs::instance_name(*found.spec, found.instance));
    if (!named) {
        const std::string& asked = invocation.arguments[0];
        wrong(
            asked, fmt::format("a machine of profile '{}' has no {}", *invocation.text("profile"), asked),
            fmt::format("a register of 'hldsim regs {} --profile {}'", found.map->device, *invocation.text("profile")));
    }
    return {&map, named->spec, named->instance};
}

int execute_regs(const Invocation& invocation, Output& output) {
    const std::optional<std::string> profile = invocation.text("profile");
    if (invocation.arguments.empty()) {
        if (profile) {
            wrong("--profile", "--profile is about the registers of one device", "DEVICE in front of it, such as hpet");
        }
        return list_devices(invocation, output);
    }
    Register found = find_register(invocation.arguments[0]);
    std::optional<regs::Shape> shape;
    if (profile) {
        shape.emplace(shape_in(*profile, *found.map));
        found = within(shape->map(), found, invocation);
    }
    if (invocation.global.json) {
        output.write((found.spec == nullptr ? as_json(*found.map) : as_json(*found.map, *found.spec)).dump(2) + "\n");
    } else if (found.spec != nullptr) {
        output.write(invocation.given("markdown") ? regs::to_markdown(*found.map, *found.spec)
                                                  : regs::to_text(*found.map, *found.spec));
    } else {
        output.write(invocation.given("markdown") ? regs::to_markdown(*found.map)
                                                  : regs::to_text(*found.map) + see_also(*found.map));
    }
    return exit_code::AS_EXPECTED;
}

}  // namespace

void declare_markdown(boost::program_options::options_description& options) {
    options.add_options()("markdown", "as Markdown tables");
}

void declare_regs(boost::program_options::options_description& options) {
    declare_markdown(options);
    options.add_options()("profile", boost::program_options::value<std::string>()->value_name("NAME"),
                          "as a machine of that profile has them: which exist, and what they hold after reset");
}

Register find_register(const std::string& name) {
    const std::string device = name.substr(0, name.find('.'));
    std::vector<std::string> devices;
    std::vector<std::string> known;
    for (const regs::Map* const map : register_maps()) {
        devices.emplace_back(map->device);
        if (map->device != device && !beside(*map, device)) {
            continue;
        }
        if (map->device == name) {
            return {map, nullptr, 0};
        }
        if (name.size() == device.size()) {
            continue;
        }
        if (const std::optional<regs::Named> found = regs::named(*map, name.substr(device.size() + 1))) {
            return {map, found->spec, found->instance};
        }
        const std::vector<std::string> names = regs::names(*map);
        known.insert(known.end(), names.begin(), names.end());
    }
    if (known.empty()) {
        wrong_part(name, 0, device.size(), "no device '" + device + "'",
                   diagnostic::choices({devices.begin(), devices.end()}), meant(device, devices));
    }
    const std::string wanted = name.substr(device.size() + 1);
    wrong_part(name, device.size() + 1, wanted.size(), fmt::format("no register '{}' in {}", wanted, device),
               "a register of 'hldsim regs " + device + "'", meant(wanted, known));
}

const Command REGS{"regs",
                   "[DEVICE[.REGISTER]]",
                   0,
                   1,
                   "register documentation from the models' own tables; --profile, --markdown",
                   "hldsim regs hpet.TIM0_CONF",
                   declare_regs,
                   execute_regs};

}  // namespace hldsim::cli
