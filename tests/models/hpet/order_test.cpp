// SPDX-License-Identifier: Apache-2.0
// What one edge does to the outside, in its order: H-36.
#include "tests/models/hpet/hpet_fixture.hpp"

using namespace hldsim;

TEST_CASE_METHOD(HpetFixture,
                 "an edge: messages, then lines that rise, by input and not by timer, then pulses that end",
                 "[hpet][H-36]") {
    std::size_t driven_before_message = ~std::size_t{0};
    hpet->hop.subscribe([&](const HopReached& h) {
        driven_before_message = h.hop == Hop::Posted ? driven.size() : driven_before_message;
    });
    const auto pulse = [this](unsigned n, unsigned input, std::uint64_t count) {
        w32(conf(n), INT_ENB | to_input(input));
        w64(comp(n), count);
    };
    pulse(0, 23, 9);  // ends where the others begin
    pulse(1, 10, 9);
    pulse(2, 20, 10);
    pulse(3, 11, 10);
    by_message(4);
    w64(comp(4), 10);
    run_past_edge(0);
    enable();
    run_past_edge(9);
    driven.clear();
    run_to_edge(10);
    const Instant t = edge(10);
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].at == t);
    CHECK(driven_before_message == 0);
    CHECK(driven == std::vector<Driven>{{t, 11, true, {}}, {t, 20, true, {}}, {t, 10, false, {}}, {t, 23, false, {}}});
}

TEST_CASE_METHOD(HpetFixture, "lines that one write moves: those that fall before those that rise, each by input",
                 "[hpet][H-28]") {
    for (unsigned n = 0; n < 2; ++n) {
        w32(conf(n), LEVEL | INT_ENB | to_input(n == 0 ? 21 : 20));
        w64(comp(n), 10);
    }
    run_past_edge(0);
    enable();
    run_past_edge(10);
    REQUIRE(driven.size() == 2);
    driven.clear();
    w32(GEN_CONF, ENABLE | LEGACY);  // inputs 2 and 8 instead
    const Instant t = timeline.now();
    CHECK(driven == std::vector<Driven>{{t, 20, false, {}}, {t, 21, false, {}}, {t, 2, true, {}}, {t, 8, true, {}}});
}
