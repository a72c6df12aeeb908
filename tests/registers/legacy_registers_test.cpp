// SPDX-License-Identifier: Apache-2.0
// The standard tests over what an 8259 and the chipset's NMI ports have of registers. Their command words are
// sequences, not registers: tests/models/pic and tests/models/pit go through them.
#include "models/chipset/nmi_control.hpp"
#include "models/chipset/registers.hpp"
#include "models/pic/pic.hpp"
#include "models/pic/registers.hpp"
#include "models/pit/pit.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/nowhere.hpp"
#include "tests/registers/standard_tests.hpp"

using namespace hldsim;

namespace {

/// One chip of the pair, initialised for 8086 mode.
class PicSubject final : public registers::Subject {
public:
    explicit PicSubject(bool slave) : slave_{slave}, command_{slave ? 0xa0U : 0x20U} {
        for (const char* word : {"ICW1", "ICW2", "ICW3", "ICW4", "OCW2", "OCW3", "POLL"}) {
            shape_.limit(word, 0);
        }
        shape_.limit(slave ? "ELCR1" : "ELCR2", 0);
        reset();
    }

    std::uint64_t read(std::uint32_t offset, Size size) override {
        const std::uint32_t port = port_of(offset);
        if (port == command_) {
            constexpr std::uint64_t READ_IRR = 0x0a;
            constexpr std::uint64_t READ_ISR = 0x0b;
            pic_.write(command_, Size::B1, offset == shape_.spec(shape_.slot("ISR")).offset ? READ_ISR : READ_IRR);
        }
        return pic_.read(port, size);
    }
    void write(std::uint32_t offset, Size size, std::uint64_t value) override {
        if (const std::uint32_t port = port_of(offset); port != command_) {
            pic_.write(port, size, value);
        }
    }
    void reset() override {
        pic_.reset_enter();
        pic_.reset_hold();
        pic_.reset_exit();
        pic_.write(command_, Size::B1, 0x11);
        for (const std::uint64_t word : {std::uint64_t{0x30}, std::uint64_t{slave_ ? 2U : 4U}, std::uint64_t{1}}) {
            pic_.write(command_ + 1, Size::B1, word);
        }
    }
    std::string dump() override { return pic_.dump(); }
    const regs::File& shape() const override { return shape_; }

private:
    std::uint32_t port_of(std::uint32_t offset) const {
        const auto at = [&](const char* name) { return shape_.spec(shape_.slot(name)).offset; };
        if (offset == at("IRR") || offset == at("ISR")) {
            return command_;
        }
        if (offset == at("OCW1")) {
            return command_ + 1;
        }
        return slave_ ? 0x4d1 : 0x4d0;
    }

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    registers::Nowhere nowhere_;
    regs::File shape_{pic::MAP, {Size::B1}};
    bool slave_;
    std::uint32_t command_;
    Pic pic_{"pic", timeline_, {}, nowhere_};
};

class NmiSubject final : public registers::Subject {
public:
    NmiSubject() {
        shape_.limit("NMI_EN", 0);  // write-only: tests/models/chipset
        reset();
    }

    std::uint64_t read(std::uint32_t offset, Size size) override { return nmi_.read(offset, size); }
    void write(std::uint32_t offset, Size size, std::uint64_t value) override { nmi_.write(offset, size, value); }
    void reset() override {
        pit_.reset_enter();
        nmi_.reset_enter();
        pit_.reset_hold();
        nmi_.reset_hold();
        pit_.reset_exit();
        nmi_.reset_exit();
    }
    std::string dump() override { return nmi_.dump(); }
    const regs::File& shape() const override { return shape_; }

private:
    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    registers::Nowhere nowhere_;
    TokenCounter tokens_;
    regs::File shape_{chipset::MAP, {Size::B1}};
    Pit pit_{"pit", timeline_, nowhere_, tokens_};
    NmiControl nmi_{"nmi", timeline_, {}, pit_, nowhere_, tokens_};
};

void all_standard_tests(registers::Subject& subject) {
    SECTION("every register reads its reset value") { registers::test_reset(subject, {Size::B1}); }
    SECTION("what is written to storage reads back") { registers::test_rw(subject); }
    SECTION("each bit alone is writable or is not, as its row says") { registers::test_bit_walk(subject); }
    SECTION("no register answers in another's place") { registers::test_aliasing(subject); }
    SECTION("a reset in the middle of anything leaves a new device") { registers::test_reset_in_the_middle(subject); }
}

}  // namespace

