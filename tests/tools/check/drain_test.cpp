// SPDX-License-Identifier: Apache-2.0
#include "detector/shim/abi.hpp"
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

namespace {

/// CPU 0 stops the timer at 5 s, its write arrives 500 ns later.
Story stopped_at_5() {
    Story story;
    story.checked(2500_ms, 1, 1);
    story.write(5_s, 0, Context::Task, Story::CONF, 0);
    story.effect(5_s + 500_ns, Story::CONF, 0);
    return story;
}

/// The token of before the stop, taken by a CPU that is still monitored and claims it.
Story& late_token(Story& story, Duration taken) {
    story.match(5_s - 100_ns, 2);
    story.accept(5_s + 900_ns, 2, 2);
    story.take(taken, 2, 2);
    story.fate(taken + 400_ns, What::NmiClaimed, 2);
    story.leave(taken + 1_us, 2, 2);
    return story;
}

}  // namespace

TEST_CASE("a read-back returns with the NMI accepted and not taken", "[check][readback-left-not-taken]") {
    Story story = stopped_at_5();
    story.read(5_s + 10_ns, 0, Context::Task, Story::CONF);
    story.drained(5_s + 1_us, 0);
    late_token(story, 5_s + 1_us + 1_ns);
    story.restarted(5_s + 10_us, 0);
    story.ends(6_s);
    REQUIRE(story.names() == Names{"readback-left-not-taken"});
    CHECK(story.verdict().findings[0].sentence ==
          "CPU 0 went on at 5.000001 s after it had read the timer back, with an NMI accepted and not taken; CPU 2 "
          "took it 1 ns later");
}

TEST_CASE("a drain that waited long and gave up", "[check][drain-timeout-too-short]") {
    Story story = stopped_at_5();
    story.read(5_s + 10_ns, 0, Context::Task, Story::CONF);
    story.drained(5_s + 60_us, 0);
    late_token(story, 5_s + 70_us);
    story.restarted(5_s + 1_ms, 0);
    story.ends(6_s);
    CHECK(story.names() == Names{"drain-timeout-too-short"});
}

TEST_CASE("a handler that has returned a femtosecond before is drained", "[check][INV-quiesce]") {
    Story story = stopped_at_5();
    story.read(5_s + 10_ns, 0, Context::Task, Story::CONF);
    late_token(story, 5_s + 1_us);
    story.drained(5_s + 2_us + 1_fs, 0);
    story.restarted(5_s + 10_us, 0);
    story.write(5_s + 11_us, 0, Context::Task, Story::CONF, Story::ON);
    story.effect(5_s + 12_us, Story::CONF, Story::ON);
    story.checked(7500_ms, 3, 3);
    story.ends(8_s);
    CHECK(story.names().empty());
}

TEST_CASE("without any wait the mask decides the name, and else the stop", "[check][disable-does-not-recall]") {
    Story story = stopped_at_5();
    story.drained(5_s + 50_ns, 0);
    SECTION("taken after the clear") {
        story.clear(5_s + 60_ns, 2);
        late_token(story, 5_s + 1_us);
        CHECK(story.names() == Names{"nmi-before-bit-clear"});
    }
    SECTION("taken by a CPU that stays") {
        late_token(story, 5_s + 1_us);
        CHECK(story.names() == Names{"disable-does-not-recall"});
    }
}

TEST_CASE("a match between the write of the stop and its arrival", "[check][posted-disable-late]") {
    Story story = stopped_at_5();
    story.unclaimed(5_s + 100_ns, 5_s + 1_us, 2, 2);
    story.ends(6_s);
    REQUIRE(story.names() == Names{"posted-disable-late"});
    CHECK(story.verdict().findings[0].sentence ==
          "the timer matched 100 ns after the write that stops it was made; CPU 2 took the NMI at 5.000001 s, no "
          "handler claimed it");
}

TEST_CASE("a stop that is waited for and claimed is no finding", "[check][INV-silent]") {
    Story story = stopped_at_5();
    late_token(story, 5_s + 1_us);
    story.ends(6_s);
    CHECK(story.names().empty());
}

