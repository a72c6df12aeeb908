// SPDX-License-Identifier: Apache-2.0
// Fault records and events: VTD-35 to VTD-39.
#include <algorithm>

#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct FaultFixture : VtdFixture {
    explicit FaultFixture(const VtdProfile& profile = {}, std::uint64_t flags = EIME) {
        make(profile);
        start(flags);
        w32(FEDATA, 0x51);
        w32(FEADDR, 0xfee0'2000);
    }
    void unmask() { w32(FECTL, 0); }
    std::uint32_t status() { return r32(FSTS); }
    std::size_t events_sent() const { return output.delivered.size(); }
    void clear_all_records() {
        for (unsigned n = 0; n < 8; ++n) {
            clear_record(n);
        }
    }
    void fail(std::uint32_t index = 1) { request(index); }
    void break_queue() {
        submit({{0xf, 0}});
        by(1_us);
    }
};

}  // namespace

// ---- records

TEST_CASE_METHOD(FaultFixture, "a fault fills the next record: index, requester, reason, F", "[vtd][VTD-35][VTD-38]") {
    request(9, NIC);
    CHECK(record_low(0) == 9ULL << 48U);
    CHECK(record_high(0) == (1ULL << 63U | 0x22ULL << 32U | NIC.value));
    CHECK(blocked[0].recorded == Recorded::Written);
    CHECK(blocked[0].record == 0);
    request(10);
    CHECK((record_low(1) >> 48U) == 10);
    CHECK((r32(FSTS) & PPF) != 0);
}

TEST_CASE_METHOD(FaultFixture, "records go round; FRI names the one that made PPF 1", "[vtd][VTD-35]") {
    for (std::uint32_t i = 0; i < 5; ++i) {
        fail(i);
    }
    CHECK(status() == PPF);  // FRI is 0
    clear_all_records();
    CHECK(status() == 0);
    fail(77);
    CHECK(record_valid(5));
    CHECK(status() == (PPF | 5U << 8));
    for (std::uint32_t i = 0; i < 7; ++i) {
        fail(i);
    }
    CHECK(record_valid(4));
    CHECK(status() == (PPF | 5U << 8));
}

TEST_CASE_METHOD(FaultFixture, "with no record free a fault sets PFO and is lost, and so is every one after it",
                 "[vtd][VTD-35]") {
    for (std::uint32_t i = 0; i < 8; ++i) {
        fail(i);
    }
    CHECK(status() == PPF);
    fail(8);
    CHECK(blocked.back().recorded == Recorded::Overflowed);
    CHECK(status() == (PPF | PFO));
    CHECK((record_low(0) >> 48U) == 0);  // nothing is overwritten
    clear_record(0);
    fail(9);
    CHECK(blocked.back().recorded == Recorded::Lost);  // PFO is 1 still
    CHECK_FALSE(record_valid(0));
    w32(FSTS, PFO);
    fail(10);
    CHECK(blocked.back().recorded == Recorded::Written);
    CHECK((record_low(0) >> 48U) == 10);
}

TEST_CASE("a unit may let a pending record of the requester stand for its next faults",
          "[vtd][VTD-35][compress_faults]") {
    VtdProfile profile;
    profile.compress_faults = true;
    FaultFixture f{profile};
    f.fail(1);
    f.fail(2);
    CHECK(f.blocked.back().recorded == Recorded::Compressed);
    CHECK_FALSE(f.record_valid(1));
    f.request(3, NIC);
    CHECK(f.record_valid(1));
    f.clear_record(0);
    f.fail(4);
    CHECK(f.record_valid(2));
}

TEST_CASE("behind an overflow a fault is lost before a pending record could absorb it",
          "[vtd][VTD-35][compress_faults]") {
    VtdProfile profile;
    profile.compress_faults = true;
    profile.fault_records = 1;
    FaultFixture f{profile};
    f.fail(1);
    f.fail(2);
    CHECK(f.blocked.back().recorded == Recorded::Compressed);
    f.request(3, NIC);
    CHECK(f.blocked.back().recorded == Recorded::Overflowed);
    f.fail(4);  // the record of its requester is pending still
    CHECK(f.blocked.back().recorded == Recorded::Lost);
    f.w32(FSTS, PFO);
    f.fail(5);
    CHECK(f.blocked.back().recorded == Recorded::Compressed);
}

