// SPDX-License-Identifier: Apache-2.0
// Does a spin loop repeat itself exactly? Asked at each PAUSE.
//
// The state of a loop is: callee-saved registers and the CPU's own stack from the caller's frame upwards, the values
// read since the last PAUSE, and the length of the turn. If two turns are equal and nothing happened that a third could
// see, the third is equal too, provided that (models/cpu/README.md) every value read is still in memory, every line
// read is still held and none was missed in the last turn, the own store buffer is empty and no NMI is latched that
// could be taken. A counter in a register or on the stack differs, so a loop with a time-out never parks. A locked
// operation that leaves memory as it was (test_and_set_bit() of a bit that is set, a cmpxchg() that fails) is a read
// whose line this CPU must have alone: whoever wants a copy of it makes the next turn longer.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"

namespace hldsim::cpu {

class Spin {
public:
    struct Read {
        const void* at = nullptr;
        unsigned size = 0;
        unsigned line = 0;
        std::uint64_t value = 0;
        bool charged = false;  // its cost depends on the line (a plain load under `portable` is free)
        bool locked = false;   // of a locked operation, that left the value as it was if the turn repeats itself
        bool operator==(const Read& o) const { return at == o.at && size == o.size && value == o.value; }
    };

    static constexpr std::size_t MOST_READS = 64;  // a turn that reads more is no spin loop

    /// A turn that is disturbed has no equal: its reads are not kept.
    bool disturbed() const { return disturbed_; }
    /// Of a turn that is not disturbed.
    void read(const Read& read) {
        if (reads_.size() < MOST_READS) {
            reads_.push_back(read);
        } else {
            disturbed_ = true;
        }
    }
    /// The CPU stored, missed a line, took an interrupt, or read a clock or a device.
    void disturb() { disturbed_ = true; }
    void reset() {
        reads_.clear();
        disturbed_ = true;
        watched.clear();
    }

    /// Ends a turn at edge `now`. [sp, top): own stack from the caller's frame upwards, saved registers included.
    bool turn_repeats(const char* sp, const char* top, Edge now) {
        if (disturbed_) {  // the usual case outside a loop: nothing to compare, nothing to copy yet
            begin_turn(now);
            stack_.clear();
            return false;
        }
        const auto depth = static_cast<std::size_t>(top - sp);
        const std::uint64_t length = now.index - began_.index;
        const bool same =
            length == period_ && reads_ == last_ && depth == stack_.size() && equal_raw(stack_.data(), sp, depth);
        if (!same) {
            stack_.resize(depth);
            copy_raw(stack_.data(), sp, depth);
        }
        begin_turn(now);
        return same;
    }

    /// A value may have changed after it was read in the same turn, before anybody watched: then the next turn differs.
    bool values_are_current() const {
        for (const Read& read : last_) {
            std::uint64_t value = 0;
            std::memcpy(&value, read.at, read.size);
            if (value != read.value) {
                return false;
            }
        }
        return true;
    }
    const std::vector<Read>& values() const { return last_; }

    Edge began() const { return began_; }
    std::uint64_t period() const { return period_; }
    /// k whole turns have gone by while the CPU was parked.
    Edge skip(std::uint64_t turns) {
        disturbed_ = true;
        began_.index += turns * period_;
        return began_;
    }

    void copy_state(StateCopy& s) { s(reads_, last_, stack_, disturbed_, began_, period_, watched); }

    std::vector<unsigned> watched;  // lines, while parked

private:
    void begin_turn(Edge now) {
        last_.swap(reads_);
        reads_.clear();
        disturbed_ = false;
        period_ = now.index - began_.index;
        began_ = now;
    }

    // Not memcpy and memcmp: under ASan the stack holds red zones of our own frames, which they would report.
    static void copy_raw(char* to, const char* from, std::size_t size) {
        asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    }
    // Whole words: stack pointers are multiples of 8.
    __attribute__((no_sanitize("address"))) static bool equal_raw(const char* a, const char* b, std::size_t size) {
        for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
            std::uint64_t x = 0;
            std::uint64_t y = 0;
            __builtin_memcpy(&x, a + i, sizeof x);
            __builtin_memcpy(&y, b + i, sizeof y);
            if (x != y) {
                return false;
            }
        }
        return true;
    }

    bool disturbed_ = true;
    Edge began_;
    std::uint64_t period_ = 0;
    std::vector<Read> reads_;
    std::vector<Read> last_;
    std::vector<char> stack_;
};

}  // namespace hldsim::cpu
