// SPDX-License-Identifier: Apache-2.0
// What people get wrong about interrupt messages: W-70 to W-75.
#include <set>
#include <string>

#include "tests/models/fabric/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(FabricFixture, "W-28: five hundred CPUs that read one timer at once wait for each other",
                 "[fabric][read][W-28]") {
    constexpr unsigned CPUS = 500;
    std::vector<std::unique_ptr<RecordingCompletion>> done;
    for (unsigned cpu = 0; cpu < CPUS; ++cpu) {
        done.push_back(std::make_unique<RecordingCompletion>(timeline));
        fabric.read(CpuNumber{cpu}, DEVICE, Size::B4, *done.back());
    }
    to(Instant{} + 1_ms);
    for (unsigned cpu = 0; cpu < CPUS; ++cpu) {
        CHECK(done[cpu]->at == std::vector{Instant{} + READ_REQUEST + SERVICE * (cpu + 1) + READ_RESPONSE});
    }
}

TEST_CASE_METHOD(FabricFixture, "W-70: a write to FEEx_xxxxh of another size than 4 bytes is no interrupt, and no two",
                 "[fabric][M-1][W-70]") {
    const Size size = GENERATE(Size::B1, Size::B2, Size::B8);
    MessageWrite write = message(0, NMI, GENERATE(0U, 1U, 2U, 3U));  // misaligned ones are told as that alone
    write.size = size;
    fabric.post(write);
    to(Instant{} + 10_us);
    CHECK(reached().empty());
    REQUIRE(diagnosed.size() == 1);
    CHECK(diagnosed[0].fault == msi::Fault::NotFourBytes);
    CHECK_FALSE(diagnosed[0].delivered);
    CHECK_FALSE(fabric.messages_under_way());
}

TEST_CASE_METHOD(FabricFixture, "a write to FEEx_xxxxh with a PASID is no interrupt, whatever else it says",
                 "[fabric][M-1]") {
    MessageWrite write = message(4, NMI, GENERATE(0U, 3U));
    write.with_pasid = true;
    write.size = GENERATE(Size::B4, Size::B8);
    fabric.post(write);
    to(Instant{} + 10_us);
    CHECK(reached().empty());
    REQUIRE(diagnosed.size() == 1);
    CHECK(diagnosed[0].fault == msi::Fault::WithPasid);
    CHECK_FALSE(diagnosed[0].delivered);
    CHECK_FALSE(fabric.messages_under_way());
    write.with_pasid = false;
    write.size = Size::B4;
    fabric.post(write);
    to(Instant{} + 20_us);
    CHECK(reached() == std::vector{2U});
}

