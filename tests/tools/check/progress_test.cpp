// SPDX-License-Identifier: Apache-2.0
// INV-progress of code that spins, and what INV-sound says of a CPU that such code holds up; INV-cover of a timer that
// code has stopped.
#include "tests/tools/check/story.hpp"

using namespace hldsim::check;
using namespace hldsim;

namespace {

/// The run ends at `end` with CPU 2 in that context; a task has not slept since `since`.
void still(Story& story, Duration end, Context context, Duration since = 0_s, bool sleeps = false) {
    trace::Record& made = story.record(end, What::StillInCode, 2, context);
    made.value = static_cast<std::uint64_t>(since.fs);
    made.flag = sleeps;
    made.pc = &story;
}

}  // namespace

TEST_CASE("an interrupt that has not returned for more than 5 s spins", "[check][INV-progress]") {
    const bool longer = GENERATE(false, true);
    const Duration end = longer ? 6_s + 1_fs : 6_s;
    Story story;
    story.record(1_s, What::ContextEntered, 2, Context::Interrupt);
    still(story, end, Context::Interrupt);
    story.ends(end);
    REQUIRE(story.names() == (longer ? Names{"INV-progress"} : Names{}));
    if (longer) {
        const Finding finding = story.verdict().findings[0];
        CHECK(finding.sentence == "an interrupt on CPU 2 that began at 1 s has not returned: it spins");
        CHECK(finding.where == story.log.records.size() - 2);  // where it stands; RunEnded follows
    }
}

TEST_CASE("an interrupt that has returned, or whose stack is gone, spins no longer", "[check][INV-progress]") {
    Story story;
    story.record(1_s, What::ContextEntered, 2, Context::Interrupt);
    SECTION("it returns, and a new one has just begun") {
        story.record(2_s, What::ContextLeft, 2, Context::Interrupt);
        story.record(8_s, What::ContextEntered, 2, Context::Interrupt);
    }
    SECTION("INIT") { story.record(2_s, What::Initialized, 2); }
    SECTION("the CPU is dead") { story.life(2_s, 2, trace::Life::Dead); }
    SECTION("the CPU begins anew") { story.life(2_s, 2, trace::Life::Coming); }
    still(story, 9_s, Context::Interrupt);
    story.ends(9_s);
    CHECK(story.names().empty());
}

TEST_CASE("a task of the detector that has not slept for more than 5 s spins", "[check][INV-progress]") {
    const bool longer = GENERATE(false, true);
    const Duration end = longer ? 6_s + 1_ns : 6_s;
    Story story;
    story.says(1_s, 1, "a record of that instant");
    still(story, end, Context::Task, 1_s);
    story.ends(end);
    REQUIRE(story.names() == (longer ? Names{"INV-progress"} : Names{}));
    if (longer) {
        CHECK(story.verdict().findings[0].sentence == "a task on CPU 2 has not slept for 5.000000001 s: it spins");
    }
}

TEST_CASE("a task of the detector that sleeps is free to be there", "[check][INV-progress]") {
    Story story;
    still(story, 9_s, Context::Task, 1_s, true);
    story.ends(9_s);
    CHECK(story.names().empty());
}

TEST_CASE("code that waits for a lock, or beside a CPU that is stuck, is not told to spin", "[check][INV-progress]") {
    const Context context = GENERATE(Context::Interrupt, Context::Task);
    const bool lock = GENERATE(true, false);
    Story story;
    if (context == Context::Interrupt) {
        story.record(1_s, What::ContextEntered, 2, context);
    }
    if (lock) {
        story.lock(1_s, What::LockTaken, 1, Context::Task, "lock");
        story.lock(1_s + 1_us, What::LockWaits, 2, context, "lock");
    } else {
        story.stuck(2_s, 1, cpu::StuckKind::Spinning);
    }
    still(story, 9_s, context, 1_s);
    story.ends(9_s);
    CHECK(story.names().empty());
}

