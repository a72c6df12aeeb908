// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "models/machine/register_maps.hpp"
#include "models/regs/print.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tools/harness/point/place.hpp"

namespace hldsim::point {

namespace {

using diagnostic::Error;
using diagnostic::in_quotes;
using scenario::Marked;
using shim::CodeRange;
using Form = scenario::Point::Form;
using Problem = shim::Symbols::Data::Problem;

constexpr const char* OBJECT = "a variable of the detector or the mini-kernel, or a device register (DEVICE.REGISTER)";
constexpr const char* FUNCTION = "a function of the detector or the mini-kernel";

std::string nearest(std::string_view got, const std::vector<std::string>& names) {
    return diagnostic::nearest(got, {names.begin(), names.end()});
}

std::string replaced(std::string_view text, std::string_view part, std::string_view by) {
    std::string result{text};
    const std::size_t at = result.rfind(part);
    return at == std::string::npos ? std::string{by} : result.replace(at, part.size(), by);
}

Function function(const Marked<std::string>& name, const shim::Symbols& symbols) {
    const shim::Symbols::Function found = symbols.functions(name.value);
    if (!found.known) {
        throw Error{name.mark, "no function " + in_quotes(name.value), FUNCTION,
                    nearest(name.value, symbols.function_names())};
    }
    if (!found.has_code()) {
        throw Error{name.mark, "the function " + in_quotes(name.value) + " has no code: the compiler has left none",
                    FUNCTION};
    }
    return {Code{found.bodies}, Code{found.inlined}};
}

const Device* device_of(std::string_view object, const std::vector<Device>& devices) {
    const std::string_view name = object.substr(0, object.find('.'));
    const auto found =
        std::find_if(devices.begin(), devices.end(), [&](const Device& d) { return d.map->device == name; });
    return found == devices.end() || name.size() == object.size() ? nullptr : &*found;
}

// The map has it, this machine's device does not: a timer beyond the HPET's last one.
[[noreturn]] void refuse_absent(const Marked<std::string>& object, const Device& device, const regs::Register& spec,
                                unsigned present) {
    const std::string prefix = std::string{device.map->device} + ".";
    const std::string last = present == 0 ? "" : prefix + regs::instance_name(spec, present - 1);
    const std::string first = prefix + regs::instance_name(spec, 0);
    throw Error{object.mark, "this machine has no register " + in_quotes(object.value),
                present == 0   ? "another register of the " + std::string{device.map->title}
                : present == 1 ? first
                               : first + " to " + last,
                last};
}

Registers registers(const scenario::Point& point, const Device& device) {
    const Marked<std::string>& object = point.object;
    const std::string_view name = std::string_view{object.value}.substr(device.map->device.size() + 1);
    if (point.form == Form::Updates || point.form == Form::Locks || point.form == Form::Unlocks) {
        throw Error{object.mark,
                    "the register " + in_quotes(object.value) + " as an object of '" +
                        std::string{scenario::name_of(point.form)} + "'",
                    "'reads' or 'writes': a device register knows nothing else"};
    }
    std::vector<std::string> names;
    for (const regs::Register& spec : *device.map) {
        const unsigned present = device.present(spec);
        for (unsigned i = 0; i < spec.repeat.count; ++i) {
            const std::string instance = regs::instance_name(spec, i);
            if (i >= present) {
                if (instance == name) {
                    refuse_absent(object, device, spec, present);
                }
                continue;
            }
            names.push_back(instance);
            if (instance == name) {
                return {device.base + spec.offset + std::uint64_t{i} * spec.repeat.stride, spec.width / 8};
            }
        }
    }
    const std::string near = nearest(name, names);
    throw Error{object.mark, "no register " + in_quotes(object.value),
                "a register of the " + std::string{device.map->title} + " (hldsim regs " +
                    std::string{device.map->device} + ")",
                near.empty() ? near : std::string{device.map->device} + "." + near};
}

// What was meant by the whole name, if one of its parts is wrong.
std::string suggestion(std::string_view object, const shim::Symbols::Data& data, const std::vector<Device>& devices) {
    std::vector<std::string> names = data.candidates;
    if (data.problem == Problem::NoName && object.substr(0, data.unknown.size()) == data.unknown) {
        for (const Device& device : devices) {
            names.emplace_back(device.map->device);
        }
    }
    const std::string near = nearest(data.unknown, names);
    const std::string whole = near.empty() ? near : replaced(object, data.unknown, near);
    return whole == object ? std::string{} : whole;
}

// A device by name, but not one of its registers, or not one that this machine has at an address.
void refuse_device(const Marked<std::string>& object, const std::vector<Device>& devices) {
    const std::string_view name = std::string_view{object.value}.substr(0, object.value.find('.'));
    const auto& maps = register_maps();
    if (std::none_of(maps.begin(), maps.end(), [&](const regs::Map* map) { return map->device == name; })) {
        return;
    }
    std::vector<std::string_view> present;
    present.reserve(devices.size());
    for (const Device& device : devices) {
        present.push_back(device.map->device);
    }
    if (std::find(present.begin(), present.end(), name) != present.end()) {
        throw Error{object.mark, in_quotes(object.value) + " is a device",
                    "one of its registers (hldsim regs " + std::string{name} + ")"};
    }
    throw Error{object.mark, "this machine has no '" + std::string{name} + "' that code reaches by addresses",
                "a register of " + diagnostic::choices(present)};
}

// What is no lock is never taken. Near to it is a lock in the same object, too, whatever it is called.
void refuse_without_lock(const Marked<std::string>& object, const shim::Symbols::Data& found,
                         const shim::Symbols& symbols) {
    if (found.locks) {
        return;
    }
    std::vector<std::string> names = symbols.lock_names();
    names.insert(names.begin(), found.locks_beside.begin(), found.locks_beside.end());
    std::string near = nearest(object.value, names);
    if (near.empty() && !found.locks_beside.empty()) {
        near = found.locks_beside.front();
    }
    throw Error{object.mark, in_quotes(object.value) + " is no lock: " + found.type,
                "a lock of the detector or the mini-kernel", near};
}

std::vector<shim::Stretch> memory(const scenario::Point& point, const shim::Symbols& symbols,
                                  const std::vector<Device>& devices) {
    const Marked<std::string>& object = point.object;
    shim::Symbols::Data found = symbols.variable(object.value);
    switch (found.problem) {
        case Problem::None:
            if (point.form == Form::Locks || point.form == Form::Unlocks) {
                refuse_without_lock(object, found, symbols);
            }
            return std::move(found.memory);
        case Problem::Pointer:
            throw Error{object.mark, in_quotes(object.value) + " is reached by a pointer",
                        "the object that it points to, or a struct and its member (TYPE.MEMBER)"};
        case Problem::NotPerCpu:
            throw Error{object.mark, in_quotes(object.value) + " is no per-CPU variable", OBJECT,
                        replaced(object.value, "per_cpu(" + found.unknown + ")", found.unknown)};
        case Problem::NoIndex:
            throw Error{object.mark, "no element " + in_quotes(found.unknown) + " in " + found.type, OBJECT};
        case Problem::Malformed:
            throw Error{object.mark, in_quotes(object.value) + " is no name of an object", OBJECT};
        case Problem::NoName:
            refuse_device(object, devices);
            break;
        case Problem::NoMember:
            break;
    }
    throw Error{object.mark, "no variable " + in_quotes(object.value), OBJECT,
                suggestion(object.value, found, devices)};
}

Function line(const scenario::Point& point, const shim::Symbols& symbols) {
    const std::string& file = point.file.value;
    const shim::Symbols::Line found = symbols.line(file, point.line);
    if (!found.file_known) {
        std::vector<std::string> names = symbols.file_names();
        const std::size_t whole = names.size();
        for (std::size_t i = 0; i < whole; ++i) {
            names.push_back(names[i].substr(names[i].rfind('/') + 1));
        }
        throw Error{point.file.mark, "no source file " + in_quotes(file),
                    "a file that the detector or the mini-kernel was compiled from", nearest(file, names)};
    }
    if (found.code.empty()) {
        const std::string next =
            found.nearest == 0 ? "" : "; the nearest one with code is " + std::to_string(found.nearest);
        throw Error{point.file.mark, "no code at " + file + ":" + std::to_string(point.line),
                    "a line in which something is accessed" + next};
    }
    return {{}, Code{found.code}};
}

}  // namespace

Code::Code(std::vector<CodeRange> ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const CodeRange& a, const CodeRange& b) { return a.begin < b.begin; });
    for (const CodeRange& range : ranges) {
        if (!ranges_.empty() && range.begin <= ranges_.back().end) {
            ranges_.back().end = std::max(ranges_.back().end, range.end);
        } else if (range.begin < range.end) {
            ranges_.push_back(range);
        }
    }
    if (!ranges_.empty()) {
        begin_ = ranges_.front().begin;
        end_ = ranges_.back().end;
    }
}

ResolvedPoint resolve(const scenario::Point& point, const shim::Symbols& symbols, const std::vector<Device>& devices) {
    ResolvedPoint resolved;
    resolved.form = point.form;
    resolved.cpu = point.cpu.value;
    resolved.nth = point.nth;
    resolved.hop = point.hop;
    resolved.source = point.source;
    resolved.life = point.life;
    resolved.sentence = scenario::sentence(point);
    if (resolved.within_function()) {
        resolved.in = function(point.function, symbols);
    }
    switch (point.form) {
        case Form::Reads:
        case Form::Writes:
        case Form::Updates:
        case Form::Locks:
        case Form::Unlocks: {
            const Device* const device = device_of(point.object.value, devices);
            if (device != nullptr) {
                resolved.registers = registers(point, *device);
            } else {
                resolved.memory = memory(point, symbols, devices);
            }
            break;
        }
        case Form::Calls:
            resolved.target = function(point.callee, symbols);
            break;
        case Form::Enters:
        case Form::Leaves:
            resolved.target = function(point.function, symbols);
            break;
        case Form::Line:
            resolved.target = line(point, symbols);
            break;
        case Form::Nmi:
        case Form::Becomes:
            break;
    }
    return resolved;
}

}  // namespace hldsim::point
