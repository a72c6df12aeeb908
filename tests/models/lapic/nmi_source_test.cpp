// SPDX-License-Identifier: Apache-2.0
// The vector field of what becomes an NMI, on its way to the CPU: CPU-27. The CPU decides what it means.
#include "tests/models/lapic/fixture.hpp"
#include "tests/models/lapic/timer_fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct SourceFixture : LapicFixture {
    SourceFixture() { enable(); }
    using Vectors = std::vector<unsigned>;
};

}  // namespace

TEST_CASE_METHOD(SourceFixture, "the vector field of an NMI message reaches the CPU, and is no illegal vector",
                 "[lapic][CPU-27]") {
    for (const unsigned vector : {0U, 8U, 15U, 16U, 255U}) {
        accept(DeliveryMode::Nmi, static_cast<std::uint8_t>(vector));
    }
    CHECK(cpu.nmi_vectors == Vectors{0, 8, 15, 16, 255});
    put(lapic::ESR, 0);
    CHECK(get(lapic::ESR) == 0);
}

TEST_CASE_METHOD(SourceFixture, "the vector field of the ICR goes with an NMI that is sent, to others and to self",
                 "[lapic][CPU-27]") {
    put(lapic::ICR_HIGH, 0x2100'0000);
    put(lapic::ICR_LOW, ASSERT | NMI_MODE | 4);
    REQUIRE(bus.sent.size() == 1);
    CHECK(bus.sent[0].message.vector == 4);
    put(lapic::ICR_LOW, ASSERT | SELF | NMI_MODE | 5);
    by(ACCEPT);
    CHECK(cpu.nmi_vectors == Vectors{5});
}

TEST_CASE_METHOD(SourceFixture, "the vector field of an LVT entry goes with its NMI", "[lapic][CPU-27]") {
    put(lapic::LVT_PMI, NMI_MODE | 7);
    lapic->performance_counter_overflowed();
    by(ACCEPT);
    put(lapic::LVT_LINT1, NMI_MODE | 2);
    lapic->lint1(true);
    by(ACCEPT);
    CHECK(cpu.nmi_vectors == Vectors{7, 2});
}

TEST_CASE_METHOD(SourceFixture, "LINT1 as the NMI pin of a disabled APIC has no source", "[lapic][CPU-27][LAPIC-2]") {
    put(lapic::LVT_LINT1, NMI_MODE | 2);
    REQUIRE(set_base(0));
    lapic->lint1(true);
    CHECK(cpu.nmi_vectors == Vectors{0});
}

TEST_CASE("counterfactual: the vector field of timer 2 goes with its NMI", "[lapic][CPU-27][LAPIC-39]") {
    LapicProfile profile;
    profile.dual_timer = {true, true, true};
    TimerFixture f{profile};
    f.put(lapic::DIVIDE, 0xb);
    f.put(lapic::LVT_TIMER, 2U << 17 | 0x40);
    f.put(lapic::LVT_TIMER2, NMI_MODE | 9);
    f.put(lapic::INITIAL_COUNT, 10);
    f.to(f.edge(10) + ACCEPT);
    CHECK(f.cpu.nmi_vectors == std::vector<unsigned>{9});
}