TEST_CASE("what an operator asked for and cannot end behind code that spins is no finding of its own",
          "[check][INV-progress]") {
    const bool ends = GENERATE(true, false);
    Story story;
    story.record(1_s, What::ContextEntered, 2, Context::Interrupt);
    story.task(2_s, What::TaskBegun, 0, 1);
    if (ends) {
        story.task(8_s, What::TaskEnded, 0, 1);
    }
    still(story, 9_s, Context::Interrupt);
    story.ends(9_s);
    REQUIRE(story.names() == Names{"INV-progress"});
    CHECK(story.verdict().findings[0].more == 0);
    CHECK(story.verdict().findings[0].cpu == 2);
}

TEST_CASE("an NMI and an interrupt that spin are two findings, two interrupts are one", "[check][INV-progress]") {
    const Context other = GENERATE(Context::Nmi, Context::Interrupt);
    Story story;
    story.record(1_s, What::ContextEntered, 1, other);
    story.record(1_s, What::ContextEntered, 2, Context::Interrupt);
    if (other == Context::Interrupt) {
        story.record(9_s, What::StillInCode, 1, other).pc = &story;
    }
    still(story, 9_s, Context::Interrupt);
    story.ends(9_s);
    CHECK(story.names() == Names(other == Context::Nmi ? 2 : 1, "INV-progress"));
    CHECK(story.verdict().findings[0].more == (other == Context::Nmi ? 0 : 1));
}

TEST_CASE("a CPU that software holds up for a heartbeat is reported rightly", "[check][INV-sound]") {
    const bool irq = GENERATE(true, false);
    const Duration reported = GENERATE(5_s, 5_s - 1_fs);
    Story story;
    if (irq) {
        story.record(1_s, What::ContextEntered, 2, Context::Interrupt);
    } else {
        story.lock(500_ms, What::LockTaken, 1, Context::Task, "lock");
        story.lock(1_s, What::LockWaits, 2, Context::Task, "lock");
    }
    story.reported(reported, 2, 2);
    if (irq) {
        story.record(7_s, What::ContextLeft, 2, Context::Interrupt);
    } else {
        story.lock(7_s, What::LockDropped, 1, Context::Task, "lock");
        story.lock(7_s, What::LockTaken, 2, Context::Task, "lock");
    }
    story.ends(8_s);
    CHECK(story.names() == (reported == 5_s ? Names{} : Names{"INV-sound"}));
}

TEST_CASE("a CPU that was held up until less than a threshold before the report is reported rightly",
          "[check][INV-sound]") {
    const Duration reported = GENERATE(16_s, 17_s);
    Story story;
    story.checked(10_s, 1, 2);
    story.record(1_s, What::ContextEntered, 2, Context::Interrupt);
    story.record(7_s, What::ContextLeft, 2, Context::Interrupt);
    story.reported(reported, 2, 2);
    story.ends(18_s);
    CHECK(story.verdict().findings.empty() == (reported == 16_s));
}

TEST_CASE("a timer that is stopped for ever is told as what ends the checks, by its first stop", "[check][INV-cover]") {
    const bool again = GENERATE(true, false);
    Story story;
    story.checked(2_s, 1, 0);
    story.write(1_s, 0, Context::Task, Story::CONF, Story::ON);
    story.write(5_s, 3, Context::Task, Story::CONF, 0).log.records.back().pc = &story;
    const std::size_t stop = story.log.records.size() - 1;
    story.effect(5_s + 1_us, Story::CONF, 0);
    if (again) {
        story.write(9_s, 1, Context::Task, Story::CONF, 0).log.records.back().pc = &story;
        story.effect(9_s + 1_us, Story::CONF, 0);
    }
    story.record(20_s + 2_us, What::LockTaken, 2).pc = &story;  // has no part in it
    story.ends(30_s);
    REQUIRE(story.names() == Names{"INV-cover"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.sentence == "no CPU was checked after 2.0000015 s: CPU 3 stopped the timer at 5 s");
    CHECK(finding.where == stop);
}