TEST_CASE("a timer that matches although it is off", "[check][INV-silent]") {
    Story story = stopped_at_5();
    story.checked(5_s + 501_ns, 2, 2);
    story.ends(6_s);
    CHECK(story.names() == Names{"INV-silent"});
}

TEST_CASE("a second local timer sends the detector's NMIs, whatever the HPET's timers do",
          "[check][INV-silent][LAPIC-39]") {
    const bool claimed = GENERATE(true, false);
    Story story = stopped_at_5();
    story.hop(5_s + 501_ns, 2, Hop::Matched, 2, Source::LapicTimer2);
    story.hop(5_s + 521_ns, 2, Hop::Accepted, 2, Source::LapicTimer2);
    story.take(5_s + 531_ns, 2, 2, Source::LapicTimer2);
    story.fate(5_s + 800_ns, claimed ? What::NmiClaimed : What::NmiUnknown, 2);
    story.leave(5_s + 900_ns, 2, 2, Source::LapicTimer2);
    story.ends(6_s);
    CHECK(story.names() == (claimed ? Names{} : Names{"INV-conserve"}));
}

TEST_CASE("an NMI that a drain has left is of the phase in which it meets its CPU, not of that at the drain's end",
          "[check][nmi-before-bit-clear][INV-quiesce]") {
    const bool cleared = GENERATE(false, true);
    Story story;
    story.step(4_s, 2, false);
    story.match(5_s - 1_us, 2);
    story.accept(5_s + 900_ns, 2, 2);
    story.write(5_s, 2, Context::Task, Story::CONF, 0);
    story.effect(5_s + 200_ns, Story::CONF, 0);
    story.drained(5_s + 1_us, 2);
    if (cleared) {
        story.clear(5_s + 1_us + 10_ns, 2);
    }
    story.take(5_s + 1_us + 12_ns, 2, 2);
    story.fate(5_s + 1400_ns, What::NmiUnknown, 2);
    story.leave(5_s + 2_us, 2, 2);
    story.ends(6_s);
    const std::vector<Finding> findings = story.verdict().findings;
    REQUIRE(!findings.empty());
    const Finding& finding = findings[0];
    CHECK(std::find(finding.invariants.begin(), finding.invariants.end(), "INV-quiesce") != finding.invariants.end());
    CHECK(finding.phase == (cleared ? trace::Life::Leaving : trace::Life::Up));
    CHECK(finding.at == Instant{} + (cleared ? 5_s + 1_us + 12_ns : 5_s + 1_us));
}

TEST_CASE("a start from nothing ends the quiet time as a restart does", "[check][INV-quiesce]") {
    Story story = stopped_at_5();
    story.drained(5_s + 1_us, 0);
    story.write(10_s, 0, Context::Task, Story::CONF, Story::ON);
    story.effect(10_s + 500_ns, Story::CONF, Story::ON);
    story.checked(12500_ms, 2, 2);
    story.ends(13_s);
    CHECK(story.names().empty());
}

namespace {

/// CPU 2 is stuck in an NMI; a task of CPU 0 has stopped the timer at 5 s.
Story drains_behind_stuck() {
    Story story;
    story.checked(2500_ms, 1, 1);
    story.stuck(4_s, 2, cpu::StuckKind::InNmi);
    story.task(5_s - 1_us, What::TaskBegun, 0, 1);
    story.write(5_s, 0, Context::Task, Story::CONF, 0);
    story.effect(5_s + 500_ns, Story::CONF, 0);
    return story;
}

}  // namespace

TEST_CASE("a drain waits for a CPU that is stuck", "[check][drain-waits-for-stuck]") {
    Story story = drains_behind_stuck();
    SECTION("with the timer stopped") {
        story.ends(11_s);
        CHECK(story.names() == Names{"drain-waits-for-stuck"});
    }
    SECTION("the rest of the kernel may wait for it") {
        story.drained(5_s + 20_ms, 0);
        story.ends(11_s);
        CHECK(story.names().empty());
    }
}

