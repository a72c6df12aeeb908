// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/address_map.hpp"

#include <algorithm>

namespace hldsim::cpu {

// Lines are numbered in the order of the variables' names, not of their addresses: gcc and clang lay them out
// differently. `variables` may come in any order.
std::shared_ptr<const AddressMap::Bytes> AddressMap::name(std::uintptr_t begin, std::size_t length,
                                                          const std::vector<Variable>& variables, unsigned& lines,
                                                          std::vector<Span>& spans) const {
    auto bytes = std::make_shared<Bytes>();
    bytes->lines.resize(length);
    bytes->identities.resize(length);
    std::vector<Variable> sorted = variables;
    std::sort(sorted.begin(), sorted.end(), [](const Variable& a, const Variable& b) {
        return a.name_hash != b.name_hash ? a.name_hash < b.name_hash : a.offset < b.offset;
    });
    std::vector<bool> named(length, false);
    lines = 0;
    const auto take = [&](std::size_t offset, std::size_t size, std::uint64_t hash) {
        for (std::size_t k = 0; k < size; ++k) {
            bytes->lines[offset + k] = lines + static_cast<unsigned>(k / LINE);
            bytes->identities[offset + k] = hash + k;
            named[offset + k] = true;
            if (k % LINE == 0) {
                spans.push_back({begin + offset + k, static_cast<unsigned>(std::min<std::size_t>(LINE, size - k))});
            }
        }
        lines += static_cast<unsigned>((size + LINE - 1) / LINE);
    };
    for (const Variable& variable : sorted) {
        const bool fits = variable.size > 0 && variable.offset + variable.size <= length;
        if (fits && !named[variable.offset]) {
            take(variable.offset, variable.size, variable.name_hash);
        }
    }
    for (std::size_t offset = 0; offset < length;) {  // what no symbol covers
        std::size_t end = offset;
        while (end < length && !named[end]) {
            ++end;
        }
        if (end > offset) {
            take(offset, end - offset, 0x9e3779b97f4a7c15U);
        }
        offset = end + 1;
    }
    return bytes;
}

void AddressMap::add_image(std::uintptr_t begin, std::size_t length, const std::vector<Variable>& variables) {
    Region region;
    region.begin = begin;
    region.extent = region.length = length;
    region.first_line = lines_;
    region.bytes = name(begin, length, variables, region.lines_per_copy, spans_);
    lines_ += region.lines_per_copy;
    regions_.push_back(std::move(region));
    recent_ = {};
}

void AddressMap::add_per_cpu(std::uintptr_t begin, std::size_t length, const std::vector<Variable>& variables,
                             std::uintptr_t first_offset, std::size_t stride, unsigned copies) {
    Region region;
    region.begin = begin + first_offset;
    region.length = length;
    region.stride = stride;
    region.extent = stride * copies;
    region.first_line = lines_;
    first_offset_ = first_offset;
    stride_ = stride;
    copies_ = copies;
    std::vector<Span> spans;
    region.bytes = name(region.begin, length, variables, region.lines_per_copy, spans);
    for (unsigned copy = 0; copy < copies; ++copy) {
        for (Span span : spans) {
            span.at += copy * stride;
            spans_.push_back(span);
        }
    }
    lines_ += region.lines_per_copy * copies;
    regions_.push_back(std::move(region));
    recent_ = {};
}

void AddressMap::add_arena(std::uintptr_t begin, std::size_t length) {
    Region region;
    region.begin = begin;
    region.extent = region.length = length;
    region.first_line = lines_;
    region.lines_per_copy = static_cast<unsigned>((length + LINE - 1) / LINE);
    spans_.reserve(spans_.size() + region.lines_per_copy);
    for (std::size_t offset = 0; offset < length; offset += LINE) {
        spans_.push_back({begin + offset, static_cast<unsigned>(std::min<std::size_t>(LINE, length - offset))});
    }
    lines_ += region.lines_per_copy;
    regions_.push_back(std::move(region));
    recent_ = {};
}

// The copies of two objects' per-CPU variables lie between each other: the extents overlap, the copies do not.
const AddressMap::Region* AddressMap::region_at(std::uintptr_t address) const {
    for (const Region& region : regions_) {
        const std::uintptr_t offset = address - region.begin;
        if (offset < region.extent && (region.stride == 0 || offset % region.stride < region.length)) {
            return &region;
        }
    }
    return nullptr;
}

// Constants are read as often as variables: that a page holds nothing else is remembered, too.
unsigned AddressMap::no_line(std::uintptr_t address) const {
    static const std::array<std::uint32_t, PAGE> ONE_LINE{};
    const std::uintptr_t page = address / PAGE * PAGE;
    const bool shared = std::any_of(regions_.begin(), regions_.end(), [&](const Region& region) {
        return page < region.begin + region.extent && region.begin < page + PAGE;
    });
    if (!shared) {
        recent_[slot_of(address)] = {page, PAGE, ONE_LINE.data(), NO_LINE};
    }
    return NO_LINE;
}

unsigned AddressMap::find_line(std::uintptr_t address) const {
    static const auto LINES_OF_A_PAGE = [] {
        std::array<std::uint32_t, PAGE> lines{};
        for (std::uint32_t k = 0; k < PAGE; ++k) {
            lines[k] = k / LINE;
        }
        return lines;
    }();
    const Region* const region = region_at(address);
    if (region == nullptr) {
        return no_line(address);
    }
    const std::uintptr_t offset = address - region->begin;
    Piece& piece = recent_[slot_of(address)];
    if (region->bytes == nullptr) {
        const std::uintptr_t page = offset / PAGE;
        piece = {region->begin + page * PAGE, std::min(PAGE, region->length - page * PAGE), LINES_OF_A_PAGE.data(),
                 region->first_line + static_cast<unsigned>(page * PAGE / LINE)};
    } else {
        const std::uintptr_t copy = region->stride == 0 ? 0 : offset / region->stride;
        piece = {region->begin + copy * region->stride, region->length, region->bytes->lines.data(),
                 region->first_line + static_cast<unsigned>(copy) * region->lines_per_copy};
    }
    return piece.first_line + piece.lines[address - piece.begin];
}

std::optional<Location> AddressMap::locate(const void* p) const {
    constexpr std::uint64_t ARENA = 0xa4e0000000000000U;
    const unsigned at = line(p);
    if (at == NO_LINE) {
        return std::nullopt;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(p);
    const Region& region = *region_at(address);
    const std::uintptr_t offset = address - region.begin;
    if (region.bytes == nullptr) {
        return Location{at, ARENA + offset};
    }
    if (region.stride == 0) {
        return Location{at, region.bytes->identities[offset]};
    }
    return Location{at, region.bytes->identities[offset % region.stride] ^ ((offset / region.stride + 1) << 40U)};
}

std::uint64_t AddressMap::told(std::uint64_t value) const {
    constexpr std::uint64_t COOKIE = 0xc0ce000000000000U;
    constexpr std::uint64_t PER_CPU = 0x9ec9000000000000U;
    const auto* const p = reinterpret_cast<const void*>(value);
    if (forbidden(p)) {
        return COOKIE + (value - forbidden_begin_);
    }
    if (const std::uint64_t behind = value - first_offset_;
        stride_ != 0 && behind % stride_ == 0 && behind / stride_ < copies_) {
        return PER_CPU + behind / stride_;
    }
    const auto location = locate(p);
    return location ? location->identity : value;
}

}  // namespace hldsim::cpu
