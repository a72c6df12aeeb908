// SPDX-License-Identifier: Apache-2.0
#include "models/regs/print.hpp"

#include <algorithm>

namespace hldsim::regs {

std::string_view access_name(Access access) {
    switch (access) {
        case Access::RO:
            return "RO";
        case Access::RW:
            return "RW";
        case Access::RW1C:
            return "RW1C";
        case Access::W1S:
            return "W1S";
        case Access::WO:
            return "WO";
        case Access::RSVD:
            return "rsvd";
        case Access::RSVP:
            return "rsvP";
        case Access::UNIMPL:
            return "unimplemented";
    }
    return "";
}

bool set_by_profile(const Field& field) {
    constexpr std::string_view MARK = "(profile)";
    const bool everywhere = field.meaning.find("exists with") == std::string_view::npos;
    const bool holds = field.access == Access::RO || (field.access == Access::RW && everywhere);
    return holds && field.meaning.size() >= MARK.size() &&
           field.meaning.substr(field.meaning.size() - MARK.size()) == MARK;
}

std::string hexadecimal(std::uint64_t value, unsigned width) {
    std::string digits = "0x";
    for (unsigned nibble = (width + 3) / 4; nibble-- > 0;) {
        digits += "0123456789abcdef"[value >> (4 * nibble) & 0xfU];
    }
    return digits;
}

namespace {

std::string short_hexadecimal(std::uint64_t value) {
    unsigned width = 4;
    while (width < 64 && value >> width != 0) {
        width += 4;
    }
    return value < 10 ? std::to_string(value) : hexadecimal(value, width);
}

std::string offset_name(std::uint32_t offset) {
    std::string digits = hexadecimal(offset, offset > 0xfff ? 16 : 12);
    return digits.substr(2) + "h";
}

std::string range(Bits bits) {
    return bits.msb == bits.lsb ? std::to_string(bits.lsb) : std::to_string(bits.msb) + ":" + std::to_string(bits.lsb);
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

/// A column of that width; what does not fit keeps two spaces in front of the next one.
std::string column(std::string_view text, std::size_t width) {
    return padded(std::string{text}, std::max(text.size() + 2, width));
}

/// Columns of a register's fields: as wide as the widest of their rows, and so that most registers agree.
struct Widths {
    std::size_t name = 22;
    std::size_t access = 6;
    std::size_t value = 12;
    void make_room(const Field& field, std::string_view text) {
        name = std::max(name, field.name.size() + 2);
        access = std::max(access, access_name(field.access).size() + 2);
        value = std::max(value, text.size() + 2);
    }
};

std::string where(const Map& map, const Register& spec) {
    if (map.places != nullptr) {
        return std::string{map.places[&spec - map.begin()]};
    }
    std::string text = offset_name(spec.offset);
    if (spec.repeat.count > 1) {
        text += "+" + offset_name(spec.repeat.stride) + "*n";
    }
    return text;
}

std::string heading(const Map& map) { return std::string{map.title} + " (" + std::string{map.source} + ")\n"; }

constexpr std::string_view PROFILE = "profile";

bool profile_decides(const Register& spec) { return std::any_of(spec.begin(), spec.end(), set_by_profile); }

/// What is said of a register besides its fields, in text and in Markdown.
std::string facts(const Register& spec) {
    return std::to_string(spec.width) + " bits, reset " +
           (profile_decides(spec) ? "set by the profile" : hexadecimal(spec.reset(), spec.width)) + ", section " +
           std::string{spec.section};
}

std::string reset_of(const Field& field) {
    return set_by_profile(field) ? std::string{PROFILE} : short_hexadecimal(field.reset);
}

bool reserved(const Field& field) { return field.access == Access::RSVD || field.access == Access::RSVP; }

std::string without_trailing_spaces(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string fields_as_text(const Register& spec) {
    Widths widths;
    for (const Field& field : spec) {
        widths.make_room(field, reset_of(field));
    }
    std::string text;
    for (const Field& field : spec) {
        const std::string line = "  " + column(range(field.bits), 7) +
                                 column(field.name.empty() ? "-" : field.name, widths.name) +
                                 column(access_name(field.access), widths.access) +
                                 column(reserved(field) ? "" : reset_of(field), widths.value);
        text += without_trailing_spaces(line + std::string{field.meaning}) + "\n";
    }
    return text;
}

std::string fields_as_markdown(const Register& spec) {
    std::string text = "| Bits | Field | Access | Reset | Meaning |\n|---|---|---|---|---|\n";
    for (const Field& field : spec) {
        text += "| " + range(field.bits) + " | " + (field.name.empty() ? "-" : std::string{field.name}) + " | " +
                std::string{access_name(field.access)} + " | " + (reserved(field) ? "0" : reset_of(field)) + " | " +
                std::string{field.meaning} + " |\n";
    }
    return text;
}

}  // namespace

std::string instance_name(const Register& spec, unsigned instance) {
    std::string name{spec.name};
    const std::size_t n = name.find('n');
    if (n != std::string::npos) {
        name.replace(n, 1, std::to_string(instance));
    } else if (spec.repeat.count > 1) {
        name += std::to_string(instance);
    }
    return name;
}

std::optional<Named> named(const Map& map, std::string_view name) {
    for (const Register& spec : map) {
        if (spec.name == name) {
            return Named{&spec, 0};
        }
        for (unsigned i = 0; i < spec.repeat.count; ++i) {
            if (instance_name(spec, i) == name) {
                return Named{&spec, i};
            }
        }
    }
    return std::nullopt;
}

std::vector<std::string> names(const Map& map) {
    std::vector<std::string> all;
    for (const Register& spec : map) {
        all.emplace_back(spec.name);
        for (unsigned i = 0; i < spec.repeat.count && spec.repeat.count > 1; ++i) {
            all.push_back(instance_name(spec, i));
        }
    }
    return all;
}

std::string to_text(const Map& map) {
    std::size_t width = 12;
    std::size_t name = 20;
    std::size_t reset = PROFILE.size();
    for (const Register& spec : map) {
        width = std::max(width, where(map, spec).size());
        name = std::max(name, spec.name.size());
        reset = std::max<std::size_t>(reset, 2 + (spec.width + 3) / 4);
    }
    std::string text = heading(map) + "\n";
    for (const Register& spec : map) {
        text +=
            "  " + padded(where(map, spec), width + 2) + padded(std::string{spec.name}, name + 2) +
            padded(std::to_string(spec.width) + " bits", 10) + "reset " +
            padded(profile_decides(spec) ? std::string{PROFILE} : hexadecimal(spec.reset(), spec.width), reset + 2) +
            "section " + std::string{spec.section} + "\n";
    }
    return text;
}

std::string to_text(const Map& map, const Register& spec) {
    std::string text = heading(map) + "\n" + std::string{spec.name} + "  " + where(map, spec) + ", " + facts(spec) +
                       "\n\n" + fields_as_text(spec);
    for (std::size_t i = 0; i < map.format_count; ++i) {
        if (map.formats[i].of == spec.name) {
            text += "\n" + std::string{map.formats[i].title} + ", section " +
                    std::string{map.formats[i].spec->section} + "\n\n" + fields_as_text(*map.formats[i].spec);
        }
    }
    return text;
}

namespace {

std::string register_as_markdown(const Map& map, const Register& spec) {
    std::string text = "**" + std::string{spec.name} + "** (" + where(map, spec) + "): " + facts(spec) + "\n\n" +
                       fields_as_markdown(spec);
    for (std::size_t i = 0; i < map.format_count; ++i) {
        if (map.formats[i].of == spec.name) {
            text += "\n**" + std::string{spec.name} + "**, " + std::string{map.formats[i].title} + ", section " +
                    std::string{map.formats[i].spec->section} + "\n\n" + fields_as_markdown(*map.formats[i].spec);
        }
    }
    return text;
}

}  // namespace

std::string to_markdown(const Map& map, const Register& spec) {
    return heading(map) + "\n" + register_as_markdown(map, spec);
}

std::string to_markdown(const Map& map) {
    const bool open = std::any_of(map.begin(), map.end(), profile_decides);
    std::string text = "Source: " + std::string{map.source} + "." +
                       (open ? " A reset \"profile\" is set by the profile." : "") + "\n\n| " +
                       (map.places != nullptr ? "Place" : "Offset") +
                       " | Register | Width | Section |\n|---|---|---|---|\n";
    for (const Register& spec : map) {
        text += "| " + where(map, spec) + " | " + std::string{spec.name} + " | " + std::to_string(spec.width) + " | " +
                std::string{spec.section} + " |\n";
    }
    for (const Register& spec : map) {
        text += "\n" + register_as_markdown(map, spec);
    }
    return text;
}

namespace {

/// Reserved bits are shown only where one is set.
bool hidden(const Field& field, std::uint64_t held) { return reserved(field) && held == 0; }

std::string_view name_in_value(const Field& field) { return reserved(field) ? "reserved" : field.name; }
std::string_view meaning_in_value(const Field& field) { return reserved(field) ? "set, but reserved" : field.meaning; }

/// Empty, or that the value is longer than the register.
std::string too_long(const Register& spec, std::uint64_t value) {
    const bool fits = spec.width >= 64 || value >> spec.width == 0;
    return fits ? "" : "the value has more than the register's " + std::to_string(spec.width) + " bits\n";
}

}  // namespace

std::string decode(const Register& spec, std::uint64_t value) {
    Widths widths;
    for (const Field& field : spec) {
        widths.make_room(field, short_hexadecimal(field.bits.get(value)));
    }
    std::string text;
    for (const Field& field : spec) {
        const std::uint64_t held = field.bits.get(value);
        if (!hidden(field, held)) {
            const std::string line = "  " + column(range(field.bits), 7) + column(name_in_value(field), widths.name) +
                                     column(short_hexadecimal(held), widths.value);
            text += without_trailing_spaces(line + std::string{meaning_in_value(field)}) + "\n";
        }
    }
    const std::string complaint = too_long(spec, value);
    return text + (complaint.empty() ? "" : "  ") + complaint;
}

std::string decode_markdown(const Register& spec, std::uint64_t value) {
    std::string text = "| Bits | Field | Value | Meaning |\n|---|---|---|---|\n";
    for (const Field& field : spec) {
        const std::uint64_t held = field.bits.get(value);
        if (!hidden(field, held)) {
            text += "| " + range(field.bits) + " | " + std::string{name_in_value(field)} + " | " +
                    short_hexadecimal(held) + " | " + std::string{meaning_in_value(field)} + " |\n";
        }
    }
    const std::string complaint = too_long(spec, value);
    return text + (complaint.empty() ? "" : "\n") + complaint;
}

std::string decode_short(const Register& spec, std::uint64_t value) {
    std::string text;
    for (const Field& field : spec) {
        const std::uint64_t held = field.bits.get(value);
        if (held != 0) {
            const std::string name = reserved(field) ? "reserved[" + range(field.bits) + "]" : std::string{field.name};
            text += (text.empty() ? "" : " ") + name + "=" + short_hexadecimal(held);
        }
    }
    return text;
}

std::string dump(const File& file) {
    std::string text;
    for (File::Slot s = 0; s < file.slots(); ++s) {
        if (file.present(s)) {
            const Register& spec = file.spec(s);
            const std::string line = column(instance_name(spec, file.instance(s)), 22) +
                                     hexadecimal(file.value(s), spec.width) + "  " + decode_short(spec, file.value(s));
            text += without_trailing_spaces(line) + "\n";
        }
    }
    return text;
}

namespace {

Named find(const Map& map, std::uint32_t offset) {
    for (const Register& spec : map) {
        for (unsigned i = 0; i < spec.repeat.count; ++i) {
            const std::uint32_t first = spec.offset + i * spec.repeat.stride;
            if (offset >= first && offset < first + spec.width / 8) {
                return {&spec, i};
            }
        }
    }
    return {};
}

}  // namespace

std::string register_at(const Map& map, std::uint32_t offset) {
    const Named found = find(map, offset);
    return found.spec != nullptr ? instance_name(*found.spec, found.instance) : "offset " + hexadecimal(offset, 12);
}

unsigned bytes_at(const Map& map, std::uint32_t offset) {
    const Register* const found = find(map, offset).spec;
    return found == nullptr ? 1 : found->width / 8;
}

std::string describe(const Diagnosis& diagnosis, const Map& map) {
    std::string place;
    if (diagnosis.by_access) {
        place = diagnosis.write ? "write of " : "read of ";
    }
    if (diagnosis.by_access && diagnosis.kind != Diagnosis::Kind::Misuse) {
        place += std::to_string(bytes(diagnosis.size)) + (diagnosis.size == Size::B1 ? " byte, " : " bytes, ");
    }
    if (diagnosis.offset != NO_REGISTER) {
        place += register_at(map, diagnosis.offset);
    }
    if (diagnosis.write || !diagnosis.by_access) {
        place += (diagnosis.offset != NO_REGISTER ? ", " : "") + hexadecimal(diagnosis.value, 64);
    }
    return std::string{kind_name(diagnosis.kind)} + ": " + std::string{diagnosis.what} + " (" + place + ")";
}

}  // namespace hldsim::regs
