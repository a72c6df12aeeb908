// SPDX-License-Identifier: Apache-2.0
// What people get wrong about the local APIC: each case is a mistake that was made somewhere, and the right behaviour.
#include "tests/models/lapic/timer_fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using lapic::DiscardReason;

namespace {

constexpr std::uint32_t LOGICAL = 1U << 11;
constexpr std::uint32_t FIXED_41 = ASSERT | 0x41;

struct X2apicFixture : LapicFixture {
    X2apicFixture() {
        enable();
        enter_x2apic();
    }
    /// Those of `bits` with which, one at a time beside `value`, a write of the MSR does not fault.
    std::uint64_t accepted(std::uint32_t offset, std::uint64_t value, std::uint64_t bits) {
        std::uint64_t found = 0;
        for (; bits != 0; bits &= bits - 1) {
            const std::uint64_t one = bits & ~(bits - 1);
            found |= put_x2(offset, value | one) ? one : 0;
        }
        return found;
    }
};

}  // namespace

// ---- ids and destinations

TEST_CASE_METHOD(LapicFixture, "WI-21: without remapping no 8-bit message reaches an x2APIC whose id is above 255",
                 "[lapic][LAPIC-8][WI-21]") {
    const std::uint32_t id = GENERATE(0x100U, 0x112U, 0x1'00ffU);
    LapicProfile profile;
    profile.x2apic_takes_narrow_broadcast = false;
    make(profile, id);
    enter_x2apic();
    for (std::uint32_t destination = 0; destination < 256; ++destination) {
        CAPTURE(destination);
        CHECK_FALSE(lapic->matches(addressed_to(destination, false, false)));
    }
    CHECK(lapic->matches(addressed_to(id, false, true)));  // what a remapped message carries
}

TEST_CASE("WI-34: a software-disabled APIC keeps its place in the logical map, for NMIs alone",
          "[lapic][LAPIC-5][LAPIC-7][WI-34]") {
    LapicFixture f;
    f.put(lapic::LDR, 0x0200'0000);
    REQUIRE(f.get(lapic::SVR) == 0xff);  // software-disabled
    CHECK(f.lapic->matches(addressed_to(2, true, false)));
    CHECK_FALSE(f.lapic->matches(addressed_to(1, true, false)));
    f.accept(DeliveryMode::Nmi);
    CHECK(f.cpu.nmis.size() == 1);
    f.accept(DeliveryMode::Fixed, 0x40);
    CHECK(f.discarded == std::vector{DiscardReason::SoftwareDisabled});
    SECTION("and each mode of the same APIC has a map of its own") {
        f.enter_x2apic();  // id 12h: cluster 1, bit 2
        CHECK_FALSE(f.lapic->matches(addressed_to(2, true, false)));
        CHECK(f.lapic->matches(addressed_to(0x1'0004, true, true)));
    }
}

TEST_CASE("WI-37: the xAPIC id is the hardware's again when x2APIC mode is left", "[lapic][LAPIC-3][WI-37]") {
    LapicProfile profile;
    profile.xapic_id_writable = true;
    LapicFixture f{profile, 0x134};
    f.put(lapic::ID, 0x5500'0000);
    REQUIRE(f.lapic->matches(addressed_to(0x55, false, false)));
    f.enter_x2apic();
    REQUIRE(f.x2(lapic::ID) == 0x134);
    REQUIRE(f.set_base(0));
    REQUIRE(f.set_base(BASE_EN));
    CHECK(f.get(lapic::ID) == 0x3400'0000);  // its low 8 bits; neither the x2APIC's nor what software wrote before
    CHECK(f.lapic->matches(addressed_to(0x34, false, false)));
    CHECK_FALSE(f.lapic->matches(addressed_to(0x55, false, false)));
}

// ---- registers

TEST_CASE_METHOD(X2apicFixture, "WI-30: each reserved bit of the x2APIC's ICR faults, and nothing is sent",
                 "[lapic][2.4][WI-30]") {
    CHECK(accepted(lapic::ICR_LOW, 5ULL << 32 | FIXED_41, 0xfff3'3000) == 0);  // 12, 13, 16, 17 and 31:20
    CHECK(bus.sent.empty());
    CHECK(x2(lapic::ICR_LOW) == 0);
}

TEST_CASE_METHOD(X2apicFixture, "WI-30: the x2APIC's ICR never shows bit 12", "[lapic][2.4][WI-30]") {
    CHECK(put_x2(lapic::ICR_LOW, 5ULL << 32 | FIXED_41 | LOGICAL));
    CHECK(bus.sent.size() == 1);
    CHECK((x2(lapic::ICR_LOW) & 1U << 12) == 0);
}

TEST_CASE_METHOD(LapicFixture, "WI-30: the xAPIC's delivery status cannot be written", "[lapic][2.4][WI-30]") {
    put(lapic::ICR_LOW, FIXED_41 | 1U << 12);
    CHECK(bus.sent.size() == 1);
    by(1_us);
    CHECK(get(lapic::ICR_LOW) == FIXED_41);
}

TEST_CASE_METHOD(X2apicFixture, "WI-31: each reserved bit of SELF IPI faults, and nothing is delivered",
                 "[lapic][LAPIC-26][WI-31]") {
    CHECK(accepted(lapic::SELF_IPI, 0x41, ~0xffULL) == 0);
    by(1_us);
    CHECK_FALSE(cpu.requested);
}

TEST_CASE_METHOD(X2apicFixture, "WI-32: each of bits 63 to 32 of each 32-bit MSR faults and changes nothing",
                 "[lapic][2.1][WI-32]") {
    for (const std::uint32_t offset :
         {lapic::TPR, lapic::SVR, lapic::ESR, lapic::LVT_CMCI, lapic::LVT_TIMER, lapic::LVT_THERMAL, lapic::LVT_PMI,
          lapic::LVT_LINT0, lapic::LVT_LINT1, lapic::LVT_ERROR, lapic::INITIAL_COUNT, lapic::DIVIDE}) {
        CAPTURE(offset);
        const std::uint64_t before = x2(offset);
        CHECK(accepted(offset, before, ~0ULL << 32) == 0);
        CHECK(x2(offset) == before);
        CHECK(put_x2(offset, before));
    }
    CHECK(accepted(lapic::EOI, 0, ~0ULL << 32) == 0);
}

TEST_CASE_METHOD(X2apicFixture, "WI-36: DFR has no MSR: reading and writing 80Eh fault", "[lapic][2.1][WI-36]") {
    std::uint64_t value = 0;
    CHECK_FALSE(lapic->rdmsr(0x80e, value));
    CHECK_FALSE(lapic->wrmsr(0x80e, 0xffff'ffff));
}

// ---- acceptance

TEST_CASE_METHOD(LapicFixture, "WI-35: vectors of one IRR word that are accepted at one instant are all pending",
                 "[lapic][LAPIC-22][WI-35]") {
    enable();
    for (unsigned vector = 0x40; vector < 0x60; ++vector) {
        receive(DeliveryMode::Fixed, static_cast<std::uint8_t>(vector));
    }
    by(ACCEPT);
    CHECK(get(lapic::IRR + 0x20) == 0xffff'ffff);
}

TEST_CASE_METHOD(LapicFixture, "WI-35: a vector that comes at the instant of an acknowledgement is not lost by it",
                 "[lapic][LAPIC-22][WI-35]") {
    enable();
    accept(DeliveryMode::Fixed, 0x5f);
    accept(DeliveryMode::Fixed, 0x5e);
    REQUIRE(acknowledge() == 0x5f);
    receive(DeliveryMode::Fixed, 0x5f);
    receive(DeliveryMode::Fixed, 0x5e);
    put(lapic::EOI, 0);
    REQUIRE(acknowledge() == 0x5e);
    by(ACCEPT);
    CHECK(get(lapic::IRR + 0x20) == 3U << 30);
    CHECK(in_isr(0x5e));
}

// ---- timers and the PMI

TEST_CASE_METHOD(TimerFixture, "WI-38: a timer that is cancelled before its edge delivers nothing afterwards",
                 "[lapic][LAPIC-32][WI-38]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(edge(10) - Duration{1});
    const unsigned how = GENERATE(0U, 1U);
    if (how == 0) {
        put(lapic::INITIAL_COUNT, 0);
    } else {
        put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    }
    by(1_ms);
    CHECK(interrupts() == 0);
    put(lapic::LVT_TIMER, 0x40);
    by(1_ms);
    CHECK(interrupts() == 0);
    CHECK_FALSE(cpu.requested);
}

TEST_CASE_METHOD(TimerFixture, "WI-38: what is in the IRR when the timer is cancelled stays there",
                 "[lapic][LAPIC-32][WI-38]") {
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, 0x40);
    put(lapic::INITIAL_COUNT, 10);
    to(edge(10) + ACCEPT);
    REQUIRE(in_irr(0x40));
    put(lapic::INITIAL_COUNT, 0);
    put(lapic::LVT_TIMER, MASKED | 0x40);
    by(1_ms);
    CHECK(in_irr(0x40));
}

TEST_CASE_METHOD(LapicFixture, "WI-27: a counter's NMI that is on its way in comes although the counter is then off",
                 "[lapic][LAPIC-41][WI-27]") {
    enable();
    put(lapic::LVT_PMI, NMI_MODE);
    lapic->performance_counter_overflowed();
    put(lapic::LVT_PMI, MASKED | NMI_MODE);
    CHECK(cpu.nmis.empty());
    by(ACCEPT);
    CHECK(cpu.nmis.size() == 1);  // late, and nobody's: a handler must tolerate it
    lapic->performance_counter_overflowed();
    by(1_us);
    CHECK(cpu.nmis.size() == 1);
}

TEST_CASE_METHOD(TimerFixture, "WI-28: a deadline timer that is masked alone may fire; with a deadline of 0 it cannot",
                 "[lapic][LAPIC-37][fault][WI-28]") {
    watch();
    const bool disarms = GENERATE(false, true);
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x40);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 30'000);
    lapic->fire_after_mask(true);
    put(lapic::LVT_TIMER, MASKED | DEADLINE_MODE | 0x40);
    if (disarms) {
        lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 0);
    }
    to(Instant{} + 1_ms);
    CHECK(interrupts() == (disarms ? 0 : 1));
}

TEST_CASE_METHOD(TimerFixture, "WI-28: a count-down that is masked before it may fire all the same does fire",
                 "[lapic][LAPIC-37][fault][WI-28]") {
    watch();
    put(lapic::DIVIDE, DIVIDE_BY_1);
    put(lapic::LVT_TIMER, MASKED | 0x40);
    put(lapic::INITIAL_COUNT, 10);
    lapic->fire_after_mask(true);
    to(edge(10) + ACCEPT);
    CHECK(raised == std::vector{edge(10)});
}

TEST_CASE_METHOD(TimerFixture, "the fault of a timer that fires after its mask is the timers' alone",
                 "[lapic][LAPIC-37][fault]") {
    lapic->fire_after_mask(true);
    put(lapic::LVT_THERMAL, MASKED | 0x40);
    lapic->thermal_event();
    CHECK(discarded == std::vector{DiscardReason::Masked});
}