TEST_CASE_METHOD(FabricFixture, "address bits 1:0 of a message are ignored and diagnosed, beside what else is wrong",
                 "[fabric][M-1]") {
    const std::uint32_t low = GENERATE(0U, 1U, 2U, 3U);
    const std::uint32_t reserved = GENERATE(0U, 1U << 5);
    fabric.post(message(4, NMI, reserved | low));
    to(Instant{} + 10_us);
    CHECK(reached() == std::vector{2U});
    std::vector<msi::Fault> expected;
    if (low != 0) {
        expected.push_back(msi::Fault::Misaligned);
    }
    if (reserved != 0) {
        expected.push_back(msi::Fault::ReservedAddressBits);
    }
    std::vector<msi::Fault> faults;
    for (const MessageDiagnosed& d : diagnosed) {
        faults.push_back(d.fault);
        CHECK(d.delivered);
        CHECK(d.write.address == (0xfee0'4000 | reserved | low));
    }
    CHECK(faults == expected);
}

TEST_CASE_METHOD(FabricFixture, "a misaligned write to another address is no message, and not diagnosed as one",
                 "[fabric][M-1]") {
    MessageWrite write = message(0, NMI);
    write.address = 0x1003;
    fabric.post(write);
    to(Instant{} + 10_us);
    REQUIRE(diagnosed.size() == 1);
    CHECK(diagnosed[0].fault == msi::Fault::NotAnInterruptAddress);
}

TEST_CASE("each fault of a message has a line of its own for a report", "[msi][M-1]") {
    std::set<std::string> lines;
    constexpr auto LAST = static_cast<unsigned>(msi::Fault::Misaligned);
    for (unsigned fault = 0; fault <= LAST; ++fault) {
        lines.emplace(msi::text(static_cast<msi::Fault>(fault)));
    }
    CHECK(lines.size() == LAST + 1);
    CHECK(lines.count("unknown") == 0);
    CHECK(std::string{msi::text(msi::Fault::Misaligned)} ==
          "address bits 1:0 are set where 0 is expected: ignored (SDM vol. 3A, 10.11.1)");
}

TEST_CASE_METHOD(FabricFixture, "W-71: a logical message with the redirection hint goes to one, not to all",
                 "[fabric][M-7][W-71]") {
    fabric.post(message(0x0f, 0x31, 1U << 3 | 1U << 2));
    to(Instant{} + 10_us);
    CHECK(reached().size() == 1);
}

TEST_CASE_METHOD(FabricFixture, "W-72: a device's write to FEE0_0300h is a message to APIC 0, not a write to an ICR",
                 "[fabric][M-2][W-72]") {
    fabric.post({RequesterId{0xfa78}, 0xfee0'0300, NMI, Token{1, Source::Hpet}});
    to(Instant{} + 10_us);
    REQUIRE(apics[0]->received.size() == 1);
    CHECK(apics[0]->received[0].message.mode == DeliveryMode::Nmi);
    CHECK(diagnosed.size() == 1);  // reserved address bits
    CHECK(unmapped.empty());
}

TEST_CASE_METHOD(FabricFixture, "W-73: a logical message without the hint is logical all the same",
                 "[fabric][M-6][W-73]") {
    fabric.post(message(0x06, NMI, 1U << 2));  // physical 6 would be CPU 3
    to(Instant{} + 10_us);
    CHECK(reached() == std::vector<unsigned>{1, 2});
}

TEST_CASE_METHOD(FabricFixture, "W-74: a 15-bit destination without the platform's promise reaches id modulo 256",
                 "[fabric][M-11][W-74]") {
    fabric.post(message(4, NMI, 1U << 5));  // meant for 260
    to(Instant{} + 10_us);
    CHECK(reached() == std::vector<unsigned>{2});
    REQUIRE(diagnosed.size() == 1);
    CHECK(diagnosed[0].fault == msi::Fault::ReservedAddressBits);
    CHECK(diagnosed[0].delivered);
}

TEST_CASE_METHOD(FabricFixture, "W-75: an NMI's vector is not looked at", "[fabric][M-3][W-75]") {
    const std::uint32_t vector = GENERATE(0U, 2U, 0x0fU, 0xffU);
    fabric.post(message(0, NMI | vector));
    to(Instant{} + 10_us);
    CHECK(apics[0]->received.size() == 1);
    CHECK(diagnosed.empty());
}

TEST_CASE("W-33: where the host does not translate, an NMI in the APIC's code arrives as INIT", "[msi][M-4][W-33]") {
    FabricProfile profile;
    profile.delivery_encoding = DeliveryEncoding::Hypertransport;
    const auto mode = [&](std::uint32_t code) { return msi::decode(0xfee0'0000, code << 8, profile).message; };
    CHECK(mode(4)->mode == DeliveryMode::Init);
    CHECK(mode(3)->mode == DeliveryMode::Nmi);
    CHECK(mode(2)->mode == DeliveryMode::Smi);
    CHECK(mode(6)->mode == DeliveryMode::ExtInt);
    CHECK_FALSE(mode(5));
    CHECK_FALSE(mode(7));
}

TEST_CASE_METHOD(FabricFixture, "a fault meant for an I/O APIC leaves an HPET's own message alone",
                 "[fabric][M-15][fault]") {
    fabric.inject(Source::Ioapic, {});
    fabric.post(message(0, NMI));
    MessageWrite through_a_pin = message(2, NMI);  // the HPET's token, the I/O APIC's message
    through_a_pin.sender = Source::Ioapic;
    fabric.post(through_a_pin);
    to(Instant{} + 10_us);
    CHECK(reached() == std::vector<unsigned>{0});
    REQUIRE(faulted.size() == 1);
    CHECK(faulted[0].before.from() == Source::Ioapic);
}
