// SPDX-License-Identifier: Apache-2.0
// Interrupt remapping entries of both sizes: AMDVI-16, AMDVI-17.
#include "tests/models/amdvi/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr std::uint64_t LONG = 1;  // RemapEn, fixed

}  // namespace

TEST_CASE_METHOD(AmdviFixture, "the index is bits 10:0 of the data; the address does not count", "[amdvi][AMDVI-16]") {
    start();
    device(Device{});
    const std::uint32_t index = GENERATE(0U, 1U, 0xffU, 0x100U, 0x1ffU);
    entry(index, Entry{}.to(9));
    MessageWrite write = message(index, HPET, 7);
    write.address |= 0x18;  // redirection hint, and what is the format bit elsewhere
    CHECK(request(write) == Reason::None);
    CHECK(destinations() == std::vector<std::uint32_t>{9});
}

TEST_CASE_METHOD(AmdviFixture, "bits 10:8 are the delivery mode as well: no index from 200h on is remapped",
                 "[amdvi][AMDVI-16]") {
    start();
    device(Device{}.length(11));
    entry(0x450, Entry{});
    CHECK(request(0x450) == Reason::NmiBlocked);
}

TEST_CASE_METHOD(AmdviFixture, "an index at the end of the table is an IO_PAGE_FAULT, one before it is looked up",
                 "[amdvi][AMDVI-16]") {
    start();
    const unsigned length = GENERATE(0U, 3U, 8U);
    device(Device{}.length(length));
    entry((1U << length) - 1, Entry{});
    CHECK(request((1U << length) - 1) == Reason::None);
    CHECK(request(1U << length) == Reason::IndexTooLarge);
    CHECK(event_low() == (code(EventCode::IoPageFault) | I | HPET.value));
}

TEST_CASE_METHOD(AmdviFixture, "an index beyond the table is refused after the device table entry alone",
                 "[amdvi][AMDVI-16]") {
    start();
    device(Device{}.length(3));
    send(8);
    by(MISS - 1_fs);
    CHECK(blocked.empty());
    by(1_fs);
    REQUIRE(blocked.size() == 1);
    CHECK(blocked[0].reason == Reason::IndexTooLarge);
}

TEST_CASE_METHOD(AmdviFixture, "a table that grows during the lookup is read at its end, which takes no time",
                 "[amdvi][AMDVI-16]") {
    start();
    device(Device{}.length(3));
    entry(8, Entry{}.to(9));
    send(8);
    device(Device{}.length(4));
    by(MISS);
    CHECK(destinations() == std::vector<std::uint32_t>{9});
}

TEST_CASE_METHOD(AmdviFixture, "an IntTabLen above 11 is an ILLEGAL_DEV_TABLE_ENTRY without RZ", "[amdvi][AMDVI-16]") {
    start();
    device(Device{}.length(GENERATE(12U, 15U)));
    CHECK(request(0) == Reason::TableLengthReserved);
    CHECK(event_low() == (code(EventCode::IllegalDevTableEntry) | I | HPET.value));
}

TEST_CASE_METHOD(AmdviFixture, "an entry that cannot be read is a PAGE_TAB_HARDWARE_ERROR at its address",
                 "[amdvi][AMDVI-16]") {
    start();
    device(Device{});
    memory.broken = TABLE + 12;
    memory.broken_end = TABLE + 16;
    CHECK(request(3) == Reason::EntryRead);
    CHECK(event_low() == (code(EventCode::PageTabHardwareError) | 2ULL << 57U | I | HPET.value));
    CHECK(event_high() == TABLE + 12);
}

TEST_CASE_METHOD(AmdviFixture, "an entry of 32 bits makes the message", "[amdvi][AMDVI-17]") {
    start();
    device(Device{});
    entry(3, Entry{}.to(0x81).vector(0xa5));
    CHECK(request(3) == Reason::None);
    CHECK(delivered().destination == 0x81);
    CHECK(delivered().vector == 0xa5);
    CHECK(delivered().mode == DeliveryMode::Fixed);
    CHECK_FALSE(delivered().logical);
    CHECK_FALSE(delivered().wide);
    CHECK_FALSE(delivered().level);
    entry(4, Entry{}.logical().type(1));
    CHECK(request(4) == Reason::None);
    CHECK(delivered().mode == DeliveryMode::LowestPriority);
    CHECK(delivered().logical);
}

TEST_CASE_METHOD(AmdviFixture, "trigger mode is the message's own: an entry has none", "[amdvi][AMDVI-17]") {
    start();
    device(Device{});
    entry(3, Entry{});
    CHECK(request(0x8003) == Reason::None);
    CHECK(delivered().level);
}

TEST_CASE_METHOD(AmdviFixture, "a level de-assert stays one, remapped or not", "[amdvi][AMDVI-17][M-5]") {
    start();
    device(Device{}.int_ctl(GENERATE(1U, 2U)));
    entry(0x50, Entry{});
    const bool asserts = GENERATE(false, true);
    CHECK(request(0x8050 | (asserts ? 0x4000U : 0U)) == Reason::None);
    CHECK(delivered().level);
    CHECK(delivered().assert_ == asserts);
    CHECK(request(0x50) == Reason::None);  // an edge has no level
    CHECK(delivered().assert_);
}

