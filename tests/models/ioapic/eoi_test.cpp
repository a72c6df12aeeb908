// SPDX-License-Identifier: Apache-2.0
// The end of a level-triggered interrupt, as the I/O APIC sees it: 82093AA, 3.2.4; SDM volume 3A, 10.8.5.
#include "tests/models/ioapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct EoiFixture : IoapicFixture {
    using IoapicFixture::IoapicFixture;

    void send_level(unsigned pin, std::uint64_t entry) {
        program(pin, LEVEL | entry);
        raise(pin);
        by(PIN_TO_MSG);
        REQUIRE(remote_irr(pin));
        posted.clear();
    }
};

}  // namespace

TEST_CASE_METHOD(EoiFixture, "an end of interrupt clears the entry of that vector and no other", "[ioapic][I-12]") {
    send_level(5, 0x51);
    lower(5);
    eoi(0x52);
    CHECK(remote_irr(5));
    eoi(0x51);
    CHECK_FALSE(remote_irr(5));
    CHECK(vectors().empty());
}

TEST_CASE_METHOD(EoiFixture, "W-42: every entry with that vector is cleared", "[ioapic][I-12][W-42]") {
    send_level(5, 0x51);
    send_level(9, 0x51);
    send_level(12, 0x52);
    lower(5);
    lower(9);
    eoi(0x51);
    CHECK_FALSE(remote_irr(5));
    CHECK_FALSE(remote_irr(9));
    CHECK(remote_irr(12));
}

TEST_CASE_METHOD(EoiFixture, "W-61: a write to EOIR is an end of interrupt; a part of version 11h has no EOIR",
                 "[ioapic][I-12][W-61]") {
    SECTION("20h") {
        send_level(5, 0x51);
        lower(5);
        ioapic->write(EOIR, Size::B4, 0x51);
        CHECK_FALSE(remote_irr(5));
    }
    SECTION("11h: only level to edge helps") {
        make(IoapicProfile::i82093aa());
        send_level(5, 0x51);
        lower(5);
        ioapic->write(EOIR, Size::B4, 0x51);
        CHECK(remote_irr(5));
        CHECK(diagnosed(Kind::Undefined));
        put(low(5), 0x51);
        CHECK_FALSE(remote_irr(5));
    }
}

TEST_CASE_METHOD(EoiFixture, "W-43: an end matches the vector alone, whatever the destination has become",
                 "[ioapic][I-12][I-14][W-43]") {
    send_level(5, to(1) | 0x51);
    put(high(5), 2U << 24);
    lower(5);
    eoi(0x51);
    CHECK_FALSE(remote_irr(5));
}

TEST_CASE_METHOD(EoiFixture, "an edge entry of that vector is not touched", "[ioapic][I-12]") {
    program(5, 0x51);
    raise(5);
    CHECK(vectors() == Vectors{0x51});
    eoi(0x51);
    CHECK(vectors().empty());
}

TEST_CASE_METHOD(EoiFixture, "W-57: all matching entries are cleared, then each that is active asks again in pin order",
                 "[ioapic][I-13][W-57]") {
    for (const unsigned pin : {9U, 5U, 12U}) {
        send_level(pin, to(pin) | 0x51);
    }
    lower(12);
    eoi(0x51);
    CHECK_FALSE(remote_irr(5));
    CHECK_FALSE(remote_irr(9));
    CHECK_FALSE(remote_irr(12));
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 2);
    CHECK(posted[0].message.address == 0xfee0'5000);
    CHECK(posted[1].message.address == 0xfee0'9000);
    CHECK(remote_irr(5));
    CHECK(remote_irr(9));
    CHECK_FALSE(remote_irr(12));
}

TEST_CASE_METHOD(EoiFixture, "W-56: a line that rises between the end's write and its arrival is seen",
                 "[ioapic][I-13][W-56]") {
    send_level(5, 0x51);
    lower(5);
    by(50_ns);  // the end is on its way
    raise(5);
    by(50_ns);
    eoi(0x51);
    CHECK(vectors() == Vectors{0x51});
}

TEST_CASE_METHOD(EoiFixture, "W-46: one end asks once, also where nothing has changed", "[ioapic][I-13][W-46]") {
    send_level(5, 0x51);
    eoi(0x51);
    CHECK(vectors() == Vectors{0x51});
    by(1_s);
    CHECK(posted.empty());
}

TEST_CASE_METHOD(EoiFixture, "an active but masked entry is cleared and does not ask again", "[ioapic][I-13]") {
    send_level(5, 0x51);
    put(low(5), MASKED | LEVEL | 0x51);
    eoi(0x51);
    CHECK_FALSE(remote_irr(5));
    CHECK(vectors().empty());
    put(low(5), LEVEL | 0x51);
    CHECK(vectors() == Vectors{0x51});
}

TEST_CASE_METHOD(EoiFixture, "W-44: a vector rewritten while REMOTE_IRR is 1 leaves the entry stuck",
                 "[ioapic][I-14][W-44]") {
    send_level(5, 0x51);
    put(low(5), LEVEL | 0x61);
    eoi(0x51);
    CHECK(remote_irr(5));
    CHECK(vectors().empty());
    SECTION("the new vector's end frees it") {
        eoi(0x61);
        CHECK(vectors() == Vectors{0x61});
    }
    SECTION("so does level to edge") {
        put(low(5), MASKED | 0x61);
        put(low(5), LEVEL | 0x61);
        CHECK(vectors() == Vectors{0x61});
    }
}

TEST_CASE_METHOD(EoiFixture, "a level delivered as edge keeps REMOTE_IRR: the fault acts once", "[ioapic][I-23]") {
    ioapic->fault_level_as_edge(5);
    program(5, LEVEL | 0x51);
    raise(5);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK((posted[0].message.data & LEVEL) == 0);
    CHECK(remote_irr(5));
    put(low(5), MASKED | 0x51);  // Linux's way out, when TMR says edge
    put(low(5), LEVEL | 0x51);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 2);
    CHECK((posted[1].message.data & LEVEL) != 0);
}

