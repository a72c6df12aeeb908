// SPDX-License-Identifier: Apache-2.0
// Formats, the index, the order of the checks: VTD-12 to VTD-16. Faults that need no entry.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(VtdFixture, "the index is the handle, and with SHV the subhandle on top", "[vtd][VTD-12]") {
    start();
    w64(IRTA, TABLE | EIME | 15);
    set_and_wait(SIRTP);
    const std::uint32_t handle = GENERATE(0U, 1U, 0x4000U, 0x7fffU, 0x8000U, 0xfffeU);
    put(handle, Entry{}.to(1));
    put(handle + 1, Entry{}.to(2));
    CHECK(request(message(handle)) == Reason::None);
    CHECK(request(message_with_subhandle(handle, 0)) == Reason::None);
    CHECK(request(message_with_subhandle(handle, 1)) == Reason::None);
    CHECK(destinations() == std::vector<std::uint32_t>{1, 1, 2});
}

TEST_CASE_METHOD(VtdFixture, "WI-3: handle plus subhandle does not wrap at 16 bits: it is beyond the table",
                 "[vtd][VTD-12][WI-3]") {
    start();
    w64(IRTA, TABLE | EIME | 15);
    set_and_wait(SIRTP);
    put(2, Entry{});
    CHECK(request(message_with_subhandle(0xffff, 3)) == Reason::IndexTooLarge);
    CHECK(blocked[0].index == 0x1'0002);
    CHECK(request(message_with_subhandle(0xffff, 0)) == Reason::NotPresent);  // the last entry there is
    CHECK(output.delivered.empty());
}

TEST_CASE_METHOD(VtdFixture, "one block of entries is walked by the handle or by the subhandle alike",
                 "[vtd][VTD-13]") {
    start();
    for (unsigned cpu = 0; cpu < 8; ++cpu) {
        put(16 + cpu, Entry{}.to(cpu));
    }
    for (unsigned cpu = 0; cpu < 8; ++cpu) {
        CHECK(request(message_with_subhandle(16, cpu)) == Reason::None);      // one 32-bit word changes: the data
        CHECK(request(message_with_subhandle(16 + cpu, 0)) == Reason::None);  // one 32-bit word changes: the address
        CHECK(output.delivered[2 * cpu].message.destination == cpu);
        CHECK(output.delivered[2 * cpu + 1].message.destination == cpu);
    }
}

TEST_CASE_METHOD(VtdFixture,
                 "WI-58: reserved data bits of a request with SHV are fault 20h; without SHV data is ignored",
                 "[vtd][VTD-16][WI-58]") {
    start();
    put(1, Entry{});
    CHECK(request(message_with_subhandle(1, 0x1'0000)) == Reason::RequestReserved);
    CHECK(request(message_with_subhandle(1, 0x8000'0000)) == Reason::RequestReserved);
    MessageWrite write = message(1);
    write.data = 0xffff'ffff;
    CHECK(request(write) == Reason::None);
}

TEST_CASE_METHOD(VtdFixture, "address bits 1:0 do not count", "[vtd][VTD-12][M-1]") {
    start();
    put(1, Entry{}.to(6));
    MessageWrite write = message(1);
    write.address |= GENERATE(1U, 2U, 3U);
    CHECK(request(write) == Reason::None);
    CHECK(destinations() == std::vector<std::uint32_t>{6});
}

TEST_CASE_METHOD(VtdFixture, "an index at the end of the table is fault 21h, one before it is looked up",
                 "[vtd][VTD-16]") {
    start();
    const unsigned s = GENERATE(0U, 7U, 14U);
    w64(IRTA, TABLE | EIME | s);
    set_and_wait(SIRTP);
    const std::uint32_t entries = 2U << s;
    CHECK(request(entries - 1) == Reason::NotPresent);
    CHECK(request(entries) == Reason::IndexTooLarge);
}

TEST_CASE_METHOD(VtdFixture, "an entry above the host address width is fault 21h, one that no memory answers 23h",
                 "[vtd][VTD-16]") {
    VtdProfile profile;
    profile.host_address_width = 36;
    make(profile);
    start();
    w64(IRTA, (1ULL << 36U) | EIME | 7);
    set_and_wait(SIRTP);
    CHECK(request(0) == Reason::IndexTooLarge);
    w64(IRTA, ((1ULL << 36U) - 0x1000) | EIME | 7);
    set_and_wait(SIRTP);
    CHECK(request(255) == Reason::TableRead);
    CHECK(blocked.back().index == 255);
    CHECK(unit->cache().size() == 0);
}

TEST_CASE_METHOD(VtdFixture, "a write to an interrupt address that is not of 4 bytes is fault 29h, remapped or not",
                 "[vtd][VTD-16][M-1]") {
    MessageWrite write = message(1);
    write.size = GENERATE(Size::B1, Size::B2, Size::B8);
    const bool on = GENERATE(false, true);
    if (on) {
        start();
    }
    CHECK(request(write) == Reason::MalformedWrite);
    CHECK(output.delivered.empty());
}

TEST_CASE_METHOD(VtdFixture, "an older unit records no fault for it, and makes no interrupt of it either",
                 "[vtd][VTD-16][M-1]") {
    VtdProfile older;
    older.malformed_write_faults = false;
    make(older);
    MessageWrite write = message(1);
    write.size = Size::B8;
    CHECK(request(write) == Reason::None);
    CHECK(output.delivered.empty());
    CHECK(output.diagnosed.back().second == msi::Fault::NotFourBytes);
}

TEST_CASE_METHOD(VtdFixture, "a unit that needs EIME blocks every request without it: fault 2Ah", "[vtd][VTD-16]") {
    VtdProfile profile;
    profile.eim_required = true;
    make(profile);
    CHECK(request(compatible(1)) == Reason::None);  // remapping is off
    start(0);
    put(1, Entry{}.to_narrow(1));
    CHECK(request(1) == Reason::EimRequired);
    CHECK(request(compatible(1)) == Reason::EimRequired);
    CHECK(output.delivered.size() == 1);
}

TEST_CASE_METHOD(VtdFixture, "a unit that demands remapping blocks every request while it is off: fault 2Bh",
                 "[vtd][VTD-9][VTD-16]") {
    VtdProfile profile;
    profile.ir_required = true;
    make(profile);
    CHECK(request(compatible(1)) == Reason::RemappingRequired);
    CHECK(request(1) == Reason::RemappingRequired);
    start();
    put(1, Entry{});
    CHECK(request(1) == Reason::None);
}

TEST_CASE_METHOD(VtdFixture,
                 "WI-2: compatibility format is blocked without CFI, and with EIME whatever CFI is: fault 25h",
                 "[vtd][VTD-16][WI-2]") {
    start(GENERATE(std::uint64_t{0}, EIME));
    CHECK(request(compatible(3)) == Reason::Compatibility);
    CHECK(output.delivered.empty());
    CHECK(record_valid(0));
}

TEST_CASE_METHOD(VtdFixture, "WI-1: a blocked request leaves its device nothing, and the unit a fault record",
                 "[vtd][VTD-14][WI-1]") {
    start();
    send(9);
    by(1_us);
    CHECK(output.delivered.empty());
    CHECK(output.finishes.size() == 1);
    CHECK(record_valid(0));
    CHECK((record_high(0) & 0xffffU) == HPET.value);
    CHECK((record_high(0) >> 32U & 0xffU) == 0x22);
    CHECK((record_low(0) >> 48U) == 9);
}

TEST_CASE_METHOD(VtdFixture, "WI-57: the checks come in the order of the table: the first that fails gives the reason",
                 "[vtd][VTD-16][WI-57]") {
    start();
    // From the last check to the first; each step adds the fault that is found earlier.
    Entry entry = Entry{}.set({13, 12}, 1);
    put(3, entry);
    CHECK(request(3) == Reason::EntryReserved);
    entry = entry.from(1, 0, 0x0008);
    put(3, entry);
    CHECK(request(3) == Reason::SourceId);
    put(3, entry.absent());
    CHECK(request(3) == Reason::NotPresent);
    memory.broken = entry_address(3);
    memory.broken_end = memory.broken + 16;
    CHECK(request(3) == Reason::TableRead);
    CHECK(request(message_with_subhandle(3, 0x300)) == Reason::IndexTooLarge);
    CHECK(request(message_with_subhandle(3, 0x1'0300)) == Reason::RequestReserved);
    MessageWrite write = compatible(3);
    CHECK(request(write) == Reason::Compatibility);
    write.size = Size::B8;
    CHECK(request(write) == Reason::MalformedWrite);
    CHECK(unit->cache().size() == 0);
}

TEST_CASE_METHOD(VtdFixture, "a unit may check the reserved fields before the source id", "[vtd][check_order]") {
    VtdProfile profile;
    profile.check_order = CheckOrder::ReservedFirst;
    make(profile);
    start();
    put(3, Entry{}.set({13, 12}, 1).from(1, 0, 0x0008));
    CHECK(request(3) == Reason::EntryReserved);
    put(3, Entry{}.from(1, 0, 0x0008));
    CHECK(request(3) == Reason::SourceId);
}

TEST_CASE_METHOD(VtdFixture, "a hit and a miss take their rows; requests of one requester leave in order",
                 "[vtd][latency][M-13]") {
    start();
    put(1, Entry{}.to(1));
    put(2, Entry{}.to(2));
    request(1);
    output.delivered.clear();
    const Instant begin = now();
    send(2);       // a miss
    send(1);       // a hit behind it
    send(1, NIC);  // another device does not wait
    to(begin + IEC_HIT);
    CHECK(destinations() == std::vector<std::uint32_t>{1});
    to(begin + IEC_MISS - 1_fs);
    CHECK(output.delivered.size() == 1);
    to(begin + IEC_MISS);
    CHECK(destinations() == std::vector<std::uint32_t>{1, 2, 1});
    CHECK_FALSE(unit->holds_message());
}

TEST_CASE_METHOD(VtdFixture, "a message that passes does not overtake one of its device that is looked up",
                 "[vtd][M-13]") {
    start(0);
    set_and_wait(CFI);
    put(1, Entry{}.to_narrow(1));
    send(1);
    unit->arrive(compatible(9));
    by(10_ns);
    CHECK(output.delivered.empty());
    CHECK(unit->holds_message());
    by(1_us);
    CHECK(destinations() == std::vector<std::uint32_t>{1, 9});
}

TEST_CASE_METHOD(VtdFixture, "a message that passes as a lookup of its device ends leaves behind it", "[vtd][M-13]") {
    start(0);
    set_and_wait(CFI);
    put(1, Entry{}.to_narrow(1));
    const Instant ends = now() + IEC_MISS;
    send(1);
    at(ends, [this] {
        unit->arrive(compatible(9));
        CHECK(output.delivered.empty());
    });
    to(ends);
    CHECK(destinations() == std::vector<std::uint32_t>{1, 9});
    CHECK_FALSE(unit->holds_message());
}

TEST_CASE_METHOD(VtdFixture, "a message that passes as a lookup of another device ends leaves at once", "[vtd][M-13]") {
    start(0);
    set_and_wait(CFI);
    put(1, Entry{}.to_narrow(1));
    const Instant ends = now() + IEC_MISS;
    send(1, NIC);
    at(ends, [this] {
        unit->arrive(compatible(9));
        CHECK(destinations() == std::vector<std::uint32_t>{9});
    });
    to(ends);
    CHECK(destinations() == std::vector<std::uint32_t>{9, 1});
}

TEST_CASE_METHOD(VtdFixture, "a token that leaves the unit has reached the hop 'remapped'", "[vtd][hops]") {
    start();
    put(1, Entry{});
    const MessageWrite write = message(1);
    const Instant begin = now();
    unit->arrive(write);
    by(1_us);
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].token == write.token);
    CHECK(hops[0].hop == Hop::Remapped);
    CHECK(hops[0].at == begin + IEC_MISS);
    CHECK(output.delivered[0].message.token == write.token);
}
