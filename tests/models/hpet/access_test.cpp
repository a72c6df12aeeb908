// SPDX-License-Identifier: Apache-2.0
// Accesses, order within an instant, reset: H-33 to H-37. The register map: hardware-timers 1.1.
#include "tests/models/hpet/hpet_fixture.hpp"

using namespace hldsim;
using namespace hldsim::literals;
using Kind = regs::Diagnosis::Kind;

TEST_CASE_METHOD(HpetFixture,
                 "W-23: a size or alignment that no HPET takes reads all ones, writes nothing, is diagnosed",
                 "[hpet][H-33][W-23]") {
    struct Case {
        std::uint32_t offset;
        Size size;
    };
    const Case c = GENERATE(Case{0x00, Size::B1}, Case{0x00, Size::B2}, Case{0x02, Size::B2}, Case{0x03, Size::B1},
                            Case{0x01, Size::B4}, Case{0x02, Size::B4}, Case{0x04, Size::B8}, Case{0x0c, Size::B8},
                            Case{0x12, Size::B4}, Case{0xf4, Size::B8}, Case{0xf1, Size::B1});
    CHECK(hpet->read(c.offset, c.size) == byte_mask(bytes(c.size)));
    CHECK(diagnosed(Kind::Size));
    diagnoses.clear();
    const std::string before = hpet->dump();
    hpet->write(c.offset, c.size, ~0ULL);
    CHECK(diagnosed(Kind::Size));
    CHECK(hpet->dump() == before);
}