TEST_CASE("pic: the standard tests of registers", "[registers][pic]") {
    PicSubject subject{GENERATE(false, true)};
    all_standard_tests(subject);
}

TEST_CASE("chipset: the standard tests of registers", "[registers][chipset]") {
    NmiSubject subject;
    all_standard_tests(subject);
}

TEST_CASE("chipset: an access of a wrong size changes nothing", "[registers][chipset]") {
    NmiSubject subject;
    registers::test_wrong_accesses(subject, 0x61, 0x61,
                                   [](std::uint32_t /*offset*/, Size size) { return size == Size::B1; });
}

TEST_CASE("ports of the 8259 pair and the 8254: whatever is not a byte changes nothing", "[registers][pic][pit]") {
    sim::Session session;
    sim::Timeline timeline{"timeline"};
    registers::Nowhere nowhere;
    TokenCounter tokens;
    Pic pic{"pic", timeline, {}, nowhere};
    Pit pit{"pit", timeline, nowhere, tokens};
    const std::string before = pic.dump() + pit.dump();
    for (const Size size : {Size::B2, Size::B4, Size::B8}) {
        for (const std::uint32_t port : {0x20U, 0x21U, 0xa0U, 0xa1U, 0x4d0U, 0x4d1U}) {
            CHECK(pic.read(port, size) == byte_mask(bytes(size)));
            pic.write(port, size, ~0ULL);
        }
        for (const std::uint32_t port : {0x40U, 0x41U, 0x42U, 0x43U}) {
            CHECK(pit.read(port, size) == byte_mask(bytes(size)));
            pit.write(port, size, ~0ULL);
        }
        CHECK(pic.dump() + pit.dump() == before);
    }
}

// ---- the 8254: its words are sequences, so that "reads back" is the read-back command, and a count

namespace {

struct PitPorts {
    static constexpr std::uint32_t CONTROL = 0x43;
    void out(std::uint32_t port, unsigned value) { pit.write(port, Size::B1, value); }
    unsigned in(std::uint32_t port) { return static_cast<unsigned>(pit.read(port, Size::B1)); }
    unsigned status(unsigned n) {
        out(CONTROL, 0xe0U | 2U << n);
        return in(0x40 + n);
    }
    void reset() {
        pit.reset_enter();
        pit.reset_hold();
        pit.reset_exit();
    }
    void pulses(unsigned count) { timeline.run_until(timeline.now() + Duration{838'095'239} * count); }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    registers::Nowhere nowhere;
    TokenCounter tokens;
    Pit pit{"pit", timeline, nowhere, tokens};
};

}  // namespace

TEST_CASE("pit: each control word reads back in its counter's status, and in no other's", "[registers][pit]") {
    PitPorts f;
    for (unsigned n = 0; n < 3; ++n) {
        for (unsigned word = 0x10; word < 0x40; ++word) {  // access 1 to 3, each mode, binary and decimal
            INFO("counter " << n << ", word " << word);
            f.reset();
            unsigned others[3] = {f.status(0), f.status(1), f.status(2)};
            f.out(PitPorts::CONTROL, n << 6U | word);
            const unsigned mode = word >> 1U & 7U;
            const unsigned output = mode == 0 ? 0U : 0x80U;  // OUT after the control word: "Mode definitions"
            CHECK((f.status(n) & 0xbfU) == (output | (word & 0x3fU)));
            CHECK((f.status(n) & 0x40U) == 0x40U);  // no count yet
            for (const unsigned other : {(n + 1) % 3, (n + 2) % 3}) {
                CHECK(f.status(other) == others[other]);
            }
        }
    }
}