TEST_CASE_METHOD(FaultFixture, "the next record is 0 again once translation and remapping are both off",
                 "[vtd][VTD-35]") {
    fail(1);
    clear_record(0);
    set_and_wait(TE);
    clear_and_wait(IRE);
    set_and_wait(IRE);
    fail(2);
    CHECK(record_valid(1));
    clear_record(1);
    clear_and_wait(TE);
    clear_and_wait(IRE);
    set_and_wait(IRE);
    fail(3);
    CHECK(record_valid(0));
}

TEST_CASE_METHOD(FaultFixture, "another command leaves the next record where it is while remapping is on",
                 "[vtd][VTD-35]") {
    fail(1);
    clear_record(0);
    set_and_wait(CFI);
    fail(2);
    CHECK(record_valid(1));
    CHECK_FALSE(record_valid(0));
}

TEST_CASE_METHOD(FaultFixture, "PPF is the OR of all F; it cannot be written, F is cleared by 1 in its dword",
                 "[vtd][VTD-36]") {
    fail(1);
    fail(2);
    w32(FSTS, PPF);
    CHECK(status() == PPF);
    w32(FRCD + 8, ~0U);  // the dword below F
    CHECK(record_valid(0));
    clear_record(0);
    CHECK_FALSE(record_valid(0));
    CHECK(status() == PPF);
    unit->write(FRCD + 16 + 8, Size::B8, 1ULL << 63U);
    CHECK(status() == 0);
}

