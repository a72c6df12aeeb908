// SPDX-License-Identifier: Apache-2.0
// Edges and levels at the 8259A pair: what a request is, and what INTA answers that finds none any more. 8259A
// datasheet (order 231468), "Edge and level triggered modes"; ELCR1 and ELCR2 of the ICH datasheets.
#include "tests/models/pic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using Kind = regs::Diagnosis::Kind;

TEST_CASE_METHOD(PicFixture, "a request that has gone at INTA is answered by level 7, which is not in service",
                 "[pic][8259A/edge and level triggered modes]") {
    initialise();
    SECTION("of the master") {
        raise(3);
        lower(3);
        CHECK_FALSE(intr.level);
        CHECK(inta() == 0x37);
        CHECK(isr(MASTER) == 0);
        CHECK(taken.empty());
    }
    SECTION("of the slave, while its input of the master is in service") {
        make({false});
        initialise();
        raise(9);
        pic->write(SLAVE + 1, Size::B1, 0x02);  // masked between INTR and INTA; the master's edge stays
        CHECK(inta() == 0x3f);
        CHECK(isr(MASTER) == 0x04);
        CHECK(isr(SLAVE) == 0);
    }
}

TEST_CASE_METHOD(PicFixture, "level 7 of a slave without a request leaves the token of its real request 7",
                 "[pic][8259A/edge and level triggered modes]") {
    make({false});
    initialise();
    raise(9);
    out(SLAVE + 1, 0x82);
    raise(15, Token{7, Source::Hpet});
    CHECK(inta() == 0x3f);
    CHECK(taken.empty());
    out(MASTER, EOI);
    out(SLAVE + 1, 0x02);
    CHECK(inta() == 0x3f);
    CHECK(taken.contains(Token{7, Source::Hpet}));
}

TEST_CASE_METHOD(PicFixture, "by a knob an edge stays until it is acknowledged", "[pic]") {
    make({false});
    initialise();
    raise(0);
    lower(0);
    CHECK(intr.level);
    CHECK(inta() == 0x30);
    CHECK_FALSE(intr.level);
}

TEST_CASE_METHOD(PicFixture, "a level request is there as long as its line is", "[pic][ELCR]") {
    initialise();
    out(0x4d0, 0x20);
    raise(5);
    CHECK(inta() == 0x35);
    CHECK(irr(MASTER) == 0x20);
    out(MASTER, EOI);
    CHECK(intr.level);
    lower(5);
    CHECK_FALSE(intr.level);
    out(0x4d0, 0x00);
    initialise(0x01, 0x19);  // LTIM: all inputs
    raise(1);
    inta();
    out(MASTER, EOI);
    CHECK(intr.level);
}

TEST_CASE_METHOD(PicFixture, "ICW1 leaves which requests are levels", "[pic][ELCR]") {
    initialise();
    out(0x4d0, 0x20);
    initialise();
    CHECK(in(0x4d0) == 0x20);
}

TEST_CASE_METHOD(PicFixture, "requests 0, 1, 2, 8 and 13 are always edges", "[pic][ELCR]") {
    out(0x4d0, 0xff);
    out(0x4d1, 0xff);
    CHECK(in(0x4d0) == 0xf8);
    CHECK(in(0x4d1) == 0xde);
    CHECK(diagnoses == std::vector<Kind>{Kind::Reserved, Kind::Reserved});
}
