// SPDX-License-Identifier: Apache-2.0
// The 8259A pair, by the headings of the 8259A datasheet (order 231468).
#include "tests/models/pic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using Kind = regs::Diagnosis::Kind;

TEST_CASE_METHOD(PicFixture, "a request raises INTR, and INTA gives its vector", "[pic][8259A/interrupt sequence]") {
    initialise();
    raise(3, Token{7, Source::Pit});
    CHECK(intr.level);
    CHECK(intr.carried == Token{7, Source::Pit});
    CHECK(irr(MASTER) == 0x08);
    CHECK(inta() == 0x33);
    CHECK(taken.contains(Token{7, Source::Pit}));
    CHECK_FALSE(intr.level);
    CHECK(isr(MASTER) == 0x08);
    CHECK(irr(MASTER) == 0);
    lower(3);
    out(MASTER, EOI);
    CHECK(isr(MASTER) == 0);
}

TEST_CASE_METHOD(PicFixture, "nothing happens before the initialization words",
                 "[pic][8259A/initialization command words]") {
    raise(0);
    CHECK_FALSE(intr.level);
    out(MASTER, 0x11);
    out(MASTER + 1, 0x30);
    out(MASTER + 1, 0x04);
    CHECK_FALSE(intr.level);
    out(MASTER + 1, 0x01);
    CHECK_FALSE(intr.level);  // the edge was before: an input must rise anew
    lower(0);
    raise(0);
    CHECK(intr.level);
}

TEST_CASE_METHOD(PicFixture, "ICW1 clears the mask and the order of priorities",
                 "[pic][8259A/initialization command words]") {
    initialise();
    out(MASTER + 1, 0xff);
    out(MASTER, 0xc2);  // IR 2 lowest
    initialise();
    CHECK(in(MASTER + 1) == 0);
    raise(0);
    raise(3);
    CHECK(inta() == 0x30);
}

TEST_CASE_METHOD(PicFixture, "a single chip takes no ICW3, and without IC4 no ICW4",
                 "[pic][8259A/initialization command words]") {
    out(MASTER, 0x12);  // SNGL, no ICW4
    out(MASTER + 1, 0x40);
    out(MASTER + 1, 0xfe);  // OCW1 already
    CHECK(in(MASTER + 1) == 0xfe);
    raise(0);
    CHECK(inta() == 0x40);
}

TEST_CASE_METHOD(PicFixture, "a single chip answers its input 2 itself, and its slave is not asked",
                 "[pic][8259A/initialization command words]") {
    initialise();
    out(MASTER, 0x13);  // SNGL
    out(MASTER + 1, 0x40);
    out(MASTER + 1, 0x01);
    out(MASTER + 1, 0x00);
    raise(12, Token{9, Source::Hpet});
    CHECK(inta() == 0x42);
    CHECK(taken.contains(Token{9, Source::Hpet}));
    CHECK(isr(MASTER) == 0x04);
    CHECK(isr(SLAVE) == 0);
    CHECK(irr(SLAVE) == 0x10);
    out(MASTER, EOI);
    CHECK_FALSE(intr.level);  // the slave's INT has not fallen: no new edge
}

TEST_CASE_METHOD(PicFixture, "a slave's request comes through input 2 with the slave's vector",
                 "[pic][8259A/cascade mode]") {
    initialise();
    raise(12, Token{9, Source::Hpet});
    CHECK(intr.level);
    CHECK(inta() == 0x3c);
    CHECK(taken.contains(Token{9, Source::Hpet}));
    CHECK(isr(MASTER) == 0x04);
    CHECK(isr(SLAVE) == 0x10);
    raise(13);  // lower than 12: waits at the slave
    CHECK_FALSE(intr.level);
    out(SLAVE, EOI);
    CHECK_FALSE(intr.level);  // input 2 is still in service at the master
    out(MASTER, EOI);
    CHECK(intr.level);
    CHECK(inta() == 0x3d);
}

TEST_CASE_METHOD(PicFixture, "fully nested: what is in service holds its own level and all below",
                 "[pic][8259A/fully nested mode]") {
    initialise();
    raise(3);
    REQUIRE(inta() == 0x33);
    lower(3);
    raise(3);
    raise(5);
    CHECK_FALSE(intr.level);
    raise(1);
    CHECK(intr.level);
    CHECK(inta() == 0x31);
    out(MASTER, EOI);  // ends the highest: 1
    CHECK(isr(MASTER) == 0x08);
    CHECK_FALSE(intr.level);
    out(MASTER, EOI);
    CHECK(inta() == 0x33);
}

