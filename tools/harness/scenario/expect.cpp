// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/check/registered.hpp"
#include "tools/harness/scenario/fields.hpp"

namespace hldsim::scenario {
namespace {

using diagnostic::Error;
using diagnostic::nearest;
using document::describe;
using document::Entry;
using document::Node;

std::vector<std::string_view> known_ids() {
    std::vector<std::string_view> ids = catalogue::names(catalogue::hazards());
    const std::vector<std::string_view> invariants = catalogue::names(catalogue::invariants());
    ids.insert(ids.end(), invariants.begin(), invariants.end());
    return ids;
}

Marked<std::string> id(const Node& node, bool must_be_found) {
    const std::string expected = "the name of a hazard or an invariant (hldsim list hazards, hldsim list invariants)";
    Marked<std::string> found = name(node, expected);
    const catalogue::Hazard* const hazard = catalogue::hazard(found.value);
    const catalogue::Invariant* const invariant = catalogue::invariant(found.value);
    if (hazard == nullptr && invariant == nullptr) {
        throw Error{node.mark, "no hazard or invariant " + describe(node), expected, nearest(found.value, known_ids())};
    }
    if (must_be_found && hazard != nullptr && !check::recognises(hazard->id)) {
        throw Error{node.mark, "hazard " + describe(node) + " is not recognised in this release",
                    "a hazard that a run can find (hldsim list hazards)"};
    }
    if (must_be_found && invariant != nullptr && !check::watches(invariant->id)) {
        throw Error{node.mark, "invariant " + describe(node) + " is not watched in this release",
                    "an invariant that a run can violate (hldsim list invariants)"};
    }
    return found;
}

std::vector<Marked<std::string>> ids(const Fields& fields, std::string_view key, bool must_be_found) {
    std::vector<Marked<std::string>> found;
    if (const Node* const node = fields.find(key)) {
        for (const Node& item : list(*node, "a list of hazards and invariants, such as [rotate-to-dying]")) {
            found.push_back(id(item, must_be_found));
        }
    }
    return found;
}

void refuse_contradictions(const Expect& expect) {
    struct Named {
        const std::vector<Marked<std::string>>* ids;
        const char* key;
    };
    const Named lists[] = {{&expect.always, "always"},
                           {&expect.sometimes, "sometimes"},
                           {&expect.allow, "allow"},
                           {&expect.never, "never"}};
    std::vector<std::pair<std::string, const char*>> seen;
    for (const Named& named : lists) {
        for (const Marked<std::string>& entry : *named.ids) {
            const auto same =
                std::find_if(seen.begin(), seen.end(), [&](const auto& s) { return s.first == entry.value; });
            if (same != seen.end()) {
                throw Error{entry.mark, "'" + entry.value + "' stands in '" + same->second + "' already",
                            "each name in one of always, sometimes, allow and never, once"};
            }
            seen.emplace_back(entry.value, named.key);
        }
    }
}

ReportExpectation report(const Node& node, const Context& context) {
    const Fields fields{node, "an expected report", names(REPORT_KEYS)};
    ReportExpectation expected;
    expected.mark = node.mark;
    expected.cpu = cpu(fields.require("cpu"), context);
    expected.after = span(fields.require("after"), Sign::NotNegative);
    expected.within = span(fields.require("within"), Sign::Positive);
    const bool comparable = expected.after.value.unit == expected.within.value.unit || expected.after.value.amount == 0;
    if (comparable && expected.after.value.amount >= expected.within.value.amount) {
        throw Error{expected.within.mark, "'within' is not later than 'after'",
                    "both from the instant at which the CPU got stuck, 'within' the later"};
    }
    return expected;
}

CountExpectation counted(const Entry& entry) {
    const std::vector<std::string_view> known = catalogue::names(catalogue::stats());
    if (catalogue::search_stat(entry.key) != nullptr) {
        throw Error{entry.key_mark, "'" + entry.key + "' is of the search, not of the run", "a statistic of a run"};
    }
    if (catalogue::stat(entry.key) == nullptr) {
        throw Error{entry.key_mark, "no statistic '" + entry.key + "'", "a name of 'hldsim list stats'",
                    nearest(entry.key, known)};
    }
    CountExpectation expected;
    expected.stat = {entry.key, entry.key_mark};
    expected.mark = entry.value.mark;
    constexpr std::uint64_t MOST = std::uint64_t{1} << 62U;
    const std::string form = "a count, or {min: N, max: N}";
    if (!entry.value.is_map()) {
        expected.min = count(entry.value, 0, MOST, form);
        expected.max = expected.min;
        return expected;
    }
    const Fields fields{entry.value, "a range", {"min", "max"}};
    if (const Node* const min = fields.find("min")) {
        expected.min = count(*min, 0, MOST, form);
    }
    if (const Node* const max = fields.find("max")) {
        expected.max = count(*max, 0, MOST, form);
    }
    if (!expected.min && !expected.max) {
        throw Error{entry.value.mark, "a range without an end", form};
    }
    if (expected.min && expected.max && *expected.min > *expected.max) {
        throw Error{entry.value.mark, "a range in which nothing fits: min is above max", form};
    }
    return expected;
}

}  // namespace

Expect read_expect(const Node& node, const Context& context) {
    const Fields fields{node, "'expect'", names(EXPECT_KEYS)};
    Expect expect;
    expect.always = ids(fields, "always", true);
    expect.sometimes = ids(fields, "sometimes", true);
    expect.allow = ids(fields, "allow", false);
    expect.never = ids(fields, "never", false);
    refuse_contradictions(expect);
    if (const Node* const reports = fields.find("reports")) {
        for (const Node& item : list(*reports, "a list such as [{cpu: 1, after: 6 s, within: 20 s}]")) {
            expect.reports.push_back(report(item, context));
        }
    }
    if (const Node* const landing = fields.find("landing")) {
        expect.landing_impossible = choice(*landing, "landing", LANDING_WORDS);
        expect.landing_mark = landing->mark;
    }
    if (const Node* const loads = fields.find("loads")) {
        expect.loads = boolean(*loads);
    }
    if (const Node* const ends = fields.find("ends")) {
        expect.ends = choice(*ends, "ending", ENDING_WORDS);
        expect.ends_mark = ends->mark;
    }
    if (const Node* const counts = fields.find("count")) {
        if (!counts->is_map()) {
            throw Error{counts->mark, describe(*counts) + " in place of a mapping",
                        "statistics with their counts, such as {nmi.unknown: 0}"};
        }
        for (const Entry& entry : counts->entries) {
            expect.count.push_back(counted(entry));
        }
    }
    if (const Node* const prints = fields.find("prints")) {
        for (const Node& item : list(*prints, "a list of texts, such as [hard LOCKUP on cpu 1]")) {
            expect.prints.push_back(name(item, "a part of a line that the kernel prints"));
        }
    }
    return expect;
}

std::string_view name_of(Ending ending) { return name_in(ENDING_WORDS, ending); }

}  // namespace hldsim::scenario
