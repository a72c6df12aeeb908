// SPDX-License-Identifier: Apache-2.0
// One counter of an 8254, in clock pulses: pure arithmetic, no time and no events.
//
//   Source     Intel 8254 datasheet (order 231164), "Mode definitions" and "Operation common to all modes"
//   Pulses     a count written before a pulse is loaded by it and counts from the next one on; GATE is sampled likewise
//   advance()  costs the same for one pulse and for an hour of them
//   Deviation: a count of 1 in modes 2 and 3 is illegal; here OUT stays high.
#pragma once
#include <cstdint>
#include <string>

#include "models/base/state_copy.hpp"

namespace hldsim::pit {

class Counter {
public:
    static constexpr std::uint64_t NEVER = ~std::uint64_t{0};

    Counter() = default;
    explicit Counter(bool gate_level) : gate_{gate_level} {}

    // ---- the bus; all pulses before it have been told by advance()
    void control(std::uint8_t word);
    void latch_count();
    void latch_status();
    void write(std::uint8_t byte);
    std::uint8_t read();

    // ---- the pins
    void gate(bool level);
    bool out() const { return out_; }

    // ---- the clock
    void advance(std::uint64_t pulses);
    /// Pulses until OUT changes if nobody does anything, at least 1; or NEVER.
    std::uint64_t pulses_to_change() const;

    std::uint16_t count() const { return to_bus(element_); }
    std::uint8_t status() const;

    /// The whole state as text, in one line.
    std::string dump() const;
    void copy_state(StateCopy& s) {
        s(word_, mode_, element_, count_, low_byte_, latched_, status_latch_, gate_, out_, written_, loaded_, pending_,
          null_, trigger_, armed_, strobe_, held_, odd_, second_write_, second_read_, count_latched_, status_latched_);
    }

private:
    std::uint32_t modulus() const { return (word_ & 1U) != 0 ? 10'000 : 65'536; }
    std::uint32_t initial() const;
    std::uint16_t to_bus(std::uint32_t value) const;
    unsigned access() const { return word_ >> 4U & 3U; }

    void count_written(std::uint16_t value);
    void load();
    void pulse();
    void pulse_rate();
    void pulse_square();
    void pulse_down(bool counting);
    std::uint64_t quiet_pulses() const;
    std::uint64_t quiet_down(bool counting) const;
    void skip(std::uint64_t pulses);
    bool counts() const;

    std::uint8_t word_ = 0;  // control word, bits 5:0
    unsigned mode_ = 0;
    std::uint32_t element_ = 0;  // counting element, modulo modulus()
    std::uint16_t count_ = 0;    // count register, as written
    std::uint8_t low_byte_ = 0;
    std::uint16_t latched_ = 0;
    std::uint8_t status_latch_ = 0;
    bool gate_ = true;
    bool out_ = false;
    bool written_ = false;  // a whole count, since the control word
    bool loaded_ = false;   // into the counting element, since the control word
    bool pending_ = false;  // written, not loaded
    bool null_ = false;
    bool trigger_ = false;  // GATE has risen; acts with the next pulse
    bool armed_ = false;    // modes 4 and 5: the strobe is to come
    bool strobe_ = false;   // OUT is low for one pulse
    bool held_ = false;     // mode 0: between the two bytes of a count
    bool odd_ = false;      // mode 3: the count that was loaded
    bool second_write_ = false;
    bool second_read_ = false;
    bool count_latched_ = false;
    bool status_latched_ = false;
};

}  // namespace hldsim::pit
