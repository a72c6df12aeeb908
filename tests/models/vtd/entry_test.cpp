// SPDX-License-Identifier: Apache-2.0
// What an entry says: VTD-15, VTD-17 to VTD-21, and source validation in all its forms.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

vtd::Irte raw(const Entry& entry) { return {entry.low, entry.high}; }

Reason reason(const Entry& entry, RequesterId requester, bool eime = true, const VtdProfile& profile = {}) {
    return vtd::check(raw(entry), requester, eime, profile);
}

bool verified(unsigned svt, unsigned sq, unsigned sid, unsigned requester) {
    return vtd::source_is_verified(raw(Entry{}.from(svt, sq, sid)), RequesterId{static_cast<std::uint16_t>(requester)});
}

}  // namespace

// ---- source validation, 9.9

TEST_CASE("SVT 00: no check, whatever SID and SQ hold", "[vtd][9.9]") {
    CHECK(verified(0, 0, 0x1234, 0x0000));
    CHECK(verified(0, 3, 0xffff, 0x4321));
}

TEST_CASE("SVT 01: SQ leaves out bit 2, bits 2:1, bits 2:0 of the requester id", "[vtd][9.9]") {
    constexpr unsigned LEFT_OUT[] = {0, 4, 6, 7};
    const unsigned sq = GENERATE(0U, 1U, 2U, 3U);
    constexpr unsigned sid = 0xfa78;
    for (unsigned bit = 0; bit < 16; ++bit) {
        INFO("SQ " << sq << ", bit " << bit);
        CHECK(verified(1, sq, sid, sid ^ (1U << bit)) == ((LEFT_OUT[sq] >> bit & 1U) != 0));
    }
    CHECK(verified(1, sq, sid, sid));
}

TEST_CASE("WI-4: SVT 10: SID 15:8 is the first bus, 7:0 the last, both included", "[vtd][9.9][WI-4]") {
    constexpr unsigned range = 0x0205;
    CHECK_FALSE(verified(2, 0, range, 0x01ff));
    CHECK(verified(2, 0, range, 0x0200));
    CHECK(verified(2, 3, range, 0x05ff));
    CHECK_FALSE(verified(2, 0, range, 0x0600));
    CHECK_FALSE(verified(2, 0, 0x0502, 0x0300));  // nothing is between 5 and 2
    CHECK(verified(2, 0, 0x0005, 0x0000));
    CHECK_FALSE(verified(2, 0, 0x0500, 0x0000));
}

TEST_CASE("SVT 11 is reserved: recorded as 26h, or as 24h where the unit takes it for a reserved field",
          "[vtd][VTD-15]") {
    CHECK(reason(Entry{}.from(3, 0, HPET.value), HPET) == Reason::SourceId);
    VtdProfile profile;
    profile.reserved_svt = ReservedSvt::ReservedField;
    CHECK(reason(Entry{}.from(3, 0, HPET.value), HPET, true, profile) == Reason::EntryReserved);
    CHECK(reason(Entry{}.from(1, 0, 0x0001), HPET, true, profile) == Reason::SourceId);
}

TEST_CASE_METHOD(VtdFixture, "WI-5: a request from another device than the entry names is fault 26h, cached or not",
                 "[vtd][VTD-16][WI-5]") {
    start();
    put(3, Entry{}.from(1, 0, HPET.value));
    CHECK(request(3, NIC) == Reason::SourceId);
    CHECK(unit->cache().size() == 0);
    CHECK(request(3, HPET) == Reason::None);
    CHECK(unit->cache().size() == 1);
    CHECK(request(3, NIC) == Reason::SourceId);  // the cached entry is verified again
    CHECK(used.back().cached);
    CHECK(blocked.back().write.requester.value == NIC.value);
    CHECK(request(3, HPET) == Reason::None);
}

// ---- reserved fields

TEST_CASE("each reserved bit of a remapped entry is fault 24h, each other bit is none", "[vtd][VTD-16]") {
    const auto reserved_low = [](unsigned bit) { return (bit >= 12 && bit <= 14) || (bit >= 24 && bit <= 31); };
    for (unsigned bit = 1; bit < 64; ++bit) {
        INFO("bit " << bit);
        Entry entry = Entry{}.mode(0).vector(0x31);
        entry.low ^= 1ULL << bit;
        const bool posted = bit == 15;  // CAP.PI = 0
        CHECK(reason(entry, HPET) == (reserved_low(bit) || posted ? Reason::EntryReserved : Reason::None));
    }
    for (unsigned bit = 20; bit < 64; ++bit) {
        INFO("bit " << 64 + bit);
        Entry entry;
        entry.high = 1ULL << bit;
        CHECK(reason(entry, HPET) == Reason::EntryReserved);
    }
}

TEST_CASE("reserved delivery modes are fault 24h, or nothing comes of them", "[vtd][VTD-16]") {
    const unsigned mode = GENERATE(3U, 6U);
    CHECK(reason(Entry{}.mode(mode), HPET) == Reason::EntryReserved);
    VtdProfile profile;
    profile.reserved_mode = ReservedMode::Nothing;
    CHECK(reason(Entry{}.mode(mode), HPET, true, profile) == Reason::None);
    VtdFixture f;
    f.make(profile);
    f.start();
    f.put(1, Entry{}.mode(mode));
    CHECK(f.request(1) == Reason::None);
    CHECK(f.output.delivered.empty());
    CHECK(f.output.finishes.size() == 1);
}

TEST_CASE("SMI and INIT through the table are the implementation's to support", "[vtd][VTD-16]") {
    const unsigned mode = GENERATE(2U, 5U);
    CHECK(reason(Entry{}.mode(mode), HPET) == Reason::None);
    VtdProfile profile;
    profile.smi_and_init = false;
    CHECK(reason(Entry{}.mode(mode), HPET, true, profile) == Reason::EntryReserved);
    CHECK(reason(Entry{}, HPET, true, profile) == Reason::None);
}

