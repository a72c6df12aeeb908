// SPDX-License-Identifier: Apache-2.0
#include "models/pic/chip.hpp"

#include <string_view>
#include <utility>

#include "models/pic/registers.hpp"
#include "models/regs/print.hpp"

namespace hldsim::pic {

namespace {

constexpr const Register& ICW1 = regs::row(REGISTERS, "ICW1");
constexpr const Register& ICW4 = regs::row(REGISTERS, "ICW4");
constexpr const Register& OCW2 = regs::row(REGISTERS, "OCW2");
constexpr const Register& OCW3 = regs::row(REGISTERS, "OCW3");
constexpr unsigned INPUTS = 8;

bool has(std::uint8_t set, unsigned input) { return (set >> input & 1U) != 0; }
std::uint8_t bit(unsigned input) { return static_cast<std::uint8_t>(1U << input); }
std::uint8_t without(std::uint8_t set, unsigned input) { return static_cast<std::uint8_t>(set & ~(1U << input)); }

}  // namespace

void Chip::reset() {
    const std::uint8_t lines = lines_;
    *this = Chip{master_, follows_line_};
    lines_ = lines;
}

// ---- inputs

// "Edge and level triggered modes": in both the input must stay high until the first INTA; else IR7 is taken by
// default.
std::uint8_t Chip::irr() const {
    const std::uint8_t levels = level_ ? 0xff : elcr_;
    const std::uint8_t edges = follows_line_ ? latched_ & lines_ : latched_;
    return static_cast<std::uint8_t>((edges & ~levels) | (lines_ & levels));
}

void Chip::drive(unsigned input, bool level) {
    if (level == line(input)) {
        return;
    }
    lines_ = static_cast<std::uint8_t>(lines_ ^ bit(input));
    if (level) {
        latched_ = static_cast<std::uint8_t>(latched_ | bit(input));
    } else if (follows_line_) {
        latched_ = without(latched_, input);
    }
}

// ---- the bus

// "Initialization command words": the edge sense is reset, so an input must rise anew; IMR is cleared; IR7 is lowest.
void Chip::initialise(std::uint8_t value) {
    const std::uint8_t elcr = elcr_;
    reset();
    elcr_ = elcr;
    level_ = ICW1.field("LTIM").get(value) != 0;
    single_ = ICW1.field("SNGL").get(value) != 0;
    wants_icw4_ = ICW1.field("IC4").get(value) != 0;
    step_ = Step::Icw2;
}

void Chip::next_step() {
    if (step_ == Step::Icw2 && !single_) {
        step_ = Step::Icw3;
    } else if (step_ != Step::Icw4 && wants_icw4_) {
        step_ = Step::Icw4;
    } else {
        step_ = Step::Ready;
    }
}

void Chip::write_command(std::uint8_t value) {
    if (ICW1.field("ICW1").get(value) != 0) {
        return initialise(value);
    }
    if (OCW3.field("OCW3").get(value) == 0) {
        return operate(value);
    }
    if (OCW3.field("ESMM").get(value) != 0) {
        special_mask_ = OCW3.field("SMM").get(value) != 0;
    }
    polls_ = OCW3.field("P").get(value) != 0;
    if (!polls_ && OCW3.field("RR").get(value) != 0) {  // P beats RR: "Poll command"
        reads_isr_ = OCW3.field("RIS").get(value) != 0;
    }
}

void Chip::write_data(std::uint8_t value) {
    switch (step_) {
        case Step::Icw2:
            base_ = value & 0xf8;
            return next_step();
        case Step::Icw3:
            cascade_ = value;
            return next_step();
        case Step::Icw4:
            nested_ = ICW4.field("SFNM").get(value) != 0;
            automatic_ = ICW4.field("AEOI").get(value) != 0;
            return next_step();
        case Step::Off:
        case Step::Ready:
            imr_ = value;
            return;
    }
}

std::uint8_t Chip::read(bool data) {
    if (polls_) {
        polls_ = false;
        const int input = request();
        if (input == NONE) {
            return 0;
        }
        acknowledge();
        return static_cast<std::uint8_t>(0x80 | input);
    }
    return data ? imr_ : reads_isr_ ? isr_ : irr();
}

// OCW2: "End of interrupt", "Automatic rotation", "Specific rotation".
void Chip::operate(std::uint8_t value) {
    const auto level = static_cast<unsigned>(OCW2.field("LEVEL").get(value));
    switch (OCW2.field("COMMAND").get(value)) {
        case 0:
            rotates_ = false;
            return;
        case 1:
            return end(highest(isr_), false);
        case 3:
            return end(static_cast<int>(level), false);
        case 4:
            rotates_ = true;
            return;
        case 5:
            return end(highest(isr_), true);
        case 6:
            lowest_ = static_cast<std::uint8_t>(level);
            return;
        case 7:
            return end(static_cast<int>(level), true);
        default:
            return;
    }
}

void Chip::end(int input, bool rotate) {
    if (input == NONE) {
        return;
    }
    isr_ = without(isr_, static_cast<unsigned>(input));
    if (rotate) {
        lowest_ = static_cast<std::uint8_t>(input);
    }
}

// ---- priority

// The first of the set from the highest priority on. In special mask mode a masked one does not count.
int Chip::highest(std::uint8_t set) const {
    for (unsigned i = 1; i <= INPUTS; ++i) {
        const unsigned input = (lowest_ + i) % INPUTS;
        if (has(set, input) && !(special_mask_ && has(imr_, input))) {
            return static_cast<int>(input);
        }
    }
    return NONE;
}

// "Fully nested mode": what is in service inhibits its own level and all below it. Special fully nested mode: not the
// further requests of a slave. Special mask mode: a masked level that is in service inhibits nothing.
int Chip::request() const {
    if (!initialised()) {
        return NONE;
    }
    const auto pending = static_cast<std::uint8_t>(irr() & ~imr_);
    for (unsigned i = 1; i <= INPUTS; ++i) {
        const unsigned input = (lowest_ + i) % INPUTS;
        if (has(isr_, input) && !(special_mask_ && has(imr_, input))) {
            const bool slave_again = master_ && nested_ && has(cascade_, input) && has(pending, input);
            return slave_again ? static_cast<int>(input) : NONE;
        }
        if (has(pending, input)) {
            return static_cast<int>(input);
        }
    }
    return NONE;
}

unsigned Chip::acknowledge() {
    const int requested = request();
    if (requested == NONE) {
        return SPURIOUS;
    }
    const auto input = static_cast<unsigned>(requested);
    latched_ = without(latched_, input);
    if (!automatic_) {
        isr_ = static_cast<std::uint8_t>(isr_ | bit(input));
    } else if (rotates_) {
        lowest_ = static_cast<std::uint8_t>(input);
    }
    return input;
}

// ---- for observers

std::string Chip::dump() const {
    const auto byte = [](std::string_view name, std::uint8_t value) {
        return std::string{name} + "=" + regs::hexadecimal(value, 8) + " ";
    };
    std::string text = byte("irr", irr()) + byte("isr", isr_) + byte("imr", imr_) + byte("elcr", elcr_) +
                       byte("vector", base_) + byte("lines", lines_) + byte("edges", latched_) +
                       byte("cascade", cascade_) + "lowest=" + std::to_string(lowest_) +
                       " step=" + std::to_string(static_cast<unsigned>(step_));
    const std::pair<const char*, bool> flags[] = {{"single", single_},
                                                  {"icw4", wants_icw4_},
                                                  {"level", level_},
                                                  {"nested", nested_},
                                                  {"automatic", automatic_},
                                                  {"rotates", rotates_},
                                                  {"special_mask", special_mask_},
                                                  {"reads_isr", reads_isr_},
                                                  {"polls", polls_}};
    for (const auto& [name, set] : flags) {
        text += set ? std::string{" "} + name : "";
    }
    return text;
}

}  // namespace hldsim::pic
