// SPDX-License-Identifier: Apache-2.0
// The pins: LINT0 as a level, with its remote IRR, and what each pin may be. SDM volume 3A, 10.5.1; LAPIC-2, LAPIC-19,
// LAPIC-41.
#include <algorithm>

#include "tests/models/lapic/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;
using lapic::DiscardReason;

namespace {

struct LintFixture : LapicFixture {
    LintFixture() { enable(); }
    bool remote_irr() { return (get(lapic::LVT_LINT0) & REMOTE_IRR) != 0; }
    auto refused() const { return std::count(discarded.begin(), discarded.end(), DiscardReason::IllegalVector); }
    /// The pin is active, and its interrupt is accepted.
    void level(unsigned vector) {
        put(lapic::LVT_LINT0, LEVEL | vector);
        lapic->lint0(true);
        by(ACCEPT);
    }
};

}  // namespace

// ---- LINT0 as a level

TEST_CASE_METHOD(LintFixture, "a masked level of LINT0 sends nothing, and once unmasked it does", "[lapic][2.8]") {
    level(MASKED | 0x40);
    CHECK_FALSE(in_irr(0x40));
    CHECK_FALSE(remote_irr());
    put(lapic::LVT_LINT0, LEVEL | 0x40);
    by(ACCEPT);
    CHECK(in_irr(0x40));
}

TEST_CASE_METHOD(LintFixture, "a write to the entry of LINT0 leaves its remote IRR, so the level is not sent again",
                 "[lapic][2.8]") {
    level(0x40);
    put(lapic::LVT_LINT0, LEVEL | 0x41);
    CHECK(remote_irr());
    by(ACCEPT);
    CHECK_FALSE(in_irr(0x41));
}

TEST_CASE_METHOD(LintFixture, "the EOI of another level leaves the remote IRR of LINT0", "[lapic][2.8][LAPIC-24]") {
    level(0x40);
    REQUIRE(acknowledge() == 0x40);
    accept(DeliveryMode::Fixed, 0x50, true);
    REQUIRE(acknowledge() == 0x50);
    put(lapic::EOI, 0);
    CHECK(remote_irr());
    by(ACCEPT);
    CHECK_FALSE(in_irr(0x40));
}

TEST_CASE_METHOD(LintFixture, "an EOI clears the remote IRR of LINT0 also where its broadcast is suppressed",
                 "[lapic][2.8][LAPIC-6]") {
    put(lapic::SVR, 1U << 12 | APIC_ENABLED);
    level(0x40);
    REQUIRE(acknowledge() == 0x40);
    lapic->lint0(false);
    put(lapic::EOI, 0);
    CHECK_FALSE(remote_irr());
    CHECK(bus.eois.empty());
}

// SDM vol. 3A, 10.5.1: the flag is set when the local APIC accepts the interrupt.
TEST_CASE_METHOD(LintFixture, "a level of LINT0 with an illegal vector is refused once, and leaves no remote IRR",
                 "[lapic][2.8][LAPIC-19]") {
    level(0x05);
    CHECK_FALSE(remote_irr());
    CHECK(refused() == 1);
    CHECK(errors() == 0x40);
    by(1_us);
    CHECK(errors() == 0);
    put(lapic::LVT_LINT0, LEVEL | 0x40);
    by(ACCEPT);
    CHECK(in_irr(0x40));
    CHECK(remote_irr());
}

TEST_CASE_METHOD(LintFixture, "a legal vector that is written while an illegal one is being refused is sent after it",
                 "[lapic][2.8][LAPIC-19]") {
    put(lapic::LVT_LINT0, LEVEL | 0x05);
    lapic->lint0(true);
    put(lapic::LVT_LINT0, LEVEL | 0x40);
    by(ACCEPT);
    CHECK(refused() == 1);
    by(ACCEPT);
    CHECK(in_irr(0x40));
}

// ---- what a pin may be

TEST_CASE_METHOD(LintFixture, "LINT0 as NMI is an edge: its trigger bit makes no level of it", "[lapic][LAPIC-41]") {
    put(lapic::LVT_LINT0, LEVEL | NMI_MODE);
    lapic->lint0(true);
    by(1_us);
    CHECK(cpu.nmis.size() == 1);
}

TEST_CASE_METHOD(LintFixture, "LINT1 as ExtINT passes its level on", "[lapic][2.8]") {
    put(lapic::LVT_LINT1, EXT_INT_MODE);
    lapic->lint1(true);
    CHECK(cpu.external);
    lapic->lint1(false);
    CHECK_FALSE(cpu.external);
}

TEST_CASE_METHOD(LintFixture, "an active LINT0 becomes INTR when the APIC is disabled globally", "[lapic][LAPIC-2]") {
    lapic->lint0(true);
    CHECK_FALSE(cpu.external);
    REQUIRE(set_base(0));
    CHECK(cpu.external);
    REQUIRE(set_base(BASE_EN));
    CHECK_FALSE(cpu.external);
}
