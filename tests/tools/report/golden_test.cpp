// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/report/golden.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <locale>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/tools/report/outcomes.hpp"
#include "tools/harness/report/report.hpp"

namespace hldsim::report {

std::map<std::string, std::string> texts() {
    const Made late = late_nmi();
    const Made lock = own_lock();
    return {{"late_nmi.txt", line(late.outcome) + "\n" + details(late.outcome)},
            {"own_lock.txt", line(lock.outcome) + "\n" + details(lock.outcome)},
            {"timeline.txt", timeline(late.outcome)},
            {"windows.txt", windows(sample())},
            {"sample.json", json(sample(), "0.1.0")},
            {"junit.xml", junit(sample())}};
}

std::string golden(const std::string& name) {
    std::ifstream file{GOLDEN_FOLDER + name, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    if (text.rfind("# SPDX", 0) == 0) {
        text.erase(0, text.find('\n') + 1);  // the licence of the file itself
    }
    return text;
}

namespace {

TEST_CASE("The report's texts are printed, to be read and taken over into golden", "[.][print]") {
    for (const auto& [name, text] : texts()) {
        std::cout << "==> " << name << "\n" << text;
    }
}

TEST_CASE("A run's texts are those that stand in golden", "[report]") {
    for (const auto& [name, text] : texts()) {
        INFO(name);
        CHECK(text == golden(name));
    }
}

TEST_CASE("A number has a point and no groups whatever the locale", "[report]") {
    struct Comma final : std::numpunct<char> {
        char do_decimal_point() const override { return ','; }
        char do_thousands_sep() const override { return '.'; }
        std::string do_grouping() const override { return "\3"; }
    };
    const std::map<std::string, std::string> before = texts();
    const std::locale old = std::locale::global(std::locale{std::locale{}, new Comma});
    const std::map<std::string, std::string> after = texts();
    std::locale::global(old);
    CHECK(before == after);
}

TEST_CASE("A text for a mail is ASCII and at most 110 columns wide, but for command lines", "[report]") {
    for (const char* const name : {"late_nmi.txt", "own_lock.txt", "windows.txt"}) {
        std::istringstream text{texts().at(name)};
        for (std::string line; std::getline(text, line);) {
            INFO(line);
            CHECK((line.size() <= 110 || line.find("hldsim ") != std::string::npos));
            CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }));
            CHECK((line.empty() || line.back() != ' '));
        }
    }
}

}  // namespace
}  // namespace hldsim::report
