// SPDX-License-Identifier: Apache-2.0
// Package C10: when the chipset takes all CPUs for asleep, and what becomes of an HPET that stops then.
#include <array>

#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr std::uint32_t C6 = 0x20;
constexpr std::uint32_t C10 = 0x60;
constexpr std::uint32_t HLT = ~0U;
constexpr Instant SLEEPS{FS_PER_S / 1000};  // CPU 1 goes to sleep from here on; CPU 0 has long before
constexpr Instant ASLEEP{2 * FS_PER_S / 1000};
constexpr Instant WAKES{5 * FS_PER_S / 1000};
constexpr Instant AWAKE{6 * FS_PER_S / 1000};
constexpr Instant END{7 * FS_PER_S / 1000};

/// CPU 0 starts the HPET and CPU 1, and sleeps; CPU 1 sleeps from SLEEPS to WAKES, and stays awake.
struct Package : MachineFixture {
    explicit Package(bool halts = true, std::uint32_t hint = C10) {
        wanted.hpet.halts_in_pc10 = halts;
        cpu::AddressMap map;
        map.add_arena(reinterpret_cast<std::uintptr_t>(words.data()), sizeof words);
        make().cpus.load(*this, std::move(map));
        power_on();
        programs[0] = [this] {
            start_cpu(1);
            hpet(0x10, ENABLE);
            sleep(0, C10);
        };
        programs[1] = [this, hint] {
            spend(1, SLEEPS - now(1));
            sleep(1, hint);
            left = now(1);
            spend(1, END - now(1));
        };
        wake(1, WAKES);
    }

    void sleep(unsigned n, std::uint32_t hint) {
        if (hint == HLT) {
            machine().cpus.halt(cpu(n), false);
            return;
        }
        machine().cpus.monitor(cpu(n), line(n));
        machine().cpus.mwait(cpu(n), {hint, 0});
    }
    std::uint64_t* line(unsigned n) { return &words[std::size_t{8} * n]; }
    /// A device writes the line that CPU n watches.
    void wake(unsigned n, Instant at) {
        machine().at(at, [this, n] {
            const std::uint64_t one = 1;
            machine().cpus.device_writes(line(n), &one, sizeof one);
        });
    }
    /// The main counter at an instant of the run.
    void look(Instant at, std::uint64_t& counter) {
        machine().at(at, [this, &counter] { counter = machine().hpet.main_counter(); });
    }
    std::uint64_t edges(Instant from, Instant to) const {
        const std::int64_t period = wanted.hpet.period.fs;
        return static_cast<std::uint64_t>(to.fs / period - from.fs / period);
    }

    alignas(64) std::array<std::uint64_t, 16> words{};
    Instant left;
};

}  // namespace

TEST_CASE("W-29: the main counter stands still while every CPU is in C10, up to the exit of the first",
          "[machine][hpet][H-38][W-29]") {
    Package f;
    std::uint64_t before = 0;
    std::uint64_t asleep = 0;
    std::uint64_t waking = 0;
    std::uint64_t awake = 0;
    f.look(SLEEPS, before);
    f.look(ASLEEP, asleep);
    f.look(WAKES + f.row(Row::CpuCstateExitC10), waking);
    f.look(AWAKE, awake);
    f.run(END);
    const ClockDomain core = ClockDomain::of_frequency(f.wanted.timing.core());
    CHECK(f.left == core.edge(core.first_at(WAKES + f.row(Row::CpuCstateExitC10))));
    CHECK(before > 0);
    CHECK(asleep - before < f.edges(SLEEPS, SLEEPS + Duration{FS_PER_S / 1'000'000}));
    CHECK(waking == asleep);
    CHECK(awake == asleep + f.edges(f.left, AWAKE));
}

TEST_CASE("W-29: an HPET without that erratum counts on in package C10", "[machine][hpet][H-38][W-29]") {
    Package f{false};
    std::uint64_t before = 0;
    std::uint64_t waking = 0;
    f.look(SLEEPS, before);
    f.look(WAKES, waking);
    f.run(END);
    CHECK(waking == before + f.edges(SLEEPS, WAKES));
}

TEST_CASE("a CPU in HLT or in a lighter C-state keeps the package out of C10", "[machine][hpet][H-38]") {
    const std::uint32_t hint = GENERATE(HLT, C6);
    Package f{true, hint};
    std::uint64_t before = 0;
    std::uint64_t waking = 0;
    f.look(SLEEPS, before);
    f.look(WAKES, waking);
    f.run(END);
    CHECK(waking == before + f.edges(SLEEPS, WAKES));
}

TEST_CASE("a CPU that INIT takes out of C10 takes the package out, and keeps it out in wait-for-SIPI",
          "[machine][hpet][H-38]") {
    Package f;
    constexpr Instant INIT{3 * FS_PER_S / 1000};
    std::uint64_t asleep = 0;
    std::uint64_t later = 0;
    f.look(ASLEEP, asleep);
    f.machine().at(INIT, [&] {
        InterruptMessage message;
        message.mode = DeliveryMode::Init;
        f.machine().lapic(CPU1).receive(message);
    });
    f.look(AWAKE, later);
    f.run(END);
    CHECK(later == asleep + f.edges(INIT + f.row(Row::LapicAccept), AWAKE));
}

TEST_CASE("a machine that loses its power in package C10 begins anew", "[machine][hpet][H-37][H-38]") {
    Package f;
    const auto counter_of_a_run = [&] {
        std::uint64_t counter = 0;
        f.power_on();
        f.wake(1, WAKES);
        f.look(AWAKE, counter);
        f.run(END);
        return counter;
    };
    const std::uint64_t first = counter_of_a_run();
    f.power_on();
    f.run(ASLEEP);
    CHECK(first > 0);
    CHECK(counter_of_a_run() == first);
}