TEST_CASE("pit: each count that is written is the one that is read, by the byte or bytes that the word names",
          "[registers][pit]") {
    PitPorts f;
    const unsigned access = GENERATE(1U, 2U, 3U);
    for (unsigned n = 0; n < 2; ++n) {  // counter 2 has its gate low after a reset
        for (const unsigned count : {0x0001U, 0x0080U, 0x00ffU, 0x0100U, 0x1234U, 0x8000U, 0xa55aU, 0xffffU}) {
            INFO("counter " << n << ", count " << count << ", access " << access);
            f.reset();
            f.out(PitPorts::CONTROL, n << 6U | access << 4U);
            if ((access & 1U) != 0) {
                f.out(0x40 + n, count & 0xffU);
            }
            if ((access & 2U) != 0) {
                f.out(0x40 + n, count >> 8U);
            }
            f.pulses(1);  // loads it; the next one counts
            const unsigned whole = (access & 1U) != 0 ? ((access & 2U) != 0 ? count : count & 0xffU) : count & 0xff00U;
            if ((access & 1U) != 0) {
                CHECK(f.in(0x40 + n) == (whole & 0xffU));
            }
            if ((access & 2U) != 0) {
                CHECK(f.in(0x40 + n) == whole >> 8U);
            }
        }
    }
}

TEST_CASE("pit: no counter answers in another's place", "[registers][pit]") {
    PitPorts f;
    for (unsigned n = 0; n < 3; ++n) {
        f.out(PitPorts::CONTROL, n << 6U | 0x30U | 1U << 1U);  // mode 1: waits for a trigger, so nothing moves
        f.out(0x40 + n, 0x11U * (n + 1));
        f.out(0x40 + n, 0x22U * (n + 1));
    }
    f.out(PitPorts::CONTROL, 0x70U);  // counter 1 again, mode 0
    f.out(0x41, 0x99);
    f.out(0x41, 0x66);
    f.pulses(1);
    CHECK(f.in(0x41) == 0x99);
    CHECK(f.in(0x41) == 0x66);
    CHECK((f.status(0) & 0x3fU) == 0x32);
    CHECK((f.status(1) & 0x3fU) == 0x30);
    CHECK((f.status(2) & 0x3fU) == 0x32);
}

TEST_CASE("pit: a reset in the middle of anything leaves a new device", "[registers][pit]") {
    PitPorts f;
    f.reset();
    const std::string fresh = f.pit.dump();
    std::uint32_t random = 0x2545'f491;
    int changed = 0;
    for (int round = 0; round < 50; ++round) {
        for (int step = 0; step < 20; ++step) {
            random = random * 1664525U + 1013904223U;
            f.out(0x40 + (random >> 24 & 3U), random >> 8 & 0xffU);
            if ((random & 0x7000'0000U) == 0) {
                f.pulses(1 + (random >> 16 & 0xffU));
            }
        }
        changed += f.pit.dump() != fresh ? 1 : 0;
        f.reset();
        CHECK(f.pit.dump() == fresh);
    }
    CHECK(changed > 25);
}

TEST_CASE("chipset: each value of port 70h gates the line by bit 7 alone, and the port reads nothing",
          "[registers][chipset][CPU-22]") {
    sim::Session session;
    sim::Timeline timeline{"timeline"};
    registers::Nowhere nowhere;
    TokenCounter tokens;
    Pit pit{"pit", timeline, nowhere, tokens};
    NmiControl nmi{"nmi", timeline, {}, pit, nowhere, tokens};
    nmi.reset_enter();
    nmi.reset_hold();
    nmi.reset_exit();
    nmi.assert_serr();
    for (unsigned value = 0; value < 256; ++value) {
        CAPTURE(value);
        nmi.write(0x70, Size::B1, value);
        CHECK(nmi.output() == (value < 0x80));
        CHECK(nmi.read(0x70, Size::B1) == 0xff);
        CHECK((nmi.read(0x61, Size::B1) & 0x80U) == 0x80U);  // the reason stays
    }
    nmi.write(0x70, Size::B1, 0);
    const std::string before = nmi.dump();
    for (const Size size : {Size::B2, Size::B4, Size::B8}) {
        nmi.write(0x70, size, ~0ULL);
        nmi.read(0x70, size);
        CHECK(nmi.dump() == before);
    }
}
