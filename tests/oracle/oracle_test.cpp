// SPDX-License-Identifier: Apache-2.0
// Each device against QEMU's, by the recorded traces: every answer, and whatever leaves the device, is the same, or a
// row of DEVIATIONS.md says why not.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/hpet_player.hpp"
#include "tests/oracle/ioapic_player.hpp"
#include "tests/oracle/lapic_player.hpp"
#include "tests/oracle/pic_player.hpp"
#include "tests/oracle/verdict.hpp"
#include "tests/oracle/vtd_player.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::oracle;

namespace {

template <class Player>
const std::vector<Trace>& traces() {
    static const std::vector<Trace> all = read_traces(Player::TRACES);
    return all;
}

template <class Player>
const Verdict& verdict() {
    static const Verdict all = replay<Player>(traces<Player>());
    return all;
}

template <class Player>
std::size_t differences(const Program& program) {
    Verdict altered;
    replay<Player>("altered", program, altered);
    return altered.unexplained.size();
}

}  // namespace

TEMPLATE_TEST_CASE("A device answers each recorded program as QEMU did, or DEVIATIONS.md says why not", "[oracle]",
                   HpetPlayer, IoapicPlayer, LapicPlayer, PicPlayer, VtdPlayer) {
    INFO(verdict<TestType>().text());
    CHECK(verdict<TestType>().unexplained.empty());
}

TEMPLATE_TEST_CASE("Half of a device's programs are without any excuse", "[oracle]", HpetPlayer, IoapicPlayer,
                   LapicPlayer, PicPlayer, VtdPlayer) {
    const Counted counted = count(traces<TestType>());
    CHECK(counted.programs >= TestType::PROGRAMS);
    CHECK(2 * counted.plain >= counted.programs);
}

TEMPLATE_TEST_CASE("Each row of DEVIATIONS.md explains a recorded difference, and no rule lacks a row", "[oracle]",
                   HpetPlayer, IoapicPlayer, LapicPlayer, PicPlayer, VtdPlayer) {
    const std::set<std::string> rows = deviations(TestType::ROWS);
    const std::vector<std::string> known = TestType::known();
    CHECK(rows == std::set<std::string>(known.begin(), known.end()));
    CHECK(rows == verdict<TestType>().used);
}

TEST_CASE("Each register of a remapping unit is in a recorded program, but those that QEMU has no match for",
          "[oracle]") {
    const std::set<std::string> missing = {"CAP", "ECAP", "ECMDn", "PERFn", "VCMDn"};
    CHECK(unwitnessed(VtdPlayer::map(), touched<VtdPlayer>(traces<VtdPlayer>())) == missing);
}

TEST_CASE("Each register of a local APIC is in a recorded program, but those that QEMU has no match for", "[oracle]") {
    const std::set<std::string> missing = {"LVT_CMCI", "LVT_TIMER2", "RRD", "SELF_IPI"};
    CHECK(unwitnessed(LapicPlayer::map(), touched<LapicPlayer>(traces<LapicPlayer>())) == missing);
}

TEMPLATE_TEST_CASE("A wrong bit in any answer of a program without sections is found", "[oracle]", HpetPlayer,
                   LapicPlayer, IoapicPlayer, PicPlayer, VtdPlayer) {
    CHECK(unnoticed_bits<TestType>(plain_program(traces<TestType>())) == 0);
}

TEMPLATE_TEST_CASE("A message, or a move of a pin, that QEMU did not make is found", "[oracle]", IoapicPlayer,
                   LapicPlayer, PicPlayer, VtdPlayer) {
    Program wrong = plain_program(traces<TestType>());
    const auto step =
        std::find_if(wrong.steps.begin(), wrong.steps.end(), [](const Step& s) { return !s.seen.empty(); });
    REQUIRE(step != wrong.steps.end());
    step->seen.clear();
    CHECK(differences<TestType>(wrong) == 1);
}

TEST_CASE("An interrupt that QEMU's HPET sent a tick later is found", "[oracle]") {
    Program wrong = plain_program(traces<HpetPlayer>());
    const auto step = std::find_if(wrong.steps.begin(), wrong.steps.end(),
                                   [](const Step& s) { return s.action == 'T' && !s.seen.empty(); });
    REQUIRE(step != wrong.steps.end());
    step->seen.front().tick += 1;
    CHECK(differences<HpetPlayer>(wrong) == 2);  // one that is missing, one too many
}
