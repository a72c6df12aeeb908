// SPDX-License-Identifier: Apache-2.0
// What random programs are made of: one seed, one program.
#pragma once
#include <cstdint>
#include <cstdlib>

namespace hldsim::reference {

class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15U + 1} {}
    std::uint64_t operator()() {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return state_ * 0x2545f4914f6cdd1dU;
    }
    std::uint64_t below(std::uint64_t n) { return ((*this)() >> 11U) % n; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    template <class T, std::size_t N>
    T of(const T (&values)[N]) {
        return values[below(N)];
    }

private:
    std::uint64_t state_;
};

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const value = std::getenv(name);
    return value != nullptr ? std::strtoull(value, nullptr, 0) : otherwise;
}

struct Compared {
    std::uint64_t programs = 0;
    std::uint64_t events = 0;  // in all of them: the programs are no use if nothing happens in them
};

/// compare(seed) runs that program on both sides and gives the number of events. HLDSIM_REFERENCE_PROGRAMS sets how
/// many programs, HLDSIM_REFERENCE_SEED the first of them.
template <class Compare>
Compared for_each_program(std::uint64_t otherwise, Compare compare) {
    Compared all{from_environment("HLDSIM_REFERENCE_PROGRAMS", otherwise), 0};
    const std::uint64_t first = from_environment("HLDSIM_REFERENCE_SEED", 1);
    for (std::uint64_t seed = first; seed < first + all.programs; ++seed) {
        all.events += compare(seed);
    }
    return all;
}

}  // namespace hldsim::reference
