// SPDX-License-Identifier: Apache-2.0
// How an outcome is shown: to a person, in a mail, to CI and to programs.
//
//   Evidence  a table is cut from a finding's evidence and the few records that explain it, never from the whole log
//   Mail      ASCII, at most about 110 columns, no colour unless asked
//   Stable    the same outcome gives the same bytes: no locale, no clock, times in decimals of whole femtoseconds
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tools/harness/profile/profile.hpp"
#include "tools/harness/run/outcome.hpp"

namespace hldsim::report {

struct Style {
    bool color = false;
    bool timeline = false;  // -v
    std::size_t rows = 25;  // of a table
    std::size_t columns = 108;
};

/// FILE, with what varies in this run: FILE#KEY=VALUE,...
std::string run_name(const run::Outcome& outcome);

/// "ok    FILE   found as expected: rotate-to-dying +2", or the failing head. FILE is padded to `file_width`.
std::string line(const run::Outcome& outcome, const Style& style = {}, std::size_t file_width = 0);

/// What surprised, or else what was found: findings, table, sources, the way of the NMI, and how to see it again.
std::string details(const run::Outcome& outcome, const Style& style = {});

/// Words of the kernel's command line that it does not know; the invariants that were off, and what the description
/// does not say. Empty: none. In details() already.
std::string not_watched(const run::Outcome& outcome, const Style& style = {});

/// The events of which nothing came, and why. Empty: each had an effect. In details() already.
std::string no_effect(const run::Outcome& outcome, const Style& style = {});

/// Of an event of which no effect is to be expected: "event 2 (echo 1 > cpu1/online) finds nothing to do: ...".
std::string nothing_to_do(const scenario::Scenario& scenario, const run::NoEffect& event);

/// What the kernel warned of, the first time, and how often. Empty: of nothing. In details() already.
std::string kernel_warnings(const run::Outcome& outcome, const Style& style = {});

/// Times of a table stand relative to its central event; `at` of it, and the table alone.
std::string cpu_table(const run::Outcome& outcome, const check::Finding& finding, const Style& style = {});

/// A lane a CPU, contexts nested, NMIs from match to IRET; around the findings, the rest in counts.
std::string timeline(const run::Outcome& outcome, const Style& style = {});

/// All windows of a file's runs in one table, and a paragraph for each.
std::string windows(const std::vector<run::Outcome>& outcomes, const Style& style = {});

/// Schema hldsim.run/1 (run.schema.json beside this file), an array of runs.
std::string json(const std::vector<run::Outcome>& outcomes, std::string_view version);

/// A test case a run; unexpected: a failure, a run that could not be made: an error.
std::string junit(const std::vector<run::Outcome>& outcomes);

/// The run as a value change dump (IEEE 1364, chapter 18) in femtoseconds: pins, messages, and each CPU's NMIs,
/// contexts and life. Without a date: the same run gives the same bytes.
std::string vcd(const run::Outcome& outcome, std::string_view version);

/// The rows of the profile that lie behind the times of the finding's table.
std::vector<Row> latencies(const run::Outcome& outcome, const check::Finding& finding);
/// Sets the outcome's latencies from the finding that details() would show first.
void note_latencies(run::Outcome& outcome, const profile::Profile& profile);

}  // namespace hldsim::report
