// SPDX-License-Identifier: Apache-2.0
// Time: integer femtoseconds since power-on, and quantities that must not be mixed up.
//
//   Range   +-9,223 s (signed 64 bits); every operation is checked and throws TimeOverflow instead of wrapping
//   Source  HPET defines its period as a whole number of fs: IA-PC HPET Specification 1.0a, 2.3.4
#pragma once
#include <cstdint>
#include <limits>
#include <stdexcept>

namespace hldsim {

class TimeOverflow : public std::overflow_error {
public:
    TimeOverflow() : std::overflow_error("time beyond 9,223 s") {}
};

/// A span of time in femtoseconds; may be negative.
struct Duration {
    std::int64_t fs = 0;

    static constexpr Duration max() { return {std::numeric_limits<std::int64_t>::max()}; }

    friend constexpr bool operator==(Duration a, Duration b) { return a.fs == b.fs; }
    friend constexpr bool operator!=(Duration a, Duration b) { return a.fs != b.fs; }
    friend constexpr bool operator<(Duration a, Duration b) { return a.fs < b.fs; }
    friend constexpr bool operator<=(Duration a, Duration b) { return a.fs <= b.fs; }
    friend constexpr bool operator>(Duration a, Duration b) { return a.fs > b.fs; }
    friend constexpr bool operator>=(Duration a, Duration b) { return a.fs >= b.fs; }

    friend constexpr Duration operator+(Duration a, Duration b) {
        Duration sum;
        if (__builtin_add_overflow(a.fs, b.fs, &sum.fs)) {
            throw TimeOverflow{};
        }
        return sum;
    }
    friend constexpr Duration operator-(Duration a, Duration b) {
        Duration difference;
        if (__builtin_sub_overflow(a.fs, b.fs, &difference.fs)) {
            throw TimeOverflow{};
        }
        return difference;
    }
    friend constexpr Duration operator*(Duration a, std::int64_t times) {
        Duration product;
        if (__builtin_mul_overflow(a.fs, times, &product.fs)) {
            throw TimeOverflow{};
        }
        return product;
    }
};

/// A point in time: femtoseconds since power-on, the one origin of all times.
struct Instant {
    std::int64_t fs = 0;

    /// Later than anything that happens.
    static constexpr Instant never() { return {std::numeric_limits<std::int64_t>::max()}; }

    friend constexpr bool operator==(Instant a, Instant b) { return a.fs == b.fs; }
    friend constexpr bool operator!=(Instant a, Instant b) { return a.fs != b.fs; }
    friend constexpr bool operator<(Instant a, Instant b) { return a.fs < b.fs; }
    friend constexpr bool operator<=(Instant a, Instant b) { return a.fs <= b.fs; }
    friend constexpr bool operator>(Instant a, Instant b) { return a.fs > b.fs; }
    friend constexpr bool operator>=(Instant a, Instant b) { return a.fs >= b.fs; }

    friend constexpr Instant operator+(Instant t, Duration d) { return {(Duration{t.fs} + d).fs}; }
    friend constexpr Instant operator-(Instant t, Duration d) { return {(Duration{t.fs} - d).fs}; }
    friend constexpr Duration operator-(Instant a, Instant b) { return Duration{a.fs} - Duration{b.fs}; }
};

/// Index of a rising edge of one clock: edge 0 is the first at or after the clock's phase.
struct Edge {
    std::uint64_t index = 0;

    friend constexpr bool operator==(Edge a, Edge b) { return a.index == b.index; }
    friend constexpr bool operator!=(Edge a, Edge b) { return a.index != b.index; }
    friend constexpr bool operator<(Edge a, Edge b) { return a.index < b.index; }
};

/// Cycles of a CPU's core clock.
struct Cycles {
    std::uint64_t count = 0;
};

/// Ticks of a timer's clock.
struct Ticks {
    std::uint64_t count = 0;
};

namespace literals {
constexpr Duration operator""_fs(unsigned long long n) { return {static_cast<std::int64_t>(n)}; }
constexpr Duration operator""_ps(unsigned long long n) { return Duration{1'000} * static_cast<std::int64_t>(n); }
constexpr Duration operator""_ns(unsigned long long n) { return Duration{1'000'000} * static_cast<std::int64_t>(n); }
constexpr Duration operator""_us(unsigned long long n) {
    return Duration{1'000'000'000} * static_cast<std::int64_t>(n);
}
constexpr Duration operator""_ms(unsigned long long n) {
    return Duration{1'000'000'000'000} * static_cast<std::int64_t>(n);
}
constexpr Duration operator""_s(unsigned long long n) {
    return Duration{1'000'000'000'000'000} * static_cast<std::int64_t>(n);
}
}  // namespace literals

constexpr std::int64_t FS_PER_S = 1'000'000'000'000'000;

/// For products of instants and frequencies; an extension of both compilers.
__extension__ using Uint128 = unsigned __int128;

}  // namespace hldsim