TEST_CASE_METHOD(EoiFixture, "ioapic.level_as_edge_once: the first level of any input leaves as an edge, once a reset",
                 "[ioapic][I-23]") {
    IoapicProfile profile = IoapicProfile::ich();
    profile.level_as_edge_once = true;
    make(profile);
    for (int n = 0; n < 2; ++n) {
        posted.clear();
        for (const unsigned pin : {7U, 5U}) {
            program(pin, LEVEL | 0x51);
            raise(pin);
            by(PIN_TO_MSG);
        }
        REQUIRE(posted.size() == 2);
        CHECK((posted[0].message.data & LEVEL) == 0);
        CHECK((posted[1].message.data & LEVEL) != 0);
        lower(7);
        lower(5);
        ioapic->reset_enter();
        ioapic->reset_hold();
        ioapic->reset_exit();
    }
}

TEST_CASE_METHOD(EoiFixture, "W-65: the end of the IRTE's vector does not match; a write of the input's number does",
                 "[ioapic][I-25][W-65]") {
    const std::uint64_t remappable = std::uint64_t{1} << 48;
    send_level(5, remappable | 5);  // Linux: VECTOR is the number of the input
    CHECK_FALSE(diagnosed(Kind::Misuse));
    lower(5);
    eoi(0x31);  // the local APIC's broadcast
    CHECK(remote_irr(5));
    ioapic->write(EOIR, Size::B4, 5);
    CHECK_FALSE(remote_irr(5));
}

TEST_CASE_METHOD(EoiFixture, "REMOTE_IRR tells software that a level interrupt is still under way after masking",
                 "[ioapic][I-26]") {
    program(5, LEVEL | 0x51);
    program(6, 0x61);
    raise(5);
    raise(6);
    by(PIN_TO_MSG);
    put(low(5), MASKED | LEVEL | 0x51);
    put(low(6), MASKED | 0x61);
    CHECK(remote_irr(5));
    CHECK_FALSE(remote_irr(6));  // nothing tells of an edge
}

TEST_CASE_METHOD(EoiFixture,
                 "W-63: kvm-unit-tests ioapic: simultaneous levels of one vector end together, sequential ones not",
                 "[ioapic][I-13][W-63][kvm-unit-tests]") {
    program(5, LEVEL | 0x51);
    program(6, LEVEL | 0x51);
    SECTION("W-63: simultaneous") {
        raise(5);
        raise(6);
        CHECK(vectors() == Vectors{0x51, 0x51});  // the local APIC merges them
        lower(5);
        lower(6);
        eoi(0x51);
        CHECK_FALSE(remote_irr(5));
        CHECK_FALSE(remote_irr(6));
    }
    SECTION("sequential") {
        raise(5);
        CHECK(vectors() == Vectors{0x51});
        lower(5);
        eoi(0x51);
        raise(6);
        CHECK(vectors() == Vectors{0x51});
        lower(6);
        eoi(0x51);
        CHECK_FALSE(remote_irr(6));
    }
}

TEST_CASE_METHOD(EoiFixture, "kvm-unit-tests ioapic: a level retriggers at its end, with or without a mask in between",
                 "[ioapic][I-13][kvm-unit-tests]") {
    const bool masks = GENERATE(false, true);
    send_level(5, 0x51);
    if (masks) {
        put(low(5), MASKED | LEVEL | 0x51);
        put(low(5), LEVEL | 0x51);
    }
    eoi(0x51);
    CHECK(vectors() == Vectors{0x51});
}

TEST_CASE_METHOD(EoiFixture, "kvm-unit-tests ioapic: a handler may reprogram the entry before its end",
                 "[ioapic][I-12][kvm-unit-tests]") {
    send_level(5, to(0) | 0x51);
    lower(5);
    put(low(5), MASKED | LEVEL | 0x51);
    put(high(5), 1U << 24);
    put(low(5), LEVEL | 0x51);
    eoi(0x51);
    CHECK_FALSE(remote_irr(5));
    raise(5);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.address == 0xfee0'1000);
}
