// SPDX-License-Identifier: Apache-2.0
// Posted format: hardware-interrupts 1.11; VT-d 5.2.3, 9.10, 9.11. Reasons 27h and 28h.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr std::uint64_t CONTROL = PID + 32;
constexpr std::uint64_t ON = 1, SN = 2;

struct PostedFixture : VtdFixture {
    explicit PostedFixture(std::uint64_t flags = EIME) {
        VtdProfile profile;
        profile.posted_interrupts = true;
        make(profile);
        start(flags);
        put(1, Entry::posted(PID, 0x83));
        memory.put(CONTROL, 0xf2ULL << 16U | 0x1'0005ULL << 32U);
        unit->request_posted.subscribe([this](const vtd::RequestPosted& p) { posts.push_back(p); });
    }
    bool requested(unsigned vector) { return (memory.u64(PID + vector / 64 * 8) >> (vector % 64) & 1U) != 0; }

    std::vector<vtd::RequestPosted> posts;
};

}  // namespace

TEST_CASE_METHOD(PostedFixture, "a posted request sets its bit and sends the notification", "[vtd][posted]") {
    const Instant begin = now();
    CHECK(request(1) == Reason::None);
    CHECK(requested(0x83));
    CHECK((memory.u64(CONTROL) & 0xff) == ON);
    REQUIRE(output.delivered.size() == 1);
    CHECK(output.delivered[0].at == begin + IEC_MISS + IEC_MISS);  // the entry, then the descriptor
    const InterruptMessage& message = output.delivered[0].message;
    CHECK(message.mode == DeliveryMode::Fixed);
    CHECK(message.vector == 0xf2);
    CHECK(message.destination == 0x1'0005);
    CHECK(message.wide);
    CHECK_FALSE(message.logical);
    CHECK_FALSE(message.level);
    CHECK(posts[0].notified);
}

TEST_CASE_METHOD(PostedFixture, "with ON set no second notification is sent", "[vtd][posted]") {
    put(2, Entry::posted(PID, 0x84));
    request(1);
    request(2);
    CHECK(requested(0x84));
    CHECK(output.delivered.size() == 1);
    CHECK_FALSE(posts[1].notified);
    CHECK(output.finishes.size() == 2);
}

TEST_CASE_METHOD(PostedFixture, "SN suppresses the notification, unless the request is urgent", "[vtd][posted]") {
    memory.put(CONTROL, memory.u64(CONTROL) | SN);
    const bool urgent = GENERATE(false, true);
    put(1, Entry::posted(PID, 0x83).set({14, 14}, urgent ? 1 : 0));
    request(1);
    CHECK(requested(0x83));
    CHECK(output.delivered.size() == (urgent ? 1U : 0U));
    CHECK((memory.u64(CONTROL) & 3U) == (urgent ? SN | ON : SN));
}

TEST_CASE("without EIME the notification goes to bits 303:296 of the descriptor", "[vtd][posted]") {
    PostedFixture f{0};
    f.memory.put(CONTROL, 0xf2ULL << 16U | 0x0700ULL << 32U);
    f.request(1);
    REQUIRE(f.output.delivered.size() == 1);
    CHECK(f.output.delivered[0].message.destination == 7);
    CHECK_FALSE(f.output.delivered[0].message.wide);
}

TEST_CASE_METHOD(PostedFixture, "a descriptor that cannot be read is fault 27h, one with reserved bits 28h",
                 "[vtd][posted][VTD-16]") {
    SECTION("no memory") {
        memory.broken = PID;
        memory.broken_end = PID + 64;
        CHECK(request(1) == Reason::DescriptorRead);
    }
    SECTION("each reserved bit") {
        const unsigned bit = GENERATE(2U, 15U, 24U, 31U);
        memory.put(CONTROL, memory.u64(CONTROL) | 1ULL << bit);
        CHECK(request(1) == Reason::DescriptorReserved);
    }
    SECTION("bits 511:320") {
        memory.put(PID + GENERATE(40U, 48U, 56U), 1);
        CHECK(request(1) == Reason::DescriptorReserved);
    }
    CHECK_FALSE(requested(0x83));
    CHECK(record_valid(0));
    CHECK((record_low(0) >> 48U) == 1);
    put(1, Entry::posted(PID, 0x83).quiet());
    submit_and_wait(invalidate(1));
    request(1);
    CHECK(blocked.back().recorded == Recorded::Suppressed);
}

TEST_CASE_METHOD(PostedFixture, "a descriptor above 4 GiB is found by both halves of its address", "[vtd][posted]") {
    const Entry entry = Entry::posted(0x12'3456'7840, 0x83);
    CHECK(vtd::Irte{entry.low, entry.high}.descriptor_address() == 0x12'3456'7840);
    put(1, entry);
    CHECK(request(1) == Reason::DescriptorRead);  // no memory there
}

TEST_CASE_METHOD(PostedFixture, "reserved bits of a posted entry are fault 24h", "[vtd][posted][VTD-16]") {
    const unsigned bit = GENERATE(2U, 4U, 7U, 12U, 13U, 24U, 37U);
    put(1, Entry::posted(PID, 0x83).set({bit, bit}, 1));
    CHECK(request(1) == Reason::EntryReserved);
    Entry high = Entry::posted(PID, 0x83);
    high.high |= 1U << 20U;
    put(1, high);
    CHECK(request(1) == Reason::EntryReserved);
}

TEST_CASE_METHOD(VtdFixture, "without CAP.PI a posted entry is fault 24h", "[vtd][posted][VTD-16]") {
    start();
    put(1, Entry::posted(PID, 0x83));
    CHECK(request(1) == Reason::EntryReserved);
}

TEST_CASE_METHOD(PostedFixture, "the source of a posted request is verified before its descriptor is touched",
                 "[vtd][posted]") {
    Entry entry = Entry::posted(PID, 0x83);
    entry.high |= 1U << 18U | NIC.value;
    put(1, entry);
    CHECK(request(1, HPET) == Reason::SourceId);
    CHECK_FALSE(requested(0x83));
    CHECK(request(1, NIC) == Reason::None);
    CHECK(requested(0x83));
}
