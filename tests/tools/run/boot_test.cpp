// SPDX-License-Identifier: Apache-2.0
// A rig boots the miniature kernel with the detector, again and again.
#include <algorithm>
#include <tuple>

#include "tests/support/catch.hpp"
#include "tools/harness/run/machine_profile.hpp"
#include "tools/harness/run/objects.hpp"
#include "tools/harness/run/rig.hpp"

using namespace hldsim;
using namespace hldsim::literals;

namespace {

run::Configuration configuration() {
    auto& objects = run::Objects::loaded();
    const auto profile =
        profile::load(std::string{"desktop-2018"}, std::string{HLDSIM_SOURCE_DIR} + "/scenarios/profiles");
    run::Configuration configuration{run::machine_profile(profile, false), {}, nullptr, nullptr};
    configuration.kernel = &objects.kernel(HLDSIM_KERNEL);
    configuration.detector = &objects.detector(HLDSIM_DETECTOR);
    return configuration;
}

using Line = std::tuple<std::int64_t, int, int, std::uint64_t>;

std::vector<Line> lines(run::Rig& rig) {
    std::vector<Line> all;
    for (const auto& record : rig.recorder().log().records) {
        all.emplace_back(record.at.fs, static_cast<int>(record.cpu), static_cast<int>(record.what), record.value);
    }
    return all;
}

}  // namespace

TEST_CASE("boot ends when all initcalls have returned", "[run]") {
    run::Rig rig{configuration()};
    rig.set_parameters({}, {{"design", "direct-route"}});
    CHECK(rig.boot_ends() > Instant{});
    CHECK(rig.boot_ends() < Instant{} + 1_s);
}

TEST_CASE("the kernel and the detector do nothing to a device that its specification does not provide for", "[run]") {
    run::Rig rig{configuration()};
    rig.set_parameters({}, {{"design", GENERATE("direct-route", "stop-drain", "lock-affinity")}});
    rig.run({}, {Instant{} + 8_s, true, {}});
    CHECK(rig.recorder().log().records.size() > 100);
    for (const trace::Record& record : rig.recorder().log().records) {
        if (record.what == trace::What::Diagnosed) {
            FAIL_CHECK(rig.recorder().log().text(record));
        }
    }
}

TEST_CASE("a planned task runs at its instant and a CPU goes down, equally in each power cycle", "[run]") {
    run::Rig rig{configuration()};
    rig.set_parameters({}, {{"design", "direct-route"}});
    std::vector<Instant> begun;
    std::vector<long> results;
    rig.runtime().task.subscribe([&](const shim::TaskNote& note) {
        if (note.number == 1) {
            note.begun ? begun.push_back(note.at) : results.push_back(note.result);
        }
    });
    hld_task task{};
    task.action = HLD_TASK_OFFLINE;
    task.cpu = 2;
    task.number = 1;
    const auto go = [&] {
        return rig.run({{Instant{} + 5_s, 1, [&] { rig.give(CpuNumber{0}, task); }}}, {Instant{} + 8_s, true, {}});
    };
    CHECK(go().end == cpu::End::Time);
    const auto first = lines(rig);
    CHECK(first.size() > 100);
    REQUIRE(begun.size() == 1);
    CHECK(begun[0] > Instant{} + 5_s);
    CHECK(begun[0] < Instant{} + 5_s + 1_ms);
    CHECK(results == std::vector<long>{0});
    go();
    CHECK(first == lines(rig));
}

TEST_CASE("a run from a checkpoint dates the stores that were in a buffer there as the run from power-on does",
          "[run]") {
    run::Rig rig{configuration()};
    rig.set_parameters({}, {{"design", "direct-route"}});
    const run::RunOptions options{Instant{} + 3_s, true, {}, true};
    rig.run({}, options);
    const std::vector<trace::MemoryAccess> whole = rig.recorder().log().accesses;
    // The last stores that others saw 2 ns later or more: between, they are in the buffer.
    std::vector<Instant> between;
    for (auto access = whole.rbegin(); access != whole.rend() && between.size() < 5; ++access) {
        if (access->kind == cpu::AccessKind::Store && access->visible != Instant::never() &&
            access->visible - access->at > 2_ns) {
            between.push_back(access->visible - 1_ns);
        }
    }
    REQUIRE(between.size() == 5);
    for (const Instant at : between) {
        run::Checkpoint checkpoint;
        REQUIRE(rig.save(checkpoint, {}, at, options));
        rig.run_from(checkpoint, {}, options.until);
        const std::vector<trace::MemoryAccess>& again = rig.recorder().log().accesses;
        CHECK(std::equal(whole.begin(), whole.end(), again.begin(), again.end(), [](const auto& a, const auto& b) {
            return a.at == b.at && a.visible == b.visible && a.object == b.object && a.cpu == b.cpu;
        }));
    }
}

TEST_CASE("a parameter that the detector lacks is refused", "[run]") {
    run::Rig rig{configuration()};
    CHECK_THROWS_AS(rig.set_parameters({}, {{"no_such_parameter", "1"}}), shim::ParameterError);
    CHECK_THROWS_AS(rig.set_parameters({{"no_such_parameter", "1"}}, {}), shim::ParameterError);
}

TEST_CASE("a number of a parameter is read as Linux reads it", "[run]") {
    run::Rig rig{configuration()};
    const auto boots_with = [&](const std::string& thresh, const std::string& timer) {
        rig.set_parameters({}, {{"thresh", thresh}, {"timer", timer}});
        rig.run({}, {Instant{} + 3_s, true, {}});
        return lines(rig);
    };
    const std::vector<Line> first = boots_with("8", "0");
    for (const char* const same : {"0x8", "0X8", "010", "+8"}) {
        INFO(same);
        CHECK(boots_with(same, "0x0") == first);
    }
    CHECK(boots_with("0x10", "0") != first);
    CHECK(boots_with("8", "-0x1") == boots_with("8", "-1"));
    for (const char* const wrong : {"", "0x", "0xg", "08", "--1", "-+1", "0x-1", "8 ", "-8", "0x100000000"}) {
        INFO(wrong);
        CHECK_THROWS_AS(rig.set_parameters({}, {{"thresh", wrong}}), shim::ParameterError);
    }
}

TEST_CASE("a parameter that a function takes is refused at load, where nobody calls it", "[run]") {
    run::Rig rig{configuration()};
    try {
        rig.set_parameters({}, {{"watchdog_cpumask", "0-2"}});
        FAIL("not refused");
    } catch (const shim::ParameterError& error) {
        CHECK(error.expected() == "an event: write: {file: watchdog_cpumask, value: ...}");
    }
}
