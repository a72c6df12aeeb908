// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/window/order.hpp"

#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::literals;
using namespace hldsim::window;
using cpu::AccessKind;
using cpu::Context;
using trace::Log;
using trace::What;

namespace {

const int VARIABLE = 0;
const int OTHER = 0;
const int CODE[4] = {};  // positions of four accesses

struct Told {
    Log log;

    /// Of CPU `cpu` at position `cpu`, in a task unless it says otherwise; others see it at `visible`.
    Told& access(Duration at, unsigned cpu, AccessKind kind, Duration visible, Context context = Context::Task,
                 const int* object = &VARIABLE) {
        log.accesses.push_back({cpu, context, kind, Instant{} + at, Instant{} + visible, object,
                                &CODE[cpu + (context == Context::Task ? 0 : 2)]});
        return *this;
    }
    trace::Record& record(Duration at, What what, unsigned cpu) {
        trace::Record& made = log.records.emplace_back();
        made.what = what;
        made.at = Instant{} + at;
        made.cpu = made.actor = cpu;
        return made;
    }
    Told& match(Duration at) {
        record(at, What::TimerMatched, trace::NO_CPU);
        return *this;
    }
    Told& effect(Duration at) {
        record(at, What::RegisterEffect, trace::NO_CPU);
        return *this;
    }
    Told& clear(Duration at, unsigned cpu) {
        record(at, What::MaskCleared, cpu);
        return *this;
    }
    Told& taken(Duration at, unsigned cpu) {
        trace::Record& made = record(at, What::HopReached, cpu);
        made.hop = Hop::Taken;
        made.actor = trace::NO_CPU;
        return *this;
    }
};

std::optional<Flip<trace::Record>> flip(const Log& outside, const Log& inside) {
    return first_flip_of_records(in_order(outside), in_order(inside));
}

}  // namespace

TEST_CASE("a store is seen by another CPU when it leaves the store buffer", "[window]") {
    // Made first in both runs; the load comes between the store and its effect in one of them, behind both in the
    // other.
    Told early;
    early.access(100_ns, 0, AccessKind::Store, 150_ns).access(149_ns, 1, AccessKind::Load, 149_ns);
    Told late;
    late.access(100_ns, 0, AccessKind::Store, 150_ns).access(151_ns, 1, AccessKind::Load, 151_ns);
    const auto found = first_flip_of_accesses(late.log, early.log);
    REQUIRE(found.has_value());
    CHECK(found->first->cpu == 1);
    CHECK(found->second->cpu == 0);
    CHECK(found->at == Instant{} + 149_ns);
}

TEST_CASE("its own CPU sees a store at once, in an NMI too", "[window]") {
    Told before;
    before.access(100_ns, 0, AccessKind::Load, 100_ns, Context::Nmi).access(101_ns, 0, AccessKind::Store, 200_ns);
    Told behind;
    behind.access(101_ns, 0, AccessKind::Store, 200_ns).access(102_ns, 0, AccessKind::Load, 102_ns, Context::Nmi);
    const auto found = first_flip_of_accesses(behind.log, before.log);
    REQUIRE(found.has_value());
    CHECK(found->first->context == Context::Nmi);
}

TEST_CASE("two loads, two variables or one CPU's own order are no flip", "[window]") {
    const auto kind = GENERATE(AccessKind::Load, AccessKind::Store);
    const int* const object = kind == AccessKind::Load ? &VARIABLE : &OTHER;
    Told one;
    one.access(100_ns, 0, AccessKind::Load, 100_ns).access(101_ns, 1, kind, 101_ns, Context::Task, object);
    Told two;
    two.access(100_ns, 1, kind, 100_ns, Context::Task, object).access(101_ns, 0, AccessKind::Load, 101_ns);
    CHECK_FALSE(first_flip_of_accesses(one.log, two.log).has_value());
}

