// SPDX-License-Identifier: Apache-2.0
// What leaves: the message's bits in both formats, its instant, delivery modes and delivery status.
#include "tests/models/ioapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(IoapicFixture, "the message leaves ioapic.pin_to_msg after the pin, not one femtosecond before",
                 "[ioapic][T-8]") {
    program(5, 0x51);
    by(7_ns);
    raise(5);
    timeline.run_until(Instant{(7_ns + PIN_TO_MSG).fs - 1});
    CHECK(posted.empty());
    CHECK(ioapic->holds_message());
    timeline.run_until(Instant{} + 7_ns + PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].at == Instant{} + 7_ns + PIN_TO_MSG);
    CHECK_FALSE(ioapic->holds_message());
}

TEST_CASE_METHOD(IoapicFixture, "compatibility format: each bit of the entry is at its place in the message",
                 "[ioapic]") {
    struct Case {
        std::uint64_t entry;
        std::uint64_t address;
        std::uint32_t data;
    };
    const Case c =
        GENERATE(Case{0x51, 0xfee0'0000, 0x4051}, Case{to(0xff) | 0xfe, 0xfeef'f000, 0x40fe},
                 Case{to(0x12) | LOGICAL | 0x51, 0xfee1'2004, 0x4051},
                 Case{to(0x12) | LOGICAL | LOWEST | 0x51, 0xfee1'200c, 0x4151}, Case{to(3) | NMI, 0xfee0'3000, 0x4400},
                 Case{to(3) | SMI, 0xfee0'3000, 0x4200}, Case{to(3) | INIT, 0xfee0'3000, 0x4500},
                 Case{to(3) | EXTINT, 0xfee0'3000, 0x4700}, Case{to(3) | LEVEL | 0x51, 0xfee0'3000, 0xc051},
                 Case{std::uint64_t{0x7f} << 49 | 0x51, 0xfee0'0fe0, 0x4051});
    program(5, c.entry);
    raise(5);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.address == c.address);
    CHECK(posted[0].message.data == c.data);
    CHECK(posted[0].message.requester.value == 0xfaf8);
    CHECK(posted[0].message.from() == Source::Ioapic);
}

TEST_CASE_METHOD(IoapicFixture, "remappable format: the interrupt index is the handle, and there is no subhandle",
                 "[ioapic][VTD-12]") {
    const std::uint64_t index = 0x8123;  // bit 15 travels in bit 11 of the entry and bit 2 of the address
    program(5, (index & 0x7fff) << 49 | std::uint64_t{1} << 48 | (index >> 15) << 11 | 0x05);
    raise(5);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.address == (0xfee0'0014 | (index & 0x7fff) << 5));
    CHECK((posted[0].message.data & 0xff) == 0x05);
    CHECK((posted[0].message.data & 0x700) == 0);
    CHECK_FALSE(diagnosed(Kind::Misuse));
    put(low(5), LOWEST | 0x05);  // would set SHV
    CHECK(diagnosed(Kind::Misuse));
}

TEST_CASE_METHOD(IoapicFixture, "a part without remapping has no format bit", "[ioapic]") {
    make(IoapicProfile::i82093aa());
    put(high(5), 0xffff'ffff);
    CHECK(get(high(5)) == 0xff00'0000);
}

TEST_CASE_METHOD(IoapicFixture, "masking after the pin has asked does not recall the message", "[ioapic][I-8]") {
    program(5, 0x51);
    raise(5);
    put(low(5), MASKED | 0x77);
    CHECK(vectors() == Vectors{0x51});
}

TEST_CASE_METHOD(IoapicFixture, "REMOTE_IRR is set when the message leaves, and stays if nobody accepts it",
                 "[ioapic][I-11]") {
    program(5, to(0x7e) | LEVEL | 0x51);
    raise(5);
    by(Duration{PIN_TO_MSG.fs - 1});
    CHECK_FALSE(remote_irr(5));
    by(1_fs);
    CHECK(remote_irr(5));
    lower(5);
    by(1_s);
    CHECK(remote_irr(5));
    SECTION("an end of interrupt clears it") { eoi(0x51); }
    SECTION("or level to edge") { put(low(5), 0x51); }
    CHECK_FALSE(remote_irr(5));
}

TEST_CASE_METHOD(IoapicFixture, "an entry that has become an edge before its message leaves gets no REMOTE_IRR",
                 "[ioapic][I-10][I-11]") {
    program(5, LEVEL | 0x51);
    raise(5);
    put(low(5), 0x51);
    CHECK(vectors() == Vectors{0x51});
    CHECK_FALSE(remote_irr(5));
}

TEST_CASE_METHOD(IoapicFixture, "W-53, W-67: NMI, INIT, SMI and ExtINT are edges even if programmed as level",
                 "[ioapic][I-16][W-53][W-67]") {
    const std::uint64_t mode = GENERATE(NMI, INIT, SMI, EXTINT);
    program(2, mode | LEVEL);
    CHECK(diagnosed(Kind::Misuse));
    for (int n = 0; n < 3; ++n) {
        raise(2);
        by(PIN_TO_MSG);
        CHECK(posted.size() == 1);
        CHECK_FALSE(remote_irr(2));
        posted.clear();
        lower(2);
    }
}

TEST_CASE_METHOD(IoapicFixture, "an NMI's vector is ignored, an SMI's must be 0", "[ioapic][I-16]") {
    program(2, NMI | 0x03);
    CHECK(diagnoses.empty());
    program(2, SMI);
    CHECK(diagnoses.empty());
    program(2, SMI | 1);
    CHECK(diagnosed(Kind::Misuse));
}

TEST_CASE_METHOD(IoapicFixture, "ExtINT: the message asks for the 8259's vector, its own is ignored",
                 "[ioapic][I-17]") {
    program(0, to(0) | EXTINT | 0x99);
    raise(0);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK((posted[0].message.data >> 8 & 7) == 7);
    CHECK_FALSE(remote_irr(0));
}

TEST_CASE_METHOD(IoapicFixture, "a reserved delivery mode sends nothing and is diagnosed", "[ioapic][I-18]") {
    const std::uint64_t mode = GENERATE(3U << 8, 6U << 8);
    program(5, mode | 0x51);
    CHECK(diagnoses.empty());
    raise(5);
    CHECK(vectors().empty());
    CHECK(diagnosed(Kind::Misuse));
}

TEST_CASE_METHOD(IoapicFixture, "lowest priority is sent with the redirection hint: whom it reaches the fabric decides",
                 "[ioapic][I-18][M-7]") {
    program(5, to(1) | LOWEST | 0x51);
    raise(5);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK((posted[0].message.address & 8) != 0);
    CHECK((posted[0].message.data & 0x700) == 0x100);
}

TEST_CASE_METHOD(IoapicFixture, "ioapic.lowest_priority_hint off: the delivery mode is sent as before, RH is 0",
                 "[ioapic][2.4][I-18]") {
    IoapicProfile profile = IoapicProfile::ich();
    profile.lowest_priority_hint = false;
    make(profile);
    const std::uint64_t remappable = GENERATE(std::uint64_t{0}, std::uint64_t{1} << 48);
    program(5, to(1) | remappable | LOGICAL | LOWEST | 0x51);
    raise(5);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.address == (0xfee0'1004 | (remappable != 0 ? 0x10U : 0U)));
    CHECK((posted[0].message.data & 0x700) == 0x100);
}

TEST_CASE_METHOD(IoapicFixture, "a vector below 10h is sent like any other: the local APIC reports it",
                 "[ioapic][I-19]") {
    program(5, 0x0f);
    raise(5);
    CHECK(vectors() == Vectors{0x0f});
    CHECK(diagnoses.empty());
}

TEST_CASE_METHOD(IoapicFixture, "the delivery status is 0 unless something holds the message up", "[ioapic][I-20]") {
    program(5, 0x51);
    raise(5);
    CHECK((get(low(5)) & DELIVS) == 0);
    by(PIN_TO_MSG);
    CHECK((get(low(5)) & DELIVS) == 0);
}

TEST_CASE_METHOD(IoapicFixture, "with a send delay the second message waits with its delivery status 1",
                 "[ioapic][I-20]") {
    IoapicProfile profile;
    profile.send_delay = 30_ns;
    make(profile);
    program(5, 0x51);
    program(6, 0x61);
    raise(5);
    raise(6);
    by(PIN_TO_MSG);
    CHECK(posted.size() == 1);
    CHECK((get(low(5)) & DELIVS) == 0);
    CHECK((get(low(6)) & DELIVS) != 0);
    put(low(6), 0x61);  // a write does not touch it (I-3)
    CHECK((get(low(6)) & DELIVS) != 0);
    SECTION("an edge meanwhile merges with it") {
        lower(6);
        raise(6);
        by(1_us);
        CHECK(posted.size() == 2);
    }
    SECTION("it leaves when the delay is over, not one femtosecond before") {
        by(Duration{(30_ns).fs - 1});
        CHECK(posted.size() == 1);
        CHECK((get(low(6)) & DELIVS) != 0);
        by(1_fs);
        CHECK(posted.size() == 2);
    }
    by(1_us);
    CHECK(posted.size() == 2);
    CHECK((get(low(6)) & DELIVS) == 0);
}

TEST_CASE_METHOD(IoapicFixture, "an edge at the instant at which the message of the one before leaves is sent as well",
                 "[ioapic][I-5][I-20][W-48][W-58]") {
    program(5, NMI);
    sim::Alarm before{timeline, sim::Priority::Operator, [this] {  // acts before what leaves at that instant
                          CHECK((get(low(5)) & DELIVS) == 0);
                          pulse(5);
                      }};
    before.at(now() + PIN_TO_MSG);
    pulse(5);
    by(1_us);
    REQUIRE(posted.size() == 2);
    CHECK(posted[1].at == posted[0].at + PIN_TO_MSG);
}

TEST_CASE_METHOD(IoapicFixture, "behind another pin's message of its instant a message is held up from that instant on",
                 "[ioapic][I-20][I-24]") {
    IoapicProfile profile;
    profile.send_delay = 30_ns;
    make(profile);
    program(5, 0x51);
    program(6, 0x61);
    bool first_held = true;
    bool second_held = false;
    sim::Alarm before{timeline, sim::Priority::Operator, [&] {
                          first_held = (get(low(5)) & DELIVS) != 0;
                          second_held = (get(low(6)) & DELIVS) != 0;
                      }};
    before.at(now() + PIN_TO_MSG);
    raise(5);
    raise(6);
    by(1_us);
    CHECK_FALSE(first_held);
    CHECK(second_held);
}

TEST_CASE_METHOD(IoapicFixture, "pins active at one instant: lowest first, a send delay apart", "[ioapic][I-24]") {
    IoapicProfile profile;
    profile.send_delay = 30_ns;
    make(profile);
    for (const unsigned pin : {9U, 2U, 5U}) {
        program(pin, 0x40 + pin);
    }
    for (const unsigned pin : {9U, 2U, 5U}) {
        raise(pin);
    }
    by(1_us);
    REQUIRE(posted.size() == 3);
    const Instant first = Instant{} + PIN_TO_MSG;
    CHECK((posted[0].message.data & 0xff) == 0x42);
    CHECK(posted[0].at == first);
    CHECK((posted[1].message.data & 0xff) == 0x45);
    CHECK(posted[1].at == first + 30_ns);
    CHECK((posted[2].message.data & 0xff) == 0x49);
    CHECK(posted[2].at == first + 60_ns);
}

TEST_CASE_METHOD(IoapicFixture, "without a send delay they leave at one instant, still in pin order",
                 "[ioapic][I-24]") {
    for (const unsigned pin : {9U, 2U}) {
        program(pin, 0x40 + pin);
    }
    raise(9);
    raise(2);
    CHECK(vectors() == Vectors{0x42, 0x49});
}

TEST_CASE_METHOD(IoapicFixture, "the text of the state shows what no register shows", "[ioapic]") {
    IoapicProfile profile;
    profile.send_delay = 30_ns;
    make(profile);
    ioapic->drive(20, true, tokens.next(Source::Hpet));
    const std::string before = ioapic->dump();
    SECTION("the token of a pin") {
        lower(20);
        ioapic->drive(20, true, tokens.next(Source::Hpet));
    }
    SECTION("when a message has left last") {
        program(5, 0x51);
        raise(5);
        by(PIN_TO_MSG);
        lower(5);
        put(low(5), MASKED);
        ioapic->write(IOREGSEL, Size::B4, 0);
        CHECK(posted.size() == 1);
    }
    SECTION("a level that is to leave as an edge") { ioapic->fault_level_as_edge(5); }
    CHECK(ioapic->dump() != before);
}

TEST_CASE_METHOD(IoapicFixture, "the token of what drives the pin travels with the message", "[ioapic][hop]") {
    program(20, NMI);
    const Token token = tokens.next(Source::Hpet);
    ioapic->drive(20, true, token);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.token == token);
    CHECK(posted[0].message.token.source == Source::Hpet);
    CHECK(posted[0].message.from() == Source::Ioapic);
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].hop == Hop::Posted);
    CHECK(hops[0].at == Instant{} + PIN_TO_MSG);
}

TEST_CASE_METHOD(IoapicFixture, "a request that no token asks for gets its own; sent again it is a new one",
                 "[ioapic][hop]") {
    program(20, LEVEL | 0x51);
    ioapic->drive(20, true, tokens.next(Source::Hpet));
    by(PIN_TO_MSG);
    eoi(0x51);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 2);
    CHECK_FALSE(posted[1].message.token == posted[0].message.token);
    CHECK(posted[1].message.token.source == Source::Hpet);
    program(3, 0x33);
    raise(3);
    by(PIN_TO_MSG);
    REQUIRE(posted.size() == 3);
    CHECK(posted[2].message.token.source == Source::Ioapic);
}
