// SPDX-License-Identifier: Apache-2.0
// The device behaviour on which a detector's stop, rotation and re-arming rest: H-39 to H-41, and what observers see.
#include "tests/models/hpet/hpet_fixture.hpp"

using namespace hldsim;
using namespace hldsim::literals;

namespace {

struct LatentFixture : HpetFixture {
    LatentFixture() {
        HpetProfile profile = wide_profile();
        profile.match_to_msi_ticks = 2;
        profile.read_flushes_match = true;
        make(profile);
    }
};

}  // namespace

TEST_CASE_METHOD(LatentFixture, "after disabling, no new message; a read waits for those of earlier matches",
                 "[hpet][H-39][posted-disable-late]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(10);
    w32(conf(0), FSB);
    r32(conf(0));
    CHECK(hpet->completion_may_leave(timeline.now()) == edge(12));
    run(edge(12));
    CHECK(posted_at() == edges({12}));
    CHECK(hpet->completion_may_leave(timeline.now()) == edge(12));
    run_past_edge(1000);
    CHECK(posted.size() == 1);
}

TEST_CASE_METHOD(LatentFixture, "a read waits for the last of several messages", "[hpet][H-39]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 10);
    w64(comp(0), 1);
    run_past_edge(0);
    enable();
    run_past_edge(11);
    CHECK(hpet->completion_may_leave(timeline.now()) == edge(13));
}

TEST_CASE_METHOD(LatentFixture, "with nothing matched a read waits for nothing", "[hpet][H-39]") {
    by_message(0);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(9);
    CHECK(hpet->completion_may_leave(timeline.now()) == timeline.now());
}

TEST_CASE_METHOD(LatentFixture, "where a read does not flush, a message leaves after it",
                 "[hpet][H-39][readback-left-not-taken]") {
    HpetProfile profile = profile_;
    profile.read_flushes_match = false;
    make(profile);
    by_message(0);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(10);
    w32(conf(0), FSB);
    const Instant completed = hpet->completion_may_leave(timeline.now());
    CHECK(completed == timeline.now());
    run_past_edge(20);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].at > completed);
}

