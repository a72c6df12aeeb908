// SPDX-License-Identifier: GPL-2.0 OR MIT
// Memory and string functions as chunks of plain accesses: 8 bytes where they fit, single bytes otherwise. Each chunk
// is a point, so an NMI can land in the middle of a copy, as it can in the loop that a kernel runs.
#include <cstring>

#include "detector/shim/abi.hpp"
#include "models/cpu/cpus.hpp"

using hldsim::cpu::Cpu;
using hldsim::cpu::Cpus;

#define HLDSIM_EXPORT extern "C" __attribute__((visibility("default"), used))

namespace {

constexpr hld_u64 CHUNK = 8;

Cpu* called_from(const void* pc) {
    Cpu* const cpu = Cpus::running();
    if (cpu != nullptr) {
        cpu->pc = pc;
    }
    return cpu;
}

hld_u64 load_chunk(const void* p, hld_u64 size, const void* pc) {
    if (Cpu* const cpu = called_from(pc); cpu != nullptr) {
        cpu->cluster.load(*cpu, const_cast<void*>(p), static_cast<unsigned>(size), false);
    }
    hld_u64 value = 0;
    std::memcpy(&value, p, size);
    return value;
}

char load_byte(const char* p, const void* pc) { return static_cast<char>(load_chunk(p, 1, pc)); }

void store_chunk(void* p, hld_u64 value, hld_u64 size, const void* pc) {
    if (Cpu* const cpu = called_from(pc); cpu != nullptr) {
        cpu->cluster.store(*cpu, p, static_cast<unsigned>(size), false);
    }
    std::memcpy(p, &value, size);
}

hld_u64 chunk(hld_u64 left) { return left >= CHUNK ? CHUNK : 1; }

void copy_up(char* to, const char* from, hld_u64 n, const void* pc) {
    for (hld_u64 i = 0; i < n;) {
        const hld_u64 size = chunk(n - i);
        store_chunk(to + i, load_chunk(from + i, size, pc), size, pc);
        i += size;
    }
}

void copy_down(char* to, const char* from, hld_u64 n, const void* pc) {
    while (n > 0) {
        const hld_u64 size = chunk(n);
        n -= size;
        store_chunk(to + n, load_chunk(from + n, size, pc), size, pc);
    }
}

hld_u64 length(const char* s, hld_u64 most, const void* pc) {
    hld_u64 n = 0;
    while (n < most && load_byte(s + n, pc) != 0) {
        ++n;
    }
    return n;
}

int lower(char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; }

template <class Fold>
int compare(const char* a, const char* b, hld_u64 n, const void* pc, Fold fold) {
    for (hld_u64 i = 0; i < n; ++i) {
        const auto x = static_cast<unsigned char>(load_byte(a + i, pc));
        const auto y = static_cast<unsigned char>(load_byte(b + i, pc));
        const int difference = fold(static_cast<char>(x)) - fold(static_cast<char>(y));
        if (difference != 0 || x == 0) {
            return difference;
        }
    }
    return 0;
}

constexpr hld_u64 NO_LIMIT = ~hld_u64{0};

}  // namespace

#define HERE __builtin_return_address(0)

