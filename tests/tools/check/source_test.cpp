// SPDX-License-Identifier: Apache-2.0
// Whose an NMI is: what the detector's code has set up is its own, whatever sends it.
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

namespace {

class Sent : public Story {
public:
    /// An NMI of that source; `ours`: set up by the detector's code.
    Sent& sent(Duration at, std::uint32_t id, Source source, bool ours) {
        hop(at, id, Hop::Matched, source == Source::Pit ? trace::NO_CPU : 0, source);
        hop(at, id, Hop::Posted, source == Source::Pit ? trace::NO_CPU : 0, source);
        log.records.back().flag = ours;
        return *this;
    }
    Sent& accepted(Duration at, std::uint32_t id, unsigned cpu, Source source) {
        hop(at, id, Hop::Accepted, cpu, source);
        return *this;
    }
    Sent& handled(Duration at, std::uint32_t id, unsigned cpu, Source source, What what) {
        take(at, id, cpu, source);
        fate(at + 200_ns, what, cpu);
        leave(at + 1_us, id, cpu, source);
        return *this;
    }
    Names names_at_end(Duration at = 10_s) {
        ends(at);
        return names();
    }
};

}  // namespace

TEST_CASE("what the detector's code has set up is its own to claim, whatever sends it", "[check][INV-claim]") {
    const Source source = GENERATE(Source::Ipi, Source::Perf, Source::Pit, Source::Ioapic);
    const bool own = GENERATE(true, false);
    Sent story;
    story.sent(5_s, 1, source, own);
    story.accepted(5_s + 1_us, 1, 1, source).handled(5_s + 2_us, 1, 1, source, What::NmiClaimed);
    CHECK(story.names_at_end() == (own ? Names{} : Names{"INV-claim"}));
}

TEST_CASE("what the detector's code has set up is its own to claim, and nobody else's", "[check][INV-claim]") {
    const bool own = GENERATE(true, false);
    Sent story;
    story.sent(5_s, 1, Source::Ipi, own);
    story.accepted(5_s + 1_us, 1, 1, Source::Ipi).handled(5_s + 2_us, 1, 1, Source::Ipi, What::NmiNotMine);
    CHECK(story.names_at_end() == (own ? Names{"INV-claim"} : Names{}));
}

TEST_CASE("a claimed NMI of the detector is a check whatever sent it", "[check][INV-cover]") {
    const bool own = GENERATE(true, false);
    Sent story;
    story.effect(2_us, Story::CONF, 0);
    for (std::uint32_t n = 1; n <= 8; ++n) {
        const unsigned cpu = (n - 1) % 4;
        story.sent(4_s * n, n, Source::Ipi, own);
        story.accepted(4_s * n + 1_us, n, cpu, Source::Ipi);
        story.handled(4_s * n + 2_us, n, cpu, Source::Ipi, What::NmiClaimed);
    }
    CHECK(story.names_at_end(35_s) == (own ? Names{} : Names{"INV-claim", "INV-cover"}));
}

TEST_CASE("an NMI that the detector's code sends goes to monitored CPUs", "[check][INV-target]") {
    const bool own = GENERATE(true, false);
    Sent story;
    story.clear(4_s, 1);
    story.sent(5_s, 1, Source::Ipi, own);
    story.accepted(5_s + 1_us, 1, 1, Source::Ipi).handled(5_s + 2_us, 1, 1, Source::Ipi, What::NmiClaimed);
    story.ends(10_s);
    REQUIRE(story.names() == (own ? Names{"INV-target"} : Names{"INV-claim"}));
}

TEST_CASE("a broadcast that one CPU of several must not have is told of that CPU",
          "[check][INV-target][INV-dead-target][nmi-on-soft-offlined-apic]") {
    Sent story;
    story.clear(4_s, 2);
    story.life(4_s + 1_ms, 2, trace::Life::Dead);
    story.sent(5_s, 1, Source::Pit, true);
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        story.accepted(5_s + 1_us, 1, cpu, Source::Pit);
    }
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        story.handled(5_s + 2_us, 1, cpu, Source::Pit, cpu == 2 ? What::NmiIgnored : What::NmiClaimed);
    }
    story.ends(10_s);
    REQUIRE(story.names() == Names{"nmi-on-soft-offlined-apic"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.cpu == 2);
    CHECK(finding.sentence ==
          "CPU 2 took the NMI 1.000002 s after it left the mask; the kernel ignored it, for that CPU is offline");
}

TEST_CASE("a broadcast that one CPU of several accepts and never takes is lost there", "[check][INV-conserve]") {
    const bool later = GENERATE(true, false);
    const bool up = GENERATE(true, false);
    Sent story;
    if (!up) {
        story.life(4_s, 2, trace::Life::Dead);
    }
    story.sent(5_s, 1, Source::Pit, true);
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        story.accepted(5_s + 1_us, 1, cpu, Source::Pit);
    }
    for (const unsigned cpu : {0U, 1U, 3U}) {
        story.handled(5_s + 2_us, 1, cpu, Source::Pit, What::NmiClaimed);
    }
    story.ends(6_s + 1_us + (later ? 1_fs : 0_fs));
    if (!up) {  // the interrupt of a dead CPU is another story
        REQUIRE(story.names() == Names{"nmi-on-soft-offlined-apic"});
        CHECK(story.verdict().findings[0].invariants == Names{"INV-dead-target"});
        return;
    }
    REQUIRE(story.names() == (later ? Names{"INV-conserve"} : Names{}));
    if (later) {
        CHECK(story.verdict().findings[0].cpu == 2);
        CHECK(story.verdict().findings[0].sentence ==
              "CPU 2 accepted the NMI at 5.000001 s; it was accepted and never taken");
    }
}

TEST_CASE("an NMI that the detector's code sent, and that no CPU takes, is lost", "[check][INV-conserve]") {
    const bool own = GENERATE(true, false);
    Sent story;
    story.sent(5_s, 1, Source::Ipi, own);
    CHECK(story.names_at_end() == (own ? Names{"INV-conserve"} : Names{}));
}

TEST_CASE("an IPI is asked for no timer's route, and no timer's stop", "[check][INV-silent]") {
    Sent story;
    story.write(3_s, 0, Context::Task, Story::CONF, 0);
    story.effect(3_s + 1_us, Story::CONF, 0);
    story.sent(5_s, 1, Source::Ipi, true);
    story.accepted(5_s + 1_us, 1, 1, Source::Ipi).handled(5_s + 2_us, 1, 1, Source::Ipi, What::NmiNotMine);
    CHECK(story.names_at_end() == Names{"INV-claim"});
}

TEST_CASE("a detector that counts cycles checks no CPU that sleeps: its coverage is not watched",
          "[check][INV-cover]") {
    const bool counts = GENERATE(true, false);
    Sent story;
    story.log.own_counter = counts;
    story.effect(2_us, Story::CONF, 0);
    story.ends(41_s);
    CHECK(story.names() == (counts ? Names{} : Names{"INV-cover"}));
    const std::vector<Unwatched> off = story.verdict().unwatched;
    CHECK(std::count_if(off.begin(), off.end(), [](const Unwatched& each) {
              return each.invariant == "INV-cover" && each.lacks == "its counter stands still while a CPU sleeps";
          }) == (counts ? 1 : 0));
}