TEST_CASE_METHOD(PicFixture, "special fully nested: a higher request of the slave in service gets through",
                 "[pic][8259A/special fully nested mode]") {
    const bool special = GENERATE(false, true);
    initialise(special ? 0x11 : 0x01);
    raise(12);
    REQUIRE(inta() == 0x3c);
    raise(9);
    CHECK(intr.level == special);
}

TEST_CASE_METHOD(PicFixture, "special fully nested: of the master's own inputs the one in service does not come again",
                 "[pic][8259A/special fully nested mode]") {
    initialise(0x11);
    raise(4);
    REQUIRE(inta() == 0x34);
    lower(4);
    raise(4);
    CHECK_FALSE(intr.level);
}

TEST_CASE_METHOD(PicFixture, "special fully nested is a mode of the master: at the slave it does nothing",
                 "[pic][8259A/special fully nested mode]") {
    initialise(0x11);
    raise(9);  // the input whose bit is set in the slave's ICW3
    REQUIRE(inta() == 0x39);
    lower(9);
    raise(9);
    CHECK_FALSE(intr.level);
}

TEST_CASE_METHOD(PicFixture, "a specific EOI ends the level that it names", "[pic][8259A/end of interrupt]") {
    initialise();
    raise(5);
    inta();
    raise(1);
    inta();
    out(MASTER, 0x65);
    CHECK(isr(MASTER) == 0x02);
}

TEST_CASE_METHOD(PicFixture, "an EOI with nothing in service changes nothing", "[pic][8259A/end of interrupt]") {
    initialise();
    const std::string before = pic->dump();
    out(MASTER, EOI);
    out(MASTER, 0xa0);
    CHECK(pic->dump() == before);
}

TEST_CASE_METHOD(PicFixture, "automatic EOI: nothing is in service after INTA",
                 "[pic][8259A/automatic end of interrupt]") {
    initialise(0x03);
    raise(3);
    CHECK(inta() == 0x33);
    CHECK(isr(MASTER) == 0);
    lower(3);
    raise(3);
    CHECK(intr.level);
}

TEST_CASE_METHOD(PicFixture, "automatic rotation makes the level just served the lowest",
                 "[pic][8259A/automatic rotation]") {
    initialise();
    raise(0);
    inta();
    lower(0);
    out(MASTER, 0xa0);  // rotate on EOI
    raise(0);
    raise(7);
    CHECK(inta() == 0x37);
}

TEST_CASE_METHOD(PicFixture, "rotation in automatic EOI can be switched on and off",
                 "[pic][8259A/automatic rotation]") {
    initialise(0x03);
    out(MASTER, 0x80);
    raise(0);
    inta();
    lower(0);
    raise(0);
    raise(7);
    CHECK(inta() == 0x37);
    out(MASTER, 0x00);
    CHECK(inta() == 0x30);
    lower(0);
    raise(0);
    lower(7);
    raise(7);
    CHECK(inta() == 0x30);  // 7 has stayed lowest
}

TEST_CASE_METHOD(PicFixture, "specific rotation sets the lowest priority, with or without an EOI",
                 "[pic][8259A/specific rotation]") {
    initialise();
    out(MASTER, 0xc4);  // IR 4 lowest: 5 is highest
    raise(0);
    raise(5);
    CHECK(inta() == 0x35);
    lower(5);
    out(MASTER, 0xe5);  // rotate on specific EOI of 5: 6 is highest
    CHECK(isr(MASTER) == 0);
    raise(6);
    CHECK(inta() == 0x36);
}

TEST_CASE_METHOD(PicFixture, "the mask holds a request back and does not forget it", "[pic][8259A/interrupt masks]") {
    initialise();
    out(MASTER + 1, 0x08);
    raise(3);
    CHECK_FALSE(intr.level);
    CHECK(irr(MASTER) == 0x08);
    out(MASTER + 1, 0x00);
    CHECK(intr.level);
}

