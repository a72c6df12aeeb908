// SPDX-License-Identifier: Apache-2.0
// A performance counter's NMI on its whole way: MSRs of the CPU, entry 340h of its local APIC, the CPU.
#include <algorithm>

#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr std::uint64_t COUNTER_0 = 1ULL << 32;

/// CPU 0 samples by counter 0, which overflows `times` within its program.
struct SamplingCpu : MachineFixture {
    explicit SamplingCpu(unsigned times) : MachineFixture{"desktop-2018", 1} {
        programs[0] = [this, times] {
            enable_apic(0);
            apic(0, LVT_PMI, 0x400);
            CHECK(machine().cpus.wrmsr(cpu(0), FIXED_CTR_CTRL, 9));
            CHECK(machine().cpus.wrmsr(cpu(0), GLOBAL_CTRL, COUNTER_0));
            for (unsigned n = 0; n < times; ++n) {
                spend(0, 1_us);
                outside(0, [this] { machine().pmu(CPU0).overflow(0); });
            }
            spend(0, 1_us);
        };
    }
    unsigned msr(std::uint32_t number) {
        std::uint64_t value = 0;
        CHECK(machine().cpus.rdmsr(cpu(0), number, value));
        return static_cast<unsigned>(value >> 32U);
    }
};

}  // namespace

TEST_CASE("an overflow is an NMI of its own CPU with every hop, and not one in port 61h", "[machine][CPU-22][hops]") {
    SamplingCpu f{1};
    unsigned port = 0;
    unsigned status = 0;
    f.on_nmi = [&](unsigned /*n*/) {
        port = f.in(0x61);
        status = f.msr(GLOBAL_STATUS);
    };
    f.run(Instant{} + 1_ms);
    REQUIRE(f.nmis.size() == 1);
    CHECK(status == 1);
    CHECK((port & 0xc0U) == 0);
    std::vector<Hop> way;
    for (const HopReached& h : f.hops) {
        if (h.token.source == Source::Perf) {
            way.push_back(h.hop);
        }
    }
    CHECK(way.front() == Hop::Matched);
    CHECK(std::count(way.begin(), way.end(), Hop::Accepted) == 1);
}

TEST_CASE("until its entry is unmasked the next overflow is no NMI: the status tells of it", "[machine][LAPIC-41]") {
    SamplingCpu f{2};
    const bool unmasks = GENERATE(true, false);
    f.on_nmi = [&](unsigned /*n*/) {
        f.machine().cpus.wrmsr(f.cpu(0), GLOBAL_OVF_CTRL, COUNTER_0);
        if (unmasks) {
            f.apic(0, LVT_PMI, 0x400);
        }
    };
    f.run(Instant{} + 1_ms);
    CHECK(f.nmis.size() == (unmasks ? 2 : 1));
}

TEST_CASE("INIT leaves the counters alone, a reset of the machine does not", "[machine][pmu]") {
    MachineFixture f{"desktop-2018", 2};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.spend(0, 100_us);
        f.start_cpu(1);  // INIT once more
        f.spend(0, 100_us);
    };
    unsigned starts = 0;
    std::uint64_t seen[2] = {~0ULL, ~0ULL};
    f.programs[1] = [&] {
        CHECK(f.machine().cpus.rdmsr(f.cpu(1), GLOBAL_CTRL, seen[starts++ % 2]));
        CHECK(f.machine().cpus.wrmsr(f.cpu(1), GLOBAL_CTRL, COUNTER_0));
    };
    f.run(Instant{} + 1_ms);
    CHECK(starts == 2);
    CHECK(seen[0] == 0);
    CHECK(seen[1] == COUNTER_0);
    f.power_on();
    std::uint64_t after = ~0ULL;
    CHECK(f.machine().pmu(CPU1).rdmsr(GLOBAL_CTRL, after));
    CHECK(after == 0);
}
