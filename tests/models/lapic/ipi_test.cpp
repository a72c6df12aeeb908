// SPDX-License-Identifier: Apache-2.0
// Sending: section 2.4, LAPIC-13 and LAPIC-15 to LAPIC-19, LAPIC-26.
#include "tests/models/lapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using Kind = regs::Diagnosis::Kind;

namespace {

constexpr std::uint32_t ALL = 2U << 18;
constexpr std::uint32_t INIT = 5U << 8;

}  // namespace

TEST_CASE_METHOD(EnabledFixture, "writing the ICR's low half sends, at that instant; writing the high half does not",
                 "[lapic][LAPIC-15]") {
    to(Instant{12345});
    put(lapic::ICR_HIGH, 0x2100'0000);
    CHECK(bus.sent.empty());
    put(lapic::ICR_LOW, ASSERT | NMI_MODE | 0x02);
    REQUIRE(bus.sent.size() == 1);
    const auto& [at, shorthand, message] = bus.sent[0];
    CHECK(at == Instant{12345});
    CHECK(shorthand == Shorthand::None);
    CHECK(message.destination == 0x21);
    CHECK_FALSE(message.wide);
    CHECK_FALSE(message.logical);
    CHECK(message.mode == DeliveryMode::Nmi);
    CHECK(message.token.source == Source::Ipi);
    REQUIRE(hops.size() == 2);
    CHECK(hops[1].hop == Hop::Posted);
    CHECK(hops[1].token == message.token);
}

TEST_CASE_METHOD(EnabledFixture, "the ICR's fields reach the message", "[lapic][2.4]") {
    put(lapic::ICR_HIGH, 0x0f00'0000);
    put(lapic::ICR_LOW, ASSERT | 1U << 11 | 0x41);
    CHECK(bus.sent.at(0).message.logical);
    CHECK(bus.sent.at(0).message.vector == 0x41);
    CHECK(bus.sent.at(0).message.mode == DeliveryMode::Fixed);
    put(lapic::ICR_LOW, ASSERT | 6U << 8 | 0x9f);
    CHECK(bus.sent.at(1).message.mode == DeliveryMode::Sipi);
    CHECK(bus.sent.at(1).message.vector == 0x9f);
    put(lapic::ICR_LOW, ASSERT | OTHERS | 2U << 8);
    CHECK(bus.sent.at(2).shorthand == Shorthand::AllExcludingSelf);
    CHECK(bus.sent.at(2).message.mode == DeliveryMode::Smi);
}

TEST_CASE_METHOD(EnabledFixture, "the delivery status reads 1 until the message is at the receivers",
                 "[lapic][LAPIC-15]") {
    put(lapic::ICR_LOW, ASSERT | NMI_MODE);
    CHECK((get(lapic::ICR_LOW) & DELIVERY_STATUS) != 0);
    to(Instant{WIRE.fs - 1});
    CHECK((get(lapic::ICR_LOW) & DELIVERY_STATUS) != 0);
    to(Instant{} + WIRE);
    CHECK((get(lapic::ICR_LOW) & DELIVERY_STATUS) == 0);
}

TEST_CASE_METHOD(EnabledFixture, "the delivery status never reads 1, by a knob", "[lapic][LAPIC-15]") {
    LapicProfile profile;
    profile.ipi_delivery_status = IpiDeliveryStatus::Immediate;
    make(profile);
    put(lapic::ICR_LOW, ASSERT | NMI_MODE);
    CHECK((get(lapic::ICR_LOW) & DELIVERY_STATUS) == 0);
}

TEST_CASE_METHOD(EnabledFixture, "an x2APIC sends by one MSR write with 32 destination bits and has no delivery status",
                 "[lapic][LAPIC-15][LAPIC-17]") {
    enter_x2apic();
    to(Instant{777});
    CHECK(put_x2(lapic::ICR_LOW, 0x0001'2345ULL << 32 | ASSERT | NMI_MODE));
    REQUIRE(bus.sent.size() == 1);
    CHECK(bus.sent[0].at == Instant{777});  // with the WRMSR; what orders it behind stores is the CPU's matter
    CHECK(bus.sent[0].message.destination == 0x1'2345);
    CHECK(bus.sent[0].message.wide);
    CHECK((x2(lapic::ICR_LOW) & DELIVERY_STATUS) == 0);
}

TEST_CASE_METHOD(EnabledFixture, "shorthands: which combinations are sent, and which are diagnosed",
                 "[lapic][LAPIC-16]") {
    struct Row {
        std::uint32_t shorthand;
        std::uint32_t mode;
        bool sent;
        bool diagnosed;
    };
    const Row row = GENERATE(
        Row{SELF, 0, true, false}, Row{SELF, 1, false, true}, Row{SELF, 2, false, true}, Row{SELF, 4, true, true},
        Row{SELF, 5, false, true}, Row{SELF, 6, false, true}, Row{ALL, 0, true, false}, Row{ALL, 1, false, true},
        Row{ALL, 2, false, true}, Row{ALL, 4, true, true}, Row{ALL, 5, false, true}, Row{ALL, 6, false, true},
        Row{OTHERS, 0, true, false}, Row{OTHERS, 1, true, false}, Row{OTHERS, 2, true, false},
        Row{OTHERS, 4, true, false}, Row{OTHERS, 5, true, false}, Row{OTHERS, 6, true, false},
        Row{OTHERS, 3, false, true}, Row{OTHERS, 7, false, true}, Row{0, 3, false, true}, Row{0, 7, false, true});
    CAPTURE(row.shorthand, row.mode);
    put(lapic::ICR_LOW, ASSERT | row.shorthand | row.mode << 8 | 0x41);
    by(1_us);
    const bool here = in_irr(0x41) || !cpu.nmis.empty();
    CHECK(bus.sent.size() == (row.sent && row.shorthand != SELF ? 1 : 0));
    CHECK(here == (row.sent && row.shorthand == SELF));
    CHECK(diagnosed == (row.diagnosed ? std::vector{Kind::Misuse} : std::vector<Kind>{}));
}

TEST_CASE_METHOD(LapicFixture, "lapic.nmi_to_self off: no NMI is sent by a shorthand that includes self",
                 "[lapic][LAPIC-16]") {
    LapicProfile profile;
    profile.nmi_to_self = false;
    make(profile);
    enable();
    const std::uint32_t shorthand = GENERATE(SELF, ALL);
    put(lapic::ICR_LOW, ASSERT | shorthand | NMI_MODE);
    by(1_us);
    CHECK(bus.sent.empty());
    CHECK(cpu.nmis.empty());
    CHECK(diagnosed == std::vector{Kind::Misuse});
    put(lapic::ICR_LOW, ASSERT | OTHERS | NMI_MODE);
    CHECK(bus.sent.size() == 1);
}

TEST_CASE_METHOD(EnabledFixture, "an IPI to self costs lapic.accept alone, delivers once and carries its token",
                 "[lapic][LAPIC-16]") {
    put(lapic::ICR_LOW, ASSERT | SELF | 0x41);
    CHECK(bus.sent.empty());
    to(Instant{ACCEPT.fs - 1});
    CHECK_FALSE(cpu.requested);
    to(Instant{} + ACCEPT);
    CHECK(cpu.requested);
    TokenSet carried;
    CHECK(lapic->acknowledge(carried) == 0x41);
    CHECK(carried.holds(Source::Ipi));
    put(lapic::EOI, 0);
    CHECK_FALSE(cpu.requested);
}

TEST_CASE_METHOD(EnabledFixture,
                 "an IPI with level 0 is sent like any, as Linux does; trigger 1 is diagnosed and ignored",
                 "[lapic][2.4]") {
    put(lapic::ICR_LOW, 0x41);
    CHECK(bus.sent.size() == 1);
    CHECK(diagnosed.empty());
    put(lapic::ICR_LOW, ASSERT | 1U << 15 | 0x41);
    REQUIRE(bus.sent.size() == 2);
    CHECK_FALSE(bus.sent[1].message.level);
    CHECK(diagnosed == std::vector{Kind::Misuse});
}

TEST_CASE_METHOD(EnabledFixture, "INIT with level 1 and trigger 1, as Linux sends it, is no misuse", "[lapic][2.4]") {
    put(lapic::ICR_LOW, INIT | ASSERT | 1U << 15);
    CHECK(bus.sent.size() == 1);
    CHECK(diagnosed.empty());
}

TEST_CASE_METHOD(EnabledFixture, "INIT de-assert is not sent", "[lapic][LAPIC-18]") {
    put(lapic::ICR_LOW, INIT | 1U << 15);
    CHECK(bus.sent.empty());
    put(lapic::ICR_LOW, INIT | ASSERT | 1U << 15);
    CHECK(bus.sent.size() == 1);
}

TEST_CASE_METHOD(EnabledFixture, "a fixed IPI with a vector below 16 is not sent: ESR bit 5", "[lapic][LAPIC-19]") {
    put(lapic::ICR_LOW, ASSERT | 0x0f);
    CHECK(bus.sent.empty());
    CHECK(errors() == 0x20);
    put(lapic::ICR_LOW, ASSERT | NMI_MODE | 0x0f);  // the vector of an NMI does not matter
    CHECK(bus.sent.size() == 1);
    CHECK(errors() == 0);
    put(lapic::ICR_LOW, ASSERT | SELF | 0x0f);
    CHECK(errors() == 0x60);
    CHECK(diagnosed == std::vector{regs::Diagnosis::Kind::Misuse, regs::Diagnosis::Kind::Misuse});
}

TEST_CASE_METHOD(EnabledFixture, "x2APIC lowest priority: ESR bit 4 and nothing sent, but for a knob",
                 "[lapic][LAPIC-13]") {
    constexpr std::uint32_t LOWEST = 1U << 8;
    put(lapic::ICR_LOW, ASSERT | LOWEST | 0x41);
    CHECK(bus.sent.size() == 1);
    enter_x2apic();
    CHECK(put_x2(lapic::ICR_LOW, ASSERT | LOWEST | 0x0f));
    CHECK(put_x2(lapic::ESR, 0));
    CHECK(x2(lapic::ESR) == 0x10);
    CHECK(diagnosed == std::vector{regs::Diagnosis::Kind::Misuse});
    CHECK(bus.sent.size() == 1);
    LapicProfile profile;
    profile.x2apic_lowest_priority_ipi = true;
    make(profile);
    enter_x2apic();
    CHECK(put_x2(lapic::ICR_LOW, ASSERT | LOWEST | 0x41));
    CHECK(bus.sent.size() == 2);
}

TEST_CASE_METHOD(EnabledFixture, "SELF IPI is fixed and edge, and does not touch the ICR", "[lapic][LAPIC-26][WI-31]") {
    enter_x2apic();
    CHECK(put_x2(lapic::ICR_LOW, 0x55ULL << 32 | ASSERT | 0x51));
    CHECK(put_x2(lapic::SELF_IPI, 0x42));
    CHECK(x2(lapic::ICR_LOW) == (0x55ULL << 32 | ASSERT | 0x51));
    by(ACCEPT);
    CHECK(acknowledge() == 0x42);
    CHECK(put_x2(lapic::SELF_IPI, 0x0f));
    CHECK(put_x2(lapic::ESR, 0));
    CHECK(x2(lapic::ESR) == 0x60);
    CHECK(diagnosed == std::vector{regs::Diagnosis::Kind::Misuse});
}
