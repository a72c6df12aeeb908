// SPDX-License-Identifier: Apache-2.0
// IPIs across the fabric, EOI broadcasts, what is under way.
#include "tests/models/fabric/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

InterruptMessage nmi_to(std::uint32_t destination) {
    InterruptMessage m;
    m.mode = DeliveryMode::Nmi;
    m.destination = destination;
    return m;
}

}  // namespace

TEST_CASE_METHOD(FabricFixture, "an IPI takes ipi.wire, and ipi.cross_socket_add more to another package",
                 "[fabric][ipi]") {
    fabric.send(CPU0, Shorthand::None, nmi_to(2));
    fabric.send(CPU0, Shorthand::None, nmi_to(4));
    to(Instant{IPI_WIRE.fs - 1});
    CHECK(reached().empty());
    to(Instant{} + IPI_WIRE);
    CHECK(reached() == std::vector{1U});
    to(Instant{(IPI_WIRE + CROSS_SOCKET).fs - 1});
    CHECK(reached() == std::vector{1U});
    to(Instant{} + IPI_WIRE + CROSS_SOCKET);
    CHECK(reached() == std::vector{1U, 2U});
    CHECK(without_target.empty());
    CHECK_FALSE(fabric.messages_under_way());
}

TEST_CASE_METHOD(FabricFixture, "a row of the IPI's path changed by d moves the arrival by d",
                 "[fabric][ipi][latency]") {
    const Row row = GENERATE(Row::IpiWire, Row::IpiCrossSocketAdd);
    timing.set(row, RowUnit::Time, timing.duration(row).fs + 99);
    fabric.send(CPU0, Shorthand::None, nmi_to(4));
    to(Instant{} + 1_us);
    CHECK(apics[2]->received.at(0).at == Instant{99} + IPI_WIRE + CROSS_SOCKET);
}

TEST_CASE_METHOD(FabricFixture, "shorthands ignore the destination field", "[fabric][ipi][LAPIC-16]") {
    SECTION("all excluding self") {
        fabric.send(CPU1, Shorthand::AllExcludingSelf, nmi_to(2));
        to(Instant{} + 1_us);
        CHECK(reached() == std::vector{0U, 2U, 3U});
    }
    SECTION("all including self") {
        fabric.send(CPU1, Shorthand::AllIncludingSelf, nmi_to(0));
        to(Instant{} + 1_us);
        CHECK(reached() == std::vector{0U, 1U, 2U, 3U});
    }
    SECTION("self") {
        fabric.send(CPU1, Shorthand::Self, nmi_to(0));
        to(Instant{} + 1_us);
        CHECK(reached() == std::vector{1U});
    }
    for (const auto& apic : apics) {
        CHECK(apic->received.size() <= 1);
    }
}

TEST_CASE_METHOD(FabricFixture, "an IPI that names nobody is diagnosed once", "[fabric][ipi][LAPIC-11]") {
    fabric.send(CPU0, Shorthand::None, nmi_to(77));
    to(Instant{} + 1_us);
    CHECK(without_target.size() == 1);
}

TEST_CASE_METHOD(FabricFixture, "a lowest-priority IPI has one winner over both packages, reached by its own path",
                 "[fabric][ipi][LAPIC-12]") {
    InterruptMessage m = nmi_to(0b1111);
    m.logical = true;
    m.mode = DeliveryMode::LowestPriority;
    for (const unsigned cpu : {0U, 1U, 3U}) {
        apics[cpu]->priority = 0x40;
    }
    fabric.send(CPU0, Shorthand::None, m);
    CHECK(fabric.message_under_way_to(CPU1));
    to(Instant{} + IPI_WIRE);
    CHECK(reached().empty());
    CHECK(fabric.message_under_way_to(CPU2));
    CHECK_FALSE(fabric.message_under_way_to(CPU1));
    to(Instant{} + 1_us);
    REQUIRE(reached() == std::vector{2U});
    CHECK(apics[2]->received[0].at == Instant{} + IPI_WIRE + CROSS_SOCKET);
}

TEST_CASE_METHOD(FabricFixture, "an x2APIC cluster is reached through the table of ids", "[fabric][ipi]") {
    // ids 0x10 and 0x13 are members 0 and 3 of cluster 1
    const std::uint32_t ids[] = {0x10, 0x13, 0x20, 0x21};
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        apics[cpu]->id = ids[cpu];
        apics[cpu]->logical = ids[cpu] >> 4 == 1 ? 1U << (ids[cpu] & 0xf) : 0;
        fabric.identified(CpuNumber{cpu}, ApicId{ids[cpu]}, true);
    }
    InterruptMessage m = nmi_to(1U << 16 | 1U << 3 | 1U << 5);
    m.logical = true;
    m.wide = true;
    fabric.send(CPU0, Shorthand::None, m);
    to(Instant{} + 1_us);
    CHECK(reached() == std::vector{1U});
    CHECK(apics[2]->asked == 0);
}

TEST_CASE_METHOD(FabricFixture, "messages under way can be enumerated and asked for by CPU", "[fabric][M-15]") {
    fabric.send(CPU0, Shorthand::AllExcludingSelf, nmi_to(0));
    fabric.post(message(0, NMI));
    unsigned ipis = 0;
    unsigned writes = 0;
    fabric.each_message_under_way([&](const Fabric::MessageUnderWay& m) {
        if (m.decoded) {
            ++ipis;
            CHECK(m.shorthand == Shorthand::AllExcludingSelf);
            CHECK(m.sender == CPU0);
            CHECK(m.arrives == Instant{} + IPI_WIRE);
        } else {
            ++writes;
            CHECK(m.write.token == Token{1, Source::Hpet});
        }
    });
    CHECK(ipis == 1);
    CHECK(writes == 1);
    CHECK(fabric.message_under_way_to(CPU2));  // not yet decoded: may be for anyone
    to(Instant{} + DEVICE_TO_ROOT);
    CHECK(fabric.message_under_way_to(CPU0));
    CHECK_FALSE(fabric.message_under_way_to(CPU1));
    to(Instant{} + 1_us);
    CHECK_FALSE(fabric.message_under_way_to(CPU0));
}

TEST_CASE_METHOD(FabricFixture, "an EOI broadcast reaches the I/O APICs after ioapic.eoi_broadcast",
                 "[fabric][LAPIC-24]") {
    struct : EoiReceiver {
        void end_of_interrupt(std::uint8_t vector) override { vectors.push_back(vector); }
        std::vector<unsigned> vectors;
    } ioapic;
    fabric.add(ioapic);
    fabric.broadcast_eoi(0x31);
    to(Instant{EOI_BROADCAST.fs - 1});
    CHECK(ioapic.vectors.empty());
    to(Instant{} + EOI_BROADCAST);
    CHECK(ioapic.vectors == std::vector{0x31U});
}

TEST_CASE_METHOD(FabricFixture, "the first package need not be number 0", "[fabric][ipi]") {
    Fabric far{"far", timeline, timing, choices, {}, {5, 5, 5}};
    std::vector<RecordingReceiver> receivers(4, RecordingReceiver{timeline, 0});
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        far.add(CpuNumber{cpu}, receivers[cpu]);
    }
    far.send(CPU0, Shorthand::AllExcludingSelf, nmi_to(0));
    to(Instant{} + 1_us);
    CHECK(receivers[1].received.at(0).at == Instant{} + IPI_WIRE);
    CHECK(receivers[3].received.at(0).at == Instant{} + IPI_WIRE + CROSS_SOCKET);  // beyond the list: package 0
}
