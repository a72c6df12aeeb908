// SPDX-License-Identifier: Apache-2.0
// A table that changes under requests in their lookup: VTD-6, VTD-7.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct SnapshotFixture : VtdFixture {
    /// Latches IRTA and calls `act` one femtosecond before that acts.
    template <class Act>
    void latch(std::uint64_t irta, Act act) {
        w64(IRTA, irta);
        set(SIRTP);
        by(GCMD_LATENCY - 1_fs);
        act();
        by(1_fs);
        REQUIRE((r32(GSTS) & SIRTP) != 0);
    }
    void make_forgetful() {
        VtdProfile profile;
        profile.esirtps = true;
        make(profile);
    }
};

}  // namespace

// ---- without ESIRTPS: each request is of one table, base, size and EIME (VTD-7)

TEST_CASE_METHOD(SnapshotFixture, "a request in its lookup keeps the EIME of its table when another is latched",
                 "[vtd][VTD-7]") {
    SECTION("8 bits, then 32") {
        start(0);
        put(5, Entry{}.to_narrow(0x71));
        put(5, Entry{}.to(0x1234'5678), OTHER_TABLE);
        latch(OTHER_TABLE | EIME | 7, [&] { send(5); });
        send(5, NIC);
        by(1_us);
        REQUIRE(output.delivered.size() == 2);
        CHECK_FALSE(output.delivered[0].message.wide);
        CHECK(output.delivered[1].message.wide);
        CHECK(destinations() == std::vector<std::uint32_t>{0x71, 0x1234'5678});
    }
    SECTION("32 bits, then 8: these bits are reserved then") {
        start(EIME);
        put(5, Entry{}.to(0x1234'5678));
        put(5, Entry{}.to_narrow(0x71), OTHER_TABLE);
        latch(OTHER_TABLE | 7, [&] { send(5); });
        send(5, NIC);
        by(1_us);
        REQUIRE(output.delivered.size() == 2);
        CHECK(output.delivered[0].message.wide);
        CHECK_FALSE(output.delivered[1].message.wide);
        CHECK(destinations() == std::vector<std::uint32_t>{0x1234'5678, 0x71});
    }
    CHECK(blocked.empty());
}

TEST_CASE_METHOD(SnapshotFixture, "a request in its lookup keeps the size of its table when another is latched",
                 "[vtd][VTD-7]") {
    start();
    put(5, Entry{}.to(1));
    put(5, Entry{}.to(2), OTHER_TABLE);
    SECTION("a smaller one") {
        latch(OTHER_TABLE | EIME, [&] { send(5); });
        CHECK(request(5, NIC) == Reason::IndexTooLarge);
        CHECK(destinations() == std::vector<std::uint32_t>{1});
    }
    SECTION("a larger one") {
        table_at(TABLE, EIME);
        latch(OTHER_TABLE | EIME | 8, [&] { send(256); });
        REQUIRE(blocked.size() == 1);
        CHECK(blocked[0].reason == Reason::IndexTooLarge);
        CHECK(request(256) == Reason::NotPresent);
    }
}

TEST_CASE_METHOD(SnapshotFixture, "a posted request notifies with the EIME of its table when another is latched",
                 "[vtd][VTD-7][posted]") {
    VtdProfile profile;
    profile.posted_interrupts = true;
    make(profile);
    const bool wide = GENERATE(false, true);
    start(wide ? EIME : 0);
    put(5, Entry::posted(PID, 0x83));
    memory.put(PID + 32, 0xf2ULL << 16U | 0x1'7105ULL << 32U);
    latch(TABLE | (wide ? 0 : EIME) | 7, [&] { send(5); });
    by(1_us);
    REQUIRE(output.delivered.size() == 1);
    CHECK(output.delivered[0].message.wide == wide);
    CHECK(output.delivered[0].message.destination == (wide ? 0x1'7105U : 0x71U));
}

// ---- an invalidation that comes with it: nothing of before is used, nor cached (VTD-6, VTD-23)

TEST_CASE_METHOD(SnapshotFixture, "ESIRTPS: a lookup that outlasts SIRTP or IRE off uses no entry of before",
                 "[vtd][VTD-6]") {
    make_forgetful();
    start();
    put(5, Entry{}.to(1));
    const bool cached = GENERATE(false, true);
    if (cached) {
        request(5);
    }
    output.delivered.clear();
    choices.script["vtd.irte_sample"] = {1};  // would see the old one, if it may
    const auto send_and_change = [&] {
        send(5);
        put(5, Entry{}.to(2));
    };
    SECTION("SIRTP") { latch(TABLE | EIME | 7, send_and_change); }
    SECTION("IRE 1 to 0") {
        clear(IRE);
        by(GCMD_LATENCY - 1_fs);
        send_and_change();
        by(1_fs);
        REQUIRE_FALSE(unit->remapping());
    }
    by(1_us);
    CHECK(destinations() == std::vector<std::uint32_t>{2});
}

TEST_CASE_METHOD(SnapshotFixture, "ESIRTPS: no entry of the old table is cached by a lookup that outlasts SIRTP",
                 "[vtd][VTD-6][VTD-7]") {
    make_forgetful();
    start();
    put(5, Entry{}.to(1));
    put(5, Entry{}.to(2), OTHER_TABLE);
    latch(OTHER_TABLE | EIME | 7, [&] { send(5); });
    by(1_us);
    request(5);
    CHECK(destinations().back() == 2);
}

TEST_CASE_METHOD(SnapshotFixture, "ESIRTPS: a lookup that outlasts SIRTP is of the whole new table: base, size, EIME",
                 "[vtd][VTD-6][VTD-7]") {
    make_forgetful();
    start(0);
    put(5, Entry{}.to_narrow(0x71));
    put(5, Entry{}.to(0x1234'5678), OTHER_TABLE);
    SECTION("base and EIME") {
        latch(OTHER_TABLE | EIME | 7, [&] { send(5); });
        by(1_us);
        REQUIRE(output.delivered.size() == 1);
        CHECK(output.delivered[0].message.wide);
        CHECK(output.delivered[0].message.destination == 0x1234'5678);
    }
    SECTION("size") {
        latch(OTHER_TABLE | EIME | 1, [&] { send(5); });  // 4 entries
        by(1_us);
        REQUIRE(blocked.size() == 1);
        CHECK(blocked[0].reason == Reason::IndexTooLarge);
        CHECK(blocked[0].index == 5);
        CHECK(output.delivered.empty());
    }
}
