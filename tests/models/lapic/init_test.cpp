// SPDX-License-Identifier: Apache-2.0
// What an INIT takes back, register by register and line by line: LAPIC-4.
#include "tests/models/lapic/timer_fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

/// An 8259 that always has the same vector.
struct ExternalVector final : InterruptAcknowledge {
    std::uint8_t acknowledge_external(TokenSet& /*tokens*/) override { return 0x33; }
};

}  // namespace

TEST_CASE_METHOD(TimerFixture, "INIT masks LINT0, so that an 8259's request is not passed on", "[lapic][LAPIC-4]") {
    put(lapic::LVT_LINT0, EXT_INT_MODE);
    lapic->lint0(true);
    REQUIRE(cpu.external);
    lapic->init_reset();
    CHECK_FALSE(cpu.external);
}

TEST_CASE_METHOD(TimerFixture, "an ExtINT message that waits at an INIT is forgotten", "[lapic][LAPIC-4]") {
    ExternalVector external;
    lapic->connect(external);
    accept(DeliveryMode::ExtInt);
    REQUIRE(cpu.requested);
    lapic->init_reset();
    CHECK_FALSE(cpu.requested);
}

TEST_CASE_METHOD(TimerFixture, "behind an INIT the timer counts one in two edges", "[lapic][LAPIC-4]") {
    put(lapic::DIVIDE, DIVIDE_BY_1);
    lapic->init_reset();
    CHECK(get(lapic::DIVIDE) == 0);
    put(lapic::INITIAL_COUNT, 1000);
    to(after_edge(240));
    CHECK(count() == 880);
}

TEST_CASE_METHOD(TimerFixture, "behind an INIT the timer is one-shot", "[lapic][LAPIC-4]") {
    put(lapic::LVT_TIMER, PERIODIC | 0x50);
    lapic->init_reset();
    put(lapic::INITIAL_COUNT, 50);
    to(after_edge(120));
    CHECK(count() == 0);
}

TEST_CASE_METHOD(TimerFixture, "INIT disarms a deadline", "[lapic][LAPIC-4]") {
    put(lapic::LVT_TIMER, DEADLINE_MODE | 0x50);
    REQUIRE(lapic->wrmsr(lapic::IA32_TSC_DEADLINE, 1'000'000'000));
    lapic->init_reset();
    CHECK(msr(lapic::IA32_TSC_DEADLINE) == 0);
}

TEST_CASE_METHOD(TimerFixture, "INIT clears the errors, those that ESR shows and those that collect",
                 "[lapic][LAPIC-4]") {
    accept(DeliveryMode::Fixed, 3);
    REQUIRE(errors() != 0);
    accept(DeliveryMode::Fixed, 3);
    lapic->init_reset();
    CHECK(get(lapic::ESR) == 0);
    CHECK(errors() == 0);
}

TEST_CASE("INIT keeps an xAPIC id that software wrote", "[lapic][LAPIC-4][xapic_id_writable]") {
    LapicProfile profile;
    profile.xapic_id_writable = true;
    LapicFixture f{profile};
    f.put(lapic::ID, 0x7700'0000);
    f.lapic->init_reset();
    CHECK(f.get(lapic::ID) == 0x7700'0000);
    CHECK(f.lapic->matches(addressed_to(0x77, false, false)));
}
