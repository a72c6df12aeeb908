// SPDX-License-Identifier: Apache-2.0
// Which records a table shows: the evidence of the finding first, then the neighbours that explain it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tools/harness/report/words.hpp"

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

struct Chosen {
    std::vector<std::size_t> records;    // in order of time
    std::optional<std::size_t> central;  // times count from it; one of the records
    std::size_t left_out = 0;            // evidence that did not find room
    std::vector<unsigned> cpus;          // that the finding is about: their columns stay whatever the width
};
Chosen choose(const run::Outcome& outcome, const check::Finding& finding, std::size_t limit);

/// Taking and returning of an interrupt, matching of a timer: the one record of several that stands for the event.
std::size_t canonical(const trace::Log& log, std::size_t record);

/// Where a token got to, by hop; in order.
std::vector<std::size_t> hops_of(const trace::Log& log, Token token);

}  // namespace hldsim::report
