// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/rows.hpp"

#include <map>

#include "tools/harness/report/words.hpp"

namespace hldsim::report {

using run::Outcome;
using trace::Record;
using trace::What;

std::vector<TableRow> rows_of(const Outcome& outcome, const std::vector<std::size_t>& records) {
    struct State {
        std::vector<std::string> functions{std::string{}};  // of each open context, the one that has its head printed
    };
    std::map<Lane, State> states;
    std::vector<TableRow> rows;
    for (const std::size_t index : records) {
        const Record& record = outcome.log.records[index];
        const Lane lane = lane_of(outcome, index);
        std::vector<std::string>& functions = states[lane].functions;
        if (record.what == What::ContextLeft && functions.size() > 1) {
            functions.pop_back();
        }
        const bool bracket = record.what == What::ContextLeft || record.what == What::ContextEntered;
        auto indent = static_cast<unsigned>(functions.size() - 1) * 2;
        const std::string function = bracket ? "" : function_of(outcome, index);
        if (!function.empty() && function != functions.back()) {
            rows.push_back({lane, function + "()", indent, std::nullopt});
        }
        if (!bracket) {
            functions.back() = function;
            indent += function.empty() ? 0 : 2;
        }
        rows.push_back({lane, words_of(outcome, index), indent, index});
        if (record.what == What::ContextEntered) {
            functions.emplace_back();
        }
    }
    return rows;
}

}  // namespace hldsim::report
