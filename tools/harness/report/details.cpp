// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <set>

#include "detector/shim/abi.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/catalogue/details.hpp"
#include "tools/harness/report/cpu_table.hpp"
#include "tools/harness/report/diagnoses.hpp"
#include "tools/harness/report/hops.hpp"
#include "tools/harness/report/names.hpp"
#include "tools/harness/report/replay.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/words.hpp"

namespace hldsim::report {
namespace {

using check::Finding;
using run::Outcome;

constexpr std::size_t TABLES = 3;
constexpr std::size_t LABEL = 12;  // "unexpected  "
constexpr std::size_t NAME = 33;

// What the scenario is about comes before what it only allows.
bool demanded(const Outcome& outcome, std::size_t finding) {
    return finding < outcome.finding_demanded.size() && outcome.finding_demanded[finding];
}

bool expected(const Outcome& outcome, std::size_t finding) {
    return finding < outcome.finding_expected.size() && outcome.finding_expected[finding];
}

std::string hazard_and_phase(const Finding& finding) {
    return finding.hazard + (finding.phase ? " (" + std::string{life_name(*finding.phase)} + ")" : "");
}

// Two columns: the name, and the sentence with the invariants behind it.
std::string entry(const std::string& label, const std::string& name, const std::string& sentence,
                  const std::string& behind, const Style& style) {
    constexpr std::size_t LONGEST = 60;
    if (name.size() > LONGEST) {  // no second column beside it: what a scenario expects may be a sentence
        return paragraph("  " + padded(label, LABEL), name, style.columns, 2) +
               paragraph(std::string(2 + LABEL + 2, ' '), sentence, style.columns);
    }
    const std::size_t name_width = std::max(NAME, name.size() + 2);
    const std::string left = "  " + padded(label, LABEL) + padded(name, name_width);
    const std::size_t room = style.columns - 2 - LABEL - name_width;
    std::string text;
    std::vector<std::string> lines = wrapped(sentence, room);
    if (!behind.empty()) {
        if (lines.back().size() + 3 + behind.size() <= room) {
            lines.back() += "   " + behind;
        } else {
            for (const std::string& line : wrapped(behind, room)) {
                lines.push_back(line);
            }
        }
    }
    for (const std::string& line : lines) {
        text += without_trailing_spaces((text.empty() ? left : std::string(2 + LABEL + name_width, ' ')) + line) + "\n";
    }
    return text;
}

std::string verdicts(const Outcome& outcome, const Style& style) {
    std::string text;
    const auto add = [&](std::size_t i, const char* label) {
        const Finding& finding = outcome.findings[i];
        std::string sentence = finding.sentence;
        if (finding.more > 0) {
            sentence += " (and " + std::to_string(finding.more) + " more like it)";
        }
        // A violation that no hazard explains is called by its invariant already.
        const bool named = finding.invariants == std::vector<std::string>{finding.hazard};
        const std::string invariants = named ? std::string{} : joined(finding.invariants, ", ");
        text += entry(label, hazard_and_phase(finding), sentence, invariants, style);
    };
    for (std::size_t i = 0; i < outcome.findings.size(); ++i) {
        if (!expected(outcome, i)) {
            add(i, outcome.stopped ? "so far" : "unexpected");
        }
    }
    const auto expectation = [&](const char* label, const std::string& unmet) {
        const std::size_t cut = unmet.find("    ");
        const std::size_t rest = cut == std::string::npos ? cut : unmet.find_first_not_of(' ', cut);
        text += rest == std::string::npos ? paragraph("  " + padded(label, LABEL), unmet, style.columns, 2)
                                          : entry(label, unmet.substr(0, cut), unmet.substr(rest), "", style);
    };
    for (const std::string& unmet : outcome.unmet) {
        expectation("unmet", unmet);
    }
    for (const std::string& unjudged : outcome.unjudged) {
        expectation("unjudged", unjudged);
    }
    for (const bool about : {true, false}) {
        for (std::size_t i = 0; i < outcome.findings.size(); ++i) {
            if (expected(outcome, i) && demanded(outcome, i) == about) {
                add(i, "expected");
            }
        }
    }
    return text;
}

// "times from clear bit 2 of monitored_mask at 7.515804211 s      FILE:LINE in FUNCTION", and the other rows' places.
std::string sources(const Outcome& outcome, const Chosen& chosen, const Style& style) {
    if (!chosen.central) {
        return "";
    }
    const std::size_t central = *chosen.central;
    const std::size_t half = (style.columns - 2) / 2 + 4;
    std::string text = paragraph(
        "  ", "times from \"" + words_of(outcome, central) + "\" at " + seconds(outcome.log.records[central].at),
        style.columns, 2);
    const bool one_line = text.find('\n') == text.size() - 1;
    text.pop_back();
    text = one_line ? padded(text + "  ", half + 2) : text;
    const std::string zero = place_words(outcome, central, true);
    if ((!one_line || text.size() + zero.size() > style.columns) && !zero.empty()) {
        text = without_trailing_spaces(text) + "\n    ";
    }
    text = without_trailing_spaces(text + zero) + "\n";

    std::set<std::string> seen{place_words(outcome, central, false)};
    std::vector<std::string> others;
    for (const std::size_t record : chosen.records) {
        const std::string place = place_words(outcome, record, false);
        if (place.empty() || function_of(outcome, record).empty() || !seen.insert(place).second) {
            continue;
        }
        std::string words = words_of(outcome, record);
        const std::size_t arguments = words.find('(');
        others.push_back(words.substr(0, arguments == 0 ? words.npos : arguments) + " at " + place);
    }
    for (std::size_t i = 0; i < others.size(); ++i) {
        const bool pair =
            i + 1 < others.size() && others[i].size() + 2 <= half && 2 + half + others[i + 1].size() <= style.columns;
        text +=
            pair ? "  " + padded(others[i], half) + others[i + 1] + "\n" : paragraph("  ", others[i], style.columns, 2);
        i += pair ? 1 : 0;
    }
    return text;
}

std::string way_of_token(const Outcome& outcome, const Finding& finding, const TableTime& time, const Style& style) {
    const std::vector<std::size_t> hops = hops_of(outcome.log, finding.token);
    if (hops.empty()) {
        return "";
    }
    // Mostly in the table's unit; a way that lies far from its zero would be all digits.
    Unit unit = time.unit();
    const Duration last = outcome.log.records[hops.back()].at - time.zero();
    if (last.fs / unit.fs >= 100'000) {
        unit = unit_for(last);
    }
    const std::string head = "  the NMI: ";
    std::string text;
    std::string line = head;
    for (const std::size_t hop : hops) {
        const trace::Record& record = outcome.log.records[hop];
        const std::string words = std::string{hop_name(record.hop)} + " " + number(record.at - time.zero(), unit);
        if (line.size() + words.size() > style.columns - 3) {  // "  ms"
            text += without_trailing_spaces(line) + "\n";
            line = std::string(head.size(), ' ');
        }
        line += words + "  ";
    }
    line.pop_back();
    return text + line + std::string{unit.name} + "\n";
}

std::string claim(const Outcome& outcome, const Style& style) {
    const catalogue::Claim* const claim = outcome.scenario.claim ? catalogue::claim(*outcome.scenario.claim) : nullptr;
    return claim == nullptr ? ""
                            : paragraph("  ", "shows " + std::string{claim->id} + ": " + std::string{claim->statement},
                                        style.columns, 2);
}

// Of the finding that is shown first.
std::string way_out(const Outcome& outcome, const Style& style) {
    const std::size_t first = first_shown(outcome);
    const catalogue::Detail* const detail =
        first < outcome.findings.size() ? catalogue::detail(outcome.findings[first].hazard) : nullptr;
    if (detail == nullptr) {
        return "";
    }
    return paragraph("  way out: ", std::string{detail->way_out}, style.columns);
}

std::string provenance(const Outcome& outcome, const Style& style) {
    std::string text;
    if (!outcome.detector_build_id.empty()) {
        text = "detector build " + outcome.detector_build_id.substr(0, 8);
    }
    if (!outcome.detector_compiler.empty()) {
        text += (text.empty() ? "detector by " : ", ") + outcome.detector_compiler;
    }
    if (!outcome.profile_name.empty()) {
        text += (text.empty() ? "" : "; ") + ("profile " + outcome.profile_name);
        if (!outcome.latencies.empty()) {
            const auto assumed = std::count_if(outcome.latencies.begin(), outcome.latencies.end(),
                                               [](const run::Latency& latency) { return latency.assumed; });
            const std::size_t all = outcome.latencies.size();
            text += all == 1 ? std::string{": the latency in this table is "} + (assumed == 1 ? "" : "not ") + "assumed"
                             : ": " + std::to_string(assumed) + " of the " + std::to_string(all) +
                                   " latencies in this table are assumed";
        }
    }
    return text.empty() ? "" : paragraph("  ", text, style.columns, 2);
}

// What the remapping unit blocked, with what its fault record says of it: as `dmesg` would, but from the unit itself.
std::string fault_log(const Outcome& outcome, const Style& style) {
    constexpr std::size_t LINES = 12;
    std::string lines;
    std::size_t blocked = 0;
    for (const trace::Record& record : outcome.log.records) {
        if (record.what == trace::What::RequestBlocked && ++blocked <= LINES) {
            lines += paragraph("  " + seconds(record.at) + "  ", outcome.log.text(record), style.columns, 2);
        }
    }
    if (blocked == 0) {
        return "";
    }
    return "\nfault log of the remapping unit\n" + lines +
           (blocked > LINES ? "  ... " + grouped(blocked - LINES) + " more\n" : "");
}

bool boots_for_ever(const Outcome& outcome) {
    bool boots = false;
    for (const trace::Record& record : outcome.log.records) {
        const bool begins = record.what == trace::What::TaskBegun;
        if ((begins || record.what == trace::What::TaskEnded) && record.value == HLD_TASK_BOOT) {
            boots = begins;
        }
    }
    return boots;
}

bool has_instant(const Outcome& outcome) {
    return std::any_of(outcome.scenario.events.begin(), outcome.scenario.events.end(),
                       [](const scenario::Event& event) { return event.at.has_value(); });
}

std::vector<std::size_t> tables_for(const Outcome& outcome) {
    std::vector<std::size_t> wanted;
    const auto take = [&](std::size_t most, auto which) {
        for (std::size_t i = 0; wanted.size() < most && i < outcome.findings.size(); ++i) {
            if (which(i)) {
                wanted.push_back(i);
            }
        }
    };
    // A race on a CPU's way down is rarer than what every run of a design shows.
    take(TABLES, [&](std::size_t i) {
        const std::optional<trace::Life>& phase = outcome.findings[i].phase;
        return !expected(outcome, i) && phase && *phase != trace::Life::Up;
    });
    take(TABLES, [&](std::size_t i) {
        return !expected(outcome, i) && std::find(wanted.begin(), wanted.end(), i) == wanted.end();
    });
    take(1, [&](std::size_t i) { return demanded(outcome, i); });
    take(1, [&](std::size_t i) { return expected(outcome, i); });
    return wanted;
}

}  // namespace

std::size_t first_shown(const Outcome& outcome) {
    const std::vector<std::size_t> wanted = tables_for(outcome);
    return wanted.empty() ? outcome.findings.size() : wanted.front();
}

std::string details(const Outcome& outcome, const Style& style) {
    std::string text = paragraph("  ", outcome.scenario.title, style.columns) + "\n";
    if (!outcome.error.empty()) {
        std::string error = outcome.error;
        for (std::size_t end = error.find('\n'); end != std::string::npos; end = error.find('\n', end + 1)) {
            error.insert(end + 1, "  ");
        }
        return text + "  " + error + "\n";
    }
    const std::string verdict = verdicts(outcome, style);
    text += verdict;
    const std::vector<std::size_t> wanted = tables_for(outcome);
    for (const std::size_t i : wanted) {
        const Finding& finding = outcome.findings[i];
        const Chosen chosen = choose(outcome, finding, style.rows);
        const TableTime time{outcome, chosen};
        text += "\n";
        if (wanted.size() > 1) {
            text += "  " + hazard_and_phase(finding) + "\n\n";
        }
        text += table_text(outcome, chosen, style) + "\n" + sources(outcome, chosen, style);
        text += way_of_token(outcome, finding, time, style);
    }
    const auto surprises =
        outcome.findings.size() -
        static_cast<std::size_t>(std::count(outcome.finding_expected.begin(), outcome.finding_expected.end(), true));
    if (surprises > TABLES && outcome.finding_expected.size() == outcome.findings.size()) {
        text += "\n  " + std::to_string(surprises - TABLES) + " more without a table here: --json has them\n";
    }
    text += wanted.empty() && !verdict.empty() ? "\n" : "";
    if (cpu::End::Time != outcome.end && outcome.end != cpu::End::None) {
        text += paragraph("  ",
                          "the run ended at " + seconds(outcome.ended_at) + ": " + std::string{end_name(outcome.end)} +
                              (outcome.end_reason.empty() ? "" : ", " + outcome.end_reason),
                          style.columns, 2);
    }
    if (outcome.stopped) {
        text += "  the run was stopped at " + seconds(outcome.ended_at) + ": what comes later is not judged\n";
    }
    for (const run::Landing& landing : outcome.landings) {
        if (!landing.found && !landing.explanation.empty()) {
            const std::string begin = "event " + std::to_string(landing.event) + " cannot land: ";
            text += paragraph("  ", begin + landing.explanation, style.columns, 2);
        }
    }
    text += no_effect(outcome, style) + diagnoses_text(outcome, style.columns) + kernel_warnings(outcome, style);
    text += outcome.findings.empty() ? "" : claim(outcome, style) + way_out(outcome, style);
    text += not_watched(outcome, style) + provenance(outcome, style);
    if (!outcome.findings.empty() && has_instant(outcome) && !boots_for_ever(outcome)) {  // no event comes in a boot
        text += "  how wide: " + window_command(outcome) + "\n";
    }
    text += "  again:\n" + replay_command(outcome) + "\n";
    if (style.timeline) {
        text += "\n" + timeline(outcome, style) + fault_log(outcome, style);
    }
    return text;
}

}  // namespace hldsim::report
