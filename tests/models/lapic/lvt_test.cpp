// SPDX-License-Identifier: Apache-2.0
// Errors, the local vector table and its pins, and what may still come: sections 2.6 and 2.8; LAPIC-27, LAPIC-28,
// LAPIC-41.
#include "tests/models/lapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using lapic::DiscardReason;

// ---- errors

TEST_CASE_METHOD(EnabledFixture,
                 "WI-41: ESR shows what was accumulated up to the last write to it; reading clears nothing",
                 "[lapic][LAPIC-27][WI-41]") {
    accept(DeliveryMode::Fixed, 3);
    CHECK(get(lapic::ESR) == 0);
    put(lapic::ESR, 0xffff'ffff);
    CHECK(get(lapic::ESR) == 0x40);
    CHECK(get(lapic::ESR) == 0x40);
    accept(DeliveryMode::Fixed, 4);
    CHECK(get(lapic::ESR) == 0x40);
    put(lapic::ESR, 0);
    CHECK(get(lapic::ESR) == 0x40);
    put(lapic::ESR, 0);
    CHECK(get(lapic::ESR) == 0);
}

TEST_CASE_METHOD(EnabledFixture, "the error entry is raised once from zero on and armed again by a write to ESR",
                 "[lapic][LAPIC-28]") {
    put(lapic::LVT_ERROR, 0xfe);
    accept(DeliveryMode::Fixed, 3);
    by(ACCEPT);
    CHECK(acknowledge() == 0xfe);
    put(lapic::EOI, 0);
    accept(DeliveryMode::Fixed, 3);
    by(ACCEPT);
    CHECK_FALSE(cpu.requested);
    put(lapic::ESR, 0);
    accept(DeliveryMode::Fixed, 3);
    by(ACCEPT);
    CHECK(cpu.requested);
}

TEST_CASE_METHOD(EnabledFixture, "an error of another kind, too, raises the error entry only from zero on",
                 "[lapic][LAPIC-28]") {
    put(lapic::LVT_ERROR, 0x60);
    accept(DeliveryMode::Fixed, 3);
    by(ACCEPT);
    REQUIRE(acknowledge() == 0x60);
    put(lapic::EOI, 0);
    get(0x040);
    by(ACCEPT);
    CHECK_FALSE(cpu.requested);
    CHECK(errors() == 0xc0);
}

TEST_CASE_METHOD(EnabledFixture, "a masked error entry still accumulates", "[lapic][LAPIC-28]") {
    accept(DeliveryMode::Fixed, 3);
    by(ACCEPT);
    CHECK_FALSE(cpu.requested);
    CHECK(errors() == 0x40);
}

TEST_CASE_METHOD(EnabledFixture, "a reserved offset sets ESR bit 7; SELF IPI is one in xAPIC mode", "[lapic][2.6]") {
    CHECK(get(0x040) == 0);
    CHECK(errors() == 0x80);
    put(lapic::SELF_IPI, 0x40);
    CHECK(errors() == 0x80);
    put(0xff0, 1);
    CHECK(errors() == 0x80);
    put(lapic::LVT_TIMER2, 1);
    CHECK(errors() == 0x80);
    put(lapic::TPR, 0);
    CHECK(errors() == 0);
}

// ---- local events and pins

TEST_CASE_METHOD(EnabledFixture, "LINT1 as NMI is an edge: a level that stays gives one NMI", "[lapic][LAPIC-41]") {
    put(lapic::LVT_LINT1, NMI_MODE | 1U << 15);  // level is not for LINT1: ignored
    lapic->lint1(true);
    lapic->lint1(true);
    by(1_us);
    REQUIRE(cpu.nmis.size() == 1);
    CHECK(cpu.nmis[0].at == Instant{} + ACCEPT);
    lapic->lint1(false);
    lapic->lint1(true, Token{500, Source::Iochk});
    by(1_us);
    REQUIRE(cpu.nmis.size() == 2);
    CHECK(cpu.nmis[1].tokens == std::vector{500U});
}

TEST_CASE_METHOD(EnabledFixture, "LINT1 as NMI: the edge to inactive is none, of either polarity",
                 "[lapic][LAPIC-2][LAPIC-41]") {
    const bool active_low = GENERATE(false, true);
    lapic->lint1(active_low);  // inactive
    put(lapic::LVT_LINT1, NMI_MODE | (active_low ? 1U << 13 : 0));
    by(1_us);
    CHECK(cpu.nmis.empty());
    lapic->lint1(!active_low);
    by(1_us);
    CHECK(cpu.nmis.size() == 1);
    lapic->lint1(active_low);
    by(1_us);
    CHECK(cpu.nmis.size() == 1);
}

TEST_CASE_METHOD(EnabledFixture, "LINT1 in fixed mode is an edge as well: its trigger bit makes no level of it",
                 "[lapic][2.1][LAPIC-41]") {
    put(lapic::LVT_LINT1, 1U << 15 | 0x40);
    lapic->lint1(true);
    by(ACCEPT);
    CHECK(in_irr(0x40));
    CHECK_FALSE(in_tmr(0x40));
    CHECK(get(lapic::LVT_LINT1) == (1U << 15 | 0x40));  // no remote IRR
    CHECK(acknowledge() == 0x40);
    put(lapic::EOI, 0);
    by(1_us);
    CHECK_FALSE(in_irr(0x40));  // the pin is active still
    CHECK(bus.eois.empty());
}

TEST_CASE_METHOD(EnabledFixture, "an NMI of the APIC's own has all hops", "[lapic][hops]") {
    put(lapic::LVT_PMI, NMI_MODE);
    lapic->performance_counter_overflowed();
    by(1_us);
    REQUIRE(hops.size() == 3);
    CHECK(hops[0].hop == Hop::Matched);
    CHECK(hops[1].hop == Hop::Posted);
    CHECK(hops[2].hop == Hop::Accepted);
    CHECK(hops[2].at - hops[1].at == ACCEPT);
    CHECK(hops[0].token.source == Source::Perf);
}

TEST_CASE_METHOD(EnabledFixture, "the PMI entry masks itself on delivery", "[lapic][LAPIC-41]") {
    put(lapic::LVT_PMI, NMI_MODE);
    lapic->performance_counter_overflowed();
    CHECK(get(lapic::LVT_PMI) == (MASKED | NMI_MODE | DELIVERY_STATUS));
    lapic->performance_counter_overflowed();
    by(1_us);
    CHECK(cpu.nmis.size() == 1);
    CHECK(discarded == std::vector{DiscardReason::Masked});
    put(lapic::LVT_PMI, NMI_MODE);
    lapic->performance_counter_overflowed();
    by(1_us);
    CHECK(cpu.nmis.size() == 2);
}

TEST_CASE_METHOD(LapicFixture, "the PMI entry of older AMD parts does not mask itself", "[lapic][LAPIC-41]") {
    LapicProfile profile;
    profile.pmi_masks_itself = false;
    make(profile);
    enable();
    put(lapic::LVT_PMI, NMI_MODE);
    lapic->performance_counter_overflowed();
    CHECK(get(lapic::LVT_PMI) == (NMI_MODE | DELIVERY_STATUS));
}

TEST_CASE_METHOD(EnabledFixture, "the PMI entry masks itself also where it sends a vector", "[lapic][LAPIC-41]") {
    put(lapic::LVT_PMI, 0x40);
    lapic->performance_counter_overflowed();
    by(ACCEPT);
    CHECK(in_irr(0x40));
    CHECK((get(lapic::LVT_PMI) & MASKED) != 0);
}

TEST_CASE_METHOD(EnabledFixture, "no other entry masks itself", "[lapic][LAPIC-41]") {
    put(lapic::LVT_CMCI, 0x40);
    put(lapic::LVT_THERMAL, 0x41);
    lapic->corrected_machine_check();
    lapic->thermal_event();
    by(ACCEPT);
    CHECK(get(lapic::LVT_CMCI) == 0x40);
    CHECK(get(lapic::LVT_THERMAL) == 0x41);
}

TEST_CASE_METHOD(EnabledFixture, "delivery modes of the LVT: which entry may send what", "[lapic][2.1]") {
    struct Row {
        std::uint32_t mode;
        bool thermal;  // CMCI and PMI are the same
        bool lint;
    };
    const Row row = GENERATE(Row{0, true, true}, Row{2, true, true}, Row{4, true, true}, Row{5, false, true},
                             Row{1, false, false}, Row{3, false, false}, Row{6, false, false});
    const auto delivered = [&] {
        by(1_us);
        const bool any = !cpu.nmis.empty() || !cpu.smis.empty() || !cpu.inits.empty() || cpu.requested;
        const bool refused = !discarded.empty();
        CHECK(any != refused);
        cpu.nmis.clear();
        cpu.smis.clear();
        cpu.inits.clear();
        discarded.clear();
        if (cpu.requested) {
            acknowledge();
            put(lapic::EOI, 0);
        }
        return any;
    };
    CAPTURE(row.mode);
    put(lapic::LVT_THERMAL, row.mode << 8 | 0x40);
    put(lapic::LVT_CMCI, row.mode << 8 | 0x40);
    put(lapic::LVT_PMI, row.mode << 8 | 0x40);
    put(lapic::LVT_LINT1, row.mode << 8 | 0x40);
    lapic->thermal_event();
    CHECK(delivered() == row.thermal);
    lapic->corrected_machine_check();
    CHECK(delivered() == row.thermal);
    lapic->performance_counter_overflowed();
    CHECK(delivered() == row.thermal);
    lapic->lint1(true);
    CHECK(delivered() == row.lint);
}

TEST_CASE_METHOD(EnabledFixture, "LINT0: ExtINT passes the level while it is unmasked, polarity inverts it",
                 "[lapic][2.8]") {
    put(lapic::LVT_LINT0, EXT_INT_MODE);
    lapic->lint0(true);
    CHECK(cpu.external);
    put(lapic::LVT_LINT0, MASKED | EXT_INT_MODE);
    CHECK_FALSE(cpu.external);
    put(lapic::LVT_LINT0, EXT_INT_MODE | 1U << 13);
    CHECK_FALSE(cpu.external);
    lapic->lint0(false);
    CHECK(cpu.external);
    put(lapic::SVR, 0xff);
    CHECK_FALSE(cpu.external);
}

TEST_CASE_METHOD(EnabledFixture, "LINT0 level-triggered: remote IRR until EOI, and again while the pin stays active",
                 "[lapic][2.8]") {
    put(lapic::LVT_LINT0, 1U << 15 | 0x40);
    lapic->lint0(true);
    by(ACCEPT);
    CHECK((get(lapic::LVT_LINT0) & REMOTE_IRR) != 0);
    CHECK(in_tmr(0x40));
    acknowledge();
    CHECK_FALSE(in_irr(0x40));
    put(lapic::EOI, 0);
    by(ACCEPT);
    CHECK(in_irr(0x40));
    acknowledge();
    lapic->lint0(false);
    put(lapic::EOI, 0);
    by(ACCEPT);
    CHECK_FALSE(in_irr(0x40));
    CHECK((get(lapic::LVT_LINT0) & REMOTE_IRR) == 0);
}

// SDM vol. 3A, 10.5.1, 10.5.5: "send pending" until the interrupt is accepted, which is when it is logged in IRR.
TEST_CASE_METHOD(EnabledFixture, "the delivery status of an LVT entry reads 1 until its interrupt is in IRR",
                 "[lapic][2.1]") {
    put(lapic::LVT_THERMAL, 0x40 | DELIVERY_STATUS);
    put(lapic::LVT_PMI, 0x41);
    CHECK(get(lapic::LVT_THERMAL) == 0x40);
    lapic->thermal_event();
    CHECK(get(lapic::LVT_THERMAL) == (0x40 | DELIVERY_STATUS));
    CHECK(get(lapic::LVT_PMI) == 0x41);
    by(ACCEPT - 1_fs);
    CHECK(get(lapic::LVT_THERMAL) == (0x40 | DELIVERY_STATUS));
    CHECK_FALSE(in_irr(0x40));
    by(1_fs);
    CHECK(get(lapic::LVT_THERMAL) == 0x40);
    CHECK(in_irr(0x40));
}

TEST_CASE_METHOD(EnabledFixture, "the delivery status of an NMI entry reads 1 until the CPU has latched the NMI",
                 "[lapic][2.1]") {
    put(lapic::LVT_LINT1, NMI_MODE);
    lapic->lint1(true);
    CHECK(get(lapic::LVT_LINT1) == (NMI_MODE | DELIVERY_STATUS));
    CHECK(cpu.nmis.empty());
    by(ACCEPT);
    CHECK(get(lapic::LVT_LINT1) == NMI_MODE);
    CHECK(cpu.nmis.size() == 1);
}

TEST_CASE_METHOD(EnabledFixture, "a level that LINT0 sends is pending like an edge", "[lapic][2.1]") {
    put(lapic::LVT_LINT0, LEVEL | 0x40);
    lapic->lint0(true);
    CHECK(get(lapic::LVT_LINT0) == (LEVEL | REMOTE_IRR | DELIVERY_STATUS | 0x40));
    by(ACCEPT);
    CHECK(get(lapic::LVT_LINT0) == (LEVEL | REMOTE_IRR | 0x40));
}

TEST_CASE_METHOD(EnabledFixture, "an x2APIC tells the delivery status of its LVT entries, and of no message",
                 "[lapic][2.1]") {
    enter_x2apic();
    REQUIRE(put_x2(lapic::LVT_THERMAL, 0x40));
    receive(DeliveryMode::Fixed, 0x40);
    CHECK(x2(lapic::LVT_THERMAL) == 0x40);
    lapic->thermal_event();
    CHECK(x2(lapic::LVT_THERMAL) == (0x40 | DELIVERY_STATUS));
}

TEST_CASE("the second timer's entry has no delivery status: bit 12 is reserved there", "[lapic][LAPIC-38]") {
    LapicProfile profile;
    profile.dual_timer.independent_count = true;
    LapicFixture f{profile};
    f.enable();
    f.put(lapic::LVT_TIMER, DEADLINE_MODE | MASKED);
    f.put(lapic::LVT_TIMER2, 0x40);
    f.put(lapic::DIVIDE, DIVIDE_BY_1);
    f.put(lapic::INITIAL_COUNT, 1);
    for (int n = 0; n < 200 && !f.in_irr(0x40); ++n) {
        f.by(1_ns);
        CHECK(f.get(lapic::LVT_TIMER2) == 0x40);
    }
    CHECK(f.in_irr(0x40));
}

TEST_CASE_METHOD(EnabledFixture, "a masked entry sends nothing, so nothing is pending", "[lapic][2.1]") {
    put(lapic::LVT_THERMAL, MASKED | 0x40);
    lapic->thermal_event();
    CHECK(get(lapic::LVT_THERMAL) == (MASKED | 0x40));
}
