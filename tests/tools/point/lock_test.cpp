// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "tools/point/drive.hpp"

using namespace hldsim;
using namespace hldsim::point;
using namespace hldsim::point::testing;

namespace {

/// CPU 1 runs probe_guarded, whose notes of the lock are told here, and accesses its word by hand.
struct LockDrive : Drive {
    explicit LockDrive(Form form) : Drive{"gcc"} {
        scenario::Point guarded;
        guarded.form = form;
        guarded.cpu.value = CpuNumber{1};
        guarded.function.value = "probe_guarded";
        guarded.object.value = "probe_lock";
        watch({guarded});
        cpu::Cpu& c = cpu(1);
        c.local.advance(1'000);
        c.pc = object.symbol("probe_guarded");
        c.callers.push_back(object.symbol("probe_guarded"));
        watcher().entered(c, static_cast<const char*>(object.symbol("probe_guarded")) + 1, nullptr);
    }
    Instant access(cpu::AccessKind kind, bool lock) {
        cpu::Cpu& c = cpu(1);
        c.local.advance(1);
        void* const where = lock ? object.symbol("probe_lock") : &elsewhere_;
        watcher().about_to(c, {kind, where, 2, true, object.symbol("probe_guarded")});
        return c.local.now();
    }
    void say(hld_lock_op op) { watcher().on_lock(cpu(1), op, object.symbol("probe_lock")); }

private:
    std::uint64_t elsewhere_ = 0;
};

constexpr auto LOAD = cpu::AccessKind::Load;
constexpr auto STORE = cpu::AccessKind::Store;
constexpr auto RMW = cpu::AccessKind::Rmw;

}  // namespace

TEST_CASE("a lock is taken by the last access to it, whatever the CPU does until that is said", "[point]") {
    LockDrive drive{Form::Locks};
    const Instant before = drive.access(LOAD, false);
    const Instant takes = drive.access(RMW, true);
    const bool counts = GENERATE(false, true);  // a mutex keeps a count
    const Instant next = counts ? drive.access(STORE, false) : Instant::never();
    drive.say(HLD_LOCK_TAKEN);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].at == takes);
    CHECK(drive.recorded.hits[0].previous_access == before);
    const Instant behind = drive.access(LOAD, false);
    REQUIRE(drive.recorded.next_of.size() == 1);
    CHECK(drive.recorded.next_of[0].second == (counts ? next : behind));
}

TEST_CASE("a lock whose release is said behind it is released by that access", "[point]") {
    LockDrive drive{Form::Unlocks};
    drive.access(RMW, true);
    drive.access(LOAD, false);
    const Instant before = drive.access(LOAD, true);
    const Instant releases = drive.access(STORE, true);
    CHECK(drive.recorded.hits.empty());
    drive.say(HLD_LOCK_DROPPED);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].at == releases);
    CHECK(drive.recorded.hits[0].previous_access == before);
}

TEST_CASE("a lock whose release is said before it is released by the next access to it, an NMI's apart", "[point]") {
    LockDrive drive{Form::Unlocks};
    drive.access(RMW, true);
    drive.access(LOAD, false);
    drive.say(HLD_LOCK_DROPPED);
    CHECK(drive.recorded.hits.empty());
    const Instant before = drive.access(STORE, false);
    cpu::Cpu& c = drive.cpu(1);
    c.nesting.latch_nmi({}, c.local.now());
    c.nesting.enter_nmi();
    drive.access(LOAD, true);
    c.nesting.leave_nmi();
    CHECK(drive.recorded.hits.empty());
    const Instant releases = drive.access(RMW, true);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].at == releases);
    CHECK(drive.recorded.hits[0].previous_access == before);
}

TEST_CASE("accesses of one instant leave no room between them", "[point]") {
    LockDrive drive{Form::Unlocks};
    const Instant earlier = drive.access(LOAD, false);
    cpu::Cpu& c = drive.cpu(1);
    drive.access(LOAD, true);
    std::uint64_t free = 0;
    drive.watcher().about_to(c,
                             {STORE, drive.object.symbol("probe_lock"), 2, true, drive.object.symbol("probe_guarded")});
    drive.say(HLD_LOCK_DROPPED);
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].previous_access == earlier);
    drive.watcher().about_to(c, {LOAD, &free, 8, false, nullptr});
    CHECK(drive.recorded.next_of.empty());
    const Instant later = drive.access(LOAD, false);
    REQUIRE(drive.recorded.next_of.size() == 1);
    CHECK(drive.recorded.next_of[0].second == later);
}
