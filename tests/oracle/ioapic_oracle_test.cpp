// SPDX-License-Identifier: Apache-2.0
// The I/O APIC against QEMU's, by the recorded traces: every answer and every message is the same, or a row of
// DEVIATIONS.md says why not.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/ioapic_player.hpp"
#include "tests/oracle/verdict.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::oracle;

namespace {

const std::vector<Trace>& traces() {
    static const std::vector<Trace> all = read_traces("ioapic");
    return all;
}

const Verdict& verdict() {
    static const Verdict all = replay<IoapicPlayer>(traces());
    return all;
}

}  // namespace

TEST_CASE("The I/O APIC answers each recorded program as QEMU did, or DEVIATIONS.md says why not", "[oracle]") {
    INFO(verdict().text());
    CHECK(verdict().unexplained.empty());
}

TEST_CASE("At least 100 recorded programs are for the I/O APIC, half of them without any excuse", "[oracle]") {
    const Counted counted = count(traces());
    CHECK(counted.programs >= 100);
    CHECK(2 * counted.plain >= counted.programs);
}

TEST_CASE("Each row of DEVIATIONS.md for the I/O APIC explains a recorded difference, and no rule lacks a row",
          "[oracle]") {
    const std::set<std::string> rows = deviations("I/O APIC");
    const std::vector<std::string> known = IoapicPlayer::known();
    CHECK(rows == std::set<std::string>(known.begin(), known.end()));
    CHECK(rows == verdict().used);
}

TEST_CASE("A wrong bit in any answer of an I/O APIC's program without sections is found", "[oracle]") {
    CHECK(unnoticed_bits<IoapicPlayer>(plain_program(traces())) == 0);
}

TEST_CASE("A message that QEMU's I/O APIC did not send is found", "[oracle]") {
    Program wrong = plain_program(traces());
    const auto step =
        std::find_if(wrong.steps.begin(), wrong.steps.end(), [](const Step& s) { return !s.seen.empty(); });
    REQUIRE(step != wrong.steps.end());
    step->seen.clear();
    Verdict altered;
    replay<IoapicPlayer>("altered", wrong, altered);
    CHECK(altered.unexplained.size() == 1);
}
