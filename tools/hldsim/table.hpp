// SPDX-License-Identifier: Apache-2.0
// Rows that are printed as aligned text, as a Markdown table or as JSON objects.
#pragma once
#include <string>
#include <vector>

namespace hldsim::cli {

struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

std::string as_text(const Table& table);
std::string as_markdown(const Table& table);
std::string as_json(const Table& table);

/// A text broken into lines of at most 100 columns, each behind `indent`.
std::string wrapped(const std::string& text, const std::string& indent);

}  // namespace hldsim::cli
