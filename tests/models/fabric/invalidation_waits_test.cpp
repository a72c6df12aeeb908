// SPDX-License-Identifier: Apache-2.0
// Which wait an invalidation belongs to, and what is left for that wait to wait for: VTD-27, VTD-30, AMDVI-13.
#include "models/fabric/invalidation_waits.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;

namespace {

using Waits = InvalidationWaits<int, char>;

constexpr Instant NOTHING;

}  // namespace

TEST_CASE("a wait without invalidations before it has a closed group", "[fabric][VTD-27]") {
    Waits waits;
    CHECK(waits.idle());
    CHECK(waits.add('a').group.closed());
    CHECK_FALSE(waits.idle());
    waits.remove(0);
    CHECK(waits.idle());
}

TEST_CASE("the last invalidation to end closes the group of the wait behind it, in any order", "[fabric][VTD-27]") {
    Waits waits;
    const std::uint32_t first = waits.begin_invalidation(1);
    const std::uint32_t second = waits.begin_invalidation(2);
    CHECK_FALSE(waits.add('a').group.closed());
    const std::uint32_t third = waits.begin_invalidation(3);
    CHECK_FALSE(waits.add('b').group.closed());
    CHECK(waits.invalidation(third) == 3);
    CHECK(waits.wait_of(second) == 0);
    CHECK(waits.wait_of(third) == 1);
    CHECK(waits.end_invalidation(second, NOTHING) == nullptr);
    CHECK(waits.end_invalidation(third, NOTHING) == waits.find(1));
    CHECK(waits.end_invalidation(first, NOTHING) == waits.find(0));
}

TEST_CASE("what ended before its wait was fetched is in that wait's group all the same", "[fabric][VTD-30]") {
    Waits waits;
    CHECK(waits.end_invalidation(waits.begin_invalidation(1), Instant{700}) == nullptr);
    const std::uint32_t open = waits.begin_invalidation(2);
    CHECK(waits.end_invalidation(waits.begin_invalidation(3), Instant{500}) == nullptr);
    CHECK(waits.group().drained == Instant{700});
    const Waits::Wait& wait = waits.add('a');
    CHECK(wait.group.open == 1);
    CHECK(wait.group.drained == Instant{700});
    CHECK(waits.group().drained == NOTHING);
    REQUIRE(waits.end_invalidation(open, Instant{900}) == waits.find(0));
    CHECK(waits.find(0)->group.drained == Instant{900});
}

TEST_CASE("a wait that is complete is found no more; the numbers of others stay", "[fabric][VTD-27]") {
    Waits waits;
    waits.add('a');
    waits.add('b');
    waits.remove(0);
    CHECK(waits.find(0) == nullptr);
    REQUIRE(waits.find(1) != nullptr);
    CHECK(waits.find(1)->command == 'b');
    CHECK(waits.add('c').number == 2);
}

TEST_CASE("invalidations and waits that are copied out and back go on as before", "[fabric][VTD-27]") {
    Waits waits;
    const std::uint32_t slot = waits.begin_invalidation(1);
    waits.add('a');
    StateCopy copy;
    copy.save_anew();
    waits.copy_state(copy);
    waits.end_invalidation(slot, NOTHING);
    waits.clear();
    copy.restore_from_begin();
    waits.copy_state(copy);
    CHECK(waits.end_invalidation(slot, Instant{5}) == waits.find(0));
    CHECK(waits.waits_fetched() == 1);
}
