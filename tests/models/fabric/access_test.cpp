// SPDX-License-Identifier: Apache-2.0
// Register accesses: architecture 7, posted and non-posted.
#include "tests/models/fabric/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(FabricFixture, "a posted write arrives fabric.posted_write later, not one femtosecond before",
                 "[fabric][posted]") {
    to(Instant{} + 10_ns);
    fabric.post_write(CPU0, DEVICE + 0x10, Size::B4, 0x1234);
    to(Instant{(10_ns + POSTED_WRITE).fs - 1});
    CHECK(device.seen.empty());
    CHECK(fabric.accesses_under_way());
    to(Instant{} + 10_ns + POSTED_WRITE);
    REQUIRE(device.seen.size() == 1);
    CHECK(device.seen[0].write);
    CHECK(device.seen[0].offset == 0x10);
    CHECK(device.seen[0].value == 0x1234);
    CHECK_FALSE(fabric.accesses_under_way());
}

TEST_CASE_METHOD(FabricFixture,
                 "posted writes of one CPU to one device arrive in order, even where a later one is faster",
                 "[fabric][posted]") {
    fabric.post_write(CPU0, DEVICE, Size::B4, 1);
    timing.set(Row::FabricPostedWrite, RowUnit::Time, 1);
    to(Instant{5});
    fabric.post_write(CPU0, DEVICE, Size::B4, 2);
    fabric.post_write(CPU1, DEVICE, Size::B4, 3);        // another CPU is not held back
    fabric.post_write(CPU0, OTHER_DEVICE, Size::B4, 4);  // nor is another device
    to(Instant{6});
    REQUIRE(device.seen.size() == 1);
    CHECK(device.seen[0].value == 3);
    CHECK(other_device.seen.size() == 1);
    to(Instant{} + POSTED_WRITE);
    REQUIRE(device.seen.size() == 3);
    CHECK(device.seen[1].value == 1);
    CHECK(device.seen[2].value == 2);
    CHECK(device.seen[2].at == Instant{} + POSTED_WRITE);
}

TEST_CASE_METHOD(FabricFixture,
                 "a read costs request leg, service and response leg, and samples when its service begins",
                 "[fabric][read]") {
    to(Instant{} + 1_ns);
    fabric.read(CPU0, DEVICE + 0xf0, Size::B4, completion);
    const Instant served = Instant{} + 1_ns + READ_REQUEST;
    const Instant done = served + SERVICE + READ_RESPONSE;
    to(Instant{done.fs - 1});
    CHECK(completion.at.empty());
    to(done);
    REQUIRE(completion.at.size() == 1);
    CHECK(completion.value == static_cast<std::uint64_t>(served.fs));
}

TEST_CASE_METHOD(FabricFixture, "a read pushes the CPU's own earlier posted writes to that device ahead of it",
                 "[fabric][read][posted]") {
    static_assert(READ_REQUEST < POSTED_WRITE);
    fabric.post_write(CPU0, DEVICE, Size::B4, 7);
    fabric.read(CPU0, DEVICE, Size::B4, completion);
    to(Instant{} + 10_us);
    REQUIRE(device.seen.size() == 2);
    CHECK(device.seen[0].write);
    CHECK(device.seen[1].at == Instant{} + POSTED_WRITE);
    CHECK(completion.at.front() == Instant{} + POSTED_WRITE + SERVICE + READ_RESPONSE);
}

TEST_CASE_METHOD(FabricFixture, "a read does not wait for another CPU's posted write, nor for one to another device",
                 "[fabric][read][posted]") {
    fabric.post_write(CPU1, DEVICE, Size::B4, 7);
    fabric.post_write(CPU0, OTHER_DEVICE, Size::B4, 8);
    fabric.read(CPU0, DEVICE, Size::B4, completion);
    to(Instant{} + 10_us);
    CHECK(completion.at.front() == Instant{} + READ_REQUEST + SERVICE + READ_RESPONSE);
}

TEST_CASE_METHOD(FabricFixture, "a device serves one CPU's read at a time, in order of arrival", "[fabric][read]") {
    RecordingCompletion second{timeline};
    RecordingCompletion elsewhere{timeline};
    fabric.read(CPU0, DEVICE, Size::B4, completion);
    to(Instant{1});
    fabric.read(CPU1, DEVICE, Size::B4, second);
    fabric.read(CPU2, OTHER_DEVICE, Size::B4, elsewhere);
    to(Instant{} + 10_us);
    const Instant first_served = Instant{} + READ_REQUEST;
    CHECK(completion.at.front() == first_served + SERVICE + READ_RESPONSE);
    CHECK(second.at.front() == first_served + SERVICE + SERVICE + READ_RESPONSE);
    CHECK(second.value == static_cast<std::uint64_t>((first_served + SERVICE).fs));
    CHECK(elsewhere.at.front() == Instant{1} + READ_REQUEST + SERVICE + READ_RESPONSE);
}

TEST_CASE_METHOD(FabricFixture, "a write does not wait for a read in service", "[fabric][posted]") {
    fabric.read(CPU0, DEVICE, Size::B4, completion);
    timing.set(Row::FabricPostedWrite, RowUnit::Time, READ_REQUEST.fs + 1);
    fabric.post_write(CPU1, DEVICE, Size::B4, 7);
    to(Instant{} + READ_REQUEST + 1_fs);
    REQUIRE(device.seen.size() == 2);
    CHECK(device.seen[1].write);
}

