// SPDX-License-Identifier: Apache-2.0
#include "detector/symbols/recorder.hpp"

#include <dlfcn.h>
#include <link.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>

namespace probe {

namespace {

void hook(Hook::Kind kind, const void* pc, const volatile void* at, unsigned size) {
    if (listener) {
        listener({kind, pc, const_cast<void*>(at), size});
    }
}

}  // namespace

Object::Object(const std::string& family) : path_{std::string{PROBES} + "/probe-" + family + ".so"} {
    handle_ = dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
    link_map* map = nullptr;
    if (handle_ == nullptr || dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0) {
        throw std::runtime_error(dlerror());
    }
    load_address_ = map->l_addr;
}

void* Object::symbol(const char* name) const {
    void* const found = dlsym(handle_, name);
    if (found == nullptr) {
        throw std::runtime_error(std::string{"no symbol "} + name);
    }
    return found;
}

std::vector<Hook> Object::run(const char* name, unsigned argument) const {
    std::vector<Hook> hooks;
    listener = [&](const Hook& hook) { hooks.push_back(hook); };
    call(name, argument);
    listener = {};
    return hooks;
}

void Object::call(const char* name, unsigned argument) const {
    reinterpret_cast<void (*)(unsigned)>(symbol(name))(argument);
}

unsigned line_of(const std::string& mark) {
    std::ifstream source{SOURCE};
    std::string text;
    for (unsigned line = 1; std::getline(source, text); ++line) {
        if (text.find("mark: " + mark + " */") != std::string::npos) {
            return line;
        }
    }
    throw std::runtime_error("no mark " + mark);
}

}  // namespace probe

using probe::Hook;

#define PROBE_HOOK extern "C" __attribute__((visibility("default"), used))
#define HERE __builtin_return_address(0)

// What the compilers call is theirs to name.
PROBE_HOOK void __tsan_init() {}
PROBE_HOOK void __tsan_func_entry(void* caller) { probe::hook(Hook::Kind::Enter, HERE, caller, 0); }
PROBE_HOOK void __tsan_func_exit() { probe::hook(Hook::Kind::Exit, HERE, nullptr, 0); }
PROBE_HOOK void __sanitizer_cov_trace_pc() {}
PROBE_HOOK void __sanitizer_cov_trace_cmp1(std::uint8_t, std::uint8_t) {}
PROBE_HOOK void __sanitizer_cov_trace_cmp2(std::uint16_t, std::uint16_t) {}
PROBE_HOOK void __sanitizer_cov_trace_cmp4(std::uint32_t, std::uint32_t) {}
PROBE_HOOK void __sanitizer_cov_trace_cmp8(std::uint64_t, std::uint64_t) {}
PROBE_HOOK void __sanitizer_cov_trace_const_cmp1(std::uint8_t, std::uint8_t) {}
PROBE_HOOK void __sanitizer_cov_trace_const_cmp2(std::uint16_t, std::uint16_t) {}
PROBE_HOOK void __sanitizer_cov_trace_const_cmp4(std::uint32_t, std::uint32_t) {}
PROBE_HOOK void __sanitizer_cov_trace_const_cmp8(std::uint64_t, std::uint64_t) {}

#define PROBE_PLAIN(N)                                                                              \
    PROBE_HOOK void __tsan_read##N(void* p) { probe::hook(Hook::Kind::Load, HERE, p, N); }          \
    PROBE_HOOK void __tsan_write##N(void* p) { probe::hook(Hook::Kind::Store, HERE, p, N); }        \
    PROBE_HOOK void __tsan_volatile_read##N(void* p) { probe::hook(Hook::Kind::Load, HERE, p, N); } \
    PROBE_HOOK void __tsan_volatile_write##N(void* p) { probe::hook(Hook::Kind::Store, HERE, p, N); }
PROBE_PLAIN(1)
PROBE_PLAIN(2)
PROBE_PLAIN(4)
PROBE_PLAIN(8)

PROBE_HOOK void probe_note(unsigned what, const void* object) {
    probe::hook(Hook::Kind::Note, HERE, const_cast<void*>(object), what);
}

PROBE_HOOK std::uint64_t __tsan_atomic64_fetch_and(volatile std::uint64_t* p, std::uint64_t v, int) {
    probe::hook(Hook::Kind::Rmw, HERE, p, 8);
    const std::uint64_t old = *p;
    *p = old & v;
    return old;
}
