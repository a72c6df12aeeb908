// SPDX-License-Identifier: Apache-2.0
// Compatibility format, bit by bit: SDM volume 3A, 10.11; rules M-1 to M-12.
#include "models/fabric/msi.hpp"

#include "tests/models/fabric/fixture.hpp"

using namespace hldsim;
using msi::decode;
using msi::Decoded;
using msi::Fault;
using test::HINT;
using test::LOGICAL;
using test::NMI;

namespace {

constexpr std::uint64_t TO_5 = 0xfee0'5000;
constexpr std::uint32_t FORMAT_BIT = 1U << 4;
constexpr std::uint32_t LEVEL_TRIGGER = 1U << 15;
constexpr std::uint32_t ASSERT = 1U << 14;

}  // namespace

TEST_CASE("an NMI message names its destination; vector and trigger mode do not matter", "[msi][M-3]") {
    const Decoded d = decode(TO_5, NMI | LEVEL_TRIGGER | 0x08);
    REQUIRE(d.message);
    CHECK(d.fault == Fault::None);
    CHECK(d.message->destination == 5);
    CHECK_FALSE(d.message->logical);
    CHECK_FALSE(d.message->wide);
    CHECK(d.message->mode == DeliveryMode::Nmi);
    CHECK(d.message->vector == 0x08);  // carried: a FRED machine takes it as the NMI's source
    CHECK_FALSE(d.message->level);
    CHECK(d.message->assert_);
}

