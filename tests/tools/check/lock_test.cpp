// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

TEST_CASE("a lock taken in an NMI and elsewhere is a finding by its class, whoever's it is",
          "[check][INV-lock-class]") {
    const auto [name, hazard] = GENERATE(table<std::string, std::string>({{"hld_lock", "nmi-own-lock"},
                                                                          {"my_state.lock", "nmi-own-lock"},
                                                                          {"desc->lock", "nmi-desc-lock"},
                                                                          {"tmp_mask_lock", "nmi-tmp-mask-lock"},
                                                                          {"vector_lock", "nmi-vector-lock"},
                                                                          {"stopper->lock", "INV-lock-class"}}));
    Story story;
    story.lock(1_s, What::LockTaken, 1, Context::Task, name);
    story.lock(1_s + 1_us, What::LockDropped, 1, Context::Task, name);
    story.lock(2_s, What::LockTaken, 0, Context::Nmi, name);
    story.lock(2_s + 1_us, What::LockDropped, 0, Context::Nmi, name);
    story.ends(3_s);
    REQUIRE(story.names() == Names{hazard});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.invariants == Names{"INV-lock-class"});
    CHECK(finding.cpu == 0);
    CHECK(finding.sentence == "CPU 0 takes " + name +
                                  " in an NMI, and CPU 1 takes it in task context: an NMI that hits "
                                  "the holder waits for ever");
}

TEST_CASE("a lock of the detector is its own, whatever its name", "[check][INV-lock-class][nmi-own-lock]") {
    Story story;
    const std::string name = GENERATE("desc->lock", "vector_lock", "queue->lock", "qi->q_lock");
    story.kernel_locks.clear();
    story.lock(1_s, What::LockTaken, 1, Context::Task, name);
    story.lock(1_s + 1_us, What::LockDropped, 1, Context::Task, name);
    story.lock(2_s, What::LockTaken, 0, Context::Nmi, name);
    story.lock(2_s + 1_us, What::LockDropped, 0, Context::Nmi, name);
    story.ends(3_s);
    CHECK(story.names() == Names{"nmi-own-lock"});
}

TEST_CASE("of locks with one name, one a CPU, that one is told which both take", "[check][INV-lock-class]") {
    Story story;
    for (const unsigned cpu : {0U, 2U}) {
        story.own = cpu;
        story.lock(1_s + 1_us * cpu, What::LockTaken, cpu, Context::Nmi, "this_cpu_ptr(&l)");
        story.lock(1_s + 1_us * cpu, What::LockDropped, cpu, Context::Nmi, "this_cpu_ptr(&l)");
    }
    story.lock(2_s, What::LockTaken, 1, Context::Task, "this_cpu_ptr(&l)");
    story.lock(2_s, What::LockDropped, 1, Context::Task, "this_cpu_ptr(&l)");
    story.ends(3_s);
    REQUIRE(story.names() == Names{"nmi-own-lock"});
    CHECK(story.verdict().findings[0].sentence ==
          "CPU 2 takes this_cpu_ptr(&l) in an NMI, and CPU 1 takes it in task context: an NMI that hits the holder "
          "waits for ever");
}

TEST_CASE("a trylock in an NMI waits for nobody", "[check][INV-lock-class]") {
    Story story;
    story.lock(1_s, What::LockTaken, 1, Context::Interrupt, "hld_lock");
    story.lock(1_s, What::LockDropped, 1, Context::Interrupt, "hld_lock");
    story.lock(2_s, What::LockTaken, 0, Context::Nmi, "hld_lock", true);
    story.ends(3_s);
    CHECK(story.names().empty());
}

TEST_CASE("a lock that only NMIs take is no finding", "[check][INV-lock-class]") {
    Story story;
    story.lock(2_s, What::LockTaken, 0, Context::Nmi, "hld_lock");
    story.lock(2_s, What::LockDropped, 0, Context::Nmi, "hld_lock");
    story.ends(3_s);
    CHECK(story.names().empty());
}

TEST_CASE("an NMI that reads what others only read waits for nobody", "[check][INV-lock-class]") {
    Story story;
    story.reads(1_s, What::LockTaken, 1, Context::Task, "l");
    story.reads(1_s + 1_us, What::LockTaken, 0, Context::Nmi, "l");
    story.lock(1_s + 2_us, What::LockDropped, 0, Context::Nmi, "l");
    story.lock(1_s + 3_us, What::LockDropped, 1, Context::Task, "l");
    story.ends(3_s);
    CHECK(story.names().empty());
}

