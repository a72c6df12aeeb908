// SPDX-License-Identifier: GPL-2.0 OR MIT
// Where the members of an object lie, and which member lies at an offset: DWARF types, read one step at a time.
//
//   Whole      an array of unsigned long in a struct is a bitmap; a struct around one aggregate (cpumask, spinlock_t),
//              or an unnamed one around one number (atomic_t), is a value: they have no inside for a name
#pragma once
#include <elfutils/libdw.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hldsim::shim {

/// Memory that a name stands for: `count` pieces, each `length` bytes, `stride` from begin to begin.
struct Stretch {
    std::uintptr_t begin = 0;
    std::size_t length = 0;
    std::size_t stride = 0;
    std::size_t count = 1;

    /// Does an access of `size` bytes at `address` touch it?
    bool touches(std::uintptr_t address, std::size_t size) const {
        const std::uintptr_t offset = address - begin;
        if (count == 1 || stride == 0) {
            return offset < length || begin - address < size;
        }
        const std::uintptr_t into = offset % stride;
        const bool in_piece = offset / stride < count && into < length;
        return in_piece || (offset + size > offset && offset / stride + 1 < count && stride - into < size) ||
               begin - address < size;
    }
};

/// Without typedef, const, volatile: what the type is.
Dwarf_Die plain_type(Dwarf_Die type);

struct Member {
    Dwarf_Die type{};
    std::size_t offset = 0;
    std::size_t size = 0;
};
/// The member of that name, in unnamed members too; nothing if the type is no struct or has no such member.
std::optional<Member> member(Dwarf_Die type, std::string_view name);
std::vector<std::string> member_names(Dwarf_Die type);
bool is_struct(Dwarf_Die type);
bool is_pointer(Dwarf_Die type);
/// "struct irq_desc", "unsigned int", "pointer"; the name of a typedef stays.
std::string type_name(Dwarf_Die type);

struct Array {
    Dwarf_Die element{};
    std::size_t element_size = 0;
    std::size_t count = 0;  // of all dimensions
};
std::optional<Array> array(Dwarf_Die type);

/// ".lock", "[3].next", "" for the whole: what lies at an offset inside an object of that type.
std::string name_inside(Dwarf_Die type, std::size_t offset);
/// The same of a lock that begins there: a mutex is the mutex, not its first member.
std::string lock_name_inside(Dwarf_Die type, std::size_t offset);

/// Whether an object of that type is a lock, by the types whose taking the runtime is told of.
bool is_lock(Dwarf_Die type);
/// The locks inside of an object of that type, "" for itself, ".lock" for a member: of an array those of an element.
std::vector<std::string> locks_inside(Dwarf_Die type);

/// A variable, or a part of one, with its type.
struct Part {
    Dwarf_Die type{};
    std::vector<Stretch> memory;
};
bool descend(Part& part, std::string_view member_name);
void descend_elements(Part& part);                     // an array: each element
bool descend_element(Part& part, std::size_t number);  // that element

/// Every part of `whole` that is the struct `wanted`, itself included.
void collect_structs(const Part& whole, std::string_view wanted, std::vector<Part>& found);

}  // namespace hldsim::shim
