// SPDX-License-Identifier: Apache-2.0
// The interrupt entry cache, and how an entry is seen that software changes: VTD-22, VTD-23.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

using Ids = std::vector<std::uint32_t>;

constexpr std::uint32_t USE_CACHED = 0, READ_AND_KEEP = 1, READ_ONLY = 2;

}  // namespace

TEST_CASE_METHOD(VtdFixture, "WI-11, WI-19: an entry changed in memory alone is not seen while the old one is cached",
                 "[vtd][VTD-23][WI-11][WI-19]") {
    start();
    put(1, Entry{}.to(1));
    request(1);
    put(1, Entry{}.to(2));
    request(1);
    CHECK(destinations() == Ids{1, 1});
    CHECK(used.back().cached);
    CHECK(used.back().stale);
    submit_and_wait(invalidate(1));
    request(1);
    CHECK(destinations() == Ids{1, 1, 2});
    CHECK_FALSE(used.back().cached);
}

TEST_CASE_METHOD(VtdFixture, "until an invalidation a request may use the old or the new entry, alternating at will",
                 "[vtd][VTD-23]") {
    start();
    put(1, Entry{}.to(1));
    request(1);
    put(1, Entry{}.to(2));
    SECTION("memory is read and the cached entry replaced") {
        choices.script["vtd.iec_reread"] = {READ_AND_KEEP};
        request(1);
        request(1);
        CHECK(destinations() == Ids{1, 2, 2});
        CHECK_FALSE(used.back().stale);
    }
    SECTION("memory is read and the old one stays") {
        choices.script["vtd.iec_reread"] = {READ_ONLY, USE_CACHED, READ_ONLY, USE_CACHED};
        for (int i = 0; i < 4; ++i) {
            request(1);
        }
        CHECK(destinations() == Ids{1, 2, 1, 2, 1});
    }
}

TEST_CASE_METHOD(VtdFixture, "nothing is left to choice where the cached entry and memory agree", "[vtd][VTD-23]") {
    start();
    put(1, Entry{}.to(1));
    for (int i = 0; i < 10; ++i) {
        request(1);
    }
    CHECK(choices.log().empty());
    CHECK(used.back().cached);
}

TEST_CASE_METHOD(VtdFixture, "an entry that led to a fault is not cached: repaired, it works at once",
                 "[vtd][VTD-23]") {
    start();
    const Entry bad = GENERATE(Entry{}.absent(), Entry{}.mode(3), Entry{}.from(1, 0, 1));
    put(1, bad);
    CHECK(request(1) != Reason::None);
    CHECK(unit->cache().size() == 0);
    put(1, Entry{}.to(6));
    CHECK(request(1) == Reason::None);
    CHECK(destinations() == Ids{6});
}

TEST_CASE_METHOD(VtdFixture, "with caching mode a faulty entry is cached and has to be invalidated", "[vtd][VTD-23]") {
    VtdProfile profile;
    profile.caching_mode = true;
    make(profile);
    start();
    CHECK(request(1) == Reason::NotPresent);
    put(1, Entry{}.to(6));
    CHECK(request(1) == Reason::NotPresent);
    submit_and_wait(invalidate(1));
    CHECK(request(1) == Reason::None);
}

TEST_CASE_METHOD(VtdFixture, "a present entry that is made absent still delivers until it is invalidated",
                 "[vtd][VTD-23]") {
    start();
    put(1, Entry{});
    request(1);
    put(1, Entry{}.absent());
    CHECK(request(1) == Reason::None);
    submit_and_wait(invalidate(1));
    CHECK(request(1) == Reason::NotPresent);
}

TEST_CASE_METHOD(VtdFixture, "a re-read that finds a faulty entry does not leave the old one behind", "[vtd][VTD-23]") {
    start();
    put(1, Entry{});
    request(1);
    put(1, Entry{}.absent());
    choices.script["vtd.iec_reread"] = {READ_AND_KEEP};
    CHECK(request(1) == Reason::NotPresent);
    CHECK(unit->cache().size() == 0);
}

TEST_CASE_METHOD(VtdFixture, "a full set gives up the least recently used entry, or another by choice",
                 "[vtd][VTD-23]") {
    VtdProfile profile;
    profile.iec_entries = profile.iec_ways = 3;
    make(profile);
    start();
    for (std::uint32_t i = 0; i < 8; ++i) {
        put(i, Entry{}.to(i));
    }
    request(0);
    request(1);
    request(2);
    request(0);  // 1 is the oldest now
    const auto hits = [&](std::uint32_t index) {
        request(index);
        return used.back().cached;
    };
    SECTION("least recently used") {
        request(3);
        CHECK(hits(0));
        CHECK(hits(2));
        CHECK(hits(3));
        CHECK_FALSE(hits(1));
    }
    SECTION("the second oldest") {
        choices.script["vtd.iec_victim"] = {1};
        request(3);
        CHECK(hits(0));
        CHECK(hits(1));
        CHECK_FALSE(hits(2));
    }
}

TEST_CASE_METHOD(VtdFixture, "indices fall into sets by their low bits", "[vtd][VTD-23]") {
    VtdProfile profile;
    profile.iec_entries = 4;
    profile.iec_ways = 1;
    make(profile);
    start();
    for (const std::uint32_t i : {0U, 1U, 4U}) {
        put(i, Entry{});
        request(i);
    }
    CHECK(unit->cache().size() == 2);  // 4 took the place of 0
    request(1);
    CHECK(used.back().cached);
    request(0);
    CHECK_FALSE(used.back().cached);
}

