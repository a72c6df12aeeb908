// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/harness/report/report.hpp"
#include "tools/harness/report/text.hpp"

namespace hldsim::report {
namespace {

using run::Outcome;

// Text and attribute values alike. What XML 1.0 has no character for (2.2) becomes a question mark.
std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
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
            default:
                safe += c == '\n' || (c >= ' ' && c <= '~') ? c : '?';
        }
    }
    return safe;
}

// Line ends of attributes would be read as blanks (3.3.3).
std::string attribute(const char* name, const std::string& value) {
    std::string text = escaped(value);
    std::replace(text.begin(), text.end(), '\n', ' ');
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
    if (const std::string off = not_watched(outcome); !off.empty()) {
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
