// SPDX-License-Identifier: Apache-2.0
// What an input says at its end: which device it is for, and what that answers where it has a choice.
//
//   Input      program, tail, length of the tail (a byte), 5Ah, A5h
//   Tail       bits of the knobs, from bit 0 of each byte on, then a byte for each choice, over and over
//   Without    an input that does not end so is all program: the default profile, the default answers. What the corpus
//              has from before there were tails keeps its meaning
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "models/base/choice.hpp"
#include "tests/fuzz/input.hpp"

namespace hldsim::fuzz {

class Tail {
public:
    Tail(const std::uint8_t* data, std::size_t size) : data_{data}, program_{size} {
        constexpr std::size_t FRAME = 3;
        if (size >= FRAME && data[size - 2] == 0x5a && data[size - 1] == 0xa5 && data[size - FRAME] <= size - FRAME) {
            size_ = data[size - FRAME];
            program_ = size - FRAME - size_;
            data_ += program_;
        }
    }

    /// The program's bytes, in front of the tail.
    std::size_t program() const { return program_; }

    /// One of two or four values; the first without a tail.
    template <class T>
    T one_of(std::initializer_list<T> values) {
        unsigned drawn = 0;
        for (std::size_t n = 1, bit = 0; n < values.size(); n *= 2, ++bit) {
            drawn |= next_bit() << bit;
        }
        drawn_ += static_cast<char>('0' + drawn);
        return values.begin()[drawn % values.size()];
    }
    /// A knob, or the other value of one that is on or off.
    template <class T>
    void draw(T& knob, std::initializer_list<T> values) {
        knob = one_of(values);
    }
    void flip(bool& knob) { knob = one_of({knob, !knob}); }

    /// Equal texts: equal knobs.
    const std::string& drawn() const { return drawn_; }
    /// Of the bytes behind the knobs the n-th, over and over; 0: there are none.
    std::uint8_t answer(std::size_t n) const {
        const std::size_t knobs = (bits_ + 7) / 8;
        return knobs < size_ ? data_[knobs + n % (size_ - knobs)] : 0;
    }

private:
    unsigned next_bit() {
        const std::size_t bit = bits_++;
        return bit / 8 < size_ ? data_[bit / 8] >> (bit % 8) & 1U : 0U;
    }

    const std::uint8_t* data_;
    std::size_t size_ = 0;
    std::size_t program_;
    std::size_t bits_ = 0;
    std::string drawn_;
};

/// Answers as the tail says.
class FuzzedChoice : public ChoiceSource {
public:
    /// `tail` outlives what it answers.
    void begin(const Tail& tail) {
        power_on();
        tail_ = &tail;
        asked_ = 0;
    }

protected:
    std::uint32_t answer(std::string_view /*site*/, std::uint32_t alternatives) override {
        return tail_ != nullptr ? tail_->answer(asked_++) % alternatives : 0;
    }

private:
    const Tail* tail_ = nullptr;
    std::size_t asked_ = 0;
};

}  // namespace hldsim::fuzz
