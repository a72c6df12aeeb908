// SPDX-License-Identifier: Apache-2.0
// Rows that are printed as aligned text, as a Markdown table or as JSON objects.
#pragma once
#include <string>
#include <vector>

#include "tools/hldsim/command.hpp"

namespace hldsim::cli {

struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

std::string as_text(const Table& table);
std::string as_markdown(const Table& table);
std::string as_json(const Table& table);

/// As the command line asks for it: --json, --markdown or neither.
std::string as_asked(const Table& table, const Invocation& invocation);

}  // namespace hldsim::cli
