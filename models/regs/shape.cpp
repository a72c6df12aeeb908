// SPDX-License-Identifier: Apache-2.0
#include "models/regs/shape.hpp"

#include <algorithm>

#include "models/regs/print.hpp"

namespace hldsim::regs {

namespace {

constexpr Access WORDS[] = {Access::RO, Access::RW,   Access::RW1C, Access::W1S,
                            Access::WO, Access::RSVD, Access::RSVP, Access::UNIMPL};

/// How the whole field is accessed; a field of which the profile changes a part stays what its row says.
Access access_of(const Field& field, const Shape::Instance& made) {
    if (made.file == nullptr) {
        return field.access;
    }
    for (const Access word : WORDS) {
        if ((field.bits.mask() & ~made.file->mask(made.slot, word)) == 0) {
            return word;
        }
    }
    return field.access;
}

std::string_view without_mark(std::string_view meaning) {
    constexpr std::string_view MARK = " (profile)";
    return meaning.substr(0, meaning.size() - MARK.size());
}

std::vector<Field> shaped(const Register& spec, const Shape::Instance& made) {
    std::vector<Field> fields{spec.begin(), spec.end()};
    for (Field& field : fields) {
        field.meaning = set_by_profile(field) ? without_mark(field.meaning) : field.meaning;
        field.access = access_of(field, made);
        field.reset = field.bits.get(made.reset);
    }
    return fields;
}

bool same(const std::vector<Field>& a, const std::vector<Field>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Field& one, const Field& other) {
        return one.access == other.access && one.reset == other.reset;
    });
}

}  // namespace

Shape::Shape(const File& file)
    : Shape{file.map(), [&file](const Register& spec, unsigned instance) {
                const File::Slot slot = file.slot(spec.name, instance);
                return Instance{file.present(slot), file.reset_value(slot), &file, slot};
            }} {}

Shape::Shape(const Map& map, const std::function<Instance(const Register& spec, unsigned instance)>& made) : map_{map} {
    for (const Register& spec : map) {
        std::vector<Instance> instances;
        for (unsigned i = 0; i < spec.repeat.count; ++i) {
            if (const Instance one = made(spec, i); one.present) {
                instances.push_back(one);
            }
        }
        add(map, spec, instances);
    }
    map_.registers = registers_.data();
    map_.count = registers_.size();
    map_.places = map.places == nullptr ? nullptr : places_.data();
    map_.formats = formats_.data();
    map_.format_count = formats_.size();
}

// Those that exist are the first ones: File::limit().
void Shape::add(const Map& map, const Register& spec, const std::vector<Instance>& instances) {
    std::vector<std::vector<Field>> each;
    each.reserve(instances.size());
    for (const Instance& one : instances) {
        each.push_back(shaped(spec, one));
    }
    const bool alike = std::all_of(each.begin(), each.end(), [&](const auto& fields) { return same(fields, each[0]); });
    for (unsigned i = 0; i < each.size(); ++i) {
        Register row = spec;
        row.offset += instances[i].moved;
        if (alike) {
            row.repeat.count = static_cast<unsigned>(each.size());
            return add_row(map, spec, row, std::move(each[0]));
        }
        row.name = names_.emplace_back(instance_name(spec, i));
        row.offset += i * spec.repeat.stride;
        row.repeat = {};
        add_row(map, spec, row, std::move(each[i]));
    }
}

// `row` is `spec`, or an instance of it: its place and its other formats are the same.
void Shape::add_row(const Map& map, const Register& spec, const Register& row, std::vector<Field> fields) {
    fields_.push_back(std::move(fields));
    registers_.push_back(row);
    registers_.back().fields = fields_.back().data();
    if (map.places != nullptr) {
        places_.push_back(map.places[&spec - map.begin()]);
    }
    for (std::size_t i = 0; i < map.format_count; ++i) {
        if (map.formats[i].of == spec.name) {
            formats_.push_back(map.formats[i]);
            formats_.back().of = row.name;
        }
    }
}

}  // namespace hldsim::regs
