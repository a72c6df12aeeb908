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

TEST_CASE("a cursor that advances by cycles is never off the edge that division gives", "[base]") {
    for (const std::uint64_t hz : {3'700'000'000ULL, 3'350'000'000ULL, 1'000'000'000ULL, 2'799'999'983ULL, 3ULL}) {
        const auto clock = ClockDomain::of_frequency({hz, 1});
        ClockCursor cursor{clock};
        std::uint64_t k = 0;
        std::uint64_t step = 1;
        for (int i = 0; i < 20'000 && cursor.now().fs < 8'000 * FS_PER_S; ++i) {
            step = (step * 1103515245 + 12345) % (hz < 10 ? 2 : 100'003);
            cursor.advance(step);
            k += step;
            REQUIRE(cursor.edge().index == k);
            REQUIRE(cursor.now() == clock.edge({k}));
        }
    }
}

TEST_CASE("a step multiplied out leads where its cycles do", "[base]") {
    for (const std::uint64_t hertz : {3'000'000'000U, 3'700'000'000U, 2'799'999'983U, 14'318'180U}) {
        for (const std::uint64_t cycles : {1U, 2U, 4U, 5U, 71U, 12'345U}) {
            INFO(hertz << " Hz, " << cycles << " cycles");
            const auto clock = ClockDomain::of_frequency({hertz, 1});
            ClockCursor cursor{clock};
            const ClockCursor::Step step = cursor.step(cycles);
            std::uint64_t edge = 0;
            for (unsigned n = 0; n < 300; ++n) {
                CHECK(cursor.after(cursor.after(step), step).now == clock.edge_or_never({edge + 2 * cycles}));
                cursor.take(step, cursor.after(step));
                edge += cycles;
                CHECK(cursor.edge().index == edge);
                CHECK(cursor.now() == clock.edge({edge}));
                cursor.advance(1);
                ++edge;
                CHECK(cursor.now() == clock.edge({edge}));
            }
        }
    }
}

TEST_CASE("a cursor moves to the first edge at or after an instant, never back", "[base]") {
    ClockCursor cursor{ClockDomain::of_frequency({3'700'000'000, 1})};
    cursor.to_at_or_after(Instant{1});
    CHECK(cursor.edge().index == 1);
    cursor.to_at_or_after(cursor.now() + Duration{1});
    CHECK(cursor.edge().index == 2);
    cursor.to_at_or_after(Instant{1});
    CHECK(cursor.edge().index == 2);
    cursor.advance(5);
    CHECK(cursor.now() == cursor.clock().edge({7}));
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
