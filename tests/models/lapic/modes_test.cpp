// SPDX-License-Identifier: Apache-2.0
// Modes, INIT and software disable: section 2.2, LAPIC-2 to LAPIC-6.
#include "tests/models/lapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using lapic::DiscardReason;
using Kind = regs::Diagnosis::Kind;

// ---- IA32_APIC_BASE

TEST_CASE_METHOD(LapicFixture, "WI-50: IA32_APIC_BASE: the legal transitions and #GP for the others",
                 "[lapic][2.2][LAPIC-3][WI-50]") {
    constexpr std::uint64_t DISABLED = 0;
    constexpr std::uint64_t XAPIC = BASE_EN;
    constexpr std::uint64_t X2APIC = BASE_EN | BASE_EXTD;
    constexpr std::uint64_t INVALID = BASE_EXTD;
    struct Row {
        std::uint64_t from, to;
        bool legal;
    };
    const Row row =
        GENERATE_COPY(Row{DISABLED, DISABLED, true}, Row{DISABLED, XAPIC, true}, Row{DISABLED, X2APIC, false},
                      Row{DISABLED, INVALID, false}, Row{XAPIC, DISABLED, true}, Row{XAPIC, XAPIC, true},
                      Row{XAPIC, X2APIC, true}, Row{XAPIC, INVALID, false}, Row{X2APIC, DISABLED, true},
                      Row{X2APIC, XAPIC, false}, Row{X2APIC, X2APIC, true}, Row{X2APIC, INVALID, false});
    REQUIRE(set_base(row.from));
    CHECK(set_base(row.to) == row.legal);
    CHECK((msr(lapic::IA32_APIC_BASE) & (BASE_EN | BASE_EXTD)) == (row.legal ? row.to : row.from));
}

