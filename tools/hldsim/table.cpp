// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/table.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/harness/report/text.hpp"

namespace hldsim::cli {
namespace {

std::string escaped(const std::string& cell) {
    std::string text;
    for (const char c : cell) {
        text += c == '|' ? "\\|" : std::string{c};
    }
    return text;
}

}  // namespace

std::string as_text(const Table& table) {
    std::vector<std::size_t> widths(table.columns.size(), 0);
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], report::width_of(row[i]));
        }
    }
    std::string text;
    for (const auto& row : table.rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths[i] > 0) {
                line += report::padded(row[i], widths[i] + 2);
            }
        }
        line.resize(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string as_markdown(const Table& table) {
    std::string text = "|";
    for (const std::string& column : table.columns) {
        text += " " + column + " |";
    }
    text += "\n|";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        text += "---|";
    }
    text += "\n";
    for (const auto& row : table.rows) {
        text += "|";
        for (const std::string& cell : row) {
            text += " " + escaped(cell) + " |";
        }
        text += "\n";
    }
    return text;
}

std::string as_json(const Table& table) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const auto& row : table.rows) {
        nlohmann::ordered_json object;
        for (std::size_t i = 0; i < row.size(); ++i) {
            object[table.columns[i]] = row[i];
        }
        all.push_back(std::move(object));
    }
    return all.dump(2) + "\n";
}

std::string as_asked(const Table& table, const Invocation& invocation) {
    return invocation.global.json ? as_json(table) : invocation.given("markdown") ? as_markdown(table) : as_text(table);
}

}  // namespace hldsim::cli
