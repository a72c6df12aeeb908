// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

TEST_CASE("an NMI that matched before the bit was cleared and is taken after it", "[check][nmi-before-bit-clear]") {
    Story story = routed_to_2();
    story.step(7_s, 2, false);
    story.clear(7500_ms, 2);
    story.unclaimed(7500_ms - 1_us, 7500_ms + 4_ns, 2, 2);
    story.ends(8_s);
    const Verdict verdict = story.verdict();
    REQUIRE(story.names() == Names{"nmi-before-bit-clear"});
    const Finding& finding = verdict.findings[0];
    CHECK(finding.sentence == "CPU 2 took the NMI 4 ns after it left the mask; no handler claimed it");
    CHECK(finding.invariants == Names{"INV-target", "INV-conserve", "INV-claim"});
    CHECK(finding.cpu == 2);
    CHECK(finding.phase == trace::Life::Leaving);
    CHECK(finding.at == Instant{} + 7500_ms + 4_ns);
    CHECK(finding.token.id == 2);
    CHECK(std::is_sorted(finding.evidence.begin(), finding.evidence.end(), [&](std::size_t a, std::size_t b) {
        return story.log.records[a].at < story.log.records[b].at;
    }));
}

TEST_CASE("an NMI taken a femtosecond before the bit is cleared is no finding", "[check][nmi-before-bit-clear]") {
    Story story = routed_to_2();
    story.checked(7500_ms - 1100_ns - 1_fs, 2, 2);
    story.clear(7500_ms, 2);
    story.ends(8_s);
    CHECK(story.names().empty());
}

TEST_CASE("an NMI taken a femtosecond after the bit is cleared is one, claimed or not",
          "[check][nmi-before-bit-clear]") {
    Story story = routed_to_2();
    story.clear(7500_ms, 2);
    story.checked(7500_ms - 1100_ns + 1_fs, 2, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"nmi-before-bit-clear"});
    CHECK(story.verdict().findings[0].sentence == "CPU 2 took the NMI 1 fs after it left the mask; it was claimed");
    CHECK(story.verdict().findings[0].phase == trace::Life::Up);
}

TEST_CASE("a bit that another CPU clears under a running handler is the same race", "[check][nmi-before-bit-clear]") {
    Story story = routed_to_2();
    story.unclaimed(7_s, 7_s + 1_us, 2, 2);
    story.clear(7_s + 1100_ns, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"nmi-before-bit-clear"});
    CHECK(story.verdict().findings[0].sentence ==
          "CPU 2 took the NMI 100 ns before it left the mask; no handler claimed it");
}

TEST_CASE("a match after the clear with the route of before is the stale route", "[check][nmi-after-bit-clear]") {
    Story story = routed_to_2();
    story.step(7_s, 2, false);
    story.clear(7500_ms, 2);
    story.unclaimed(7500_ms + 1_us, 7500_ms + 2_us, 2, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"nmi-after-bit-clear"});
    CHECK(story.verdict().findings[0].sentence ==
          "the timer matched 1 us after CPU 2 left the mask, still routed to it; no handler claimed it");
}

TEST_CASE("a route that takes effect after its target left is the cause, a period before its effect",
          "[check][rotate-to-dying]") {
    Story story = routed_to_2();
    story.step(4_s, 2, false);
    story.clear(5_s + 1699_ns, 2);  // the handler had begun, the write was made, and its effect came a ns later
    story.life(6_s, 2, trace::Life::Dead);
    story.unclaimed(7500_ms, 7500_ms + 1_us, 2, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"rotate-to-dying"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.phase == trace::Life::Dead);
    const bool has_write = std::any_of(finding.evidence.begin(), finding.evidence.end(), [&](std::size_t record) {
        return story.log.records[record].what == What::DeviceWrite;
    });
    CHECK(has_write);
    CHECK(finding.sentence ==
          "CPU 1 had chosen CPU 2 in an NMI; the route took effect 1 ns after that CPU left the mask, and CPU 2 took "
          "the NMI 2.499999301 s after it left the mask; no handler claimed it");
}

