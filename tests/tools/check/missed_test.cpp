// SPDX-License-Identifier: Apache-2.0
// INV-cover, INV-complete and INV-sound: what is counted to a gap, to a time stuck and to a report, and what is not.
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

namespace {

/// The CPUs in turn, one every 2 s, in [from, to); returns the next free token.
std::uint32_t turns(Story& story, Duration from, Duration to, std::uint32_t id, unsigned cpus) {
    for (Duration at = from; at < to; at = at + 2_s) {
        const unsigned cpu = id % cpus;
        story.checked(at, id++, cpu);
    }
    return id;
}

bool finds(const Story& story, const std::string& hazard) {
    const Names names = story.names();
    return std::find(names.begin(), names.end(), hazard) != names.end();
}

}  // namespace

TEST_CASE("what was said of a CPU before it got stuck is no report of that", "[check][INV-complete]") {
    const Duration reported = GENERATE(4_s, 6_s);
    Story story;
    story.reported(reported, 0, 1);
    story.stuck(5_s, 1, cpu::StuckKind::IrqOff);
    turns(story, 500_ms, 30_s, 1, 4);
    story.ends(30_s);
    CHECK(finds(story, "stuck-irqoff") == (reported < 5_s));
}

TEST_CASE("a CPU that is stuck for exactly Dmax is to be reported", "[check][INV-complete]") {
    const Duration released = GENERATE(25_s, 25_s - 1_fs);
    Story story;
    story.stuck(5_s, 1, cpu::StuckKind::IrqOff);
    turns(story, 500_ms, 25_s, 1, 4);
    story.released(released, 1);
    story.ends(30_s);
    CHECK(story.names() == (released == 25_s ? Names{"stuck-irqoff"} : Names{}));
}

TEST_CASE("a CPU that was forgotten is missed once it is up, not while it comes", "[check][INV-complete]") {
    const trace::Life life = GENERATE(trace::Life::Coming, trace::Life::Up);
    Story story;
    story.step(2_s, 3, false).clear(2_s + 1_us, 3).life(2_s + 2_us, 3, trace::Life::Dead);
    story.step(3_s, 3, true).life(3_s + 1_us, 3, life);
    story.stuck(5_s, 3, cpu::StuckKind::IrqOff);
    turns(story, 500_ms, 30_s, 3, 3);
    story.ends(30_s);
    CHECK(story.names() == (life == trace::Life::Up ? Names{"stuck-irqoff"} : Names{}));
}

TEST_CASE("a CPU that takes every check, and is not reported, is missed by itself", "[check][stuck-irqoff]") {
    Story story{1};
    story.stuck(5_s, 0, cpu::StuckKind::IrqOff);
    turns(story, 500_ms, 30_s, 1, 1);
    story.ends(30_s);
    CHECK(story.names() == Names{"stuck-irqoff"});
}

TEST_CASE("a CPU that comes back into the mask has Dmax from there", "[check][INV-cover]") {
    const Duration back = GENERATE(20_s, 20_s - 1_fs);
    Story story;
    story.checked(1_s, 3, 3);
    story.clear(3_s, 3);
    turns(story, 2_s, 20_s - 2_fs, 6, 3);
    story.set(back, 3);
    turns(story, 20500_ms, 40_s, 60, 3);
    story.ends(40_s);
    CHECK(story.names() == (back == 20_s ? Names{} : Names{"INV-cover"}));
}

TEST_CASE("one check of one CPU is no rotation that stands still, however many handlers claim it",
          "[check][INV-cover]") {
    const unsigned checks = GENERATE(1U, 2U);
    Story story;
    turns(story, 500_ms, 16_s, 4, 4);
    story.match(23_s, 80).accept(23_s + 1_us, 80, 1).take(23_s + 2_us, 80, 1);
    story.fate(23_s + 3_us, What::NmiClaimed, 1).fate(23_s + 4_us, What::NmiClaimed, 1);
    story.leave(23_s + 5_us, 80, 1);
    if (checks == 2) {
        story.checked(24_s, 81, 1);
    }
    story.ends(33_s);
    const Verdict verdict = story.verdict();
    REQUIRE(!verdict.findings.empty());
    CHECK((verdict.findings[0].sentence.find("CPU 1 takes every NMI") == 0) == (checks == 2));
}

