// SPDX-License-Identifier: Apache-2.0
// Records of the log in words: where a row of a table stands and what it says.
#pragma once
#include <string>
#include <string_view>

#include "tools/harness/run/outcome.hpp"

namespace hldsim::report {

/// A column of a table: devices before CPUs.
struct Lane {
    enum class Kind : std::uint8_t { Operator, Hpet, Remapper, Cpu };
    Kind kind = Kind::Cpu;
    unsigned cpu = 0;

    std::string name() const;
    friend bool operator<(Lane a, Lane b) { return a.kind != b.kind ? a.kind < b.kind : a.cpu < b.cpu; }
    friend bool operator==(Lane a, Lane b) { return a.kind == b.kind && a.cpu == b.cpu; }
};
Lane lane_of(const run::Outcome& outcome, std::size_t record);

/// What happened, in the fewest words that a kernel engineer needs.
std::string words_of(const run::Outcome& outcome, std::size_t record);

/// The function below which the row stands; empty: none is known, or it would tell nothing.
std::string function_of(const run::Outcome& outcome, std::size_t record);

/// The CPU that a token is for, as far as the log knows; NO_CPU.
unsigned target_of(const trace::Log& log, Token token);

/// An action, as a shell would ask for it: "echo 0 > cpu2/online".
std::string action_words(const scenario::SimpleAction& action);

/// The scenario's event of that number: its action, or "boot".
std::string event_words(const scenario::Scenario& scenario, std::uint64_t number);

/// "FILE:LINE in FUNCTION"; empty if the position is not known.
std::string place_words(const run::Outcome& outcome, std::size_t record, bool with_function);

/// What a function of the kernel returned: "-2 (ENOENT)".
std::string error_words(std::int64_t result);

std::string_view life_name(trace::Life life);
std::string_view context_name(cpu::Context context);
std::string_view hop_name(Hop hop);
/// What a message was accepted as, where it is neither an NMI nor an interrupt: " INIT".
std::string_view accepted_as(const trace::Record& accepted);
std::string_view end_name(cpu::End end);

}  // namespace hldsim::report
