// SPDX-License-Identifier: GPL-2.0 OR MIT
// The memory of a machine that runs a kernel and a detector object: where it lies, and how a power cycle restores it.
//
//   Images     each object's .data and .bss, restored from the bytes that were loaded
//   Per-CPU    one copy of both objects' per-CPU sections for each CPU; the copy of v for CPU c is &v + offset(c)
//   Arena      1 MiB of zeroes for kmalloc(); the last page holds the strings of parameters
//   Cookies    4 GiB that cannot be dereferenced: ioremap(p) is cookie base + p, where Linux has its mappings and no
//              process anything. Devices are reached through the whole pages that mappings cover, until each of these
//              is taken back
//   Restored   are only the lines that a run has touched
#pragma once
#include <cstdint>
#include <vector>

#include "detector/shim/object.hpp"
#include "models/base/state_copy.hpp"
#include "models/cpu/address_map.hpp"

namespace hldsim::shim {

class Memory {
public:
    static constexpr std::size_t ARENA = std::size_t{1} << 20U;
    static constexpr std::size_t STRINGS = 4096;
    static constexpr std::uint64_t ARENA_PHYSICAL = 0x1'0000'0000;

    Memory(const Object& kernel, const Object& detector, unsigned cpus);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    Memory(Memory&&) = delete;
    Memory& operator=(Memory&&) = delete;

    const cpu::AddressMap& addresses() const { return map_; }
    void restore(const std::vector<unsigned>& lines);
    /// What lies in these lines, LINE bytes each.
    void save(const std::vector<unsigned>& lines, std::vector<char>& bytes) const;
    /// One line: as it was loaded, or as save() put it at `from`.
    void restore_line(unsigned line, const char* from);
    /// Everything as it was loaded? Slow: for tests.
    bool pristine() const;

    std::uint64_t per_cpu_offset(unsigned cpu) const { return first_offset_ + cpu * stride_; }
    std::uint64_t per_cpu_stride() const { return stride_; }
    char* arena() const { return arena_; }
    /// Room for the strings of parameters.
    char* strings() const { return arena_ + ARENA - STRINGS; }
    /// ioremap(): null where Linux refuses it.
    char* map(std::uint64_t physical, std::uint64_t size);
    /// iounmap() of the mapping that has this page for its first. Deviation: all mappings of a page have the same
    /// cookies, so that one that is taken back is missed only when no other covers the page.
    void unmap(const volatile void* cookie);
    bool is_mapped(std::uint64_t physical, unsigned size) const;
    void forget_mappings() { mappings_.clear(); }
    std::uint64_t physical_of_cookie(const volatile void* cookie) const {
        return reinterpret_cast<std::uintptr_t>(cookie) - COOKIES_BEGIN;
    }
    bool is_cookie(const volatile void* p) const { return physical_of_cookie(p) < COOKIES; }
    /// Physical address of arena memory; 0 for anything else.
    std::uint64_t physical(const void* p) const;

    void copy_state(StateCopy& s) { s(mappings_); }

private:
    struct Mapping {
        std::uint64_t first = 0;  // pages
        std::uint64_t last = 0;
        std::uint64_t times = 0;  // made and not taken back
    };

    static constexpr std::uintptr_t COOKIES_BEGIN = 0xffff'c900'0000'0000;  // Linux, x86_64/mm.rst: vmalloc/ioremap
    static constexpr std::size_t COOKIES = std::size_t{1} << 32U;

    void map_per_cpu(unsigned cpus);
    void find_sources(unsigned cpus);

    const Object& kernel_;
    const Object& detector_;
    cpu::AddressMap map_;
    std::vector<const char*> sources_;  // of each line's initial bytes; null: zeroes
    char* per_cpu_ = nullptr;
    std::size_t per_cpu_length_ = 0;
    std::uint64_t first_offset_ = 0;
    std::uint64_t stride_ = 0;
    char* arena_ = nullptr;
    std::vector<Mapping> mappings_;
};

}  // namespace hldsim::shim
