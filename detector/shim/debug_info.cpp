// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "detector/shim/debug_info.hpp"

#include <dwarf.h>
#include <fcntl.h>
#include <gelf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace hldsim::shim {

namespace {

// The last element that begins at or before the address, in a table sorted by address.
template <class Table, class Address>
auto* at_or_before(const Table& table, std::uintptr_t address, Address address_of) {
    const auto after = std::upper_bound(table.begin(), table.end(), address,
                                        [&](std::uintptr_t a, const auto& entry) { return a < address_of(entry); });
    return after == table.begin() ? nullptr : &*std::prev(after);
}

unsigned unsigned_attribute(Dwarf_Die& die, unsigned name) {
    Dwarf_Attribute attribute{};
    Dwarf_Word value = 0;
    if (dwarf_attr(&die, name, &attribute) == nullptr || dwarf_formudata(&attribute, &value) != 0) {
        return 0;
    }
    return static_cast<unsigned>(value);
}

// The static address of a variable: DW_OP_addr, or DW_OP_addrx as clang writes it, and perhaps an offset.
bool static_address(Dwarf_Die& die, std::uintptr_t& address) {
    Dwarf_Attribute location{};
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_attr(&die, DW_AT_location, &location) == nullptr ||
        dwarf_getlocation(&location, &operations, &count) != 0 || count == 0) {
        return false;
    }
    if (operations[0].atom == DW_OP_addr) {
        address = operations[0].number;
    } else if (operations[0].atom == DW_OP_addrx || operations[0].atom == DW_OP_GNU_addr_index) {
        Dwarf_Attribute indexed{};
        Dwarf_Addr found = 0;
        if (dwarf_getlocation_attr(&location, operations, &indexed) != 0 || dwarf_formaddr(&indexed, &found) != 0) {
            return false;
        }
        address = found;
    } else {
        return false;
    }
    if (count == 2 && operations[1].atom == DW_OP_plus_uconst) {
        address += operations[1].number;
    }
    return count <= 2;
}

}  // namespace

// A compilation unit while it is read.
struct DebugInfo::Unit {
    Dwarf_Die die{};
    std::string folder;
    Dwarf_Files* files = nullptr;
    std::size_t file_count = 0;
};

DebugInfo::DebugInfo(std::string path, std::uintptr_t load_address)
    : path_{std::move(path)}, load_address_{load_address} {}

DebugInfo::~DebugInfo() {
    dwarf_end(dwarf_);
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

void DebugInfo::load() {
    if (loaded_) {
        return;
    }
    loaded_ = true;
    descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0 && errno == ENOENT) {
        return;
    }
    if (descriptor_ < 0) {  // there are names, and without them invariants would not be watched
        throw std::runtime_error{path_ + ": cannot be read: " + std::strerror(errno)};
    }
    read_elf();
    dwarf_ = dwarf_begin(descriptor_, DWARF_C_READ);
    Dwarf_CU* unit = nullptr;
    Dwarf_Die die{};
    while (dwarf_ != nullptr && dwarf_get_units(dwarf_, unit, &unit, nullptr, nullptr, &die, nullptr) == 0) {
        if (dwarf_tag(&die) == DW_TAG_compile_unit) {
            read_unit(die);
        }
    }
    sort();
}

void DebugInfo::read_elf() {
    elf_version(EV_CURRENT);
    Elf* const elf = elf_begin(descriptor_, ELF_C_READ, nullptr);
    std::size_t segments = 0;
    std::size_t names = 0;
    if (elf == nullptr || elf_getphdrnum(elf, &segments) != 0 || elf_getshdrstrndx(elf, &names) != 0) {
        elf_end(elf);
        return;
    }
    for (std::size_t i = 0; i < segments; ++i) {
        GElf_Phdr segment{};
        gelf_getphdr(elf, static_cast<int>(i), &segment);
        if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
            code_ = {load_address_ + segment.p_vaddr, load_address_ + segment.p_vaddr + segment.p_memsz};
        }
    }
    for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
        GElf_Shdr header{};
        gelf_getshdr(section, &header);
        const char* const name = elf_strptr(elf, names, header.sh_name);
        Elf_Data* const data = elf_getdata(section, nullptr);
        if (name != nullptr && std::string_view{name} == ".data..percpu") {
            per_cpu_ = {load_address_ + header.sh_addr, load_address_ + header.sh_addr + header.sh_size};
        } else if (header.sh_type == SHT_SYMTAB && data != nullptr && header.sh_entsize != 0) {
            read_symbols(elf, header.sh_link, *data, header.sh_size / header.sh_entsize);
        }
    }
    elf_end(elf);
}

