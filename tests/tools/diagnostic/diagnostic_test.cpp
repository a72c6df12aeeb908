// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/diagnostic/diagnostic.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::diagnostic;

namespace {

Mark mark(const std::string& text, std::size_t offset, std::size_t length) {
    return {std::make_shared<const Source>(Source{"file.yaml", text}), offset, length};
}

}  // namespace

TEST_CASE("an error says where, what, what it may have been, the line, and what was expected", "[style-b.6]") {
    const std::string text = "title: x\n      before: {cpu: 2, updates: hld.monitred_mask}\n";
    const Error error{mark(text, text.find("hld."), 17), "no variable 'hld.monitred_mask'", "a variable",
                      "hld.monitored_mask"};
    CHECK(std::string{error.what()} ==
          "file.yaml:2:33: error: no variable 'hld.monitred_mask'; did you mean 'hld.monitored_mask'?\n"
          "      before: {cpu: 2, updates: hld.monitred_mask}\n"
          "                                ^^^^^^^^^^^^^^^^^\n"
          "  expected a variable");
}

TEST_CASE("a column counts characters, and the carets stand under them", "[style-b.6]") {
    const std::string text = "t: \xc3\xbc\xc3\xb6 bad\n";
    const Error error{mark(text, text.find("bad"), 3), "wrong"};
    CHECK(std::string{error.what()} == "file.yaml:1:7: error: wrong\nt: \xc3\xbc\xc3\xb6 bad\n      ^^^");
}

TEST_CASE("a tab before the fault is a tab below it", "[style-b.6]") {
    const Error error{mark("\tx: 1\n", 1, 1), "wrong"};
    CHECK(std::string{error.what()} == "file.yaml:1:2: error: wrong\n\tx: 1\n\t^");
}

TEST_CASE("at the end of a text without a line end the caret stands behind the last character", "[style-b.6]") {
    const Error error{mark("abc", 3, 1), "wrong"};
    CHECK(std::string{error.what()} == "file.yaml:1:4: error: wrong\nabc\n   ^");
}

TEST_CASE("a line of a megabyte is cut around the fault", "[style-b.6]") {
    const std::string text = std::string(500'000, 'a') + "!" + std::string(500'000, 'b');
    const std::string what = Error{mark(text, 500'000, 1), "wrong"}.what();
    CHECK(what.size() < 500);
    const std::size_t caret = what.rfind('^') - (what.rfind('\n') + 1);
    const std::size_t line = what.find('\n') + 1;
    CHECK(what[line + caret] == '!');
}

TEST_CASE("the line end of DOS is no part of the line", "[style-b.6]") {
    const Error error{mark("a: 1\r\nb: 2\r\n", 6, 1), "wrong"};
    CHECK(std::string{error.what()} == "file.yaml:2:1: error: wrong\nb: 2\n^");
}

TEST_CASE("the distance counts edits, and a swap of neighbours is one", "[style-b.6]") {
    CHECK(distance("", "abc") == 3);
    CHECK(distance("offline", "offline") == 0);
    CHECK(distance("ofline", "offline") == 1);
    CHECK(distance("desing", "design") == 1);
    CHECK(distance("kitten", "sitting") == 3);
}

TEST_CASE("only what is close is suggested, the first of equals", "[style-b.6]") {
    CHECK(nearest("ofline", {"online", "offline"}) == "offline");
    CHECK(nearest("zebra", {"title", "claim"}).empty());
    CHECK(nearest("xy", {"at", "by"}) == "by");  // one letter in common
    CHECK(nearest("qq", {"at", "by"}).empty());  // none: two edits make anything of two letters
    CHECK(nearest("ab", {"ax", "ay"}) == "ax");
    CHECK(nearest(std::string(1000, 'x'), {"xx"}).empty());
}

TEST_CASE("choices are listed as a sentence lists them", "[style-b.6]") {
    CHECK(choices({"a"}) == "a");
    CHECK(choices({"a", "b"}) == "a or b");
    CHECK(choices({"a", "b", "c"}, "and") == "a, b and c");
}

TEST_CASE("what a terminal would obey is shown in an error and not done", "[style-b.6]") {
    CHECK(std::string{Error{Error::Parts{{}, "a\x1b[2J\n.yaml", "no 'x\x7f'", "y\b", {}}}.what()} ==
          "a\\x1b[2J\\x0a.yaml: error: no 'x\\x7f'; did you mean 'y\\x08'?");
    CHECK(printable("a\tb\n\xc3\xbc", "\n") == "a\\x09b\n\xc3\xbc");
}