TEST_CASE_METHOD(HpetFixture, "the platform that splits gives an 8-byte read of the counter two samples",
                 "[hpet][H-33][H-5]") {
    HpetProfile profile = wide_profile();
    profile.split64 = true;
    make(profile);
    w32(MAIN_CNT, 0xffff'fffe);
    run_past_edge(0);
    enable();
    CHECK(r64(MAIN_CNT) == 0xffff'fffe);
    run_past_edge(1);
    CHECK(r64(MAIN_CNT) == 0x1'ffff'ffff);  // the carry came between the halves
    run_past_edge(2);
    CHECK(r64(MAIN_CNT) == 0x1'0000'0000);
}

TEST_CASE_METHOD(HpetFixture, "the second half of a split write is there before any later access", "[hpet][H-33]") {
    HpetProfile profile = wide_profile();
    profile.split64 = true;
    profile.split64_gap = 1_us;
    make(profile);
    w64(route(0), 0xfee0'2000'0000'0031);
    CHECK(hpet->peek(route(0)) == 0x31);
    CHECK(r64(route(0)) == 0xfee0'2000'0000'0031);
}

TEST_CASE_METHOD(HpetFixture, "a 4-byte write changes its half only", "[hpet][H-34]") {
    w64(route(0), 0x1111'1111'2222'2222);
    w32(route(0) + 4, 0x3333'3333);
    CHECK(r64(route(0)) == 0x3333'3333'2222'2222);
    w32(route(0), 0x4444'4444);
    CHECK(r64(route(0)) == 0x3333'3333'4444'4444);
    w32(MAIN_CNT + 4, 7);
    w32(MAIN_CNT, 9);
    CHECK(r64(MAIN_CNT) == 0x7'0000'0009);
}

TEST_CASE_METHOD(HpetFixture, "W-16: bytes of the status that are not written clear nothing", "[hpet][H-34][W-16]") {
    w32(conf(0), LEVEL);
    w64(comp(0), 1);
    run_past_edge(0);
    enable();
    run_past_edge(1);
    w32(GINTR_STA + 4, 0xffff'ffff);
    CHECK(r64(GINTR_STA) == 1);
    CHECK(diagnosed(Kind::Reserved));
}

TEST_CASE_METHOD(HpetFixture, "W-18: a route that the timer cannot take is stored and leads nowhere, or is not stored",
                 "[hpet][H-35][W-18]") {
    HpetProfile profile = wide_profile();
    const bool warl = GENERATE(false, true);
    profile.route_check = warl ? HpetProfile::RouteCheck::Warl : HpetProfile::RouteCheck::Store;
    make(profile);
    w32(conf(0), INT_ENB | to_input(20));
    w32(conf(0), INT_ENB | to_input(5));
    CHECK((r32(conf(0)) >> 9U & 31U) == (warl ? 20 : 5));
    w64(comp(0), 10);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    CHECK(driven.size() == (warl ? 2U : 0U));
    CHECK(diagnosed(Kind::Misuse) == !warl);
}

TEST_CASE_METHOD(HpetFixture,
                 "an access at the femtosecond of an edge comes after it, or before it if the choice says so",
                 "[hpet][H-36]") {
    const bool turned = GENERATE(false, true);
    if (turned) {
        make_turned(wide_profile());
    }
    std::uint64_t count = 0;
    run_past_edge(0);
    SECTION("a read of the counter, no match at that edge") {
        enable();
        at(edge(10), [&] { count = r64(MAIN_CNT); });
        run_to_edge(10);
        CHECK(count == (turned ? 9 : 10));
        CHECK(hpet->main_counter() == 10);
    }
    SECTION("enabling at an edge") {
        at(edge(10), [&] { enable(); });
        run_to_edge(10);
        CHECK(hpet->main_counter() == (turned ? 1 : 0));
    }
    SECTION("halting at an edge") {
        enable();
        at(edge(10), [&] { w32(GEN_CONF, 0); });
        run_past_edge(12);
        CHECK(hpet->main_counter() == (turned ? 9 : 10));
    }
    SECTION("a comparator written to the count of that edge") {
        by_message(0);
        enable();
        at(edge(10), [&] { w64(comp(0), 10); });
        run_past_edge(12);
        CHECK(posted_at() == (turned ? edges({10}) : edges({})));
    }
    SECTION("a timer masked at its match") {
        by_message(0);
        w64(comp(0), 10);
        enable();
        at(edge(10), [&] { w32(conf(0), FSB); });
        run_past_edge(12);
        CHECK(posted_at() == (turned ? edges({}) : edges({10})));
    }
    SECTION("two accesses at the same edge share one decision") {
        by_message(0);
        enable();
        at(edge(10), [&] { w64(comp(0), 10); });
        at(edge(10), [&] { count = r64(MAIN_CNT); });
        run_past_edge(12);
        CHECK(count == (turned ? 9 : 10));
        CHECK(choices->log().size() == 1);
    }
}

TEST_CASE_METHOD(HpetFixture, "one femtosecond beside an edge nothing is left to choice", "[hpet][H-36]") {
    make_turned(wide_profile());
    run_past_edge(0);
    enable();
    std::vector<std::uint64_t> counts;
    at(edge(10) - Duration{1}, [&] { counts.push_back(r64(MAIN_CNT)); });
    at(edge(10) + Duration{1}, [&] { counts.push_back(r64(MAIN_CNT)); });
    run_past_edge(12);
    CHECK(counts == std::vector<std::uint64_t>{9, 10});
    CHECK(choices->log().empty());
}

TEST_CASE_METHOD(HpetFixture, "within an edge all comparisons see the new count before any accumulator moves",
                 "[hpet][H-36]") {
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 10);
    by_message(1);
    w64(comp(1), 10);
    run_past_edge(0);
    enable();
    run_past_edge(15);
    REQUIRE(matches.size() == 2);
    CHECK(matches[0].timer == 0);
    CHECK(matches[1].timer == 1);
    CHECK(matches[0].main_counter == 10);
    CHECK(matches[1].main_counter == 10);
}

TEST_CASE_METHOD(HpetFixture, "after a reset the whole state is that of a new device", "[hpet][H-37][W-21]") {
    const std::string fresh = hpet->dump();
    by_message(0, PERIODIC | VAL_SET);
    w64(comp(0), 10);
    w32(conf(1), LEVEL | INT_ENB | to_input(20));
    w64(comp(1), 12);
    w32(conf(2), INT_ENB | to_input(21));
    w64(comp(2), 15);
    hpet->fault_comparator_late({3});
    run_past_edge(0);
    w32(GEN_CONF, ENABLE | LEGACY);
    run_past_edge(15);
    CHECK(hpet->dump() != fresh);
    hpet->reset_enter();
    const std::size_t before = driven.size();
    CHECK(hpet->main_counter() == 0);
    hpet->reset_hold();
    hpet->reset_exit();
    CHECK(hpet->dump() == fresh);
    CHECK(driven.size() == before + 2);  // IRQ 8 and input 21 were high
    CHECK_FALSE(driven.back().active);
    CHECK_FALSE(hpet->replaces_legacy());
    posted.clear();
    run_past_edge(1000);
    CHECK(posted.empty());
    CHECK(hpet->main_counter() == 0);
}

TEST_CASE_METHOD(HpetFixture, "the half of a split write that has not come yet does not come after a reset",
                 "[hpet][H-33][H-37]") {
    HpetProfile profile = wide_profile();
    profile.split64 = true;
    profile.split64_gap = 1_us;
    make(profile);
    const std::string fresh = hpet->dump();
    w64(route(0), 0xfee0'2000'0000'0031);
    hpet->reset_enter();
    hpet->reset_hold();
    hpet->reset_exit();
    CHECK(hpet->dump() == fresh);
    SECTION("not with the next access") { CHECK(r64(route(0)) == 0); }
    SECTION("not in its time") {
        run(Instant{} + 10_us);
        CHECK(hpet->peek(route(0)) == 0);
    }
}

TEST_CASE_METHOD(HpetFixture, "a power cycle after another repeats the same trace", "[hpet][H-37]") {
    std::vector<std::int64_t> first;
    for (int cycle = 0; cycle < 3; ++cycle) {
        hpet->reset_enter();
        hpet->reset_hold();
        hpet->reset_exit();
        timeline.power_on();
        posted.clear();
        by_message(0, PERIODIC | VAL_SET);
        w64(comp(0), 10);
        run_past_edge(0);
        enable();
        run_past_edge(25 + static_cast<std::uint64_t>(cycle));
        CHECK(posted_at() == edges({10, 20}));
    }
}

TEST_CASE_METHOD(HpetFixture, "registers have the reset values of the chip", "[hpet][HPET-1.0a/2.3]") {
    make(HpetProfile::pch());
    CHECK(r64(0x000) == 0x0429'b17f'8086'a701);
    CHECK(r64(GEN_CONF) == 0);
    CHECK(r64(GINTR_STA) == 0);
    CHECK(r64(MAIN_CNT) == 0);
    CHECK(r64(conf(0)) == 0x00f0'0000'0000'8030);
    CHECK(r64(conf(2)) == 0x00f0'0800'0000'8000);
    CHECK(r64(conf(4)) == 0x0000'0000'0000'c000);  // no pins: message enable is read-only 1
    CHECK(r64(comp(0)) == ~0ULL);
    CHECK(r64(comp(1)) == 0xffff'ffff);
    CHECK(r64(route(0)) == 0);
    make(HpetProfile::pch_100());
    CHECK(r64(0x000) == 0x027b'c86b'8086'a701);
    make(HpetProfile::qemu_q35());
    CHECK(r64(0x000) == 0x0098'9680'8086'a201);
    CHECK(r64(conf(2)) == 0x00ff'0104'0000'8030);
    make(HpetProfile::ich7());
    CHECK(r64(0x000) == 0x0429'b17f'8086'a201);
    CHECK(r64(conf(2)) == 0x00f0'0800'0000'0000);
    make(HpetProfile::ich10());
    CHECK(r64(0x000) == 0x0429'b17f'8086'a301);
    CHECK(r64(conf(0)) == 0x00f0'0000'0000'8030);
    CHECK(r64(conf(2)) == 0x00f0'0800'0000'8000);
    CHECK(r64(conf(3)) == 0x00f0'1000'0000'8000);
    CHECK(r64(conf(4)) == 0);  // absent
    make(HpetProfile::fch());
    CHECK(r64(0x000) == 0x0429'b17e'1022'8201);
    CHECK(r64(conf(0)) == 0x00c0'0000'0000'8010);
    CHECK(r64(conf(2)) == 0x00c0'0000'0000'8000);
    CHECK(r64(conf(3)) == 0);  // absent
}

TEST_CASE_METHOD(HpetFixture, "timers 4 to 7 of a PCH have no pins, and none but timer 0 is periodic or wide",
                 "[hpet][HPET-1.0a/2.3.8]") {
    make(HpetProfile::pch_100());
    constexpr std::uint64_t TYPE = 1U << 3;
    for (unsigned n = 0; n < 8; ++n) {
        const std::uint64_t capable = r64(conf(n));
        CHECK((capable >> 32 != 0) == (n < 4));            // INT_ROUTE_CAP
        CHECK((capable & 0x30) == (n == 0 ? 0x30U : 0U));  // SIZE_CAP, PER_INT_CAP
        CHECK((capable & 0x8000) != 0);                    // FSB_INT_DEL_CAP
        w32(conf(n), TYPE);
        CHECK((r32(conf(n)) & TYPE) == (n == 0 ? TYPE : 0U));
    }
}

TEST_CASE_METHOD(HpetFixture, "what a timer cannot do is read-only 0", "[hpet][HPET-1.0a/2.3.8]") {
    make(HpetProfile::ich7());
    w32(conf(1), 0xffff'ffff);
    CHECK(r32(conf(1)) == 0x3e06);  // no periodic, no 32-bit mode, no message
    w64(route(1), ~0ULL);
    CHECK(r64(route(1)) == 0);
    w64(comp(1), ~0ULL);
    CHECK(r64(comp(1)) == 0xffff'ffff);
}

TEST_CASE_METHOD(HpetFixture, "a message-only timer cannot be told not to send messages", "[hpet]") {
    make(HpetProfile::pch());
    w32(conf(5), INT_ENB);
    CHECK(r32(conf(5)) == (0xc000 | INT_ENB));
}

TEST_CASE_METHOD(HpetFixture, "W-19, W-22: reserved offsets and absent timers read 0, ignore writes and are diagnosed",
                 "[hpet][H-33][W-19][W-22]") {
    const std::uint32_t offset =
        GENERATE(0x008U, 0x018U, 0x028U, 0x0e8U, 0x0f8U, 0x118U, 0x200U, 0x208U, 0x210U, 0x3f8U);
    const std::string before = hpet->dump();
    CHECK(r64(offset) == 0);
    CHECK(diagnosed(Kind::Undefined));
    diagnoses.clear();
    w64(offset, ~0ULL);
    CHECK(diagnosed(Kind::Undefined));
    CHECK(hpet->dump() == before);
}

TEST_CASE_METHOD(HpetFixture, "W-19: reserved bits read 0 and writing them is diagnosed", "[hpet][W-19]") {
    w64(GEN_CONF, 0xffff'ffff'ffff'fffc);
    CHECK(r64(GEN_CONF) == 0);
    CHECK(diagnosed(Kind::Reserved));
    diagnoses.clear();
    w64(conf(0), 0xffff'0081);
    CHECK(diagnosed(Kind::Reserved));
    CHECK((r64(conf(0)) & 0xffff'0081) == 0);
    diagnoses.clear();
    w64(conf(0), r64(conf(0)));
    w64(GEN_CONF, r64(GEN_CONF));
    CHECK(diagnoses.empty());
}

TEST_CASE_METHOD(HpetFixture, "GCAP_ID ignores writes", "[hpet]") {
    w64(0, 0);
    CHECK(r64(0) == profile_.gcap_id());
}

TEST_CASE_METHOD(HpetFixture, "W-20: an HPET has 3 to 32 timers, all of them usable", "[hpet][W-20]") {
    HpetProfile profile = wide_profile();
    profile.timers.resize(GENERATE(3U, 8U, 31U, 32U), profile.timers.back());
    make(profile);
    const auto count = static_cast<unsigned>(profile.timers.size());
    CHECK((r32(0) >> 8U & 31U) == count - 1);
    by_message(count - 1);
    w64(comp(count - 1), 10);
    w32(conf(0), LEVEL | INT_ENB);
    run_past_edge(0);
    enable();
    run_past_edge(20);
    CHECK(posted_at() == edges({10}));
}

TEST_CASE_METHOD(HpetFixture,
                 "first_reads_ones: so many reads after power-on give all ones, whatever their size and offset",
                 "[hpet][races-8.2]") {
    HpetProfile profile = HpetProfile::pch_100();
    profile.first_reads_ones = 3;
    make(profile);
    for (unsigned n = 0; n < 2; ++n) {
        w64(GEN_CONF, 1);  // is made all the same
        CHECK(r32(0x4) == 0xffff'ffff);
        CHECK(r64(0x0) == ~std::uint64_t{0});
        CHECK(r32(0x18) == 0xffff'ffff);  // reserved
        CHECK(r32(0x4) == static_cast<std::uint64_t>(profile.period.fs));
        CHECK(r64(GEN_CONF) == 1);
        run_to_edge(100 * (n + 1));
        hpet->reset_enter();
        hpet->reset_hold();
        hpet->reset_exit();
    }
}

TEST_CASE("a profile that no HPET can have is refused with the reason", "[hpet]") {
    HpetProfile profile = HpetProfile::pch();
    profile.validate();
    SECTION("two timers") { profile.timers.resize(2); }
    SECTION("thirty-three timers") { profile.timers.resize(33, profile.timers.back()); }
    SECTION("period 0") { profile.period = {0}; }
    SECTION("period above 100 ns") { profile.period = {100'000'001}; }
    SECTION("revision 0") { profile.revision = 0; }
    SECTION("drift") { profile.drift_ppm = 501; }
    SECTION("slow synchronisation") { profile.sync_hz = 28'000'000; }
    SECTION("phase of a whole period") { profile.phase = profile.period; }
    SECTION("a timer that cannot interrupt") { profile.timers[4].message = false; }
    SECTION("a negative latency") { profile.match_to_msi = {-1}; }
    CHECK_THROWS_WITH(profile.validate(), Catch::StartsWith("hpet profile: "));
}
