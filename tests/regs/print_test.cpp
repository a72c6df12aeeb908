// SPDX-License-Identifier: Apache-2.0
#include "models/regs/print.hpp"

#include "tests/regs/sample_map.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using Kind = regs::Diagnosis::Kind;

TEST_CASE("a value is taken apart into its fields, reserved bits only where set", "[regs]") {
    CHECK(regs::decode(sample::REGISTERS[0], 0x0010'ff51) ==
          "  31:24  KEY                   0           write-only key\n"
          "  23:20  reserved              1           set, but reserved\n"
          "  19:16  START                 0           write 1 to start\n"
          "  15:8   STATUS                0xff        write 1 to clear\n"
          "  7:4    ID                    5           identity\n"
          "  1:0    MODE                  1           mode\n");
    CHECK(regs::decode_short(sample::REGISTERS[0], 0x0010'0052) == "reserved[23:20]=1 ID=5 MODE=2");
    CHECK(regs::decode_short(sample::REGISTERS[0], 0).empty());
}

TEST_CASE("a value is taken apart into a Markdown table of the same fields", "[regs]") {
    CHECK(regs::decode_markdown(sample::REGISTERS[0], 0x0010'ff51) ==
          "| Bits | Field | Value | Meaning |\n|---|---|---|---|\n"
          "| 31:24 | KEY | 0 | write-only key |\n"
          "| 23:20 | reserved | 1 | set, but reserved |\n"
          "| 19:16 | START | 0 | write 1 to start |\n"
          "| 15:8 | STATUS | 0xff | write 1 to clear |\n"
          "| 7:4 | ID | 5 | identity |\n"
          "| 1:0 | MODE | 1 | mode |\n");
}

TEST_CASE("a wide value keeps two spaces in front of its meaning, and so does every other of its register", "[regs]") {
    CHECK(regs::decode(sample::REGISTERS[3], 0xffff'ffff'ffff'ffff) ==
          "  63:0   VALUE                 0xffffffffffffffff  value\n");
    CHECK(regs::decode(sample::WIDE, 0xffff'ffff'ffff'fff3) ==
          "  63:4   FIRST                     0xfffffffffffffff  a field with a wide value\n"
          "  3:0    A_NAME_OF_TWENTY_FOUR_XY  3                  narrow (profile)\n");
}

TEST_CASE("a long access word keeps two spaces in front of the reset", "[regs]") {
    CHECK_THAT(regs::to_text(sample::MAP, sample::REGISTERS[2]),
               Catch::Contains("\n  31:16  WHAT                  unimplemented  0           not modelled\n"
                               "  15:0   KNOWN                 RW             0           modelled\n"));
}

TEST_CASE("a value with more bits than its register says so", "[regs]") {
    CHECK_THAT(regs::decode(sample::REGISTERS[4], 0x100), Catch::EndsWith("more than the register's 8 bits\n"));
    CHECK_THAT(regs::decode_markdown(sample::REGISTERS[4], 0x100),
               Catch::EndsWith(" |\n\nthe value has more than the register's 8 bits\n"));
}

TEST_CASE("registers are found by the name of an instance and by that of the row", "[regs]") {
    REQUIRE(regs::named(sample::MAP, "CH2_VAL"));
    CHECK(regs::named(sample::MAP, "CH2_VAL")->instance == 2);
    CHECK(regs::named(sample::MAP, "CHn_VAL")->instance == 0);
    CHECK(regs::named(sample::MAP, "CONTROL")->spec == &sample::REGISTERS[0]);
    CHECK_FALSE(regs::named(sample::MAP, "CH3_VAL"));
    CHECK_FALSE(regs::named(sample::MAP, "control"));
}

TEST_CASE("the names are those of the rows, and those of each instance behind", "[regs]") {
    CHECK(regs::names(sample::MAP) ==
          std::vector<std::string>{"CONTROL", "LATER", "MIXED", "CHn_VAL", "CH0_VAL", "CH1_VAL", "CH2_VAL", "INDEX"});
}

TEST_CASE("documentation follows the rows", "[regs]") {
    const std::string list = regs::to_text(sample::MAP);
    CHECK_THAT(list, Catch::Contains("Sample Device (No Specification 1.0)"));
    CHECK_THAT(list, Catch::Contains(
                         "  010h+010h*n   CHn_VAL               64 bits   reset 0x0000000000000000  section 1.4\n"));
    CHECK_THAT(list, Catch::Contains(
                         "  040h          INDEX                 8 bits    reset 0x00                section 1.5\n"));
    const std::string one = regs::to_text(sample::MAP, sample::REGISTERS[0]);
    CHECK_THAT(one, Catch::Contains("reset 0x0000ff51, section 1.1"));
    CHECK_THAT(one, Catch::Contains("  15:8   STATUS                RW1C  0xff        write 1 to clear\n"));
    const std::string markdown = regs::to_markdown(sample::MAP);
    CHECK_THAT(markdown, Catch::Contains("| 15:8 | STATUS | RW1C | 0xff | write 1 to clear |\n"));
    CHECK_THAT(markdown, Catch::Contains("| 3:2 | - | rsvd | 0 |  |\n"));
}

TEST_CASE("Markdown names source, width, reset and section of a register, as the text does", "[regs]") {
    const regs::Register& control = sample::REGISTERS[0];
    CHECK_THAT(regs::to_text(sample::MAP, control),
               Catch::StartsWith("Sample Device (No Specification 1.0)\n\n"
                                 "CONTROL  000h, 32 bits, reset 0x0000ff51, section 1.1\n\n"));
    CHECK_THAT(regs::to_markdown(sample::MAP, control),
               Catch::StartsWith("Sample Device (No Specification 1.0)\n\n"
                                 "**CONTROL** (000h): 32 bits, reset 0x0000ff51, section 1.1\n\n"));
    const std::string whole = regs::to_markdown(sample::MAP);
    CHECK_THAT(whole, Catch::Contains("**CHn_VAL** (010h+010h*n): 64 bits, reset 0x0000000000000000, section 1.4\n"));
}

TEST_CASE("what the profile decides is no number of the row's", "[regs]") {
    CHECK_THAT(regs::to_text(sample::MAP, sample::WIDE),
               Catch::Contains("WIDE  000h, 64 bits, reset set by the profile, section 1.6\n") &&
                   Catch::Contains("  RW    0           a field with a wide value\n") &&
                   Catch::Contains("  RO    profile     narrow (profile)\n"));
    CHECK_THAT(regs::to_markdown(sample::MAP, sample::WIDE), Catch::Contains("| RO | profile | narrow (profile) |\n"));
    static constexpr regs::Register ALONE[] = {sample::WIDE};
    const regs::Map map{"wide", "Wide Device", "No Specification 1.2", ALONE};
    CHECK_THAT(regs::to_text(map), Catch::Contains("64 bits   reset profile             section 1.6\n"));
    CHECK_THAT(regs::to_markdown(map), Catch::Contains("A reset \"profile\" is set by the profile."));
    CHECK_THAT(regs::to_markdown(sample::MAP), !Catch::Contains("A reset \"profile\""));
    CHECK(regs::set_by_profile(sample::WIDE.fields[1]));
    CHECK_FALSE(regs::set_by_profile(sample::REGISTERS[0].fields[4]));
    const auto said = [](regs::Access access) {
        return regs::set_by_profile({{0, 0}, "F", access, 0, "a bit (profile)"});
    };
    CHECK(said(regs::Access::RW));
    CHECK_FALSE(said(regs::Access::WO));
    CHECK_FALSE(regs::set_by_profile({{0, 0}, "F", regs::Access::RW, 0, "a bit; exists with another (profile)"}));
}

TEST_CASE("registers behind an index are documented by their place, not by an offset", "[regs]") {
    CHECK_THAT(regs::to_text(sample::INDEXED_MAP), Catch::Contains("  index 00h         FIRST "));
    const std::string markdown = regs::to_markdown(sample::INDEXED_MAP);
    CHECK_THAT(markdown, Catch::Contains("| Place | Register | Width | Section |\n"));
    CHECK_THAT(markdown, Catch::Contains("| index 01h and up | ENTRYn | 8 | 2.2 |\n"));
    CHECK_THAT(regs::to_markdown(sample::MAP), Catch::Contains("| Offset | Register | Width | Section |\n"));
}

TEST_CASE("a register with two formats is documented in both, and a value chooses its own", "[regs]") {
    const regs::Register& entry = sample::INDEXED[1];
    CHECK_THAT(regs::to_text(sample::INDEXED_MAP, entry),
               Catch::Contains("  6:0    LOW ") &&
                   Catch::Contains("\nother format (bit 7 = 1), section 2.3\n\n  7      OTHER ") &&
                   Catch::Contains("  6:4    HIGH "));
    CHECK_THAT(regs::to_markdown(sample::INDEXED_MAP),
               Catch::Contains("\n**ENTRYn**, other format (bit 7 = 1), section 2.3\n\n| Bits | Field |"));
    CHECK(sample::INDEXED_MAP.format_of(entry, 0x7f) == nullptr);
    REQUIRE(sample::INDEXED_MAP.format_of(entry, 0x90) == &sample::FORMATS[0]);
    CHECK(regs::decode_short(*sample::INDEXED_MAP.format_of(entry, 0x90)->spec, 0x91) ==
          "OTHER=1 HIGH=1 reserved[3:0]=1");
    CHECK(sample::INDEXED_MAP.format_of(sample::INDEXED[0], 0xff) == nullptr);
}

TEST_CASE("a dump names every register that is there", "[regs]") {
    regs::File file{sample::MAP, {Size::B4}};
    file.limit("CHn_VAL", 1);
    CHECK(regs::dump(file) ==
          "CONTROL               0x0000ff51  STATUS=0xff ID=5 MODE=1\n"
          "LATER                 0x00000000\n"
          "MIXED                 0x00000000\n"
          "CH0_VAL               0x0000000000000000\n"
          "INDEX                 0x00\n");
}

TEST_CASE("a diagnosis of an access names its size, its register and what is at fault", "[regs]") {
    const auto text = [](const regs::Diagnosis& found) { return regs::describe(found, sample::MAP); };
    CHECK(text({Kind::Reserved, true, 0x00, Size::B2, 0x10'0000, "bits"}) ==
          "reserved: bits (write of 2 bytes, CONTROL, 0x0000000000100000)");
    CHECK(text({Kind::Size, false, 0x21, Size::B1, 0, "alignment"}) == "size: alignment (read of 1 byte, CH1_VAL)");
    CHECK(text({Kind::Undefined, false, 0x0c, Size::B4, 0, "nothing"}) ==
          "undefined: nothing (read of 4 bytes, offset 0x00c)");
}

TEST_CASE("misuse is of a register, by an access of any size, or by none", "[regs]") {
    const auto text = [](const regs::Diagnosis& found) { return regs::describe(found, sample::MAP); };
    CHECK(text({Kind::Misuse, true, 0x10, Size::B4, 3, "too early"}) ==
          "misuse: too early (write of CH0_VAL, 0x0000000000000003)");
    CHECK(text({Kind::Misuse, false, 0x10, Size::B4, 3, "too early"}) == "misuse: too early (read of CH0_VAL)");
    CHECK(text(regs::of_device(0x10, 3, "a match")) == "misuse: a match (CH0_VAL, 0x0000000000000003)");
    CHECK(text(regs::of_device(regs::NO_REGISTER, 3, "a pin")) == "misuse: a pin (0x0000000000000003)");
}

TEST_CASE("the bytes at an offset are those of its register", "[regs]") {
    CHECK(regs::bytes_at(sample::MAP, 0x02) == 4);
    CHECK(regs::bytes_at(sample::MAP, 0x37) == 8);
    CHECK(regs::bytes_at(sample::MAP, 0x40) == 1);
    CHECK(regs::bytes_at(sample::MAP, 0x0c) == 1);
}
