// SPDX-License-Identifier: Apache-2.0
// The real detector on the miniature kernel: the same run, simulated in every way that must not matter.
#include <sys/mman.h>

#include "tests/detector/execution/execution_rig.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::execution;

namespace {

const char* const DESIGNS[] = {"direct-route", "lock-affinity", "stop-drain"};
constexpr Instant UNTIL{12 * FS_PER_S};

cpu::Cpus::Options four_cpus(cpu::CostModel cost) {
    cpu::Cpus::Options options;
    options.count = 4;
    options.cost = cost;
    return options;
}

std::vector<Outcome> outcomes_of_designs(const cpu::Cpus::Options& options, bool following = false) {
    ExecutionRig rig{ExecutionRig::Object::Detector, options, following};
    std::vector<Outcome> all;
    for (const char* const design : DESIGNS) {
        for (std::int64_t phase = 0; phase < 3; ++phase) {
            all.push_back(rig.run_detector(design, Duration{333'333'333'333} * phase, UNTIL));
        }
    }
    return all;
}

}  // namespace

TEST_CASE("the detector's trace is the same ahead, stepping, following and again", "[execution][D-3]") {
    for (const auto cost : {cpu::CostModel::Access, cpu::CostModel::Portable}) {
        const auto options = four_cpus(cost);
        const auto ahead = outcomes_of_designs(options);
        for (const Outcome& outcome : ahead) {
            CHECK(outcome.end == cpu::End::Time);
            CHECK(outcome.trace.nmis >= 3);
        }
        cpu::Cpus::Options stepping = options;
        stepping.stepping = true;
        CHECK(ahead == outcomes_of_designs(stepping));
        CHECK(ahead == outcomes_of_designs(options, true));
        CHECK(ahead == outcomes_of_designs(options));
    }
}

TEST_CASE("a detector that nobody watches does what it does when watched", "[execution][D-3]") {
    ExecutionRig rig{ExecutionRig::Object::Detector, four_cpus(cpu::CostModel::Access)};
    for (const char* const design : DESIGNS) {
        for (std::int64_t phase = 0; phase < 3; ++phase) {
            INFO(design << ", phase " << phase);
            rig.watch(true);
            const Outcome watched = rig.run_detector(design, Duration{333'333'333'333} * phase, UNTIL);
            rig.watch(false);
            const Outcome alone = rig.run_detector(design, Duration{333'333'333'333} * phase, UNTIL);
            CHECK(alone.ended_at == watched.ended_at);
            CHECK(alone.accesses == watched.accesses);
            CHECK(alone.parks == watched.parks);
            CHECK(alone.deeds == watched.deeds);
        }
    }
}

TEST_CASE("the detector's effects are those of simulating each turn of each spin loop", "[execution][D-3]") {
    const auto options = four_cpus(cpu::CostModel::Access);
    const auto parked = outcomes_of_designs(options);
    cpu::Cpus::Options every_turn = options;
    every_turn.spin_parking = false;
    const auto full = outcomes_of_designs(every_turn);
    for (std::size_t k = 0; k < parked.size(); ++k) {
        INFO("run " << k);
        CHECK(parked[k].trace.visible == full[k].trace.visible);
    }
}

TEST_CASE("the detector's trace is the same wherever its memory lies", "[execution][D-3]") {
    const auto options = four_cpus(cpu::CostModel::Access);
    const auto first = outcomes_of_designs(options);
    // Whatever was mapped then finds its hole taken: the stacks, too, which are smaller than the rest.
    constexpr std::size_t MORE_THAN_ANY_HOLE = std::size_t{1} << 33U;
    constexpr std::size_t LESS_THAN_THE_STACKS = std::size_t{1} << 18U;
    std::vector<std::pair<void*, std::size_t>> taken;
    for (unsigned n = 0; n < 1024; ++n) {
        const std::size_t size = n == 0 ? MORE_THAN_ANY_HOLE : LESS_THAN_THE_STACKS;
        taken.emplace_back(mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), size);
        REQUIRE(taken.back().first != MAP_FAILED);
    }
    CHECK(first == outcomes_of_designs(options));
    for (const auto& [at, size] : taken) {
        munmap(at, size);
    }
}
