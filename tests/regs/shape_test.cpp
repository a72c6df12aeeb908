// SPDX-License-Identifier: Apache-2.0
#include "models/regs/shape.hpp"

#include "models/regs/print.hpp"
#include "tests/regs/sample_map.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using regs::Access;
using regs::Shape;

namespace {

regs::File sample_file() { return regs::File{sample::MAP, {Size::B4}}; }

const regs::Register& row(const Shape& shape, const char* name) { return *regs::named(shape.map(), name)->spec; }

}  // namespace

TEST_CASE("the shape of registers that no profile changed is their map", "[regs]") {
    const regs::File file = sample_file();
    const Shape shape{file};
    CHECK(regs::to_text(shape.map()) == regs::to_text(sample::MAP));
    CHECK(regs::to_markdown(shape.map()) == regs::to_markdown(sample::MAP));
}

TEST_CASE("a shape has the instances that exist, and no register of which none does", "[regs]") {
    regs::File file = sample_file();
    file.limit("CHn_VAL", 2);
    file.limit("INDEX", 0);
    const Shape shape{file};
    CHECK(regs::names(shape.map()) ==
          std::vector<std::string>{"CONTROL", "LATER", "MIXED", "CHn_VAL", "CH0_VAL", "CH1_VAL"});
}

TEST_CASE("instances that differ have a row each, at the place of each", "[regs]") {
    regs::File file = sample_file();
    file.set_reset(file.slot("CHn_VAL", 2), {63, 0}, 7);
    const Shape shape{file};
    CHECK(regs::names(shape.map()) ==
          std::vector<std::string>{"CONTROL", "LATER", "MIXED", "CH0_VAL", "CH1_VAL", "CH2_VAL", "INDEX"});
    CHECK(row(shape, "CH2_VAL").offset == 0x30);
    CHECK(row(shape, "CH2_VAL").reset() == 7);
    CHECK(row(shape, "CH1_VAL").reset() == 0);
}

TEST_CASE("a field that the profile changes as a whole is accessed as it says, one changed in part as its row",
          "[regs]") {
    regs::File file = sample_file();
    file.set_access(file.slot("CONTROL"), {1, 0}, Access::RO);
    file.set_access(file.slot("CONTROL"), {9, 8}, Access::RSVD);
    const Shape shape{file};
    const regs::Register& control = row(shape, "CONTROL");
    CHECK(control.fields[6].access == Access::RO);
    CHECK(control.fields[3].access == Access::RW1C);
}

TEST_CASE("in a shape nothing is left to the profile", "[regs]") {
    static constexpr regs::Register ALONE[] = {sample::WIDE};
    const regs::Map map{"wide", "Wide Device", "No Specification 1.2", ALONE};
    const Shape shape{map, [](const regs::Register&, unsigned) { return Shape::Instance{true, 0x1b}; }};
    CHECK_THAT(regs::to_text(shape.map(), row(shape, "WIDE")),
               Catch::Contains("reset 0x000000000000001b,") && Catch::Contains("  RO    0xb         narrow\n"));
}

TEST_CASE("a shape keeps the places of its rows, and their formats", "[regs]") {
    const Shape shape{sample::INDEXED_MAP, [](const regs::Register& spec, unsigned instance) {
                          return Shape::Instance{spec.name == "ENTRYn", instance};
                      }};
    const regs::Register& second = row(shape, "ENTRY1");
    CHECK_THAT(regs::to_text(shape.map(), second),
               Catch::Contains("ENTRY1  index 01h and up, ") && Catch::Contains("other format (bit 7 = 1)"));
    REQUIRE(shape.map().format_of(second, 0x80) != nullptr);
    CHECK(shape.map().format_of(second, 0x80)->spec == &sample::OTHER_ENTRY);
}
