// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "detector/shim/data_layout.hpp"

#include <dwarf.h>

#include <algorithm>
#include <iterator>

namespace hldsim::shim {

namespace {

// A pathological type must not turn one name into millions of pieces of memory.
constexpr std::size_t MOST_STRETCHES = 65536;
constexpr unsigned DEEPEST = 16;

Dwarf_Die type_of(Dwarf_Die die) {
    Dwarf_Attribute attribute{};
    Dwarf_Die type{};
    if (dwarf_formref_die(dwarf_attr_integrate(&die, DW_AT_type, &attribute), &type) == nullptr) {
        return {};
    }
    return type;
}

int tag_of(Dwarf_Die type) { return type.addr == nullptr ? DW_TAG_invalid : dwarf_tag(&type); }

std::size_t size_of(Dwarf_Die type) {
    Dwarf_Word size = 0;
    return type.addr != nullptr && dwarf_aggregate_size(&type, &size) == 0 ? size : 0;
}

bool number_of(Dwarf_Die die, unsigned name, std::size_t& value) {
    Dwarf_Attribute attribute{};
    Dwarf_Word word = 0;
    if (dwarf_attr_integrate(&die, name, &attribute) == nullptr || dwarf_formudata(&attribute, &word) != 0) {
        return false;
    }
    value = word;
    return true;
}

std::string_view name_of(Dwarf_Die die) {
    const char* const name = dwarf_diename(&die);
    return name == nullptr ? std::string_view{} : std::string_view{name};
}

struct Row {
    std::string_view name;  // empty: an unnamed struct or union
    Member member;
};

std::vector<Row> rows_of(Dwarf_Die type) {
    std::vector<Row> rows;
    const Dwarf_Die plain = plain_type(type);
    Dwarf_Die die{};
    Dwarf_Die parent = plain;
    if (!is_struct(plain) || dwarf_child(&parent, &die) != 0) {
        return rows;
    }
    do {
        if (dwarf_tag(&die) != DW_TAG_member) {
            continue;
        }
        Row row{name_of(die), {type_of(die), 0, 0}};
        std::size_t bits = 0;
        if (number_of(die, DW_AT_data_bit_offset, bits)) {
            row.member.offset = bits / 8;
        } else {
            number_of(die, DW_AT_data_member_location, row.member.offset);
        }
        row.member.size = size_of(row.member.type);
        rows.push_back(row);
    } while (dwarf_siblingof(&die, &die) == 0);
    return rows;
}

bool is_aggregate(Dwarf_Die type) { return is_struct(type) || tag_of(plain_type(type)) == DW_TAG_array_type; }

// A struct around one thing which is the value itself.
bool is_value(Dwarf_Die type, const std::vector<Row>& rows) {
    return rows.size() == 1 && (is_aggregate(rows[0].member.type) || name_of(plain_type(type)).empty());
}

bool is_bitmap(Dwarf_Die type) {
    const std::optional<Array> words = array(type);
    if (!words) {
        return false;
    }
    const std::string_view name = name_of(plain_type(words->element));
    return name == "long unsigned int" || name == "unsigned long";  // gcc, clang
}

bool is_sleeping_lock(Dwarf_Die type) {
    const std::string_view name = name_of(plain_type(type));
    return name == "mutex" || name == "rw_semaphore" || name == "percpu_rw_semaphore" || name == "semaphore";
}

enum class Sought : std::uint8_t { Member, Lock };

std::string inside(Dwarf_Die type, std::size_t offset, Sought sought, bool in_struct = false, unsigned depth = 0) {
    if (depth > DEEPEST || (sought == Sought::Lock && offset == 0 && is_struct(type) && is_sleeping_lock(type))) {
        return {};
    }
    if (const std::optional<Array> elements = array(type)) {
        if (elements->element_size == 0 || (in_struct && is_bitmap(type))) {
            return {};
        }
        return "[" + std::to_string(offset / elements->element_size) + "]" +
               inside(elements->element, offset % elements->element_size, sought, false, depth + 1);
    }
    const std::vector<Row> rows = rows_of(type);
    if (is_value(type, rows)) {
        return {};
    }
    for (const Row& row : rows) {
        if (offset - row.member.offset < std::max<std::size_t>(row.member.size, 1)) {
            const std::string name = row.name.empty() ? std::string{} : "." + std::string{row.name};
            return name + inside(row.member.type, offset - row.member.offset, sought, true, depth + 1);
        }
    }
    return {};
}

// Through typedefs, for some locks are unnamed structs.
bool is_called(Dwarf_Die type, std::string_view name) {
    while (type.addr != nullptr) {
        if (name_of(type) == name) {
            return true;
        }
        const int tag = dwarf_tag(&type);
        if (tag != DW_TAG_typedef && tag != DW_TAG_const_type && tag != DW_TAG_volatile_type) {
            return false;
        }
        type = type_of(type);
    }
    return false;
}

void collect_locks(Dwarf_Die type, const std::string& path, std::vector<std::string>& found, unsigned depth) {
    if (is_lock(type)) {
        found.push_back(path);  // what it is made of goes without names
        return;
    }
    if (depth > DEEPEST) {
        return;
    }
    if (const std::optional<Array> elements = array(type)) {
        collect_locks(elements->element, path, found, depth + 1);
        return;
    }
    for (const Row& row : rows_of(type)) {
        if (is_aggregate(row.member.type)) {
            collect_locks(row.member.type, row.name.empty() ? path : path + "." + std::string{row.name}, found,
                          depth + 1);
        }
    }
}

}  // namespace

Dwarf_Die plain_type(Dwarf_Die type) {
    Dwarf_Die plain{};
    return type.addr != nullptr && dwarf_peel_type(&type, &plain) == 0 ? plain : Dwarf_Die{};
}

bool is_struct(Dwarf_Die type) {
    const int tag = tag_of(plain_type(type));
    return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

bool is_pointer(Dwarf_Die type) { return tag_of(plain_type(type)) == DW_TAG_pointer_type; }

std::string type_name(Dwarf_Die type) {
    if (type.addr == nullptr) {
        return "unknown";
    }
    if (const std::optional<Array> elements = array(type)) {
        return type_name(elements->element) + "[" + std::to_string(elements->count) + "]";
    }
    if (is_pointer(type)) {
        return "pointer";
    }
    const std::string_view name = name_of(type);
    switch (dwarf_tag(&type)) {
        case DW_TAG_structure_type:
            return name.empty() ? "struct" : "struct " + std::string{name};
        case DW_TAG_union_type:
            return name.empty() ? "union" : "union " + std::string{name};
        case DW_TAG_enumeration_type:
            return name.empty() ? "enum" : "enum " + std::string{name};
        case DW_TAG_const_type:
        case DW_TAG_volatile_type:
            return type_name(type_of(type));
        default:
            return std::string{name};
    }
}

std::optional<Member> member(Dwarf_Die type, std::string_view name) {
    for (const Row& row : rows_of(type)) {
        if (row.name == name) {
            return row.member;
        }
        if (row.name.empty()) {
            if (std::optional<Member> found = member(row.member.type, name)) {
                found->offset += row.member.offset;
                return found;
            }
        }
    }
    return std::nullopt;
}

std::vector<std::string> member_names(Dwarf_Die type) {
    std::vector<std::string> names;
    for (const Row& row : rows_of(type)) {
        if (row.name.empty()) {
            const std::vector<std::string> inner = member_names(row.member.type);
            names.insert(names.end(), inner.begin(), inner.end());
        } else {
            names.emplace_back(row.name);
        }
    }
    return names;
}

std::optional<Array> array(Dwarf_Die type) {
    Dwarf_Die plain = plain_type(type);
    if (tag_of(plain) != DW_TAG_array_type) {
        return std::nullopt;
    }
    Array found{type_of(plain), 0, 1};
    found.element_size = size_of(found.element);
    Dwarf_Die range{};
    if (dwarf_child(&plain, &range) == 0) {
        do {
            std::size_t number = 0;
            if (dwarf_tag(&range) != DW_TAG_subrange_type) {
                continue;
            }
            if (number_of(range, DW_AT_count, number)) {
                found.count *= number;
            } else {
                found.count *= number_of(range, DW_AT_upper_bound, number) ? number + 1 : 0;
            }
        } while (dwarf_siblingof(&range, &range) == 0);
    }
    return found;
}

std::string name_inside(Dwarf_Die type, std::size_t offset) { return inside(type, offset, Sought::Member); }

std::string lock_name_inside(Dwarf_Die type, std::size_t offset) { return inside(type, offset, Sought::Lock); }

bool is_lock(Dwarf_Die type) {
    constexpr std::string_view SPINNING[] = {"arch_spinlock_t", "raw_spinlock", "spinlock", "rwlock_t"};
    return is_sleeping_lock(type) || std::any_of(std::begin(SPINNING), std::end(SPINNING), [&](std::string_view name) {
               return is_called(type, name) || name_of(plain_type(type)) == name;
           });
}

std::vector<std::string> locks_inside(Dwarf_Die type) {
    std::vector<std::string> found;
    collect_locks(type, {}, found, 0);
    return found;
}

bool descend(Part& part, std::string_view member_name) {
    const std::optional<Member> found = member(part.type, member_name);
    if (!found) {
        return false;
    }
    part.type = found->type;
    for (Stretch& stretch : part.memory) {
        stretch.begin += found->offset;
        stretch.length = found->size;
    }
    return true;
}

void descend_elements(Part& part) {
    const std::optional<Array> elements = array(part.type);
    if (!elements) {
        return;
    }
    std::vector<Stretch> all;
    for (const Stretch& stretch : part.memory) {
        if (stretch.count == 1) {
            all.push_back({stretch.begin, elements->element_size, elements->element_size, elements->count});
            continue;
        }
        for (std::size_t i = 0; i < elements->count && all.size() < MOST_STRETCHES; ++i) {
            all.push_back(
                {stretch.begin + i * elements->element_size, elements->element_size, stretch.stride, stretch.count});
        }
    }
    part.type = elements->element;
    part.memory = std::move(all);
}

bool descend_element(Part& part, std::size_t number) {
    const std::optional<Array> elements = array(part.type);
    if (!elements || number >= elements->count) {
        return false;
    }
    part.type = elements->element;
    for (Stretch& stretch : part.memory) {
        stretch.begin += number * elements->element_size;
        stretch.length = elements->element_size;
    }
    return true;
}

void collect_structs(const Part& whole, std::string_view wanted, std::vector<Part>& found) {
    if (array(whole.type)) {
        Part elements = whole;
        descend_elements(elements);
        collect_structs(elements, wanted, found);
        return;
    }
    if (!is_struct(whole.type)) {
        return;
    }
    if (name_of(plain_type(whole.type)) == wanted) {
        found.push_back(whole);
    }
    for (const Row& row : rows_of(whole.type)) {
        if (is_aggregate(row.member.type)) {
            Part inner{row.member.type, whole.memory};
            for (Stretch& stretch : inner.memory) {
                stretch.begin += row.member.offset;
                stretch.length = row.member.size;
            }
            collect_structs(inner, wanted, found);
        }
    }
}

}  // namespace hldsim::shim