TEST_CASE_METHOD(PicFixture, "special mask mode: a masked level in service holds nothing",
                 "[pic][8259A/special mask mode]") {
    initialise();
    raise(3);
    inta();
    raise(5);
    CHECK_FALSE(intr.level);
    out(MASTER + 1, 0x08);
    CHECK_FALSE(intr.level);
    out(MASTER, 0x68);
    CHECK(intr.level);
    out(MASTER, 0x48);
    CHECK_FALSE(intr.level);
}

TEST_CASE_METHOD(PicFixture, "a poll is an INTA whose answer is read from a port", "[pic][8259A/poll command]") {
    initialise();
    out(MASTER, 0x0c);
    CHECK(in(MASTER) == 0);
    raise(4);
    CHECK(in(MASTER) == 0x10);  // one read only: IRR again
    out(MASTER, 0x0c);
    CHECK(in(MASTER) == 0x84);
    CHECK_FALSE(intr.level);
    CHECK(isr(MASTER) == 0x10);
}

TEST_CASE_METHOD(PicFixture, "a poll command that also chooses a register polls, and leaves the choice",
                 "[pic][8259A/poll command]") {
    initialise();
    raise(4);
    out(MASTER, 0x0f);  // P, RR and RIS
    CHECK(in(MASTER) == 0x84);
    raise(5);
    CHECK(in(MASTER) == 0x20);  // IRR, not ISR
}

TEST_CASE_METHOD(PicFixture, "the NMI watchdog of old kernels: each rise of IRQ 0 is a rise of INTR, unacknowledged",
                 "[pic]") {
    initialise(0x03);
    for (int tick = 1; tick <= 3; ++tick) {
        raise(0);
        CHECK(intr.rises == tick);
        lower(0);
        CHECK_FALSE(intr.level);
    }
}

TEST_CASE_METHOD(PicFixture, "only bytes, and only its ports", "[pic]") {
    CHECK(pic->read(MASTER, Size::B2) == 0xffff);
    pic->write(MASTER, Size::B4, 0x11);
    CHECK(in(0x22) == 0xff);
    out(0x22, 1);
    CHECK(diagnoses == std::vector<Kind>{Kind::Size, Kind::Size, Kind::Undefined, Kind::Undefined});
}

TEST_CASE_METHOD(PicFixture, "there is no request 2 and no request 16", "[pic]") {
    initialise();
    raise(2);
    raise(16);
    CHECK_FALSE(intr.level);
    CHECK(diagnoses == std::vector<Kind>{Kind::Misuse, Kind::Misuse});
}

TEST_CASE_METHOD(PicFixture, "a reset leaves a new pair and lets INTR go; copied state comes back", "[pic][reset]") {
    const std::string fresh = pic->dump();
    initialise();
    raise(3);
    StateCopy copy;
    copy.save_anew();
    copy(*pic);
    const std::string in_use = pic->dump();
    lower(3);
    pic->reset_enter();
    pic->reset_hold();
    pic->reset_exit();
    CHECK(pic->dump() == fresh);
    CHECK_FALSE(intr.level);
    copy.restore_from_begin();
    copy(*pic);
    CHECK(pic->dump() == in_use);
}

TEST_CASE_METHOD(PicFixture, "a line that falls behind a reset leaves a new pair, by either reading of edges",
                 "[pic][reset]") {
    make({GENERATE(false, true)});
    const std::string fresh = pic->dump();
    initialise();
    raise(3, Token{7, Source::Pit});
    pic->reset_enter();
    lower(3);  // its device lets go
    pic->reset_hold();
    pic->reset_exit();
    CHECK(pic->dump() == fresh);
}

TEST_CASE_METHOD(PicFixture, "the text of the state shows what no register shows", "[pic]") {
    initialise();
    raise(3, Token{7, Source::Pit});
    const std::string before = pic->dump();
    SECTION("the input's level and token") {
        lower(3);
        raise(3, Token{8, Source::Pit});
    }
    SECTION("how far the initialization words are") { out(SLAVE, 0x11); }
    SECTION("the lowest priority") { out(MASTER, 0xc4); }
    SECTION("rotation in automatic EOI") { out(SLAVE, 0x80); }
    SECTION("special mask mode") { out(MASTER, 0x68); }
    SECTION("a poll to come") { out(SLAVE, 0x0c); }
    SECTION("which register reads give") { out(MASTER, 0x0b); }
    SECTION("what the initialization words chose") { initialise(0x11); }
    CHECK(pic->dump() != before);
}