TEST_CASE("two restarts are not restarts again and again, and a match between them starves nobody",
          "[check][restart-starvation]") {
    const unsigned restarts = GENERATE(2U, 3U);
    const bool matches = GENERATE(false, true);
    Story story;
    turns(story, 500_ms, 8_s, 4, 4);
    for (const Duration at : restarts == 3 ? std::vector{8_s, 12_s, 19_s, 28_s} : std::vector{12_s, 19_s, 28_s}) {
        story.effect(at, Story::CONF, 0).effect(at + 1_ms, Story::CONF, Story::ON);
        if (matches && at == 12_s) {
            story.unclaimed(15_s, 15_s + 1_us, 80, 1);
        }
    }
    story.ends(32_s);
    CHECK(finds(story, "restart-starvation") == (restarts == 3 && !matches));
}

TEST_CASE("a route that was written long ago is no move of the interrupt", "[check][nmi-never-acked]") {
    const Duration written = GENERATE(1_ms, 12500_ms);
    Story story;
    story.effect(1_ms, Story::ROUTE, 0xfee0'1000);
    for (std::uint32_t id = 1; id <= 12; ++id) {
        const Duration at = 2500_ms * static_cast<std::int64_t>(id);
        story.checked(at, id, 1);
        story.lock(at + 1200_ns, What::LockTaken, 1, Context::Nmi, "desc->lock");
        story.lock(at + 1300_ns, What::LockDropped, 1, Context::Nmi, "desc->lock");
        if (at == written) {
            story.effect(at + 1_ms, Story::ROUTE, 0xfee0'1000);
        }
    }
    story.ends(31_s);
    CHECK(story.names() == Names{written == 1_ms ? "nmi-never-acked" : "INV-cover"});
}

TEST_CASE("that nobody is checked follows from a silent timer only if the checks ended before it was started",
          "[check][INV-armed]") {
    const bool before = GENERATE(true, false);
    Story story;
    story.effect(3_s, Story::CONF + 0x40, Story::ON);  // timer 2
    if (before) {
        story.effect(3_s, Story::CONF, 0);
    } else {
        turns(story, 4_s, 12_s, 4, 4);
    }
    story.ends(40_s);
    CHECK(story.names() == (before ? Names{"INV-armed"} : Names{"INV-armed", "INV-cover"}));
}

TEST_CASE("a report may come until a threshold after the CPU was freed", "[check][INV-sound]") {
    const Duration reported = GENERATE(15_s, 15_s - 1_fs);
    Story story;
    story.stuck(1_s, 1, cpu::StuckKind::IrqOff).released(5_s, 1);
    turns(story, 500_ms, 15_s, 4, 4);
    story.reported(reported, 0, 1);
    story.ends(16_s);
    CHECK(story.names() == (reported == 15_s ? Names{"INV-sound"} : Names{}));
}

TEST_CASE("a CPU that was locked up, and spins now, is reported rightly", "[check][INV-sound]") {
    const cpu::StuckKind first = GENERATE(cpu::StuckKind::IrqOff, cpu::StuckKind::Spinning);
    Story story;
    story.stuck(1_s, 1, first).released(5_s, 1);
    story.stuck(6_s, 1, cpu::StuckKind::Spinning);
    turns(story, 500_ms, 9_s, 4, 4);
    story.reported(9_s, 0, 1);
    story.ends(10_s);
    CHECK(story.names() == (first == cpu::StuckKind::IrqOff ? Names{} : Names{"INV-sound"}));
}

TEST_CASE("whose mask is not known leaves nothing: on its way down a CPU is up", "[check]") {
    const bool known = GENERATE(true, false);
    Story story = routed_to_2();
    story.options.described.monitored = known;
    story.step(6_s, 2, false).clear(6_s + 1_us, 2);
    story.unclaimed(7_s, 7_s + 1_us, 2, 2);
    story.ends(8_s);
    const Verdict verdict = story.verdict();
    REQUIRE(!verdict.findings.empty());
    CHECK(verdict.findings[0].phase == (known ? trace::Life::Leaving : trace::Life::Up));
}
