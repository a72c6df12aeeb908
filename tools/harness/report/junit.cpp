// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;

constexpr std::string_view REPLACEMENT = "\xef\xbf\xbd";  // U+FFFD

// How many bytes the character at the start takes; 0 if it is not UTF-8 (Unicode 15.0, table 3-7).
std::size_t character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
        return 0;
    }
    // No longer than need be, no surrogates, nothing beyond U+10FFFF: the first byte that follows says it.
    const unsigned lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    bool right = byte(1) >= lowest && byte(1) <= highest;
    for (std::size_t i = 2; i < size; ++i) {
        right = right && (byte(i) & 0xc0U) == 0x80U;
    }
    return right ? size : 0;
}

// XML 1.0 has no such character, 2.2.
bool is_forbidden(std::string_view character) {
    const char c = character.front();
    return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' && c != '\r') ||
           character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
}

// Text and attribute values alike. Bytes that are no UTF-8, and what XML has no character for, become U+FFFD.
std::string escaped(const std::string& text) {
    std::string safe;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = character(std::string_view{text}.substr(at));
        const std::string_view one = std::string_view{text}.substr(at, std::max<std::size_t>(size, 1));
        at += one.size();
        switch (one.front()) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            case '\'':
                safe += "&apos;";
                break;
            case '\r':  // a reader would take it for a line end (2.11)
                safe += "&#13;";
                break;
            default:
                safe += size == 0 || is_forbidden(one) ? REPLACEMENT : one;
        }
    }
    return safe;
}

// Line ends and tabs of attributes would be read as blanks (3.3.3).
std::string attribute(const char* name, const std::string& value) {
    std::string text = escaped(value);
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\t', ' ');
    return std::string{" "} + name + "=\"" + text + "\"";
}

std::string class_of(const Outcome& outcome) {
    std::string path = outcome.scenario.file.substr(0, outcome.scenario.file.rfind('/'));
    if (path == outcome.scenario.file) {
        return "scenarios";
    }
    std::replace(path.begin(), path.end(), '/', '.');
    return path;
}

std::string name_of(const Outcome& outcome) {
    const std::string name = run_name(outcome);
    // A slash may also stand in a value: only those of the path count.
    const std::size_t slash = outcome.scenario.file.rfind('/');
    return slash == std::string::npos ? name : name.substr(slash + 1);
}

std::string message_of(const Outcome& outcome) {
    std::vector<std::string> what;
    for (std::size_t i = 0; i < outcome.findings.size(); ++i) {
        if (i >= outcome.finding_expected.size() || !outcome.finding_expected[i]) {
            what.push_back("unexpected: " + outcome.findings[i].hazard);
        }
    }
    for (const std::string& unmet : outcome.unmet) {
        what.push_back("unmet: " + unmet.substr(0, unmet.find("    ")));
    }
    return joined(what, "; ");
}

std::string test_case(const Outcome& outcome) {
    const std::string head =
        "    <testcase" + attribute("classname", class_of(outcome)) + attribute("name", name_of(outcome));
    if (!outcome.error.empty()) {
        return head + ">\n      <error" + attribute("message", outcome.error.substr(0, outcome.error.find('\n'))) +
               ">" + escaped(outcome.error) + "</error>\n    </testcase>\n";
    }
    if (!outcome.as_expected) {
        return head + ">\n      <failure" + attribute("message", message_of(outcome)) + ">" +
               escaped(line(outcome) + "\n" + details(outcome)) + "</failure>\n    </testcase>\n";
    }
    if (const std::string off = not_watched(outcome) + no_effect(outcome) + kernel_warnings(outcome); !off.empty()) {
        return head + ">\n      <system-out>" + escaped(off) + "</system-out>\n    </testcase>\n";
    }
    return head + "/>\n";
}

}  // namespace

std::string junit(const std::vector<Outcome>& outcomes) {
    const auto errors =
        std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return !o.error.empty(); });
    const auto failures = std::count_if(outcomes.begin(), outcomes.end(),
                                        [](const Outcome& o) { return o.error.empty() && !o.as_expected; });
    const std::string counts = attribute("tests", std::to_string(outcomes.size())) +
                               attribute("failures", std::to_string(failures)) +
                               attribute("errors", std::to_string(errors));
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + counts +
                       ">\n  <testsuite name=\"hldsim\"" + counts + ">\n";
    for (const Outcome& outcome : outcomes) {
        text += test_case(outcome);
    }
    return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace hldsim::report
