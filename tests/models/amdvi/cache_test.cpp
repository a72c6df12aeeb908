// SPDX-License-Identifier: Apache-2.0
// The caches of both kinds of entries, and what an invalidation with a wait proves: AMDVI-12, AMDVI-13, AMDVI-18.
#include "tests/models/amdvi/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

using Ids = std::vector<std::uint32_t>;

constexpr std::uint32_t USE_CACHED = 0, READ_AND_KEEP = 1, READ_ONLY = 2;
constexpr Duration FLIGHT = ROOT_TO_LAPIC + ACCEPT;

}  // namespace

TEST_CASE_METHOD(AmdviFixture, "an interrupt remapping entry changed in memory alone is not seen while it is cached",
                 "[amdvi][AMDVI-12]") {
    start();
    device(Device{});
    entry(3, Entry{}.to(1));
    request(3);
    entry(3, Entry{}.to(2));
    request(3);
    CHECK(destinations() == Ids{1, 1});
    CHECK(used.back().stale);
    submit_and_wait(invalidate_table(HPET));
    request(3);
    CHECK(destinations() == Ids{1, 1, 2});
    CHECK_FALSE(used.back().cached);
}

TEST_CASE_METHOD(AmdviFixture, "until an invalidation a request may use the old or the new entry, at will",
                 "[amdvi][AMDVI-12]") {
    start();
    device(Device{});
    entry(3, Entry{}.to(1));
    request(3);
    entry(3, Entry{}.to(2));
    SECTION("memory is read and the cached entry replaced") {
        choices.script["amdvi.irte_reread"] = {READ_AND_KEEP};
        request(3);
        request(3);
        CHECK(destinations() == Ids{1, 2, 2});
    }
    SECTION("memory is read and the old one stays") {
        choices.script["amdvi.irte_reread"] = {READ_ONLY, USE_CACHED};
        request(3);
        request(3);
        CHECK(destinations() == Ids{1, 2, 1});
    }
}

TEST_CASE_METHOD(AmdviFixture, "a device table entry that blocks NMIs is cached as any: NMIPass alone does not help",
                 "[amdvi][AMDVI-12]") {
    start();
    device(Device{});
    CHECK(request(NMI) == Reason::NmiBlocked);
    device(Device{}.nmi_pass());
    CHECK(request(NMI) == Reason::NmiBlocked);
    CHECK(devices_used.back().stale);
    SECTION("an invalidation of the device's entry does") {
        submit_and_wait(invalidate_device(HPET));
        CHECK(request(NMI) == Reason::None);
    }
    SECTION("or the unit reads it again by itself") {
        choices.script["amdvi.dte_reread"] = {READ_AND_KEEP};
        CHECK(request(NMI) == Reason::None);
    }
    SECTION("an invalidation of its interrupt table does not") {
        submit_and_wait(invalidate_table(HPET));
        CHECK(request(NMI) == Reason::NmiBlocked);
    }
    SECTION("nor does one of another device") {
        submit_and_wait(invalidate_device(NIC));
        CHECK(request(NMI) == Reason::NmiBlocked);
    }
}

TEST_CASE_METHOD(AmdviFixture, "an entry that led to a fault is not cached: repaired, it works at once",
                 "[amdvi][AMDVI-12]") {
    start();
    device(Device{});
    entry(3, GENERATE(Entry{}.off(), Entry{}.type(4)));
    CHECK(request(3) != Reason::None);
    entry(3, Entry{});
    CHECK(request(3) == Reason::None);
}

TEST_CASE_METHOD(AmdviFixture, "with NpCache a faulty entry is cached and has to be invalidated", "[amdvi][AMDVI-12]") {
    AmdviProfile profile;
    profile.np_cache = true;
    make(profile);
    start();
    device(Device{}.int_ctl(3));
    CHECK(request(3) == Reason::DeviceEntryReserved);
    device(Device{});
    CHECK(request(3) == Reason::DeviceEntryReserved);
    submit_and_wait(invalidate_device(HPET));
    CHECK(request(3) == Reason::NotEnabled);
    entry(3, Entry{});
    CHECK(request(3) == Reason::NotEnabled);
    submit_and_wait(invalidate_table(HPET));
    CHECK(request(3) == Reason::None);
}

