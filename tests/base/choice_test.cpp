// SPDX-License-Identifier: Apache-2.0
#include "models/base/choice.hpp"

#include "tests/support/catch.hpp"

using namespace hldsim;

namespace {

std::vector<std::uint32_t> answers(ChoiceSource& source) {
    source.power_on();
    std::vector<std::uint32_t> taken;
    for (const char* const site : {"a", "a", "b", "a"}) {
        taken.push_back(source.choose(site, 7));
    }
    return taken;
}

Choice choice(const char* site, std::uint32_t taken, std::uint32_t alternatives) { return {site, alternatives, taken}; }

}  // namespace

TEST_CASE("without a choice there is nothing to record", "[choice]") {
    DefaultChoice source;
    CHECK(source.choose("a", 1) == 0);
    CHECK(source.log().empty());
    CHECK(source.choose("a", 2) == 0);
    CHECK(source.log().size() == 1);
}

TEST_CASE("a seed gives the same answers in each power cycle", "[choice]") {
    SeededChoice source{5};
    const auto first = answers(source);
    CHECK(first == answers(source));
    SeededChoice other{6};
    CHECK(first != answers(other));
}

TEST_CASE("recorded choices give the answers of the run in which they were made", "[choice]") {
    SeededChoice source{5};
    const auto first = answers(source);
    ReplayChoice replay{source.log()};
    CHECK(first == answers(replay));
    CHECK(replay.mismatch().empty());
    CHECK(first == answers(replay));
}

TEST_CASE("a question that was not recorded is a mismatch, and gets the default", "[choice]") {
    ReplayChoice replay{{choice("a", 1, 2), choice("b", 1, 2)}};
    replay.power_on();
    CHECK(replay.choose("a", 2) == 1);
    SECTION("another site") {
        CHECK(replay.choose("c", 2) == 0);
        CHECK(replay.mismatch() == "a choice at 'c' among 2 where one at 'b' among 2 was recorded");
        CHECK(replay.choose("b", 2) == 0);
    }
    SECTION("another number of alternatives") {
        CHECK(replay.choose("b", 3) == 0);
        CHECK(replay.mismatch() == "a choice at 'b' among 3 where one at 'b' among 2 was recorded");
    }
    SECTION("behind the last") {
        CHECK(replay.choose("b", 2) == 1);
        CHECK(replay.mismatch().empty());
        CHECK(replay.choose("b", 2) == 0);
        CHECK(replay.mismatch() == "a choice at 'b' among 2 behind the last that was recorded");
    }
    replay.power_on();
    CHECK(replay.mismatch().empty());
    CHECK(replay.choose("a", 2) == 1);
}

TEST_CASE("choices as text come back as they were", "[choice]") {
    const std::vector<Choice> choices{choice("hpet.edge_or_access", 1, 2), choice("hpet.edge_or_access", 1, 2),
                                      choice("hpet.edge_or_access", 0, 2), choice("fabric.arbiter", 2, 3)};
    const std::string text = "hpet.edge_or_access:1/2*2+hpet.edge_or_access:0/2+fabric.arbiter:2/3";
    CHECK(text_of(choices) == text);
    const auto again = choices_in(text);
    REQUIRE(again.has_value());
    CHECK(text_of(*again) == text);
    CHECK(again->size() == 4);
    CHECK(text_of({}).empty());
    CHECK(choices_in("")->empty());
}

TEST_CASE("what is no text of choices is refused", "[choice]") {
    for (const char* const text : {"a", "a:1", "a:/2", "a:1/", ":1/2", "a:2/2", "a:1/2*", "a:1/2*0", "a:1/2+", "+a:1/2",
                                   "a:1/2*2x", "a:-1/2", "a: 1/2", "a:1/2*9999999", "a:4294967296/4294967297"}) {
        INFO(text);
        CHECK_FALSE(choices_in(text).has_value());
    }
}
