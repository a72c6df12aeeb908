// SPDX-License-Identifier: Apache-2.0
// Which destinations this APIC answers to: section 2.3, LAPIC-7 to LAPIC-14.
#include "tests/models/lapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct DestinationFixture : LapicFixture {
    bool physical(std::uint32_t destination, bool wide = false) {
        return lapic->matches(addressed_to(destination, false, wide));
    }
    bool logical(std::uint32_t destination, bool wide = false) {
        return lapic->matches(addressed_to(destination, true, wide));
    }
};

}  // namespace

TEST_CASE_METHOD(DestinationFixture, "xAPIC physical: the id, or FFh", "[lapic][2.3][LAPIC-7]") {
    for (std::uint32_t id = 0; id < 256; ++id) {
        CAPTURE(id);
        CHECK(physical(id) == (id == 0x12 || id == 0xff));
    }
    CHECK_FALSE(physical(0x112, true));
    CHECK(physical(0x12, true));
    CHECK(physical(~0U, true));
    CHECK_FALSE(physical(0xff, true));  // in 32 bits 255 is an id like any other
}

TEST_CASE_METHOD(DestinationFixture, "xAPIC logical flat: any common bit, or FFh", "[lapic][2.3]") {
    put(lapic::LDR, 0x2400'0000);
    for (std::uint32_t mda = 0; mda < 256; ++mda) {
        CAPTURE(mda);
        CHECK(logical(mda) == ((mda & 0x24) != 0 || mda == 0xff));
    }
}

TEST_CASE_METHOD(DestinationFixture, "xAPIC logical cluster: the cluster and a common bit; cluster Fh is all clusters",
                 "[lapic][2.3]") {
    put(lapic::DFR, 0);
    put(lapic::LDR, 0x3500'0000);
    for (std::uint32_t mda = 0; mda < 256; ++mda) {
        CAPTURE(mda);
        const bool cluster = mda >> 4 == 3 || mda >> 4 == 0xf;
        CHECK(logical(mda) == ((cluster && (mda & 5) != 0) || mda == 0xff));
    }
}

TEST_CASE_METHOD(DestinationFixture, "x2APIC physical: all 32 bits, or FFFF_FFFFh", "[lapic][2.3]") {
    make({}, 0x1'0012);
    enter_x2apic();
    CHECK(physical(0x1'0012, true));
    CHECK_FALSE(physical(0x12, true));
    CHECK_FALSE(physical(0xff, true));
    CHECK(physical(~0U, true));
}

TEST_CASE_METHOD(DestinationFixture, "x2APIC logical: the cluster and a common bit, or FFFF_FFFFh", "[lapic][2.3]") {
    make({}, 0x123);
    enter_x2apic();  // LDR = cluster 12h, bit 3
    CHECK(logical(0x12'0008, true));
    CHECK(logical(0x12'ffff, true));
    CHECK_FALSE(logical(0x12'fff7, true));
    CHECK_FALSE(logical(0x13'0008, true));
    CHECK(logical(~0U, true));
}

TEST_CASE_METHOD(DestinationFixture,
                 "an 8-bit destination reaches x2APICs with ids to 255; FFh is a broadcast but for a knob",
                 "[lapic][LAPIC-8]") {
    enter_x2apic();
    CHECK(physical(0x12));
    CHECK_FALSE(physical(0x13));
    CHECK(physical(0xff));
    LapicProfile profile;
    profile.x2apic_takes_narrow_broadcast = false;
    make(profile, 0x1'0012);
    enter_x2apic();
    CHECK_FALSE(physical(0x12));
    CHECK_FALSE(physical(0xff));
}

TEST_CASE_METHOD(DestinationFixture, "in a mixed system each APIC matches by its own mode", "[lapic][LAPIC-10]") {
    put(lapic::LDR, 0x0800'0000);
    CHECK(logical(0x08));
    CHECK_FALSE(logical(0x01'0004, true));
    enter_x2apic();  // id 12h: cluster 1, bit 2
    CHECK_FALSE(logical(0x08));
    CHECK(logical(0x01'0004, true));
}

TEST_CASE_METHOD(DestinationFixture, "a logical id of more than 8 bits is for no xAPIC, whatever its low bits",
                 "[lapic][LAPIC-10]") {
    put(lapic::LDR, 0x0200'0000);
    CHECK(logical(0x02, true));
    CHECK_FALSE(logical(0x01'0002, true));
}

TEST_CASE_METHOD(DestinationFixture, "a logical id of 0 never matches but a broadcast, and that is a knob",
                 "[lapic][LAPIC-14]") {
    for (std::uint32_t mda = 0; mda < 255; ++mda) {
        CHECK_FALSE(logical(mda));
    }
    CHECK(logical(0xff));
    LapicProfile profile;
    profile.flat_broadcast_needs_ldr = true;
    make(profile);
    CHECK_FALSE(logical(0xff));
    put(lapic::LDR, 0x0100'0000);
    CHECK(logical(0xff));
}

TEST_CASE_METHOD(DestinationFixture, "in cluster mode a logical FFh is a broadcast, whatever LDR and the knob say",
                 "[lapic][2.3][LAPIC-14]") {
    LapicProfile profile;
    profile.flat_broadcast_needs_ldr = GENERATE(false, true);
    make(profile);
    put(lapic::DFR, 0);
    CHECK(logical(0xff));
    CHECK_FALSE(logical(0xfe));
    put(lapic::LDR, 0x3100'0000);
    CHECK(logical(0xff));
}

TEST_CASE_METHOD(DestinationFixture, "a software-disabled APIC takes no part in an arbitration",
                 "[lapic][LAPIC-9][LAPIC-12]") {
    put(lapic::LDR, 0x0100'0000);
    InterruptMessage hinted = addressed_to(1, true, false);
    hinted.mode = DeliveryMode::Fixed;
    hinted.redirection_hint = true;
    InterruptMessage lowest = addressed_to(1, true, false);
    lowest.mode = DeliveryMode::LowestPriority;
    CHECK_FALSE(lapic->matches(hinted));
    CHECK_FALSE(lapic->matches(lowest));
    enable();
    CHECK(lapic->matches(hinted));
    CHECK(lapic->matches(lowest));
}

TEST_CASE_METHOD(DestinationFixture, "the arbiter is told the processor priority", "[lapic][LAPIC-12]") {
    enable();
    put(lapic::TPR, 0x35);
    CHECK(lapic->processor_priority() == 0x35);
}
