// SPDX-License-Identifier: Apache-2.0
#include "models/base/clock_cursor.hpp"

#include "tests/support/catch.hpp"

using namespace hldsim;

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