TEST_CASE_METHOD(AmdviFixture, "only fixed and arbitrated can be in an entry: an NMI cannot", "[amdvi][AMDVI-17]") {
    start();
    device(Device{}.nmi_pass());
    const unsigned type = GENERATE(2U, 3U, 4U, 5U, 6U, 7U);
    entry(3, Entry{}.type(type));
    CHECK(request(3) == Reason::EntryReserved);
    CHECK(output.delivered.empty());
}

TEST_CASE_METHOD(AmdviFixture, "each reserved bit of an entry of 32 bits is an IO_PAGE_FAULT, each other bit is none",
                 "[amdvi][AMDVI-17]") {
    start();
    device(Device{});
    for (unsigned bit = 1; bit < 32; ++bit) {
        entry(bit, Entry{1U | 1U << bit});
        const bool type = bit == 3 || bit == 4;
        const bool reserved = bit == 7 || bit >= 24;
        CHECK(request(bit) == (type || reserved ? Reason::EntryReserved : Reason::None));
    }
}

TEST_CASE_METHOD(AmdviFixture, "with GAEn entries have 128 bits, and the vector lies in the high half",
                 "[amdvi][AMDVI-17]") {
    start(GA_EN);
    device(Device{});
    long_entry(3, LONG | 0x81U << 8U | 0xdead'beefULL << 32U, 0xa5);  // 63:32 are software's
    CHECK(request(3) == Reason::None);
    CHECK(delivered().destination == 0x81);
    CHECK(delivered().vector == 0xa5);
    CHECK_FALSE(delivered().wide);
    CHECK(used.back().entry.high == 0xa5);
}

TEST_CASE_METHOD(AmdviFixture, "without XTEn a destination of more than 8 bits is reserved", "[amdvi][AMDVI-17]") {
    start(GA_EN);
    device(Device{});
    SECTION("bits 23:8") { long_entry(3, LONG | 0x100U << 8U, 0x50); }
    SECTION("bits 31:24") { long_entry(3, LONG, 0x50 | 1ULL << 56U); }
    CHECK(request(3) == Reason::EntryReserved);
}

TEST_CASE_METHOD(AmdviFixture, "with XTEn the destination has 32 bits, in two places", "[amdvi][AMDVI-17]") {
    start(GA_EN | XT_EN);
    device(Device{});
    long_entry(3, LONG | 0x34'5678ULL << 8U, 0x50 | 0x12ULL << 56U);
    CHECK(request(3) == Reason::None);
    CHECK(delivered().destination == 0x1234'5678);
    CHECK(delivered().wide);
}

TEST_CASE_METHOD(AmdviFixture, "guest mode and each reserved bit of a long entry's high half are IO_PAGE_FAULTs",
                 "[amdvi][AMDVI-17]") {
    start(GA_EN);
    device(Device{});
    long_entry(0, LONG | 1U << 7U, 0x50);
    CHECK(request(0) == Reason::EntryReserved);
    for (unsigned bit = 8; bit < 56; ++bit) {
        long_entry(bit, LONG, 0x50 | 1ULL << bit);
        CHECK(request(bit) == Reason::EntryReserved);
    }
}

TEST_CASE_METHOD(AmdviFixture, "WI-17: a long entry is read at once: changed by halves it can be seen half done",
                 "[amdvi][AMDVI-12][WI-17]") {
    start(GA_EN | XT_EN);
    device(Device{});
    long_entry(3, LONG | 1U << 8U, 0x41);
    send(3);
    at(now() + 100_ns, [&] { memory.put(TABLE + 48, LONG | 2U << 8U); });  // the lookup of the entry is on its way
    at(now() + 400_ns, [&] { memory.put(TABLE + 56, 0x42); });
    by(1_us);
    CHECK(delivered().destination == 2);
    CHECK(delivered().vector == 0x41);
}

TEST_CASE_METHOD(AmdviFixture, "a unit without long entries refuses GAEn and XTEn, and reads short ones",
                 "[amdvi][AMDVI-17]") {
    AmdviProfile profile;
    profile.ga = profile.xt = false;
    make(profile);
    CHECK((r64(EFR) & 0x84U) == 0);
    start(GA_EN | XT_EN);
    CHECK(diagnosed(Kind::Reserved));
    CHECK((r64(CONTROL) & (GA_EN | XT_EN)) == 0);
    device(Device{});
    entry(3, Entry{});
    CHECK(request(3) == Reason::None);
}

TEST_CASE_METHOD(AmdviFixture, "a unit without 32-bit ids refuses XTEn, and reads long entries", "[amdvi][AMDVI-17]") {
    AmdviProfile profile;
    profile.xt = false;
    make(profile);
    CHECK((r64(EFR) & 0x84U) == 0x80);
    start(GA_EN | XT_EN);
    CHECK((r64(CONTROL) & (GA_EN | XT_EN)) == GA_EN);
    device(Device{});
    long_entry(3, LONG | 4U << 8U, 0x50);
    CHECK(request(3) == Reason::None);
}

TEST_CASE("a unit that cannot be is refused", "[amdvi]") {
    AmdviProfile profile;
    profile.ga = false;
    CHECK_THROWS_AS(profile.validate(), std::invalid_argument);
    profile = {};
    profile.iec_ways = 48;
    CHECK_THROWS_AS(profile.validate(), std::invalid_argument);
}
