// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/document/document.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::document;

namespace {

Node read_text(const std::string& text) {
    return parse(std::make_shared<const diagnostic::Source>(diagnostic::Source{"t.yaml", text}));
}

std::string place(const diagnostic::Mark& mark) {
    return diagnostic::location(mark) + " " + mark.source->text.substr(mark.offset, mark.length);
}

void set_text(Node& root, const std::string& setting) {
    const auto source = std::make_shared<const diagnostic::Source>(diagnostic::Source{"--set", setting});
    const std::size_t equals = setting.find('=');
    set(root, {source, 0, equals}, setting.substr(0, equals), parse(source, equals + 1));
}

}  // namespace

TEST_CASE("every key and value knows where it stands", "[product-3]") {
    const Node root = read_text("a: 1\nlist:\n  - {key: 'quoted text', other: two words}\n");
    const Node& map = root.find("list")->value.items.at(0);
    CHECK(place(root.find("a")->key_mark) == "t.yaml:1:1 a");
    CHECK(place(root.find("a")->value.mark) == "t.yaml:1:4 1");
    CHECK(place(map.find("key")->value.mark) == "t.yaml:3:11 'quoted text'");
    CHECK(place(map.find("other")->value.mark) == "t.yaml:3:33 two words");
    CHECK(map.find("key")->value.text == "quoted text");
    CHECK_FALSE(map.find("key")->value.plain);
}

TEST_CASE("places are right with DOS line ends and characters of several bytes", "[product-3]") {
    const Node root = read_text("a: \xc3\xa4\r\nbb: {c: x, d: y}\r\n");
    CHECK(place(root.find("bb")->value.find("d")->value.mark) == "t.yaml:2:15 y");
    const Node wide = read_text("{\xc3\xa4\xc3\xa4: 1, b: 2}\n");
    CHECK(place(wide.find("b")->value.mark) == "t.yaml:1:12 2");
}

TEST_CASE("a missing value stands at its key", "[product-3]") {
    const Node root = read_text("a:\nb: null\nc: ~\n");
    CHECK(root.find("a")->value.is_null());
    CHECK(place(root.find("a")->value.mark) == "t.yaml:1:1 a");
    CHECK(place(root.find("b")->value.mark) == "t.yaml:2:4 null");
}

TEST_CASE("an alias is its anchor's value again", "[product-3]") {
    const Node root = read_text("a: &x {k: v}\nb: *x\n");
    CHECK(root.find("b")->value.find("k")->value.text == "v");
}

TEST_CASE("words that YAML 1.1 takes for booleans are refused unless quoted", "[product-3.1]") {
    for (const char* const word : {"on", "off", "yes", "no", "On", "OFF"}) {
        CHECK_THROWS_AS(read_text(std::string{"a: "} + word + "\n"), diagnostic::Error);
        CHECK_NOTHROW(read_text(std::string{"a: \""} + word + "\"\n"));
    }
    CHECK_NOTHROW(read_text("a: n\nnone: one\n"));
}

TEST_CASE("mappings merge key by key, lists and scalars replace, null removes", "[product-3.2]") {
    Node base = read_text("a: {x: 1, y: 2}\nlist: [1, 2, 3]\ngone: 5\nkept: 6\n");
    merge(base, read_text("a: {y: 3, z: 4}\nlist: [9]\ngone: null\n"));
    CHECK(base.find("a")->value.find("x")->value.text == "1");
    CHECK(base.find("a")->value.find("y")->value.text == "3");
    CHECK(base.find("a")->value.find("z")->value.text == "4");
    CHECK(base.find("list")->value.items.size() == 1);
    CHECK(base.find("gone") == nullptr);
    CHECK(base.find("kept")->value.text == "6");
}

TEST_CASE("a dotted path sets a value, list items from 1, and null removes it", "[product-2]") {
    Node root = read_text("events: [{at: 5 s}, {at: 6 s}]\n");
    set_text(root, "events.2.at=7 s");
    set_text(root, "machine.cpus=8");
    CHECK(root.find("events")->value.items[0].find("at")->value.text == "5 s");
    CHECK(root.find("events")->value.items[1].find("at")->value.text == "7 s");
    CHECK(place(root.find("events")->value.items[1].find("at")->value.mark) == "--set:1:13 7 s");
    CHECK(root.find("machine")->value.find("cpus")->value.text == "8");
    set_text(root, "machine.cpus=null");
    CHECK(root.find("machine")->value.find("cpus") == nullptr);
    CHECK_THROWS_WITH(set_text(root, "events.3.at=1 s"), Catch::Contains("--set:1:8: error: no item '3'"));
    CHECK_THROWS_WITH(set_text(root, "events.0.at=1 s"), Catch::Contains("no item '0'"));
}

TEST_CASE("rows and statistics have names with dots, and their path ends there", "[product-2]") {
    Node root = read_text("title: x\n");
    set_text(root, "machine.set.msi.device_to_root=1 us");
    set_text(root, "expect.count.nmi.taken=3");
    CHECK(root.find("machine")->value.find("set")->value.find("msi.device_to_root")->value.text == "1 us");
    CHECK(root.find("expect")->value.find("count")->value.find("nmi.taken")->value.text == "3");
}

TEST_CASE("exactly so many values are read, and one more is refused", "[product-3]") {
    const auto list = [](std::size_t items) {
        std::string text = "[";
        for (std::size_t i = 0; i < items; ++i) {
            text += i == 0 ? "0" : ",0";
        }
        return text + "]";
    };
    CHECK_NOTHROW(read_text(list(NODES_MAX - 1)));  // the list itself is a value
    CHECK_THROWS_WITH(read_text(list(NODES_MAX)), Catch::Contains("more than 100000 values"));
}

TEST_CASE("exactly so many levels are read, and one more is refused", "[product-3]") {
    const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    CHECK_NOTHROW(read_text(nested(DEPTH_MAX)));
    CHECK_THROWS_WITH(read_text(nested(DEPTH_MAX + 1)), Catch::Contains("levels deep"));
}
