// SPDX-License-Identifier: Apache-2.0
// Sets of CPUs, and what a cache line remembers of its holders and watchers.
#include "models/cpu/lines.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "models/cpu/cpu_sets.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::cpu;

namespace {

std::set<unsigned> members(const CpuSets& sets, unsigned set) {
    std::set<unsigned> found;
    sets.any_of(set, [&](unsigned cpu) {
        found.insert(cpu);
        return false;
    });
    return found;
}

}  // namespace

TEST_CASE("a set of CPUs holds what was added and not removed, on a machine of any size", "[lines]") {
    constexpr unsigned SETS = 5;
    const unsigned cpus = GENERATE(1U, 4U, 64U, 65U, 1024U);
    CpuSets sets;
    sets.configure(cpus, SETS);
    std::map<unsigned, std::set<unsigned>> wanted;
    std::mt19937 random{cpus};
    for (unsigned step = 0; step < 4000; ++step) {
        const unsigned set = static_cast<unsigned>(random()) % SETS;
        const unsigned cpu = static_cast<unsigned>(random()) % cpus;
        switch (static_cast<unsigned>(random()) % 8) {
            case 0:
                sets.set_only(set, cpu);
                wanted[set] = {cpu};
                break;
            case 1:
                sets.clear(set);
                wanted[set].clear();
                break;
            case 2:
            case 3:
                sets.remove(set, cpu);
                wanted[set].erase(cpu);
                break;
            default:
                sets.add(set, cpu);
                wanted[set].insert(cpu);
                break;
        }
        REQUIRE(members(sets, set) == wanted[set]);
        REQUIRE(sets.empty(set) == wanted[set].empty());
        REQUIRE(sets.has(set, cpu) == (wanted[set].count(cpu) > 0));
    }
}

TEST_CASE("has_only() tells one CPU from none and from several, as long as none is removed", "[lines]") {
    const unsigned cpus = GENERATE(4U, 1024U);
    CpuSets sets;
    sets.configure(cpus, 1);
    CHECK_FALSE(sets.has_only(0, 0));
    sets.add(0, cpus - 1);
    CHECK(sets.has_only(0, cpus - 1));
    CHECK_FALSE(sets.has_only(0, 0));
    sets.add(0, cpus - 1);
    CHECK(sets.has_only(0, cpus - 1));
    sets.add(0, 0);
    CHECK_FALSE(sets.has_only(0, 0));
    CHECK_FALSE(sets.has_only(0, cpus - 1));
    sets.set_only(0, 0);
    CHECK(sets.has_only(0, 0));
}

TEST_CASE("a set that is kept as words comes back, whatever was in its place", "[lines]") {
    const unsigned cpus = GENERATE(4U, 1024U);
    CpuSets sets;
    sets.configure(cpus, 3);
    sets.add(1, 2);
    sets.add(2, 0);
    sets.add(2, cpus - 1);
    for (const unsigned set : {0U, 1U, 2U}) {
        const std::set<unsigned> before = members(sets, set);
        std::vector<std::uint64_t> words(sets.words());
        sets.keep(set, words.data());
        sets.add(set, 1);
        sets.add(set, 3);
        sets.put_back(set, words.data());
        CHECK(members(sets, set) == before);
    }
}

TEST_CASE("what a CPU watches comes back with the lines, though it has been woken since", "[lines]") {
    const unsigned cpus = GENERATE(4U, 1024U);
    Lines lines;
    lines.configure(cpus, 1, 10);
    lines.share(3, 1);
    lines.share(7, 1);
    lines.watch(3, 1);
    lines.watch(7, 1);
    Lines::Saved saved;
    lines.save(saved);
    // Another CPU takes line 3: the watcher is woken from both.
    lines.unwatch(3, 1);
    lines.unwatch(7, 1);
    lines.own(3, 0);
    lines.restore(saved);
    CHECK(lines.watches(3, 1));
    CHECK(lines.watches(7, 1));
    CHECK(lines.holds(3, 1));
    CHECK_FALSE(lines.holds(3, 0));
}

TEST_CASE("the nearest copy of a line is in the same package, or else in another one", "[lines]") {
    const unsigned cpus = GENERATE(8U, 1024U);
    Lines lines;
    lines.configure(cpus, 2, 1);
    const unsigned other = cpus / 2;  // the first CPU of the second package
    CHECK(lines.reach(0, 0) == Reach::Memory);
    lines.share(0, other);
    CHECK(lines.reach(0, 0) == Reach::OtherPackage);
    CHECK(lines.reach(0, other + 1) == Reach::SamePackage);
    lines.share(0, 1);
    CHECK(lines.reach(0, 0) == Reach::SamePackage);
    lines.own(0, 0);
    CHECK(lines.reach(0, 0) == Reach::Held);
}
