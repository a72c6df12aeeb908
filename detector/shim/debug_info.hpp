// SPDX-License-Identifier: GPL-2.0 OR MIT
// What DWARF and the symbol table of one shared object say, read once and kept in tables sorted by address.
//
//   Source     DWARF 4 and 5 as gcc and clang write them; all addresses are those of the loaded object
//   Read       by load(), tens of milliseconds at most; on the host's stack only: libdw needs more than a CPU's has
//   Missing    an object without debug information gives the functions and variables of its symbol table, no more
#pragma once
#include <elfutils/libdw.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hldsim::shim {

/// Code from begin up to, not including, end.
struct CodeRange {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;

    bool contains(std::uintptr_t address) const { return address - begin < end - begin; }
};

class DebugInfo {
public:
    static constexpr std::size_t NONE = ~std::size_t{0};

    /// A function as compiled, or one place into which it has been inlined.
    struct Scope {
        std::string name;
        std::vector<CodeRange> ranges;
        std::size_t parent = NONE;  // the scope into which this one is inlined
        std::size_t call_file = NONE;
        unsigned call_line = 0;

        bool inlined() const { return parent != NONE; }
    };
    struct Body {
        CodeRange range;
        std::size_t scope = NONE;
    };
    /// A row of the line table: its code reaches up to the next row.
    struct Row {
        std::uintptr_t address = 0;
        std::size_t file = NONE;  // NONE: behind the end of a sequence
        unsigned line = 0;
    };
    struct Variable {
        std::string name;
        std::uintptr_t at = 0;
        std::size_t size = 0;
        Dwarf_Die type{};
        bool typed = false;
    };
    struct Symbol {
        std::string name;
        std::uintptr_t at = 0;
        std::size_t size = 0;
    };

    DebugInfo(std::string path, std::uintptr_t load_address);
    ~DebugInfo();
    DebugInfo(const DebugInfo&) = delete;
    DebugInfo& operator=(const DebugInfo&) = delete;
    DebugInfo(DebugInfo&&) = delete;
    DebugInfo& operator=(DebugInfo&&) = delete;

    /// Does nothing the second time.
    void load();

    bool has_code(std::uintptr_t address) const { return code_.contains(address); }
    /// Section .data..percpu: the initial values of which each CPU has a copy; empty if there is none.
    const CodeRange& per_cpu() const { return per_cpu_; }

    const std::vector<Scope>& scopes() const { return scopes_; }
    const std::vector<Row>& rows() const { return rows_; }
    const std::vector<std::string>& files() const { return files_; }
    const std::vector<Variable>& variables() const { return variables_; }  // by address
    const std::vector<Symbol>& functions() const { return functions_; }    // by address
    const std::map<std::string, Dwarf_Die, std::less<>>& structs() const { return structs_; }
    bool declares_function(std::string_view name) const { return declared_.count(name) != 0; }

    /// Scopes around an address, innermost first.
    std::vector<const Scope*> scopes_at(std::uintptr_t address) const;
    const Row* row_at(std::uintptr_t address) const;
    const Symbol* function_at(std::uintptr_t address) const;
    const Variable* variable_at(std::uintptr_t address) const;

private:
    struct Unit;

    void read_elf();
    void read_symbols(Elf* elf, std::size_t link, Elf_Data& data, std::size_t count);
    void read_unit(Dwarf_Die& unit);
    void read_rows(Unit& unit);
    void walk(Unit& unit, Dwarf_Die& parent, std::size_t scope);
    std::size_t add_scope(Unit& unit, Dwarf_Die& die, std::size_t parent);
    void add_variable(Dwarf_Die& die);
    std::size_t file(Unit& unit, const char* name);
    void sort();

    std::string path_;
    std::uintptr_t load_address_;
    int descriptor_ = -1;
    Dwarf* dwarf_ = nullptr;
    bool loaded_ = false;
    CodeRange code_;
    CodeRange per_cpu_;
    std::vector<Scope> scopes_;
    std::vector<std::vector<std::size_t>> inlined_;  // by scope
    std::vector<Body> bodies_;                       // by address
    std::vector<Row> rows_;
    std::vector<std::string> files_;
    std::map<std::string, std::size_t, std::less<>> file_numbers_;
    std::set<std::string, std::less<>> declared_;  // functions
    std::vector<Variable> variables_;
    std::vector<Symbol> functions_;
    std::map<std::string, Dwarf_Die, std::less<>> structs_;
};

}  // namespace hldsim::shim
