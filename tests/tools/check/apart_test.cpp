// SPDX-License-Identifier: Apache-2.0
// What looks alike and is not: which of several writes, waits, invalidations, NMIs and times a finding rests on.
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

namespace {

bool violates(const Story& story, const std::string& invariant) {
    const Verdict verdict = story.verdict();
    return std::any_of(verdict.findings.begin(), verdict.findings.end(), [&](const Finding& finding) {
        const auto& all = finding.invariants;
        return std::find(all.begin(), all.end(), invariant) != all.end();
    });
}

/// CPU 0 has read back behind its stop at 5 s, and says "drained" at 5.000001 s.
Story drained_at_5() {
    Story story;
    story.checked(2500_ms, 1, 1);
    story.write(5_s, 0, Context::Task, Story::CONF, 0).effect(5_s + 500_ns, Story::CONF, 0);
    story.read(5_s + 600_ns, 0, Context::Task, Story::CONF);
    story.drained(5_s + 1_us, 0);
    return story;
}

}  // namespace

TEST_CASE("a CPU that waits for its SIPI is gone", "[check][INV-dead-target]") {
    const trace::Life life = GENERATE(trace::Life::WaitForSipi, trace::Life::Offline, trace::Life::Coming);
    Story story = routed_to_2();
    story.life(6_s, 2, life);
    story.match(7_s, 2).accept(7_s + 1_us, 2, 2).ends(7_s + 2_us);
    CHECK(violates(story, "INV-dead-target") == (life != trace::Life::Coming));
}

TEST_CASE("what the chipset keeps is found by a later NMI that no local handler claims, and by no other",
          "[check][INV-foreign]") {
    enum class Later { Unknown, Ignored, Elsewhere, Own, OtherCpu };
    const Later later = GENERATE(Later::Unknown, Later::Ignored, Later::Elsewhere, Later::Own, Later::OtherCpu);
    Story story = routed_to_2();
    story.match(7_s, 2).accept(7_s + 1_us, 2, 2);
    story.hop(7_s + 1_us, 3, Hop::Accepted, 2, Source::Serr).hop(7_s + 2_us, 3, Hop::Taken, 2, Source::Serr);
    story.take(7_s + 2_us, 2, 2).fate(7_s + 3_us, What::NmiClaimed, 2).leave(7_s + 4_us, 2, 2);
    const unsigned cpu = later == Later::OtherCpu ? 3 : 2;
    story.hop(7500_ms, 4, Hop::Accepted, cpu, Source::Perf).take(7500_ms, 4, cpu, Source::Perf);
    if (later == Later::Elsewhere) {
        story.fate(7500_ms + 1_us, What::NmiClaimed, cpu, "PMI");
        story.fate(7500_ms + 2_us, What::NmiNotMine, cpu);
    } else {
        story.fate(7500_ms + 1_us,
                   later == Later::Ignored ? What::NmiIgnored
                   : later == Later::Own   ? What::NmiClaimed
                                           : What::NmiUnknown,
                   cpu);
    }
    story.leave(7500_ms + 3_us, 4, cpu, Source::Perf).ends(8_s);
    const Names names = story.names();
    const bool found = std::find(names.begin(), names.end(), "coalesce-two-sources") != names.end();
    CHECK(found == (later != Later::Unknown));
}

TEST_CASE("a lock that an NMI takes by trylock ends no wait of the task below it", "[check][INV-wait-graph]") {
    const unsigned depth = GENERATE(0U, 1U);
    Story story;
    story.lock(3_s, What::LockTaken, 1, Context::Task, "a").lock(3_s + 1_us, What::LockWaits, 2, Context::Task, "a");
    story.lock(4_s, What::LockDropped, 1, Context::Task, "a");
    story.lock(4_s + 1_us, What::LockTaken, 2, depth == 0 ? Context::Task : Context::Nmi, "a", depth == 1);
    story.lock(4_s + 2_us, What::LockDropped, 2, depth == 0 ? Context::Task : Context::Nmi, "a");
    story.lock(4_s + 3_us, What::LockTaken, 1, Context::Task, "a");
    story.stuck(4_s + 4_us, 1, cpu::StuckKind::IrqOff);
    story.ends(5_s);
    CHECK(story.names() == (depth == 1 ? Names{"INV-wait-graph"} : Names{}));
}

