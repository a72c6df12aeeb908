// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "detector/shim/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace hldsim::shim {

namespace {

constexpr std::uint64_t PAGE = 4096;

char* reserve(void* where, std::size_t length, int protection, int flags) {
    void* const memory = mmap(where, length, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

}  // namespace

Memory::Memory(const Object& kernel, const Object& detector, unsigned cpus) : kernel_{kernel}, detector_{detector} {
    arena_ = reserve(nullptr, ARENA, PROT_READ | PROT_WRITE, 0);
    if (arena_ == nullptr) {
        throw std::bad_alloc{};
    }
    map_per_cpu(cpus);
    for (const Object* object : {&kernel_, &detector_}) {
        const auto& image = object->writable();
        map_.add_image(image.begin, image.length, object->variables(image));
    }
    for (const Object* object : {&kernel_, &detector_}) {
        if (const auto& section = object->per_cpu(); section.length > 0) {
            map_.add_per_cpu(section.begin, section.length, object->variables(section), first_offset_, stride_, cpus);
        }
    }
    const unsigned arena_begins = map_.lines();
    map_.add_arena(reinterpret_cast<std::uintptr_t>(arena_), ARENA);
    map_.forbid(COOKIES_BEGIN, COOKIES);
    find_sources(cpus);
    for (unsigned line = 0; line < arena_begins; ++line) {  // the arena is new: its pages are not touched before use
        restore_line(line, sources_[line]);
    }
}

Memory::~Memory() {
    if (per_cpu_ != nullptr) {
        munmap(per_cpu_, per_cpu_length_);
    }
    munmap(arena_, ARENA);
}

// One stride must hold the sections of both objects with what lies between them, so that a single offset serves both.
void Memory::map_per_cpu(unsigned cpus) {
    std::uintptr_t begin = ~std::uintptr_t{0};
    std::uintptr_t end = 0;
    for (const Object* object : {&kernel_, &detector_}) {
        if (object->per_cpu().length > 0) {
            begin = std::min(begin, object->per_cpu().begin);
            end = std::max(end, object->per_cpu().begin + object->per_cpu().length);
        }
    }
    if (end == 0) {
        return;
    }
    begin &= ~(PAGE - 1);
    stride_ = (end - begin + PAGE - 1) & ~(PAGE - 1);
    per_cpu_length_ = stride_ * cpus;
    per_cpu_ = reserve(nullptr, per_cpu_length_, PROT_READ | PROT_WRITE, 0);
    if (per_cpu_ == nullptr) {
        throw std::bad_alloc{};
    }
    first_offset_ = reinterpret_cast<std::uintptr_t>(per_cpu_) - begin;
}

void Memory::find_sources(unsigned cpus) {
    sources_.assign(map_.lines(), nullptr);
    for (unsigned line = 0; line < map_.lines(); ++line) {
        const std::uintptr_t at = map_.spans()[line].at;
        for (const Object* object : {&kernel_, &detector_}) {
            const auto& image = object->writable();
            if (image.contains(reinterpret_cast<const void*>(at))) {
                sources_[line] = object->pristine().data() + (at - image.begin);
            }
            const std::uintptr_t in_copies = at - first_offset_ - object->per_cpu().begin;
            const bool in_per_cpu = object->per_cpu().length > 0 && in_copies < stride_ * cpus &&
                                    in_copies % stride_ < object->per_cpu().length;
            if (in_per_cpu && !image.contains(reinterpret_cast<const void*>(at))) {
                sources_[line] =
                    object->pristine().data() + (object->per_cpu().begin - image.begin) + in_copies % stride_;
            }
        }
    }
}

void Memory::restore(const std::vector<unsigned>& lines) {
    for (const unsigned line : lines) {
        restore_line(line, sources_[line]);
    }
}

void Memory::restore_line(unsigned line, const char* from) {
    const auto& span = map_.spans()[line];
    auto* const at = reinterpret_cast<char*>(span.at);
    if (from == nullptr) {
        from = sources_[line];
    }
    if (from == nullptr) {
        std::memset(at, 0, span.length);
    } else {
        std::memcpy(at, from, span.length);
    }
}

void Memory::save(const std::vector<unsigned>& lines, std::vector<char>& bytes) const {
    bytes.resize(lines.size() * cpu::AddressMap::LINE);
    char* to = bytes.data();
    for (const unsigned line : lines) {
        const auto& span = map_.spans()[line];
        std::memcpy(to, reinterpret_cast<const char*>(span.at), span.length);
        to += cpu::AddressMap::LINE;
    }
}

bool Memory::pristine() const {
    static constexpr std::array<char, cpu::AddressMap::LINE> ZEROES{};
    for (unsigned line = 0; line < map_.lines(); ++line) {
        const auto& span = map_.spans()[line];
        const char* const source = sources_[line] == nullptr ? ZEROES.data() : sources_[line];
        if (std::memcmp(reinterpret_cast<const char*>(span.at), source, span.length) != 0) {
            return false;
        }
    }
    return true;
}

// Linux, arch/x86/mm/ioremap.c, __ioremap_caller(): whole pages; neither nothing nor what wraps around.
char* Memory::map(std::uint64_t physical, std::uint64_t size) {
    if (size == 0 || physical + size - 1 < physical) {
        return nullptr;
    }
    const Mapping wanted{physical / PAGE, (physical + size - 1) / PAGE, 1};
    const auto same = std::find_if(mappings_.begin(), mappings_.end(), [&](const Mapping& made) {
        return made.first == wanted.first && made.last == wanted.last;
    });
    if (same == mappings_.end()) {
        mappings_.push_back(wanted);
    } else {
        ++same->times;
    }
    return reinterpret_cast<char*>(COOKIES_BEGIN + physical);
}

void Memory::unmap(const volatile void* cookie) {
    const std::uint64_t page = physical_of_cookie(cookie) / PAGE;
    const auto mapping =
        std::find_if(mappings_.begin(), mappings_.end(), [page](const Mapping& made) { return made.first == page; });
    if (mapping != mappings_.end() && --mapping->times == 0) {
        mappings_.erase(mapping);
    }
}

bool Memory::is_mapped(std::uint64_t physical, unsigned size) const {
    const auto covered = [this](std::uint64_t page) {
        return std::any_of(mappings_.begin(), mappings_.end(),
                           [page](const Mapping& made) { return made.first <= page && page <= made.last; });
    };
    const std::uint64_t first = physical / PAGE;
    const std::uint64_t last = (physical + size - 1) / PAGE;
    return covered(first) && (last == first || covered(last));
}

std::uint64_t Memory::physical(const void* p) const {
    const auto offset = static_cast<std::uint64_t>(static_cast<const char*>(p) - arena_);
    return offset < ARENA ? ARENA_PHYSICAL + offset : 0;
}

}  // namespace hldsim::shim
