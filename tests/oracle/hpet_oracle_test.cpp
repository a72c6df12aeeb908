// SPDX-License-Identifier: Apache-2.0
// The HPET against QEMU's, by the recorded traces: every answer is the same, or a row of DEVIATIONS.md says why not.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/hpet_player.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::oracle;

namespace {

const std::vector<Trace>& traces() {
    static const std::vector<Trace> all = [] {
        std::vector<Trace> read;
        for (const char* seed : {"1", "2", "3"}) {
            read.push_back(parse_trace(std::string{HLDSIM_ORACLE "/golden/hpet-"} + seed + ".txt"));
        }
        return read;
    }();
    return all;
}

struct Verdict {
    std::vector<std::string> unexplained;
    std::set<std::string> used;
};

void replay(const std::string& file, const Program& program, Verdict& verdict) {
    HpetPlayer player;
    for (const Step& step : program.steps) {
        const std::vector<Difference> found = compare(step, player.play(step));
        for (const Difference& difference : found) {
            const std::string id = explain_hpet(step, difference, found);
            if (id.empty()) {
                verdict.unexplained.push_back(describe(file, program, step, difference));
            } else {
                verdict.used.insert(id);
            }
        }
    }
}

const Verdict& verdict() {
    static const Verdict all = [] {
        Verdict v;
        for (const Trace& trace : traces()) {
            for (const Program& program : trace.programs) {
                replay(trace.file, program, v);
            }
        }
        return v;
    }();
    return all;
}

std::string first_of(const std::vector<std::string>& lines) {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 20); ++i) {
        text += lines[i] + "\n";
    }
    return text;
}

bool has_section(const Program& program) {
    return std::any_of(program.steps.begin(), program.steps.end(),
                       [](const Step& step) { return !step.section.deviation.empty(); });
}

}  // namespace

TEST_CASE("The HPET answers each recorded program as QEMU did, or DEVIATIONS.md says why not", "[oracle]") {
    INFO(first_of(verdict().unexplained));
    CHECK(verdict().unexplained.empty());
}

TEST_CASE("At least 100 recorded programs are for the HPET, half of them without any excuse", "[oracle]") {
    std::size_t all = 0;
    std::size_t plain = 0;
    for (const Trace& trace : traces()) {
        all += trace.programs.size();
        plain += static_cast<std::size_t>(std::count_if(trace.programs.begin(), trace.programs.end(),
                                                        [](const Program& p) { return !has_section(p); }));
    }
    CHECK(all >= 100);
    CHECK(2 * plain >= all);
}

TEST_CASE("Each row of DEVIATIONS.md for the HPET explains a recorded difference, and no rule lacks a row",
          "[oracle]") {
    std::set<std::string> rows;
    for (const auto& [id, clause] : deviations("HPET")) {
        INFO(id);
        CHECK(!clause.empty());
        rows.insert(id);
    }
    const std::vector<std::string> known = hpet_deviations();
    CHECK(rows == std::set<std::string>(known.begin(), known.end()));
    CHECK(rows == verdict().used);
}

TEST_CASE("A wrong bit in any answer of a program without sections is found", "[oracle]") {
    const Trace& trace = traces().front();
    const auto plain = std::find_if(trace.programs.begin(), trace.programs.end(),
                                    [](const Program& program) { return !has_section(program); });
    REQUIRE(plain != trace.programs.end());
    std::size_t reads = 0;
    for (std::size_t i = 0; i < plain->steps.size(); ++i) {
        Program wrong = *plain;
        if (wrong.steps[i].action == 'R') {
            ++reads;
            wrong.steps[i].value ^= std::uint64_t{1} << i % (8 * wrong.steps[i].size);
            Verdict v;
            replay(trace.file, wrong, v);
            CHECK(v.unexplained.size() == 1);
        }
    }
    CHECK(reads > 3);
}

TEST_CASE("An interrupt that QEMU sent a tick later is found", "[oracle]") {
    Program wrong;
    for (const Program& program : traces().front().programs) {
        if (!has_section(program)) {
            wrong = program;
            break;
        }
    }
    const auto step = std::find_if(wrong.steps.begin(), wrong.steps.end(),
                                   [](const Step& s) { return s.action == 'T' && !s.seen.empty(); });
    REQUIRE(step != wrong.steps.end());
    step->seen.front().tick += 1;
    Verdict v;
    replay("altered", wrong, v);
    CHECK(v.unexplained.size() == 2);
}
