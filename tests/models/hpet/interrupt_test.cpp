// SPDX-License-Identifier: Apache-2.0
// What leaves the HPET: H-25 to H-32.
#include "tests/models/hpet/hpet_fixture.hpp"

using namespace hldsim;
using namespace hldsim::literals;

TEST_CASE_METHOD(HpetFixture, "a message beats legacy replacement, unless the part says otherwise", "[hpet][H-25]") {
    HpetProfile profile = wide_profile();
    profile.legacy_beats_fsb = GENERATE(false, true);
    make(profile);
    by_message(0, to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    w32(GEN_CONF, ENABLE | LEGACY);
    run_past_edge(20);
    if (profile.legacy_beats_fsb) {
        CHECK(posted.empty());
        CHECK(driven == std::vector<Driven>{{edge(10), 2, true, {}}, {edge(11), 2, false, {}}});
    } else {
        CHECK(posted_at() == edges({10}));
        CHECK(driven.empty());
    }
}

TEST_CASE_METHOD(HpetFixture, "W-32: nothing leaves with Tn_INT_ENB_CNF = 0, and nothing is made up for",
                 "[hpet][H-25][H-29][W-32]") {
    w64(route(0), 0xfee0'1000'0000'0400);
    w32(conf(0), FSB);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    w32(conf(0), FSB | INT_ENB);
    run_past_edge(40);
    CHECK(posted.empty());
}

TEST_CASE_METHOD(HpetFixture, "without message and legacy the routed input is driven", "[hpet][H-25]") {
    w32(conf(2), INT_ENB | to_input(11));
    w64(comp(2), 10);
    run_past_edge(0);
    w32(GEN_CONF, ENABLE | LEGACY);  // timer 2 is none of those that legacy replacement takes
    run_past_edge(20);
    CHECK(driven == std::vector<Driven>{{edge(10), 11, true, {}}, {edge(11), 11, false, {}}});
}

TEST_CASE_METHOD(HpetFixture, "an edge interrupt is a pulse of one period and sets no status", "[hpet][H-26][W-26]") {
    w32(conf(0), INT_ENB | to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run(edge(11) - Duration{1});
    CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}});
    CHECK(r32(GINTR_STA) == 0);
    run_to_edge(11);
    CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}, {edge(11), 20, false, {}}});
}

TEST_CASE_METHOD(HpetFixture, "the length of the pulse is the profile's", "[hpet][H-26]") {
    HpetProfile profile = wide_profile();
    profile.edge_pulse = 30_ns;
    make(profile);
    w32(conf(0), INT_ENB | to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}, {edge(10) + 30_ns, 20, false, {}}});
}

TEST_CASE_METHOD(HpetFixture, "with a period of 1 the line stays high and no second edge appears", "[hpet][H-26]") {
    w32(conf(0), PERIODIC | VAL_SET | INT_ENB | to_input(20));
    w64(comp(0), 10);
    w64(comp(0), 1);
    run_past_edge(0);
    enable();
    run_past_edge(15);
    CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}});
    w32(GEN_CONF, 0);
    run_past_edge(30);
    CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}, {edge(16), 20, false, {}}});
}

TEST_CASE_METHOD(HpetFixture, "two timers that share an input make one line", "[hpet][H-26]") {
    for (const unsigned n : {0U, 1U}) {
        w32(conf(n), INT_ENB | to_input(20));
        w64(comp(n), 10 + n);
    }
    run_past_edge(0);
    enable();
    run_past_edge(20);
    // The pulse of timer 1 begins at the instant at which that of timer 0 ends: no glitch between.
    CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}, {edge(12), 20, false, {}}});
}

TEST_CASE_METHOD(HpetFixture, "a level interrupt stays until its status bit is cleared by a 1", "[hpet][H-27]") {
    w32(conf(1), LEVEL | PERIODIC | VAL_SET | INT_ENB | to_input(20));
    w64(comp(1), 10);
    run_past_edge(0);
    enable();
    run_past_edge(35);
    CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}});  // matches 20 and 30 changed nothing
    CHECK(r32(GINTR_STA) == 2);
    w32(GINTR_STA, 0);
    CHECK(r32(GINTR_STA) == 2);
    w32(GINTR_STA, 1);
    CHECK(r32(GINTR_STA) == 2);
    w32(GINTR_STA, 2);
    CHECK(r32(GINTR_STA) == 0);
    CHECK(driven.back() == Driven{edge(35) + Duration{1}, 20, false, {}});
    run_past_edge(40);
    CHECK(driven.back() == Driven{edge(40), 20, true, {}});
}

TEST_CASE_METHOD(HpetFixture, "a match and its clearing at one instant: both orders", "[hpet][H-27][H-36]") {
    const bool turned = GENERATE(false, true);
    if (turned) {
        make_turned(wide_profile());
    }
    w32(conf(0), LEVEL | INT_ENB | to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    at(edge(10), [&] { w32(GINTR_STA, 1); });
    run_past_edge(10);
    CHECK(r32(GINTR_STA) == (turned ? 1 : 0));
    if (turned) {
        CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}});
    } else {
        CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}, {edge(10), 20, false, {}}});
    }
}