void DebugInfo::read_symbols(Elf* elf, std::size_t link, Elf_Data& data, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Sym symbol{};
        gelf_getsym(&data, static_cast<int>(i), &symbol);
        const char* const name = elf_strptr(elf, link, symbol.st_name);
        if (name == nullptr || symbol.st_shndx == SHN_UNDEF || symbol.st_size == 0) {
            continue;
        }
        if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC) {
            functions_.push_back({name, load_address_ + symbol.st_value, symbol.st_size});
        } else if (GELF_ST_TYPE(symbol.st_info) == STT_OBJECT) {
            variables_.push_back({name, load_address_ + symbol.st_value, symbol.st_size, {}, false});
        }
    }
}

void DebugInfo::read_unit(Dwarf_Die& die) {
    Unit unit;
    unit.die = die;
    Dwarf_Attribute attribute{};
    const char* const folder = dwarf_formstring(dwarf_attr(&die, DW_AT_comp_dir, &attribute));
    unit.folder = folder == nullptr ? "" : folder;
    if (dwarf_getsrcfiles(&unit.die, &unit.files, &unit.file_count) != 0) {
        unit.file_count = 0;
    }
    read_rows(unit);
    walk(unit, die, NONE);
}

void DebugInfo::read_rows(Unit& unit) {
    Dwarf_Lines* lines = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrclines(&unit.die, &lines, &count) != 0) {
        return;
    }
    const char* last = nullptr;  // libdw has one copy of a name: most rows are of the file of the row before
    std::size_t last_file = NONE;
    for (std::size_t i = 0; i < count; ++i) {
        Dwarf_Line* const line = dwarf_onesrcline(lines, i);
        Dwarf_Addr address = 0;
        int number = 0;
        bool end = false;
        dwarf_lineaddr(line, &address);
        dwarf_lineno(line, &number);
        dwarf_lineendsequence(line, &end);
        const char* const name = dwarf_linesrc(line, nullptr, nullptr);
        if (name != last) {
            last_file = name == nullptr ? NONE : file(unit, name);
            last = name;
        }
        rows_.push_back({load_address_ + address, end ? NONE : last_file, static_cast<unsigned>(number)});
    }
}

// Relative to the folder in which the compiler ran: that is the project's root, whatever machine built the object.
std::size_t DebugInfo::file(Unit& unit, const char* name) {
    std::string_view text = name;
    if (!unit.folder.empty() && text.size() > unit.folder.size() && text.substr(0, unit.folder.size()) == unit.folder &&
        text[unit.folder.size()] == '/') {
        text.remove_prefix(unit.folder.size() + 1);
    }
    while (text.size() > 2 && text.substr(0, 2) == "./") {
        text.remove_prefix(2);
    }
    const auto known = file_numbers_.find(text);
    if (known != file_numbers_.end()) {
        return known->second;
    }
    files_.emplace_back(text);
    file_numbers_.emplace(text, files_.size() - 1);
    return files_.size() - 1;
}

void DebugInfo::walk(Unit& unit, Dwarf_Die& parent, std::size_t scope) {
    Dwarf_Die die{};
    if (dwarf_child(&parent, &die) != 0) {
        return;
    }
    do {
        switch (dwarf_tag(&die)) {
            case DW_TAG_subprogram:
                if (const char* const name = dwarf_diename(&die)) {
                    declared_.emplace(name);
                }
                walk(unit, die, add_scope(unit, die, NONE));
                break;
            case DW_TAG_inlined_subroutine:
                walk(unit, die, scope == NONE ? NONE : add_scope(unit, die, scope));
                break;
            case DW_TAG_lexical_block:
                walk(unit, die, scope);
                break;
            case DW_TAG_variable:
                add_variable(die);
                break;
            case DW_TAG_structure_type:
            case DW_TAG_union_type:
                if (const char* const name = dwarf_diename(&die);
                    name != nullptr && dwarf_hasattr(&die, DW_AT_declaration) == 0) {
                    structs_.emplace(name, die);
                }
                break;
            default:
                break;
        }
    } while (dwarf_siblingof(&die, &die) == 0);
}