TEST_CASE("what only one of the runs does is no flip", "[window]") {
    Told with;
    with.access(100_ns, 0, AccessKind::Load, 100_ns, Context::Nmi).access(101_ns, 0, AccessKind::Store, 101_ns);
    Told without;
    without.access(101_ns, 0, AccessKind::Store, 101_ns).access(2_s, 0, AccessKind::Load, 2_s, Context::Nmi);
    CHECK_FALSE(first_flip_of_accesses(without.log, with.log).has_value());
}

TEST_CASE("a match and the bit that is cleared, a match and a register that changes", "[window]") {
    CHECK(flip(Told{}.clear(1_us, 2).match(2_us).log, Told{}.match(1_us).clear(2_us, 2).log)->first->what ==
          What::TimerMatched);
    CHECK(flip(Told{}.effect(1_us).match(2_us).log, Told{}.match(1_us).effect(2_us).log).has_value());
    CHECK_FALSE(flip(Told{}.match(1_us).effect(2_us).log, Told{}.match(1_us).effect(2_us).log).has_value());
}

TEST_CASE("an NMI meets what its own CPU does, and nothing that another one does", "[window]") {
    const Log before = Told{}.taken(1_us, 2).clear(2_us, 2).log;
    const Log behind = Told{}.clear(1_us, 2).taken(2_us, 2).log;
    const auto found = flip(behind, before);
    REQUIRE(found.has_value());
    CHECK(found->first->what == What::HopReached);
    Told one;
    one.taken(1_us, 2).record(2_us, What::DeviceWrite, 1);
    Told two;
    two.record(1_us, What::DeviceWrite, 1);
    two.taken(2_us, 2);
    CHECK_FALSE(flip(one.log, two.log).has_value());
}

TEST_CASE("what turns round more than a millisecond behind the first difference is no cause of it", "[window]") {
    const bool near = GENERATE(true, false);
    const Duration later = near ? 1001_us : 1001_us + 1_fs;
    const Log goes_on = Told{}.clear(1_us, 2).clear(5_us, 0).taken(later, 0).log;
    const Log hangs = Told{}.taken(1_us, 2).taken(5_us, 0).clear(later, 0).log;
    CHECK(flip(goes_on, hangs).has_value() == near);
}

TEST_CASE("a request meets the invalidation of its entry, of all, and the wait behind it; not another entry's",
          "[window]") {
    const auto request = [](Told& told, Duration at) {
        trace::Record& used = told.record(at, What::EntryUsed, 2);
        used.actor = trace::NO_CPU;
        used.result = 2;
    };
    const auto other = [](Told& told, Duration at, What what, std::uint64_t first, bool all) {
        trace::Record& made = told.record(at, what, trace::NO_CPU);
        made.value = first;
        made.address = 2;  // how many
        made.flag = all;
    };
    const auto flips = [&](What what, std::uint64_t first, bool all) {
        Told one;
        request(one, 1_us);
        other(one, 2_us, what, first, all);
        Told two;
        other(two, 1_us, what, first, all);
        request(two, 2_us);
        return flip(two.log, one.log).has_value();
    };
    CHECK(flips(What::Invalidated, 1, false));
    CHECK(flips(What::Invalidated, 2, false));
    CHECK(flips(What::Invalidated, 7, true));
    CHECK(flips(What::WaitCompleted, 0, false));
    CHECK_FALSE(flips(What::Invalidated, 0, false));
    CHECK_FALSE(flips(What::Invalidated, 3, false));
}

TEST_CASE("two requests that are the same in all but the entry that they used differ in it", "[window]") {
    trace::Record one;
    one.what = What::EntryUsed;
    trace::Record two = one;
    CHECK(same_entry(one, two));
    SECTION("stale, or as memory has it") { two.stale = true; }
    SECTION("cached, or read") { two.flag = true; }
    SECTION("its contents") { two.value = 1; }
    SECTION("its index") { two.result = 1; }
    CHECK(same(one, two));
    CHECK_FALSE(same_entry(one, two));
}
