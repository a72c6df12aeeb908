// SPDX-License-Identifier: Apache-2.0
// The way of a device's message: latencies, order, destinations, faults.
#include "tests/models/fabric/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr Duration FLIGHT = DEVICE_TO_ROOT + ROOT_TO_LAPIC;

using Kind = MessageFaulted::Kind;

}  // namespace

TEST_CASE_METHOD(FabricFixture, "a message is at its local APIC after both hops, not one femtosecond before",
                 "[fabric][M-13]") {
    to(Instant{} + 3_ns);
    fabric.post(message(4, NMI));
    to(Instant{(3_ns + FLIGHT).fs - 1});
    CHECK(reached().empty());
    CHECK(fabric.messages_under_way());
    to(Instant{} + 3_ns + FLIGHT);
    CHECK(reached() == std::vector{2U});
    CHECK(apics[2]->received[0].message.mode == DeliveryMode::Nmi);
    CHECK(apics[2]->received[0].message.token == Token{1, Source::Hpet});
    CHECK_FALSE(fabric.messages_under_way());
}

TEST_CASE_METHOD(FabricFixture, "a latency row of the message path changed by d moves the arrival by d",
                 "[fabric][latency]") {
    const Row row = GENERATE(Row::MsiDeviceToRoot, Row::MsiRootToLapic);
    timing.set(row, RowUnit::Time, timing.duration(row).fs + 777);
    fabric.post(message(0, NMI));
    to(Instant{} + 1_us);
    CHECK(apics[0]->received.at(0).at == Instant{777} + FLIGHT);
}

TEST_CASE_METHOD(FabricFixture, "messages have no back-pressure: one a femtosecond behind the other arrives so",
                 "[fabric][M-14]") {
    fabric.post(message(0, NMI));
    to(Instant{1});
    fabric.post(message(0, NMI));
    to(Instant{} + 1_us);
    REQUIRE(apics[0]->received.size() == 2);
    CHECK(apics[0]->received[1].at - apics[0]->received[0].at == 1_fs);
}

TEST_CASE_METHOD(FabricFixture, "messages of one requester stay in order, those of another pass", "[fabric][M-13]") {
    fabric.inject(Source::Hpet, {Kind::Delay, 100_ns, 0, 0, 0});
    fabric.post(message(0, NMI));
    fabric.post(message(2, NMI));
    MessageWrite other = message(4, NMI);
    other.requester = RequesterId{0x1234};
    fabric.post(other);
    to(Instant{} + 1_us);
    CHECK(apics[0]->received.at(0).at == Instant{} + FLIGHT + 100_ns);
    CHECK(apics[1]->received.at(0).at == Instant{} + FLIGHT + 100_ns);
    CHECK(apics[2]->received.at(0).at == Instant{} + FLIGHT);
}

TEST_CASE_METHOD(FabricFixture, "a device's write to another address makes no interrupt and is diagnosed",
                 "[fabric][M-1]") {
    MessageWrite write = message(0, NMI);
    write.address = 0x1000;
    fabric.post(write);
    to(Instant{} + 1_us);
    CHECK(reached().empty());
    REQUIRE(diagnosed.size() == 1);
    CHECK(diagnosed[0].fault == msi::Fault::NotAnInterruptAddress);
    CHECK_FALSE(diagnosed[0].delivered);
}

TEST_CASE_METHOD(FabricFixture, "physical FFh is a broadcast, for an NMI too", "[fabric][M-8]") {
    fabric.post(message(0xff, NMI));
    to(Instant{} + 1_us);
    CHECK(reached() == std::vector{0U, 1U, 2U, 3U});
}

TEST_CASE_METHOD(FabricFixture, "an NMI to a logical set goes to every CPU of it, redirection hint or not",
                 "[fabric][M-3][M-7]") {
    fabric.post(message(0b1010, NMI, LOGICAL | HINT));
    to(Instant{} + 1_us);
    CHECK(reached() == std::vector{1U, 3U});
}

