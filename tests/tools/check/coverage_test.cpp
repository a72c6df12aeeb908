// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

namespace {

/// A round: CPU 0 to 3, 2.5 s apart, from that instant on; returns the next free token.
std::uint32_t round(Story& story, Duration from, std::uint32_t id, unsigned skips = trace::NO_CPU) {
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        if (cpu != skips) {
            story.checked(from + 2500_ms * cpu, id++, cpu);
        }
    }
    return id;
}

}  // namespace

TEST_CASE("the last check and nothing more for longer than Dmax", "[check][rotation-chain-break]") {
    Story story;
    std::uint32_t id = round(story, 1_s, 1);
    for (Duration at = 11_s; at < 20_s; at = at + 2500_ms) {
        story.match(at, id);
        story.accept(at + 1_us, id++, 3);  // CPU 3 takes no NMI any more
    }
    SECTION("CPU 0 was checked at 1 s, and has been without for 20 s: not yet") {
        story.ends(21_s + 1500_ns);
        CHECK(story.names() == Names{"INV-conserve"});  // what CPU 3 does not take is lost all the same
    }
    SECTION("one finding for all") {
        story.ends(35_s);
        REQUIRE(story.names() == Names{"rotation-chain-break"});
        CHECK(story.verdict().findings[0].sentence ==
              "no CPU was checked after 8.5000015 s: CPU 3 accepted the NMI at 11.000001 s, it was accepted and never "
              "taken");
        CHECK(story.verdict().findings[0].invariants == Names{"INV-conserve", "INV-cover"});
        CHECK(story.verdict().findings[0].token.id == 5);  // the first that CPU 3 does not take
    }
}

