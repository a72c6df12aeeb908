// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "tools/point/drive.hpp"

using namespace hldsim;
using namespace hldsim::point;
using namespace hldsim::point::testing;
using probe::Hook;

namespace {

// The instants, in ns, of the accesses that the function makes on a CPU of its own.
std::vector<std::int64_t> instants(const std::vector<Hook>& hooks, Hook::Kind kind, std::uintptr_t at) {
    std::vector<std::int64_t> found;
    for (std::size_t i = 0; i < hooks.size(); ++i) {
        if (hooks[i].kind == kind && reinterpret_cast<std::uintptr_t>(hooks[i].at) == at) {
            found.push_back(static_cast<std::int64_t>(i) + 1);
        }
    }
    return found;
}

std::int64_t ns(Instant at) { return at.fs / 1'000'000; }

}  // namespace

TEST_CASE("a point is reached at the access, in the function and on the CPU that it names", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    const auto hooks = drive.object.run("probe_move", 2);
    const auto writes = instants(hooks, Hook::Kind::Store, drive.at("probe") + 16);
    REQUIRE(writes.size() == 1);
    drive.watch({in_function(Form::Writes, 1, "probe_move", "probe.target"),
                 in_function(Form::Writes, 2, "probe_move", "probe.target"),
                 in_function(Form::Reads, 1, "probe_move", "probe.target"),
                 in_function(Form::Writes, 1, "probe_task", "probe.target")});
    drive.run(1, "probe_move", 2);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].point == 0);
    CHECK(drive.recorded.hits[0].cpu == CpuNumber{1});
    CHECK(drive.recorded.hits[0].ordinal == 1);
    CHECK(ns(drive.recorded.hits[0].at) == writes[0]);
    CHECK(drive.symbols.place_at(drive.recorded.hits[0].pc).line == probe::line_of("move writes target"));

    SECTION("again the next time") {
        drive.run(1, "probe_move", 2);
        REQUIRE(drive.recorded.hits.size() == 2);
        CHECK(drive.recorded.hits[1].ordinal == 2);
    }
    SECTION("and its count begins anew after a power cycle") {
        drive.watcher().reset();
        drive.run(1, "probe_move", 2);
        REQUIRE(drive.recorded.hits.size() == 2);
        CHECK(drive.recorded.hits[1].ordinal == 1);
    }
    SECTION("what the function is called by counts as in it") {
        drive.run(1, "probe_task", 2);
        REQUIRE(drive.recorded.hits.size() == 3);
        CHECK(drive.recorded.hits[1].point + drive.recorded.hits[2].point == 3);
    }
}

TEST_CASE("what a function calls is in it, its callers and neighbours are not", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    drive.watch({in_function(Form::Writes, 1, "probe_leave", "probe_hidden"),
                 in_function(Form::Writes, 1, "probe_move", "probe_hidden")});
    drive.run(1, "probe_task", 1);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].point == 0);
    CHECK(drive.symbols.place_at(drive.recorded.hits[0].pc).function == "probe_inner");
}

TEST_CASE("an inlined function is entered and left as any other", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    drive.watch({in_function(Form::Reads, 1, "probe_pick", "probe.monitored_mask"),
                 of_function(Form::Enters, 1, "probe_pick"), of_function(Form::Leaves, 1, "probe_pick"),
                 in_function(Form::Calls, 1, "probe_move", "probe_pick"),
                 in_function(Form::Calls, 1, "probe_leave", "probe_pick")});
    drive.run(1, "probe_move", 2);
    CHECK(drive.watcher().hits(0) == 1);
    CHECK(drive.watcher().hits(1) == 1);
    CHECK(drive.watcher().hits(2) == 1);
    CHECK(drive.watcher().hits(3) == 1);
    CHECK(drive.watcher().hits(4) == 0);
    drive.run(1, "probe_repeat", 3);
    CHECK(drive.watcher().hits(0) == 4);
    CHECK(drive.watcher().hits(1) == 4);
    CHECK(drive.watcher().hits(2) == 4);
}

TEST_CASE("nth counts the accesses since the function was entered", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    const auto reads = instants(drive.object.run("probe_move", 2), Hook::Kind::Load, drive.at("probe"));
    REQUIRE(reads.size() == 2);
    auto second = in_function(Form::Reads, 1, "probe_move", "probe.monitored_mask");
    second.nth = 2;
    auto third = second;
    third.nth = 3;
    drive.watch({second, third});
    drive.run(1, "probe_move", 2);
    drive.run(1, "probe_move", 2);
    REQUIRE(drive.recorded.hits.size() == 2);
    CHECK(drive.recorded.hits[0].point == 0);
    CHECK(ns(drive.recorded.hits[0].at) == reads[1]);
    CHECK(drive.recorded.hits[1].point == 0);
}

