// SPDX-License-Identifier: Apache-2.0
// A root that orders read completions behind messages, as a remapper does: VT-d, 5.2.4.
#include <deque>

#include "tests/models/fabric/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr RequesterId OWN{0xfa78};
constexpr RequesterId FOREIGN{0x1234};

/// Holds every message until it is told what becomes of the first one.
struct HoldingRoute : MessageRoute {
    void arrive(const MessageWrite& write) override { held.push_back(write); }
    bool orders_completions() const override { return true; }
    void finish(Instant passable) {
        const MessageWrite first = held.front();
        held.pop_front();
        output().finished(first, passable);
    }
    std::deque<MessageWrite> held;
};

struct OwnedDevice : RecordingDevice {
    using RecordingDevice::RecordingDevice;
    bool sends_as(RequesterId requester) const override { return requester.value == OWN.value; }
};

struct OrderingFixture : FabricFixture {
    static constexpr std::uint64_t OWNED = 0xfed4'0000;
    static constexpr Duration READ = READ_REQUEST + SERVICE + READ_RESPONSE;

    OrderingFixture() {
        fabric.map(OWNED, WINDOW, owned, Row::HpetService);
        fabric.route_through(&route);
    }
    void post_from(RequesterId requester) {
        MessageWrite write = message(0, NMI);
        write.requester = requester;
        fabric.post(write);
    }
    void read() { fabric.read(CPU0, OWNED, Size::B4, completion); }

    OwnedDevice owned{timeline};
    HoldingRoute route;
};

}  // namespace

TEST_CASE_METHOD(OrderingFixture, "a read completion stays behind its device's message until the root lets it pass",
                 "[fabric][VTD-32][M-13]") {
    post_from(OWN);
    read();
    to(Instant{} + 10_us);
    CHECK(completion.at.empty());
    CHECK(fabric.accesses_under_way());
    unsigned seen = 0;
    fabric.each_access_under_way([&](const Fabric::AccessUnderWay& a) {
        CHECK(a.next_step == Instant::never());
        ++seen;
    });
    CHECK(seen == 1);
    route.finish(now() + 3_us);
    to(Instant{(Instant{} + 13_us).fs - 1});
    CHECK(completion.at.empty());
    to(Instant{} + 13_us);
    CHECK(completion.at == std::vector{Instant{} + 13_us});
    CHECK_FALSE(fabric.accesses_under_way());
}

TEST_CASE_METHOD(OrderingFixture, "a message that is through already does not delay the completion",
                 "[fabric][VTD-32]") {
    post_from(OWN);
    to(Instant{} + DEVICE_TO_ROOT);
    route.finish(now());
    const Instant begin = now();
    read();
    to(begin + 10_us);
    CHECK(completion.at == std::vector{begin + READ});
}

TEST_CASE_METHOD(OrderingFixture, "messages of others, and later ones, do not delay a completion", "[fabric][VTD-33]") {
    post_from(FOREIGN);
    read();
    SECTION("of another device") {}
    SECTION("posted one femtosecond after the completion has left its device") {
        to(Instant{(Instant{} + READ_REQUEST + SERVICE).fs + 1});
        post_from(OWN);
    }
    to(Instant{} + 10_us);
    CHECK(completion.at == std::vector{Instant{} + READ});
}

TEST_CASE_METHOD(OrderingFixture, "a message posted at the instant at which the completion leaves is ahead of it",
                 "[fabric][VTD-32]") {
    read();
    sim::Alarm post{timeline, sim::Priority::Hpet, [&] { post_from(OWN); }};
    post.at(Instant{} + READ_REQUEST + SERVICE);
    to(Instant{} + 10_us);
    CHECK(completion.at.empty());
    route.finish(now());
    by(1_fs);
    CHECK(completion.at.size() == 1);
}

TEST_CASE_METHOD(OrderingFixture, "of two messages ahead the later end counts", "[fabric][VTD-32]") {
    post_from(OWN);
    post_from(OWN);
    read();
    to(Instant{} + 5_us);
    route.finish(now() + 9_us);
    by(1_us);
    CHECK(completion.at.empty());
    route.finish(now());
    to(Instant{} + 20_us);
    CHECK(completion.at == std::vector{Instant{} + 14_us});
}

TEST_CASE_METHOD(OrderingFixture, "a reset forgets a completion that waits", "[fabric]") {
    post_from(OWN);
    read();
    to(Instant{} + 10_us);
    const std::string busy = fabric.dump();
    fabric.reset_enter();
    CHECK(fabric.dump() != busy);
    CHECK_FALSE(fabric.accesses_under_way());
    to(Instant{} + 20_us);
    CHECK(completion.at.empty());
}

TEST_CASE_METHOD(FabricFixture, "a write of another size than 4 bytes makes no interrupt and is diagnosed",
                 "[fabric][M-1]") {
    MessageWrite write = message(0, NMI);
    write.size = GENERATE(Size::B1, Size::B2, Size::B8);
    fabric.post(write);
    to(Instant{} + 1_us);
    CHECK(reached().empty());
    REQUIRE(diagnosed.size() == 1);
    CHECK(diagnosed[0].fault == msi::Fault::NotFourBytes);
}

TEST_CASE_METHOD(FabricFixture, "the route learns when the local APICs have accepted what it delivers",
                 "[fabric][VTD-30]") {
    timing.set(Row::LapicAccept, RowUnit::Time, (17_ns).fs);
    struct Route : MessageRoute {
        void arrive(const MessageWrite& /*write*/) override { accepted = output().deliver({}); }
        Instant accepted;
    } route;
    fabric.route_through(&route);
    fabric.post(message(0, NMI));
    to(Instant{} + 1_us);
    CHECK(route.accepted == Instant{} + DEVICE_TO_ROOT + ROOT_TO_LAPIC + 17_ns);
}
