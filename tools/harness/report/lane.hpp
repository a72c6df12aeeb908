// SPDX-License-Identifier: Apache-2.0
// The columns of tables and traces: who acts.
#pragma once
#include <string>

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

}  // namespace hldsim::report
