// SPDX-License-Identifier: Apache-2.0
// Periodic mode and TIMn_CONF: H-15 to H-19, H-22 to H-24.
#include "tests/models/hpet/hpet_fixture.hpp"

using namespace hldsim;
using namespace hldsim::literals;

TEST_CASE_METHOD(HpetFixture, "W-6: at a periodic match the accumulator moves on at that same edge",
                 "[hpet][H-15][W-6]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 100);
    run_past_edge(0);
    enable();
    run(edge(100) - Duration{1});
    CHECK(r64(comp(0)) == 100);
    run_to_edge(100);
    CHECK(r64(comp(0)) == 200);
    run_past_edge(1000);
    CHECK(posted_at() == edges({100, 200, 300, 400, 500, 600, 700, 800, 900, 1000}));
}

TEST_CASE_METHOD(HpetFixture, "the m-th match of a one-second period is on the exact edge", "[hpet][H-15]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 14'318'180);
    run(Instant{} + 1_ns);
    enable();
    run(Instant{} + 60_s);
    REQUIRE(posted.size() == 59);
    for (std::size_t m = 1; m <= posted.size(); ++m) {
        CHECK(posted[m - 1].at == Instant{static_cast<std::int64_t>(m) * 1'000'000'004'152'220});
    }
}

TEST_CASE_METHOD(HpetFixture, "the accumulator wraps in the timer's width", "[hpet][H-15][HPET-1.0a/2.3.9.2.2]") {
    by_message(0, PERIODIC | MODE_32 | VAL_SET);
    w32(comp(0), 0xffff'0000);
    w32(comp(0), 0x2'0000);
    w64(MAIN_CNT, 0xfffe'fff0);
    run_past_edge(0);
    enable();
    run_to_edge(0x10);
    CHECK(r64(comp(0)) == 0x0001'0000);
    run_past_edge(0x2'0010);
    CHECK(posted_at() == edges({0x10, 0x2'0010}));
}

TEST_CASE_METHOD(HpetFixture, "W-11: the accumulator moves on while interrupts are disabled", "[hpet][H-15][W-11]") {
    w32(conf(0), PERIODIC | VAL_SET);
    w64(comp(0), 100);
    run_past_edge(0);
    enable();
    run_past_edge(1050);
    CHECK(r64(comp(0)) == 1100);
    by_message(0, PERIODIC);
    run_past_edge(1099);
    CHECK(posted.empty());
    run_past_edge(1100);
    CHECK(posted_at() == edges({1100}));
}

TEST_CASE_METHOD(HpetFixture, "without VAL_SET a periodic write loads the period only, from the next match on",
                 "[hpet][H-16][period-change-running]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 100);
    run_past_edge(0);
    enable();
    run_past_edge(150);
    w64(comp(0), 30);
    CHECK(r64(comp(0)) == 200);
    run_past_edge(270);
    CHECK(posted_at() == edges({100, 200, 230, 260}));
}

TEST_CASE_METHOD(HpetFixture, "with VAL_SET a periodic write loads the accumulator and clears VAL_SET",
                 "[hpet][H-16]") {
    by_message(0, PERIODIC | VAL_SET);
    CHECK((r32(conf(0)) & VAL_SET) != 0);
    w64(comp(0), 100);
    CHECK((r32(conf(0)) & VAL_SET) == 0);
    CHECK(r64(comp(0)) == 100);
}

TEST_CASE_METHOD(HpetFixture,
                 "W-8: whether the VAL_SET write is the period too is the part's; writing twice suits both",
                 "[hpet][H-17][W-8]") {
    HpetProfile profile = wide_profile();
    profile.valset_loads_period = GENERATE(true, false);
    make(profile);
    by_message(0, PERIODIC | MODE_32 | VAL_SET);
    w32(comp(0), 100);
    SECTION("once") {
        run_past_edge(0);
        enable();
        run_past_edge(350);
        CHECK(posted_at() == (profile.valset_loads_period ? edges({100, 200, 300}) : edges({100})));
    }
    SECTION("twice") {
        w32(comp(0), 40);
        run_past_edge(0);
        enable();
        run_past_edge(200);
        CHECK(posted_at() == edges({100, 140, 180}));
    }
}

TEST_CASE_METHOD(HpetFixture, "VAL_SET in the write that ends periodic mode is no misuse, and is not kept",
                 "[hpet][H-19]") {
    w32(conf(0), PERIODIC);
    w32(conf(0), VAL_SET);
    CHECK(diagnoses.empty());
    CHECK((r32(conf(0)) & (PERIODIC | VAL_SET)) == 0);
    w32(conf(0), VAL_SET);
    CHECK(diagnosed(regs::Diagnosis::Kind::Misuse));
}

TEST_CASE_METHOD(HpetFixture, "W-7: each accepted write of the comparator clears VAL_SET", "[hpet][H-18][W-7]") {
    w32(conf(0), PERIODIC | VAL_SET);
    SECTION("an 8-byte write is one write and keeps its high half") {
        w64(comp(0), 0x5'0000'0100);
        CHECK(r64(comp(0)) == 0x5'0000'0100);
        CHECK((r32(conf(0)) & VAL_SET) == 0);
    }
    SECTION("4-byte halves need VAL_SET each") {
        w32(comp(0), 0x100);
        CHECK((r32(conf(0)) & VAL_SET) == 0);
        w32(conf(0), PERIODIC | VAL_SET);
        w32(comp(0) + 4, 5);
        CHECK((r32(conf(0)) & VAL_SET) == 0);
        CHECK(r64(comp(0)) == 0x5'0000'0100);
    }
    SECTION("a second half without VAL_SET is the period's") {
        w32(comp(0), 0x100);
        w32(comp(0) + 4, 5);
        CHECK(r64(comp(0)) == 0xffff'ffff'0000'0100);
    }
}

TEST_CASE_METHOD(HpetFixture, "W-9: a write to the high half of a 32-bit timer is ignored and keeps VAL_SET",
                 "[hpet][H-18][W-9]") {
    HpetProfile profile = wide_profile();
    profile.timers[0].wide = GENERATE(true, false);
    make(profile);
    w32(conf(0), PERIODIC | VAL_SET | (profile.timers[0].wide ? MODE_32 : 0));
    w32(comp(0) + 4, 5);
    CHECK((r32(conf(0)) & VAL_SET) != 0);
    w32(comp(0), 0x100);
    CHECK((r32(conf(0)) & VAL_SET) == 0);
    CHECK(r64(comp(0)) == 0x100);
}

TEST_CASE_METHOD(HpetFixture, "VAL_SET reads as the part reads it, and works either way", "[hpet][H-19]") {
    HpetProfile profile = wide_profile();
    const bool zero = GENERATE(false, true);
    profile.valset_reads = zero ? HpetProfile::ValSetReads::Zero : HpetProfile::ValSetReads::Pending;
    make(profile);
    w32(conf(0), PERIODIC | VAL_SET);
    CHECK((r32(conf(0)) & VAL_SET) == (zero ? 0 : VAL_SET));
    w32(conf(0), r32(conf(0)));  // read-modify-write that modifies nothing
    w64(comp(0), 100);
    CHECK(r64(comp(0)) == 100);
    w64(comp(0), 30);
    CHECK(r64(comp(0)) == 100);
}

TEST_CASE_METHOD(HpetFixture, "VAL_SET on a one-shot timer is diagnosed and not stored", "[hpet][H-19]") {
    w32(conf(0), VAL_SET);
    CHECK(diagnosed(regs::Diagnosis::Kind::Misuse));
    CHECK((r32(conf(0)) & VAL_SET) == 0);
    w32(conf(0), PERIODIC);
    w64(comp(0), 100);
    CHECK(r64(comp(0)) == ~0ULL);  // the period
}

TEST_CASE_METHOD(HpetFixture, "32-bit mode clears the high halves and they stay clear", "[hpet][H-22]") {
    w32(conf(0), PERIODIC | VAL_SET);
    w64(comp(0), 0x5'0000'0010);
    w32(conf(0), PERIODIC | MODE_32);
    CHECK(r64(comp(0)) == 0x10);
    w32(comp(0) + 4, 9);
    CHECK(r64(comp(0)) == 0x10);
    w32(conf(0), PERIODIC);
    CHECK(r64(comp(0)) == 0x10);
    run_past_edge(0);
    enable();
    run_to_edge(0x10);
    CHECK(r64(comp(0)) == 0x20);  // the high half of the period became 0 as well
}

TEST_CASE_METHOD(HpetFixture, "W-10: a change of type while running acts from the next edge and keeps both values",
                 "[hpet][H-23][W-10]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 100);
    run_past_edge(0);
    enable();
    run_past_edge(150);
    by_message(0);  // one-shot: matches 200 and stays
    run_past_edge(250);
    CHECK(r64(comp(0)) == 200);
    CHECK(posted_at() == edges({100, 200}));
}

TEST_CASE_METHOD(HpetFixture, "a timer becomes periodic before its match with the period of the last write",
                 "[hpet][H-23]") {
    by_message(0);
    w64(comp(0), 100);
    run_past_edge(0);
    enable();
    run_past_edge(50);
    by_message(0, PERIODIC);
    run_past_edge(350);
    CHECK(posted_at() == edges({100, 200, 300}));
}

TEST_CASE_METHOD(HpetFixture, "W-10: a change to 32-bit mode while running acts from the next edge",
                 "[hpet][H-23][W-10]") {
    w64(MAIN_CNT, 0x5'0000'0000);
    by_message(0);
    w64(comp(0), 100);
    run_past_edge(0);
    enable();
    run_past_edge(99);
    by_message(0, MODE_32);
    run_past_edge(200);
    CHECK(posted_at() == edges({100}));
}

TEST_CASE_METHOD(HpetFixture, "W-34: a configuration write that changes nothing changes nothing",
                 "[hpet][H-24][W-34]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 100);
    w32(conf(1), LEVEL | INT_ENB | to_input(20));
    w64(comp(1), 50);
    run_past_edge(0);
    enable();
    for (const std::uint64_t k : {50ULL, 99ULL, 100ULL, 150ULL}) {
        run(edge(k) - Duration{1});
        const std::string before = hpet->dump();
        w32(conf(0), r32(conf(0)));
        w64(conf(1), r64(conf(1)));
        CHECK(hpet->dump() == before);
        run(edge(k));
        w32(conf(0), r32(conf(0)));
        w64(conf(1), r64(conf(1)));
    }
    run_past_edge(400);
    CHECK(posted_at() == edges({100, 200, 300, 400}));
    CHECK(driven == std::vector<Driven>{{edge(50), 20, true, {}}});
}

TEST_CASE_METHOD(HpetFixture, "a part that needs a gap after the accumulator write loses a hasty period",
                 "[hpet][val-set-order]") {
    HpetProfile profile = wide_profile();
    profile.valset_gap = 1_us;
    const bool lost = GENERATE(true, false);
    profile.valset_gap_effect = lost ? HpetProfile::ValSetGap::Lost : HpetProfile::ValSetGap::LoadsAccumulator;
    make(profile);
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 100);
    SECTION("one femtosecond too soon") {
        run(Instant{} + 1_us - Duration{1});
        w64(comp(0), 30);
        CHECK(r64(comp(0)) == (lost ? 100 : 30));
        run_past_edge(20);
        enable();
        run_past_edge(20 + 250);
        CHECK(posted.size() == (lost ? 2U : 3U));  // at 100, 200, or at 30, 130, 230: the period is still 100
    }
    SECTION("just in time") {
        run(Instant{} + 1_us);
        w64(comp(0), 30);
        run_past_edge(20);
        enable();
        run_past_edge(20 + 170);
        CHECK(posted_at() == edges({120, 150, 180}));
    }
}
