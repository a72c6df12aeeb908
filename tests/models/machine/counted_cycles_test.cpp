// SPDX-License-Identifier: Apache-2.0
// A counter of core cycles against the cycles that its CPU has spent: each of them, but for those in which it sleeps.
#include <algorithm>
#include <array>
#include <utility>

#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr std::uint64_t COUNTER_1 = 1ULL << 33;
constexpr std::uint64_t IN_50_US = 185'000;  // desktop-2018: 3.7 GHz

enum class Sleep { Hlt, MwaitC1, MwaitC6 };

struct Counted : MachineFixture {
    Counted() {
        cpu::AddressMap map;
        map.add_arena(reinterpret_cast<std::uintptr_t>(words.data()), sizeof words);
        make().cpus.load(*this, std::move(map));
        power_on();
    }
    std::uint64_t edge(unsigned n) { return cpu(n).local.edge().index; }
    /// Returns the edge at which it has begun.
    std::uint64_t start(unsigned n, std::uint64_t control = 0x10) {
        CHECK(machine().cpus.wrmsr(cpu(n), FIXED_CTR_CTRL, control));
        CHECK(machine().cpus.wrmsr(cpu(n), GLOBAL_CTRL, COUNTER_1));
        return edge(n);
    }
    std::uint64_t count(unsigned n) {
        std::uint64_t value = ~0ULL;
        CHECK(machine().cpus.rdmsr(cpu(n), FIXED_CTR1, value));
        return value;
    }
    void nmi_at(Instant t) {
        machine().at(t, [this] {
            InterruptMessage message;
            message.mode = DeliveryMode::Nmi;
            message.token = machine().tokens.next(Source::Ipi);
            machine().lapic(CPU0).receive(message);
        });
    }
    std::uint64_t entry() const { return wanted.timing.cycles(Row::CpuNmiEntryHw).count; }

    alignas(64) std::array<std::uint64_t, 8> words{};
};

}  // namespace

