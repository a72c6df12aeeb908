// SPDX-License-Identifier: Apache-2.0
// A CPU's own native stack, and the switch to and from it.
//
//   Size       256 KiB reserved, a guard page at the low end; resident is what was used
//   Colour     how far below its end a stack begins: the host's caches would map the tops of all stacks to a few sets
//   Leaving    a stack is abandoned: start() resets the stack pointer and nothing runs, no unwinding, no destructor
//   Rule       therefore no C++ frame between a hook and suspend() may own anything
#pragma once
#include <cstddef>
#include <cstdint>

#include "models/base/state_copy.hpp"

namespace hldsim::cpu {

class Stack {
public:
    static constexpr std::size_t SIZE = std::size_t{256} * 1024;
    static constexpr std::size_t GUARD = 4096;
    static constexpr std::size_t RESERVE = std::size_t{32} * 1024;  // for what a hook calls
    static constexpr std::size_t MOST_COLOUR = std::size_t{64} * 1024;
    using Entry = void (*)(void* argument);

    /// On SIZE bytes of a Stacks; `colour` is a multiple of 64 below MOST_COLOUR.
    explicit Stack(char* memory, std::size_t colour = 0) : base_{memory}, top_{memory + SIZE - colour} {}

    /// The next resume() calls entry(argument) on this stack, which must not return. What was on it is abandoned.
    void start(Entry entry, void* argument);
    /// From the scheduler's stack to this one; returns at its suspend().
    void resume();
    /// From this stack to the scheduler's, whoever was resumed from there; returns at the next resume() or pass_to().
    void suspend();
    /// As suspend(), and nothing returns; start() may have prepared it for its next life.
    void abandon();
    /// From this stack to another CPU's; returns as suspend() does.
    void pass_to(Stack& next);

    /// Brings what resume() and the frames above need first into the host's caches.
    void prefetch() const {
        constexpr std::size_t BYTES = 256;
        for (std::size_t offset = 0; offset < BYTES; offset += 64) {
            __builtin_prefetch(static_cast<const char*>(inside_) + offset);
        }
    }
    /// What is in use of it, while it is suspended.
    void copy_state(StateCopy& s);

    bool owns(const void* p) const {
        return static_cast<const char*>(p) >= base_ && static_cast<const char*>(p) < base_ + SIZE;
    }
    const char* top() const { return top_; }
    bool nearly_full(const void* sp) const { return static_cast<const char*>(sp) < base_ + GUARD + RESERVE; }
    bool in_guard(const void* p) const { return owns(p) && static_cast<const char*>(p) < base_ + GUARD; }
    /// The stack pointer of a function that is entered with nothing below it: what was on the stack is abandoned.
    void* emptied();

private:
    static void trampoline();

    char* base_;
    char* top_;
    void* inside_ = nullptr;  // saved stack pointer
    Entry entry_ = nullptr;
    void* argument_ = nullptr;
};

/// The memory of several stacks, side by side: whose stack an address is on costs a division.
class Stacks {
public:
    /// Throws std::bad_alloc.
    explicit Stacks(std::size_t count);
    ~Stacks();
    Stacks(const Stacks&) = delete;
    Stacks& operator=(const Stacks&) = delete;
    Stacks(Stacks&&) = delete;
    Stacks& operator=(Stacks&&) = delete;

    static constexpr std::size_t NONE = ~std::size_t{0};

    char* memory(std::size_t number) const { return base_ + number * Stack::SIZE; }
    std::size_t owner(const void* p) const {
        const auto offset = reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(base_);
        return offset < count_ * Stack::SIZE ? offset / Stack::SIZE : NONE;
    }

private:
    std::size_t count_;
    char* base_ = nullptr;
};

}  // namespace hldsim::cpu