TEST_CASE("a CPU that is stuck in an NMI and ends the rotation", "[check][rotation-chain-break]") {
    Story story;
    std::uint32_t id = round(story, 1_s, 1);
    story.stuck(4_s, 1, cpu::StuckKind::InNmi);  // before the last checks of the others
    for (Duration at = 11_s; at < 40_s; at = at + 2500_ms) {
        story.match(at, id);
        story.accept(at + 1_us, id++, 1);
    }
    story.ends(45_s);
    REQUIRE(story.names() == Names{"rotation-chain-break"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.sentence ==
          "no CPU was checked after 8.5000015 s: CPU 1 accepted the NMI at 11.000001 s, it was accepted and never "
          "taken");
    CHECK(finding.invariants == Names{"INV-conserve", "INV-cover", "INV-complete"});
    CHECK(finding.token.id == 5);
}

TEST_CASE("a rotation that is too slow is not broken", "[check][rotation-chain-break][INV-cover]") {
    Story story;
    for (std::uint32_t id = 1; id <= 4; ++id) {
        story.checked(25_s * static_cast<std::int64_t>(id) - 20_s, id, id - 1);
    }
    story.ends(81_s);
    REQUIRE(story.names() == Names{"INV-cover"});
    CHECK(story.verdict().findings[0].sentence == "no CPU was checked between 5.0000015 s and 30.0000015 s");
}

TEST_CASE("the check that ends a rest of the rotation is named", "[check][rotation-chain-break][INV-cover]") {
    Story story;
    round(story, 1_s, 1);
    SECTION("and is the first NMI after it") {
        story.checked(40_s, 5, 0);
        story.ends(41_s);
        REQUIRE(story.names() == Names{"INV-cover"});
        CHECK(story.verdict().findings[0].sentence == "no CPU was checked between 8.5000015 s and 40.0000015 s");
    }
    SECTION("as is an NMI that was lost before it") {
        story.match(11_s, 5);
        story.checked(40_s, 6, 0);
        story.ends(41_s);
        REQUIRE(story.names() == Names{"INV-cover"});
        CHECK(story.verdict().findings[0].sentence ==
              "no CPU was checked between 8.5000015 s and 40.0000015 s: the NMI that matched at 11 s reached no CPU, "
              "it was never accepted");
    }
}

TEST_CASE("the gap is longer than Dmax by a femtosecond", "[check][INV-cover]") {
    Story story{1};
    story.checked(1_s, 1, 0);
    story.match(10_s, 2);
    story.ends(21_s + 1500_ns);
    CHECK(story.names() == Names{"INV-conserve"});  // the NMI that is lost
    story.ends(21_s + 1500_ns + 1_fs);
    CHECK(story.names() == Names{"rotation-chain-break"});
}

TEST_CASE("a CPU that the rotation leaves out", "[check][INV-cover]") {
    Story story;
    std::uint32_t id = round(story, 1_s, 1);
    id = round(story, 11_s, id, 3);
    id = round(story, 21_s, id, 3);
    story.ends(30_s);
    REQUIRE(story.names() == Names{"INV-cover"});
    CHECK(story.verdict().findings[0].cpu == 3);
}

TEST_CASE("a CPU that leaves the mask or goes down needs no check", "[check][INV-cover]") {
    Story story;
    std::uint32_t id = round(story, 1_s, 1);
    SECTION("mask") { story.clear(20_s, 3); }
    SECTION("life") { story.life(20_s, 3, trace::Life::Dead); }
    id = round(story, 11_s, id, 3);
    id = round(story, 21_s, id, 3);
    story.ends(30_s);
    CHECK(story.names().empty());
}

TEST_CASE("the route stands still where the move waits for an acknowledgement", "[check][nmi-never-acked]") {
    Story story;
    for (std::uint32_t id = 1; id <= 12; ++id) {
        const Duration at = 2500_ms * static_cast<std::int64_t>(id);
        story.checked(at, id, id == 1 ? 0 : 1);  // the first move works, and is the last one
        story.lock(at + 1200_ns, What::LockTaken, 1, Context::Nmi, "desc->lock");
        story.lock(at + 1300_ns, What::LockDropped, 1, Context::Nmi, "desc->lock");
    }
    story.ends(31_s);
    REQUIRE(story.names() == Names{"nmi-never-acked"});
    CHECK(story.verdict().findings[0].more == 0);
    CHECK(story.verdict().findings[0].sentence.find("CPU 1 takes every NMI; CPU ") == 0);
}

TEST_CASE("the same without the kernel's move is the rotation's own fault", "[check][nmi-never-acked]") {
    Story story;
    for (std::uint32_t id = 1; id <= 12; ++id) {
        story.checked(2500_ms * static_cast<std::int64_t>(id), id, 1);
    }
    story.ends(31_s);
    CHECK(story.names() == Names{"INV-cover"});
}

TEST_CASE("restarts faster than the period starve the detector", "[check][restart-starvation]") {
    Story story;
    round(story, 1_s, 1);
    for (Duration at = 10_s; at < 32_s; at = at + 2_s) {
        story.effect(at, Story::CONF, 0);
        story.effect(at + 1_ms, Story::CONF, Story::ON);
    }
    story.ends(32_s);
    CHECK(story.names() == Names{"restart-starvation"});
}

TEST_CASE("a deadline that was past when it took effect", "[check][comparator-in-past]") {
    Story story{1};
    story.options.hpet_tick = Duration{100'000'000};  // 100 ns
    story.write(1_s, 0, Context::Task, Story::COMP, 10'000);
    story.effect(1_s, Story::COMP, 10'000);
    story.checked(1_s + 1_ms, 1, 0);
    // Due 1 ms after that match. A comparator goes on with its old value for four edges at most.
    SECTION("in time, whatever the device: it is silent for another reason") {
        story.write(1_s + 1500_us, 0, Context::Nmi, Story::COMP, 20'000);
        story.effect(1_s + 2_ms - 400_ns, Story::COMP, 20'000);
        story.ends(40_s);
        CHECK(story.names() != Names{"comparator-in-past"});
    }
    SECTION("so late that it may match, and it does") {
        story.write(1_s + 1500_us, 0, Context::Nmi, Story::COMP, 20'000);
        story.effect(1_s + 2_ms - 100_ns, Story::COMP, 20'000);
        story.checked(1_s + 2_ms, 2, 0);
        story.ends(3_s);
        CHECK(story.names().empty());
    }
    SECTION("so late that it may match, and stopped before it could") {
        story.write(1_s + 1500_us, 0, Context::Nmi, Story::COMP, 20'000);
        story.effect(1_s + 2_ms - 100_ns, Story::COMP, 20'000);
        story.effect(1_s + 2_ms - 50_ns, Story::CONF, 0);
        story.ends(40_s);
        CHECK(story.names() != Names{"comparator-in-past"});
    }
    SECTION("too late, and the coverage is its consequence") {
        const Duration before = GENERATE(399_ns, 0_ns, Duration{} - 70_ns);
        story.write(1_s + 1500_us, 0, Context::Nmi, Story::COMP, 20'000);
        story.effect(1_s + 2_ms - before, Story::COMP, 20'000);
        story.ends(40_s);
        REQUIRE(story.names() == Names{"comparator-in-past"});
        CHECK(story.verdict().findings[0].invariants == Names{"INV-cover", "INV-armed"});
    }
}

TEST_CASE("a timer that was started and sends nothing", "[check][INV-armed]") {
    Story story{1};
    story.clear(2_us, 0);
    story.ends(10_s + 1_us);
    CHECK(story.names().empty());
    story.ends(10_s + 1_us + 1_fs);
    CHECK(story.names() == Names{"INV-armed"});
}

TEST_CASE("a timer that is pushed forward before it matches is armed, however long it sends nothing",
          "[check][INV-armed]") {
    const auto [ahead, silent] = GENERATE(table<Duration, bool>(
        {{4_s, false}, {10_s, false}, {10_s + 1_fs, true}, {0_s, true}}));  // matches so long after the write
    Story story{1};
    story.clear(2_us, 0);
    for (std::uint32_t n = 1; n <= 10; ++n) {
        story.effect(2_s * n, Story::COMP, n);
        story.log.records.back().result = ahead.fs == 0 ? 0 : (Instant{} + 2_s * n + ahead).fs;
    }
    story.ends(21_s);
    CHECK(story.names() == (silent ? Names{"INV-armed"} : Names{}));
}

TEST_CASE("a timer that is pushed forward and at last does not match is silent from there on", "[check][INV-armed]") {
    Story story{1};
    story.clear(2_us, 0);
    for (std::uint32_t n = 1; n <= 3; ++n) {
        story.effect(8_s * n, Story::COMP, n);
        story.log.records.back().result = (Instant{} + 8_s * n + 9_s).fs;
    }
    const std::size_t last = story.log.records.size() - 1;
    story.ends(34_s);
    CHECK(story.names().empty());
    story.ends(34_s + 1_fs);
    REQUIRE(story.names() == Names{"INV-armed"});
    CHECK(story.verdict().findings[0].evidence.back() == last);
}

TEST_CASE("a silent timer is what the finding is called by, and that nobody is checked follows from it",
          "[check][INV-armed][INV-cover]") {
    Story story;
    story.ends(40_s);
    REQUIRE(story.names() == Names{"INV-armed"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.invariants == Names{"INV-cover", "INV-armed"});
    CHECK(finding.sentence ==
          "timer 0 was started at 1 us and sent nothing for a whole threshold, 10 s "
          "of kernel.watchdog_thresh");
}

TEST_CASE("that no CPU was ever checked has a reason if no timer sent anything", "[check][INV-cover]") {
    const bool sent = GENERATE(false, true);
    Story story;
    story.effect(2_us, Story::CONF, 0);
    if (sent) {
        story.match(1_us, 1).accept(1500_ns, 1, 0).take(1600_ns, 1, 0);
        story.fate(1700_ns, What::NmiClaimed, 0, "another").leave(1800_ns, 1, 0);
    }
    story.ends(40_s);
    REQUIRE(story.names() == (sent ? Names{"INV-claim", "INV-cover"} : Names{"INV-cover"}));
    CHECK(story.verdict().findings.back().sentence ==
          std::string{"no CPU was ever checked"} + (sent ? "" : ": no timer sent an NMI"));
}

TEST_CASE("an object without an NMI handler misses a CPU, and nothing is said of checks that it cannot make",
          "[check][stuck-irqoff][INV-complete]") {
    Story story;
    story.options.described.nmi_handler = false;
    story.effect(2_us, Story::CONF, 0).stuck(5_s, 1, cpu::StuckKind::IrqOff);
    story.ends(40_s);
    REQUIRE(story.names() == Names{"stuck-irqoff"});
    CHECK(story.verdict().findings[0].invariants == Names{"INV-complete"});
    CHECK(story.verdict().findings[0].sentence ==
          "CPU 1 was stuck with interrupts off from 5 s on and was not reported: "
          "the object registers no NMI handler");
}

TEST_CASE("a CPU that came up again and was forgotten is missed, unless the operator left it out",
          "[check][stuck-irqoff][INV-complete]") {
    const bool written = GENERATE(false, true);
    const bool is_down = GENERATE(false, true);
    Story story;
    story.options.mask_written = written;
    story.step(2_s, 3, false).clear(2_s + 1_us, 3);
    story.life(2_s + 2_us, 3, trace::Life::Dead);
    if (!is_down) {
        story.step(3_s, 3, true).life(3_s + 1_us, 3, trace::Life::Up);
    }
    story.stuck(5_s, 3, cpu::StuckKind::IrqOff);
    std::uint32_t id = 1;
    for (Duration at = 6_s; at < 30_s; at = at + 2_s) {
        for (unsigned cpu = 0; cpu < 3; ++cpu) {
            story.checked(at + 500_ms * std::int64_t{cpu}, id++, cpu);
        }
    }
    story.ends(30_s);
    CHECK(story.names() == (written || is_down ? Names{} : Names{"stuck-irqoff"}));
}

TEST_CASE("a CPU that is stuck and not reported", "[check][stuck-irqoff]") {
    const auto kind = GENERATE(cpu::StuckKind::IrqOff, cpu::StuckKind::Spinning);
    Story story;
    story.stuck(5_s, 1, kind);
    std::uint32_t id = round(story, 1_s, 1);
    id = round(story, 11_s, id);
    id = round(story, 21_s, id);
    SECTION("for ever") {
        story.ends(30_s);
        CHECK(story.names() == (kind == cpu::StuckKind::IrqOff ? Names{"stuck-irqoff"} : Names{}));
    }
    SECTION("and Dmax would end beyond all time") {
        story.options.described.max_delay = Duration::max();
        story.ends(30_s);
        CHECK(story.names().empty());
    }
    SECTION("shorter than Dmax") {
        story.released(25_s - 1_fs, 1);
        story.ends(30_s);
        CHECK(story.names().empty());
    }
    SECTION("reported in time") {
        story.reported(25_s, 1, 1);
        story.ends(30_s);
        CHECK(story.names() == (kind == cpu::StuckKind::IrqOff ? Names{} : Names{"INV-sound"}));
    }
    SECTION("reported too late") {
        story.reported(25_s + 1_fs, 1, 1);
        story.ends(30_s);
        CHECK(story.names() == (kind == cpu::StuckKind::IrqOff ? Names{"stuck-irqoff"} : Names{"INV-sound"}));
    }
}

TEST_CASE("a report of a CPU that takes timer interrupts is false", "[check][INV-sound]") {
    Story story{1};
    story.stuck(5_s, 0, cpu::StuckKind::IrqOff);
    story.hop(5_s + 1_ms, 9, Hop::Taken, 0, Source::LapicTimer);
    story.record(5_s + 1_ms, What::ContextEntered, 0, Context::Interrupt);
    story.checked(8_s, 10, 0);
    SECTION("within a heartbeat") {
        story.reported(9_s + 1_ms - 1_fs, 0, 0);
        story.ends(10_s);
        REQUIRE(story.names() == Names{"INV-sound"});
        CHECK(story.verdict().findings[0].sentence ==
              "the report at 9.000999999999999 s names CPU 0, stuck with interrupts off since 5 s, which took a timer "
              "interrupt 3.999999999999999 s before, within a heartbeat of 4 s");
    }
    SECTION("a heartbeat ago") {
        story.reported(9_s + 1_ms, 0, 0);
        story.ends(10_s);
        CHECK(story.names().empty());
    }
}

TEST_CASE("a false report is told with what speaks against it", "[check][INV-sound]") {
    Story story{1};
    story.checked(8_s, 10, 0);
    std::string because;
    unsigned named = 0;
    SECTION("never stuck") { because = "CPU 0, which was not stuck"; }
    SECTION("no such CPU") {
        named = 7;
        because = "CPU 7, which is not there";
    }
    SECTION("spinning with interrupts on") {
        story.stuck(8500_ms, 0, cpu::StuckKind::Spinning);
        because = "CPU 0, stuck spinning since 8.5 s, which is no lockup";
    }
    story.reported(9_s, 0, named);
    story.ends(10_s);
    REQUIRE(story.names() == Names{"INV-sound"});
    CHECK(story.verdict().findings[0].sentence == "the report at 9 s names " + because);
}

TEST_CASE("a line about lockups that names no CPU is no report", "[check][INV-sound]") {
    Story story;
    story.says(5_s, 1, "hld: hard LOCKUP on cpu of another kernel").ends(6_s);
    CHECK(story.names().empty());
}

TEST_CASE("a report that shows another CPU's registers", "[check][INV-regs]") {
    Story story;
    story.stuck(1_s, 1, cpu::StuckKind::IrqOff);
    story.match(15_s, 1);
    story.accept(15_s, 1, 2);
    story.take(15_s, 1, 2);
    story.reported(15_s + 1_us, 2, 1);
    story.fate(15_s + 3_us, What::NmiClaimed, 2);
    SECTION("registers") {
        story.says(15_s + 2_us, 2, "RIP: hld_beat+0x3");
        story.leave(15_s + 4_us, 1, 2);
        story.ends(16_s);
        CHECK(story.names() == Names{"INV-armed", "INV-regs"});
    }
    SECTION("no registers") {
        story.leave(15_s + 4_us, 1, 2);
        story.ends(16_s);
        CHECK(story.names() == Names{"INV-armed"});
    }
}
