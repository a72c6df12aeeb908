// SPDX-License-Identifier: Apache-2.0
// One 8259A: requests, masks, priorities and what is in service. Pure: no time passes, nothing is told to anyone.
//
//   Source     Intel 8259A datasheet (order 231468)
//   Silent     until ICW1 to ICW4 have been written; the datasheet says nothing of a chip that is not initialised
#pragma once
#include <cstdint>
#include <string>

#include "models/base/state_copy.hpp"

namespace hldsim::pic {

class Chip {
public:
    static constexpr int NONE = -1;
    static constexpr unsigned SPURIOUS = 7;

    /// `follows`: an edge request ends when its line falls (the datasheet); else when it is acknowledged.
    explicit Chip(bool master, bool follows) : master_{master}, follows_line_{follows} {}

    /// As new but for the levels of its inputs, none of which is an edge.
    void reset();

    // ---- inputs
    void drive(unsigned input, bool level);
    bool line(unsigned input) const { return (lines_ >> input & 1U) != 0; }

    // ---- the bus
    void write_command(std::uint8_t value);  // A0 = 0
    void write_data(std::uint8_t value);     // A0 = 1
    std::uint8_t read(bool data);
    std::uint8_t elcr() const { return elcr_; }
    void set_elcr(std::uint8_t value) { elcr_ = value; }

    // ---- the output
    /// The input that an acknowledge would take now; NONE: INT is low.
    int request() const;
    /// INTA: the input that enters service, SPURIOUS if there is none any more (nothing is in service then).
    unsigned acknowledge();
    std::uint8_t vector(unsigned input) const { return static_cast<std::uint8_t>(base_ | input); }
    bool initialised() const { return step_ == Step::Ready; }
    /// ICW1.SNGL: there is no other chip on this one's cascade lines.
    bool single() const { return single_; }

    std::uint8_t irr() const;
    std::uint8_t isr() const { return isr_; }

    /// The whole state as text, in one line.
    std::string dump() const;
    void copy_state(StateCopy& s) {
        s(step_, lines_, latched_, isr_, imr_, elcr_, base_, cascade_, lowest_, single_, wants_icw4_, level_, nested_,
          automatic_, rotates_, special_mask_, reads_isr_, polls_);
    }

private:
    enum class Step : std::uint8_t { Off, Icw2, Icw3, Icw4, Ready };

    void initialise(std::uint8_t value);
    void next_step();
    void operate(std::uint8_t value);
    void end(int input, bool rotate);
    int highest(std::uint8_t set) const;

    bool master_;
    bool follows_line_;
    Step step_ = Step::Off;
    std::uint8_t lines_ = 0;
    std::uint8_t latched_ = 0;  // edges
    std::uint8_t isr_ = 0;
    std::uint8_t imr_ = 0;
    std::uint8_t elcr_ = 0;
    std::uint8_t base_ = 0;
    std::uint8_t cascade_ = 0;
    std::uint8_t lowest_ = 7;
    bool single_ = false;
    bool wants_icw4_ = false;
    bool level_ = false;
    bool nested_ = false;     // special fully nested mode
    bool automatic_ = false;  // automatic end of interrupt
    bool rotates_ = false;    // in automatic end of interrupt
    bool special_mask_ = false;
    bool reads_isr_ = false;
    bool polls_ = false;
};

}  // namespace hldsim::pic
