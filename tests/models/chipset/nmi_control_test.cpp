// SPDX-License-Identifier: Apache-2.0
// Ports 61h and 70h: NMI_SC and NMI_EN of the ICH datasheets; CPU-22.
#include <string>
#include <vector>

#include "models/chipset/nmi_control.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using namespace hldsim::literals;
using Kind = regs::Diagnosis::Kind;

namespace {

struct NmiFixture : SpeakerTimer, InterruptPins {
    NmiFixture() {
        control.diagnosis.subscribe([this](const regs::Diagnosis& d) {
            diagnoses.push_back(d.kind);
            sentences.emplace_back(d.what);
        });
        control.output_moved.subscribe(
            [this](const chipset::OutputMoved& now) { moved.emplace_back(now.at, now.level); });
        out(0x70, 0x00);  // as firmware does
    }
    void gate2(bool level) override { gate = level; }
    bool output2() override { return timer_out; }
    void drive(unsigned input, bool active, Token token) override {
        CHECK(input == 1);
        line = active;
        if (active) {
            carried.push_back(token.source);
        }
    }
    void reset() {
        control.reset_enter();
        control.reset_hold();
        control.reset_exit();
    }
    unsigned in(std::uint32_t port = 0x61) { return static_cast<unsigned>(control.read(port, Size::B1)); }
    void out(std::uint32_t port, unsigned value) { control.write(port, Size::B1, value); }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    TokenCounter tokens;
    ChipsetProfile profile{15_us};
    bool gate = false;
    bool timer_out = false;
    bool line = false;
    std::vector<Source> carried;
    std::vector<Kind> diagnoses;
    std::vector<std::string> sentences;
    std::vector<std::pair<Instant, bool>> moved;
    NmiControl control{"control", timeline, profile, *this, *this, tokens};
};

}  // namespace

TEST_CASE_METHOD(NmiFixture, "a reason is latched until 1 and then 0 is written to its bit", "[chipset][CPU-22]") {
    control.assert_serr();
    CHECK(line);
    CHECK(carried == std::vector<Source>{Source::Serr});
    CHECK(in() == 0x80);
    out(0x61, 0x08);  // the other's bit
    CHECK(in() == 0x88);
    CHECK(line);
    out(0x61, 0x04);
    CHECK(in() == 0x04);
    CHECK_FALSE(line);
    control.assert_serr();  // disabled
    CHECK(in() == 0x04);
    out(0x61, 0x00);
    control.assert_serr();
    CHECK(in() == 0x80);
    CHECK(line);
}

TEST_CASE_METHOD(NmiFixture, "two reasons make one edge; the second still shows", "[chipset][CPU-22]") {
    control.assert_iochk();
    control.assert_serr();
    CHECK(carried == std::vector<Source>{Source::Iochk});
    CHECK(in() == 0xc0);
    out(0x61, 0x08);
    CHECK(line);  // SERR# holds it: no new edge, no new NMI
    out(0x61, 0x0c);
    CHECK_FALSE(line);
}

TEST_CASE_METHOD(NmiFixture, "each move of NMI# is told, with its instant", "[chipset][CPU-22]") {
    timeline.run_until(Instant{} + 3_us);
    control.assert_serr();
    control.assert_iochk();
    timeline.run_until(Instant{} + 5_us);
    out(0x61, 0x04);
    out(0x61, 0x0c);
    CHECK(moved == std::vector<std::pair<Instant, bool>>{{Instant{} + 3_us, true}, {Instant{} + 5_us, false}});
}

TEST_CASE_METHOD(NmiFixture, "a reason without effect is diagnosed", "[chipset][CPU-22]") {
    control.assert_serr();
    CHECK(sentences.empty());
    control.assert_serr();
    CHECK(sentences == std::vector<std::string>{"a reason of an NMI is asserted that nobody has cleared yet"});
    out(0x61, 0x04);
    control.assert_serr();
    CHECK(sentences.back() == "a reason of an NMI is asserted that port 61h holds off");
    CHECK(diagnoses == std::vector<Kind>{Kind::Misuse, Kind::Misuse});
}

TEST_CASE_METHOD(NmiFixture, "port 70h, bit 7, holds the line, not the reason", "[chipset][CPU-22]") {
    out(0x70, 0x80);
    control.assert_serr();
    CHECK_FALSE(line);
    CHECK(in() == 0x80);
    out(0x70, 0x0d);
    CHECK(line);
}

TEST_CASE_METHOD(NmiFixture, "behind a reset the line is held until firmware clears bit 7 of port 70h",
                 "[chipset][CPU-22][reset]") {
    reset();
    control.assert_serr();
    CHECK_FALSE(line);
    out(0x70, 0x00);
    CHECK(line);
}

TEST_CASE_METHOD(NmiFixture, "bits 5 and 0 are the 8254's counter 2", "[chipset]") {
    out(0x61, 0x03);
    CHECK(gate);
    timer_out = true;
    CHECK(in() == 0x23);
    out(0x61, 0x00);
    CHECK_FALSE(gate);
}

TEST_CASE_METHOD(NmiFixture, "bit 4 changes with each refresh", "[chipset]") {
    CHECK(in() == 0);
    timeline.run_until(Instant{(15_us).fs - 1});
    CHECK(in() == 0);
    timeline.run_until(Instant{} + 15_us);
    CHECK(in() == 0x10);
    timeline.run_until(Instant{} + 30_us);
    CHECK(in() == 0);
}

TEST_CASE_METHOD(NmiFixture, "read-only bits do not move; only bytes; port 70h is not read", "[chipset]") {
    out(0x61, 0xf0);
    CHECK(in() == 0);
    CHECK(control.read(0x61, Size::B2) == 0xffff);
    control.write(0x61, Size::B4, 1);
    CHECK(in(0x70) == 0xff);
    out(0x62, 1);
    CHECK(diagnoses == std::vector<Kind>{Kind::Size, Kind::Size, Kind::Undefined, Kind::Undefined});
}

TEST_CASE_METHOD(NmiFixture, "a reset forgets the reasons and lets the line go", "[chipset][reset]") {
    reset();
    const std::string fresh = control.dump();
    out(0x70, 0x00);
    control.assert_serr();
    REQUIRE(line);
    reset();
    CHECK_FALSE(line);
    CHECK(control.dump() == fresh);
}

TEST_CASE_METHOD(NmiFixture, "a reset clears what software has written to port 61h", "[chipset][reset]") {
    out(0x61, 0x0f);
    REQUIRE((in() & 0x0f) == 0x0f);
    reset();
    CHECK((in() & 0x0f) == 0);
    control.assert_serr();
    CHECK(diagnoses.empty());  // its bit holds nothing off any more
}
