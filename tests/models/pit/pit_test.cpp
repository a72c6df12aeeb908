// SPDX-License-Identifier: Apache-2.0
// The 8254, mode by mode, at exact pulses: 8254 datasheet (order 231164), "Mode definitions".
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/pit/pit.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::literals;
using Kind = regs::Diagnosis::Kind;

namespace {

struct PitFixture {
    static constexpr std::uint32_t CONTROL = 0x43;
    static constexpr std::uint8_t LOW = 0x10, HIGH = 0x20, BOTH = 0x30, BCD = 0x01;
    static constexpr std::uint8_t counter(unsigned n) { return static_cast<std::uint8_t>(n << 6U); }
    static constexpr std::uint8_t mode(unsigned m) { return static_cast<std::uint8_t>(m << 1U); }

    struct Output final : InterruptPins {
        explicit Output(PitFixture& f) : fixture{f} {}
        void drive(unsigned /*input*/, bool active, Token token) override {
            fixture.moves.emplace_back(fixture.pulse(), active);
            fixture.tokens_seen.push_back(token);
        }
        PitFixture& fixture;
    };
    using Moves = std::vector<std::pair<std::uint64_t, bool>>;

    PitFixture() {
        pit.diagnosis.subscribe([this](const regs::Diagnosis& d) { diagnoses.push_back(d.kind); });
    }
    /// The number of the last pulse.
    std::uint64_t pulse() const { return clock.last_at(timeline.now())->index; }
    Instant at(std::uint64_t k) const { return clock.edge({k}); }
    /// Between pulse k and the next.
    void to(std::uint64_t k) { timeline.run_until(at(k) + 1_fs); }
    void out(std::uint32_t port, unsigned value) { pit.write(port, Size::B1, value); }
    unsigned in(std::uint32_t port) { return static_cast<unsigned>(pit.read(port, Size::B1)); }
    void start(unsigned m, unsigned count, unsigned flags = 0, unsigned n = 0) {
        out(CONTROL, counter(n) | BOTH | mode(m) | flags);
        out(0x40 + n, count & 0xff);
        out(0x40 + n, count >> 8);
    }
    unsigned latched(unsigned n) {
        out(CONTROL, counter(n));
        const unsigned low = in(0x40 + n);
        return in(0x40 + n) << 8 | low;
    }
    unsigned status(unsigned n) {
        out(CONTROL, 0xe0U | 2U << n);
        return in(0x40 + n);
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    ClockDomain clock = ClockDomain::of_frequency(Pit::CLOCK);
    Moves moves;
    std::vector<Token> tokens_seen;
    std::vector<Kind> diagnoses;
    Output output{*this};
    TokenCounter tokens;
    Pit pit{"pit", timeline, output, tokens};
};

}  // namespace

TEST_CASE_METHOD(PitFixture, "the clock is exactly 105/88 MHz: no drift after an hour", "[pit]") {
    CHECK(clock.edge({105'000'000}) == Instant{} + 88_s);
    CHECK(clock.edge({1'193'182}).fs == 1'000'000'152'380'953);
}

TEST_CASE_METHOD(PitFixture, "mode 0: OUT rises N + 1 pulses after the count was written, not one femtosecond before",
                 "[pit][8254/mode 0]") {
    to(10);
    start(0, 5);
    CHECK(moves.empty());
    timeline.run_until(Instant{at(16).fs - 1});
    CHECK(moves.empty());
    timeline.run_until(at(16));
    CHECK(moves == Moves{{16, true}});
    CHECK(tokens_seen[0].source == Source::Pit);
    to(200'000);
    CHECK(moves.size() == 1);
    CHECK(latched(0) == (65'536 * 4 - (200'000 - 16)) % 65'536);  // it counts on, through the wrap
}

TEST_CASE_METHOD(PitFixture, "mode 0: the first byte of a new count stops it and lowers OUT", "[pit][8254/mode 0]") {
    start(0, 3);
    to(10);
    REQUIRE(moves == Moves{{4, true}});
    out(0x40, 9);
    CHECK(moves.back() == std::pair<std::uint64_t, bool>{10, false});
    const unsigned stopped = latched(0);
    to(50);
    CHECK(latched(0) == stopped);
    out(0x40, 0);
    to(100);
    CHECK(moves.back() == std::pair<std::uint64_t, bool>{60, true});
}

TEST_CASE_METHOD(PitFixture, "mode 2: low for the pulse at which the count is 1, period N", "[pit][8254/mode 2]") {
    start(2, 4);
    CHECK(moves == Moves{{0, true}});
    to(12);
    CHECK(moves == Moves{{0, true}, {4, false}, {5, true}, {8, false}, {9, true}, {12, false}});
}

TEST_CASE_METHOD(PitFixture, "mode 2: a new count acts from the end of the period on", "[pit][8254/mode 2]") {
    start(2, 10);
    to(3);
    out(0x40, 3);
    out(0x40, 0);
    to(18);
    CHECK(moves == Moves{{0, true}, {10, false}, {11, true}, {13, false}, {14, true}, {16, false}, {17, true}});
}

TEST_CASE_METHOD(PitFixture, "mode 2: a count of 0 is 65536", "[pit][8254/mode 2]") {
    start(2, 0);
    to(65'538);
    CHECK(moves == Moves{{0, true}, {65'536, false}, {65'537, true}});
}

TEST_CASE_METHOD(PitFixture, "mode 2: an hour later the tick is still on its pulse", "[pit][8254/mode 2]") {
    start(2, 59'659, 0, 2);  // counter 2: nobody waits for its output
    pit.gate2(true);
    const std::uint64_t hour = 105'000'000ULL * 3600 / 88;
    to(hour);
    const std::uint64_t since_load = hour - 1;
    CHECK(latched(2) == 59'659 - since_load % 59'659);
}

TEST_CASE_METHOD(PitFixture, "mode 3: even counts are square, odd ones high for one pulse more", "[pit][8254/mode 3]") {
    SECTION("even") {
        start(3, 6);
        to(13);
        CHECK(moves == Moves{{0, true}, {4, false}, {7, true}, {10, false}, {13, true}});
    }
    SECTION("odd") {
        start(3, 5);
        to(11);
        CHECK(moves == Moves{{0, true}, {4, false}, {6, true}, {9, false}, {11, true}});
    }
}

TEST_CASE_METHOD(PitFixture, "mode 3: a new count acts from the end of the half cycle on", "[pit][8254/mode 3]") {
    start(3, 8);
    to(2);
    out(0x40, 4);
    out(0x40, 0);
    to(11);
    CHECK(moves == Moves{{0, true}, {5, false}, {7, true}, {9, false}, {11, true}});
}

TEST_CASE_METHOD(PitFixture, "mode 4: one pulse low, N + 1 pulses after the write", "[pit][8254/mode 4]") {
    start(4, 3);
    to(100);
    CHECK(moves == Moves{{0, true}, {4, false}, {5, true}});
}

TEST_CASE_METHOD(PitFixture, "modes 1 and 5 wait for a trigger, which counter 0 never gets", "[pit][8254/mode 1]") {
    const unsigned m = GENERATE(1U, 5U);
    start(m, 3);
    to(100'000);
    CHECK(moves == Moves{{0, true}});
    CHECK((status(0) & 0x40) != 0);  // the count is never loaded
}

TEST_CASE_METHOD(PitFixture, "mode 1: a rise of the gate starts the pulse, another one prolongs it",
                 "[pit][8254/mode 1]") {
    start(1, 5, 0, 2);
    CHECK(pit.output2());
    to(10);
    pit.gate2(true);
    CHECK(pit.output2());
    to(11);
    CHECK_FALSE(pit.output2());
    to(13);
    pit.gate2(false);
    pit.gate2(true);
    to(18);
    CHECK_FALSE(pit.output2());
    to(19);
    CHECK(pit.output2());
}

TEST_CASE_METHOD(PitFixture, "mode 5: a rise of the gate starts the count to one pulse low", "[pit][8254/mode 5]") {
    start(5, 3, 0, 2);
    to(10);
    pit.gate2(true);
    to(13);
    CHECK(pit.output2());
    to(14);
    CHECK_FALSE(pit.output2());
    to(15);
    CHECK(pit.output2());
}

TEST_CASE_METHOD(PitFixture, "mode 5: a fall of the gate does not stop the count", "[pit][8254/mode 5]") {
    start(5, 5, 0, 2);
    to(10);
    pit.gate2(true);
    to(12);
    pit.gate2(false);
    to(16);
    CHECK_FALSE(pit.output2());
}

TEST_CASE_METHOD(PitFixture, "modes 6 and 7 are modes 2 and 3", "[pit][8254/control word]") {
    const bool square = GENERATE(false, true);
    start(square ? 7 : 6, 10);
    to(12);
    CHECK(moves == (square ? Moves{{0, true}, {6, false}, {11, true}} : Moves{{0, true}, {10, false}, {11, true}}));
}

TEST_CASE_METHOD(PitFixture, "gate low stops modes 0, 2, 3 and 4, and lifts the output of 2 and 3",
                 "[pit][8254/gate]") {
    const unsigned m = GENERATE(0U, 2U, 3U, 4U);
    pit.gate2(true);
    start(m, 100, 0, 2);
    to(m == 3 ? 60 : 20);
    if (m == 3) {
        CHECK_FALSE(pit.output2());
    }
    pit.gate2(false);
    CHECK(pit.output2() == (m != 0));
    const unsigned stopped = latched(2);
    to(1000);
    CHECK(latched(2) == stopped);
    pit.gate2(true);
    to(1001);
    CHECK(latched(2) == (m == 2 || m == 3 ? 100 : stopped - 1));  // 2 and 3 are loaded anew
}

TEST_CASE_METHOD(PitFixture, "a decimal digit above 9 counts as its value, within four digits", "[pit][8254/BCD]") {
    pit.gate2(true);
    start(2, 0xffff, BCD, 2);  // 16665: a period of 6665
    to(1);
    CHECK(latched(2) == 0x6665);
    to(20'001);
    CHECK(latched(2) == 0x6660);
}

TEST_CASE_METHOD(PitFixture, "decimal counters count by decimal digits", "[pit][8254/BCD]") {
    start(2, 0x1000, BCD);
    to(2);
    CHECK(latched(0) == 0x0999);
    to(1001);
    CHECK(moves == Moves{{0, true}, {1000, false}, {1001, true}});
}

TEST_CASE_METHOD(PitFixture, "a latched count stays until it has been read, the running one moves",
                 "[pit][8254/latch]") {
    start(2, 1000);
    to(11);
    out(CONTROL, counter(0));
    to(101);
    out(CONTROL, counter(0));  // a second latch is ignored
    CHECK(in(0x40) == (990 & 0xff));
    CHECK(in(0x40) == 990 >> 8);
    CHECK(in(0x40) == (900 & 0xff));
}

TEST_CASE_METHOD(PitFixture, "one byte of a count alone: the other is 0", "[pit][8254/read and write]") {
    out(CONTROL, counter(0) | HIGH | mode(2));
    out(0x40, 0x01);
    to(1);
    CHECK(in(0x40) == 0x01);
    to(2);
    CHECK(in(0x40) == 0x00);
    out(CONTROL, counter(0) | LOW | mode(2));
    out(0x40, 0x10);
    to(3);
    CHECK(in(0x40) == 0x10);
}

TEST_CASE_METHOD(PitFixture, "read-back latches status and count of several counters at once",
                 "[pit][8254/read-back]") {
    start(2, 1000, 0, 0);
    start(3, 50, BCD, 1);
    to(11);
    out(CONTROL, 0xc6);  // status and count of counters 0 and 1
    to(200);
    CHECK(in(0x40) == 0xb4);  // OUT, loaded, low and high byte, mode 2
    CHECK(in(0x40) == (990 & 0xff));
    CHECK(in(0x40) == 990 >> 8);
    CHECK(in(0x41) == 0xb7);
    CHECK(diagnoses.empty());
    out(CONTROL, 0xc3);
    CHECK(diagnoses == std::vector<Kind>{Kind::Reserved});
}

TEST_CASE_METHOD(PitFixture, "the null count bit reads 1 until a written count is loaded", "[pit][8254/read-back]") {
    start(2, 1000);
    CHECK((status(0) & 0x40) != 0);
    to(1);
    CHECK((status(0) & 0x40) == 0);
    out(0x40, 5);
    CHECK((status(0) & 0x40) == 0);
    out(0x40, 0);
    CHECK((status(0) & 0x40) != 0);
}

TEST_CASE_METHOD(PitFixture, "a count of 1 in modes 2 and 3 is illegal: no tick, and time goes on", "[pit]") {
    start(GENERATE(2U, 3U), 1);
    to(1000);
    CHECK(moves == Moves{{0, true}});
    CHECK(pit.next_change() == Instant::never());
}

TEST_CASE_METHOD(PitFixture, "only bytes, and the control port is not read", "[pit]") {
    CHECK(pit.read(0x40, Size::B2) == 0xffff);
    pit.write(CONTROL, Size::B4, 0x34);
    CHECK(in(CONTROL) == 0xff);
    out(0x44, 0);
    CHECK(diagnoses == std::vector<Kind>{Kind::Size, Kind::Size, Kind::Undefined, Kind::Undefined});
}

TEST_CASE_METHOD(PitFixture, "before its control word a counter takes nothing", "[pit]") {
    out(0x40, 5);
    out(0x40, 0);
    to(100);
    CHECK(moves.empty());
}

TEST_CASE_METHOD(PitFixture, "a reset leaves a new 8254 and lets its output go; copied state goes on", "[pit][reset]") {
    timeline.following(false);  // SystemC's time cannot be put back
    const std::string fresh = pit.dump();
    start(2, 100);
    to(50);
    StateCopy copy;
    copy.save_anew();
    copy(timeline);
    copy(pit);
    const std::string in_use = pit.dump();
    to(350);
    const Moves whole = moves;
    CHECK(whole.size() == 7);
    copy.restore_from_begin();
    copy(timeline);
    copy(pit);
    pit.reset_enter();
    pit.reset_hold();
    CHECK(moves.back() == std::pair<std::uint64_t, bool>{50, false});
    CHECK(pit.dump() == fresh);
    CHECK(pit.next_change() == Instant::never());
    copy.restore_from_begin();
    copy(timeline);
    copy(pit);
    CHECK(pit.dump() == in_use);
    moves.resize(1);  // up to the copy
    to(350);
    CHECK(moves == whole);
}

TEST_CASE_METHOD(PitFixture, "the text of the state shows what no register shows", "[pit]") {
    start(2, 100);
    start(5, 100, 0, 2);
    to(50);
    const std::string before = pit.dump();
    SECTION("a latched count") { out(CONTROL, counter(0)); }
    SECTION("a latched status") { out(CONTROL, 0xe2); }
    SECTION("the first byte of a count that is written") { out(0x40, 7); }
    SECTION("the first byte of a count that is read") { in(0x40); }
    SECTION("a trigger that the next pulse takes") { pit.gate2(true); }
    CHECK(pit.dump() != before);
}

TEST_CASE_METHOD(PitFixture, "a latched count of one byte is read once; then the count itself is read",
                 "[pit][8254/latch]") {
    pit.gate2(true);
    out(CONTROL, counter(2) | LOW | mode(2));
    out(0x42, 100);
    to(10);
    out(CONTROL, counter(2));
    const unsigned latch = in(0x42);
    to(20);
    CHECK(in(0x42) == latch - 10);
}

TEST_CASE_METHOD(PitFixture, "a status that is latched and not read stays as it is", "[pit][8254/read-back]") {
    pit.gate2(true);
    start(0, 5, 0, 2);
    to(1);
    out(CONTROL, 0xe8);
    to(20);
    REQUIRE(pit.output2());
    out(CONTROL, 0xe8);
    CHECK((in(0x42) & 0x80) == 0);
}
