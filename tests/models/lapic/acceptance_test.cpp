// SPDX-License-Identifier: Apache-2.0
// Acceptance and priorities: section 2.5; LAPIC-18 to LAPIC-25.
#include "tests/models/lapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using lapic::DiscardReason;

TEST_CASE_METHOD(EnabledFixture, "an NMI is in the CPU's latch lapic.accept after its arrival, with its token and hop",
                 "[lapic][LAPIC-23][CPU-1]") {
    to(Instant{} + 7_ns);
    receive(DeliveryMode::Nmi);
    to(Instant{(7_ns + ACCEPT).fs - 1});
    CHECK(cpu.nmis.empty());
    CHECK(hops.empty());
    to(Instant{} + 7_ns + ACCEPT);
    REQUIRE(cpu.nmis.size() == 1);
    CHECK(cpu.nmis[0].at == Instant{} + 7_ns + ACCEPT);
    CHECK(cpu.nmis[0].tokens == std::vector{1U});
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].hop == Hop::Accepted);
    CHECK(hops[0].cpu == CpuNumber{3});
    CHECK(hops[0].at == cpu.nmis[0].at);
}

TEST_CASE_METHOD(EnabledFixture, "the row lapic.accept changed by d moves the latch by d", "[lapic][latency]") {
    timing.set(Row::LapicAccept, RowUnit::Time, ACCEPT.fs + 4321);
    receive(DeliveryMode::Nmi);
    to(Instant{} + 1_us);
    CHECK(cpu.nmis.at(0).at == Instant{4321} + ACCEPT);
}

TEST_CASE_METHOD(EnabledFixture, "messages a femtosecond apart are accepted a femtosecond apart", "[lapic][M-14]") {
    receive(DeliveryMode::Nmi);
    to(Instant{1});
    receive(DeliveryMode::Nmi);
    to(Instant{} + 1_us);
    REQUIRE(cpu.nmis.size() == 2);
    CHECK(cpu.nmis[1].at - cpu.nmis[0].at == 1_fs);
}

TEST_CASE_METHOD(EnabledFixture, "NMI, SMI, INIT and SIPI touch neither IRR nor ISR nor the request line, whatever TPR",
                 "[lapic][LAPIC-23]") {
    put(lapic::TPR, 0xff);
    const DeliveryMode mode = GENERATE(DeliveryMode::Nmi, DeliveryMode::Smi, DeliveryMode::Init, DeliveryMode::Sipi);
    accept(mode, 0x55);
    CHECK(cpu.nmis.size() + cpu.smis.size() + cpu.inits.size() + cpu.sipis.size() == 1);
    CHECK_FALSE(in_irr(0x55));
    CHECK(cpu.requests.empty());
}

TEST_CASE_METHOD(EnabledFixture, "SIPI goes to the CPU with its vector and leaves nothing behind here",
                 "[lapic][LAPIC-42]") {
    accept(DeliveryMode::Sipi, 0x9f);
    CHECK(cpu.sipi_vector == 0x9f);
    CHECK(cpu.requests.empty());
}

TEST_CASE_METHOD(EnabledFixture, "an INIT de-assert and a level de-assert message do nothing",
                 "[lapic][LAPIC-18][M-5]") {
    InterruptMessage m;
    m.mode = DeliveryMode::Init;
    m.assert_ = false;
    lapic->receive(m);
    m.mode = DeliveryMode::Fixed;
    m.vector = 0x40;
    m.level = true;
    lapic->receive(m);
    by(ACCEPT);
    CHECK(cpu.inits.empty());
    CHECK_FALSE(in_irr(0x40));
    CHECK(discarded == std::vector{DiscardReason::Deassert, DiscardReason::Deassert});
}

TEST_CASE_METHOD(EnabledFixture, "vectors 0 to 15 are refused with ESR bit 6, 16 is accepted", "[lapic][LAPIC-19]") {
    accept(DeliveryMode::Fixed, 15);
    CHECK_FALSE(in_irr(15));
    CHECK(errors() == 0x40);
    CHECK(diagnosed == std::vector{regs::Diagnosis::Kind::Misuse});
    accept(DeliveryMode::Fixed, 16);
    CHECK(in_irr(16));
    CHECK(errors() == 0);
}

TEST_CASE_METHOD(EnabledFixture, "an illegal vector in an LVT entry is an error when it is raised",
                 "[lapic][LAPIC-19]") {
    put(lapic::LVT_THERMAL, 0x0f);
    CHECK(errors() == 0);
    lapic->thermal_event();
    by(ACCEPT);
    CHECK(errors() == 0x40);
}

