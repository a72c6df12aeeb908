// SPDX-License-Identifier: Apache-2.0
// Runs the probe natively, and hands each hook of it to a listener: where the compiler really put them.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace probe {

struct Hook {
    enum class Kind { Load, Store, Rmw, Enter, Exit, Note };
    Kind kind = Kind::Load;
    const void* pc = nullptr;
    void* at = nullptr;  // of Enter: the return address into the caller
    unsigned size = 0;   // of Note: what is noted
};

/// What a hook calls; nothing while it is empty.
inline std::function<void(const Hook&)> listener;

/// A loaded probe, "gcc" or "clang".
class Object {
public:
    explicit Object(const std::string& family);

    const std::string& path() const { return path_; }
    std::uintptr_t load_address() const { return load_address_; }
    void* symbol(const char* name) const;
    /// Calls void NAME(unsigned) and returns its hooks in their order.
    std::vector<Hook> run(const char* name, unsigned argument) const;
    /// The same without a listener of its own.
    void call(const char* name, unsigned argument) const;

private:
    std::string path_;
    void* handle_ = nullptr;
    std::uintptr_t load_address_ = 0;
};

/// The line of probe.c that ends in "mark: TEXT */".
unsigned line_of(const std::string& mark);

}  // namespace probe
