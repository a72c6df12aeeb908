// SPDX-License-Identifier: GPL-2.0 OR MIT
// A shared object of instrumented C, loaded into this process: its writable memory, symbols, parameters, initcalls.
//
//   Made by      hldsim-cc (tools/hldsim-cc); recorded in its section .note.hldsim: ABI version, compiler, flags
//   Memory       the writable PT_LOAD minus PT_GNU_RELRO: with -z now -z relro -z separate-code exactly .data and .bss
//   Loaded once  an object stays loaded; the same file asked for again is the same object
//   Errors       ObjectError: missing, unreadable, no ELF for x86-64, not made by hldsim-cc, another ABI, an unresolved
//                symbol
#pragma once
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "detector/shim/abi.hpp"
#include "models/cpu/address_map.hpp"

namespace hldsim::shim {

class ObjectError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Object {
public:
    enum class Role : std::uint8_t { Kernel, Detector };

    struct Symbol {
        std::string name;
        std::uintptr_t at = 0;
        std::size_t size = 0;
        bool function = false;
    };
    struct Range {
        std::uintptr_t begin = 0;
        std::size_t length = 0;
        bool contains(const void* p) const { return reinterpret_cast<std::uintptr_t>(p) - begin < length; }
    };

    /// The kernel must be loaded before a detector, whose undefined symbols it satisfies.
    Object(std::string path, Role role);
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    Object(Object&&) = delete;
    Object& operator=(Object&&) = delete;
    ~Object() = default;

    const std::string& path() const { return path_; }
    Role role() const { return role_; }
    const std::string& build_id() const { return build_id_; }
    const std::string& compiler() const { return compiler_; }
    const std::string& kapi() const { return kapi_; }
    std::uintptr_t load_address() const { return load_address_; }

    /// Compiled from the project's core (hldsim-cc --core), perhaps with files exchanged.
    bool of_core() const { return of_core_; }

    const Range& writable() const { return writable_; }
    const Range& per_cpu() const { return per_cpu_; }  // length 0: none
    const Range& code() const { return code_; }
    /// Its constants are in there as well: strings, for example.
    const Range& image() const { return image_; }
    /// The initial bytes of writable(), as loaded.
    const std::vector<char>& pristine() const { return pristine_; }

    const std::vector<Symbol>& symbols() const { return symbols_; }
    /// Does its code name that symbol of another object?
    bool refers_to(std::string_view name) const {
        return std::find(foreign_.begin(), foreign_.end(), name) != foreign_.end();
    }
    /// The address of an exported symbol; throws ObjectError if there is none.
    void* exported(const char* name) const;
    /// Variables of writable(), or of per_cpu(), for the address map.
    std::vector<cpu::Variable> variables(const Range& range) const;

    /// Module parameters and initcalls, in link order.
    const struct hld_param* params() const { return reinterpret_cast<const struct hld_param*>(params_.begin); }
    std::size_t param_count() const { return params_.length / sizeof(struct hld_param); }
    const hld_initcall_t* initcalls() const { return reinterpret_cast<const hld_initcall_t*>(initcalls_.begin); }
    std::size_t initcall_count() const { return initcalls_.length / sizeof(hld_initcall_t); }

private:
    void read_elf();
    void read_note(const std::string& note);
    void find_segments();

    std::string path_;
    Role role_;
    void* handle_ = nullptr;
    std::string build_id_;
    std::string compiler_;
    std::string kapi_;
    bool of_core_ = false;
    std::uintptr_t load_address_ = 0;
    Range image_;
    Range writable_;
    Range per_cpu_;
    Range code_;
    Range params_;
    Range initcalls_;
    std::vector<char> pristine_;
    std::vector<Symbol> symbols_;
    std::vector<std::string> foreign_;  // names of symbols that others define
};

}  // namespace hldsim::shim