TEST_CASE_METHOD(AmdviFixture, "WI-19: with IRTCacheDis interrupt remapping entries are read each time",
                 "[amdvi][AMDVI-12][WI-19]") {
    start();
    device(Device{});
    entry(3, Entry{}.to(1));
    request(3);
    control(RUNNING | IRT_CACHE_DIS);
    CHECK(unit->entry_cache().size() == 0);
    entry(3, Entry{}.to(2));
    request(3);
    entry(3, Entry{}.to(3));
    request(3);
    CHECK(destinations() == Ids{1, 2, 3});
}

TEST_CASE_METHOD(AmdviFixture, "a unit may have no cache at all", "[amdvi][AMDVI-12]") {
    AmdviProfile profile;
    profile.device_entries = profile.iec_entries = 0;
    make(profile);
    start();
    device(Device{});
    CHECK(request(NMI) == Reason::NmiBlocked);
    device(Device{}.nmi_pass());
    CHECK(request(NMI) == Reason::None);
}

TEST_CASE_METHOD(AmdviFixture, "a full set gives up the least recently used entry, or another by choice",
                 "[amdvi][AMDVI-12]") {
    AmdviProfile profile;
    profile.iec_entries = profile.iec_ways = 2;
    make(profile);
    start();
    device(Device{});
    for (std::uint32_t i = 0; i < 3; ++i) {
        entry(i, Entry{});
    }
    const std::uint32_t victim = GENERATE(0U, 1U);
    choices.script["amdvi.irte_victim"] = {victim};
    request(0);
    request(1);
    request(2);
    request(victim);
    CHECK_FALSE(used.back().cached);
    CHECK(unit->entry_cache().size() == 2);
}

TEST_CASE_METHOD(AmdviFixture, "all cached entries may leave at any time", "[amdvi][AMDVI-12]") {
    start();
    device(Device{});
    entry(3, Entry{});
    request(3);
    unit->fault_evict_all();
    request(3);
    CHECK_FALSE(used.back().cached);
    CHECK_FALSE(devices_used.back().cached);
}

// ---- invalidations

TEST_CASE_METHOD(AmdviFixture, "an invalidation names the entries of one device; INVALIDATE_IOMMU_ALL those of all",
                 "[amdvi][AMDVI-13]") {
    start();
    device(Device{});
    device(Device{}, NIC, OTHER_TABLE);
    entry(3, Entry{});
    entry(3, Entry{}, OTHER_TABLE);
    request(3, HPET);
    request(3, NIC);
    SECTION("a table") {
        submit_and_wait(invalidate_table(NIC));
        CHECK(unit->entry_cache().size() == 1);
        CHECK(unit->device_cache().size() == 2);
        request(3, HPET);
        CHECK(used.back().cached);
    }
    SECTION("a device table entry") {
        submit_and_wait(invalidate_device(NIC));
        CHECK(unit->entry_cache().size() == 2);
        CHECK(unit->device_cache().size() == 1);
    }
    SECTION("all") {
        submit_and_wait(invalidate_all());
        CHECK(unit->entry_cache().size() == 0);
        CHECK(unit->device_cache().size() == 0);
    }
}

TEST_CASE_METHOD(AmdviFixture, "entries leave at the end of an invalidation: until then a request uses them",
                 "[amdvi][AMDVI-13]") {
    start();
    device(Device{});
    entry(3, Entry{}.to(1));
    request(3);
    entry(3, Entry{}.to(2));
    const Instant end = now() + FETCH + INVALIDATION;
    submit({invalidate_table(HPET)});
    const Duration both = HIT + HIT;
    at(end - both - 1_fs, [&] { send(3); });
    at(end - both + 1_fs, [&] { send(3); });  // its lookup is not over when the entries leave
    by(3_us);
    CHECK(destinations() == Ids{1, 1, 2});
}

TEST_CASE_METHOD(AmdviFixture,
                 "a wait behind an invalidation waits until what has left through its entries is accepted",
                 "[amdvi][AMDVI-13]") {
    AmdviProfile profile;
    profile.drains = GENERATE(Drains::Apic, Drains::Unit);
    make(profile);
    start();
    device(Device{});
    entry(3, Entry{});
    request(3);
    const Instant end = now() + FETCH + INVALIDATION;
    submit({invalidate_table(HPET), completion_wait(WAIT_STORE)});
    at(end - HIT - HIT - 1_ns, [&] { send(3); });
    by(3_us);
    REQUIRE(waits.size() == 1);
    CHECK(waits[0].at == (profile.drains == Drains::Apic ? end - 1_ns + FLIGHT : end) + STORE);
}

