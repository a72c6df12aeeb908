// SPDX-License-Identifier: Apache-2.0
#include "models/pit/counter.hpp"

#include <algorithm>
#include <utility>

#include "models/pit/registers.hpp"
#include "models/regs/print.hpp"

namespace hldsim::pit {

namespace {

constexpr unsigned LOW_ONLY = 1;
constexpr unsigned HIGH_ONLY = 2;

std::uint32_t from_bcd(std::uint16_t digits) {
    return (digits >> 12U & 15U) * 1000U + (digits >> 8U & 15U) * 100U + (digits >> 4U & 15U) * 10U + (digits & 15U);
}

std::uint16_t to_bcd(std::uint32_t value) {
    return static_cast<std::uint16_t>(value / 1000 % 10 << 12U | value / 100 % 10 << 8U | value / 10 % 10 << 4U |
                                      value % 10);
}

}  // namespace

// The largest count is written as 0. A digit above 9 has no meaning; it counts as its value, within the four digits.
std::uint32_t Counter::initial() const {
    const std::uint32_t value = (word_ & 1U) != 0 ? from_bcd(count_) % 10'000 : count_;
    return value == 0 ? modulus() : value;
}

std::uint16_t Counter::to_bus(std::uint32_t value) const {
    return (word_ & 1U) != 0 ? to_bcd(value) : static_cast<std::uint16_t>(value);
}

// ---- the bus

void Counter::control(std::uint8_t word) {
    const bool gate = gate_;
    const std::uint32_t element = element_;
    *this = Counter{gate};
    word_ = word & 0x3f;
    const auto mode = static_cast<unsigned>(regs::row(REGISTERS, "CONTROL").field("M").get(word));
    mode_ = mode > 5 ? mode - 4 : mode;
    element_ = element % modulus();
    out_ = mode_ != 0;
    null_ = true;
}

void Counter::latch_count() {
    if (!count_latched_) {
        count_latched_ = true;
        latched_ = count();
    }
}

void Counter::latch_status() {
    if (!status_latched_) {
        status_latched_ = true;
        status_latch_ = status();
    }
}

std::uint8_t Counter::status() const {
    return static_cast<std::uint8_t>((out_ ? 0x80 : 0) | (null_ ? 0x40 : 0) | word_);
}

void Counter::write(std::uint8_t byte) {
    if (access() == 0) {
        return;  // no control word yet: the datasheet leaves it undefined
    }
    if (mode_ == 0) {
        out_ = false;  // "Mode 0": at once, with the first byte
    }
    switch (access()) {
        case LOW_ONLY:
            return count_written(byte);
        case HIGH_ONLY:
            return count_written(static_cast<std::uint16_t>(byte << 8U));
        default:
            break;
    }
    if (second_write_) {
        second_write_ = false;
        count_written(static_cast<std::uint16_t>(byte << 8U | low_byte_));
    } else {
        second_write_ = true;
        low_byte_ = byte;
        held_ = mode_ == 0;
    }
}

void Counter::count_written(std::uint16_t value) {
    count_ = value;
    written_ = true;
    pending_ = true;
    null_ = true;
    held_ = false;
}

std::uint8_t Counter::read() {
    if (status_latched_) {
        status_latched_ = false;
        return status_latch_;
    }
    const std::uint16_t value = count_latched_ ? latched_ : count();
    const auto low = static_cast<std::uint8_t>(value);
    const auto high = static_cast<std::uint8_t>(value >> 8U);
    if (access() == LOW_ONLY || access() == HIGH_ONLY) {
        count_latched_ = false;
        return access() == LOW_ONLY ? low : high;
    }
    second_read_ = !second_read_;
    if (second_read_) {
        return low;
    }
    count_latched_ = false;
    return high;
}

// ---- the pins

// "Gate pin operations summary".
void Counter::gate(bool level) {
    if (level == gate_) {
        return;
    }
    gate_ = level;
    if (level) {
        trigger_ = mode_ != 0 && mode_ != 4;
    } else if (mode_ == 2 || mode_ == 3) {
        out_ = true;
    }
}

// ---- the clock

void Counter::load() {
    const std::uint32_t value = initial();
    odd_ = value % 2 != 0;
    element_ = (mode_ == 3 ? value - value % 2 : value) % modulus();
    loaded_ = true;
    pending_ = false;
    null_ = false;
}

/// Does a pulse count, rather than wait for GATE?
bool Counter::counts() const {
    const bool by_gate = mode_ == 1 || mode_ == 5 || gate_;
    return loaded_ && by_gate && !held_;
}

void Counter::pulse() {
    if (strobe_) {
        strobe_ = false;
        out_ = true;
    }
    const bool triggered = trigger_ && written_;
    trigger_ = false;
    switch (mode_) {
        case 0:
        case 4:
            if (pending_ && !held_) {
                load();
                armed_ = true;
                return;
            }
            return pulse_down(counts());
        case 1:
        case 5:
            if (triggered) {
                load();
                armed_ = true;
                out_ = mode_ == 5;
                return;
            }
            return pulse_down(counts());
        default:
            if (triggered || (pending_ && !loaded_)) {
                load();
                out_ = true;
                return;
            }
            if (counts()) {
                mode_ == 2 ? pulse_rate() : pulse_square();
            }
    }
}

// Modes 0, 1, 4, 5: down to 0, which is the event, and on: the element wraps.
void Counter::pulse_down(bool counting) {
    if (!counting) {
        return;
    }
    element_ = (element_ == 0 ? modulus() : element_) - 1;
    if (element_ != 0 || !armed_) {
        return;
    }
    armed_ = false;
    const bool strobes = mode_ >= 4;
    out_ = !strobes;
    strobe_ = strobes;
}

// Mode 2: OUT is low for the pulse at which the element is 1; the next one reloads.
void Counter::pulse_rate() {
    if (element_ == 1) {
        load();
        out_ = true;
        return;
    }
    element_ = (element_ == 0 ? modulus() : element_) - 1;
    out_ = element_ != 1;
}

// Mode 3: by twos; an odd count has one pulse more while OUT is high.
void Counter::pulse_square() {
    if (initial() == 1 && !pending_) {
        return;
    }
    const bool one_more = odd_ && out_;
    if (!(one_more && element_ == 0)) {
        element_ = (element_ + modulus() - 2) % modulus();
        if (element_ != 0 || one_more) {
            return;
        }
    }
    out_ = !out_;
    load();
    out_ = out_ || initial() == 1;
}

/// Pulses, from the next one on, that do nothing but move the element.
std::uint64_t Counter::quiet_pulses() const {
    if (strobe_ || trigger_) {
        return 0;
    }
    const std::uint32_t left = element_ == 0 ? modulus() : element_;
    switch (mode_) {
        case 0:
        case 4:
            return pending_ && !held_ ? 0 : quiet_down(counts());
        case 1:
        case 5:
            return quiet_down(counts());
        default:
            break;
    }
    if (pending_ && !loaded_) {
        return 0;
    }
    if (!counts() || (initial() == 1 && !pending_)) {
        return NEVER;
    }
    if (mode_ == 2) {
        return left < 2 ? 0 : left - 2;
    }
    return odd_ && out_ ? element_ / 2 : left / 2 - 1;
}

std::uint64_t Counter::quiet_down(bool counting) const {
    if (!counting || !armed_) {
        return NEVER;
    }
    return (element_ == 0 ? modulus() : element_) - 1;
}

void Counter::skip(std::uint64_t pulses) {
    if (!counts() || ((mode_ == 2 || mode_ == 3) && initial() == 1 && !pending_)) {
        return;
    }
    const std::uint64_t step = mode_ == 3 ? 2 : 1;
    const std::uint64_t moved = pulses % modulus() * step % modulus();
    element_ = static_cast<std::uint32_t>((element_ + modulus() - moved) % modulus());
}

void Counter::advance(std::uint64_t pulses) {
    while (pulses != 0) {
        const bool steady = (mode_ == 2 || mode_ == 3) && loaded_ && !pending_ && !trigger_ && counts();
        if (steady && pulses >= initial()) {
            pulses %= initial();  // a whole period changes nothing
            continue;
        }
        const std::uint64_t quiet = std::min(quiet_pulses(), pulses);
        skip(quiet);
        pulses -= quiet;
        if (pulses != 0) {
            pulse();
            --pulses;
        }
    }
}

std::uint64_t Counter::pulses_to_change() const {
    Counter ahead = *this;
    std::uint64_t pulses = 0;
    // An event changes OUT, or loads, or takes a trigger: no more than three come in a row without a change.
    for (int events = 0; events < 8; ++events) {
        const std::uint64_t quiet = ahead.quiet_pulses();
        if (quiet == NEVER) {
            return NEVER;
        }
        ahead.skip(quiet);
        ahead.pulse();
        pulses += quiet + 1;
        if (ahead.out_ != out_) {
            return pulses;
        }
    }
    return NEVER;
}

// ---- for observers

std::string Counter::dump() const {
    std::string text = "mode=" + std::to_string(mode_) + " count=" + regs::hexadecimal(count(), 16) +
                       " status=" + regs::hexadecimal(status(), 8) + " element=" + std::to_string(element_) +
                       " written=" + regs::hexadecimal(count_, 16) + " low=" + regs::hexadecimal(low_byte_, 8) +
                       " latched=" + regs::hexadecimal(latched_, 16) + "," + regs::hexadecimal(status_latch_, 8) +
                       " gate=" + (gate_ ? "1" : "0");
    const std::pair<const char*, bool> flags[] = {{"whole", written_},
                                                  {"loaded", loaded_},
                                                  {"pending", pending_},
                                                  {"trigger", trigger_},
                                                  {"armed", armed_},
                                                  {"strobe", strobe_},
                                                  {"held", held_},
                                                  {"odd", odd_},
                                                  {"second_write", second_write_},
                                                  {"second_read", second_read_},
                                                  {"count_latched", count_latched_},
                                                  {"status_latched", status_latched_}};
    for (const auto& [name, set] : flags) {
        text += set ? std::string{" "} + name : "";
    }
    return text;
}

}  // namespace hldsim::pit
