// SPDX-License-Identifier: Apache-2.0
// The table of a finding, and the times in it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tools/harness/report/evidence.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {

/// Times relative to the central event, in the unit that suits most rows. What is far has its own unit, and three
/// decimals; down to the nanosecond if these do not tell it from its neighbours.
class TableTime {
public:
    TableTime(const run::Outcome& outcome, const Chosen& chosen);
    /// Of rows in the order of time; those without an instant have an empty text.
    std::vector<std::string> of(const std::vector<std::optional<Instant>>& rows) const;
    Instant zero() const { return zero_; }
    Unit unit() const { return unit_; }

private:
    bool far(Duration distance) const;
    std::string far_text(Duration distance, std::optional<Instant> before, std::optional<Instant> behind) const;

    Instant zero_;
    Unit unit_ = NANOSECONDS;
};

std::string table_text(const run::Outcome& outcome, const Chosen& chosen, const Style& style);

}  // namespace hldsim::report
