// SPDX-License-Identifier: Apache-2.0
// What an invalidation with a wait proves, and what it does not: VTD-30 to VTD-34.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

struct DrainFixture : VtdFixture {
    explicit DrainFixture(const VtdProfile& profile = {}) {
        make(profile);
        start(0);
        set_and_wait(CFI);
        for (std::uint32_t i = 0; i < 4; ++i) {
            put(i, Entry{}.to_narrow(static_cast<std::uint8_t>(i)));
            request(i);
        }
        output.delivered.clear();
        memory.put(STATUS, 0);
    }
    /// The request leaves the unit `before` the invalidation is done.
    void send_before_end(std::uint32_t index, Duration before) {
        at(end() - before - IEC_HIT, [this, index] { send(index); });
    }
    Instant end() const { return submitted + QI_FETCH + IEC_INV; }
    void submit_with_wait(const Command128& command) {
        submitted = now();
        submit({command, wait_for(WAIT_SW, 1, STATUS)});
    }
    Instant status_written() {
        for (int i = 0; i < 1000; ++i) {
            if (!waits.empty()) {
                return waits[0].at;
            }
            by(10_ns);
        }
        return Instant::never();
    }

    Instant submitted;
};

constexpr Duration FLIGHT = ROOT_TO_LAPIC + ACCEPT;

}  // namespace

// ---- what it drains

TEST_CASE_METHOD(DrainFixture, "a wait behind a global invalidation waits until what has left is accepted",
                 "[vtd][VTD-30]") {
    submit_with_wait(invalidate_all());
    send_before_end(2, 1_ns);
    CHECK(status_written() == end() - 1_ns + FLIGHT + STATUS_WRITE);
    CHECK(output.delivered.size() == 1);
}

TEST_CASE_METHOD(DrainFixture, "a request accepted before the invalidation is done delays nothing", "[vtd][VTD-30]") {
    submit_with_wait(invalidate_all());
    send_before_end(2, FLIGHT);
    CHECK(status_written() == end() + STATUS_WRITE);
}

TEST_CASE_METHOD(DrainFixture, "an index-selective invalidation drains the requests of its indices, no others",
                 "[vtd][VTD-30][VTD-33]") {
    submit_with_wait(invalidate(2, 1));  // 2 and 3
    const std::uint32_t index = GENERATE(1U, 2U, 3U);
    send_before_end(index, 1_ns);
    CHECK(status_written() == (index == 1 ? end() : end() - 1_ns + FLIGHT) + STATUS_WRITE);
}

TEST_CASE_METHOD(DrainFixture, "WI-59: compatibility format that passed is never drained", "[vtd][VTD-30][WI-59]") {
    submit_with_wait(invalidate_all());
    at(end() - 1_ns, [&] { unit->arrive(compatible(1)); });
    CHECK(status_written() == end() + STATUS_WRITE);
    CHECK(output.delivered.size() == 1);
}

TEST_CASE_METHOD(DrainFixture, "an invalidation of another cache drains nothing", "[vtd][VTD-30]") {
    submit_with_wait({2, 0});
    send_before_end(2, 1_ns);
    CHECK(status_written() == end() + STATUS_WRITE);
}

TEST_CASE_METHOD(DrainFixture, "it is the next wait that drains: one further behind has nothing to wait for",
                 "[vtd][VTD-30]") {
    submitted = now();
    submit({invalidate_all(), wait_for(WAIT_SW, 1, STATUS), wait_for(WAIT_SW, 2, STATUS + 4)});
    choices.script["vtd.wait_order"] = {1};
    send_before_end(2, 1_ns);
    by(10_us);
    REQUIRE(waits.size() == 2);
    CHECK(waits[0].data == 2);
    CHECK(waits[0].at == submitted + QI_FETCH * 3 + STATUS_WRITE);
    CHECK(waits[1].at == end() - 1_ns + FLIGHT + STATUS_WRITE);
}

TEST_CASE("a platform that drains to the unit alone completes the wait before the acceptance", "[vtd][VTD-30]") {
    VtdProfile profile;
    profile.drains = Drains::Unit;
    DrainFixture f{profile};
    f.submit_with_wait(invalidate_all());
    f.send_before_end(2, 1_ns);
    CHECK(f.status_written() == f.end() + STATUS_WRITE);
}

// ---- what it does not wait for

TEST_CASE_METHOD(DrainFixture,
                 "a request that arrives after the invalidation is not waited for, and uses the new entry",
                 "[vtd][VTD-31]") {
    put(2, Entry{}.to_narrow(9));
    submit_with_wait(invalidate(2));
    at(end() + 1_fs, [&] { send(2); });
    CHECK(status_written() == end() + STATUS_WRITE);
    CHECK(output.delivered.empty());  // it will still come, after the wait is complete
    by(1_us);
    CHECK(destinations() == std::vector<std::uint32_t>{9});
}

