// SPDX-License-Identifier: Apache-2.0
// The heap begins in large pages. libsystemc fills a pool of 3 MB before main(), and a run's records are megabytes: a
// page fault for each 4 KiB of them was a third of the time from the shell to the first line (tests/bench/README.md).
// Where the system gives no large pages, nothing changes; no result depends on where memory lies.
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

constexpr int HEAP_BYTES = 32 << 20;  // what all but the largest runs need; only what is touched is taken

void ask_for_large_pages() {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    mallopt(M_TOP_PAD, HEAP_BYTES);
    void* const first = std::malloc(1);
    const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(first) + page - 1) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
    std::free(first);
    if (end > begin && end - begin >= HEAP_BYTES / 2) {  // it lies where the heap grows
        madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
    }
}

// Earlier than the constructors of the libraries, which those of a program follow.
[[gnu::section(".preinit_array"), gnu::used]] void (*const before_all_others)() = ask_for_large_pages;

}  // namespace
