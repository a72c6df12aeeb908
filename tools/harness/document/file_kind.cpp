// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/document/file_kind.hpp"

#include <algorithm>

namespace hldsim::document {
namespace {

struct Row {
    FileKind kind;
    const char* name;
    std::vector<std::string_view> keys;  // that no other kind has
    const char* form;
    const char* named_by;  // how a scenario names such a file
};

// Scenarios and profiles both have keys `extends` and `machine`.
const std::vector<Row>& rows() {
    static const auto& all = *new std::vector<Row>{
        {FileKind::Scenario, "a scenario", {"title", "claim", "detector", "events", "expect"}, SCENARIO, ""},
        {FileKind::Profile,
         "a profile of a machine",
         {"profile", "clock", "rows", "knobs"},
         "a mapping with at least 'profile'",
         ", whose machine: {profile: NAME} names a profile"},
        {FileKind::Sources, "the table of the profiles' sources", {"sources"}, "a mapping of ids", ""},
        {FileKind::Description,
         "the description of a detector",
         {"monitored", "drained", "restart", "max_delay", "budget"},
         "a mapping of some of monitored, drained, restart, max_delay and budget",
         ", whose detector: {description: PATH} names a description"},
    };
    return all;
}

const Entry* first_of(const Node& node, const Row& row) {
    const auto found = std::find_if(node.entries.begin(), node.entries.end(), [&](const Entry& entry) {
        return std::find(row.keys.begin(), row.keys.end(), entry.key) != row.keys.end();
    });
    return found == node.entries.end() ? nullptr : &*found;
}

}  // namespace

void refuse_other_kind(const Node& node, FileKind wanted) {
    const Row& right = *std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.kind == wanted; });
    if (first_of(node, right) != nullptr) {
        return;
    }
    for (const Row& row : rows()) {
        if (const Entry* const entry = first_of(node, row)) {
            const bool names_it = wanted == FileKind::Scenario && *row.named_by != '\0';
            throw diagnostic::Error{entry->key_mark, std::string{row.name} + " in place of " + right.name,
                                    right.name + (names_it ? row.named_by : std::string{": "} + right.form)};
        }
    }
}

}  // namespace hldsim::document