TEST_CASE_METHOD(FabricFixture, "a destination that names nobody is diagnosed at the arrival",
                 "[fabric][M-9][LAPIC-11]") {
    fabric.post(message(1, NMI));  // ids are even here
    to(Instant{} + 1_us);
    CHECK(reached().empty());
    REQUIRE(without_target.size() == 1);
    CHECK(without_target[0].at == Instant{} + FLIGHT);
    CHECK(without_target[0].message.destination == 1);
}

TEST_CASE_METHOD(FabricFixture, "with a redirection hint and logical mode one of the set gets it, without the hint all",
                 "[fabric][LAPIC-9]") {
    fabric.post(message(0b1110, 0x31, LOGICAL | HINT));
    to(Instant{} + 1_us);
    CHECK(reached() == std::vector{1U});
    forget_received();
    fabric.post(message(0b1110, 0x31, LOGICAL));
    by(1_us);
    CHECK(reached() == std::vector{1U, 2U, 3U});
}

struct ArbitrationFixture : FabricFixture {
    /// Who of all gets a message of lowest priority.
    unsigned winner() {
        forget_received();
        fabric.post(message(0b1111, 0x131, LOGICAL));
        by(1_us);
        REQUIRE(reached().size() == 1);
        return reached()[0];
    }
};

TEST_CASE_METHOD(ArbitrationFixture, "lowest priority: the lowest processor priority wins; among equals it rotates",
                 "[fabric][LAPIC-12]") {
    CHECK(winner() == 0);
    CHECK(winner() == 1);
    CHECK(winner() == 2);
    CHECK(winner() == 3);
    CHECK(winner() == 0);
    apics[2]->priority = 0x20;
    apics[1]->priority = 0x10;
    CHECK(winner() == 3);
    apics[0]->priority = apics[3]->priority = 0x20;
    CHECK(winner() == 1);
    CHECK(winner() == 1);
}

TEST_CASE_METHOD(ArbitrationFixture, "behind a reset an arbitration among equals begins anew",
                 "[fabric][H-37][LAPIC-12][reset]") {
    CHECK(winner() == 0);
    fabric.reset_enter();
    fabric.reset_hold();
    fabric.reset_exit();
    CHECK(winner() == 0);
}

TEST_CASE_METHOD(FabricFixture, "two APICs with one id both get a physical message; only those of the id are asked",
                 "[fabric][LAPIC-7]") {
    apics[3]->id = 2;
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        fabric.identified(CpuNumber{cpu}, ApicId{apics[cpu]->id}, false);
    }
    fabric.post(message(2, NMI));
    to(Instant{} + 1_us);
    CHECK(reached() == std::vector{1U, 3U});
    CHECK(apics[0]->asked == 0);
    CHECK(apics[1]->asked == 1);
    SECTION("and the table follows an id that changes") {
        forget_received();
        apics[1]->id = 9;
        fabric.identified(CPU1, ApicId{9}, false);
        fabric.post(message(2, NMI));
        fabric.post(message(9, NMI));
        by(1_us);
        CHECK(reached() == std::vector{1U, 3U});
        CHECK(apics[1]->received.size() == 1);
        CHECK(apics[3]->received.size() == 1);
    }
}

TEST_CASE_METHOD(FabricFixture, "an id beyond the table is still reached", "[fabric][LAPIC-7]") {
    apics[1]->id = 0x12'3456;
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        fabric.identified(CpuNumber{cpu}, ApicId{apics[cpu]->id}, true);
    }
    InterruptMessage ipi;
    ipi.wide = true;
    ipi.destination = 0x12'3456;
    fabric.send(CPU0, Shorthand::None, ipi);
    to(Instant{} + 1_us);
    CHECK(reached() == std::vector{1U});
}

// ---- faults

TEST_CASE_METHOD(FabricFixture, "a fault acts on the next message of its source and on no other",
                 "[fabric][M-15][fault]") {
    fabric.inject(Source::Hpet, {Kind::Drop, {}, 0, 0, 0});
    MessageWrite other = message(2, NMI);
    other.token = Token{9, Source::Ioapic};
    fabric.post(other);
    fabric.post(message(0, NMI));
    fabric.post(message(4, NMI));
    to(Instant{} + 1_us);
    CHECK(reached() == std::vector{1U, 2U});
    REQUIRE(faulted.size() == 1);
    CHECK(faulted[0].kind == Kind::Drop);
    CHECK(faulted[0].before.token == Token{1, Source::Hpet});
}

