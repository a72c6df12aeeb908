// SPDX-License-Identifier: Apache-2.0
// Traces that must be equal, whatever the way in which the same run is simulated.
#include "tests/detector/execution/execution_rig.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::execution;
using Object = ExecutionRig::Object;

namespace {

constexpr unsigned STEPS = 60;
constexpr unsigned SEEDS = 10;

cpu::Cpus::Options cpus(unsigned count, cpu::CostModel cost = cpu::CostModel::Access) {
    cpu::Cpus::Options options;
    options.count = count;
    options.cost = cost;
    return options;
}

std::vector<Outcome> outcomes_of_programs(const cpu::Cpus::Options& options, bool following = false,
                                          Object object = Object::Gcc,
                                          const std::vector<Program>& programs = {RANDOM, PAIRS, COPIES, SLEEPERS,
                                                                                  BIT_LOCKS}) {
    ExecutionRig rig{object, options, following};
    std::vector<Outcome> all;
    for (const Program program : programs) {
        for (unsigned seed = 1; seed <= SEEDS; ++seed) {
            all.push_back(rig.run(program, seed, STEPS));
        }
    }
    return all;
}

// Every run reaches its end, with NMIs and spin loops in it: equal traces of nothing prove nothing.
void check_substance(const std::vector<Outcome>& all) {
    std::uint64_t nmis = 0;
    std::uint64_t parks = 0;
    for (const Outcome& outcome : all) {
        CHECK(outcome.end == cpu::End::Reset);
        nmis += outcome.trace.nmis;
        parks += outcome.parks;
    }
    CHECK(nmis > 10);
    CHECK(parks > 10);
}

template <class Check>
void for_each_machine(Check check) {
    for (const auto cost : {cpu::CostModel::Access, cpu::CostModel::Portable}) {
        for (const unsigned count : {2, 3, 5}) {
            INFO(count << " CPUs, " << (cost == cpu::CostModel::Access ? "access" : "portable"));
            check(cpus(count, cost));
        }
    }
}

}  // namespace

TEST_CASE("running ahead gives the trace of stepping from point to point", "[execution][D-3]") {
    for_each_machine([](const cpu::Cpus::Options& options) {
        const auto ahead = outcomes_of_programs(options);
        check_substance(ahead);
        cpu::Cpus::Options stepping = options;
        stepping.stepping = true;
        CHECK(ahead == outcomes_of_programs(stepping));
    });
}

TEST_CASE("parked spin loops give the effects of simulating each turn", "[execution][D-3]") {
    for_each_machine([](const cpu::Cpus::Options& options) {
        const auto parked = outcomes_of_programs(options);
        cpu::Cpus::Options every_turn = options;
        every_turn.spin_parking = false;
        const auto full = outcomes_of_programs(every_turn);
        std::uint64_t fewer = 0;
        for (std::size_t k = 0; k < parked.size(); ++k) {
            INFO("program " << k);
            CHECK(parked[k].trace.visible == full[k].trace.visible);
            CHECK(parked[k].ended_at == full[k].ended_at);
            CHECK(full[k].parks == 0);
            fewer += full[k].accesses - parked[k].accesses;
        }
        CHECK(fewer > 100);
    });
}

// Effects of stores and loads have instants of their own: where nobody asks for them, a store to a line that its CPU
// owns need not wait in the buffer.
TEST_CASE("a run that nobody watches is the run that is watched", "[execution][D-3]") {
    for_each_machine([](const cpu::Cpus::Options& options) {
        ExecutionRig rig{Object::Gcc, options};
        for (const Program program : {RANDOM, PAIRS, COPIES, SLEEPERS, BIT_LOCKS}) {
            for (unsigned seed = 1; seed <= 2 * SEEDS; ++seed) {
                INFO("program " << program << ", seed " << seed);
                rig.watch(true);
                const Outcome watched = rig.run(program, seed, STEPS);
                rig.watch(false);
                const Outcome alone = rig.run(program, seed, STEPS);
                CHECK(watched.trace.effects > 0);
                CHECK(alone.trace.effects == 0);
                CHECK(alone.end == watched.end);
                CHECK(alone.ended_at == watched.ended_at);
                CHECK(alone.accesses == watched.accesses);
                CHECK(alone.parks == watched.parks);
                CHECK(alone.deeds == watched.deeds);
            }
        }
    });
}

TEST_CASE("SystemC's time following each step gives the trace of the decoupled run", "[execution][D-3]") {
    CHECK(outcomes_of_programs(cpus(3)) == outcomes_of_programs(cpus(3), true));
}

TEST_CASE("the second, third and thousandth power cycle equal the first", "[execution][D-3]") {
    ExecutionRig rig{Object::Gcc, cpus(4)};
    const Outcome first = rig.run(RANDOM, 7, STEPS);
    const std::string state = rig.machine().dump();
    CHECK(first == rig.run(RANDOM, 7, STEPS));
    CHECK(first == rig.run(RANDOM, 7, STEPS));
    for (unsigned seed = 0; seed < 996; ++seed) {
        rig.run(seed % 2 == 0 ? RANDOM : PAIRS, seed, 10);
    }
    CHECK(first == rig.run(RANDOM, 7, STEPS));
    CHECK(state == rig.machine().dump());
}

TEST_CASE("after a power cycle each device and all memory are as when new", "[execution][D-5]") {
    ExecutionRig rig{Object::Gcc, cpus(4)};
    rig.runtime().restore();
    rig.machine().power_on();
    const std::string fresh = rig.machine().dump();
    rig.run(RANDOM, 7, STEPS);
    CHECK(rig.machine().dump() != fresh);
    CHECK_FALSE(rig.runtime().memory().pristine());
    rig.runtime().restore();
    CHECK(rig.runtime().memory().pristine());
    rig.machine().power_on();
    CHECK(rig.machine().dump() == fresh);
}

TEST_CASE("under the portable cost model gcc -O2, gcc -Os and clang -O2 give one trace", "[execution][D-4]") {
    const auto options = cpus(3, cpu::CostModel::Portable);
    const std::vector<Program> portable = {RANDOM, PAIRS, SLEEPERS};
    const auto gcc = outcomes_of_programs(options, false, Object::Gcc, portable);
    const auto size = outcomes_of_programs(options, false, Object::GccSize, portable);
    const auto clang = outcomes_of_programs(options, false, Object::Clang, portable);
    for (std::size_t k = 0; k < gcc.size(); ++k) {
        INFO("program " << k);
        CHECK(gcc[k].trace.marked == size[k].trace.marked);
        CHECK(gcc[k].trace.marked == clang[k].trace.marked);
    }
}

TEST_CASE("the hash of a fixed run, for comparing builds", "[.hash]") {
    ExecutionRig rig{Object::Gcc, cpus(4)};
    std::string text;
    for (unsigned seed = 1; seed <= 5; ++seed) {
        text += std::to_string(rig.run(RANDOM, seed, STEPS).trace.full) + '\n';
    }
    std::fputs(text.c_str(), stdout);
    SUCCEED();
}
