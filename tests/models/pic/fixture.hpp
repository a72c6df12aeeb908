// SPDX-License-Identifier: Apache-2.0
// An 8259A pair with what its output does on record.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "models/pic/pic.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

struct PicFixture {
    static constexpr std::uint32_t MASTER = 0x20, SLAVE = 0xa0;
    static constexpr std::uint8_t EOI = 0x20;

    struct Output final : InterruptPins {
        void drive(unsigned /*input*/, bool active, Token token) override {
            level = active;
            rises += active ? 1 : 0;
            if (active) {
                carried = token;
            }
        }
        bool level = false;
        int rises = 0;
        Token carried;
    };

    PicFixture() { make({}); }

    void make(const PicProfile& profile) {
        pic.reset();
        intr = {};
        static unsigned made = 0;
        pic = std::make_unique<Pic>(("pic" + std::to_string(++made)).c_str(), timeline, profile, intr);
        pic->diagnosis.subscribe([this](const regs::Diagnosis& d) { diagnoses.push_back(d.kind); });
    }
    /// Vectors 30h and 38h, nothing masked, as `icw4` says.
    void initialise(std::uint8_t icw4 = 0x01, std::uint8_t icw1 = 0x11) {
        for (const std::uint32_t chip : {MASTER, SLAVE}) {
            out(chip, icw1);
            out(chip + 1, chip == MASTER ? 0x30 : 0x38);
            out(chip + 1, chip == MASTER ? 0x04 : 0x02);
            out(chip + 1, icw4);
            out(chip + 1, 0x00);
        }
    }
    void out(std::uint32_t port, std::uint8_t value) { pic->write(port, Size::B1, value); }
    unsigned in(std::uint32_t port) { return static_cast<unsigned>(pic->read(port, Size::B1)); }
    void raise(unsigned irq, Token token = {}) { pic->drive(irq, true, token); }
    void lower(unsigned irq) { pic->drive(irq, false, {}); }
    unsigned inta() {
        taken.clear();
        return pic->acknowledge_external(taken);
    }
    unsigned isr(std::uint32_t chip) {
        out(chip, 0x0b);
        return in(chip);
    }
    unsigned irr(std::uint32_t chip) {
        out(chip, 0x0a);
        return in(chip);
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Output intr;
    std::vector<regs::Diagnosis::Kind> diagnoses;
    TokenSet taken;
    std::unique_ptr<Pic> pic;
};

}  // namespace hldsim::test