TEST_CASE_METHOD(FabricFixture, "a read completion does not pass messages that the device has on its way out",
                 "[fabric][read][M-13][H-39]") {
    const Instant served = Instant{} + READ_REQUEST;
    SECTION("held until the device lets it leave") {
        device.may_leave = served + SERVICE + 1_fs;
        fabric.read(CPU0, DEVICE, Size::B4, completion);
        to(Instant{} + 10_us);
        CHECK(completion.at.front() == served + SERVICE + 1_fs + READ_RESPONSE);
    }
    SECTION("not held where the service takes longer") {
        device.may_leave = served + SERVICE;
        fabric.read(CPU0, DEVICE, Size::B4, completion);
        to(Instant{} + 10_us);
        CHECK(completion.at.front() == served + SERVICE + READ_RESPONSE);
    }
}

TEST_CASE_METHOD(FabricFixture, "an unmapped address reads all ones, drops writes, and is diagnosed", "[fabric]") {
    fabric.read(CPU1, 0xdead'0000, Size::B2, completion);
    fabric.post_write(CPU1, 0xdead'0000, Size::B4, 5);
    to(Instant{} + READ_REQUEST + READ_RESPONSE);
    CHECK(completion.at.size() == 1);
    CHECK(completion.value == 0xffff);
    REQUIRE(unmapped.size() == 2);
    CHECK_FALSE(unmapped[0].write);
    CHECK(unmapped[1].write);
    CHECK(unmapped[1].cpu == CPU1);
    CHECK(unmapped[1].value == 5);
}

TEST_CASE_METHOD(FabricFixture, "an access that sticks out of a device's window is unmapped", "[fabric]") {
    fabric.read(CPU0, DEVICE + WINDOW - 4, Size::B4, completion);
    CHECK(unmapped.empty());
    fabric.read(CPU0, DEVICE + WINDOW - 4, Size::B8, completion);
    CHECK(unmapped.size() == 1);
}

TEST_CASE_METHOD(FabricFixture, "a CPU's write to FEEx_xxxxh outside its own page reaches no local APIC",
                 "[fabric][M-2]") {
    fabric.post_write(CPU0, 0xfee0'2000, Size::B4, NMI);
    to(Instant{} + 10_us);
    CHECK(reached().empty());
    CHECK(unmapped.size() == 1);
}

TEST_CASE_METHOD(FabricFixture, "a latency row of the register path changed by d moves the completion by d",
                 "[fabric][latency]") {
    const Row row = GENERATE(Row::FabricReadRequest, Row::HpetService, Row::FabricReadResponse);
    constexpr Duration D{12'345};
    timing.set(row, RowUnit::Time, (timing.duration(row) + D).fs);
    fabric.read(CPU0, DEVICE, Size::B4, completion);
    to(Instant{} + 10_us);
    CHECK(completion.at.front() == Instant{} + READ_REQUEST + SERVICE + READ_RESPONSE + D);
}

TEST_CASE_METHOD(FabricFixture, "with all latencies 0 the order is kept and everything happens at once",
                 "[fabric][latency]") {
    for (const Row row : {Row::FabricReadRequest, Row::HpetService, Row::FabricReadResponse, Row::FabricPostedWrite}) {
        timing.set(row, RowUnit::Time, 0);
    }
    to(Instant{100});
    fabric.post_write(CPU0, DEVICE, Size::B4, 1);
    fabric.read(CPU0, DEVICE, Size::B4, completion);
    fabric.post_write(CPU0, DEVICE, Size::B4, 2);
    to(Instant{100});
    REQUIRE(device.seen.size() == 3);
    CHECK(device.seen[0].value == 1);
    CHECK_FALSE(device.seen[1].write);
    CHECK(device.seen[2].value == 2);
    CHECK(completion.at == std::vector{Instant{100}});
}

TEST_CASE_METHOD(FabricFixture, "accesses under way can be enumerated", "[fabric]") {
    fabric.post_write(CPU0, DEVICE + 8, Size::B4, 1);
    fabric.read(CPU1, DEVICE, Size::B4, completion);
    unsigned writes = 0;
    unsigned reads = 0;
    fabric.each_access_under_way([&](const Fabric::AccessUnderWay& a) {
        (a.write ? writes : reads) += 1;
        CHECK(a.address == (a.write ? DEVICE + 8 : DEVICE));
        CHECK(a.cpu == (a.write ? CPU0 : CPU1));
    });
    CHECK(writes == 1);
    CHECK(reads == 1);
}

TEST_CASE_METHOD(FabricFixture, "after reset nothing arrives and the fabric is as new", "[fabric][reset]") {
    const std::string fresh = fabric.dump();
    fabric.read(CPU0, DEVICE, Size::B4, completion);
    fabric.post_write(CPU0, DEVICE, Size::B4, 1);
    to(Instant{} + READ_REQUEST);
    fabric.post(message(0, NMI));
    fabric.send(CPU0, Shorthand::AllExcludingSelf, {});
    fabric.inject(Source::Hpet, {});
    fabric.reset_enter();
    fabric.reset_hold();
    fabric.reset_exit();
    to(Instant{} + 10_us);
    CHECK(completion.at.empty());
    CHECK(reached().empty());
    CHECK_FALSE(fabric.messages_under_way());
    CHECK_FALSE(fabric.accesses_under_way());
    CHECK(fabric.dump() == fresh);
}