TEST_CASE("a drain that takes as long as it may waits for a CPU that is stuck, although it ends",
          "[check][drain-waits-for-stuck]") {
    const bool late = GENERATE(false, true);
    const bool released = GENERATE(false, true);
    Story story = drains_behind_stuck();
    if (released) {
        story.released(9_s, 2);
    }
    story.drained(10_s + (late ? 1_fs : 0_fs), 0);
    story.task(10_s + 1_ms, What::TaskEnded, 0, 1);
    story.ends(12_s);
    CHECK(story.names() == (late ? Names{"drain-waits-for-stuck"} : Names{}));
}

TEST_CASE("a task that ends late", "[check][INV-progress]") {
    const bool stuck = GENERATE(false, true);
    Story story;
    if (stuck) {
        story.stuck(3_s, 2, cpu::StuckKind::InNmi);
        story.released(4_s + 1_us, 2);
    }
    story.task(4_s, What::TaskBegun, 0, 1);
    SECTION("at the bound") {
        story.task(9_s, What::TaskEnded, 0, 1);
        story.ends(9500_ms);
        CHECK(story.names().empty());
    }
    SECTION("behind it: unless a CPU was stuck meanwhile") {
        story.task(9_s + 1_fs, What::TaskEnded, 0, 1);
        story.ends(9500_ms);
        REQUIRE(story.names() == (stuck ? Names{} : Names{"INV-progress"}));
        if (!stuck) {
            CHECK(story.verdict().findings[0].sentence ==
                  "what the operator asked of CPU 0 at 4 s took 5.000000000000001 s");
        }
    }
}

TEST_CASE("an NMI that never returns, and is neither stuck nor waits for a lock, spins", "[check][INV-progress]") {
    enum class Why { Spins, Stuck, Waits };
    const Why why = GENERATE(Why::Spins, Why::Stuck, Why::Waits);
    Story story;
    story.match(2_s, 1).accept(2_s + 1_us, 1, 1).take(2_s + 2_us, 1, 1);
    if (why == Why::Stuck) {
        story.stuck(2_s + 3_us, 1, cpu::StuckKind::InNmi);
    } else if (why == Why::Waits) {
        story.lock(2_s, What::LockTaken, 2, Context::Task, "hld_lock");
        story.lock(2_s + 3_us, What::LockWaits, 1, Context::Nmi, "hld_lock");
    }
    const auto spins = [&] {
        const Verdict verdict = story.verdict();
        return std::count_if(verdict.findings.begin(), verdict.findings.end(), [](const Finding& finding) {
            return finding.sentence == "an NMI on CPU 1 that began at 2.000002 s has not returned: it spins";
        });
    };
    story.ends(7_s + 2_us);
    CHECK(spins() == 0);
    story.ends(7_s + 2_us + 1_fs);
    CHECK(spins() == (why == Why::Spins ? 1 : 0));
    // A run that made too many accesses: it is the CPU which made the last one, however short the time.
    story.options.end = cpu::End::AccessLimit;
    story.options.ended_by = 0;
    story.ends(2_s + 3_us);
    CHECK(spins() == 0);
    story.options.ended_by = 1;
    CHECK(spins() == (why == Why::Spins ? 1 : 0));
}

TEST_CASE("where an NMI spins is part of the evidence", "[check][INV-progress]") {
    Story story;
    story.match(2_s, 1).accept(2_s + 1_us, 1, 1).take(2_s + 2_us, 1, 1);
    story.record(9_s, What::StillInNmi, 1, Context::Nmi);
    story.ends(9_s);
    const Verdict verdict = story.verdict();
    const auto found = std::find_if(verdict.findings.begin(), verdict.findings.end(),
                                    [](const Finding& finding) { return finding.hazard == "INV-progress"; });
    REQUIRE(found != verdict.findings.end());
    CHECK(std::any_of(found->evidence.begin(), found->evidence.end(),
                      [&](std::size_t record) { return story.log.records[record].what == What::StillInNmi; }));
}

