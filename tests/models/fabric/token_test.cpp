// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/token.hpp"

#include "tests/support/catch.hpp"

using namespace hldsim;

namespace {

std::vector<std::uint32_t> ids(const TokenSet& set) {
    std::vector<std::uint32_t> all;
    for (const Token token : set) {
        all.push_back(token.id);
    }
    return all;
}

TokenSet made(std::initializer_list<std::uint32_t> tokens) {
    TokenSet set;
    for (const std::uint32_t id : tokens) {
        set.add(Token{id, Source::Hpet});
    }
    return set;
}

}  // namespace

TEST_CASE("A set of tokens has each once, in the order in which they came", "[fabric]") {
    CHECK(ids(made({3, 9, 3, 7, 9, 7, 10})) == std::vector<std::uint32_t>{3, 9, 7, 10});
    CHECK(ids(made({0})).empty());
}

TEST_CASE("A set that another is added to has the tokens of both, each once", "[fabric]") {
    TokenSet set = made({5, 2});
    set.add(made({1, 5, 6}));
    CHECK(ids(set) == std::vector<std::uint32_t>{5, 2, 1, 6});
}

TEST_CASE("A set that was cleared takes the tokens that it had", "[fabric]") {
    TokenSet set = made({8, 9});
    set.clear();
    set.add(Token{8, Source::Hpet});
    CHECK(ids(set) == std::vector<std::uint32_t>{8});
}

TEST_CASE("A set that is copied back knows what it holds", "[fabric]") {
    TokenSet set = made({4, 6});
    StateCopy copy;
    copy.save_anew();
    set.copy_state(copy);
    set.clear();
    copy.restore_from_begin();
    set.copy_state(copy);
    set.add(Token{6, Source::Hpet});
    set.add(Token{5, Source::Hpet});
    CHECK(ids(set) == std::vector<std::uint32_t>{4, 6, 5});
}
