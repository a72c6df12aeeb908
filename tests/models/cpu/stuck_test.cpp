// SPDX-License-Identifier: Apache-2.0
// A CPU that is stuck, and a handler on top of it that gets stuck as well.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

constexpr CpuNumber CPU0{0};

}  // namespace

TEST_CASE("a handler that is stuck for a while leaves a CPU that is stuck for ever as it was", "[progress]") {
    const StuckKind below = GENERATE(StuckKind::IrqOff, StuckKind::Spinning, StuckKind::Halted, StuckKind::InIrq);
    const StuckKind above = GENERATE(StuckKind::InSmm, StuckKind::Paused, StuckKind::Spinning);
    CAPTURE(static_cast<int>(below), static_cast<int>(above));
    CpuFixture f;
    bool goes_on = false;
    std::vector<std::int64_t> returned;
    f.program[0] = [&] {
        f.delay(2'000);
        f.work(1);
        goes_on = true;
    };
    f.nmi_handler = [&] {
        f.cpus->stick(CPU0, above, Duration{7'000 * CYCLE});
        f.work(1);
        returned.push_back(f.now());
    };
    f.at(1'000 * CYCLE, [&] { f.cpus->stick(CPU0, below, {}); });
    f.at(10'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(50'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.cpus->ended() == End::Time);
    CHECK_FALSE(goes_on);
    REQUIRE(returned.size() == 2);
    CHECK(returned[0] >= 17'000 * CYCLE);
    CHECK(returned[0] < 20'000 * CYCLE);
    CHECK(returned[1] - returned[0] == 40'000 * CYCLE);
    CHECK(f.cpu().stick.engaged);
    CHECK(f.cpu().stick.for_ever);
}

TEST_CASE("a CPU that INIT has freed is not stuck in its next life", "[CPU-15]") {
    CpuFixture f{2};
    unsigned told = 0;
    f.cpus->stuck_changed.subscribe([&](const StuckChanged&) { ++told; });
    f.program[0] = [&] { f.delay(100'000); };
    f.program[1] = [&] { f.delay(50'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpus->stick(CpuNumber{1}, StuckKind::Spinning, {}); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(4'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(5'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.run();
    CHECK(f.sipi_vectors.size() == 2);
    CHECK(told == 2);  // stuck, and free: the second INIT found nothing
    CHECK_FALSE(f.cpu(1).stick.engaged);
}

TEST_CASE("a CPU that is stuck in SMM takes an NMI when it leaves SMM", "[CPU-11]") {
    CpuFixture f;
    f.program[0] = [&] { f.delay(100'000); };
    f.at(1'000 * CYCLE, [&] { f.cpus->stick(CPU0, StuckKind::InSmm, Duration{20'000 * CYCLE}); });
    f.at(5'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{21'000 * CYCLE + CpuFixture::ENTRY * CYCLE});
}

TEST_CASE("a CPU that is stuck in SMM takes an INIT when it leaves SMM", "[CPU-11][CPU-15]") {
    CpuFixture f{2};
    std::vector<Initialized> told;
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.program[0] = [] {};
    f.program[1] = [&] { f.delay(50'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpus->stick(CpuNumber{1}, StuckKind::InSmm, Duration{8'000 * CYCLE}); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.run();
    REQUIRE(told.size() == 1);
    CHECK(told[0].at.fs == 10'000 * CYCLE);
}