TEST_CASE("an owner that was stuck and goes on will drop its lock", "[check][INV-wait-graph]") {
    const bool released = GENERATE(true, false);
    Story story;
    story.lock(3_s, What::LockTaken, 2, Context::Task, "desc->lock");
    story.stuck(3_s + 1_us, 2, cpu::StuckKind::IrqOff);
    story.lock(4_s, What::LockWaits, 0, Context::Task, "desc->lock");
    if (released) {
        story.released(4500_ms, 2);
    }
    story.ends(5_s);
    CHECK(story.names() == (released ? Names{} : Names{"INV-wait-graph"}));
}

TEST_CASE("an NMI behind one that waits for ever is a finding of its own, if it violates more",
          "[check][INV-conserve]") {
    const bool cleared = GENERATE(true, false);
    Story story;
    story.match(2_s, 1).accept(2_s + 1_us, 1, 1).take(2_s + 2_us, 1, 1);
    story.lock(2_s, What::LockTaken, 1, Context::Task, "hld_lock");
    story.lock(2_s + 3_us, What::LockWaits, 1, Context::Nmi, "hld_lock");
    if (cleared) {
        story.clear(3_s, 1);
    }
    story.match(4_s, 2).accept(4_s + 1_us, 2, 1);
    story.ends(6_s);
    CHECK(story.names() == (cleared ? Names{"nmi-own-lock", "nmi-after-bit-clear"} : Names{"nmi-own-lock"}));
}

