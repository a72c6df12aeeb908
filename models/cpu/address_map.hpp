// SPDX-License-Identifier: Apache-2.0
// What a native address means to the models: a cache line and an identity that no linker, compiler or ASLR changes.
//
//   Image     writable memory of one object: each variable begins on a line of its own; identity = name and offset
//   Per-CPU   n copies of the per-CPU section of an image, at a fixed distance: identity = variable, offset and CPU
//   Arena     heap: lines and identities by offset
//   Deviation: the linker's layout (false sharing between variables) is not modelled
#pragma once
#include <cstdint>
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

    /// Bytes that belong to no variable share one line with their neighbours of the same kind.
    void add_image(std::uintptr_t begin, std::size_t length, const std::vector<Variable>& variables);
    /// `copies` copies, the first at begin + first_offset, then every `stride` bytes.
    void add_per_cpu(std::uintptr_t begin, std::size_t length, const std::vector<Variable>& variables,
                     std::uintptr_t first_offset, std::size_t stride, unsigned copies);
    void add_arena(std::uintptr_t begin, std::size_t length);

    /// Nothing where the address is not simulated memory (constants, another CPU's stack, wild pointers).
    std::optional<Location> locate(const void* p) const {
        const auto address = reinterpret_cast<std::uintptr_t>(p);
        for (const Region& region : regions_) {
            if (address - region.begin < region.extent) {
                // The copies of two objects' per-CPU variables lie between each other.
                if (const auto found = in(region, address - region.begin)) {
                    return found;
                }
            }
        }
        return std::nullopt;
    }

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
    struct Byte {
        unsigned line = 0;
        std::uint64_t identity = 0;
    };
    struct Region {
        std::uintptr_t begin = 0;
        std::size_t extent = 0;
        std::size_t stride = 0;   // 0: one copy
        std::size_t length = 0;   // of one copy
        unsigned first_line = 0;
        unsigned lines_per_copy = 0;
        std::vector<Byte> bytes;  // of one copy; empty: an arena
    };

    static std::optional<Location> in(const Region& region, std::uintptr_t offset);
    std::vector<Byte> name(std::uintptr_t begin, std::size_t length, const std::vector<Variable>& variables,
                           unsigned& lines, std::vector<Span>& spans) const;

    std::vector<Region> regions_;
    std::vector<Span> spans_;
    unsigned lines_ = 0;
    std::uintptr_t forbidden_begin_ = 0;
    std::size_t forbidden_length_ = 0;
};

}  // namespace hldsim::cpu