TEST_CASE("an interrupt races with the clear as an NMI does, and a task by its write", "[check][rotate-to-dying]") {
    const auto context = GENERATE(Context::Interrupt, Context::Task);
    const auto clear = GENERATE(values<Duration>({5_s - 1_us, 5_s + 1_us, 5_s + 1500_ns, 5_s + 1800_ns}));
    Story story;
    story.record(5_s, What::ContextEntered, 1, context);
    story.write(5_s + 1300_ns, 1, context, Story::ROUTE, 0xfee0'2000);
    story.effect(5_s + 1700_ns, Story::ROUTE, 0xfee0'2000);
    story.clear(clear, 2);
    story.unclaimed(7500_ms, 7500_ms + 1_us, 2, 2);
    story.ends(8_s);
    const Duration begun = context == Context::Interrupt ? 5_s : 5_s + 1300_ns;
    CHECK(story.names() == (clear < begun           ? Names{"INV-target"}
                            : clear < 5_s + 1700_ns ? Names{"rotate-to-dying"}
                                                    : Names{"nmi-after-bit-clear"}));
}

TEST_CASE("a route that took effect before its target left is not", "[check][rotate-to-dying]") {
    Story story = routed_to_2();
    story.clear(5_s + 1701_ns, 2);
    story.unclaimed(7500_ms, 7500_ms + 1_us, 2, 2);
    story.ends(8_s);
    CHECK(story.names() == Names{"nmi-after-bit-clear"});
}

TEST_CASE("a handler that began after the clear has not raced with it", "[check][rotate-to-dying]") {
    Story story = routed_to_2();
    story.clear(5_s + 1_us, 2);
    story.unclaimed(7500_ms, 7500_ms + 1_us, 2, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"INV-target"});  // nor was the route still the one of before
    CHECK(story.verdict().findings[0].sentence ==
          "the route to CPU 2 took effect 700 ns after that CPU left the mask; CPU 2 took the NMI 2.5 s after it left "
          "the mask, no handler claimed it");
}

TEST_CASE("later NMIs by the same wrong route are counted with the first", "[check]") {
    Story story = routed_to_2();
    story.step(7_s, 2, false);
    story.clear(7500_ms, 2);
    story.unclaimed(7500_ms - 1_us, 7500_ms + 1_us, 2, 2);
    story.life(8_s, 2, trace::Life::Dead);
    story.unclaimed(10_s, 10_s + 1_us, 3, 2);
    story.unclaimed(12500_ms, 12500_ms + 1_us, 4, 2);
    story.ends(13_s);
    REQUIRE(story.names() == Names{"nmi-before-bit-clear"});
    CHECK(story.verdict().findings[0].more == 2);
}

TEST_CASE("an NMI on a dead CPU whose bit is still set", "[check][nmi-on-soft-offlined-apic]") {
    Story story = routed_to_2();
    story.life(7_s, 2, trace::Life::Dead);
    story.match(7500_ms, 2);
    story.accept(7500_ms + 1_us, 2, 2);
    story.take(7500_ms + 2_us, 2, 2);
    story.fate(7500_ms + 3_us, What::NmiIgnored, 2);
    story.leave(7500_ms + 4_us, 2, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"nmi-on-soft-offlined-apic"});
    CHECK(story.verdict().findings[0].phase == trace::Life::Dead);
    CHECK(story.verdict().findings[0].invariants == Names{"INV-dead-target", "INV-claim"});
}

