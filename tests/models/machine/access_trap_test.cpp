// SPDX-License-Identifier: Apache-2.0
// An HPET that firmware gates: each access of a CPU is an SMI.
#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct Trapped : MachineFixture {
    explicit Trapped(Duration residency) : MachineFixture{"desktop-2018", 1} {
        wanted.hpet_access_smi = residency;
        make().cpus.context_changed.subscribe([this](const cpu::ContextChanged& changed) {
            smis += changed.context == cpu::Context::Smm && changed.entered ? 1 : 0;
        });
    }
    /// How long CPU 0 takes for it.
    Duration length(const std::function<void()>& of) {
        const Instant before = now(0);
        of();
        return now(0) - before;
    }
    unsigned smis = 0;
};

}  // namespace

TEST_CASE("an access to a trapped HPET is one SMI of its CPU, taken behind the instruction", "[machine][races-8.2]") {
    const Duration residency = GENERATE(Duration{}, Duration{FS_PER_S / 1000});
    Trapped f{residency};
    f.programs[0] = [&] {
        const bool traps = residency.fs != 0;
        std::uint64_t period = 0;
        const Duration read = f.length([&] { period = f.read(0, Machine::HPET_BASE + 4); });
        CHECK(period == static_cast<std::uint64_t>(f.wanted.hpet.period.fs));  // the access itself is made as it is
        CHECK(f.smis == (traps ? 1 : 0));
        CHECK((read >= 1_ms) == traps);
        const Duration write = f.length([&] {
            f.hpet(0x10, Trapped::ENABLE);
            f.spend(0, 1_us);
        });
        CHECK(f.smis == (traps ? 2 : 0));
        CHECK((write >= 1_ms) == traps);
    };
    f.run(Instant{} + 10_ms);
    CHECK(f.machine().hpet.main_counter() > 0);
}

TEST_CASE("an access to another device is no SMI of a trapped HPET", "[machine][races-8.2]") {
    Trapped f{Duration{FS_PER_S / 1000}};
    f.programs[0] = [&] {
        f.read(0, Machine::IOAPIC_BASE);
        f.read(0, Machine::HPET_BASE + f.machine().hpet.window());
    };
    f.run(Instant{} + 10_ms);
    CHECK(f.smis == 0);
}