TEST_CASE("only FEEx_xxxxh is an interrupt address", "[msi][M-1]") {
    for (const std::uint64_t address :
         {0xfed0'0000ULL, 0xfef0'0000ULL, 0x1'fee0'0000ULL, 0ULL, 0xffff'ffff'fee0'0000ULL}) {
        CHECK_FALSE(decode(address, NMI).message);
        CHECK(decode(address, NMI).fault == Fault::NotAnInterruptAddress);
    }
}

TEST_CASE("address bits 1:0 do not exist on the bus: a message says the same with them", "[msi][M-1]") {
    for (const std::uint64_t low : {0U, 1U, 2U, 3U}) {
        CAPTURE(low);
        const Decoded d = decode(TO_5 | LOGICAL | low, 0x31);
        REQUIRE(d.message);
        CHECK(d.fault == Fault::None);  // the fabric tells of it: of either format, and beside any other fault
        CHECK(d.message->destination == 5);
        CHECK(d.message->logical);
        CHECK(d.message->vector == 0x31);
        CHECK(msi::is_interrupt_address(TO_5 | low));
        CHECK(msi::is_misaligned(TO_5 | low) == (low != 0));
        CHECK(msi::is_misaligned(TO_5 | FORMAT_BIT | low) == (low != 0));
    }
    CHECK_FALSE(msi::is_misaligned(TO_5 | LOGICAL));
}

TEST_CASE("each delivery mode: which are messages, and what is diagnosed", "[msi][M-4]") {
    struct Row {
        std::uint32_t mode;
        std::uint32_t vector;
        bool message;
        Fault fault;
    };
    const Row row = GENERATE(
        Row{0, 0x31, true, Fault::None}, Row{0, 0x0f, true, Fault::VectorOutOfRange}, Row{0, 0x10, true, Fault::None},
        Row{0, 0xfe, true, Fault::None}, Row{0, 0xff, true, Fault::VectorOutOfRange},
        Row{1, 0x0f, true, Fault::VectorOutOfRange}, Row{1, 0x31, true, Fault::None}, Row{2, 0, true, Fault::None},
        Row{2, 1, true, Fault::SmiVectorNotZero}, Row{3, 0x31, false, Fault::ReservedDeliveryMode},
        Row{4, 0, true, Fault::None}, Row{5, 0, true, Fault::None}, Row{5, 0x31, true, Fault::None},
        Row{6, 0x31, false, Fault::ReservedDeliveryMode}, Row{7, 0, true, Fault::None});
    const Decoded d = decode(TO_5, row.mode << 8 | row.vector);
    CHECK(d.message.has_value() == row.message);
    CHECK(d.fault == row.fault);
    if (d.message) {
        CHECK(static_cast<std::uint32_t>(d.message->mode) == row.mode);
    }
}

TEST_CASE("SMI, INIT and ExtINT are edges whatever the trigger mode says", "[msi][M-4]") {
    for (const std::uint32_t mode : {2U, 5U, 7U}) {
        const Decoded d = decode(TO_5, mode << 8 | LEVEL_TRIGGER);
        REQUIRE(d.message);
        CHECK_FALSE(d.message->level);
        CHECK(d.message->assert_);
    }
}

TEST_CASE("a level-triggered message carries assert or de-assert", "[msi][M-5]") {
    CHECK(decode(TO_5, LEVEL_TRIGGER | ASSERT | 0x31).message->assert_);
    CHECK(decode(TO_5, LEVEL_TRIGGER | ASSERT | 0x31).message->level);
    CHECK_FALSE(decode(TO_5, LEVEL_TRIGGER | 0x31).message->assert_);
    CHECK(decode(TO_5, 0x31).message->assert_);  // edge: LEVEL is ignored
}

TEST_CASE("the destination mode counts whether or not there is a redirection hint", "[msi][M-6]") {
    CHECK(decode(TO_5 | LOGICAL, 0x31).message->logical);
    CHECK(decode(TO_5 | LOGICAL | HINT, 0x31).message->logical);
    CHECK_FALSE(decode(TO_5, 0x31).message->logical);
}

TEST_CASE("the redirection hint: logical only, and never for an NMI", "[msi][M-7][LAPIC-9]") {
    CHECK(decode(TO_5 | LOGICAL | HINT, 0x31).message->redirection_hint);
    CHECK_FALSE(decode(TO_5 | HINT, 0x31).message->redirection_hint);
    CHECK_FALSE(decode(TO_5 | LOGICAL | HINT, NMI).message->redirection_hint);
    CHECK(decode(TO_5 | HINT, 0x31).fault == Fault::None);
    CHECK(decode(0xfeef'f000 | HINT, 0x31).fault == Fault::RedirectionToBroadcast);
    CHECK(decode(0xfeef'f000, 0x31).fault == Fault::None);
}

TEST_CASE("without remapping the format bit is reserved: delivered and diagnosed, or dropped", "[msi][M-10]") {
    CHECK(decode(TO_5 | FORMAT_BIT, NMI).message);
    CHECK(decode(TO_5 | FORMAT_BIT, NMI).fault == Fault::FormatBitSet);
    FabricProfile profile;
    profile.format1_without_ir = FormatBit::Drop;
    CHECK_FALSE(decode(TO_5 | FORMAT_BIT, NMI, profile).message);
    CHECK(decode(TO_5, NMI, profile).message);
}

TEST_CASE("address bits 11:5 are reserved, or destination bits 14:8 where the platform says so", "[msi][M-11]") {
    constexpr std::uint64_t EXTENDED = TO_5 | 3U << 5;
    CHECK(decode(EXTENDED, NMI).fault == Fault::ReservedAddressBits);
    CHECK(decode(EXTENDED, NMI).message->destination == 5);
    FabricProfile profile;
    profile.extended_destination_id = true;
    CHECK(decode(EXTENDED, NMI, profile).fault == Fault::None);
    CHECK(decode(EXTENDED, NMI, profile).message->destination == 0x305);
    CHECK(decode(EXTENDED, NMI, profile).message->wide);
    CHECK_FALSE(decode(TO_5, NMI, profile).message->wide);
}

TEST_CASE("no address that an HPET can send reaches an id above 255", "[msi][M-12]") {
    for (const std::uint64_t address : {std::uint64_t{0xfeef'ffff}, std::uint64_t{0xfee0'0fff}, TO_5 | 0xfe0}) {
        CHECK(decode(address, NMI).message->destination <= 0xff);
    }
}

TEST_CASE("reserved data bits are diagnosed and do not stop a message", "[msi]") {
    for (const std::uint32_t bits : {1U << 11, 1U << 13, 1U << 16, 1U << 31}) {
        CHECK(decode(TO_5, NMI | bits).fault == Fault::ReservedDataBits);
        CHECK(decode(TO_5, NMI | bits).message);
    }
}