TEST_CASE_METHOD(VtdFixture, "a unit without a cache reads every entry", "[vtd][VTD-23]") {
    VtdProfile profile;
    profile.iec_entries = 0;
    make(profile);
    start();
    put(1, Entry{}.to(1));
    request(1);
    put(1, Entry{}.to(2));
    request(1);
    CHECK(destinations() == Ids{1, 2});
}

TEST_CASE_METHOD(VtdFixture, "an eviction from outside is what may happen at any time", "[vtd][VTD-23]") {
    start();
    put(1, Entry{}.to(1));
    request(1);
    put(1, Entry{}.to(2));
    unit->fault_evict_all();
    request(1);
    CHECK(destinations() == Ids{1, 2});
}

// ---- one 16-byte read

TEST_CASE_METHOD(VtdFixture, "WI-17: an entry written in two halves is seen torn by a read between them, and only then",
                 "[vtd][VTD-22][WI-17]") {
    start();
    put(1, Entry{}.to(1).from(1, 0, HPET.value));
    const Entry changed = Entry{}.to(2).from(1, 0, NIC.value);
    const Instant read = now() + IEC_MISS;
    const std::int64_t offset = GENERATE(-2, -1, 0, 1);  // of the low half's store, in fs; the high half 2 fs later
    at(read + Duration{offset}, [&] { memory.put(entry_address(1), changed.low); });
    at(read + Duration{offset + 2}, [&] { memory.put(entry_address(1) + 8, changed.high); });
    send(1);
    by(1_us);
    REQUIRE(used.size() == 1);
    const bool low_new = offset <= 0;
    const bool high_new = offset + 2 <= 0;
    CHECK(used[0].entry.low == (low_new ? changed.low : Entry{}.to(1).low));
    CHECK(used[0].entry.high == (high_new ? changed.high : Entry{}.from(1, 0, HPET.value).high));
    CHECK(blocked.size() == (high_new ? 1 : 0));  // new high: the HPET is no longer the one that it names
}

TEST_CASE_METHOD(VtdFixture, "WI-18: an entry that is changed with P = 0 blocks with 22h until P is written again",
                 "[vtd][VTD-14][VTD-22][WI-18]") {
    start();
    const Entry before = Entry{}.to(1).from(1, 0, HPET.value);
    const Entry after = Entry{}.to(2).from(1, 0, NIC.value);
    put(1, before);
    memory.put(entry_address(1), before.absent().low);
    CHECK(request(1) == Reason::NotPresent);
    memory.put(entry_address(1) + 8, after.high);
    CHECK(request(1, NIC) == Reason::NotPresent);
    memory.put(entry_address(1), after.absent().low);
    CHECK(request(1, NIC) == Reason::NotPresent);  // P lost: for ever
    by(1_ms);
    CHECK(request(1, NIC) == Reason::NotPresent);
    CHECK(output.delivered.empty());
    memory.put(entry_address(1), after.low);
    CHECK(request(1, NIC) == Reason::None);
    CHECK(destinations() == Ids{2});
}

TEST_CASE_METHOD(VtdFixture, "a retarget alone lies in one half: a read sees the old or the new entry",
                 "[vtd][VTD-22]") {
    start();
    put(1, Entry{}.to(1).from(1, 3, HPET.value));
    const Instant read = now() + IEC_MISS;
    const std::int64_t offset = GENERATE(-1, 0, 1);
    at(read + Duration{offset}, [&] { memory.put(entry_address(1), Entry{}.to(2).low); });
    CHECK(request(1) == Reason::None);
    CHECK(destinations() == Ids{offset <= 0 ? 2U : 1U});
}

TEST_CASE_METHOD(VtdFixture, "a read may also see the entry as it was when the lookup began", "[vtd][VTD-22]") {
    start();
    put(1, Entry{}.to(1));
    const std::uint32_t alternative = GENERATE(0U, 1U);
    choices.script["vtd.irte_sample"] = {alternative};
    at(now() + IEC_MISS - 1_ns, [&] { put(1, Entry{}.to(2)); });
    request(1);
    CHECK(destinations() == Ids{alternative == 0 ? 2U : 1U});
    REQUIRE(choices.log().size() == 1);
    CHECK(choices.log()[0].site == "vtd.irte_sample");
    request(1);
    CHECK(destinations().back() == (alternative == 0 ? 2U : 1U));  // what was read is cached
}

TEST_CASE_METHOD(VtdFixture, "an entry of before an invalidation is used by no lookup that outlasts it",
                 "[vtd][VTD-23][VTD-30]") {
    start();
    put(1, Entry{}.to(1));
    const bool cached = GENERATE(false, true);
    if (cached) {
        request(1);
    }
    output.delivered.clear();
    choices.script["vtd.irte_sample"] = {1};  // would see the old one, if it may
    put(1, Entry{}.to(1));
    submit({invalidate(1), wait_for(WAIT_SW, 2, STATUS)});
    const Instant end = now() + QI_FETCH + IEC_INV;
    at(end - 1_ns, [&] {
        send(1);
        put(1, Entry{}.to(2));
    });
    to(end + 1_us);
    CHECK(destinations() == Ids{2});
    request(1);
    CHECK(destinations() == Ids{2, 2});
}
