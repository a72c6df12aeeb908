// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "tools/point/drive.hpp"

using namespace hldsim;
using namespace hldsim::point;
using namespace hldsim::point::testing;

namespace {

using scenario::Life;

constexpr CpuNumber TWO{2};
constexpr CpuNumber OTHER{1};

Instant instant(std::int64_t ns) { return {ns * 1'000'000}; }

/// Point 0: CPU 2 becomes that.
struct LifeDrive : Drive {
    explicit LifeDrive(Life life) : Drive{"gcc"} {
        scenario::Point becomes;
        becomes.form = Form::Becomes;
        becomes.cpu.value = TWO;
        becomes.life = life;
        watch({becomes});
    }
    /// CPU 2 is up and in the detector's mask.
    void bring_up() {
        watcher().on_life(TWO, Life::Up, instant(1));
        watcher().on_mask_write(OTHER, 0, instant(2));
        watcher().on_mask_change(TWO, true, instant(2));
    }
    void clear(CpuNumber by, std::int64_t ns) {
        watcher().on_mask_write(by, 0, instant(ns));
        watcher().on_mask_change(TWO, false, instant(ns));
    }
    std::vector<Instant> hits() const {
        std::vector<Instant> all;
        for (const Hit& hit : recorded.hits) {
            all.push_back(hit.at);
        }
        return all;
    }
};

using At = std::vector<Instant>;

}  // namespace

TEST_CASE("a CPU becomes what the kernel says of it", "[point]") {
    LifeDrive drive{Life::Offline};
    drive.watcher().on_life(TWO, Life::Dead, instant(1));
    drive.watcher().on_life(OTHER, Life::Offline, instant(2));
    CHECK(drive.hits().empty());
    drive.watcher().on_life(TWO, Life::Offline, instant(3));
    CHECK(drive.hits() == At{instant(3)});
}

TEST_CASE("a CPU on its way down is leaving when its bit is cleared", "[point]") {
    LifeDrive drive{Life::Leaving};
    drive.bring_up();
    drive.watcher().on_hotplug(TWO, true, instant(3));
    CHECK(drive.hits().empty());
    drive.clear(TWO, 4);
    CHECK(drive.hits() == At{instant(4)});
}

TEST_CASE("a CPU whose bit is clear is leaving when it begins its way down", "[point]") {
    LifeDrive drive{Life::Leaving};
    drive.bring_up();
    drive.clear(OTHER, 3);
    CHECK(drive.hits().empty());
    drive.watcher().on_hotplug(TWO, true, instant(4));
    CHECK(drive.hits() == At{instant(4)});
    drive.watcher().on_hotplug(TWO, true, instant(5));
    CHECK(drive.hits().size() == 1);  // it goes on with that
}

TEST_CASE("a bit that is cleared is nothing of a CPU that stays, comes up, or is offline", "[point]") {
    LifeDrive drive{Life::Leaving};
    SECTION("stays") { drive.bring_up(); }
    SECTION("comes up") {
        drive.bring_up();
        drive.watcher().on_hotplug(TWO, false, instant(3));
    }
    SECTION("is offline") {
        drive.bring_up();
        drive.watcher().on_hotplug(TWO, true, instant(3));
        drive.watcher().on_life(TWO, Life::Offline, instant(3));
    }
    drive.clear(OTHER, 4);
    CHECK(drive.hits().empty());
}

TEST_CASE("another CPU's bit is nothing to it", "[point]") {
    LifeDrive drive{Life::Leaving};
    drive.bring_up();
    drive.watcher().on_hotplug(TWO, true, instant(3));
    drive.watcher().on_mask_write(OTHER, 0, instant(4));
    drive.watcher().on_mask_change(OTHER, false, instant(4));
    CHECK(drive.hits().empty());
}

TEST_CASE("a CPU that leaves again is leaving again", "[point]") {
    LifeDrive drive{Life::Leaving};
    for (const std::int64_t ns : {10, 20}) {
        drive.bring_up();
        drive.watcher().on_hotplug(TWO, true, instant(ns));
        drive.clear(TWO, ns + 1);
        drive.watcher().on_life(TWO, Life::Dead, instant(ns + 2));
        drive.watcher().on_hotplug(TWO, false, instant(ns + 3));
    }
    CHECK(drive.hits() == At{instant(11), instant(21)});
}

TEST_CASE("that the bit is clear shows later: told with the access, the one before it and the one behind it",
          "[point]") {
    LifeDrive drive{Life::Leaving};
    drive.bring_up();
    drive.watcher().on_hotplug(TWO, true, instant(3));
    cpu::Cpu& cpu = drive.cpu(2);
    cpu.local.advance(1'000);
    std::uint64_t word = 0;
    const auto access = [&](cpu::AccessKind kind) {
        cpu.local.advance(1);
        if (kind == cpu::AccessKind::Rmw) {
            drive.watcher().on_mask_write(TWO, cpu.nesting.depth(), cpu.local.now());
        }
        drive.watcher().about_to(cpu, {kind, &word, 8, true, nullptr});
        return cpu.local.now();
    };
    const Instant before = access(cpu::AccessKind::Load);
    const Instant clears = access(cpu::AccessKind::Rmw);
    SECTION("at once") {
        drive.watcher().on_mask_change(TWO, false, clears);
        REQUIRE(drive.hits() == At{clears});
        CHECK(drive.recorded.next_of.empty());
        const Instant behind = access(cpu::AccessKind::Load);
        REQUIRE(drive.recorded.next_of.size() == 1);
        CHECK(drive.recorded.next_of[0].second == behind);
    }
    SECTION("after the next access, as of a store that waits in its buffer") {
        const Instant behind = access(cpu::AccessKind::Load);
        access(cpu::AccessKind::Load);
        CHECK(drive.hits().empty());
        drive.watcher().on_mask_change(TWO, false, clears);
        REQUIRE(drive.hits() == At{clears});
        REQUIRE(drive.recorded.next_of.size() == 1);
        CHECK(drive.recorded.next_of[0].second == behind);
    }
    CHECK(drive.recorded.hits[0].previous_access == before);
}

TEST_CASE("an NMI's accesses do not come between an access to the mask and the one before it", "[point]") {
    LifeDrive drive{Life::Leaving};
    drive.bring_up();
    drive.watcher().on_hotplug(TWO, true, instant(3));
    cpu::Cpu& cpu = drive.cpu(2);
    cpu.local.advance(1'000);
    std::uint64_t word = 0;
    const auto load = [&] {
        cpu.local.advance(1);
        drive.watcher().about_to(cpu, {cpu::AccessKind::Load, &word, 8, true, nullptr});
        return cpu.local.now();
    };
    const Instant before = load();
    cpu.nesting.latch_nmi({}, cpu.local.now());
    cpu.nesting.enter_nmi();
    load();
    cpu.nesting.leave_nmi();
    cpu.local.advance(1);
    drive.watcher().on_mask_write(TWO, cpu.nesting.depth(), cpu.local.now());
    drive.watcher().on_mask_change(TWO, false, cpu.local.now());
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].previous_access == before);
}