TEST_CASE("time in SMM is firmware's: neither an NMI spins in it, nor does it make a task late",
          "[check][INV-progress]") {
    const Duration residency = GENERATE(2_s + 1_us, 2_s - 1_us);
    const bool task = GENERATE(true, false);
    Story story;
    if (task) {
        story.task(1_s, What::TaskBegun, 0, 1);
    } else {
        story.match(1_s - 2_us, 1).accept(1_s - 1_us, 1, 1).take(1_s, 1, 1);
    }
    story.record(2_s, What::ContextEntered, 1, Context::Smm);
    story.record(2_s + residency, What::ContextLeft, 1, Context::Smm);
    if (task) {
        story.task(8_s, What::TaskEnded, 0, 1);
    }
    story.ends(8_s);
    const Names names = story.names();
    const bool found = std::find(names.begin(), names.end(), "INV-progress") != names.end();
    CHECK(found == (residency < 2_s));
}

TEST_CASE("a boot that never ends waits for no drain, whoever is stuck", "[check][INV-progress]") {
    Story story;
    story.task(2_us, What::TaskBegun, 0, HLD_TASK_BOOT);
    story.write(3_us, 0, Context::Task, Story::CONF, 0);
    story.stuck(5_s, 1, cpu::StuckKind::IrqOff);
    story.ends(9_s);
    CHECK(story.names() == Names{"INV-progress"});
}

TEST_CASE("a task that waits for a CPU that never comes is late by the kernel's limit", "[check][INV-progress]") {
    const bool comes = GENERATE(true, false);
    Story story;
    story.life(1_s, 2, trace::Life::Dead);
    story.task(2_s, What::TaskBegun, 0, 1);
    story.life(2_s + 1_us, 2, trace::Life::Coming);
    story.life(8_s, 2, comes ? trace::Life::Up : trace::Life::Dead);
    story.task(8_s + 1_ms, What::TaskEnded, 0, 1);
    story.ends(9_s);
    CHECK(story.names() == (comes ? Names{"INV-progress"} : Names{}));
}

TEST_CASE("a task that never ends", "[check][INV-progress]") {
    Story story;
    story.task(5_s, What::TaskBegun, 0, 1);
    story.ends(10_s);
    CHECK(story.names().empty());
    story.ends(10_s + 1_fs);
    REQUIRE(story.names() == Names{"INV-progress"});
    CHECK(story.verdict().findings[0].sentence == "what the operator asked of CPU 0 at 5 s has not ended");
    story.task(7_s, What::TaskEnded, 0, 1);
    CHECK(story.names().empty());
}

TEST_CASE("a task that never ends is told with the step in which it stands, and the lock that it waits for",
          "[check][INV-progress]") {
    const bool waits = GENERATE(true, false);
    Story story;
    story.task(1_s, What::TaskBegun, 0, 1);
    story.lock(1_s + 1_us, What::LockTaken, 0, Context::Task, "cpu_hotplug_lock");
    story.step(1_s + 2_us, 2, false);
    story.log.texts.emplace_back("mine:on");
    story.log.records.back().text = static_cast<std::uint32_t>(story.log.texts.size() - 1);
    const std::size_t step = story.log.records.size() - 1;
    if (waits) {
        story.lock(1_s + 3_us, What::LockWaits, 2, Context::Task, "cpu_hotplug_lock");
    }
    story.record(8_s, What::StillInCode, 2).pc = &story;
    const std::size_t still = story.log.records.size() - 1;
    story.ends(8_s);
    REQUIRE(story.names() == Names{"INV-progress"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.sentence == std::string{"what the operator asked of CPU 0 at 1 s has not ended: it stands in mine:on "
                                          "of CPU 2, which goes down"} +
                                  (waits ? ", and waits for cpu_hotplug_lock, which CPU 0 has taken" : ""));
    CHECK(finding.evidence.size() == (waits ? 4 : 3));
    CHECK(finding.evidence[1] == step);
    CHECK(finding.where == still);
}

TEST_CASE("a boot that never ends is nothing that an operator asked for", "[check][INV-progress]") {
    Story story;
    story.task(2_us, What::TaskBegun, 0, HLD_TASK_BOOT);
    story.ends(10_s);
    REQUIRE(story.names() == Names{"INV-progress"});
    CHECK(story.verdict().findings[0].sentence ==
          "boot, which began on CPU 0 at 2 us, has not ended: an initcall does not return");
}