TEST_CASE_METHOD(DrainFixture, "a request that has not left the unit yet is not waited for", "[vtd][VTD-31]") {
    put(2, Entry{}.to_narrow(9));
    submit_with_wait(invalidate(2));
    at(end() - 1_ns, [&] { send(2); });  // a hit: it would leave 6 ns after the end, by the old entry
    CHECK(status_written() == end() + STATUS_WRITE);
    by(1_us);
    CHECK(destinations() == std::vector<std::uint32_t>{9});
}

TEST_CASE_METHOD(DrainFixture, "WI-56: a complete wait proves that the APIC has the request, not that a handler ran",
                 "[vtd][VTD-31][VTD-32][WI-56]") {
    submit_with_wait(invalidate(2));
    send_before_end(2, 1_ns);
    const Instant written = status_written();
    // The last that the unit knows of the request is its acceptance; the wait follows that by its own status write.
    CHECK(written == output.delivered[0].at + FLIGHT + STATUS_WRITE);
}

// ---- read completions, VTD-32

TEST_CASE("a read completion passes when the message has left the unit, or when it is accepted",
          "[vtd][VTD-32][read_completion_pushes]") {
    const bool apic = GENERATE(false, true);
    VtdProfile profile;
    profile.read_completion_pushes = apic ? ReadCompletionPushes::Apic : ReadCompletionPushes::Unit;
    DrainFixture f{profile};
    CHECK(f.unit->orders_completions());
    f.output.finishes.clear();
    const Instant begin = f.now();
    const MessageWrite write = VtdFixture::message(2);
    f.unit->arrive(write);
    f.by(1_us);
    REQUIRE(f.output.finishes.size() == 1);
    CHECK(f.output.finishes[0].write.token == write.token);
    CHECK(f.output.finishes[0].passable == begin + IEC_HIT + (apic ? FLIGHT : 0_fs));
}

TEST_CASE_METHOD(DrainFixture, "what is blocked, or passes, no longer holds a read completion", "[vtd][VTD-32]") {
    output.finishes.clear();
    send(200);
    by(1_us);
    unit->arrive(compatible(1));
    CHECK(output.finishes.size() == 2);
    CHECK(output.finishes[1].passable == now());
}

TEST_CASE_METHOD(DrainFixture, "requests through other entries are not ordered by an invalidation", "[vtd][VTD-33]") {
    submit_with_wait(invalidate(2));
    at(end() - 1_ns - IEC_HIT, [&] {
        send(0, NIC);
        send(2, HPET);
        send(1, NIC);
    });
    CHECK(status_written() == end() - 1_ns + FLIGHT + STATUS_WRITE);  // for index 2 alone
}

// ---- events, VTD-34

TEST_CASE_METHOD(DrainFixture, "a read of FSTS or FECTL pushes the fault event ahead of it", "[vtd][VTD-34]") {
    w32(FECTL, 0);
    send(200);
    by(IEC_MISS);
    const Instant accepted = now() + FLIGHT;
    REQUIRE(output.delivered.size() == 1);
    r32(GENERATE(FSTS, FECTL));
    CHECK(unit->completion_may_leave(now()) == accepted);
    r32(GSTS);
    CHECK(unit->completion_may_leave(now()) == now());
    r32(ICS);
    CHECK(unit->completion_may_leave(now()) == now());
    by(1_us);
    r32(FSTS);
    CHECK(unit->completion_may_leave(now()) == now());
}

TEST_CASE_METHOD(DrainFixture, "a read of a wrong size pushes nothing, whatever was read before it", "[vtd][VTD-34]") {
    w32(FECTL, 0);
    send(200);
    by(IEC_MISS);
    r32(FSTS);
    REQUIRE(unit->completion_may_leave(now()) > now());
    unit->read(FSTS, Size::B2);
    CHECK(unit->completion_may_leave(now()) == now());
}

TEST_CASE_METHOD(DrainFixture, "a read of ICS or IECTL pushes the completion event and the status writes",
                 "[vtd][VTD-34]") {
    w32(IECTL, 0);
    submit({wait_for(WAIT_SW | WAIT_IF, 1, STATUS)});
    by(QI_FETCH);
    const std::uint32_t offset = GENERATE(ICS, IECTL);
    r32(offset);
    CHECK(unit->completion_may_leave(now()) == now() + STATUS_WRITE);
    r32(FSTS);
    CHECK(unit->completion_may_leave(now()) == now());
    by(STATUS_WRITE);
    r32(offset);
    CHECK(unit->completion_may_leave(now()) == now() + FLIGHT);
}

TEST_CASE_METHOD(DrainFixture, "when the event's message leaves, its cause is visible", "[vtd][VTD-34]") {
    w32(FECTL, 0);
    w32(IECTL, 0);
    std::vector<std::uint32_t> seen;
    unit->event_raised.subscribe([&](const vtd::EventRaised& e) {
        seen.push_back(static_cast<std::uint32_t>(unit->peek(e.kind == vtd::EventKind::Fault ? FSTS : ICS)));
    });
    request(200);
    submit({wait_for(WAIT_IF)});
    by(5_us);
    CHECK(seen == std::vector<std::uint32_t>{PPF, 1});
}