TEST_CASE("an NMI that interrupts a function is not in it, and the function goes on as before", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    auto second = in_function(Form::Writes, 1, "probe_guarded", "probe.target");
    second.nth = 3;  // before, in probe_move, after
    drive.watch({second, in_function(Form::Writes, 1, "probe_move", "probe.target")});
    bool once = true;
    drive.run(1, "probe_guarded", 1, [&](const Hook& hook) {
        if (hook.kind == Hook::Kind::Note && std::exchange(once, false)) {
            drive.interrupt(1, "probe_move", 1);
        }
    });
    REQUIRE(drive.recorded.hits.size() == 3);
    CHECK(drive.recorded.hits[0].point == 1);  // the NMI's own
    CHECK(drive.recorded.hits[1].point == 1);
    CHECK(drive.recorded.hits[2].point == 0);
    CHECK(drive.symbols.place_at(drive.recorded.hits[2].pc).line == probe::line_of("guarded after"));
}

TEST_CASE("an NMI inside an inlined function does not end it", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    auto second = in_function(Form::Reads, 1, "probe_pick", "probe.monitored_mask");
    second.nth = 2;
    drive.watch({second, of_function(Form::Leaves, 1, "probe_pick")});
    bool first = true;
    std::vector<std::size_t> order;
    drive.run(1, "probe_move", 2, [&](const Hook& hook) {
        const bool read = hook.kind == Hook::Kind::Load;
        if (read && !std::exchange(first, false)) {
            drive.interrupt(1, "probe_registers", 1);
        }
    });
    REQUIRE(drive.recorded.hits.size() == 2);
    CHECK(drive.recorded.hits[0].point == 0);
    CHECK(drive.recorded.hits[1].point == 1);
}

TEST_CASE("a locked operation updates, and neither reads nor writes", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    drive.watch({in_function(Form::Updates, 3, "probe_leave", "probe.monitored_mask"),
                 in_function(Form::Reads, 3, "probe_leave", "probe.monitored_mask"),
                 in_function(Form::Writes, 3, "probe_leave", "probe.monitored_mask"),
                 in_function(Form::Updates, 3, "probe_leave", "probe_cpu")});
    drive.run(3, "probe_leave", 1);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].point == 0);
}

TEST_CASE("one instruction on a per-CPU variable reads, writes or updates as its operation does", "[point]") {
    Drive drive{"gcc"};
    drive.symbols.set_per_cpu({0x100000, 0x1000, 4});
    drive.watch({in_function(Form::Reads, 1, "probe_move", "per_cpu(probe_beat)"),
                 in_function(Form::Writes, 1, "probe_move", "per_cpu(probe_beat)"),
                 in_function(Form::Updates, 1, "probe_move", "per_cpu(probe_beat).count")});
    auto* const copy = reinterpret_cast<void*>(drive.at("probe_beat") + 0x101000);
    bool once = true;
    drive.run(1, "probe_move", 0, [&](const Hook& hook) {
        if (hook.kind == Hook::Kind::Load && std::exchange(once, false)) {
            drive.watcher().on_local(drive.cpu(1), copy, 8, HLD_LOCAL_ADD);
            CHECK(drive.recorded.hits.size() == 1);
            drive.watcher().on_local(drive.cpu(1), copy, 8, HLD_LOCAL_READ);
            drive.watcher().on_local(drive.cpu(1), copy, 8, HLD_LOCAL_WRITE);
        }
    });
    REQUIRE(drive.recorded.hits.size() == 3);
    CHECK(drive.recorded.hits[0].point == 2);
    CHECK(drive.recorded.hits[1].point == 0);
    CHECK(drive.recorded.hits[2].point == 1);
}

TEST_CASE("calls, enters and leaves are told at the function's entry and exit", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    const auto hooks = drive.object.run("probe_leave", 1);
    drive.watch({in_function(Form::Calls, 1, "probe_leave", "probe_inner"), of_function(Form::Enters, 1, "probe_inner"),
                 of_function(Form::Leaves, 1, "probe_inner"), of_function(Form::Leaves, 1, "probe_leave"),
                 in_function(Form::Calls, 1, "probe_move", "probe_inner")});
    drive.run(1, "probe_leave", 1);
    REQUIRE(drive.recorded.hits.size() == 4);
    CHECK(drive.recorded.hits[0].point == 0);
    CHECK(drive.recorded.hits[1].point == 1);
    CHECK(drive.recorded.hits[0].at == drive.recorded.hits[1].at);
    CHECK(drive.recorded.hits[2].point == 2);
    CHECK(drive.recorded.hits[2].at > drive.recorded.hits[1].at);
    CHECK(drive.recorded.hits[3].point == 3);
    CHECK(ns(drive.recorded.hits[3].at) == static_cast<std::int64_t>(hooks.size()));
}