TEST_CASE_METHOD(LapicFixture, "an illegal vector in an LVT entry is an error at once, even masked, by a knob",
                 "[lapic][LAPIC-19]") {
    LapicProfile profile;
    profile.illegal_lvt_vector_at_once = true;
    make(profile);
    enable();
    put(lapic::LVT_THERMAL, MASKED | 0x0f);
    CHECK(errors() == 0x40);
    put(lapic::LVT_THERMAL, MASKED | NMI_MODE);
    CHECK(errors() == 0);
    CHECK(diagnosed.empty());
    put(lapic::LVT_THERMAL, 0x0f);
    CHECK(errors() == 0x40);
    CHECK(diagnosed == std::vector{regs::Diagnosis::Kind::Misuse});
}

TEST_CASE_METHOD(EnabledFixture, "APR is the highest of TPR, requested and in service", "[lapic][LAPIC-20]") {
    put(lapic::TPR, 0x23);
    CHECK(get(lapic::APR) == 0x23);
    accept(DeliveryMode::Fixed, 0x45);
    CHECK(get(lapic::APR) == 0x40);
    CHECK(acknowledge() == 0x45);
    CHECK(get(lapic::APR) == 0x40);
    put(lapic::TPR, 0x51);
    CHECK(get(lapic::APR) == 0x51);
}

TEST_CASE_METHOD(LapicFixture,
                 "APR is TPR where its class is at least that requested and above that in service; else sub-class 0",
                 "[lapic][LAPIC-20]") {
    struct Row {
        unsigned tpr, requested, in_service;  // 0: none
        unsigned apr;
    };
    const Row row = GENERATE(Row{0x47, 0x45, 0, 0x47},     // a tie with what is requested
                             Row{0x47, 0, 0x45, 0x40},     // a tie with what is in service
                             Row{0x47, 0x4c, 0x45, 0x40},  // with both
                             Row{0x47, 0x45, 0x35, 0x47},  // with the request, above what is in service
                             Row{0x47, 0x35, 0x45, 0x40},  // above the request, with what is in service
                             Row{0x47, 0x55, 0x45, 0x50}, Row{0x47, 0x45, 0x55, 0x50},  // one above, one a tie
                             Row{0x47, 0x55, 0, 0x50}, Row{0x47, 0, 0x55, 0x50}, Row{0x47, 0x55, 0x65, 0x60},
                             Row{0x47, 0x65, 0x55, 0x60}, Row{0x47, 0x35, 0x35, 0x47}, Row{0x47, 0, 0, 0x47},
                             Row{0x07, 0, 0, 0x00});  // nothing is in service: ISRV is 0, a tie with class 0
    LapicProfile profile;
    profile.ppr_subclass_zero_on_tie = GENERATE(false, true);  // is about PPR alone
    make(profile);
    enable();
    CAPTURE(row.tpr, row.requested, row.in_service);
    if (row.in_service != 0) {
        accept(DeliveryMode::Fixed, static_cast<std::uint8_t>(row.in_service));
        REQUIRE(acknowledge() == row.in_service);
    }
    if (row.requested != 0) {
        accept(DeliveryMode::Fixed, static_cast<std::uint8_t>(row.requested));
    }
    put(lapic::TPR, row.tpr);
    CHECK(get(lapic::APR) == row.apr);
}

TEST_CASE_METHOD(EnabledFixture,
                 "PPR: the class is the higher of TPR and in service, the sub-class TPR's where it decides",
                 "[lapic][LAPIC-21]") {
    put(lapic::TPR, 0x23);
    CHECK(get(lapic::PPR) == 0x23);
    accept(DeliveryMode::Fixed, 0x45);
    acknowledge();
    CHECK(get(lapic::PPR) == 0x40);
    put(lapic::TPR, 0x47);
    CHECK(get(lapic::PPR) == 0x47);
    put(lapic::TPR, 0x51);
    CHECK(get(lapic::PPR) == 0x51);
}

TEST_CASE_METHOD(LapicFixture, "PPR: where TPR and in service are of one class the sub-class is 0, by a knob",
                 "[lapic][LAPIC-21]") {
    LapicProfile profile;
    profile.ppr_subclass_zero_on_tie = true;
    make(profile);
    enable();
    accept(DeliveryMode::Fixed, 0x45);
    acknowledge();
    put(lapic::TPR, 0x47);
    CHECK(get(lapic::PPR) == 0x40);
}