TEST_CASE("with EIME = 0 only bits 47:40 of the destination may be set", "[vtd][VTD-19]") {
    for (unsigned bit = 32; bit < 64; ++bit) {
        INFO("bit " << bit);
        Entry entry = Entry{}.to(0);
        entry.low |= 1ULL << bit;
        CHECK(reason(entry, HPET, false) == (bit >= 40 && bit <= 47 ? Reason::None : Reason::EntryReserved));
        CHECK(reason(entry, HPET, true) == Reason::None);
    }
}

// ---- the message

TEST_CASE("an NMI entry: destination counts, trigger and vector do not", "[vtd][VTD-17]") {
    const InterruptMessage message =
        vtd::message_of(raw(Entry{}.to(0x1'2345).vector(0x31).level()), true, VtdProfile{});
    CHECK(message.mode == DeliveryMode::Nmi);
    CHECK(message.destination == 0x1'2345);
    CHECK(message.wide);
    CHECK_FALSE(message.logical);
    CHECK_FALSE(message.level);
    CHECK(message.assert_);
}

TEST_CASE("the vector of an NMI entry goes along as its NMI source, or does not", "[vtd][CPU-27]") {
    VtdProfile profile;
    CHECK(vtd::message_of(raw(Entry{}.vector(8)), true, profile).vector == 8);
    profile.nmi_forwards_vector = false;
    CHECK(vtd::message_of(raw(Entry{}.vector(8)), true, profile).vector == 0);
}

TEST_CASE_METHOD(VtdFixture, "a posted entry never gives an NMI: bits 7:5 are reserved in it", "[vtd][VTD-17]") {
    VtdProfile profile;
    profile.posted_interrupts = true;
    make(profile);
    start();
    put(1, Entry::posted(PID, 0x41).mode(4));
    CHECK(request(1) == Reason::EntryReserved);
}

TEST_CASE("modes, trigger, vector as the entry says", "[vtd][9.9]") {
    struct Case {
        unsigned dlm;
        DeliveryMode mode;
        unsigned vector;
        bool level;
    };
    const Case c = GENERATE(Case{0, DeliveryMode::Fixed, 0x31, true}, Case{1, DeliveryMode::LowestPriority, 0x31, true},
                            Case{2, DeliveryMode::Smi, 0, false}, Case{5, DeliveryMode::Init, 0, false},
                            Case{7, DeliveryMode::ExtInt, 0, false});
    const InterruptMessage message = vtd::message_of(raw(Entry{}.mode(c.dlm).vector(0x31).level()), true, VtdProfile{});
    CHECK(message.mode == c.mode);
    CHECK(message.vector == c.vector);
    CHECK(message.level == c.level);
}

TEST_CASE_METHOD(VtdFixture, "a vector below 16 of a fixed entry is the local APIC's to refuse, not the unit's",
                 "[vtd][LAPIC-19]") {
    start();
    put(1, Entry{}.mode(0).vector(5));
    CHECK(request(1) == Reason::None);
    CHECK(output.delivered[0].message.vector == 5);
}

TEST_CASE("FPD keeps qualified faults off the record; the request is blocked all the same", "[vtd][VTD-18]") {
    struct Case {
        Entry entry;
        Reason reason;
    };
    const Case c = GENERATE(Case{Entry{}.absent(), Reason::NotPresent}, Case{Entry{}.mode(3), Reason::EntryReserved},
                            Case{Entry{}.from(1, 0, 1), Reason::SourceId});
    VtdFixture f;
    f.start();
    f.put(1, c.entry);
    CHECK(f.request(1) == c.reason);
    CHECK(f.blocked.back().recorded == Recorded::Written);
    f.put(2, c.entry.quiet());
    CHECK(f.request(2) == c.reason);
    CHECK(f.blocked.back().recorded == Recorded::Suppressed);
    CHECK(f.record_valid(0));
    CHECK_FALSE(f.record_valid(1));
    CHECK(f.output.delivered.empty());
}

TEST_CASE("DM: with EIME an x2APIC logical id, without it 8 bits", "[vtd][VTD-20]") {
    const InterruptMessage wide = vtd::message_of(raw(Entry{}.to(0x0003'0005).logical()), true, VtdProfile{});
    CHECK(wide.logical);
    CHECK(wide.wide);
    CHECK(wide.destination == 0x0003'0005);
    const InterruptMessage narrow = vtd::message_of(raw(Entry{}.to_narrow(0xa5).logical()), false, VtdProfile{});
    CHECK(narrow.logical);
    CHECK_FALSE(narrow.wide);
    CHECK(narrow.destination == 0xa5);
}

TEST_CASE("WI-54: RH = 1 sends an NMI to one CPU of a logical destination, unless the platform ignores it there",
          "[vtd][VTD-21][WI-54]") {
    VtdProfile profile;
    const InterruptMessage hinted = vtd::message_of(raw(Entry{}.to(0xf).logical().hint()), true, profile);
    CHECK(is_arbitrated(hinted));
    CHECK_FALSE(is_arbitrated(vtd::message_of(raw(Entry{}.to(0xf).logical()), true, profile)));
    CHECK_FALSE(is_arbitrated(vtd::message_of(raw(Entry{}.to(2).hint()), true, profile)));  // nothing to choose
    profile.nmi_honours_hint = false;
    CHECK_FALSE(is_arbitrated(vtd::message_of(raw(Entry{}.to(0xf).logical().hint()), true, profile)));
    CHECK(is_arbitrated(vtd::message_of(raw(Entry{}.mode(0).to(0xf).logical().hint()), true, profile)));
}