TEST_CASE("of two findings of one kind all later NMIs are counted", "[check]") {
    Story story = routed_to_2();
    story.step(7_s, 2, false).clear(7500_ms, 2);
    story.unclaimed(7500_ms - 1_us, 7500_ms + 1_us, 2, 2);
    story.unclaimed(8_s, 8_s + 1_us, 3, 2);
    story.step(9_s, 3, false).clear(9500_ms, 3);
    story.effect(9_s, Story::ROUTE, 0xfee0'3000);
    story.unclaimed(9500_ms - 1_us, 9500_ms + 1_us, 4, 3);
    story.unclaimed(10_s, 10_s + 1_us, 5, 3);
    story.unclaimed(11_s, 11_s + 1_us, 6, 3);
    story.ends(12_s);
    REQUIRE(story.names() == Names{"nmi-before-bit-clear"});
    CHECK(story.verdict().findings[0].more == 4);  // token 3; the second one and its tokens 5 and 6
}

TEST_CASE("of two CPUs that write one route the effect is that of the first", "[check][rotate-to-dying]") {
    Story story;
    story.match(5_s, 1).accept(5_s + 1_us, 1, 1).take(5_s + 1100_ns, 1, 1);
    story.write(5_s + 1300_ns, 1, Context::Nmi, Story::ROUTE, 0xfee0'2000);
    story.write(5_s + 1600_ns, 0, Context::Task, Story::ROUTE, 0xfee0'2000);
    story.fate(5_s + 1650_ns, What::NmiClaimed, 1);
    story.clear(5_s + 1660_ns, 2);
    story.effect(5_s + 1700_ns, Story::ROUTE, 0xfee0'2000);
    story.leave(5_s + 2_us, 1, 1);
    story.unclaimed(5_s + 1800_ns, 5_s + 3_us, 2, 2);
    story.ends(6_s);
    REQUIRE(story.names() == Names{"rotate-to-dying"});
    CHECK(story.verdict().findings[0].sentence.find("CPU 1 had chosen CPU 2 in an NMI; ") == 0);
}

TEST_CASE("a quiet time ends with the first restart", "[check][INV-quiesce]") {
    const bool restarts = GENERATE(true, false);
    Story story = drained_at_5();
    if (restarts) {
        story.restarted(5_s + 10_us, 0);
    }
    story.checked(7500_ms, 3, 3);
    story.restarted(8_s, 0);
    story.ends(9_s);
    CHECK(violates(story, "INV-quiesce") == !restarts);
}

TEST_CASE("a write that starts the timer ends a quiet time, unless an NMI makes it", "[check][INV-quiesce]") {
    const Context context = GENERATE(Context::Nmi, Context::Interrupt, Context::Task);
    Story story = drained_at_5();
    story.write(6_s, 2, context, Story::CONF, Story::ON).effect(6_s + 1_us, Story::CONF, Story::ON);
    story.checked(7500_ms, 3, 3);
    story.restarted(8_s, 0);
    story.ends(9_s);
    CHECK(violates(story, "INV-quiesce") == (context != Context::Task));
}

TEST_CASE("a drain is done with an NMI once its handler has returned, whatever it said of it", "[check][INV-quiesce]") {
    const What fate = GENERATE(What::NmiClaimed, What::NmiNotMine, What::NmiIgnored, What::NmiUnknown);
    Story story;
    story.write(5_s, 0, Context::Task, Story::CONF, 0);
    story.match(5_s + 100_ns, 2).effect(5_s + 500_ns, Story::CONF, 0);
    story.accept(5_s + 900_ns, 2, 2).take(5_s + 1_us, 2, 2).fate(5_s + 2_us, fate, 2);
    story.drained(5_s + 3_us, 0);
    story.leave(5_s + 4_us, 2, 2);
    story.restarted(5_s + 10_us, 0);
    story.ends(6_s);
    CHECK(violates(story, "INV-quiesce") == (fate == What::NmiUnknown));  // the kernel, not the detector, says that
}

TEST_CASE("who says drained 10 us after the read-back has waited for nothing else",
          "[check][readback-left-not-taken][drain-timeout-too-short]") {
    const Duration waited = GENERATE(10_us, 10_us + 1_fs);
    Story story;
    story.write(5_s, 0, Context::Task, Story::CONF, 0);
    story.match(5_s + 100_ns, 2).effect(5_s + 500_ns, Story::CONF, 0);
    story.read(5_s + 600_ns, 0, Context::Task, Story::CONF);
    story.accept(5_s + 900_ns, 2, 2).drained(5_s + 600_ns + waited, 0);
    story.take(5_s + 20_us, 2, 2).fate(5_s + 21_us, What::NmiClaimed, 2).leave(5_s + 22_us, 2, 2);
    story.restarted(5_s + 30_us, 0);
    story.ends(6_s);
    CHECK(story.names() == Names{waited == 10_us ? "readback-left-not-taken" : "drain-timeout-too-short"});
}

TEST_CASE("a timer that was stopped before the task began is no drain of that task", "[check][INV-progress]") {
    const Duration stopped = GENERATE(3_s, 5_s + 1_us);
    Story story;
    story.stuck(2_s, 2, cpu::StuckKind::IrqOff);
    if (stopped < 5_s) {
        story.write(stopped, 0, Context::Task, Story::CONF, 0);
    }
    story.task(5_s, What::TaskBegun, 0, 1);
    if (stopped > 5_s) {
        story.write(stopped, 0, Context::Task, Story::CONF, 0);
    }
    story.ends(11_s);
    CHECK(violates(story, "INV-progress") == (stopped > 5_s));
}

TEST_CASE("an NMI spins whoever else is stuck", "[check][INV-progress]") {
    const unsigned stuck = GENERATE(1U, 2U);
    Story story;
    story.match(2_s, 1).accept(2_s + 1_us, 1, 1).take(2_s + 2_us, 1, 1);
    story.stuck(2_s + 3_us, stuck, cpu::StuckKind::InNmi);
    story.ends(8_s);
    CHECK(violates(story, "INV-progress") == (stuck == 2));
}

TEST_CASE("of the time in SMM that of one CPU counts, the longest", "[check][INV-progress]") {
    const Duration longest = GENERATE(2_s - 1_fs, 2_s);
    Story story;
    story.task(1_s, What::TaskBegun, 0, 1);
    story.record(2_s, What::ContextEntered, 1, Context::Smm);
    story.record(2_s + longest, What::ContextLeft, 1, Context::Smm);
    story.record(5_s, What::ContextEntered, 2, Context::Smm);
    story.record(6_s, What::ContextLeft, 2, Context::Smm);
    story.task(8_s, What::TaskEnded, 0, 1);
    story.ends(8_s);
    CHECK(violates(story, "INV-progress") == (longest < 2_s));
}

TEST_CASE("a wait in vain that was over before the task began took nothing of its time", "[check][INV-progress]") {
    const bool within = GENERATE(true, false);
    Story story;
    story.life(500_ms, 2, trace::Life::Dead);
    if (within) {
        story.task(900_ms, What::TaskBegun, 0, 1);
    }
    story.life(1_s, 2, trace::Life::Coming).life(4_s, 2, trace::Life::Dead);
    if (!within) {
        story.task(4_s + 1_us, What::TaskBegun, 0, 1);
    }
    story.task(within ? 7_s : 10_s, What::TaskEnded, 0, 1);
    story.ends(11_s);
    CHECK(violates(story, "INV-progress") == !within);
}
