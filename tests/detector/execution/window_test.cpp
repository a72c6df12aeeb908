// SPDX-License-Identifier: Apache-2.0
// A window that is known by construction is found at exactly its width, and latencies at exactly their rows.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

#include "tests/detector/execution/execution_rig.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::execution;
using Object = ExecutionRig::Object;

namespace {

enum class Seen : unsigned { Nothing, Outside, Inside };

cpu::Cpus::Options one_cpu() {
    cpu::Cpus::Options options;
    options.count = 1;
    return options;
}

ClockDomain core_clock() {
    ExecutionRig rig{Object::Gcc, one_cpu()};
    return ClockDomain::of_frequency(rig.machine().profile.timing.core());
}

struct TickRun {
    std::vector<std::map<Hop, Instant>> hops;  // of each NMI of the HPET
    std::vector<cpu::EffectMade> effects;
};

TickRun ticks(unsigned rounds, const std::function<void(Timing&)>& change = {}) {
    ExecutionRig rig{Object::Gcc, one_cpu(), false, change};
    TickRun found;
    rig.machine().observe_hops([&](const HopReached& reached) {
        if (reached.token.source == Source::Hpet) {
            found.hops.resize(std::max<std::size_t>(found.hops.size(), reached.token.id + std::size_t{1}));
            found.hops[reached.token.id][reached.hop] = reached.at;
        }
    });
    rig.trace().tell = [&](const cpu::EffectMade& made) { found.effects.push_back(made); };
    rig.run(TICKS, 0, rounds);
    found.hops.erase(std::remove_if(found.hops.begin(), found.hops.end(),
                                    [](const auto& hops) { return hops.count(Hop::Returned) == 0; }),
                     found.hops.end());
    return found;
}

std::vector<Instant> instants(const TickRun& found, cpu::Effect effect) {
    std::vector<Instant> at;
    for (const auto& made : found.effects) {
        if (made.effect == effect) {
            at.push_back(made.at);
        }
    }
    return at;
}

// The first load behind each NMI's entry: what its handler reads first.
std::vector<Instant> first_loads(const TickRun& found) {
    std::vector<Instant> at;
    bool entered = false;
    for (const auto& made : found.effects) {
        if (made.effect == cpu::Effect::NmiTaken) {
            entered = true;
        } else if (made.effect == cpu::Effect::Load && entered) {
            at.push_back(made.at);
            entered = false;
        }
    }
    return at;
}

constexpr std::int64_t MORE = 1'000;  // core cycles

std::function<void(Timing&)> longer(Row row) {
    return [row](Timing& timing) {
        timing.set(row, RowUnit::CoreCycles, static_cast<std::int64_t>(timing.cycles(row).count) + MORE);
    };
}

}  // namespace

TEST_CASE("an event moved cycle by cycle finds a known window exactly", "[execution][window]") {
    for (const Object object : {Object::Gcc, Object::Clang}) {
        ExecutionRig rig{object, one_cpu()};
        const Timing& timing = rig.machine().profile.timing;
        const ClockDomain core = ClockDomain::of_frequency(timing.core());
        constexpr unsigned WIDTH_NS = 100;
        unsigned inside = 0;
        unsigned edges = 0;
        bool was_inside = false;
        for (std::uint64_t cycle = 100; cycle < 9'000; ++cycle) {
            rig.run_window(1'000, WIDTH_NS, core.edge({cycle}));
            REQUIRE(rig.noted >= static_cast<unsigned>(Seen::Outside));
            const bool is_inside = rig.noted == static_cast<unsigned>(Seen::Inside);
            inside += is_inside ? 1 : 0;
            edges += is_inside != was_inside ? 1 : 0;
            was_inside = is_inside;
        }
        CHECK(edges == 2);
        CHECK(inside == core.edges_covering(Duration{1'000'000} * WIDTH_NS) + timing.cycles(Row::MemL1Hit).count);
    }
}

TEST_CASE("every NMI of a long run has all its hops, and their differences are rows", "[execution][hops]") {
    const TickRun found = ticks(2'000);
    ExecutionRig rig{Object::Gcc, one_cpu()};
    const Timing& timing = rig.machine().profile.timing;
    const Duration to_lapic = timing.duration(Row::MsiDeviceToRoot) + timing.duration(Row::MsiRootToLapic) +
                              timing.duration(Row::LapicAccept);
    CHECK(found.hops.size() > 300);
    for (const auto& hops : found.hops) {
        REQUIRE(hops.size() == 5);
        CHECK(hops.at(Hop::Posted) - hops.at(Hop::Matched) == timing.duration(Row::HpetMatchToMsi));
        CHECK(hops.at(Hop::Accepted) - hops.at(Hop::Posted) == to_lapic);
        CHECK(hops.at(Hop::Taken) >= hops.at(Hop::Accepted) + timing.duration(Row::CpuEventBoundary));
    }
}

TEST_CASE("a longer row moves what it stands for by exactly as many cycles", "[execution][rows]") {
    const TickRun before = ticks(200);
    const ClockDomain core = core_clock();
    const auto cycles = [&](Instant from, Instant to) {
        return static_cast<std::int64_t>(core.first_at(to).index) -
               static_cast<std::int64_t>(core.first_at(from).index);
    };

    SECTION("NMI entry: the handler's first load") {
        const TickRun after = ticks(200, longer(Row::CpuNmiEntryHw));
        CHECK(before.hops[0].at(Hop::Taken) == after.hops[0].at(Hop::Taken));
        CHECK(cycles(first_loads(before)[0], first_loads(after)[0]) == MORE);
    }
    SECTION("IRET: the return") {
        const TickRun after = ticks(200, longer(Row::CpuNmiExitIret));
        CHECK(first_loads(before)[0] == first_loads(after)[0]);
        CHECK(cycles(before.hops[0].at(Hop::Returned), after.hops[0].at(Hop::Returned)) == MORE);
    }
    SECTION("the gap of an uncached write: the write after it") {
        const auto old = instants(before, cpu::Effect::Device);
        const auto now = instants(ticks(200, longer(Row::FabricUcWriteGap)), cpu::Effect::Device);
        CHECK(old[0] == now[0]);
        CHECK(cycles(old[1], now[1]) == MORE);
        CHECK(cycles(old[2], now[2]) == 2 * MORE);
    }
    SECTION("the legs of a read: its completion") {
        const auto old = instants(before, cpu::Effect::Device);
        constexpr std::size_t FIRST_READ = 5;  // behind five writes that start the HPET
        for (const Row row : {Row::FabricReadRequest, Row::FabricReadResponse, Row::HpetService}) {
            const auto now = instants(ticks(200, longer(row)), cpu::Effect::Device);
            CHECK(old[FIRST_READ - 1] == now[FIRST_READ - 1]);
            CHECK(std::abs(cycles(old[FIRST_READ], now[FIRST_READ]) - MORE) <= 1);  // the row is rounded up to an edge
        }
    }
}
