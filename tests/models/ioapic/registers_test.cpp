// SPDX-License-Identifier: Apache-2.0
// The window, what stands behind the index, and how entries are written: 82093AA, sections 3.1 and 3.2.
#include "tests/models/ioapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(IoapicFixture, "two CPUs that do not lock corrupt each other's access through the index",
                 "[ioapic][I-1]") {
    ioapic->write(IOREGSEL, Size::B4, low(3));  // CPU 0 is about to unmask input 3
    ioapic->write(IOREGSEL, Size::B4, low(7));  // an NMI, or CPU 1, selects another register in between
    ioapic->write(IOWIN, Size::B4, 0x41);
    CHECK(get(low(3)) == MASKED);
    CHECK(get(low(7)) == 0x41);
}

TEST_CASE_METHOD(IoapicFixture, "only aligned accesses of 4 bytes, and a byte written to IOREGSEL", "[ioapic][I-2]") {
    put(low(1), 0x1'0031);
    SECTION("a byte selects") {
        ioapic->write(IOREGSEL, Size::B1, low(1));
        CHECK(ioapic->read(IOWIN, Size::B4) == 0x1'0031);
        CHECK_FALSE(diagnosed(Kind::Size));
    }
    SECTION("a read of any other size gives all ones") {
        CHECK(ioapic->read(IOREGSEL, Size::B1) == 0xff);
        CHECK(ioapic->read(IOWIN, Size::B2) == 0xffff);
        CHECK(ioapic->read(IOWIN, Size::B8) == ~std::uint64_t{0});
        CHECK(ioapic->read(IOWIN + 2, Size::B4) == 0xffff'ffff);
        CHECK(diagnoses.size() == 4);
        CHECK(diagnosed(Kind::Size));
    }
    SECTION("a write of any other size is dropped") {
        ioapic->write(IOWIN, Size::B1, 0x32);
        ioapic->write(IOWIN, Size::B2, 0x32);
        ioapic->write(IOWIN, Size::B8, 0x32);
        ioapic->write(IOWIN + 1, Size::B4, 0x32);
        ioapic->write(IOREGSEL, Size::B2, low(2));
        ioapic->write(IOREGSEL + 1, Size::B1, 1);
        CHECK(diagnoses.size() == 6);
        CHECK(ioapic->read(IOWIN, Size::B4) == 0x1'0031);
    }
}

TEST_CASE_METHOD(IoapicFixture, "address bits 7:0 are decoded: the window repeats all through the page", "[ioapic]") {
    ioapic->write(0x100, Size::B4, 1);
    CHECK(ioapic->read(0x000, Size::B4) == 1);
    CHECK(ioapic->read(0xf10, Size::B4) == get(1));
}

TEST_CASE_METHOD(IoapicFixture, "offsets of the window without a register read 0 and are diagnosed", "[ioapic]") {
    CHECK(ioapic->read(0x50, Size::B4) == 0);
    CHECK(diagnosed(Kind::Undefined));
    CHECK(ioapic->read(0x20, Size::B4) == 0);
    CHECK(diagnosed(Kind::Unimplemented));
    CHECK(ioapic->read(EOIR, Size::B4) == 0);
}

TEST_CASE_METHOD(IoapicFixture, "W-40, W-54: read-only fields survive any write, reserved bits read 0",
                 "[ioapic][I-3][W-40][W-54]") {
    program(4, LEVEL | 0x51);
    raise(4);
    by(PIN_TO_MSG);
    REQUIRE(entry(4) == (LEVEL | REMOTE_IRR | 0x51));
    put(low(4), LEVEL | 0x51);
    CHECK(entry(4) == (LEVEL | REMOTE_IRR | 0x51));
    put(low(5), 0xffff'ffff);
    put(high(5), 0xffff'ffff);
    CHECK(entry(5) == 0xffff'0000'0001'afff);  // neither DELIVS nor REMOTE_IRR nor bits 47:17
    CHECK(diagnosed(Kind::Reserved));
}

TEST_CASE_METHOD(IoapicFixture, "the halves of an entry are written one by one, and each acts at once",
                 "[ioapic][I-4]") {
    program(6, to(1) | 0x61);
    put(high(6), 2U << 24);  // unmasked meanwhile: the destination is the new one, the vector the old one
    pulse(6);
    put(low(6), 0x62);
    pulse(6);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 2);
    CHECK(posted[0].message.address == 0xfee0'2000);
    CHECK((posted[0].message.data & 0xff) == 0x61);
    CHECK((posted[1].message.data & 0xff) == 0x62);
}

TEST_CASE_METHOD(IoapicFixture, "a high half alone evaluates nothing", "[ioapic][I-4]") {
    program(6, MASKED | LEVEL | 0x61);
    raise(6);
    put(high(6), 2U << 24);
    CHECK(vectors().empty());
    put(low(6), LEVEL | 0x61);
    CHECK(vectors() == Vectors{0x61});
}

TEST_CASE_METHOD(IoapicFixture, "IOAPICID is copied to IOAPICARB by its write, and has no effect on delivery",
                 "[ioapic][I-22]") {
    make(IoapicProfile::i82093aa());
    CHECK(get(2) == 0);
    put(0, 0x0500'0000);
    CHECK(get(0) == 0x0500'0000);
    CHECK(get(2) == 0x0500'0000);
    put(2, 0x0a00'0000);
    CHECK(get(2) == 0x0500'0000);
    program(1, to(3) | 0x31);
    pulse(1);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.address == 0xfee0'3000);
    CHECK(posted[0].message.requester.value == 0xfaf8);
}

TEST_CASE_METHOD(IoapicFixture, "chipsets without the APIC bus have no IOAPICARB", "[ioapic][I-22]") {
    put(0, 0x0500'0000);
    CHECK(get(2) == 0);
    CHECK(diagnosed(Kind::Undefined));
}

TEST_CASE_METHOD(IoapicFixture, "kvm-unit-tests ioapic: version and id keep their read-only bits, ARB copies ID",
                 "[ioapic][kvm-unit-tests]") {
    make(IoapicProfile::i82093aa());
    const std::uint32_t version = get(1);
    put(1, 0xffff'ffff);
    CHECK(get(1) == version);
    put(0, 0xffff'ffff);
    CHECK(get(0) == 0x0f00'0000);
    CHECK(get(2) == 0x0f00'0000);
}

TEST_CASE_METHOD(IoapicFixture, "the version register tells the number of the last entry and whether there is EOIR",
                 "[ioapic]") {
    CHECK(get(1) == 0x0017'0020);
    make(IoapicProfile::i82093aa());
    CHECK(get(1) == 0x0017'0011);
    make(IoapicProfile::pch_100());
    CHECK(get(1) == 0x0077'0020);
}

TEST_CASE_METHOD(IoapicFixture, "W-47, W-59, W-64: each of the 256 indices is defined; beyond the table reads 0",
                 "[ioapic][W-47][W-59][W-64]") {
    const std::string before = [&] {
        put(low(23), 0x1'00ff);
        return ioapic->dump();
    }();
    for (unsigned index = 0; index < 256; ++index) {
        INFO(index);
        const bool exists = index <= 1 || (index >= 0x10 && index < 0x10 + 2 * 24);
        if (!exists) {
            diagnoses.clear();
            CHECK(get(index) == 0);
            CHECK(diagnosed(Kind::Undefined));
            put(index, 0xffff'ffff);
        }
    }
    put(low(23), 0x1'00ff);
    CHECK(ioapic->dump() == before);
}

TEST_CASE_METHOD(IoapicFixture, "up to 240 inputs; the last entry works like the first", "[ioapic]") {
    IoapicProfile profile;
    profile.pins = 240;
    profile.index_bits = 9;
    make(profile);
    CHECK(get(1) == 0x00ef'0020);
    put(0x10 + 2 * 239, 0x7e);
    raise(239);
    CHECK(vectors() == Vectors{0x7e});
}

TEST_CASE("what no I/O APIC can be is refused", "[ioapic]") {
    IoapicProfile profile;
    profile.pins = 0;
    CHECK_THROWS_WITH(profile.validate(), "ioapic profile: 1 to 240 inputs (82093AA, 3.2.2)");
    profile.pins = 241;
    CHECK_THROWS(profile.validate());
    profile.pins = 121;  // index FFh is the last of 8 bits
    CHECK_THROWS_WITH(profile.validate(), "ioapic profile: an index that reaches every entry: 8 bits reach 120");
    profile.pins = 120;
    CHECK_NOTHROW(profile.validate());
    profile.send_delay = Duration{-1};
    CHECK_THROWS(profile.validate());
}

TEST_CASE_METHOD(IoapicFixture, "a reset masks every entry and forgets what was on its way; pins keep their levels",
                 "[ioapic][reset]") {
    const std::string fresh = ioapic->dump();
    program(2, 0x31);
    raise(2);
    put(0, 0x0300'0000);
    ioapic->reset_enter();
    ioapic->reset_hold();
    ioapic->reset_exit();
    CHECK(vectors().empty());
    CHECK(entry(2) == MASKED);
    CHECK(ioapic->level(2));
    lower(2);
    ioapic->write(IOREGSEL, Size::B4, 0);
    CHECK(ioapic->dump() == fresh);
}

TEST_CASE_METHOD(IoapicFixture, "what was copied out comes back, also over a state that has gone on",
                 "[ioapic][state]") {
    StateCopy fresh;
    fresh.save_anew();
    fresh(*ioapic);
    const std::string as_new = ioapic->dump();
    program(2, LEVEL | 0x31);
    raise(2);
    by(PIN_TO_MSG);
    StateCopy used;
    used.save_anew();
    used(*ioapic);
    const std::string in_use = ioapic->dump();
    eoi(0x31);
    lower(2);
    put(low(3), 0x44);

    used.restore_from_begin();
    used(*ioapic);
    CHECK(ioapic->dump() == in_use);
    fresh.restore_from_begin();
    fresh(*ioapic);
    CHECK(ioapic->dump() == as_new);
    CHECK(fresh.size() < 16);  // an I/O APIC that nobody uses costs nothing
}