TEST_CASE("an NMI that reads what others write, or writes what others read, is a finding",
          "[check][INV-lock-class][nmi-own-lock]") {
    const bool writes_in_nmi = GENERATE(true, false);
    Story story;
    story.reads(1_s, What::LockTaken, 2, Context::Task, "l");
    story.lock(1_s, What::LockDropped, 2, Context::Task, "l");
    story.reads(2_s, What::LockTaken, 3, Context::Nmi, "l");
    story.lock(2_s, What::LockDropped, 3, Context::Nmi, "l");
    if (writes_in_nmi) {
        story.lock(2_s + 1_us, What::LockTaken, 0, Context::Nmi, "l");
    } else {
        story.lock(2_s + 1_us, What::LockTaken, 1, Context::Task, "l");
    }
    story.ends(3_s);
    REQUIRE(story.names() == Names{"nmi-own-lock"});
    const std::string expected =
        writes_in_nmi ? "CPU 0 takes l in an NMI, and CPU 2 takes it" : "CPU 3 takes l in an NMI, and CPU 1 takes it";
    CHECK_THAT(story.verdict().findings[0].sentence, Catch::StartsWith(expected));
}

TEST_CASE("of several readers the one that drops the lock is who holds it no more", "[check][INV-wait-graph]") {
    const unsigned drops = GENERATE(1U, 2U);
    Story story;
    story.reads(3_s, What::LockTaken, 1, Context::Task, "l");
    story.reads(3_s, What::LockTaken, 2, Context::Task, "l");
    story.lock(3_s + 1_us, What::LockDropped, drops, Context::Task, "l");
    story.stuck(3_s + 2_us, 1, cpu::StuckKind::Spinning);
    story.lock(4_s, What::LockWaits, 3, Context::Task, "l");
    story.ends(5_s);
    CHECK(story.names() == (drops == 1 ? Names{} : Names{"INV-wait-graph"}));
}

TEST_CASE("a writer waits for each reader, and for ever if the last one is stuck", "[check][INV-wait-graph]") {
    Story story;
    story.reads(3_s, What::LockTaken, 1, Context::Task, "l");
    story.reads(3_s, What::LockTaken, 2, Context::Task, "l");
    story.stuck(3_s + 2_us, 2, cpu::StuckKind::IrqOff);
    story.lock(4_s, What::LockWaits, 0, Context::Task, "l");
    story.ends(5_s);
    REQUIRE(story.names() == Names{"INV-wait-graph"});
    CHECK(story.verdict().findings[0].sentence ==
          "CPU 0 waits in task context for l, whose owner, CPU 2, is stuck with interrupts off");
}