TEST_CASE("several that merged into one NMI are one finding", "[check][INV-claim]") {
    Story story = routed_to_2();
    story.match(7_s, 2).accept(7_s, 2, 2).match(7_s + 1_us, 3).accept(7_s + 1_us, 3, 2);
    story.hop(7_s + 2_us, 2, Hop::Taken, 2);
    story.take(7_s + 2_us, 3, 2);
    story.fate(7_s + 3_us, What::NmiUnknown, 2);
    story.hop(7_s + 4_us, 2, Hop::Returned, 2);
    story.leave(7_s + 4_us, 3, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"INV-conserve"});
    CHECK(story.verdict().findings[0].invariants == Names{"INV-conserve", "INV-claim"});
    CHECK(story.verdict().findings[0].more == 0);
}

TEST_CASE("the detector's handler claims an NMI of somebody else", "[check][INV-foreign]") {
    Story story = routed_to_2();
    story.hop(7_s, 2, Hop::Accepted, 3, Source::Lint1);
    story.take(7_s, 2, 3, Source::Lint1);
    story.fate(7_s + 1_us, What::NmiClaimed, 3);
    story.leave(7_s + 2_us, 2, 3, Source::Lint1);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"INV-claim"});
    CHECK(story.verdict().findings[0].invariants == Names{"INV-claim", "INV-foreign"});
}

TEST_CASE("an NMI of the detector and of a pin that the detector claims ends the search for the pin's",
          "[check][INV-foreign][coalesce-two-sources]") {
    const Source source = GENERATE(Source::Lint1, Source::Serr, Source::Iochk, Source::Perf, Source::Ipi);
    const bool looks_later = GENERATE(false, true);
    Story story = routed_to_2();
    story.match(7_s, 2);
    story.accept(7_s + 1_us, 2, 2);
    story.hop(7_s + 1_us, 3, Hop::Accepted, 2, source);
    story.hop(7_s + 2_us, 3, Hop::Taken, 2, source);
    story.take(7_s + 2_us, 2, 2);
    story.fate(7_s + 3_us, What::NmiClaimed, 2);
    story.leave(7_s + 4_us, 2, 2);
    if (looks_later) {
        story.hop(7500_ms, 4, Hop::Accepted, 2, Source::Lint1);
        story.take(7500_ms, 4, 2, Source::Lint1);
        story.fate(7500_ms + 1_us, What::NmiUnknown, 2);
        story.leave(7500_ms + 2_us, 4, 2, Source::Lint1);
    }
    story.ends(8_s);
    const bool has_handler = source == Source::Perf || source == Source::Ipi;
    const bool kept = source != Source::Lint1;
    const Names names = story.names();
    const bool found = std::find(names.begin(), names.end(), "coalesce-two-sources") != names.end();
    CHECK(found == (!has_handler && !(kept && looks_later)));
}

TEST_CASE("an NMI that nests in another one behind the return of an exception", "[check][nmi-nest-by-iret]") {
    const bool exception = GENERATE(true, false);
    const bool claims = GENERATE(true, false);
    Story story = routed_to_2();
    story.match(7_s, 2).accept(7_s + 1_us, 2, 2).take(7_s + 2_us, 2, 2);
    if (exception) {
        story.record(7_s + 3_us, What::ContextEntered, 2, Context::Interrupt);
        story.record(7_s + 8_us, What::ContextLeft, 2, Context::Interrupt);
    }
    story.match(7_s + 5_us, 3).accept(7_s + 6_us, 3, 2).take(7_s + 9_us, 3, 2);
    if (claims) {
        story.fate(7_s + 10_us, What::NmiClaimed, 2);
    }
    story.leave(7_s + 11_us, 3, 2);
    story.fate(7_s + 12_us, What::NmiClaimed, 2).leave(7_s + 13_us, 2, 2);
    story.ends(8_s);
    REQUIRE(story.names() == (claims ? Names{} : Names{exception ? "nmi-nest-by-iret" : "INV-claim"}));
    if (exception && !claims) {
        CHECK(story.verdict().findings[0].sentence ==
              "CPU 2 took the NMI within another one: an exception in that one had returned by IRET; no handler "
              "claimed it");
    }
}

