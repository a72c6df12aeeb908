// SPDX-License-Identifier: Apache-2.0
#include "tools/hldsim/expectation.hpp"

#include <vector>

namespace hldsim::cli {
namespace {

std::string joined(const std::vector<scenario::Marked<std::string>>& ids) {
    std::string text;
    for (const auto& id : ids) {
        text += (text.empty() ? "" : ", ") + id.value;
    }
    return text;
}

/// "nmi.taken 4", "nmi.unknown 1 or more", "ipi.sent 2 to 5".
std::string count_words(const scenario::CountExpectation& count) {
    const std::string low = std::to_string(count.min.value_or(0));
    if (!count.max) {
        return count.stat.value + " " + low + " or more";
    }
    return count.stat.value + " " + (count.min == count.max ? low : low + " to " + std::to_string(*count.max));
}

}  // namespace

std::string expectation_words(const scenario::Expect& expect) {
    std::vector<std::string> parts;
    if (expect.always.empty() && expect.sometimes.empty() && expect.allow.empty()) {
        parts.emplace_back("nothing found");
    }
    if (!expect.always.empty()) {
        parts.push_back(joined(expect.always));
    }
    if (!expect.sometimes.empty()) {
        parts.push_back("sometimes " + joined(expect.sometimes));
    }
    if (expect.landing_impossible) {
        parts.emplace_back("landing impossible");
    }
    if (!expect.allow.empty()) {
        parts.push_back("allowed " + joined(expect.allow));
    }
    if (!expect.loads) {
        parts.emplace_back("the detector refuses to start");
    }
    for (const scenario::ReportExpectation& report : expect.reports) {
        parts.push_back("CPU " + std::to_string(report.cpu.value.value) + " reported " +
                        value::exact_text(report.after.value) + " to " + value::exact_text(report.within.value) +
                        " after it got stuck");
    }
    for (const scenario::CountExpectation& count : expect.count) {
        parts.push_back(count_words(count));
    }
    for (const scenario::Marked<std::string>& part : expect.prints) {
        parts.push_back("printed: " + part.value);
    }
    if (expect.ends != scenario::Ending::Time) {
        parts.push_back("ends in " + std::string{scenario::name_of(expect.ends)});
    }
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : "; ") + part;
    }
    return text;
}

}  // namespace hldsim::cli
