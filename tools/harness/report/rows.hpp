// SPDX-License-Identifier: Apache-2.0
// Records as the rows of a table.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tools/harness/report/lane.hpp"

namespace hldsim::report {

/// A row of a table: a record, or the head of a function below which records stand.
struct TableRow {
    Lane lane;
    std::string text;
    unsigned indent = 0;
    std::optional<std::size_t> record;
};

/// Records in order of time as rows: contexts open and close, functions get a head where they change.
std::vector<TableRow> rows_of(const run::Outcome& outcome, const std::vector<std::size_t>& records);

}  // namespace hldsim::report
