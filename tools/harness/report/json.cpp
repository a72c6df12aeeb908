// SPDX-License-Identifier: Apache-2.0
// Schema hldsim.run/1: run.schema.json. Keys keep their order; 64-bit values are strings of decimal digits.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/amdvi/entry.hpp"
#include "models/vtd/entry.hpp"
#include "tools/harness/report/diagnoses.hpp"
#include "tools/harness/report/lane.hpp"
#include "tools/harness/report/names.hpp"
#include "tools/harness/report/replay.hpp"
#include "tools/harness/report/report.hpp"
#include "tools/harness/report/words.hpp"

namespace hldsim::report {
namespace {

using check::Finding;
using Json = nlohmann::ordered_json;
using run::Outcome;

std::string digits(Instant at) { return std::to_string(at.fs); }

Json number_or_null(unsigned cpu) { return cpu == trace::NO_CPU ? Json(nullptr) : Json(cpu); }

Json where(const Outcome& outcome, std::size_t record) {
    Json place = Json::object();
    const auto found = outcome.places.find(record);
    if (found != outcome.places.end()) {
        place["file"] = found->second.file;
        place["line"] = found->second.line;
        place["function"] = found->second.function;
    }
    return place;
}

std::string actor(const Outcome& outcome, std::size_t record) {
    const Lane lane = lane_of(outcome, record);
    switch (lane.kind) {
        case Lane::Kind::Operator:
            return "operator";
        case Lane::Kind::Hpet:
            return "hpet";
        case Lane::Kind::Remapper:
            return "remapper";
        case Lane::Kind::Cpu:
            break;
    }
    return "cpu" + std::to_string(lane.cpu);
}

Json interleaving(const Outcome& outcome, const Finding& finding) {
    Json rows = Json::array();
    for (const std::size_t record : finding.evidence) {
        if (record >= outcome.log.records.size()) {
            continue;
        }
        const trace::Record& row = outcome.log.records[record];
        const bool of_cpu = lane_of(outcome, record).kind == Lane::Kind::Cpu;
        rows.push_back({{"actor", actor(outcome, record)},
                        {"context", of_cpu ? Json(context_name(row.context)) : Json(nullptr)},
                        {"at_fs", digits(row.at)},
                        {"where", where(outcome, record)},
                        {"what", words_of(outcome, record)}});
    }
    return rows;
}

Json hops(const Outcome& outcome, Token token) {
    Json rows = Json::array();
    for (const trace::Record& record : outcome.log.records) {
        if (token && record.what == trace::What::HopReached && record.token.id == token.id) {
            rows.push_back({{"hop", hop_name(record.hop)}, {"at_fs", digits(record.at)}});
        }
    }
    return rows;
}

Json finding_object(const Outcome& outcome, std::size_t index) {
    const Finding& finding = outcome.findings[index];
    const bool expected = index < outcome.finding_expected.size() && outcome.finding_expected[index];
    return {{"hazard", finding.hazard},
            {"invariants", finding.invariants},
            {"expected", expected},
            {"phase", finding.phase ? Json(life_name(*finding.phase)) : Json(nullptr)},
            {"cpu", number_or_null(finding.cpu)},
            {"context", context_name(finding.context)},
            {"at_fs", digits(finding.at)},
            {"sentence", finding.sentence},
            {"more", finding.more},
            {"where", where(outcome, finding.where)},
            {"interleaving", interleaving(outcome, finding)},
            {"token", hops(outcome, finding.token)},
            {"replay", replay_command(outcome)}};
}

Json window_object(const run::WindowFound& window) {
    return {{"hazard", window.hazard},
            {"phase", window.phase},
            {"by_lock_class", window.by_class},
            {"opens_fs", digits(window.opens)},
            {"closes_fs", digits(window.closes)},
            {"width_fs", std::to_string((window.closes - window.opens).fs)},
            {"width_cycles", std::to_string(window.width_cycles)},
            {"opens_cycles", std::to_string(window.opens_cycles)},
            {"closes_cycles", std::to_string(window.closes_cycles)},
            {"open_below", window.open_below},
            {"open_above", window.open_above},
            {"opened_by", window.opened_by},
            {"closed_by", window.closed_by},
            {"basis", window.basis},
            {"chance_per_event", fmt::format("{:.2e}", window.chance_per_event)},
            {"of_several", window.of_several}};
}

Json searched_object(const run::Searched& searched) {
    return {{"event", searched.event},
            {"around_fs", digits(searched.around)},
            {"from_fs", digits(searched.from)},
            {"to_fs", digits(searched.to)},
            {"from_cycles", std::to_string(searched.from_cycles)},
            {"to_cycles", std::to_string(searched.to_cycles)}};
}

template <typename Items, typename Make>
Json array(const Items& items, Make make) {
    Json rows = Json::array();
    for (const auto& item : items) {
        rows.push_back(make(item));
    }
    return rows;
}

Json landing_object(const run::Landing& landing) {
    return {{"event", landing.event},
            {"found", landing.found},
            {"at_fs", landing.found ? Json(digits(landing.at)) : Json(nullptr)},
            {"runs", std::to_string(landing.runs)},
            {"explanation", landing.explanation}};
}

/// VT-d: the fault reason; AMD-Vi: the event. Reasons of the two do not meet.
bool is_amds(const trace::Record& record) {
    return record.value >= static_cast<std::uint64_t>(amdvi::Reason::NotFourBytes);
}
std::string reason_of(const trace::Record& record) {
    if (is_amds(record)) {
        return amdvi::name(static_cast<amdvi::EventCode>(record.address));
    }
    return fmt::format("{:02x}h", record.value);
}
bool has_index(const trace::Record& record) {
    return is_amds(record) ? amdvi::has_index(static_cast<amdvi::Reason>(record.value))
                           : vtd::has_index(static_cast<vtd::Reason>(record.value));
}

/// The faults of the remapping unit, in order: all of them, on record or not.
Json faults(const Outcome& outcome) {
    Json rows = Json::array();
    for (const trace::Record& record : outcome.log.records) {
        if (record.what == trace::What::RequestBlocked) {
            rows.push_back({{"at_fs", digits(record.at)},
                            {"reason", reason_of(record)},
                            {"index", has_index(record) ? Json(record.result) : Json(nullptr)},
                            {"recorded", record.flag},
                            {"text", outcome.log.text(record)}});
        }
    }
    return rows;
}

Json diagnosis_object(const Outcome& outcome, const Diagnosed& one) {
    const trace::Record& first = outcome.log.records[one.first];
    return {{"text", outcome.log.text(first)},
            {"times", one.times},
            {"first_at_fs", digits(first.at)},
            {"cpu", first.actor == trace::NO_CPU ? Json(nullptr) : Json(first.actor)},
            {"where", place_words(outcome, one.first, true)}};
}

/// What the kernel printed, in order: all of it.
Json printed(const Outcome& outcome) {
    Json rows = Json::array();
    for (const trace::Record& record : outcome.log.records) {
        if (record.what == trace::What::Printed) {
            const std::string& text = outcome.log.text(record);
            rows.push_back({{"at_fs", digits(record.at)},
                            {"cpu", number_or_null(record.actor)},
                            {"level", record.value},
                            {"text", text.substr(0, text.find_last_not_of('\n') + 1)}});
        }
    }
    return rows;
}

Json report_object(const run::Reported& report) {
    return {{"cpu", report.cpu},
            {"at_fs", digits(report.at)},
            {"after_fs", report.after ? Json(std::to_string(report.after->fs)) : Json(nullptr)}};
}

std::string unwatched_sentence(const check::Unwatched& off) {
    return off.invariant + ": " + (off.lacks.empty() ? "the description has no '" + off.entry + "'" : off.lacks);
}

Json unknown_word_object(const UnknownWord& unknown) {
    return {{"word", unknown.word}, {"nearest", unknown.nearest.empty() ? Json(nullptr) : Json(unknown.nearest)}};
}

Json latency_object(const run::Latency& latency) {
    return {{"row", row_name(latency.row)}, {"assumed", latency.assumed}};
}

Json no_effect_object(const run::NoEffect& event) {
    return {{"event", event.event},
            {"acts", std::to_string(event.acts)},
            {"of", std::to_string(event.of)},
            {"why", event.why}};
}

Json file_object(const std::shared_ptr<const diagnostic::Source>& file) {
    return {{"name", file->name}, {"text", file->text}};
}

Json run_object(const Outcome& outcome, std::string_view version) {
    Json vary = Json::object();
    for (const scenario::Varied& varied : outcome.scenario.vary) {
        vary[varied.key] = varied.value;
    }
    Json solved = Json::object();
    for (const auto& [key, at] : outcome.solved) {
        solved[key] = digits(at);
    }
    Json stats = Json::object();
    for (const auto& [name, value] : outcome.stats) {
        stats[name] = std::to_string(value);
    }
    Json findings = Json::array();
    for (std::size_t i = 0; i < outcome.findings.size(); ++i) {
        findings.push_back(finding_object(outcome, i));
    }
    const char* const verdict = !outcome.error.empty() ? "error"
                                : outcome.as_expected  ? "as-expected"
                                : outcome.undecided    ? "stopped"
                                                       : "unexpected";
    Json run = {
        {"schema", "hldsim.run/1"},
        {"scenario", outcome.scenario.file},
        {"title", outcome.scenario.title},
        {"claim", outcome.scenario.claim ? Json(*outcome.scenario.claim) : Json(nullptr)},
        {"vary", vary},
        {"set", outcome.set},
        {"outcome", verdict},
        {"ended", end_name(outcome.end)},
        {"end_reason", outcome.end_reason},
        {"seed", std::to_string(outcome.seed)},
        {"end_fs", digits(outcome.ended_at)},
        {"stopped", outcome.stopped},
        {"profile", outcome.profile_name},
        {"build",
         {{"hldsim", version},
          {"detector", outcome.detector_build_id},
          {"detector_compiler", outcome.detector_compiler}}},
        {"findings", findings},
        {"latencies", array(outcome.latencies, latency_object)},
        {"reports", array(outcome.reports, report_object)},
        {"printed", printed(outcome)},
        {"windows", array(outcome.windows, window_object)},
        {"searched", outcome.searched ? searched_object(*outcome.searched) : Json(nullptr)},
        {"unsearched", outcome.unsearched.empty() ? Json(nullptr) : Json(outcome.unsearched)},
        {"faults", faults(outcome)},
        {"diagnoses", array(diagnoses(outcome), [&](const Diagnosed& one) { return diagnosis_object(outcome, one); })},
        {"landings", array(outcome.landings, landing_object)},
        {"solved", solved},
        {"unmet", outcome.unmet},
        {"unjudged", outcome.unjudged},
        {"unwatched", array(outcome.unwatched, unwatched_sentence)},
        {"unknown_words", array(unknown_words(outcome), unknown_word_object)},
        {"no_effect", array(outcome.no_effect, no_effect_object)},
        {"stats", stats},
        {"replay", replay_command(outcome)}};
    if (outcome.error.empty()) {
        const std::string& object = outcome.detector_given;
        run["again"] = {{"argument", replay_argument(outcome)},
                        {"detector", object.empty() ? Json(nullptr) : Json(object)},
                        {"until", outcome.until_given.empty() ? Json(nullptr) : Json(outcome.until_given)},
                        {"files", array(outcome.scenario.sources, file_object)}};
    } else {
        run["error"] = outcome.error;
    }
    return run;
}

}  // namespace

std::string json(const std::vector<Outcome>& outcomes, std::string_view version) {
    const Json runs = array(outcomes, [version](const Outcome& outcome) { return run_object(outcome, version); });
    // Bytes that are no UTF-8, from a title for example, become U+FFFD: the output is JSON whatever comes in.
    return runs.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hldsim::report
