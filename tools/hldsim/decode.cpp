// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/hldsim/command.hpp"
#include "tools/hldsim/devices.hpp"

namespace hldsim::cli {
namespace {

/// 1036, 0x40c, or 40Ch as the register tables write it; FFFFh needs no 0 in front.
std::uint64_t read_value(const std::string& text, unsigned width) {
    const bool prefixed = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const bool suffixed = !prefixed && text.size() > 1 && (text.back() == 'h' || text.back() == 'H');
    const std::string_view digits = std::string_view{text}.substr(prefixed ? 2 : 0, text.size() - (suffixed ? 1 : 0));
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, failure] = std::from_chars(digits.data(), end, value, prefixed || suffixed ? 16 : 10);
    if (failure == std::errc::invalid_argument || stop != end) {
        wrong(text, "'" + text + "' is no value", "a decimal number, or a hexadecimal one such as 0x40c or 40Ch");
    }
    if (failure != std::errc{} || (width < 64 && (value >> width) != 0)) {
        wrong(text, "'" + text + "' does not fit into " + std::to_string(width) + " bits", "a value of the register");
    }
    return value;
}

int execute_decode(const Invocation& invocation, Output& output) {
    const Register found = find_register(invocation.arguments[0]);
    if (found.spec == nullptr) {
        wrong(invocation.arguments[0], "'" + invocation.arguments[0] + "' is a device",
              "DEVICE.REGISTER, such as hpet.TIM0_CONF");
    }
    const std::uint64_t value = read_value(invocation.arguments[1], found.spec->width);
    // Bits may mean something else where one of them says so: an RTE in remappable format.
    const regs::Format* const format = found.map->format_of(*found.spec, value);
    const regs::Register& spec = format != nullptr ? *format->spec : *found.spec;
    if (invocation.global.json) {
        nlohmann::ordered_json fields;
        for (const regs::Field& field : spec) {
            if (!field.name.empty()) {
                fields[std::string{field.name}] = std::to_string(field.bits.get(value));
            }
        }
        output.write(fields.dump(2) + "\n");
        return exit_code::AS_EXPECTED;
    }
    const std::string name = regs::instance_name(*found.spec, found.instance);
    const std::string is = " = " + regs::hexadecimal(value, found.spec->width) +
                           (format != nullptr ? ", " + std::string{format->title} : "") + "\n";
    output.write(invocation.given("markdown") ? "**" + name + "**" + is + "\n" + regs::decode_markdown(spec, value)
                                              : name + is + regs::decode(spec, value));
    return exit_code::AS_EXPECTED;
}

}  // namespace

const Command DECODE{"decode",
                     "DEVICE.REGISTER VALUE",
                     2,
                     2,
                     "names the fields of a value; --markdown",
                     "hldsim decode hpet.TIM0_CONF 0x40c",
                     declare_markdown,
                     execute_decode};

}  // namespace hldsim::cli
