// SPDX-License-Identifier: Apache-2.0
// The table of a finding, and the times in it.
#pragma once
#include <string>

#include "tools/harness/report/evidence.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {

/// Times relative to the central event, in the unit that suits most rows; what is a million units away has its own.
class TableTime {
public:
    TableTime(const run::Outcome& outcome, const Chosen& chosen);
    std::string of(Instant at) const;
    Instant zero() const { return zero_; }
    Unit unit() const { return unit_; }

private:
    Instant zero_;
    Unit unit_ = NANOSECONDS;
};

std::string table_text(const run::Outcome& outcome, const Chosen& chosen, const Style& style);

}  // namespace hldsim::report
