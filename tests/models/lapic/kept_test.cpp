// SPDX-License-Identifier: Apache-2.0
// What goes on: over the change to x2APIC mode, over a software disable, over INIT. LAPIC-3 to LAPIC-5, CPU-15.
#include "tests/models/lapic/timer_fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

// ---- xAPIC to x2APIC: LAPIC-3

TEST_CASE_METHOD(TimerFixture, "xAPIC to x2APIC: the count-down counts on, with its divider, to its interrupt",
                 "[lapic][LAPIC-3]") {
    watch();
    put(lapic::DIVIDE, 0x1);  // by 4
    put(lapic::LVT_TIMER, PERIODIC | 0x40);
    put(lapic::INITIAL_COUNT, 100);
    to(edge(40));
    enter_x2apic();
    CHECK(x2(lapic::DIVIDE) == 0x1);
    CHECK(x2(lapic::INITIAL_COUNT) == 100);
    CHECK(x2(lapic::LVT_TIMER) == (PERIODIC | 0x40));
    CHECK(x2(lapic::CURRENT_COUNT) == 90);
    to(Instant{edge(400).fs - 1});
    CHECK(x2(lapic::CURRENT_COUNT) == 1);
    to(edge(800) + ACCEPT);
    CHECK(raised == std::vector{edge(400), edge(800)});
}

TEST_CASE_METHOD(TimerFixture, "xAPIC to x2APIC: a deadline that is armed is reached in its time", "[lapic][LAPIC-3]") {
    watch();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 3001);
    to(tsc.edge({1000}));
    enter_x2apic();
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == 3001);
    to(tsc.edge({3001}) + ACCEPT);
    CHECK(raised == std::vector{tsc.edge({3001})});
}

TEST_CASE_METHOD(TimerFixture, "xAPIC to x2APIC: what is in service stays so, and its trigger mode",
                 "[lapic][LAPIC-3]") {
    accept(DeliveryMode::Fixed, 0x40, true);
    CHECK(acknowledge() == 0x40);
    accept(DeliveryMode::Fixed, 0x50);
    CHECK(acknowledge() == 0x50);
    accept(DeliveryMode::Fixed, 0x51);
    enter_x2apic();
    CHECK(x2(lapic::ISR + 0x20) == ((1U << 0) | (1U << 16)));
    CHECK(x2(lapic::TMR + 0x20) == 1U << 0);
    CHECK(x2(lapic::IRR + 0x20) == 1U << 17);
    CHECK(x2(lapic::PPR) == 0x50);
    CHECK_FALSE(cpu.requested);
    REQUIRE(put_x2(lapic::EOI, 0));
    CHECK(x2(lapic::ISR + 0x20) == 1U << 0);
    CHECK(cpu.requested);
    CHECK(acknowledge() == 0x51);
    REQUIRE(put_x2(lapic::EOI, 0));
    REQUIRE(put_x2(lapic::EOI, 0));
    CHECK(bus.eois == std::vector{0x40U});
}

TEST_CASE_METHOD(TimerFixture, "xAPIC to x2APIC: ESR stays, and what has been accumulated since its last write",
                 "[lapic][LAPIC-3]") {
    accept(DeliveryMode::Fixed, 3);
    put(lapic::ESR, 0);
    put(lapic::ICR_LOW, 0x4003);
    enter_x2apic();
    CHECK(x2(lapic::ESR) == 0x40);
    REQUIRE(put_x2(lapic::ESR, 0));
    CHECK(x2(lapic::ESR) == 0x20);
    REQUIRE(put_x2(lapic::ESR, 0));
    CHECK(x2(lapic::ESR) == 0);
}