TEST_CASE("a source line is reached at its first access, once each time", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    scenario::Point line;
    line.form = Form::Line;
    line.cpu.value = CpuNumber{1};
    line.file.value = "probe.c";
    line.line = probe::line_of("leave clears");
    auto repeated = line;
    repeated.line = probe::line_of("pick reads");
    drive.watch({line, repeated});
    drive.run(1, "probe_leave", 1);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].point == 0);
    drive.run(1, "probe_repeat", 2);
    CHECK(drive.watcher().hits(1) == 2);
}

TEST_CASE("a lock is taken behind its access and released before it", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    const auto target = drive.at("probe") + 16;
    const auto hooks = drive.object.run("probe_guarded", 1);
    const auto writes = instants(hooks, Hook::Kind::Store, target);
    REQUIRE(writes.size() == 3);
    drive.watch({in_function(Form::Locks, 1, "probe_guarded", "probe_lock"),
                 in_function(Form::Unlocks, 1, "probe_guarded", "probe_lock"),
                 in_function(Form::Locks, 1, "probe_move", "probe_lock"),
                 in_function(Form::Locks, 1, "probe_guarded", "probe_descs.lock")});
    drive.run(1, "probe_guarded", 1);
    REQUIRE(drive.recorded.hits.size() == 2);
    CHECK(drive.recorded.hits[0].point == 0);
    CHECK(ns(drive.recorded.hits[0].at) == writes[0] + 1);
    CHECK(drive.recorded.hits[1].point == 1);
    CHECK(ns(drive.recorded.hits[1].at) == writes[2] - 1);
}

TEST_CASE("a hit knows the accesses of its CPU before and after it", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    const auto hooks = drive.object.run("probe_guarded", 1);
    const auto writes = instants(hooks, Hook::Kind::Store, drive.at("probe") + 16);
    const auto reads = instants(hooks, Hook::Kind::Load, drive.at("probe"));
    drive.watch({in_function(Form::Locks, 1, "probe_guarded", "probe_lock"),
                 in_function(Form::Reads, 1, "probe_guarded", "probe.monitored_mask"),
                 of_function(Form::Enters, 1, "probe_guarded")});
    drive.run(1, "probe_guarded", 1);
    const auto& hits = drive.recorded.hits;
    const auto& next = drive.recorded.next_of;
    REQUIRE(hits.size() == 3);
    REQUIRE(next.size() == 3);
    CHECK(hits[0].point == 2);
    CHECK(hits[0].previous_access == Instant{0});
    CHECK(ns(next[0].second) == writes[0]);
    CHECK(ns(hits[1].previous_access) == writes[0]);
    CHECK(ns(next[1].second) == reads[0]);
    CHECK(ns(hits[2].previous_access) == writes[0]);
    CHECK(ns(hits[2].at) == reads[0]);
    CHECK(next[2].first.point == 1);
    CHECK(ns(next[2].second) > reads[0]);
}

TEST_CASE("a device register is reached through its physical address", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    drive.watch({in_function(Form::Writes, 1, "probe_registers", "hpet.TIM0_PROCMSG_ROUT"),
                 in_function(Form::Reads, 1, "probe_registers", "hpet.TIM0_PROCMSG_ROUT"),
                 in_function(Form::Reads, 1, "probe_registers", "hpet.TIM1_PROCMSG_ROUT"),
                 in_function(Form::Writes, 1, "probe_registers", "hpet.TIM1_PROCMSG_ROUT"),
                 in_function(Form::Writes, 1, "probe_registers", "hpet.TIM0_COMP")});
    drive.run(1, "probe_registers", 1);
    REQUIRE(drive.recorded.hits.size() == 2);
    CHECK(drive.recorded.hits[0].point == 0);
    CHECK(drive.recorded.hits[1].point == 2);  // its upper half
    CHECK(drive.recorded.hits[1].previous_access == drive.recorded.hits[0].at);
    REQUIRE(drive.recorded.next_of.size() == 2);
    CHECK(drive.recorded.next_of[0].second == drive.recorded.hits[1].at);
}