TEST_CASE_METHOD(HpetFixture, "W-4: a level match with interrupts off sets the status, and enabling raises the line",
                 "[hpet][H-28][W-4]") {
    w32(conf(0), LEVEL | to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    CHECK(r32(GINTR_STA) == 1);
    CHECK(driven.empty());
    w32(conf(0), LEVEL | INT_ENB | to_input(20));
    w32(conf(0), LEVEL | to_input(20));
    CHECK(r32(GINTR_STA) == 1);
    const Instant t = edge(20) + Duration{1};
    CHECK(driven == std::vector<Driven>{{t, 20, true, {}}, {t, 20, false, {}}});
}

TEST_CASE_METHOD(HpetFixture, "W-5: halting drops a level's line and keeps its status bit", "[hpet][H-28][W-5]") {
    w32(conf(0), LEVEL | INT_ENB | to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    w32(GEN_CONF, 0);
    CHECK(r32(GINTR_STA) == 1);
    CHECK_FALSE(driven.back().active);
    enable();
    CHECK(driven.back().active);
    CHECK(driven.size() == 3);
}

TEST_CASE_METHOD(HpetFixture, "a change of the route moves an active line", "[hpet][H-28]") {
    w32(conf(0), LEVEL | INT_ENB | to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    w32(conf(0), LEVEL | INT_ENB | to_input(21));
    const Instant t = edge(20) + Duration{1};
    CHECK(driven == std::vector<Driven>{{edge(10), 20, true, {}}, {t, 20, false, {}}, {t, 21, true, {}}});
}

TEST_CASE_METHOD(HpetFixture, "level to edge clears the status bit and the line", "[hpet][H-28][level-status-left]") {
    w32(conf(0), LEVEL | INT_ENB | to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    w32(conf(0), INT_ENB | to_input(20));
    CHECK(r32(GINTR_STA) == 0);
    CHECK_FALSE(driven.back().active);
}

TEST_CASE_METHOD(HpetFixture, "message delivery takes a level's line away", "[hpet][H-28]") {
    w32(conf(0), LEVEL | INT_ENB | to_input(20));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    w32(conf(0), LEVEL | INT_ENB | FSB | to_input(20));
    CHECK_FALSE(driven.back().active);
    CHECK(r32(GINTR_STA) == 1);
}

TEST_CASE_METHOD(HpetFixture, "W-35: a message is one posted write of what the route register held at the match edge",
                 "[hpet][H-29][W-35][disable-does-not-recall]") {
    HpetProfile profile = wide_profile();
    profile.match_to_msi_ticks = 1;
    make(profile);
    by_message(3);
    w64(comp(3), 1000);
    run(Instant{} + 1_ns);
    enable();
    run_past_edge(1000);
    CHECK(posted.empty());
    w64(route(3), 0xfee0'2000'0000'0031);
    w32(conf(3), 0);
    w32(GEN_CONF, 0);
    run(Instant{69'911'120'279 - 1});
    CHECK(posted.empty());
    run(Instant{69'911'120'279});
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.address == 0xfee0'1000);
    CHECK(posted[0].message.data == 0x400);
    CHECK(posted[0].message.requester.value == 0xfa7b);  // FA:0F.3: each comparator has its own
    REQUIRE(hops.size() == 2);
    CHECK(hops[0].hop == Hop::Matched);
    CHECK(hops[0].at == edge(1000));
    CHECK(hops[1].hop == Hop::Posted);
    CHECK(hops[1].at == edge(1001));
    CHECK(hops[0].token == posted[0].message.token);
    CHECK(hops[1].token == posted[0].message.token);
}

TEST_CASE_METHOD(HpetFixture, "messages of one edge leave in the order of the timers, those of many in theirs",
                 "[hpet][H-29][H-36]") {
    HpetProfile profile = wide_profile();
    profile.match_to_msi_ticks = 3;
    profile.match_to_msi = 5_ns;
    make(profile);
    for (const unsigned n : {5U, 0U, 2U}) {
        by_message(n);
        w64(comp(n), n == 2 ? 11 : 10);
    }
    run_past_edge(0);
    enable();
    run_past_edge(20);
    REQUIRE(posted.size() == 3);
    CHECK(posted[0].message.requester.value == 0xfa78);
    CHECK(posted[1].message.requester.value == 0xfa7d);
    CHECK(posted[2].message.requester.value == 0xfa7a);
    CHECK(posted[1].at == edge(13) + 5_ns);
    CHECK(posted[2].at == edge(14) + 5_ns);
}

TEST_CASE_METHOD(HpetFixture, "a message of a level timer is diagnosed, sent at each match and sets no status",
                 "[hpet][H-30][status-bit-absent]") {
    HpetProfile profile = wide_profile();
    profile.fsb_level_sets_status = GENERATE(false, true);
    make(profile);
    by_message(0, LEVEL | PERIODIC | VAL_SET);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(30);
    CHECK(posted_at() == edges({10, 20, 30}));
    CHECK(diagnosed(regs::Diagnosis::Kind::Misuse));
    CHECK(r32(GINTR_STA) == (profile.fsb_level_sets_status ? 1 : 0));
    CHECK(driven.empty());
}

TEST_CASE_METHOD(HpetFixture, "an edge timer's message sets no status", "[hpet][H-30]") {
    by_message(0);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    CHECK(posted.size() == 1);
    CHECK(r32(GINTR_STA) == 0);
}

TEST_CASE_METHOD(HpetFixture, "W-31: a route written in halves is torn by a match between them",
                 "[hpet][H-31][W-31][route-tear]") {
    by_message(0);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(9);
    w32(route(0), 0x31);
    run_past_edge(10);
    w32(route(0) + 4, 0xfee0'2000);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.data == 0x31);            // the new data
    CHECK(posted[0].message.address == 0xfee0'1000);  // to the old CPU
}

TEST_CASE_METHOD(HpetFixture, "a route written whole is not torn", "[hpet][H-31]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_to_edge(20);
    w64(route(0), 0xfee0'2000'0000'0031);
    run_past_edge(30);
    REQUIRE(posted.size() == 3);
    CHECK(posted[1].message.data == 0x400);
    CHECK(posted[1].message.address == 0xfee0'1000);
    CHECK(posted[2].message.data == 0x31);
    CHECK(posted[2].message.address == 0xfee0'2000);
}

TEST_CASE_METHOD(HpetFixture, "on a platform that splits, an 8-byte route write is torn as well",
                 "[hpet][H-31][H-33]") {
    HpetProfile profile = wide_profile();
    profile.split64 = true;
    make(profile);
    w32(route(0), 0x400);
    w32(route(0) + 4, 0xfee0'1000);
    w32(conf(0), FSB | INT_ENB);
    w32(comp(0), 10);
    w32(comp(0) + 4, 0);
    run_past_edge(0);
    enable();
    run_past_edge(9);
    w64(route(0), 0xfee0'2000'0000'0031);
    run_past_edge(20);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.data == 0x31);
    CHECK(posted[0].message.address == 0xfee0'1000);
    CHECK(r64(route(0)) == 0xfee0'2000'0000'0031);
}

TEST_CASE_METHOD(HpetFixture, "W-17: legacy replacement takes timers 0 and 1 to inputs 2 and 8", "[hpet][H-32][W-17]") {
    w32(conf(0), INT_ENB | to_input(20));
    w32(conf(1), INT_ENB | LEVEL | to_input(21));
    w64(comp(0), 10);
    w64(comp(1), 12);
    run_past_edge(0);
    w32(GEN_CONF, LEGACY);
    CHECK(hpet->replaces_legacy());  // LEG_RT_CNF alone disconnects the 8254 and the RTC
    w32(GEN_CONF, ENABLE | LEGACY);
    run_past_edge(20);
    CHECK(driven == std::vector<Driven>{{edge(10), 2, true, {}}, {edge(11), 2, false, {}}, {edge(12), 8, true, {}}});
    CHECK((r32(conf(0)) >> 9U & 31U) == 20);  // kept as written, without effect
    w32(GEN_CONF, ENABLE);
    CHECK(driven.back() == Driven{edge(20) + Duration{1}, 21, true, {}});
    CHECK_FALSE(hpet->replaces_legacy());
}

TEST_CASE_METHOD(HpetFixture, "without LEG_RT_CAP legacy replacement cannot be turned on", "[hpet][H-32]") {
    HpetProfile profile = wide_profile();
    profile.legacy_replacement = false;
    make(profile);
    w32(GEN_CONF, ENABLE | LEGACY);
    CHECK(r32(GEN_CONF) == ENABLE);
    CHECK_FALSE(hpet->replaces_legacy());
    CHECK((r32(0) & 0x8000) == 0);
}

TEST_CASE_METHOD(HpetFixture, "a part that latches a match while disabled sends it when enabled, with the new route",
                 "[hpet][latched-match-on-enable]") {
    HpetProfile profile = wide_profile();
    profile.latch_while_disabled = GENERATE(false, true);
    make(profile);
    w64(route(0), 0xfee0'1000'0000'0400);
    w32(conf(0), FSB);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    w32(route(0) + 4, 0xfee0'2000);
    SECTION("enabled at once") {
        w32(conf(0), FSB | INT_ENB);
        REQUIRE(posted.size() == (profile.latch_while_disabled ? 1 : 0));
        if (profile.latch_while_disabled) {
            CHECK(posted[0].message.address == 0xfee0'2000);
            CHECK(posted[0].at == edge(20) + Duration{1});
        }
    }
    SECTION("a round through level type forgets it") {
        w32(conf(0), FSB | LEVEL);
        w32(GINTR_STA, 1);
        w32(conf(0), FSB);
        w32(conf(0), FSB | INT_ENB);
        CHECK(posted.empty());
    }
}