TEST_CASE_METHOD(FaultFixture, "the index of a record is 0 where it is undefined", "[vtd][VTD-38]") {
    SECTION("a remappable request with reserved bits") { request(message_with_subhandle(3, 0x1'0000)); }
    SECTION("compatibility format") { request(compatible(3)); }
    CHECK(record_valid(0));
    CHECK(record_low(0) == 0);
    CHECK_FALSE(vtd::has_index(blocked[0].reason));
}

// ---- events

TEST_CASE_METHOD(FaultFixture, "the first fault raises the event, those behind it none", "[vtd][VTD-37]") {
    unmask();
    fail(1);
    REQUIRE(events_sent() == 1);
    CHECK(output.delivered[0].message.vector == 0x51);
    CHECK(output.delivered[0].message.destination == 2);
    CHECK(r32(FECTL) == 0);
    fail(2);
    CHECK(events_sent() == 1);
    clear_record(0);
    fail(3);
    CHECK(events_sent() == 1);  // record 1 kept PPF at 1
    clear_all_records();
    fail(4);
    CHECK(events_sent() == 2);
}

TEST_CASE_METHOD(FaultFixture, "WI-60: an overflow raises no event", "[vtd][VTD-37][WI-60]") {
    for (std::uint32_t i = 0; i < 8; ++i) {
        fail(i);
    }
    unmask();
    CHECK(events_sent() == 1);  // held back until now
    fail(9);
    CHECK((status() & PFO) != 0);
    CHECK(events_sent() == 1);
}

TEST_CASE_METHOD(FaultFixture, "no new event while any condition is left, PFO too", "[vtd][VTD-37]") {
    unmask();
    for (std::uint32_t i = 0; i < 9; ++i) {
        fail(i);
    }
    clear_all_records();
    CHECK(status() == PFO);
    break_queue();
    CHECK(status() == (PFO | IQE));
    CHECK(events_sent() == 1);
    w32(FSTS, PFO | IQE);
    by(1_us);
    CHECK(status() == IQE);  // it was not repaired: a new condition
    CHECK(events_sent() == 2);
}

TEST_CASE_METHOD(FaultFixture, "a masked event is held in IP and leaves when the mask goes", "[vtd][VTD-37]") {
    fail(1);
    CHECK(r32(FECTL) == (IM | IP));
    CHECK(events_sent() == 0);
    CHECK_FALSE(events.back().sent);
    unmask();
    CHECK(events_sent() == 1);
    CHECK(r32(FECTL) == 0);
    w32(FECTL, IM);
    unmask();
    CHECK(events_sent() == 1);
}

TEST_CASE_METHOD(FaultFixture, "WI-10: IP is cleared when all conditions are, not before", "[vtd][VTD-37][WI-10]") {
    fail(1);
    break_queue();
    CHECK(r32(FECTL) == (IM | IP));
    memory.put(QUEUE, wait_for(0).low);
    w32(FSTS, IQE);
    CHECK(r32(FECTL) == (IM | IP));  // the record is left
    clear_record(0);
    CHECK(r32(FECTL) == IM);
    unmask();
    CHECK(events_sent() == 0);
}

TEST_CASE_METHOD(FaultFixture, "IP stays while any one condition is left: PFO, PPF or IQE alone", "[vtd][VTD-37]") {
    for (std::uint32_t i = 0; i < 9; ++i) {
        fail(i);
    }
    break_queue();
    memory.put(QUEUE, wait_for(0).low);
    REQUIRE(status() == (PFO | PPF | IQE));
    REQUIRE(r32(FECTL) == (IM | IP));
    const std::uint64_t left = GENERATE(PFO, PPF, IQE);
    const auto clear = [&](std::uint64_t condition) { condition == PPF ? clear_all_records() : w32(FSTS, condition); };
    for (const std::uint64_t condition : {PFO, PPF, IQE}) {
        if (condition != left) {
            clear(condition);
        }
    }
    CHECK(status() == left);
    CHECK(r32(FECTL) == (IM | IP));
    clear(left);
    CHECK(status() == 0);
    CHECK(r32(FECTL) == IM);
}

TEST_CASE_METHOD(FaultFixture, "the completion event has the same rule with IWC", "[vtd][VTD-37]") {
    submit({wait_for(WAIT_IF)});
    by(5_us);
    CHECK(r32(IECTL) == (IM | IP));
    SECTION("unmasked it leaves") {
        w32(IECTL, 0);
        CHECK(events_sent() == 1);
        CHECK(r32(IECTL) == 0);
    }
    SECTION("with IWC cleared nothing is left to send") {
        w32(ICS, 1);
        CHECK(r32(IECTL) == IM);
        w32(IECTL, 0);
        CHECK(events_sent() == 0);
    }
}

TEST_CASE_METHOD(FaultFixture, "an event is fixed or lowest priority, edge, never an NMI, and not remapped",
                 "[vtd][VTD-39]") {
    w32(FEDATA, 0xffff'ffff);
    CHECK(diagnosed(Kind::Reserved));  // 31:16
    CHECK(r32(FEDATA) == 0xffff);
    w32(FEADDR, 0xfee0'5000U | 1U << 3 | 1U << 2);
    w32(FEUADDR, 0x1234'5600);
    put(0xff, Entry{}.to(0x77));  // were it remapped
    unmask();
    fail(1);
    REQUIRE(events_sent() == 1);
    const InterruptMessage& message = output.delivered[0].message;
    CHECK(message.mode == DeliveryMode::LowestPriority);
    CHECK(message.vector == 0xff);
    CHECK_FALSE(message.level);
    CHECK(message.logical);
    CHECK(message.redirection_hint);
    CHECK(message.wide);
    CHECK(message.destination == 0x1234'5605);
    CHECK(message.token.source == Source::Remapper);
    CHECK(hops.size() == 2);
}

TEST_CASE("without EIME an event has 8 destination bits", "[vtd][VTD-39]") {
    FaultFixture f{{}, 0};
    f.w32(FEDATA, 0x441);  // 10:8 = 100b would be an NMI: only bit 8 counts
    f.w32(FEADDR, 0xfee0'5000);
    f.w32(FEUADDR, 0x1234'5600);
    f.unmask();
    f.request(1);
    REQUIRE(f.output.delivered.size() == 1);
    CHECK(f.output.delivered[0].message.mode == DeliveryMode::Fixed);
    CHECK_FALSE(f.output.delivered[0].message.wide);
    CHECK(f.output.delivered[0].message.destination == 5);
}

TEST_CASE("each reason has a line of its own for a report", "[vtd][VTD-16]") {
    std::vector<std::string> lines;
    for (unsigned reason = 0x20; reason <= 0x2b; ++reason) {
        lines.emplace_back(vtd::text(static_cast<Reason>(reason)));
    }
    std::sort(lines.begin(), lines.end());
    CHECK(std::adjacent_find(lines.begin(), lines.end()) == lines.end());
    CHECK(std::find(lines.begin(), lines.end(), "unknown") == lines.end());
}
