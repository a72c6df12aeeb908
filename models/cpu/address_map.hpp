// SPDX-License-Identifier: Apache-2.0
// What a native address means to the models: a cache line and an identity that no linker, compiler or ASLR changes.
//
//   Image     writable memory of one object: each variable begins on a line of its own; identity = name and offset
//   Per-CPU   n copies of the per-CPU section of an image, at a fixed distance: identity = variable, offset and CPU
//   Arena     heap: lines and identities by offset
//   Deviation: the linker's layout (false sharing between variables) is not modelled
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hldsim::cpu {

struct Location {
    unsigned line = 0;
    std::uint64_t identity = 0;  // equal in every build of the same source: goes into traces
};

/// A variable of an image: offset from the image's begin, size in bytes, and a hash of its name.
struct Variable {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t name_hash = 0;
};

class AddressMap {
public:
    static constexpr unsigned LINE = 64;
    static constexpr unsigned NO_LINE = ~0U;

    /// Bytes that belong to no variable share one line with their neighbours of the same kind.
    void add_image(std::uintptr_t begin, std::size_t length, const std::vector<Variable>& variables);
    /// `copies` copies, the first at begin + first_offset, then every `stride` bytes.
    void add_per_cpu(std::uintptr_t begin, std::size_t length, const std::vector<Variable>& variables,
                     std::uintptr_t first_offset, std::size_t stride, unsigned copies);
    void add_arena(std::uintptr_t begin, std::size_t length);

    /// NO_LINE where the address is not simulated memory (constants, another CPU's stack, wild pointers).
    unsigned line(const void* p) const {
        const auto address = reinterpret_cast<std::uintptr_t>(p);
        const Piece& piece = recent_[slot_of(address)];
        if (address - piece.begin < piece.length) {
            return piece.first_line + piece.lines[address - piece.begin];
        }
        return find_line(address);
    }
    /// As line(), or NO_LINE if nobody has asked for its surroundings lately.
    unsigned recent_line(const void* p) const {
        const auto address = reinterpret_cast<std::uintptr_t>(p);
        const Piece& piece = recent_[slot_of(address)];
        const std::uintptr_t offset = address - piece.begin;
        return offset < piece.length ? piece.first_line + piece.lines[offset] : NO_LINE;
    }
    /// As line(), with the identity: slow, for traces.
    std::optional<Location> locate(const void* p) const;
    /// A value as a trace may tell it: an address of simulated memory by its identity, a cookie by its offset, a CPU's
    /// per-CPU offset by its number, as where they lie differs from run to run; any other value as it is.
    std::uint64_t told(std::uint64_t value) const;

    /// A range that software must not dereference (device cookies): an access there is a bad access, loads too.
    void forbid(std::uintptr_t begin, std::size_t length) {
        forbidden_begin_ = begin;
        forbidden_length_ = length;
    }
    bool forbidden(const void* p) const {
        return reinterpret_cast<std::uintptr_t>(p) - forbidden_begin_ < forbidden_length_;
    }

    unsigned lines() const { return lines_; }
    /// First native address of a line and its length, for restoring what was written.
    struct Span {
        std::uintptr_t at = 0;
        unsigned length = 0;
    };
    const std::vector<Span>& spans() const { return spans_; }

private:
    // Of each byte of one copy; apart from each other, as each access asks for a line and only a trace for identities.
    struct Bytes {
        std::vector<std::uint32_t> lines;
        std::vector<std::uint64_t> identities;
    };
    struct Region {
        std::uintptr_t begin = 0;
        std::size_t extent = 0;
        std::size_t stride = 0;  // 0: one copy
        std::size_t length = 0;  // of one copy
        unsigned first_line = 0;
        unsigned lines_per_copy = 0;
        std::shared_ptr<const Bytes> bytes;  // of one copy, shared by copies of the map; null: an arena
    };
    // A stretch of memory that was asked for lately, with its part of a table.
    struct Piece {
        std::uintptr_t begin = 0;
        std::size_t length = 0;
        const std::uint32_t* lines = nullptr;
        unsigned first_line = 0;
    };
    static constexpr std::size_t RECENT = 64;
    static constexpr std::size_t PAGE = 4096;

    static std::size_t slot_of(std::uintptr_t address) { return address / PAGE % RECENT; }
    const Region* region_at(std::uintptr_t address) const;
    unsigned find_line(std::uintptr_t address) const;
    unsigned no_line(std::uintptr_t address) const;
    std::shared_ptr<const Bytes> name(std::uintptr_t begin, std::size_t length, const std::vector<Variable>& variables,
                                      unsigned& lines, std::vector<Span>& spans) const;

    std::vector<Region> regions_;
    mutable std::array<Piece, RECENT> recent_{};
    std::vector<Span> spans_;
    unsigned lines_ = 0;
    std::uintptr_t first_offset_ = 0;  // of the copies of per-CPU sections, which share their stride
    std::size_t stride_ = 0;
    unsigned copies_ = 0;
    std::uintptr_t forbidden_begin_ = 0;
    std::size_t forbidden_length_ = 0;
};

}  // namespace hldsim::cpu