HLDSIM_EXPORT void* hld_memcpy(void* to, const void* from, hld_u64 n) {
    copy_up(static_cast<char*>(to), static_cast<const char*>(from), n, HERE);
    return to;
}
HLDSIM_EXPORT void* hld_memmove(void* to, const void* from, hld_u64 n) {
    auto* const target = static_cast<char*>(to);
    const auto* const source = static_cast<const char*>(from);
    (target <= source ? copy_up : copy_down)(target, source, n, HERE);
    return to;
}
HLDSIM_EXPORT void* hld_memset(void* to, int byte, hld_u64 n) {
    const hld_u64 pattern = 0x0101010101010101U * static_cast<unsigned char>(byte);
    auto* const target = static_cast<char*>(to);
    for (hld_u64 i = 0; i < n;) {
        const hld_u64 size = chunk(n - i);
        store_chunk(target + i, pattern, size, HERE);
        i += size;
    }
    return to;
}
HLDSIM_EXPORT int hld_memcmp(const void* a, const void* b, hld_u64 n) {
    const auto* const x = static_cast<const char*>(a);
    const auto* const y = static_cast<const char*>(b);
    for (hld_u64 i = 0; i < n; ++i) {
        const int difference =
            static_cast<unsigned char>(load_byte(x + i, HERE)) - static_cast<unsigned char>(load_byte(y + i, HERE));
        if (difference != 0) {
            return difference;
        }
    }
    return 0;
}
HLDSIM_EXPORT void* hld_memchr(const void* s, int byte, hld_u64 n) {
    const auto* const text = static_cast<const char*>(s);
    for (hld_u64 i = 0; i < n; ++i) {
        if (load_byte(text + i, HERE) == static_cast<char>(byte)) {
            return const_cast<char*>(text + i);
        }
    }
    return nullptr;
}
HLDSIM_EXPORT hld_u64 hld_strlen(const char* s) { return length(s, NO_LIMIT, HERE); }
HLDSIM_EXPORT hld_u64 hld_strnlen(const char* s, hld_u64 n) { return length(s, n, HERE); }
HLDSIM_EXPORT int hld_strcmp(const char* a, const char* b) {
    return compare(a, b, NO_LIMIT, HERE, [](char c) { return int{static_cast<unsigned char>(c)}; });
}
HLDSIM_EXPORT int hld_strncmp(const char* a, const char* b, hld_u64 n) {
    return compare(a, b, n, HERE, [](char c) { return int{static_cast<unsigned char>(c)}; });
}
HLDSIM_EXPORT int hld_strcasecmp(const char* a, const char* b) { return compare(a, b, NO_LIMIT, HERE, lower); }
HLDSIM_EXPORT char* hld_strcpy(char* to, const char* from) {
    copy_up(to, from, length(from, NO_LIMIT, HERE) + 1, HERE);
    return to;
}
HLDSIM_EXPORT char* hld_strncpy(char* to, const char* from, hld_u64 n) {
    const hld_u64 copied = length(from, n, HERE);
    copy_up(to, from, copied, HERE);
    for (hld_u64 i = copied; i < n; ++i) {
        store_chunk(to + i, 0, 1, HERE);
    }
    return to;
}
HLDSIM_EXPORT hld_u64 hld_strlcpy(char* to, const char* from, hld_u64 size) {
    const hld_u64 wanted = length(from, NO_LIMIT, HERE);
    if (size > 0) {
        const hld_u64 copied = wanted < size ? wanted : size - 1;
        copy_up(to, from, copied, HERE);
        store_chunk(to + copied, 0, 1, HERE);
    }
    return wanted;
}
HLDSIM_EXPORT char* hld_strcat(char* to, const char* from) {
    copy_up(to + length(to, NO_LIMIT, HERE), from, length(from, NO_LIMIT, HERE) + 1, HERE);
    return to;
}
HLDSIM_EXPORT char* hld_strchr(const char* s, int c) {
    for (;; ++s) {
        const char read = load_byte(s, HERE);
        if (read == static_cast<char>(c)) {
            return const_cast<char*>(s);
        }
        if (read == 0) {
            return nullptr;
        }
    }
}
HLDSIM_EXPORT char* hld_strrchr(const char* s, int c) {
    const char* last = nullptr;
    for (;; ++s) {
        const char read = load_byte(s, HERE);
        if (read == static_cast<char>(c)) {
            last = s;
        }
        if (read == 0) {
            return const_cast<char*>(last);
        }
    }
}
HLDSIM_EXPORT char* hld_strstr(const char* s, const char* what) {
    const hld_u64 wanted = length(what, NO_LIMIT, HERE);
    for (;; ++s) {
        if (compare(s, what, wanted, HERE, [](char c) { return int{static_cast<unsigned char>(c)}; }) == 0) {
            return const_cast<char*>(s);
        }
        if (load_byte(s, HERE) == 0) {
            return nullptr;
        }
    }
}