TEST_CASE_METHOD(EnabledFixture, "a vector is offered only above the class of PPR", "[lapic][LAPIC-22]") {
    put(lapic::TPR, 0x40);
    accept(DeliveryMode::Fixed, 0x4f);
    CHECK_FALSE(cpu.requested);
    CHECK(in_irr(0x4f));
    accept(DeliveryMode::Fixed, 0x50);
    CHECK(cpu.requested);
    CHECK(acknowledge() == 0x50);
    CHECK_FALSE(cpu.requested);
    put(lapic::EOI, 0);
    CHECK_FALSE(cpu.requested);
    put(lapic::TPR, 0x3f);
    CHECK(cpu.requested);
    CHECK(acknowledge() == 0x4f);
}

TEST_CASE_METHOD(EnabledFixture, "CR8 is the class of TPR", "[lapic][LAPIC-22]") {
    accept(DeliveryMode::Fixed, 0x4f);
    lapic->set_cr8(4);
    CHECK_FALSE(cpu.requested);
    CHECK(get(lapic::TPR) == 0x40);
    put(lapic::TPR, 0x35);
    CHECK(lapic->cr8() == 3);
    CHECK(cpu.requested);
}

TEST_CASE_METHOD(EnabledFixture, "a write to CR8 clears the sub-class of TPR", "[lapic][LAPIC-22]") {
    put(lapic::TPR, 0x35);
    lapic->set_cr8(4);
    CHECK(get(lapic::TPR) == 0x40);
}

TEST_CASE_METHOD(EnabledFixture, "a vector is pending once in IRR and once in ISR; more merge, and keep their tokens",
                 "[lapic][LAPIC-22]") {
    accept(DeliveryMode::Fixed, 0x40);
    CHECK(acknowledge() == 0x40);
    accept(DeliveryMode::Fixed, 0x40);
    accept(DeliveryMode::Fixed, 0x40);
    accept(DeliveryMode::Fixed, 0x51);
    CHECK(in_irr(0x40));
    CHECK(in_isr(0x40));
    CHECK(acknowledge() == 0x51);
    put(lapic::EOI, 0);
    put(lapic::EOI, 0);
    TokenSet carried;
    CHECK(lapic->acknowledge(carried) == 0x40);
    CHECK(carried.size() == 2);
    CHECK(carried.contains(Token{2, Source::Hpet}));
    CHECK(carried.contains(Token{3, Source::Hpet}));
    CHECK_FALSE(in_irr(0x40));
}

TEST_CASE_METHOD(EnabledFixture, "TMR follows the trigger mode at acceptance, not at arrival nor at EOI",
                 "[lapic][LAPIC-24]") {
    receive(DeliveryMode::Fixed, 0x40, true);
    CHECK_FALSE(in_tmr(0x40));
    by(ACCEPT);
    CHECK(in_tmr(0x40));
    acknowledge();
    put(lapic::EOI, 0);
    CHECK(in_tmr(0x40));
    accept(DeliveryMode::Fixed, 0x40, false);
    CHECK_FALSE(in_tmr(0x40));
}

TEST_CASE_METHOD(EnabledFixture,
                 "WI-50: EOI ends the highest in service and broadcasts level-triggered ones unless suppressed",
                 "[lapic][LAPIC-24][WI-50]") {
    accept(DeliveryMode::Fixed, 0x40, true);
    acknowledge();
    accept(DeliveryMode::Fixed, 0x50, false);
    acknowledge();
    put(lapic::EOI, 0);
    CHECK_FALSE(in_isr(0x50));
    CHECK(in_isr(0x40));
    CHECK(bus.eois.empty());
    SECTION("broadcast") {
        put(lapic::EOI, 0x1234);
        CHECK(bus.eois == std::vector{0x40U});
    }
    SECTION("suppressed") {
        put(lapic::SVR, APIC_ENABLED | 1U << 12);
        put(lapic::EOI, 0);
        CHECK(bus.eois.empty());
        CHECK_FALSE(in_isr(0x40));
    }
}

TEST_CASE_METHOD(EnabledFixture, "EOI with nothing in service does nothing", "[lapic][LAPIC-24]") {
    accept(DeliveryMode::Fixed, 0x40, true);
    put(lapic::EOI, 0);
    CHECK(in_irr(0x40));
    CHECK(bus.eois.empty());
}

TEST_CASE_METHOD(EnabledFixture, "an acknowledge that finds nothing above PPR gives the spurious vector and no ISR bit",
                 "[lapic][LAPIC-25]") {
    put(lapic::SVR, 0x1ef);
    accept(DeliveryMode::Fixed, 0x40);
    put(lapic::TPR, 0x40);
    CHECK(acknowledge() == 0xef);
    CHECK_FALSE(in_isr(0xef));
    CHECK_FALSE(in_isr(0x40));
    CHECK(in_irr(0x40));
}
