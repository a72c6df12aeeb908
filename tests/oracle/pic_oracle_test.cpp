// SPDX-License-Identifier: Apache-2.0
// The 8259A pair against QEMU's, by the recorded traces: every answer and every move of INTR is the same, or a row of
// DEVIATIONS.md says why not.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/pic_player.hpp"
#include "tests/oracle/verdict.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::oracle;

namespace {

const std::vector<Trace>& traces() {
    static const std::vector<Trace> all = read_traces("pic");
    return all;
}

const Verdict& verdict() {
    static const Verdict all = replay<PicPlayer>(traces());
    return all;
}

}  // namespace

TEST_CASE("The 8259A pair answers each recorded program as QEMU did, or DEVIATIONS.md says why not", "[oracle]") {
    INFO(verdict().text());
    CHECK(verdict().unexplained.empty());
}

TEST_CASE("At least 40 recorded programs are for the 8259A pair, half of them without any excuse", "[oracle]") {
    const Counted counted = count(traces());
    CHECK(counted.programs >= 40);
    CHECK(2 * counted.plain >= counted.programs);
}

TEST_CASE("Each row of DEVIATIONS.md for the 8259A pair explains a recorded difference, and no rule lacks a row",
          "[oracle]") {
    const std::set<std::string> rows = deviations("8259A");
    const std::vector<std::string> known = PicPlayer::known();
    CHECK(rows == std::set<std::string>(known.begin(), known.end()));
    CHECK(rows == verdict().used);
}

TEST_CASE("A wrong bit in any answer of an 8259A pair's program without sections is found", "[oracle]") {
    CHECK(unnoticed_bits<PicPlayer>(plain_program(traces())) == 0);
}

TEST_CASE("A move of INTR that QEMU did not make is found", "[oracle]") {
    Program wrong = plain_program(traces());
    const auto step =
        std::find_if(wrong.steps.begin(), wrong.steps.end(), [](const Step& s) { return !s.seen.empty(); });
    REQUIRE(step != wrong.steps.end());
    step->seen.clear();
    Verdict altered;
    replay<PicPlayer>("altered", wrong, altered);
    CHECK(altered.unexplained.size() == 1);
}
