// SPDX-License-Identifier: Apache-2.0
// A duration as a scenario writes it: exact, and in cycles or ticks until the profile's clocks are known.
//
//   Form    number, optional space, unit: fs ps ns us ms s min h, cycles (core clock), ticks (HPET clock); or 0
//   Exact   decimals are decimals: 2.5 s is 2,500,000,000,000,000 fs; what is not a whole number of fs is an error
//   Range   below 9,223 s
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "models/base/clock_domain.hpp"
#include "models/base/duration.hpp"

namespace hldsim::value {

/// A text that is no value of its type: what is wrong, what was expected, and the nearest valid word.
class Problem : public std::runtime_error {
public:
    Problem(const std::string& what, std::string expects, std::string close = {})
        : std::runtime_error{what}, expected{std::move(expects)}, suggestion{std::move(close)} {}
    std::string expected;
    std::string suggestion;
};

struct Span {
    enum class Unit : std::uint8_t { Time, Cycles, Ticks };
    Unit unit = Unit::Time;
    std::int64_t amount = 0;  // fs, core cycles or HPET ticks; may be negative

    /// The span on clocks of that core frequency and HPET period, rounded up to a whole fs. Throws TimeOverflow.
    Duration on(Hertz core, Duration hpet_period) const;
};

/// Reads the form above. Throws Problem.
Span parse_span(std::string_view text);

/// The shortest exact form: "5 s", "7515764091333 ps".
std::string exact_text(Duration duration);
/// To read, not to type back in: "232.702702 ns", in the largest unit that leaves a digit before the point; all digits.
std::string readable_text(Duration duration);
std::string exact_text(Span span);

/// A number with decimals and a unit scale as an exact integer: `86.8` at 10^9 a unit. Throws Problem.
std::int64_t scaled(std::string_view number, std::int64_t scale, std::string_view unit);

}  // namespace hldsim::value