TEST_CASE_METHOD(FabricFixture, "the faults: delay, duplicate, corrupt, misroute", "[fabric][M-15][fault]") {
    SECTION("delay") {
        fabric.inject(Source::Hpet, {Kind::Delay, 5_ns, 0, 0, 0});
        fabric.post(message(0, NMI));
        to(Instant{} + 1_us);
        CHECK(apics[0]->received.at(0).at == Instant{} + FLIGHT + 5_ns);
    }
    SECTION("duplicate") {
        fabric.inject(Source::Hpet, {Kind::Duplicate, 5_ns, 0, 0, 0});
        fabric.post(message(0, NMI));
        to(Instant{} + 1_us);
        REQUIRE(apics[0]->received.size() == 2);
        CHECK(apics[0]->received[0].at == Instant{} + FLIGHT);
        CHECK(apics[0]->received[1].at == Instant{} + FLIGHT + 5_ns);
        CHECK(apics[0]->received[1].message.token == Token{1, Source::Hpet});
    }
    SECTION("corrupt") {
        fabric.inject(Source::Hpet, {Kind::Corrupt, {}, 0x4000, 0x431, 0});
        fabric.post(message(0, NMI));
        to(Instant{} + 1_us);
        REQUIRE(reached() == std::vector{2U});
        CHECK(apics[2]->received[0].message.mode == DeliveryMode::Fixed);
        CHECK(apics[2]->received[0].message.vector == 0x31);
    }
    SECTION("misroute") {
        fabric.inject(Source::Hpet, {Kind::Misroute, {}, 0, 0, 6});
        fabric.post(message(0, NMI));
        to(Instant{} + 1_us);
        CHECK(reached() == std::vector{3U});
    }
}

TEST_CASE_METHOD(FabricFixture, "several faults of a source take one message each, in order", "[fabric][fault]") {
    fabric.inject(Source::Hpet, {Kind::Drop, {}, 0, 0, 0});
    fabric.inject(Source::Hpet, {Kind::Misroute, {}, 0, 0, 6});
    fabric.post(message(0, NMI));
    fabric.post(message(0, NMI));
    fabric.post(message(0, NMI));
    to(Instant{} + 1_us);
    CHECK(reached() == std::vector{0U, 3U});
    CHECK(apics[0]->received.size() == 1);
}

// ---- the route

namespace {

/// Sends everything to id 6, a fixed time later: what a remapper is to the fabric.
struct LateRoute : MessageRoute {
    explicit LateRoute(sim::Timeline& on)
        : timeline{on}, alarm{on, sim::Priority::Remapper, [this] {
                                  held = false;
                                  InterruptMessage m;
                                  m.destination = 6;
                                  m.mode = DeliveryMode::Nmi;
                                  output().deliver(m);
                              }} {}
    void arrive(const MessageWrite& /*write*/) override {
        held = true;
        alarm.at(timeline.now() + 150_ns);
    }
    bool holds_message() const override { return held; }

    sim::Timeline& timeline;
    bool held = false;
    sim::Alarm alarm;
};

}  // namespace

TEST_CASE_METHOD(FabricFixture, "a remapper takes the place of the route and may answer later", "[fabric][route]") {
    LateRoute route{timeline};
    fabric.route_through(&route);
    fabric.post(message(0, NMI));
    to(Instant{} + DEVICE_TO_ROOT + 1_ns);
    CHECK(fabric.messages_under_way());
    CHECK(fabric.message_under_way_to(CPU1));
    to(Instant{} + 1_us);
    REQUIRE(reached() == std::vector{3U});
    CHECK(apics[3]->received[0].at == Instant{} + FLIGHT + 150_ns);
    fabric.route_through(nullptr);
    fabric.post(message(0, NMI));
    by(1_us);
    CHECK(apics[0]->received.size() == 1);
}