TEST_CASE("each cycle that a CPU spends is counted", "[machine][pmu]") {
    Counted f;
    std::uint64_t counted = 0;
    std::uint64_t spent = 0;
    f.programs[0] = [&] {
        const std::uint64_t began = f.start(0);
        f.read(0, Machine::HPET_BASE);  // waiting for a device is no sleep
        f.spend(0, 10_us);
        counted = f.count(0);
        spent = f.edge(0) - began;
    };
    f.run(Instant{} + 1_ms);
    CHECK(counted == spent);
    CHECK(spent > 37'000);
}

TEST_CASE("no cycle of HLT and MWAIT is counted, nor of the exit from their state", "[machine][pmu][CPU-8]") {
    Counted f;
    const Sleep how = GENERATE(Sleep::Hlt, Sleep::MwaitC1, Sleep::MwaitC6);
    std::uint64_t counted = 0;
    std::uint64_t awake = 0;
    f.programs[0] = [&] {
        const std::uint64_t began = f.start(0);
        if (how != Sleep::Hlt) {
            f.machine().cpus.monitor(f.cpu(0), f.words.data());
        }
        awake = f.edge(0) - began + (how == Sleep::Hlt ? 0 : 1);  // the cycle of MWAIT itself
        if (how == Sleep::Hlt) {
            f.machine().cpus.halt(f.cpu(0), true);
        } else {
            f.machine().cpus.mwait(f.cpu(0), {how == Sleep::MwaitC1 ? 0U : 0x20U, 0});
        }
    };
    f.on_nmi = [&](unsigned /*n*/) {
        const std::uint64_t woke = f.edge(0) - f.entry();
        counted = f.count(0);
        awake += f.edge(0) - woke;
    };
    f.nmi_at(Instant{} + 1_ms);
    f.run(Instant{} + 2_ms);
    REQUIRE(f.nmis.size() == 1);
    CHECK(counted == awake);
}

TEST_CASE("a CPU that firmware holds in SMM out of HLT counts", "[machine][pmu]") {
    const auto counted = [](bool smi) {
        Counted f;
        std::uint64_t value = 0;
        f.programs[0] = [&] { f.start(0); };
        f.on_nmi = [&](unsigned /*n*/) { value = f.count(0); };
        if (smi) {
            f.machine().at(Instant{} + 1_ms, [&] { f.machine().cpus.assert_smi({CPU0}, 50_us); });
        }
        f.nmi_at(Instant{} + 2_ms);
        f.run(Instant{} + 3_ms);
        return value;
    };
    const std::uint64_t without = counted(false);
    CHECK(without > 0);
    CHECK(counted(true) >= without + IN_50_US);
    CHECK(counted(true) < without + 2 * IN_50_US);
}

TEST_CASE("a CPU that is stuck counts, but where it executes nothing", "[machine][pmu]") {
    using Kind = cpu::StuckKind;
    const Kind kind =
        GENERATE(Kind::IrqOff, Kind::InIrq, Kind::InNmi, Kind::InSmm, Kind::Spinning, Kind::Halted, Kind::Paused);
    Counted f;
    std::uint64_t counted = 0;
    std::uint64_t spent = 0;
    f.programs[0] = [&] {
        const std::uint64_t began = f.start(0);
        f.spend(0, 500_us);
        counted = f.count(0);
        spent = f.edge(0) - began;
    };
    f.machine().at(Instant{} + 100_us, [&] { f.machine().cpus.stick(CPU0, kind, 50_us); });
    f.run(Instant{} + 1_ms);
    REQUIRE(counted > 0);
    CHECK(spent - counted == (kind == Kind::Halted || kind == Kind::Paused ? IN_50_US : 0));
}

TEST_CASE("a CPU that waits for SIPI has no cycles, and goes on with its count", "[machine][pmu]") {
    Counted f;
    f.programs[0] = [&] {
        f.start_cpu(1);
        f.spend(0, 50_us);
        f.start_cpu(1);  // INIT once more, and SIPI 10 us later
    };
    const bool halts = GENERATE(false, true);
    std::uint64_t began = 0;
    std::uint64_t at_sipi = 0;
    std::uint64_t counted[2] = {};
    f.programs[1] = [&] {
        if (began == 0) {
            began = f.start(1);
            if (!halts) {
                f.spend(1, 1_ms);
            }
            return;
        }
        at_sipi = f.edge(1);
        counted[0] = f.count(1);
        f.spend(1, 1_us);
        counted[1] = f.count(1);
    };
    f.run(Instant{} + 1_ms);
    REQUIRE(at_sipi > began);
    const std::uint64_t missing = at_sipi - began - counted[0];
    CHECK(missing > 36'000);              // 10 us
    CHECK((missing > 200'000) == halts);  // and before, in HLT, 50 us more
    CHECK(counted[1] - counted[0] >= 3'700);
    CHECK(counted[1] - counted[0] < 4'000);
}

TEST_CASE("a count that comes to its end is an NMI at that edge", "[machine][pmu][LAPIC-41]") {
    constexpr std::uint64_t LEFT = 10'000;
    Counted f;
    Instant end;
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.apic(0, LVT_PMI, 0x400);
        CHECK(f.machine().cpus.wrmsr(f.cpu(0), FIXED_CTR1, (1ULL << 48) - LEFT));
        const std::uint64_t began = f.start(0, 0x90);
        end = ClockDomain::of_frequency(f.wanted.timing.core()).edge({began + LEFT});
        f.spend(0, 100_us);
    };
    f.run(Instant{} + 1_ms);
    REQUIRE(f.nmis.size() == 1);
    const auto overflow = std::find_if(f.hops.begin(), f.hops.end(), [](const HopReached& h) {
        return h.token.source == Source::Perf && h.hop == Hop::Matched;
    });
    REQUIRE(overflow != f.hops.end());
    CHECK(overflow->at == end);
}

TEST_CASE("the reference counts as many cycles of the TSC", "[machine][pmu]") {
    Counted f;
    std::uint64_t counted = 0;
    std::uint64_t passed = 0;
    const ClockDomain tsc = ClockDomain::of_frequency(f.wanted.timing.tsc());
    f.programs[0] = [&] {
        CHECK(f.machine().cpus.wrmsr(f.cpu(0), FIXED_CTR_CTRL, 0x100));
        CHECK(f.machine().cpus.wrmsr(f.cpu(0), GLOBAL_CTRL, 1ULL << 34));
        const std::uint64_t began = tsc.last_at(f.now(0))->index;
        f.spend(0, 10_us);
        CHECK(f.machine().cpus.rdmsr(f.cpu(0), FIXED_CTR1 + 1, counted));
        passed = tsc.last_at(f.now(0))->index - began;
    };
    f.run(Instant{} + 1_ms);
    CHECK(counted == passed);
}
