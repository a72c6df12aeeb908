// SPDX-License-Identifier: Apache-2.0
// The main counter: H-1 to H-6 and H-38.
#include "tests/models/hpet/hpet_fixture.hpp"

using namespace hldsim;
using namespace hldsim::literals;

TEST_CASE_METHOD(HpetFixture, "the main counter changes on its clock's edge and not one femtosecond before",
                 "[hpet][H-1]") {
    run(Instant{1});
    enable();
    for (const std::uint64_t k : {1ULL, 2ULL, 1000ULL, 14'318'180ULL}) {
        run(edge(k) - Duration{1});
        CHECK(hpet->main_counter() == k - 1);
        run(edge(k));
        CHECK(hpet->main_counter() == k);
    }
}

TEST_CASE_METHOD(HpetFixture, "after an hour the main counter is on the exact edge", "[hpet][H-1]") {
    run(Instant{1});
    enable();
    const std::uint64_t k = 3600ULL * FS_PER_S / 69'841'279;
    run(edge(k) - Duration{1});
    CHECK(r64(MAIN_CNT) == k - 1);
    run(edge(k));
    CHECK(r64(MAIN_CNT) == k);
}

TEST_CASE_METHOD(HpetFixture, "a 32-bit main counter wraps at 2^32, a 64-bit one does not", "[hpet][H-1][H-8]") {
    HpetProfile profile = wide_profile();
    profile.wide_counter = GENERATE(true, false);
    make(profile);
    w32(MAIN_CNT, 0xffff'ffff);
    run(Instant{1});
    enable();
    run_to_edge(1);
    CHECK(r64(MAIN_CNT) == (profile.wide_counter ? 0x1'0000'0000 : 0));
}

TEST_CASE_METHOD(HpetFixture, "a 64-bit main counter wraps at 2^64", "[hpet][H-1]") {
    w64(MAIN_CNT, ~0ULL);
    run(Instant{1});
    enable();
    run_to_edge(1);
    CHECK(r64(MAIN_CNT) == 0);
}

TEST_CASE_METHOD(HpetFixture, "drift moves every edge by exactly its parts per million", "[hpet][H-1]") {
    HpetProfile profile = wide_profile();
    profile.period = {100'000'000};
    profile.drift_ppm = 250;
    make(profile);
    run(Instant{1});
    enable();
    // 10 MHz + 250 ppm: edge 1,000,250 is at 100 ms exactly.
    run(Instant{} + 100_ms - Duration{1});
    CHECK(hpet->main_counter() == 1'000'249);
    run(Instant{} + 100_ms);
    CHECK(hpet->main_counter() == 1'000'250);
}

TEST_CASE_METHOD(HpetFixture, "W-36: a synchronised counter shows its edge at the next edge of the bus clock",
                 "[hpet][H-1][W-36]") {
    HpetProfile profile = wide_profile();
    profile.sync_hz = 100'000'000;  // 10 ns
    make(profile);
    run(Instant{1});
    enable();
    // Edges at 69.84 ns and 139.68 ns show at 70 and 140 ns; 1000 edges at 69841.279 ns at 69850 ns.
    run(Instant{} + 70_ns - Duration{1});
    CHECK(hpet->main_counter() == 0);
    run(Instant{} + 70_ns);
    CHECK(hpet->main_counter() == 1);
    run(Instant{} + 69'850_ns - Duration{1});
    CHECK(hpet->main_counter() == 999);
    run(Instant{} + 69'850_ns);
    CHECK(hpet->main_counter() == 1000);
}

TEST_CASE_METHOD(HpetFixture, "a synchronised match is at the instant at which the count shows", "[hpet][H-1]") {
    HpetProfile profile = wide_profile();
    profile.sync_hz = 66'666'000;
    profile.match_to_msi_ticks = 0;
    make(profile);
    by_message(0);
    w64(comp(0), 1000);
    run(Instant{1});
    enable();
    run(Instant{} + 100_us);
    REQUIRE(posted.size() == 1);
    const ClockDomain bus = ClockDomain::of_frequency({66'666'000, 1});
    CHECK(posted[0].at == bus.edge(bus.first_at(edge(1000))));
    CHECK(matches.at(0).main_counter == 1000);
}

TEST_CASE_METHOD(HpetFixture, "an enabling write counts from the first edge strictly after it", "[hpet][H-2]") {
    SECTION("accepted exactly at edge 5: first count at edge 6") {
        run_to_edge(5);
        enable();
        run(edge(6) - Duration{1});
        CHECK(hpet->main_counter() == 0);
        run_to_edge(6);
        CHECK(hpet->main_counter() == 1);
    }
    SECTION("accepted one femtosecond before edge 5: edge 5 counts") {
        run(edge(5) - Duration{1});
        enable();
        run_to_edge(5);
        CHECK(hpet->main_counter() == 1);
    }
    SECTION("with two edges of synchronisation") {
        HpetProfile profile = wide_profile();
        profile.enable_sync_edges = 2;
        make(profile);
        run_to_edge(5);
        enable();
        run_to_edge(7);
        CHECK(hpet->main_counter() == 0);
        run_to_edge(8);
        CHECK(hpet->main_counter() == 1);
    }
}

TEST_CASE_METHOD(HpetFixture, "a halting write exactly at an edge comes after it", "[hpet][H-2]") {
    run_past_edge(0);
    enable();
    SECTION("at edge 5: that edge counted, none after") {
        run_to_edge(5);
        w32(GEN_CONF, 0);
        run_to_edge(9);
        CHECK(r64(MAIN_CNT) == 5);
    }
    SECTION("one femtosecond before: it did not") {
        run(edge(5) - Duration{1});
        w32(GEN_CONF, 0);
        run_to_edge(9);
        CHECK(r64(MAIN_CNT) == 4);
    }
}

TEST_CASE_METHOD(HpetFixture, "halting and enabling keeps the phase and loses less than one period", "[hpet][H-2]") {
    run_past_edge(0);
    enable();
    run(edge(5) + Duration{10});
    w32(GEN_CONF, 0);
    run(edge(5) + Duration{20});
    enable();
    run(edge(6) - Duration{1});
    CHECK(hpet->main_counter() == 5);
    run_to_edge(6);
    CHECK(hpet->main_counter() == 6);
    run(edge(6) + Duration{10});
    w32(GEN_CONF, 0);
    run(edge(7) + Duration{10});
    enable();
    run_to_edge(8);
    CHECK(hpet->main_counter() == 7);
}

TEST_CASE_METHOD(HpetFixture, "the value survives a halt, and only a write changes it", "[hpet][H-3]") {
    run_past_edge(0);
    enable();
    run_past_edge(100);
    w32(GEN_CONF, 0);
    run(Instant{} + 1_s);
    CHECK(r64(MAIN_CNT) == 100);
    w64(MAIN_CNT, 7);
    CHECK(r64(MAIN_CNT) == 7);
    const std::uint64_t now = Uint128{static_cast<std::uint64_t>(FS_PER_S)} / 69'841'279;
    enable();
    run_past_edge(now + 3);
    CHECK(r64(MAIN_CNT) == 10);
}

TEST_CASE_METHOD(HpetFixture, "W-15: a write of the running counter is diagnosed", "[hpet][H-4][W-15]") {
    HpetProfile profile = wide_profile();
    SECTION("and loaded by default: the next edge increments it") {
        make(profile);
        run_past_edge(0);
        enable();
        run_past_edge(5);
        w64(MAIN_CNT, 1000);
        CHECK(r64(MAIN_CNT) == 1000);
        run_to_edge(6);
        CHECK(r64(MAIN_CNT) == 1001);
    }
    SECTION("and ignored where the part does so") {
        profile.counter_write_running = HpetProfile::CounterWrite::Ignore;
        make(profile);
        run_past_edge(0);
        enable();
        run_past_edge(5);
        w64(MAIN_CNT, 1000);
        CHECK(r64(MAIN_CNT) == 5);
    }
    CHECK(diagnosed(regs::Diagnosis::Kind::Misuse));
}

TEST_CASE_METHOD(HpetFixture, "two 4-byte reads are two samples, one 8-byte read is one", "[hpet][H-5]") {
    w64(MAIN_CNT, 0xffff'ffff);
    run_past_edge(0);
    enable();
    CHECK(r64(MAIN_CNT) == 0xffff'ffff);
    const std::uint64_t low = r32(MAIN_CNT);
    run_to_edge(1);
    const std::uint64_t high = r32(MAIN_CNT + 4);
    CHECK((high << 32U | low) == 0x1'ffff'ffff);  // 2^32 too much: software must not read it so
    CHECK(r64(MAIN_CNT) == 0x1'0000'0000);
}

TEST_CASE_METHOD(HpetFixture, "W-27: reads never go backwards, also while the counter is halted and enabled in between",
                 "[hpet][H-6][W-27]") {
    run_past_edge(0);
    std::uint64_t last = 0;
    for (int step = 0; step < 2000; ++step) {
        run(timeline.now() + Duration{7'919'003});
        w32(GEN_CONF, static_cast<std::uint64_t>(step % 7 != 0));
        const std::uint64_t now = r64(MAIN_CNT);
        CHECK(now >= last);
        last = now;
    }
    CHECK(last > 150);
}

TEST_CASE_METHOD(HpetFixture, "W-29: the main counter stops in package C10 only where the part does so",
                 "[hpet][H-38][W-29]") {
    HpetProfile profile = wide_profile();
    profile.halts_in_pc10 = GENERATE(false, true);
    make(profile);
    by_message(0);
    w64(comp(0), 15);
    run_past_edge(0);
    enable();
    run_past_edge(10);
    hpet->package_c10(true);
    run_past_edge(20);
    hpet->package_c10(false);
    CHECK(hpet->main_counter() == (profile.halts_in_pc10 ? 10 : 20));
    run_past_edge(30);
    CHECK(posted_at() == edges({profile.halts_in_pc10 ? 25U : 15U}));
}

TEST_CASE_METHOD(HpetFixture, "the edges between ENABLE_CNF and the first increment pass in package C10 too",
                 "[hpet][H-2][H-38]") {
    HpetProfile profile = wide_profile();
    profile.halts_in_pc10 = true;
    profile.enable_sync_edges = 4;
    make(profile);
    const unsigned in_c10 = GENERATE(2U, 4U, 6U);
    hpet->package_c10(true);
    run_past_edge(10);
    enable();
    run_past_edge(10 + in_c10);
    CHECK(hpet->main_counter() == 0);
    hpet->package_c10(false);
    run_past_edge(20);
    CHECK(hpet->main_counter() == 20 - 10 - std::max(4U, in_c10));
}
