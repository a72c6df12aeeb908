// SPDX-License-Identifier: Apache-2.0
// From the level of an input to the decision to send: 82093AA, 3.2.4.
#include "tests/models/ioapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(IoapicFixture, "W-52: active is the level XOR the polarity", "[ioapic][I-5][W-52]") {
    SECTION("active high: the rising edge") {
        program(5, 0x51);
        raise(5);
        CHECK(vectors() == Vectors{0x51});
        lower(5);
        CHECK(vectors().empty());
    }
    SECTION("active low: the falling edge") {
        raise(5);
        program(5, LOW_ACTIVE | 0x51);
        lower(5);
        CHECK(vectors() == Vectors{0x51});
        raise(5);
        CHECK(vectors().empty());
    }
    SECTION("an active-low level") {
        raise(5);
        program(5, LOW_ACTIVE | LEVEL | 0x51);
        CHECK(vectors().empty());
        lower(5);
        CHECK(vectors() == Vectors{0x51});
    }
}

TEST_CASE_METHOD(IoapicFixture, "W-48, W-58: each edge sends once, and one that follows at once is not swallowed",
                 "[ioapic][I-5][W-48][W-58]") {
    program(5, 0x51);
    pulse(5);
    by(1_fs);
    pulse(5);
    CHECK(vectors() == Vectors{0x51, 0x51});
    raise(5);
    CHECK(vectors() == Vectors{0x51});
    by(10_us);
    CHECK(posted.empty());
}

TEST_CASE_METHOD(IoapicFixture, "W-26: a line that is driven to the level that it has is no edge",
                 "[ioapic][I-5][W-26]") {
    program(5, 0x51);
    raise(5);
    raise(5);
    CHECK(vectors() == Vectors{0x51});
    raise(5);
    CHECK(vectors().empty());
}

TEST_CASE_METHOD(IoapicFixture, "W-55: a level sends once and not again until its end", "[ioapic][I-5][W-55]") {
    program(5, LEVEL | 0x51);
    raise(5);
    CHECK(vectors() == Vectors{0x51});
    CHECK(remote_irr(5));
    by(10_us);
    lower(5);
    raise(5);
    by(10_us);
    CHECK(posted.empty());
}

TEST_CASE_METHOD(IoapicFixture, "a level that falls and rises before its message leaves asks once", "[ioapic][I-5]") {
    program(5, LEVEL | 0x51);
    raise(5);
    lower(5);
    raise(5);
    CHECK(vectors() == Vectors{0x51});
}

TEST_CASE_METHOD(IoapicFixture, "W-51: an edge while masked is lost, and unmasking with the pin active sends nothing",
                 "[ioapic][I-6][W-51]") {
    program(5, MASKED | 0x51);
    raise(5);
    CHECK(lost == Vectors{5});
    program(5, 0x51);
    CHECK(vectors().empty());
    program(5, 0x52);  // nor does a rewrite of the unmasked entry
    CHECK(vectors().empty());
    lower(5);
    raise(5);
    CHECK(vectors() == Vectors{0x52});
}

TEST_CASE_METHOD(IoapicFixture, "W-50: unmasking a level with the pin active sends at once", "[ioapic][I-7][W-50]") {
    program(5, MASKED | LEVEL | 0x51);
    raise(5);
    CHECK(vectors().empty());
    CHECK(lost.empty());
    put(low(5), LEVEL | 0x51);
    CHECK(vectors() == Vectors{0x51});
}

TEST_CASE_METHOD(IoapicFixture, "W-49: a level that dropped while masked is not remembered", "[ioapic][I-7][W-49]") {
    program(5, MASKED | LEVEL | 0x51);
    raise(5);
    lower(5);
    put(low(5), LEVEL | 0x51);
    CHECK(vectors().empty());
}

TEST_CASE_METHOD(IoapicFixture, "unmasking a level whose end is outstanding sends nothing", "[ioapic][I-7]") {
    program(5, LEVEL | 0x51);
    raise(5);
    REQUIRE(vectors() == Vectors{0x51});
    put(low(5), MASKED | LEVEL | 0x51);
    put(low(5), LEVEL | 0x51);
    CHECK(vectors().empty());
    CHECK(remote_irr(5));
}

TEST_CASE_METHOD(IoapicFixture, "a polarity that turns an unmasked edge input active is an edge, by a knob",
                 "[ioapic][I-9]") {
    const bool knob = GENERATE(true, false);
    IoapicProfile profile;
    profile.intpol_change_is_edge = knob;
    make(profile);
    program(5, 0x51);
    put(low(5), LOW_ACTIVE | 0x51);  // the line is low
    CHECK(vectors() == (knob ? Vectors{0x51} : Vectors{}));
    put(low(5), 0x51);
    CHECK(vectors().empty());
}

TEST_CASE_METHOD(IoapicFixture, "a polarity written in the write that unmasks sends nothing", "[ioapic][I-9][I-6]") {
    program(5, MASKED | 0x51);
    put(low(5), LOW_ACTIVE | 0x51);
    CHECK(vectors().empty());
}

TEST_CASE_METHOD(IoapicFixture, "edge to level with the pin active sends; level to edge sends nothing",
                 "[ioapic][I-9]") {
    program(5, MASKED | 0x51);
    raise(5);
    put(low(5), 0x51);
    REQUIRE(vectors().empty());
    put(low(5), LEVEL | 0x51);
    CHECK(vectors() == Vectors{0x51});
    put(low(5), 0x51);
    CHECK(vectors().empty());
}

TEST_CASE_METHOD(IoapicFixture, "a level's polarity that turns the pin active sends", "[ioapic][I-9]") {
    program(5, LEVEL | 0x51);
    put(low(5), LEVEL | LOW_ACTIVE | 0x51);
    CHECK(vectors() == Vectors{0x51});
}

TEST_CASE_METHOD(IoapicFixture, "W-41: from level to edge REMOTE_IRR is cleared, and the line lives again",
                 "[ioapic][I-10][W-41]") {
    program(5, LEVEL | 0x51);
    raise(5);
    REQUIRE(vectors() == Vectors{0x51});
    put(low(5), MASKED | 0x51);  // Linux without EOIR: mask and edge, then level again
    CHECK_FALSE(remote_irr(5));
    put(low(5), MASKED | LEVEL | 0x51);
    CHECK(vectors().empty());
    put(low(5), LEVEL | 0x51);
    CHECK(vectors() == Vectors{0x51});
}

TEST_CASE_METHOD(IoapicFixture, "an input that does not exist is diagnosed and goes nowhere", "[ioapic]") {
    raise(24);
    CHECK(diagnosed(Kind::Misuse));
    CHECK(vectors().empty());
}

TEST_CASE_METHOD(IoapicFixture, "kvm-unit-tests ioapic: edge mask loses an edge, level mask only delays a level",
                 "[ioapic][I-6][I-7][kvm-unit-tests]") {
    program(14, MASKED | 0x81);
    pulse(14);
    put(low(14), 0x81);
    CHECK(vectors().empty());
    pulse(14);
    CHECK(vectors() == Vectors{0x81});
    program(15, MASKED | LEVEL | 0x82);
    raise(15);
    CHECK(vectors().empty());
    put(low(15), LEVEL | 0x82);
    CHECK(vectors() == Vectors{0x82});
}
