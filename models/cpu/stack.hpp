// SPDX-License-Identifier: Apache-2.0
// A CPU's own native stack, and the switch to and from it.
//
//   Size       256 KiB reserved, a guard page at the low end; resident is what was used
//   Leaving    a stack is abandoned: start() resets the stack pointer and nothing runs, no unwinding, no destructor
//   Rule       therefore no C++ frame between a hook and suspend() may own anything
#pragma once
#include <cstddef>

#include "models/base/state_copy.hpp"

namespace hldsim::cpu {

class Stack {
public:
    static constexpr std::size_t SIZE = std::size_t{256} * 1024;
    using Entry = void (*)(void* argument);

    Stack();
    ~Stack();
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;
    Stack(Stack&&) = delete;
    Stack& operator=(Stack&&) = delete;

    /// The next resume() calls entry(argument) on this stack, which must not return. What was on it is abandoned.
    void start(Entry entry, void* argument);
    /// From the scheduler's stack to this one; returns at its suspend().
    void resume();
    /// From this stack to the scheduler's; returns at the next resume().
    void suspend();

    /// What is in use of it, while it is suspended.
    void copy_state(StateCopy& s);

    bool owns(const void* p) const {
        return static_cast<const char*>(p) >= base_ && static_cast<const char*>(p) < base_ + SIZE;
    }
    const char* top() const { return base_ + SIZE; }

private:
    static void trampoline();

    char* base_ = nullptr;
    void* inside_ = nullptr;   // saved stack pointer of the CPU
    void* outside_ = nullptr;  // saved stack pointer of the scheduler
    Entry entry_ = nullptr;
    void* argument_ = nullptr;
};

}  // namespace hldsim::cpu
