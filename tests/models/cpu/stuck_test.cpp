// SPDX-License-Identifier: Apache-2.0
// A CPU that is stuck, and a handler on top of it that gets stuck as well.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

constexpr std::int64_t CYCLE = CpuFixture::CYCLE;
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
