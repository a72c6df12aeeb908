// SPDX-License-Identifier: Apache-2.0
#include "models/base/clock_domain.hpp"

#include "tests/support/catch.hpp"

using namespace hldsim;

TEST_CASE("after one simulated hour every clock is on its exact edge", "[base]") {
    const Instant hour{3600 * FS_PER_S};
    SECTION("a 14.31818 MHz HPET by its frequency") {
        const auto clock = ClockDomain::of_frequency({14'318'180, 1});
        CHECK(clock.edge({14'318'180ULL * 3600}) == hour);
        CHECK(clock.last_at(hour)->index == 14'318'180ULL * 3600);
        CHECK(clock.last_at(hour - Duration{1})->index == 14'318'180ULL * 3600 - 1);
    }
    SECTION("a 3 GHz TSC, whose period is no whole number of fs") {
        const auto clock = ClockDomain::of_frequency({3'000'000'000, 1});
        CHECK(clock.edge({3'000'000'000ULL * 3600}) == hour);
        CHECK(clock.edge({3'000'000'000ULL * 3600 + 1}) == hour + Duration{333'334});
    }
    SECTION("a 24 MHz crystal") {
        const auto clock = ClockDomain::of_frequency({24'000'000, 1});
        CHECK(clock.edge({24'000'000ULL * 3600}) == hour);
    }
    SECTION("an HPET by its period register: drift against nominal is the register's own") {
        const auto clock = ClockDomain::of_period({69'841'279});
        CHECK(clock.edge({14'318'180}).fs == 1'000'000'004'152'220 - 0);
    }
}

TEST_CASE("edge, last_at, first_at and first_after agree around each edge", "[base]") {
    const auto clock = ClockDomain::of_frequency({3'700'000'000, 1}, Instant{123});
    for (const std::uint64_t k : {0ULL, 1ULL, 2ULL, 36ULL, 37ULL, 38ULL, 1'000'003ULL, 33'300'000'000'000ULL}) {
        const Instant t = clock.edge({k});
        CHECK(clock.last_at(t)->index == k);
        CHECK(clock.first_at(t).index == k);
        CHECK(clock.first_at(t + Duration{1}).index == k + 1);
        CHECK(clock.first_after(t).index == k + 1);
        CHECK(clock.first_after(t - Duration{1}).index == k);
        if (k > 0) {
            CHECK(clock.last_at(t - Duration{1})->index == k - 1);
        }
    }
    CHECK_FALSE(clock.last_at(Instant{122}));
}

TEST_CASE("time that leaves its range throws instead of wrapping", "[base]") {
    CHECK_THROWS_AS(Instant::never() + Duration{1}, TimeOverflow);
    CHECK_THROWS_AS(Duration::max() * 2, TimeOverflow);
    const auto clock = ClockDomain::of_period({69'841'279});
    CHECK_THROWS_AS(clock.edge({~std::uint64_t{0}}), TimeOverflow);
    CHECK(clock.edge_or_never({~std::uint64_t{0}}) == Instant::never());
}

TEST_CASE("a clock without a frequency is refused", "[base]") {
    CHECK_THROWS_AS(ClockDomain::of_frequency({0, 1}), std::invalid_argument);
    CHECK_THROWS_AS(ClockDomain::of_period({0}), std::invalid_argument);
}