TEST_CASE_METHOD(HpetFixture, "one 4-byte write of the address moves the target, for matches after its arrival",
                 "[hpet][H-40][route-write-late]") {
    by_message(0);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    struct Case {
        std::int64_t offset;
        bool moved;
    };
    SECTION("default order") {
        const Case c = GENERATE(Case{-1, true}, Case{0, false}, Case{1, false});
        at(edge(10) + Duration{c.offset}, [&] { w32(route(0) + 4, 0xfee0'2000); });
        run_past_edge(20);
        REQUIRE(posted.size() == 1);
        CHECK(posted[0].message.address == (c.moved ? 0xfee0'2000 : 0xfee0'1000));
        CHECK(posted[0].message.data == 0x400);
    }
}

TEST_CASE_METHOD(HpetFixture, "with the tie turned, an address written at the match moves that match",
                 "[hpet][H-40][H-36]") {
    make_turned(wide_profile());
    by_message(0);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    at(edge(10), [&] { w32(route(0) + 4, 0xfee0'2000); });
    run_past_edge(20);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].at == edge(10));
    CHECK(posted[0].message.address == 0xfee0'2000);
}

TEST_CASE_METHOD(HpetFixture, "a timer re-armed by its own last value plus a period is silent once it is late",
                 "[hpet][H-41]") {
    by_message(0, MODE_32);
    w32(comp(0), 100);
    run_past_edge(0);
    enable();
    SECTION("in time") {
        run_past_edge(150);
        w32(comp(0), r32(comp(0)) + 100);
        run_past_edge(250);
        CHECK(posted_at() == edges({100, 200}));
    }
    SECTION("late by more than the period") {
        run_past_edge(201);
        w32(comp(0), r32(comp(0)) + 100);
        run_past_edge(1'000'000);
        CHECK(posted_at() == edges({100}));
    }
    SECTION("late, but computed from a fresh read") {
        run_past_edge(201);
        w32(comp(0), r32(MAIN_CNT) + 100);
        run_past_edge(1'000'000);
        CHECK(posted_at() == edges({100, 301}));
    }
    SECTION("modulo 2^32 in the register") {
        w64(MAIN_CNT, 0xffff'fff0);
        w32(comp(0), (0xffff'fff8ULL + 0x20) & 0xffff'ffff);
        const std::uint64_t now = 0;
        run_past_edge(now + 0x28);
        CHECK(posted_at() == edges({0x28}));
    }
}

TEST_CASE_METHOD(LatentFixture, "what the device would still do by itself is known in advance", "[hpet]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 10);
    w32(conf(2), INT_ENB | to_input(11));
    w64(comp(2), 5);
    w32(conf(3), LEVEL);  // sets a status bit, interrupts nobody
    w64(comp(3), 7);
    CHECK(hpet->armed().empty());
    run_past_edge(0);
    enable();
    std::vector<hpet::ArmedMatch> armed = hpet->armed();
    REQUIRE(armed.size() == 2);
    CHECK(armed[0].timer == 2);
    CHECK(armed[0].at == edge(5));
    CHECK(armed[0].outlet == hpet::Outlet::Pin);
    CHECK(armed[0].input == 11);
    CHECK(armed[1].timer == 0);
    CHECK(armed[1].at == edge(10));
    CHECK(armed[1].message.address == 0xfee0'1000);
    CHECK(armed[1].message.data == 0x400);
    run_past_edge(10);
    armed = hpet->armed();
    REQUIRE(armed.size() == 2);  // timer 2 matches once more after 2^64 ticks: never
    CHECK(armed[0].matched);
    CHECK(armed[0].at == edge(12));
    CHECK(armed[1].at == edge(20));
    w32(GEN_CONF, 0);
    armed = hpet->armed();
    REQUIRE(armed.size() == 1);
    CHECK(armed[0].matched);
}

TEST_CASE_METHOD(HpetFixture, "a timer whose match can have no effect costs no step", "[hpet]") {
    for (unsigned n = 0; n < 8; ++n) {
        w32(conf(n), MODE_32);
        w32(comp(n), 1000 + n);
    }
    run_past_edge(0);
    enable();
    const std::uint64_t steps = timeline.steps();
    run(Instant{} + 3600_s);
    CHECK(timeline.steps() == steps);
}

TEST_CASE_METHOD(HpetFixture, "observers see each register write with its old and new value", "[hpet]") {
    std::vector<hpet::RegisterWritten> writes;
    hpet->register_written.subscribe([&](const hpet::RegisterWritten& w) { writes.push_back(w); });
    w32(route(0) + 4, 0xfee0'1000);
    w32(route(0), 0x400);
    REQUIRE(writes.size() == 2);
    CHECK(writes[1].offset == route(0));
    CHECK(writes[1].before == 0xfee0'1000'0000'0000);
    CHECK(writes[1].after == 0xfee0'1000'0000'0400);
    CHECK(describe(writes[1]) == "TIM0_PROCMSG_ROUT = 0xfee0100000000400");
}

TEST_CASE_METHOD(HpetFixture, "a write that loads the period alone is told as one, with the period", "[hpet]") {
    w32(conf(0), MODE_32 | PERIODIC | VAL_SET);
    std::vector<hpet::RegisterWritten> writes;
    hpet->register_written.subscribe([&](const hpet::RegisterWritten& w) { writes.push_back(w); });
    w32(comp(0), 1000);
    w32(comp(0), 300);
    REQUIRE(writes.size() == 2);
    CHECK(!writes[0].loads_period);
    CHECK(writes[0].after == 1000);
    CHECK(writes[1].loads_period);
    CHECK(writes[1].period == 300);
    CHECK(writes[1].after == 1000);
}

TEST_CASE_METHOD(HpetFixture, "events describe themselves in a sentence", "[hpet]") {
    by_message(0);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(10);
    hpet->read(0x101, Size::B4);
    CHECK(describe(matches.at(0)) == "timer 0 matches at main counter 10, sends its message");
    CHECK(hldsim::hpet::describe(diagnoses.at(0)) ==
          "size: size or alignment that the device does not take (read of 4 bytes, TIM0_CONF)");
}

TEST_CASE_METHOD(HpetFixture, "firmware may halt the counter behind software's back", "[hpet][counter-stopped]") {
    by_message(0);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(5);
    hpet->fault_enable(false);
    CHECK(r32(GEN_CONF) == 0);
    run_past_edge(50);
    hpet->fault_enable(true);
    run_past_edge(60);
    CHECK(posted_at() == edges({55}));
}

// ---- another CPU

TEST_CASE_METHOD(
    HpetFixture,
    "WI-20: address before data sends the old vector to the new CPU; one word alone is whole at any instant",
    "[hpet][H-31][WI-20][route-tear]") {
    by_message(0, PERIODIC | VAL_SET);
    w32(route(0), 0x31);
    w32(route(0) + 4, 0xfee0'1000);
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(19);
    const bool both = GENERATE(true, false);
    w32(route(0) + 4, 0xfee0'2000);
    run_past_edge(20);
    if (both) {
        w32(route(0), 0x42);
    }
    run_past_edge(30);
    REQUIRE(posted.size() == 3);
    CHECK(posted[0].message.address == 0xfee0'1000);
    CHECK(posted[1].message.address == 0xfee0'2000);
    CHECK(posted[1].message.data == 0x31);  // a vector that means another interrupt there, if both are to change
    CHECK(posted[2].message.address == 0xfee0'2000);
    CHECK(posted[2].message.data == (both ? 0x42 : 0x31));
}