TEST_CASE_METHOD(AmdviFixture, "what passed unchanged, and what another device has sent, is not drained",
                 "[amdvi][AMDVI-13]") {
    start();
    device(Device{}.nmi_pass());
    device(Device{}, NIC, OTHER_TABLE);
    entry(3, Entry{}, OTHER_TABLE);
    request(NMI);
    request(3, NIC);
    const Instant end = now() + FETCH + INVALIDATION;
    submit({invalidate_table(HPET), completion_wait(WAIT_STORE)});
    at(end - HIT - 1_ns, [&] { send(NMI); });
    at(end - HIT - HIT - 1_ns, [&] { send(3, NIC); });
    by(3_us);
    REQUIRE(waits.size() == 1);
    CHECK(waits[0].at == end + STORE);
}

// ---- order, time

TEST_CASE_METHOD(AmdviFixture, "a message takes a lookup, one that is remapped two; one device's leave in order",
                 "[amdvi][AMDVI-18][M-13]") {
    start();
    device(Device{}.nmi_pass());
    device(Device{}, NIC, OTHER_TABLE);
    entry(3, Entry{}.to(8));
    entry(3, Entry{}.to(9), OTHER_TABLE);
    request(NMI);
    request(3, NIC);
    output.delivered.clear();
    const Instant begin = now();
    send(3);       // a hit, then a miss
    send(NMI);     // a hit, behind it
    send(3, NIC);  // two hits; another device does not wait
    to(begin + HIT + HIT);
    CHECK(destinations() == Ids{9});
    to(begin + HIT + MISS - 1_fs);
    CHECK(output.delivered.size() == 1);
    CHECK(unit->holds_message());
    to(begin + HIT + MISS);
    CHECK(destinations() == Ids{9, 8, 1});
    CHECK_FALSE(unit->holds_message());
}

TEST_CASE_METHOD(AmdviFixture, "a message that the unit does not look at stays behind one of its device that it does",
                 "[amdvi][AMDVI-18][M-13]") {
    start();
    device(Device{}.nmi_pass());
    w64(CONTROL, 0);
    by(CONTROL_LATENCY - 1_ns);
    send(NMI);
    by(2_ns);
    REQUIRE_FALSE(unit->enabled());
    unit->arrive(message(NMI, HPET, 9));
    CHECK(output.delivered.empty());
    by(1_us);
    CHECK(destinations() == Ids{1, 9});
}

TEST_CASE_METHOD(AmdviFixture, "a read completion may pass when the message has left the unit, or is accepted",
                 "[amdvi][AMDVI-18]") {
    AmdviProfile profile;
    profile.read_completion_pushes = GENERATE(ReadCompletionPushes::Unit, ReadCompletionPushes::Apic);
    make(profile);
    start();
    device(Device{}.nmi_pass());
    const Instant left = now() + MISS;
    request(NMI);
    REQUIRE(output.finishes.size() == 1);
    CHECK(output.finishes[0].passable ==
          (profile.read_completion_pushes == ReadCompletionPushes::Apic ? left + FLIGHT : left));
}

TEST_CASE_METHOD(AmdviFixture, "a token that leaves through an entry has reached the hop 'remapped'",
                 "[amdvi][AMDVI-18]") {
    start();
    device(Device{});
    entry(3, Entry{});
    const MessageWrite write = message(3);
    request(write);
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].token == write.token);
    CHECK(hops[0].hop == Hop::Remapped);
    CHECK(delivered().token == write.token);
}

TEST_CASE_METHOD(AmdviFixture, "a device table entry that changes during a lookup decides as it is at its end",
                 "[amdvi][AMDVI-12]") {
    start();
    device(Device{}.int_ctl(1));
    entry(0x50, Entry{}.to(9));
    send(0x50);
    device(Device{}.int_ctl(2));
    const std::uint32_t sample = GENERATE(0U, 1U);
    choices.script["amdvi.dte_sample"] = {sample};
    by(1_us);
    CHECK(destinations() == Ids{sample == 0 ? 9U : 1U});
}

TEST_CASE_METHOD(AmdviFixture, "a table that changes during a lookup is the one that the request is remapped by",
                 "[amdvi][AMDVI-12]") {
    start();
    device(Device{});
    entry(3, Entry{}.to(5));
    entry(3, Entry{}.to(9), OTHER_TABLE);
    send(3);
    device(Device{}, HPET, OTHER_TABLE);
    const std::uint32_t sample = GENERATE(0U, 1U);
    choices.script["amdvi.dte_sample"] = {sample};
    by(1_us);
    CHECK(destinations() == Ids{sample == 0 ? 9U : 5U});
}
