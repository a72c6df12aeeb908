// SPDX-License-Identifier: Apache-2.0
// Comparison and match, one-shot: H-7 to H-14, H-20, H-21.
#include "tests/models/hpet/hpet_fixture.hpp"

using namespace hldsim;
using namespace hldsim::literals;

TEST_CASE_METHOD(HpetFixture, "a one-shot timer matches on the edge of equality, once",
                 "[hpet][H-7][HPET-1.0a/2.3.9]") {
    by_message(0);
    w64(comp(0), 1000);
    run(Instant{} + 1_ns);
    enable();
    run(edge(1000) - Duration{1});
    CHECK(posted.empty());
    run(edge(1000));
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].at == Instant{69'841'279'000});
    CHECK(posted[0].message.address == 0xfee0'1000);
    CHECK(posted[0].message.data == 0x400);
    run(edge(1'000'000));
    CHECK(posted.size() == 1);
}

TEST_CASE_METHOD(HpetFixture, "comparison goes on with interrupts disabled: the status bit shows it", "[hpet][H-7]") {
    w32(conf(0), LEVEL);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run(edge(10) - Duration{1});
    CHECK(r32(GINTR_STA) == 0);
    run_to_edge(10);
    CHECK(r32(GINTR_STA) == 1);
}

TEST_CASE_METHOD(HpetFixture, "the compared width is 32 bits if the mode, the timer or the counter has 32",
                 "[hpet][H-8]") {
    HpetProfile profile = wide_profile();
    bool narrow = true;
    SECTION("mode") {}
    SECTION("timer") { profile.timers[0].wide = false; }
    SECTION("counter") { profile.wide_counter = false; }
    SECTION("none of them") { narrow = false; }
    make(profile);
    w64(MAIN_CNT, 0x5'0000'0000);
    by_message(0, narrow && profile.timers[0].wide && profile.wide_counter ? MODE_32 : 0);
    w64(comp(0), 0x7'0000'0010);
    run_past_edge(0);
    enable();
    run_to_edge(0x11);
    CHECK(posted_at() == (narrow ? edges({0x10}) : edges({})));
}

TEST_CASE_METHOD(HpetFixture, "a 64-bit timer does not match where only the low halves are equal", "[hpet][H-8]") {
    w64(MAIN_CNT, 0xffff'fff0);
    by_message(0);
    w64(comp(0), 0x1'0000'0000);
    run_past_edge(0);
    enable();
    run_to_edge(0x11);
    CHECK(posted_at() == edges({0x10}));
}

TEST_CASE_METHOD(HpetFixture, "W-1: a value behind the count does not match before the wrap", "[hpet][H-9][W-1]") {
    by_message(0, MODE_32);
    run_past_edge(0);
    enable();
    run_past_edge(5000);
    w32(comp(0), 4999);
    const Instant match = edge((1ULL << 32U) + 4999);
    CHECK(match == Instant{299'966'358'352'365'305});
    run(match - Duration{1});
    CHECK(posted.empty());
    run(match);
    CHECK(posted_at() == std::vector{match.fs});
}

TEST_CASE_METHOD(HpetFixture, "in 64 bits a value behind the count never matches", "[hpet][H-9]") {
    by_message(0);
    run_past_edge(0);
    enable();
    run_past_edge(5000);
    w64(comp(0), 4999);
    CHECK(hpet->armed().empty());
    run(Instant{} + 8000_s);
    CHECK(posted.empty());
}

TEST_CASE_METHOD(HpetFixture, "W-2: a comparator equal to the count does not match, one more does at the next edge",
                 "[hpet][H-10][W-2]") {
    by_message(0, MODE_32);
    run_past_edge(0);
    enable();
    run_past_edge(5000);
    SECTION("equal") {
        w32(comp(0), 5000);
        run_past_edge(6000);
        CHECK(posted.empty());
        run_past_edge((1ULL << 32U) + 5000);
        CHECK(posted_at() == edges({(1ULL << 32U) + 5000}));
    }
    SECTION("one more") {
        w32(comp(0), 5001);
        run_past_edge(6000);
        CHECK(posted_at() == edges({5001}));
    }
}

TEST_CASE_METHOD(HpetFixture, "only counting matches: not a write of the counter, not enabling", "[hpet][H-11]") {
    by_message(0, MODE_32);
    w32(comp(0), 100);
    w64(MAIN_CNT, 100);
    run_past_edge(0);
    SECTION("enabled with both equal") {
        enable();
        run_past_edge(10);
        CHECK(posted.empty());
    }
    SECTION("counter written equal while it runs") {
        enable();
        run_past_edge(3);
        w64(MAIN_CNT, 100);
        run_past_edge(10);
        CHECK(posted.empty());
    }
    SECTION("counter written one less") {
        enable();
        run_past_edge(3);
        w64(MAIN_CNT, 99);
        run_past_edge(10);
        CHECK(posted_at() == edges({4}));
    }
}

TEST_CASE_METHOD(HpetFixture, "a comparator write takes effect after the profile's number of edges",
                 "[hpet][H-12][comparator-write-delay]") {
    HpetProfile profile = wide_profile();
    profile.comparator_effective = GENERATE(0U, 1U, 2U, 4U);
    const std::uint64_t distance = GENERATE(1U, 2U, 3U, 4U, 5U, 6U);
    make(profile);
    by_message(0);
    run_past_edge(0);
    enable();
    run_past_edge(100);
    w64(comp(0), 100 + distance);
    CHECK(r64(comp(0)) == 100 + distance);
    run_past_edge(1000);
    CHECK(posted_at() == (distance > profile.comparator_effective ? edges({100 + distance}) : edges({})));
}

TEST_CASE_METHOD(HpetFixture, "until a comparator write is effective the old value is compared", "[hpet][H-12]") {
    HpetProfile profile = wide_profile();
    profile.comparator_effective = 2;
    make(profile);
    by_message(0);
    w64(comp(0), GENERATE(101U, 102U, 103U));
    run_past_edge(0);
    enable();
    const std::uint64_t old = r64(comp(0));
    run_past_edge(100);
    w64(comp(0), 200);
    run_past_edge(1000);
    CHECK(posted_at() == (old <= 102 ? edges({old, 200}) : edges({200})));
}

TEST_CASE_METHOD(HpetFixture, "the first read-backs of a comparator may be stale, what is compared is not",
                 "[hpet][H-12]") {
    HpetProfile profile = wide_profile();
    profile.comp_readback_stale = 1;
    make(profile);
    by_message(0);
    run_past_edge(0);
    enable();
    w64(comp(0), 50);
    CHECK(r64(comp(0)) == ~0ULL);
    CHECK(r64(comp(0)) == 50);
    run_past_edge(60);
    CHECK(posted_at() == edges({50}));
}

TEST_CASE_METHOD(HpetFixture, "as many read-backs are stale as the profile says, counted from each write",
                 "[hpet][H-12]") {
    HpetProfile profile = wide_profile();
    profile.comp_readback_stale = GENERATE(0U, 1U, 2U, 5U);
    make(profile);
    w64(comp(0), 50);
    for (unsigned n = 0; n < 7; ++n) {
        CHECK(r64(comp(0)) == (n < profile.comp_readback_stale ? ~0ULL : 50));
    }
    w64(comp(0), 60);
    if (profile.comp_readback_stale != 0) {
        CHECK(r64(comp(0)) == 50);
    }
    w64(comp(0), 70);
    for (unsigned n = 0; n < 7; ++n) {
        CHECK(r64(comp(0)) == (n < profile.comp_readback_stale ? 60 : 70));
    }
}

TEST_CASE_METHOD(HpetFixture, "the fault port makes one comparator write late", "[hpet][H-12]") {
    by_message(0);
    by_message(1);
    run_past_edge(0);
    enable();
    hpet->fault_comparator_late({5});
    w64(comp(0), 4);
    w64(comp(1), 4);
    run_past_edge(100);
    CHECK(posted_at() == edges({4}));
    CHECK(matches.at(0).timer == 1);
}

TEST_CASE_METHOD(HpetFixture, "a one-shot match changes nothing and comes again after 2^32 ticks", "[hpet][H-13]") {
    by_message(0, MODE_32);
    w32(comp(0), 77);
    const std::uint64_t configuration = r64(conf(0));
    run_past_edge(0);
    enable();
    run_past_edge(78);
    CHECK(r64(comp(0)) == 77);
    CHECK(r64(conf(0)) == configuration);
    run_past_edge(2 * (1ULL << 32U) + 78);
    CHECK(posted_at() == edges({77, (1ULL << 32U) + 77, 2 * (1ULL << 32U) + 77}));
}

TEST_CASE_METHOD(HpetFixture, "W-3: a 32-bit one-shot interrupts at the wrap only where the part does so",
                 "[hpet][H-14][W-3]") {
    HpetProfile profile = wide_profile();
    const bool at_wrap = GENERATE(false, true);
    profile.oneshot32_wrap = at_wrap ? HpetProfile::OneShotWrap::AtWrap : HpetProfile::OneShotWrap::Rematch;
    make(profile);
    w64(MAIN_CNT, 0xffff'fff0);
    by_message(0, MODE_32);
    w32(comp(0), 0xffff'fff8);
    run_past_edge(0);
    enable();
    run(edge(16) - Duration{1});
    CHECK(posted_at() == edges({8}));
    run_to_edge(100);
    CHECK(posted_at() == (at_wrap ? edges({8, 16}) : edges({8})));
}

TEST_CASE_METHOD(HpetFixture, "W-12: a period of 0 matches once a turn and lets time go on", "[hpet][H-20][W-12]") {
    by_message(0, PERIODIC | MODE_32 | VAL_SET);
    w32(comp(0), 5);
    w32(comp(0), 0);
    run_past_edge(0);
    enable();
    run_past_edge((1ULL << 32U) + 6);
    CHECK(posted_at() == edges({5, (1ULL << 32U) + 5}));
    CHECK(r32(comp(0)) == 5);
}

TEST_CASE_METHOD(HpetFixture, "W-13: a period of 1 matches at every edge", "[hpet][H-20][W-13]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 3);
    w64(comp(0), 1);
    run_past_edge(0);
    enable();
    run_past_edge(6);
    CHECK(posted_at() == edges({3, 4, 5, 6}));
}

TEST_CASE_METHOD(HpetFixture, "W-14: a distance above half the range is ahead, not behind", "[hpet][H-21][W-14]") {
    by_message(0, MODE_32);
    w32(comp(0), 0x9000'0000);
    run_past_edge(0);
    enable();
    run(edge(0x9000'0000) - Duration{1});
    CHECK(posted.empty());
    run_to_edge(0x9000'0000);
    CHECK(posted.size() == 1);
}

TEST_CASE_METHOD(HpetFixture, "a period above half the range is added as it is", "[hpet][H-21]") {
    by_message(0, PERIODIC | MODE_32 | VAL_SET);
    w32(comp(0), 10);
    w32(comp(0), 0xf000'0000);
    run_past_edge(0);
    enable();
    run_past_edge(0xf000'0000 + 11);
    CHECK(posted_at() == edges({10, 0xf000'0000ULL + 10}));
}
