// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "models/base/limits.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/scenario/fields.hpp"
#include "tools/harness/scenario/words.hpp"

namespace hldsim::scenario {
namespace {

using diagnostic::choices;
using diagnostic::Error;
using diagnostic::nearest;
using document::describe;
using document::Entry;
using document::Node;

std::vector<Setting> settings(const Node& node, const std::string& expected) {
    if (!node.is_map()) {
        throw Error{node.mark, describe(node) + " in place of a mapping", expected};
    }
    std::vector<Setting> found;
    for (const Entry& entry : node.entries) {
        if (!entry.value.is_scalar()) {
            throw Error{entry.value.mark, describe(entry.value) + " in place of a value", expected};
        }
        found.push_back({entry.key, entry.value.text, entry.key_mark, entry.value.mark});
    }
    return found;
}

/// Throws: no design or policy of that name, or one that a later release brings.
template <typename Row>
void require_available(const std::string& kind, const Marked<std::string>& name, catalogue::Table<Row> rows) {
    std::vector<std::string_view> available;
    const Row* known = nullptr;
    for (const Row& row : rows) {
        if (row.available) {
            available.push_back(row.name);
        }
        known = row.name == name.value ? &row : known;
    }
    if (known == nullptr) {
        throw Error{name.mark, "unknown " + kind + " '" + name.value + "'", choices(available),
                    nearest(name.value, catalogue::names(rows))};
    }
    if (!known->available) {
        throw Error{name.mark, kind + " '" + name.value + "' is not in this release", choices(available)};
    }
}

/// As Linux reads a module parameter: decimal, or 0x and hexadecimal. Whether it fits, its type says.
bool is_number(std::string_view text) {
    text.remove_prefix(!text.empty() && text.front() == '-' ? 1 : 0);
    const bool hexadecimal = text.size() > 1 && text.front() == '0' && (text[1] == 'x' || text[1] == 'X');
    text.remove_prefix(hexadecimal ? 2 : 0);
    const char* const digits = hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
    return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

void require_option(const std::string& design, const Setting& setting) {
    const catalogue::Option* const known = catalogue::option(design, setting.name);
    if (known == nullptr) {
        std::vector<std::string_view> valid;
        for (const catalogue::Option& option : catalogue::options()) {
            if (option.design.empty() || option.design == design) {
                valid.push_back(option.name);
            }
        }
        std::string other;
        for (const catalogue::Option& option : catalogue::options()) {
            if (option.name == setting.name) {
                other = "; '" + setting.name + "' is an option of " + std::string{option.design};
            }
        }
        if (std::find(std::begin(WRITABLE_FILES), std::end(WRITABLE_FILES), setting.name) != std::end(WRITABLE_FILES)) {
            other = "; an event writes '" + setting.name + "': write: {file: " + setting.name + ", value: ...}";
        }
        throw Error{setting.name_mark, "design '" + design + "' has no option '" + setting.name + "'",
                    choices(valid) + other, nearest(setting.name, valid)};
    }
    const std::vector<std::string_view> values = catalogue::words(known->values);
    if (!values.empty() && std::find(values.begin(), values.end(), setting.value) == values.end()) {
        throw Error{setting.value_mark, "unknown value '" + setting.value + "' of option '" + setting.name + "'",
                    choices(values), nearest(setting.value, values)};
    }
    if (values.empty() && !is_number(setting.value)) {
        throw Error{setting.value_mark, "'" + setting.value + "' is no number",
                    "a number for '" + setting.name + "': " + std::string{known->meaning}};
    }
}

}  // namespace

Machine read_machine(const Node& node) {
    const Fields fields{node, "'machine'", names(MACHINE_KEYS)};
    Machine machine;
    if (const Node* const cpus = fields.find("cpus")) {
        machine.cpus_mark = cpus->mark;
        machine.cpus = static_cast<unsigned>(
            count(*cpus, 1, limits::CPUS, "a count of CPUs from 1 to " + std::to_string(limits::CPUS)));
    }
    if (const Node* const packages = fields.find("packages")) {
        const std::string expected = "a divisor of machine.cpus, " + std::to_string(machine.cpus);
        machine.packages = static_cast<unsigned>(count(*packages, 1, machine.cpus, expected));
        if (machine.cpus % machine.packages != 0) {
            throw Error{
                packages->mark,
                std::to_string(machine.cpus) + " CPUs cannot be split evenly over " + packages->text + " packages",
                expected};
        }
    }
    if (const Node* const profile = fields.find("profile")) {
        const std::string expected = "the name of a profile (hldsim list profiles), or the path of a .yaml file";
        machine.profile = name(*profile, expected);
        if (machine.profile.value.find('/') != std::string::npos ||
            machine.profile.value.find(".yaml") != std::string::npos) {
            machine.profile = path_beside(*profile, expected);
        }
    }
    if (const Node* const remapping = fields.find("remapping")) {
        machine.remapping = choice(*remapping, "kind of remapping", REMAPPING_WORDS);
    }
    if (const Node* const apic = fields.find("apic")) {
        machine.apic = choice(*apic, "APIC mode", APIC_WORDS);
    }
    if (const Node* const cost = fields.find("cost")) {
        machine.cost = choice(*cost, "cost model", COST_WORDS);
    }
    if (const Node* const tso = fields.find("tso")) {
        machine.tso = boolean(*tso);
    }
    if (const Node* const set = fields.find("set")) {
        machine.set = settings(*set, "rows and knobs of the profile, such as {msi.device_to_root: 1 us}");
    }
    return machine;
}

Kernel read_kernel(const Node& node) {
    const Fields fields{node, "'kernel'", names(KERNEL_KEYS)};
    Kernel kernel;
    if (const Node* const version = fields.find("version")) {
        kernel.version = name(*version, "a kernel version such as v6.1");
        const std::vector<std::string_view> known = names(KERNEL_VERSIONS);
        if (std::find(known.begin(), known.end(), kernel.version->value) == known.end()) {
            not_one_of(*version, "kernel version", known);
        }
    }
    if (const Node* const thresh = fields.find("watchdog_thresh")) {
        const Marked<value::Span> found = span(*thresh, Sign::Positive);
        constexpr std::int64_t LONGEST = 60;  // the sysctl's own limit
        const std::int64_t seconds = found.value.amount / FS_PER_S;
        if (found.value.unit != value::Span::Unit::Time || found.value.amount % FS_PER_S != 0 || seconds < 1 ||
            seconds > LONGEST) {
            throw Error{thresh->mark, describe(*thresh) + " is no watchdog threshold",
                        "whole seconds from 1 s to 60 s"};
        }
        kernel.watchdog_thresh_s = static_cast<unsigned>(seconds);
    }
    if (const Node* const cmdline = fields.find("cmdline")) {
        kernel.cmdline = text(*cmdline, "a kernel command line such as unknown_nmi_panic");
        check_command_line(*cmdline);
    }
    return kernel;
}

Detector read_detector(const Node& node) {
    const Fields fields{node, "'detector'", names(DETECTOR_KEYS)};
    Detector detector;
    if (const Node* const object = fields.find("object")) {
        detector.object = path_beside(*object, "the path of a .so made by hldsim-cc");
    }
    if (const Node* const design = fields.find("design")) {
        detector.design = name(*design, "the name of a design (hldsim list designs)");
    }
    if (const Node* const policy = fields.find("policy")) {
        detector.policy = name(*policy, "the name of a policy (hldsim list policies)");
    }
    if (const Node* const options = fields.find("options")) {
        detector.options = settings(*options, "module parameters, such as {drain: ipi, period_ms: 1}");
    }
    if (const Node* const description = fields.find("description")) {
        detector.description = path_beside(*description, "the path of a .yaml file");
    }
    return detector;
}

void check_built_in(const Detector& detector, const diagnostic::Mark& mark) {
    if (detector.object) {
        return;  // another object may have designs and options of its own
    }
    if (!detector.design) {
        throw Error{mark, "no 'design' in 'detector'",
                    "'design' of the built-in detector (hldsim list designs), or 'object'"};
    }
    require_available("design", *detector.design, catalogue::designs());
    require_available("policy", detector.policy, catalogue::policies());
    for (const Setting& setting : detector.options) {
        require_option(detector.design->value, setting);
    }
}

}  // namespace hldsim::scenario
