// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/stack.hpp"

#include <sanitizer/asan_interface.h>  // its macros are empty without -fsanitize=address
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

// Saves what the System V ABI (x86-64, 3.2.1) calls callee-saved; all else is dead across a call. No SSE state: the C
// is built without it.
extern "C" void hldsim_switch_stack(void** save, void* load);
asm(R"(
    .text
    .globl hldsim_switch_stack
    .hidden hldsim_switch_stack
    .type hldsim_switch_stack, @function
hldsim_switch_stack:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size hldsim_switch_stack, . - hldsim_switch_stack
)");

namespace hldsim::cpu {

namespace {
Stack* starting = nullptr;  // the stack whose trampoline is about to run
void* outside = nullptr;    // saved stack pointer of the scheduler
}  // namespace

Stacks::Stacks(std::size_t count) : count_{count} {
    void* const memory =
        mmap(nullptr, count * Stack::SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc{};
    }
    base_ = static_cast<char*>(memory);
    for (std::size_t number = 0; number < count; ++number) {
        if (mprotect(this->memory(number), Stack::GUARD, PROT_NONE) != 0) {
            munmap(base_, count * Stack::SIZE);
            throw std::bad_alloc{};
        }
    }
}

Stacks::~Stacks() {
    ASAN_UNPOISON_MEMORY_REGION(base_, count_ * Stack::SIZE);  // what is mapped here next inherits the shadow
    munmap(base_, count_ * Stack::SIZE);
}

void Stack::trampoline() {
    Stack& self = *starting;
    self.entry_(self.argument_);
    std::abort();  // a CPU never returns: it halts, or its stack is abandoned
}

void Stack::start(Entry entry, void* argument) {
    entry_ = entry;
    argument_ = argument;
    ASAN_UNPOISON_MEMORY_REGION(base_ + GUARD, SIZE - GUARD);  // abandoned frames leave their red zones behind
    constexpr std::size_t CALLEE_SAVED = 6;
    auto* word = reinterpret_cast<std::uintptr_t*>(top_ - 64);
    *--word = 0;  // the trampoline's own return address, which also aligns its frame
    *--word = reinterpret_cast<std::uintptr_t>(&Stack::trampoline);
    for (std::size_t i = 0; i < CALLEE_SAVED; ++i) {
        *--word = 0;
    }
    inside_ = word;
}

void* Stack::emptied() {
    ASAN_UNPOISON_MEMORY_REGION(base_ + GUARD, SIZE - GUARD);
    constexpr std::size_t RETURN_ADDRESS = 8;  // which a call would have pushed: x86-64 psABI, 3.2.2
    return top_ - 64 - RETURN_ADDRESS;
}

void Stack::resume() {
    starting = this;
    hldsim_switch_stack(&outside, inside_);
}

// Not memcpy: under ASan the stack holds red zones, which a checked copy would report. Those of frames that come back
// are not poisoned again: less is detected there, nothing falsely.
void Stack::copy_state(StateCopy& s) {
    s(inside_);
    if (inside_ == nullptr) {
        return;
    }
    auto size = static_cast<std::size_t>(top_ - static_cast<char*>(inside_));
    char* to = s.room(size);
    const char* from = static_cast<const char*>(inside_);
    if (!s.saving()) {
        ASAN_UNPOISON_MEMORY_REGION(base_ + GUARD, SIZE - GUARD);
        from = to;
        to = static_cast<char*>(inside_);
    }
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

void Stack::suspend() { hldsim_switch_stack(&inside_, outside); }

void Stack::abandon() {
    ASAN_UNPOISON_MEMORY_REGION(base_ + GUARD, SIZE - GUARD);  // start() has come before these frames ended
    static void* nowhere = nullptr;
    hldsim_switch_stack(&nowhere, outside);
}

void Stack::pass_to(Stack& next) {
    starting = &next;
    hldsim_switch_stack(&inside_, next.inside_);
}

}  // namespace hldsim::cpu