TEST_CASE("a stack that was given up is forgotten", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    drive.watch({in_function(Form::Writes, 1, "probe_task", "probe.target")});
    struct GivenUp {};
    bool entered = false;
    drive.run(1, "probe_move", 1);
    CHECK(drive.recorded.hits.empty());
    drive.watcher().entered(drive.cpu(1), nullptr, nullptr);
    drive.cpu(1).callers.push_back(nullptr);
    drive.run(1, "probe_task", 1, [&](const Hook& hook) {
        if (hook.kind == Hook::Kind::Store && !std::exchange(entered, true)) {
            // Its stack is abandoned here, and the CPU starts with another function.
            const auto callers = std::exchange(drive.cpu(1).callers, {});
            const auto before = drive.recorded.hits.size();
            drive.run(1, "probe_move", 1);
            CHECK(drive.recorded.hits.size() == before);
            drive.cpu(1).callers = callers;
        }
    });
}

TEST_CASE("a recorded run lists the different places that a form fits", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    drive.watch({in_function(Form::Reads, 1, "probe_move", "probe.monitored_mask"),
                 in_function(Form::Writes, 1, "probe_move", "probe.target"),
                 in_function(Form::Updates, 1, "probe_move", "probe.target"),
                 in_function(Form::Updates, 1, "probe_leave", "probe.monitored_mask")});
    drive.watcher().record();
    drive.run(1, "probe_move", 2);
    const auto here = [](const char* mark) { return std::to_string(probe::line_of(mark)) + " in probe_pick"; };
    CHECK(places(drive.watcher().seen(0), drive.symbols) ==
          std::vector<std::string>{"tests/detector/symbols/probe.c:" + here("pick reads"),
                                   "tests/detector/symbols/probe.c:" + here("pick reads again")});
    CHECK(places(drive.watcher().seen(1), drive.symbols).size() == 1);
    const auto never = drive.watcher().seen(2);
    CHECK(never.in_function);
    CHECK(never.writes);
    CHECK_FALSE(never.updates);
    CHECK(never.places.empty());
    CHECK_FALSE(drive.watcher().seen(3).in_function);
}

TEST_CASE("a call is told with the place where it is made, and each such place is one of its own", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    drive.watch({in_function(Form::Calls, 1, "probe_leave", "probe_scaled")});
    drive.watcher().record();
    drive.run(1, "probe_leave", 1);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.symbols.place_at(drive.recorded.hits[0].pc).line == probe::line_of("first call"));
    const auto all = places(drive.watcher().seen(0), drive.symbols);
    REQUIRE(all.size() == 2);
    CHECK(all[1] ==
          "tests/detector/symbols/probe.c:" + std::to_string(probe::line_of("second call")) + " in probe_leave");
}

TEST_CASE("a form that fits several accesses is an error that lists them, unless nth says which", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    auto reads = in_function(Form::Reads, 1, "probe_move", "probe.monitored_mask");
    const auto writes = in_function(Form::Writes, 1, "probe_move", "probe.target");
    drive.watch({reads, writes});
    drive.watcher().record();
    drive.run(1, "probe_move", 2);
    try {
        refuse_ambiguous(reads, drive.watcher().seen(0), drive.symbols);
        FAIL("not refused");
    } catch (const diagnostic::Error& error) {
        CHECK(error.parts().what == "the point fits 2 different accesses in one call of 'probe_move'");
        CHECK(error.parts().expected.find("probe.c:" + std::to_string(probe::line_of("pick reads again"))) !=
              std::string::npos);
    }
    reads.nth_given = true;
    CHECK_NOTHROW(refuse_ambiguous(reads, drive.watcher().seen(0), drive.symbols));
    CHECK_NOTHROW(refuse_ambiguous(writes, drive.watcher().seen(1), drive.symbols));
}

TEST_CASE("a point that was never reached says what happened instead", "[point]") {
    Drive drive{GENERATE("gcc", "clang")};
    auto often = in_function(Form::Writes, 1, "probe_move", "probe.target");
    often.nth = 2;
    const std::vector<scenario::Point> points{in_function(Form::Updates, 1, "probe_leave", "probe.target"),
                                              in_function(Form::Updates, 1, "probe_move", "probe.target"),
                                              in_function(Form::Reads, 1, "probe_move", "probe_route"), often,
                                              of_function(Form::Enters, 1, "probe_leave")};
    drive.watch(points);
    drive.watcher().record();
    drive.run(1, "probe_move", 2);
    const auto why = [&](std::size_t n) { return why_never(points[n], drive.watcher().seen(n)); };
    CHECK(why(0) == "probe_leave never runs on CPU 1");
    CHECK(why(1) == "probe.target is written there, and in this run nothing else");
    CHECK(why(2) == "probe_move runs there, but does not access probe_route");
    CHECK(why(3) == "probe.target is not accessed so often in one call of probe_move");
    CHECK(why(4) == "the run never gets to the point: CPU 1 enters probe_leave");
}
