// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/harness/report/names.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {

std::string kernel_warnings(const run::Outcome& outcome, const Style& style) {
    const trace::Log& log = outcome.log;
    const auto warns = [&](const trace::Record& record) { return log.is_warning(record); };
    const auto first = std::find_if(log.records.begin(), log.records.end(), warns);
    if (first == log.records.end()) {
        return {};
    }
    const auto more = static_cast<std::uint64_t>(std::count_if(std::next(first), log.records.end(), warns));
    const std::string begin = "the kernel warned at " + seconds(first->at) + " (" +
                              std::string{context_name(first->context)} + "): " + log.text(*first);
    return paragraph("  ",
                     begin + (more == 0   ? ""
                              : more == 1 ? ", and once more"
                                          : ", and " + grouped(more) + " times more"),
                     style.columns, 2);
}

}  // namespace hldsim::report