TEST_CASE_METHOD(TimerFixture, "xAPIC to x2APIC: each entry of the local vector table stays", "[lapic][LAPIC-3]") {
    const std::uint32_t entry = GENERATE(lapic::LVT_TIMER, lapic::LVT_CMCI, lapic::LVT_THERMAL, lapic::LVT_PMI,
                                         lapic::LVT_LINT0, lapic::LVT_LINT1, lapic::LVT_ERROR);
    const std::uint32_t value = GENERATE(0x00U, MASKED) | 0x41;
    put(entry, value);
    enter_x2apic();
    CHECK(x2(entry) == value);
}

TEST_CASE_METHOD(TimerFixture, "xAPIC to x2APIC: a message that is being received is accepted", "[lapic][LAPIC-3]") {
    receive(DeliveryMode::Nmi);
    receive(DeliveryMode::Fixed, 0x40);
    enter_x2apic();
    by(ACCEPT);
    CHECK(cpu.nmis.size() == 1);
    CHECK(x2(lapic::IRR + 0x20) == 1);
}

// ---- software disable: LAPIC-5

TEST_CASE_METHOD(TimerFixture, "software-disabled: the count-down counts on, masked, and periodic it starts anew",
                 "[lapic][LAPIC-5]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    const bool periodic = GENERATE(false, true);
    put(lapic::LVT_TIMER, (periodic ? PERIODIC : 0) | 0x40);
    put(lapic::INITIAL_COUNT, 100);
    to(edge(10));
    put(lapic::SVR, 0xff);
    CHECK(count() == 90);
    CHECK(get(lapic::INITIAL_COUNT) == 100);
    to(edge(99));
    CHECK(count() == 1);
    to(edge(130));
    CHECK(count() == (periodic ? 70 : 0));
    CHECK(raised.empty());  // masked: lost
    enable();
    put(lapic::LVT_TIMER, (periodic ? PERIODIC : 0) | 0x40);
    to(edge(250));
    CHECK(raised == (periodic ? std::vector{edge(200)} : std::vector<Instant>{}));
}

TEST_CASE_METHOD(TimerFixture, "software-disabled: a deadline stays armed, and is reached without an interrupt",
                 "[lapic][LAPIC-5]") {
    watch();
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 3001);
    put(lapic::SVR, 0xff);
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == 3001);
    const Instant due = tsc.edge({3001});
    SECTION("disabled to the end") {
        to(Instant{due.fs - 1});
        CHECK(msr(lapic::IA32_TSC_DEADLINE) == 3001);
        to(due);
        CHECK(msr(lapic::IA32_TSC_DEADLINE) == 0);
        by(1_us);
        CHECK(raised.empty());
    }
    SECTION("enabled and unmasked before it") {
        enable();
        put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
        by(1_ms);
        CHECK(raised == std::vector{due});
    }
}

// ---- INIT: LAPIC-4, CPU-15

TEST_CASE_METHOD(TimerFixture, "what is being received at an INIT goes on: it is accepted in its time",
                 "[lapic][LAPIC-4][LAPIC-5][CPU-15]") {
    const bool x2apic = GENERATE(false, true);
    if (x2apic) {
        enter_x2apic();
    }
    receive(DeliveryMode::Fixed, 0x40);
    by(1_ns);
    receive(DeliveryMode::Nmi);
    lapic->init_reset();
    to(Instant{} + ACCEPT);
    CHECK((x2apic ? x2(lapic::IRR + 0x20) : get(lapic::IRR + 0x20)) == 1);
    CHECK(cpu.nmis.empty());
    to(Instant{} + ACCEPT + 1_ns);
    CHECK(cpu.nmis.size() == 1);
    CHECK(discarded.empty());
}

TEST_CASE_METHOD(TimerFixture, "INIT keeps IA32_APIC_BASE: the page where it was moved to",
                 "[lapic][LAPIC-4][CPU-15]") {
    REQUIRE(lapic->wrmsr(lapic::IA32_APIC_BASE, 0xfec8'0000 | BASE_EN));
    lapic->init_reset();
    CHECK(msr(lapic::IA32_APIC_BASE) == (0xfec8'0000 | BASE_EN));
    CHECK(lapic->page() == 0xfec8'0000);
}
