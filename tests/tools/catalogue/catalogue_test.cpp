// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "tests/support/catch.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/catalogue/details.hpp"

using namespace hldsim::catalogue;

TEST_CASE("the catalogue has 153 hazards in 12 groups, each under its own name", "[races-3]") {
    CHECK(hazards().size() == 153);
    CHECK(groups().size() == 12);
    std::set<std::string_view> ids;
    std::set<char> letters;
    for (const Group& group : groups()) {
        letters.insert(group.letter);
    }
    for (const Hazard& row : hazards()) {
        INFO(row.id);
        CHECK(ids.insert(row.id).second);
        CHECK(letters.count(row.group) == 1);
        CHECK(row.statement.back() != ' ');
    }
}

TEST_CASE("a hazard explains invariants that exist", "[races-2]") {
    CHECK(invariants().size() == 25);
    for (const Hazard& row : hazards()) {
        for (const std::string_view id : words(row.invariants)) {
            INFO(row.id << " " << id);
            CHECK(invariant(id) != nullptr);
        }
    }
}

TEST_CASE("the claims are C1 to C23", "[races-6]") {
    REQUIRE(claims().size() == 23);
    unsigned number = 1;
    for (const Claim& row : claims()) {
        CHECK(row.id == "C" + std::to_string(number++));
    }
}

TEST_CASE("an option belongs to a design or to all", "[races-4]") {
    CHECK(option("stop-drain", "drain") != nullptr);
    CHECK(option("direct-route", "drain") == nullptr);
    CHECK(option("direct-route", "timer") != nullptr);
    for (const Option& row : options()) {
        CHECK((row.design.empty() || design(row.design) != nullptr));
    }
}

TEST_CASE("what a search counts has no name of what a run counts", "[product-6]") {
    for (const Stat& row : search_stats()) {
        INFO(row.name);
        CHECK(stat(row.name) == nullptr);
        CHECK(search_stat(row.name) == &row);
    }
}

TEST_CASE("words are what stands between blanks", "[races-3]") {
    CHECK(words("a bc  d") == std::vector<std::string_view>{"a", "bc", "d"});
    CHECK(words("").empty());
}

TEST_CASE("every hazard is explained in full, with its source", "[races-3]") {
    for (const Hazard& row : hazards()) {
        INFO(row.id);
        const Detail* const found = detail(row.id);
        REQUIRE(found != nullptr);
        CHECK_FALSE(found->needs.empty());
        CHECK_FALSE(found->interleaving.empty());
        CHECK_FALSE(found->seen.empty());
        CHECK_FALSE(found->width.empty());
        CHECK_FALSE(found->source.empty());
        CHECK(found->way_out.size() > 20);
        CHECK(found->way_out.back() != '.');
    }
    CHECK(detail("no-such-hazard") == nullptr);
}