TEST_CASE("two writers that each wait for a later reader among others wait in a circle", "[check][INV-wait-graph]") {
    Story story;
    for (const unsigned cpu : {3U, 1U}) {
        story.reads(3_s, What::LockTaken, cpu, Context::Task, "a");
    }
    story.lock(3_s, What::LockTaken, 0, Context::Task, "b");
    story.lock(4_s, What::LockWaits, 0, Context::Task, "a");
    story.lock(4_s, What::LockWaits, 1, Context::Task, "b");
    story.ends(5_s);
    REQUIRE(story.names() == Names{"INV-wait-graph"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.sentence == "CPU 0 waits in task context for a, whose owner, CPU 1, waits in turn for b");
    const auto has = [&](What what, unsigned cpu) {
        return std::any_of(finding.evidence.begin(), finding.evidence.end(), [&](std::size_t record) {
            return story.log.records[record].what == what && story.log.records[record].actor == cpu;
        });
    };
    CHECK(has(What::LockWaits, 1));  // and who has what that one waits for
    CHECK(has(What::LockTaken, 0));
}

TEST_CASE("an NMI waits for the lock that it interrupted, and the class is part of that", "[check][nmi-own-lock]") {
    Story story;
    story.lock(1_s, What::LockTaken, 0, Context::Nmi, "hld_lock");
    story.lock(1_s, What::LockDropped, 0, Context::Nmi, "hld_lock");
    story.lock(3_s, What::LockTaken, 1, Context::Task, "hld_lock");
    story.lock(3_s + 1_us, What::LockWaits, 1, Context::Nmi, "hld_lock");
    story.options.end = cpu::End::Deadlock;
    story.ends(3_s + 2_us);
    REQUIRE(story.names() == Names{"nmi-own-lock"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.invariants == Names{"INV-lock-class", "INV-wait-graph"});
    CHECK(finding.cpu == 1);
    CHECK(finding.at == Instant{} + 3_s + 1_us);
    CHECK(finding.sentence == "CPU 1 waits in an NMI for hld_lock, which the code that it interrupted holds");
}

TEST_CASE("a task that waits for the lock that it holds has interrupted nobody", "[check][INV-wait-graph]") {
    Story story;
    story.lock(3_s, What::LockTaken, 1, Context::Task, "m");
    story.lock(3_s + 1_us, What::LockWaits, 1, Context::Task, "m");
    story.options.end = cpu::End::Deadlock;
    story.ends(3_s + 2_us);
    const auto verdict = story.verdict();
    REQUIRE(verdict.findings.size() == 1);
    CHECK(verdict.findings[0].invariants == Names{"INV-wait-graph"});
    CHECK(verdict.findings[0].sentence == "CPU 1 waits in task context for m, which it holds itself");
}

TEST_CASE("a wait that ended is no deadlock", "[check][INV-wait-graph]") {
    Story story;
    story.lock(3_s, What::LockTaken, 1, Context::Task, "m");
    story.lock(3_s, What::LockWaits, 2, Context::Task, "m");
    story.lock(4_s, What::LockDropped, 1, Context::Task, "m");
    story.lock(4_s, What::LockTaken, 2, Context::Task, "m");
    story.ends(5_s);
    CHECK(story.names().empty());
}

TEST_CASE("a wait for an owner that goes on is no deadlock", "[check][INV-wait-graph]") {
    Story story;
    story.lock(3_s, What::LockTaken, 1, Context::Task, "m");
    story.lock(3_s, What::LockWaits, 2, Context::Task, "m");
    story.ends(5_s);
    CHECK(story.names().empty());
}

TEST_CASE("an NMI waits for the lock of a CPU that is stuck for ever", "[check][nmi-lock-owner-stuck]") {
    Story story;
    story.lock(3_s, What::LockTaken, 2, Context::Task, "desc->lock");
    story.stuck(3_s + 1_us, 2, cpu::StuckKind::IrqOff);
    story.lock(5_s, What::LockWaits, 0, Context::Nmi, "desc->lock");
    story.options.end = cpu::End::Deadlock;
    story.ends(5_s);
    REQUIRE(story.names() == Names{"nmi-lock-owner-stuck"});
    CHECK(story.verdict().findings[0].sentence ==
          "CPU 0 waits in an NMI for desc->lock, whose owner, CPU 2, is stuck with interrupts off");
}

TEST_CASE("two tasks that wait for each other keep the invariant's name, once", "[check][INV-wait-graph]") {
    Story story;
    story.lock(3_s, What::LockTaken, 1, Context::Task, "a");
    story.lock(3_s, What::LockTaken, 2, Context::Task, "b");
    story.lock(4_s, What::LockWaits, 1, Context::Task, "b");
    story.lock(4_s, What::LockWaits, 2, Context::Task, "a");
    story.ends(5_s);
    CHECK(story.names() == Names{"INV-wait-graph"});
}

TEST_CASE("a wait for a lock carries the NMI that waits, and that NMI is not lost besides", "[check][nmi-own-lock]") {
    Story story;
    story.lock(3_s, What::LockTaken, 1, Context::Task, "hld_lock");
    story.match(3_s + 1_us, 7);
    story.accept(3_s + 2_us, 7, 1);
    story.take(3_s + 3_us, 7, 1);
    story.lock(3_s + 4_us, What::LockWaits, 1, Context::Nmi, "hld_lock");
    story.match(4_s, 8);
    story.accept(4_s, 8, 1);
    story.options.end = cpu::End::Deadlock;
    story.ends(6_s);
    REQUIRE(story.names() == Names{"nmi-own-lock"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.token.id == 7);
    CHECK(finding.invariants == Names{"INV-lock-class", "INV-wait-graph", "INV-conserve"});
    unsigned hops = 0;
    for (const std::size_t record : finding.evidence) {
        hops += story.log.records[record].what == What::HopReached ? 1 : 0;
    }
    CHECK(hops == 3);
}

TEST_CASE("a lock's class carries the NMI that took the lock", "[check][INV-lock-class]") {
    Story story;
    story.lock(1_s, What::LockTaken, 1, Context::Task, "m");
    story.lock(1_s, What::LockDropped, 1, Context::Task, "m");
    story.match(2_s, 4);
    story.accept(2_s, 4, 0);
    story.take(2_s, 4, 0);
    story.lock(2_s + 1_us, What::LockTaken, 0, Context::Nmi, "m");
    story.lock(2_s + 2_us, What::LockDropped, 0, Context::Nmi, "m");
    story.fate(2_s + 3_us, What::NmiClaimed, 0);
    story.leave(2_s + 4_us, 4, 0);
    story.ends(3_s);
    REQUIRE(story.verdict().findings.size() == 1);
    CHECK(story.verdict().findings[0].token.id == 4);
}