// NONE for what has no code: a declaration, the abstract instance of an inlined function.
std::size_t DebugInfo::add_scope(Unit& unit, Dwarf_Die& die, std::size_t parent) {
    Scope scope;
    Dwarf_Addr base = 0;
    Dwarf_Addr begin = 0;
    Dwarf_Addr end = 0;
    for (std::ptrdiff_t next = dwarf_ranges(&die, 0, &base, &begin, &end); next > 0;
         next = dwarf_ranges(&die, next, &base, &begin, &end)) {
        if (begin < end) {
            scope.ranges.push_back({load_address_ + begin, load_address_ + end});
        }
    }
    const char* const name = dwarf_diename(&die);
    if (name == nullptr || (scope.ranges.empty() && parent == NONE)) {
        return NONE;
    }
    scope.name = name;
    scope.parent = parent;
    if (parent != NONE) {
        const unsigned number = unsigned_attribute(die, DW_AT_call_file);
        const char* const called_in =
            number < unit.file_count ? dwarf_filesrc(unit.files, number, nullptr, nullptr) : nullptr;
        scope.call_file = called_in == nullptr ? NONE : file(unit, called_in);
        scope.call_line = unsigned_attribute(die, DW_AT_call_line);
    }
    const std::size_t number = scopes_.size();
    for (const CodeRange& range : scope.ranges) {
        if (parent == NONE) {
            bodies_.push_back({range, number});
        }
    }
    scopes_.push_back(std::move(scope));
    inlined_.emplace_back();
    if (parent != NONE) {
        inlined_[parent].push_back(number);
    }
    return number;
}

void DebugInfo::add_variable(Dwarf_Die& die) {
    std::uintptr_t address = 0;
    if (!static_address(die, address)) {
        return;
    }
    const char* const name = dwarf_diename(&die);
    if (name == nullptr) {
        return;
    }
    Variable variable{name, load_address_ + address, 0, {}, false};
    Dwarf_Attribute attribute{};
    Dwarf_Word size = 0;
    if (dwarf_formref_die(dwarf_attr_integrate(&die, DW_AT_type, &attribute), &variable.type) != nullptr) {
        variable.typed = true;
        variable.size = dwarf_aggregate_size(&variable.type, &size) == 0 ? size : 0;
    }
    variables_.push_back(std::move(variable));
}

void DebugInfo::sort() {
    std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
        return a.address != b.address ? a.address < b.address : a.file == NONE && b.file != NONE;
    });
    std::sort(bodies_.begin(), bodies_.end(),
              [](const Body& a, const Body& b) { return a.range.begin < b.range.begin; });
    std::sort(functions_.begin(), functions_.end(),
              [](const Symbol& a, const Symbol& b) { return a.at != b.at ? a.at < b.at : a.name < b.name; });
    // What DWARF knows hides the symbol of the same address: it has the name without a suffix, and a type.
    std::stable_sort(variables_.begin(), variables_.end(), [](const Variable& a, const Variable& b) {
        return a.at != b.at ? a.at < b.at : a.typed && !b.typed;
    });
    const auto same = [](const Variable& a, const Variable& b) { return a.at == b.at; };
    variables_.erase(std::unique(variables_.begin(), variables_.end(), same), variables_.end());
}

std::vector<const DebugInfo::Scope*> DebugInfo::scopes_at(std::uintptr_t address) const {
    std::vector<const Scope*> found;
    const Body* const body = at_or_before(bodies_, address, [](const Body& b) { return b.range.begin; });
    if (body == nullptr || !body->range.contains(address)) {
        return found;
    }
    std::size_t scope = body->scope;
    while (scope != NONE) {
        found.insert(found.begin(), &scopes_[scope]);
        const auto inner = std::find_if(inlined_[scope].begin(), inlined_[scope].end(), [&](std::size_t candidate) {
            const auto& ranges = scopes_[candidate].ranges;
            return std::any_of(ranges.begin(), ranges.end(),
                               [&](const CodeRange& range) { return range.contains(address); });
        });
        scope = inner == inlined_[scope].end() ? NONE : *inner;
    }
    return found;
}

const DebugInfo::Row* DebugInfo::row_at(std::uintptr_t address) const {
    const Row* const row = at_or_before(rows_, address, [](const Row& r) { return r.address; });
    return row == nullptr || row->file == NONE ? nullptr : row;
}

const DebugInfo::Symbol* DebugInfo::function_at(std::uintptr_t address) const {
    const Symbol* const found = at_or_before(functions_, address, [](const Symbol& s) { return s.at; });
    return found == nullptr || address - found->at >= found->size ? nullptr : found;
}

const DebugInfo::Variable* DebugInfo::variable_at(std::uintptr_t address) const {
    const Variable* const found = at_or_before(variables_, address, [](const Variable& v) { return v.at; });
    return found == nullptr || address - found->at >= found->size ? nullptr : found;
}

}  // namespace hldsim::shim
