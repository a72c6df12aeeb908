// SPDX-License-Identifier: GPL-2.0 OR MIT
// The entry points that gcc and clang put into the C (-fsanitize=thread, -fsanitize-coverage=trace-pc,trace-cmp).
// Nothing but forwarding: each records its return address, which is the simulated CPU's instruction pointer.
#include <cstdint>

#include "models/cpu/cpus.hpp"

using hldsim::cpu::AccessKind;
using hldsim::cpu::Cpu;
using hldsim::cpu::Cpus;
using hldsim::cpu::Effect;

#define HLDSIM_EXPORT extern "C" __attribute__((visibility("default"), used))

namespace {

// Null outside a simulated CPU: a constructor that dlopen() runs.
inline Cpu* at(const void* pc) {
    Cpu* const cpu = Cpus::running();
    if (cpu != nullptr) {
        cpu->pc = pc;
    }
    return cpu;
}

inline void load(Cpu* cpu, const volatile void* p, unsigned size, bool marked) {
    if (cpu != nullptr) {
        cpu->cluster.load(*cpu, const_cast<void*>(p), size, marked);
    }
}

inline void store(Cpu* cpu, const volatile void* p, unsigned size, bool marked) {
    if (cpu != nullptr) {
        cpu->cluster.store(*cpu, const_cast<void*>(p), size, marked);
    }
}

inline void access(Cpu* cpu, AccessKind kind, const volatile void* p, unsigned size, bool marked) {
    if (cpu != nullptr) {
        cpu->cluster.access(*cpu, kind, const_cast<void*>(p), size, marked);
    }
}

template <class T, class Operation>
T read_modify_write(Cpu* cpu, volatile T* p, Operation operation) {
    access(cpu, AccessKind::Rmw, p, sizeof(T), true);
    const T old = *p;
    *p = operation(old);
    if (cpu != nullptr) {
        cpu->cluster.made(*cpu, Effect::Rmw, const_cast<const T*>(p), static_cast<std::uint64_t>(*p), true);
    }
    return old;
}

// Never fails for no reason, as x86 does not: the weak form is the strong one.
template <class T>
int compare_exchange(Cpu* cpu, volatile T* p, T* expected, T value) {
    const T wanted = *expected;
    const T old = read_modify_write(cpu, p, [&](T was) { return was == wanted ? value : was; });
    if (old == wanted) {
        return 1;
    }
    *expected = old;
    return 0;
}

__extension__ using Uint128 = unsigned __int128;

}  // namespace

#define HERE at(__builtin_return_address(0))

HLDSIM_EXPORT void __tsan_init() {}

HLDSIM_EXPORT void __tsan_func_entry(void* caller) {
    if (Cpu* const cpu = Cpus::running(); cpu != nullptr) {
        cpu->cluster.settle(*cpu);
        if (cpu->stack.nearly_full(__builtin_frame_address(0))) {
            cpu->pc = caller;
            cpu->cluster.fault(*cpu, "overflows its stack");
        }
        cpu->callers.push_back(caller);
        if (cpu->observed) {
            cpu->cluster.observer()->entered(*cpu, __builtin_return_address(0), caller);
        }
    }
}

HLDSIM_EXPORT void __tsan_func_exit() {
    if (Cpu* const cpu = Cpus::running(); cpu != nullptr) {
        cpu->cluster.settle(*cpu);
        if (cpu->observed) {
            cpu->cluster.observer()->leaving(*cpu, cpu->pc);
        }
        cpu->callers.pop_back();
    }
}

// A block costs nothing, so no event becomes due here.
HLDSIM_EXPORT void __sanitizer_cov_trace_pc() {
    if (Cpu* const cpu = Cpus::running(); cpu != nullptr) {
        cpu->cluster.block(*cpu);
    }
}
HLDSIM_EXPORT void __sanitizer_cov_trace_pc_indir(std::uintptr_t) { __sanitizer_cov_trace_pc(); }

#define HLDSIM_COMPARE(NAME, TYPE) \
    HLDSIM_EXPORT void __sanitizer_cov_trace_##NAME(TYPE, TYPE) { __sanitizer_cov_trace_pc(); }
HLDSIM_COMPARE(cmp1, std::uint8_t)
HLDSIM_COMPARE(cmp2, std::uint16_t)
HLDSIM_COMPARE(cmp4, std::uint32_t)
HLDSIM_COMPARE(cmp8, std::uint64_t)
HLDSIM_COMPARE(const_cmp1, std::uint8_t)
HLDSIM_COMPARE(const_cmp2, std::uint16_t)
HLDSIM_COMPARE(const_cmp4, std::uint32_t)
HLDSIM_COMPARE(const_cmp8, std::uint64_t)
HLDSIM_EXPORT void __sanitizer_cov_trace_switch(std::uint64_t, std::uint64_t*) { __sanitizer_cov_trace_pc(); }

