// SPDX-License-Identifier: Apache-2.0
// The register block of models/hpet/README.md is what the rows say.
#include <fstream>
#include <sstream>

#include "models/hpet/registers.hpp"
#include "models/regs/print.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;

TEST_CASE("the README's register block follows the rows", "[hpet]") {
    std::ifstream file{HLDSIM_SOURCE_DIR "/models/hpet/README.md"};
    std::stringstream text;
    text << file.rdbuf();
    const std::string begin = "<!-- generated: hldsim regs hpet --markdown -->\n";
    const std::string readme = text.str();
    const std::size_t from = readme.find(begin);
    const std::size_t to = readme.find("<!-- /generated -->");
    REQUIRE(from != std::string::npos);
    REQUIRE(to != std::string::npos);
    CHECK(readme.substr(from + begin.size(), to - from - begin.size()) == regs::to_markdown(hpet::MAP));
}

TEST_CASE("a value of TIMn_CONF decodes as software would read it", "[hpet]") {
    const auto found = regs::named(hpet::MAP, "TIM0_CONF");
    REQUIRE(found);
    CHECK(regs::decode_short(*found->spec, 0x1404c) ==
          "reserved[31:16]=1 Tn_FSB_EN_CNF=1 Tn_VAL_SET_CNF=1 Tn_TYPE_CNF=1 Tn_INT_ENB_CNF=1");
}