TEST_CASE("another handler may claim an NMI of somebody else", "[check][INV-foreign]") {
    Story story = routed_to_2();
    story.hop(7_s, 2, Hop::Accepted, 3, Source::Lint1);
    story.take(7_s, 2, 3, Source::Lint1);
    story.fate(7_s + 1_us, What::NmiClaimed, 3, "edac");
    story.leave(7_s + 2_us, 2, 3, Source::Lint1);
    story.ends(8_s);
    CHECK(story.names().empty());
}

TEST_CASE("behind another handler's claim the detector claims an NMI of somebody else all the same",
          "[check][INV-foreign]") {
    Story story = routed_to_2();
    story.hop(7_s, 2, Hop::Accepted, 3, Source::Perf);
    story.take(7_s, 2, 3, Source::Perf);
    story.fate(7_s + 1_us, What::NmiClaimed, 3, "PMI");
    story.fate(7_s + 2_us, What::NmiClaimed, 3);
    story.leave(7_s + 3_us, 2, 3, Source::Perf);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"INV-claim"});
    CHECK(story.verdict().findings[0].invariants == Names{"INV-claim", "INV-foreign"});
}

TEST_CASE("an NMI of somebody else that is claimed, and the detector's own next one that is not, came in its window",
          "[check][tsc-window-false-claim]") {
    const bool claims_own = GENERATE(true, false);
    Story story = routed_to_2();
    story.hop(7_s, 2, Hop::Accepted, 3, Source::Perf);
    story.take(7_s, 2, 3, Source::Perf);
    story.fate(7_s + 1_us, What::NmiClaimed, 3);
    story.leave(7_s + 2_us, 2, 3, Source::Perf);
    if (claims_own) {
        story.checked(7_s + 10_ms, 3, 2);
    } else {
        story.unclaimed(7_s + 10_ms, 7_s + 10_ms + 1_us, 3, 2);
    }
    story.ends(8_s);
    CHECK(story.names().front() == (claims_own ? "INV-claim" : "tsc-window-false-claim"));
}

TEST_CASE("an NMI that stands for two is claimed by the detector, or by another handler alone", "[check][INV-claim]") {
    const bool claims = GENERATE(true, false);
    Story story = routed_to_2();
    story.match(7_s, 2);
    story.accept(7_s, 2, 2);
    story.hop(7_s, 3, Hop::Accepted, 2, Source::Perf);
    story.hop(7_s + 1_us, 3, Hop::Taken, 2, Source::Perf);
    story.take(7_s + 1_us, 2, 2);
    story.fate(7_s + 2_us, What::NmiClaimed, 2, "PMI");
    story.fate(7_s + 3_us, claims ? What::NmiClaimed : What::NmiNotMine, 2);
    story.hop(7_s + 4_us, 3, Hop::Returned, 2, Source::Perf);
    story.leave(7_s + 4_us, 2, 2);
    story.ends(8_s);
    CHECK(story.names() == (claims ? Names{} : Names{"INV-claim"}));
    if (!claims) {
        CHECK(story.verdict().findings[0].sentence ==
              "CPU 2 took the NMI at 7.000001 s; another handler claimed it, and the detector's did not");
    }
}

TEST_CASE("an HPET interrupt that is no NMI is nobody's business", "[check]") {
    Story story;
    story.clear(1_s, 2);
    story.match(2_s, 1);
    story.accept(2_s, 1, 2);
    story.hop(2_s, 1, Hop::Taken, 2);
    story.record(2_s, What::ContextEntered, 2, Context::Interrupt);
    story.ends(3_s);
    CHECK(story.names().empty());
}

TEST_CASE("a log that is out of order by a CPU's run-ahead is put in order", "[check]") {
    Story story = routed_to_2();
    story.unclaimed(7500_ms - 1_us, 7500_ms + 4_ns, 2, 2);
    story.clear(7500_ms, 2);
    story.ends(8_s);
    CHECK(story.names() == Names{"nmi-before-bit-clear"});
}