TEST_CASE_METHOD(LapicFixture, "IA32_APIC_BASE: reserved bits fault, the page moves, BSP is the hardware's",
                 "[lapic][2.2]") {
    CHECK(msr(lapic::IA32_APIC_BASE) == (0xfee0'0000 | BASE_EN));
    CHECK_FALSE(lapic->wrmsr(lapic::IA32_APIC_BASE, 0xfee0'0000 | BASE_EN | 1));
    CHECK_FALSE(lapic->wrmsr(lapic::IA32_APIC_BASE, 1ULL << 46 | BASE_EN));
    CHECK(lapic->wrmsr(lapic::IA32_APIC_BASE, 1ULL << 45 | BASE_EN | 1U << 8));
    CHECK(lapic->page() == 1ULL << 45);
    CHECK(msr(lapic::IA32_APIC_BASE) == (1ULL << 45 | BASE_EN));
}

TEST_CASE_METHOD(LapicFixture, "without x2APIC in CPUID its mode cannot be entered", "[lapic][2.2]") {
    LapicProfile profile;
    profile.x2apic = false;
    make(profile);
    CHECK_FALSE(set_base(BASE_EN | BASE_EXTD));
}

TEST_CASE_METHOD(LapicFixture,
                 "WI-39: globally disabled it takes no message and no deadline, and comes back as at power-up",
                 "[lapic][LAPIC-2][WI-39]") {
    enable();
    put(lapic::LVT_LINT1, NMI_MODE);
    accept(DeliveryMode::Fixed, 0x40);
    CHECK(cpu.requested);
    REQUIRE(set_base(0));
    CHECK(lapic->mode() == lapic::Mode::Disabled);
    CHECK_FALSE(cpu.requested);
    for (const DeliveryMode mode : {DeliveryMode::Nmi, DeliveryMode::Fixed, DeliveryMode::Init, DeliveryMode::Sipi}) {
        CHECK_FALSE(lapic->matches(addressed_to(0x12, false, false)));
        accept(mode, 0x41);
    }
    CHECK(cpu.nmis.empty());
    CHECK(cpu.inits.empty());
    CHECK(discarded.size() == 4);
    CHECK(lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 1));
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == 0);
    REQUIRE(set_base(BASE_EN));
    CHECK(get(lapic::SVR) == 0xff);
    CHECK(get(lapic::LVT_LINT1) == MASKED);
    CHECK_FALSE(in_irr(0x40));
}

TEST_CASE_METHOD(LapicFixture, "globally disabled, LINT0 is INTR and LINT1 is NMI; CR8 lives on", "[lapic][LAPIC-2]") {
    REQUIRE(set_base(0));
    lapic->lint0(true);
    CHECK(cpu.external);
    lapic->lint0(false);
    CHECK_FALSE(cpu.external);
    lapic->lint1(true, Token{77, Source::Serr});
    lapic->lint1(true, Token{78, Source::Serr});
    REQUIRE(cpu.nmis.size() == 1);
    CHECK(cpu.nmis[0].tokens == std::vector{77U});
    lapic->lint1(false);
    CHECK(cpu.nmis.size() == 1);  // the rise is the NMI, the fall is none
    lapic->set_cr8(5);
    REQUIRE(set_base(BASE_EN));
    CHECK(get(lapic::TPR) == 0x50);
}

TEST_CASE_METHOD(LapicFixture, "a message on its way into an APIC that is then disabled is lost", "[lapic][LAPIC-2]") {
    enable();
    receive(DeliveryMode::Nmi);
    REQUIRE(set_base(0));
    by(1_us);
    CHECK(cpu.nmis.empty());
    CHECK(discarded == std::vector{DiscardReason::GloballyDisabled});
}

TEST_CASE_METHOD(LapicFixture, "xAPIC to x2APIC keeps the state but for ID, LDR and the ICR's destination",
                 "[lapic][LAPIC-3]") {
    LapicProfile profile;
    profile.xapic_id_writable = true;
    make(profile, 0x123);
    CHECK(get(lapic::ID) == 0x2300'0000);
    put(lapic::ID, 0x7700'0000);
    CHECK(bus.identity == std::pair{0x77U, false});
    enable();
    put(lapic::LDR, 0x0400'0000);
    put(lapic::TPR, 0x30);
    put(lapic::LVT_PMI, NMI_MODE);
    put(lapic::ICR_HIGH, 0x0500'0000);
    put(lapic::ICR_LOW, 0x4441);
    accept(DeliveryMode::Fixed, 0x40);
    enter_x2apic();
    CHECK(x2(lapic::ID) == 0x123);
    CHECK(x2(lapic::LDR) == (0x12U << 16 | 1U << 3));
    CHECK(bus.identity == std::pair{0x123U, true});
    CHECK(x2(lapic::ICR_LOW) == 0x4441);
    CHECK(x2(lapic::TPR) == 0x30);
    CHECK(x2(lapic::SVR) == APIC_ENABLED);
    CHECK(x2(lapic::LVT_PMI) == NMI_MODE);
    CHECK(x2(lapic::IRR + 0x20) == 1);
    SECTION("and the xAPIC id is derived again when x2APIC mode is left") {
        REQUIRE(set_base(0));
        REQUIRE(set_base(BASE_EN));
        CHECK(get(lapic::ID) == 0x2300'0000);
        CHECK(bus.identity == std::pair{0x23U, false});
    }
}

TEST_CASE_METHOD(LapicFixture, "an xAPIC's ID is read-only by default", "[lapic][2.1]") {
    put(lapic::ID, 0x7700'0000);
    CHECK(get(lapic::ID) == 0x1200'0000);
    CHECK(diagnosed == std::vector{Kind::Misuse});
}

TEST_CASE_METHOD(LapicFixture, "INIT resets the registers but not the id nor the mode", "[lapic][LAPIC-4]") {
    enable();
    put(lapic::TPR, 0x30);
    put(lapic::LVT_LINT1, NMI_MODE);
    SECTION("xAPIC") {
        put(lapic::LDR, 0x0200'0000);
        put(lapic::DFR, 0);
        lapic->init_reset();
        CHECK(get(lapic::SVR) == 0xff);
        CHECK(get(lapic::TPR) == 0);
        CHECK(get(lapic::LDR) == 0);
        CHECK(get(lapic::DFR) == 0xffff'ffff);
        CHECK(get(lapic::LVT_LINT1) == MASKED);
        CHECK(get(lapic::ID) == 0x1200'0000);
    }
    SECTION("an x2APIC stays one, with its ID and LDR") {
        enter_x2apic();
        lapic->init_reset();
        CHECK(lapic->mode() == lapic::Mode::X2apic);
        CHECK(x2(lapic::ID) == 0x12);
        CHECK(x2(lapic::LDR) == (1U << 16 | 1U << 2));
        CHECK(x2(lapic::SVR) == 0xff);
        CHECK(x2(lapic::LVT_LINT1) == MASKED);
    }
}

TEST_CASE_METHOD(LapicFixture, "INIT withdraws the interrupt request and stops the timer", "[lapic][LAPIC-4]") {
    enable();
    accept(DeliveryMode::Fixed, 0x40);
    put(lapic::LVT_TIMER, 0x50);
    put(lapic::INITIAL_COUNT, 1000);
    lapic->init_reset();
    CHECK_FALSE(cpu.requested);
    CHECK(get(lapic::CURRENT_COUNT) == 0);
}

TEST_CASE_METHOD(LapicFixture, "dump after reset equals dump when new", "[lapic][reset]") {
    const std::string fresh = lapic->dump();
    enable();
    enter_x2apic();
    put_x2(lapic::LVT_TIMER, DEADLINE_MODE | 0x50);
    lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 1'000'000);
    receive(DeliveryMode::Fixed, 0x40);
    receive(DeliveryMode::Nmi);
    CHECK(lapic->dump() != fresh);
    lapic->reset_enter();
    lapic->reset_hold();
    lapic->reset_exit();
    CHECK(lapic->dump() == fresh);
    to(Instant{} + 1_ms);
    CHECK(cpu.nmis.empty());
    CHECK(cpu.requests.empty());
    CHECK(bus.identity == std::pair{0x12U, false});
}

// ---- software disable

TEST_CASE_METHOD(LapicFixture, "WI-40: software-disabled: LVT masks are forced to 1 and stay",
                 "[lapic][LAPIC-5][WI-40]") {
    put(lapic::LVT_TIMER, 0x40);
    CHECK(get(lapic::LVT_TIMER) == (MASKED | 0x40));
    enable();
    CHECK(get(lapic::LVT_TIMER) == (MASKED | 0x40));
    put(lapic::LVT_TIMER, 0x40);
    CHECK(get(lapic::LVT_TIMER) == 0x40);
    put(lapic::SVR, 0xff);
    CHECK(get(lapic::LVT_TIMER) == (MASKED | 0x40));
}

TEST_CASE_METHOD(LapicFixture,
                 "WI-40: software-disabled: NMI, SMI, INIT and SIPI come, fixed and lowest priority do not",
                 "[lapic][LAPIC-5][WI-40]") {
    accept(DeliveryMode::Nmi);
    accept(DeliveryMode::Smi);
    accept(DeliveryMode::Init);
    accept(DeliveryMode::Sipi, 0x9f);
    CHECK(cpu.nmis.size() == 1);
    CHECK(cpu.smis.size() == 1);
    CHECK(cpu.inits.size() == 1);
    CHECK(cpu.sipis.size() == 1);
    CHECK(cpu.sipi_vector == 0x9f);
    CHECK(discarded.empty());
    accept(DeliveryMode::Fixed, 0x40);
    accept(DeliveryMode::LowestPriority, 0x41);
    CHECK(discarded == std::vector{DiscardReason::SoftwareDisabled, DiscardReason::SoftwareDisabled});
    CHECK_FALSE(in_irr(0x40));
}

TEST_CASE_METHOD(LapicFixture, "software-disabled: what was being received completes, IRR and ISR are kept",
                 "[lapic][LAPIC-5]") {
    enable();
    accept(DeliveryMode::Fixed, 0x40);
    CHECK(acknowledge() == 0x40);
    receive(DeliveryMode::Fixed, 0x50);
    put(lapic::SVR, 0xff);
    by(ACCEPT);
    CHECK(in_irr(0x50));
    CHECK(in_isr(0x40));
    CHECK(cpu.requested);
}

TEST_CASE_METHOD(LapicFixture, "software-disabled: an ExtINT message is not accepted", "[lapic][LAPIC-5]") {
    accept(DeliveryMode::ExtInt);
    CHECK(discarded == std::vector{DiscardReason::SoftwareDisabled});
}

TEST_CASE_METHOD(LapicFixture, "software-disabled: IPIs can be sent", "[lapic][LAPIC-5]") {
    put(lapic::ICR_LOW, 0x4000 | NMI_MODE);
    CHECK(bus.sent.size() == 1);
}

TEST_CASE_METHOD(LapicFixture,
                 "WI-64: software-disabled: the NMI is handled, wakes only, or is dropped, as the knob says",
                 "[lapic][LAPIC-5][WI-64]") {
    LapicProfile profile;
    profile.nmi_when_soft_disabled =
        GENERATE(NmiWhenSoftDisabled::Handle, NmiWhenSoftDisabled::WakeOnly, NmiWhenSoftDisabled::Drop);
    make(profile);
    accept(DeliveryMode::Nmi);
    CHECK(cpu.nmis.size() == (profile.nmi_when_soft_disabled == NmiWhenSoftDisabled::Handle ? 1 : 0));
    CHECK(cpu.wakes.size() == (profile.nmi_when_soft_disabled == NmiWhenSoftDisabled::WakeOnly ? 1 : 0));
    CHECK(discarded.size() == (profile.nmi_when_soft_disabled == NmiWhenSoftDisabled::Handle ? 0 : 1));
    CHECK(hops.size() == (profile.nmi_when_soft_disabled == NmiWhenSoftDisabled::Handle ? 1 : 0));
    enable();
    accept(DeliveryMode::Nmi);
    CHECK(cpu.nmis.size() == (profile.nmi_when_soft_disabled == NmiWhenSoftDisabled::Handle ? 2 : 1));
}

TEST_CASE_METHOD(LapicFixture, "WI-50: EOI broadcasts can be suppressed only where the version says so",
                 "[lapic][LAPIC-6][WI-50]") {
    put(lapic::SVR, APIC_ENABLED | 1U << 12);
    CHECK(get(lapic::SVR) == (APIC_ENABLED | 1U << 12));
    LapicProfile profile;
    profile.version = 0x0006'0015;
    make(profile);
    put(lapic::SVR, APIC_ENABLED | 1U << 12);
    CHECK(get(lapic::SVR) == APIC_ENABLED);
    enter_x2apic();
    CHECK_FALSE(put_x2(lapic::SVR, APIC_ENABLED | 1U << 12));
}