#define HLDSIM_PLAIN(N)                                                                       \
    HLDSIM_EXPORT void __tsan_read##N(void* p) { load(HERE, p, N, false); }                   \
    HLDSIM_EXPORT void __tsan_write##N(void* p) { store(HERE, p, N, false); }                 \
    HLDSIM_EXPORT void __tsan_unaligned_read##N(void* p) { load(HERE, p, N, false); }         \
    HLDSIM_EXPORT void __tsan_unaligned_write##N(void* p) { store(HERE, p, N, false); }       \
    HLDSIM_EXPORT void __tsan_volatile_read##N(void* p) { load(HERE, p, N, true); }           \
    HLDSIM_EXPORT void __tsan_volatile_write##N(void* p) { store(HERE, p, N, true); }         \
    HLDSIM_EXPORT void __tsan_unaligned_volatile_read##N(void* p) { load(HERE, p, N, true); } \
    HLDSIM_EXPORT void __tsan_unaligned_volatile_write##N(void* p) { store(HERE, p, N, true); }
HLDSIM_PLAIN(1)
HLDSIM_PLAIN(2)
HLDSIM_PLAIN(4)
HLDSIM_PLAIN(8)
HLDSIM_PLAIN(16)

// One instruction that reads and writes without a lock: as a bulk access, ordered and charged once.
#define HLDSIM_COMPOUND(N)                                                                            \
    HLDSIM_EXPORT void __tsan_read_write##N(void* p) { access(HERE, AccessKind::Bulk, p, N, false); } \
    HLDSIM_EXPORT void __tsan_unaligned_read_write##N(void* p) { access(HERE, AccessKind::Bulk, p, N, false); }
HLDSIM_COMPOUND(1)
HLDSIM_COMPOUND(2)
HLDSIM_COMPOUND(4)
HLDSIM_COMPOUND(8)
HLDSIM_COMPOUND(16)

// gcc announces a struct copy as write_range then read_range, both before the copy: neither may stay in the buffer.
HLDSIM_EXPORT void __tsan_read_range(void* p, unsigned long n) {
    access(HERE, AccessKind::Bulk, p, static_cast<unsigned>(n), false);
}
HLDSIM_EXPORT void __tsan_write_range(void* p, unsigned long n) {
    access(HERE, AccessKind::Bulk, p, static_cast<unsigned>(n), false);
}

// The arguments are types, names and whole expressions.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define HLDSIM_RMW(BITS, T, NAME, RESULT)                                   \
    HLDSIM_EXPORT T __tsan_atomic##BITS##_##NAME(volatile T* p, T v, int) { \
        return read_modify_write(HERE, p, [v](T old) {                      \
            (void)old;                                                      \
            return static_cast<T>(RESULT);                                  \
        });                                                                 \
    }
#define HLDSIM_ATOMIC(BITS, T)                                                                                   \
    HLDSIM_RMW(BITS, T, exchange, v)                                                                             \
    HLDSIM_RMW(BITS, T, fetch_add, old + v)                                                                      \
    HLDSIM_RMW(BITS, T, fetch_sub, old - v)                                                                      \
    HLDSIM_RMW(BITS, T, fetch_and, old& v)                                                                       \
    HLDSIM_RMW(BITS, T, fetch_or, old | v)                                                                       \
    HLDSIM_RMW(BITS, T, fetch_xor, old ^ v)                                                                      \
    HLDSIM_RMW(BITS, T, fetch_nand, ~(old & v))                                                                  \
    HLDSIM_EXPORT T __tsan_atomic##BITS##_load(const volatile T* p, int) {                                       \
        load(HERE, p, sizeof(T), true);                                                                          \
        return *p;                                                                                               \
    }                                                                                                            \
    HLDSIM_EXPORT void __tsan_atomic##BITS##_store(volatile T* p, T v, int order) {                              \
        if (order == __ATOMIC_SEQ_CST) {                                                                         \
            read_modify_write(HERE, p, [v](T) { return v; });                                                    \
            return;                                                                                              \
        }                                                                                                        \
        store(HERE, p, sizeof(T), true);                                                                         \
        *p = v;                                                                                                  \
    }                                                                                                            \
    HLDSIM_EXPORT T __tsan_atomic##BITS##_compare_exchange_val(volatile T* p, T expected, T v, int, int) {       \
        return read_modify_write(HERE, p, [&](T old) { return old == expected ? v : old; });                     \
    }                                                                                                            \
    HLDSIM_EXPORT int __tsan_atomic##BITS##_compare_exchange_strong(volatile T* p, T* expected, T v, int, int) { \
        return compare_exchange(HERE, p, expected, v);                                                           \
    }                                                                                                            \
    HLDSIM_EXPORT int __tsan_atomic##BITS##_compare_exchange_weak(volatile T* p, T* expected, T v, int, int) {   \
        return compare_exchange(HERE, p, expected, v);                                                           \
    }
HLDSIM_ATOMIC(8, std::uint8_t)
HLDSIM_ATOMIC(16, std::uint16_t)
HLDSIM_ATOMIC(32, std::uint32_t)
HLDSIM_ATOMIC(64, std::uint64_t)
HLDSIM_ATOMIC(128, Uint128)
// NOLINTEND(bugprone-macro-parentheses)

// mfence, or the locked instruction that compilers prefer; weaker fences order nothing that x86-TSO does not.
HLDSIM_EXPORT void __tsan_atomic_thread_fence(int order) {
    if (Cpu* const cpu = HERE; cpu != nullptr && order == __ATOMIC_SEQ_CST) {
        cpu->cluster.fence(*cpu, cpu->cluster.timing().cycles(hldsim::Row::MemMfence));
    }
}
HLDSIM_EXPORT void __tsan_atomic_signal_fence(int) {}
