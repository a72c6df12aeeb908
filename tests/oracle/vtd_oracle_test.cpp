// SPDX-License-Identifier: Apache-2.0
// The remapping unit against QEMU's, by the recorded traces: every answer and every message behind it is the same, or a
// row of DEVIATIONS.md says why not.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/verdict.hpp"
#include "tests/oracle/vtd_player.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::oracle;

namespace {

const std::vector<Trace>& traces() {
    static const std::vector<Trace> all = read_traces("vtd");
    return all;
}

const Verdict& verdict() {
    static const Verdict all = replay<VtdPlayer>(traces());
    return all;
}

}  // namespace

TEST_CASE("The remapping unit answers each recorded program as QEMU did, or DEVIATIONS.md says why not", "[oracle]") {
    INFO(verdict().text());
    CHECK(verdict().unexplained.empty());
}

TEST_CASE("At least 20 recorded programs are for the remapping unit, half of them without any excuse", "[oracle]") {
    const Counted counted = count(traces());
    CHECK(counted.programs >= 20);
    CHECK(2 * counted.plain >= counted.programs);
}

TEST_CASE("Each row of DEVIATIONS.md for the remapping unit explains a recorded difference, and no rule lacks a row",
          "[oracle]") {
    const std::set<std::string> rows = deviations("VT-d");
    const std::vector<std::string> known = VtdPlayer::known();
    CHECK(rows == std::set<std::string>(known.begin(), known.end()));
    CHECK(rows == verdict().used);
}

TEST_CASE("A wrong bit in any answer of a remapping unit's program without sections is found", "[oracle]") {
    CHECK(unnoticed_bits<VtdPlayer>(plain_program(traces())) == 0);
}

TEST_CASE("A message that QEMU did not remap is found", "[oracle]") {
    Program wrong = plain_program(traces());
    const auto step =
        std::find_if(wrong.steps.begin(), wrong.steps.end(), [](const Step& s) { return !s.seen.empty(); });
    REQUIRE(step != wrong.steps.end());
    step->seen.clear();
    Verdict altered;
    replay<VtdPlayer>("altered", wrong, altered);
    CHECK(altered.unexplained.size() == 1);
}
