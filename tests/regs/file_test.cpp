// SPDX-License-Identifier: Apache-2.0
#include "models/regs/file.hpp"

#include <vector>

#include "tests/regs/sample_map.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using Kind = regs::Diagnosis::Kind;

namespace {

struct FileFixture {
    FileFixture() {
        file.on_diagnosis([this](const regs::Diagnosis& d) { found.push_back(d); });
    }
    std::uint64_t read(std::uint32_t offset, Size size) {
        const auto at = file.locate(offset, size, false);
        return at ? file.readable(at, file.value(at.slot)) : 0;
    }
    void write(std::uint32_t offset, Size size, std::uint64_t value) {
        const auto at = file.locate(offset, size, true, value);
        if (at) {
            file.set_value(at.slot, file.written(at, file.value(at.slot), value));
        }
    }
    std::vector<Kind> kinds() const {
        std::vector<Kind> all;
        for (const auto& d : found) {
            all.push_back(d.kind);
        }
        return all;
    }

    regs::File file{sample::MAP, {Size::B1, Size::B2, Size::B4, Size::B8}};
    std::vector<regs::Diagnosis> found;
};

}  // namespace

TEST_CASE_METHOD(FileFixture, "after a reset every register holds what its rows say", "[regs]") {
    CHECK(read(0, Size::B4) == 0x0000'ff51);
    write(0, Size::B4, 0x0000'ff02);
    CHECK(read(0, Size::B4) == 0x52);
    file.reset();
    CHECK(read(0, Size::B4) == 0x0000'ff51);
}

TEST_CASE_METHOD(FileFixture, "each field takes a write as its access word says", "[regs]") {
    write(0, Size::B4, 0xab'05'0f'f2);
    CHECK(read(0, Size::B4) == 0x0005'f052);  // WO reads 0, W1S set, RW1C cleared where 1, RO kept, RW taken
    CHECK(file.value(file.slot("CONTROL")) == 0xab05'f052);
    CHECK(found.empty());
    write(0, Size::B4, 0);
    CHECK(read(0, Size::B4) == 0x0005'f050);  // 0 neither starts nor clears
}

TEST_CASE_METHOD(FileFixture, "bytes that are not written keep their bits and count as 0 for write-1 fields",
                 "[regs][H-34]") {
    write(0, Size::B1, 2);
    CHECK(read(0, Size::B4) == 0xff52);
    write(1, Size::B1, 0x0f);
    CHECK(read(0, Size::B4) == 0xf052);
    write(0x10, Size::B8, 0x1111'2222'3333'4444);
    write(0x14, Size::B4, 0xaaaa'bbbb);
    write(0x12, Size::B2, 0xcccc);
    CHECK(read(0x10, Size::B8) == 0xaaaa'bbbb'cccc'4444);
    CHECK(read(0x13, Size::B1) == 0xcc);
}

TEST_CASE_METHOD(FileFixture, "reserved bits read 0, and writing them is diagnosed with the bits", "[regs]") {
    write(0, Size::B4, 0x0010'0008);
    CHECK(kinds() == std::vector{Kind::Reserved});
    CHECK(found[0].value == 0x0010'0008);
    CHECK(found[0].write);
    CHECK((read(0, Size::B4) & 0x00f0'000c) == 0);
    CHECK(found.size() == 1);
}

TEST_CASE_METHOD(FileFixture, "an offset without a register is undefined", "[regs]") {
    const std::uint32_t offset = GENERATE(0x0cU, 0x18U, 0x44U, 0x1000U);
    CHECK(read(offset, Size::B4) == 0);
    write(offset, Size::B4, 1);
    CHECK(kinds() == std::vector{Kind::Undefined, Kind::Undefined});
    CHECK(found[1].offset == offset);
}

TEST_CASE_METHOD(FileFixture, "size and alignment are diagnosed before anything else", "[regs]") {
    SECTION("misaligned") { read(0x11, Size::B2); }
    SECTION("beyond the register's end") { read(0x00, Size::B8); }
    SECTION("wider than a byte register") { read(0x40, Size::B4); }
    SECTION("a size that the device does not take") {
        regs::File strict{sample::MAP, {Size::B4}};
        strict.on_diagnosis([this](const regs::Diagnosis& d) { found.push_back(d); });
        CHECK(strict.locate(0x10, Size::B8, false).bad_size);
        CHECK(strict.locate(0x40, Size::B1, false).bad_size);
        found.pop_back();
    }
    CHECK(kinds() == std::vector{Kind::Size});
}

TEST_CASE_METHOD(FileFixture, "what is not modelled says so", "[regs]") {
    SECTION("a whole register: at any access") {
        read(0x04, Size::B4);
        write(0x04, Size::B4, 0);
        CHECK(kinds() == std::vector{Kind::Unimplemented, Kind::Unimplemented});
    }
    SECTION("a field: when read, or written other than 0") {
        write(0x08, Size::B4, 0x1234);
        CHECK(found.empty());
        write(0x08, Size::B4, 0x0001'1234);
        CHECK(kinds() == std::vector{Kind::Unimplemented});
        CHECK(found[0].value == 0x0001'0000);
        CHECK(read(0x08, Size::B2) == 0x1234);
        CHECK(found.size() == 1);
        read(0x08, Size::B4);
        CHECK(found.size() == 2);
    }
}

TEST_CASE_METHOD(FileFixture, "a profile shapes a map: how many there are, what they hold, what is read-only",
                 "[regs]") {
    file.limit("CHn_VAL", 2);
    file.set_reset(file.slot("CONTROL"), {7, 4}, 0xa);
    file.set_access(file.slot("CHn_VAL", 1), {63, 32}, regs::Access::RO);
    file.reset();
    CHECK((read(0, Size::B4) >> 4U & 0xfU) == 0xa);
    write(0x20, Size::B8, ~0ULL);
    CHECK(read(0x20, Size::B8) == 0xffff'ffff);
    write(0x10, Size::B8, ~0ULL);
    CHECK(read(0x10, Size::B8) == ~0ULL);
    CHECK(found.empty());
    CHECK(read(0x30, Size::B8) == 0);
    CHECK(kinds() == std::vector{Kind::Undefined});
}

TEST_CASE_METHOD(FileFixture, "masks follow from the rows", "[regs]") {
    const auto control = file.slot("CONTROL");
    CHECK(file.programmed_mask(control) == 0xff0f'ff03);
    CHECK(file.reserved_mask(control) == 0x00f0'000c);
    CHECK(file.mask(control, regs::Access::RO) == 0xf0);
    CHECK(file.offset(file.slot("CHn_VAL", 2)) == 0x30);
    CHECK_THROWS_AS(file.slot("CHn_VAL", 3), std::out_of_range);
    CHECK_THROWS_AS(file.slot("NOTHING"), std::out_of_range);
}

TEST_CASE_METHOD(FileFixture, "a register is found by the offset at which it begins, and by no other", "[regs]") {
    CHECK(file.slot_at(0x20) == file.slot("CHn_VAL", 1));
    CHECK(file.slot_at(0x24) == regs::File::NONE);
    CHECK(file.slot_at(0x0c) == regs::File::NONE);
    CHECK(file.slot_at(0x1000) == regs::File::NONE);
    file.limit("CHn_VAL", 1);
    CHECK(file.slot_at(0x20) == regs::File::NONE);
    CHECK(found.empty());
}

TEST_CASE_METHOD(FileFixture,
                 "reserved and unimplemented bits are told with the register's place and the access's size", "[regs]") {
    write(0x02, Size::B2, 0x0010);
    REQUIRE(kinds() == std::vector{Kind::Reserved});
    CHECK(found[0].offset == 0x00);
    CHECK(found[0].value == 0x0010'0000);
    CHECK(found[0].size == Size::B2);
    write(0x0a, Size::B1, 1);
    REQUIRE(kinds() == std::vector{Kind::Reserved, Kind::Unimplemented});
    CHECK(found[1].offset == 0x08);
    CHECK(found[1].value == 0x0001'0000);
    CHECK(found[1].size == Size::B1);
}
