// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

TEST_CASE("an NMI that nobody claims on a monitored CPU keeps its invariant's name", "[check][INV-conserve]") {
    Story story = routed_to_2();
    story.unclaimed(7500_ms, 7500_ms + 1_us, 2, 2);
    story.ends(8_s);
    CHECK(story.names() == Names{"INV-conserve"});
}

TEST_CASE("a token that no local APIC accepts within a second is lost", "[check][INV-conserve]") {
    Story story = routed_to_2();
    story.match(7_s, 2);
    story.ends(8_s);
    CHECK(story.names().empty());
    story.ends(8_s + 1_fs);
    REQUIRE(story.names() == Names{"INV-conserve"});
    CHECK(story.verdict().findings[0].sentence == "the NMI that matched at 7 s reached no CPU; it was never accepted");
}

TEST_CASE("an NMI that is accepted and not taken within a second is lost", "[check][INV-conserve]") {
    Story story = routed_to_2();
    story.match(7_s, 2);
    story.accept(7_s + 1_us, 2, 2);
    story.ends(8_s + 1_us);
    CHECK(story.names().empty());
    story.ends(8_s + 1_us + 1_fs);
    REQUIRE(story.names() == Names{"INV-conserve"});
    CHECK(story.verdict().findings[0].cpu == 2);
    CHECK(story.verdict().findings[0].sentence ==
          "CPU 2 accepted the NMI at 7.000001 s; it was accepted and never taken");
}

TEST_CASE("a message of the HPET that is accepted as INIT, SMI or SIPI is lost there and then",
          "[check][INV-conserve]") {
    using Row = std::pair<DeliveryMode, const char*>;
    const auto [mode, name] = GENERATE(
        values<Row>({{DeliveryMode::Init, "an INIT"}, {DeliveryMode::Smi, "an SMI"}, {DeliveryMode::Sipi, "a SIPI"}}));
    Story story = routed_to_2();
    story.match(7_s, 2);
    story.accept(7_s + 1_us, 2, 2).as(mode);
    story.ends(7_s + 2_us);
    REQUIRE(story.names() == Names{"INV-conserve"});
    CHECK(story.verdict().findings[0].sentence == "CPU 2 accepted the message as " + std::string{name} +
                                                      ", not as an NMI, at 7.000001 s; no handler ever sees it");
}

TEST_CASE("what is accepted as an ordinary interrupt waits as long as software likes", "[check][INV-conserve]") {
    const auto source = GENERATE(Source::Hpet, Source::LapicTimer2, Source::Perf, Source::Lint1);
    const auto mode = GENERATE(DeliveryMode::Fixed, DeliveryMode::LowestPriority, DeliveryMode::ExtInt);
    Story story = routed_to_2();
    story.hop(7_s, 2, Hop::Accepted, 2, source).as(mode);
    story.ends(9_s);
    CHECK(story.names().empty());
}

TEST_CASE("an NMI whose handler does not return within a second is lost", "[check][INV-conserve]") {
    Story story = routed_to_2();
    story.match(7_s, 2);
    story.accept(7_s, 2, 2);
    story.take(7_s + 1_us, 2, 2);
    story.ends(8_s + 1_us);
    CHECK(story.names().empty());
    story.ends(8_s + 1_us + 1_fs);
    REQUIRE(story.names() == Names{"INV-conserve"});
    CHECK(story.verdict().findings[0].sentence == "CPU 2 took the NMI at 7.000001 s; its handler never returned");
}

TEST_CASE("an NMI of somebody else is conserved as well", "[check][INV-conserve]") {
    const auto source = GENERATE(Source::Perf, Source::Lint1, Source::Serr, Source::Iochk, Source::Ipi);
    Story story = routed_to_2();
    story.hop(7_s, 2, Hop::Accepted, 2, source);
    story.ends(9_s);
    // An inter-processor interrupt may be an ordinary one, and waits as long as software likes.
    CHECK(story.names() == (source == Source::Ipi ? Names{} : Names{"INV-conserve"}));
}

TEST_CASE("NMIs that wait behind a lost one say nothing new", "[check][INV-conserve]") {
    Story story = routed_to_2();
    for (std::uint32_t id = 2; id < 5; ++id) {
        story.match(1_s * id + 5_s, id);
        story.accept(1_s * id + 5_s, id, 2);
    }
    story.ends(12_s);
    REQUIRE(story.names() == Names{"INV-conserve"});
    CHECK(story.verdict().findings[0].token.id == 2);
    CHECK(story.verdict().findings[0].more == 2);
}
