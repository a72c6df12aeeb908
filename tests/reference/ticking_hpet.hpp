// SPDX-License-Identifier: Apache-2.0
// The naive HPET: it really ticks. At each edge it increments, compares every timer and looks at every line.
//
// Written from the rules alone; it shares no code, no table and no arithmetic with models/hpet. Slow on purpose.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace hldsim::reference {

struct TimerOptions {
    bool periodic = true;
    bool wide = true;
    bool message = true;
    std::uint32_t inputs = 0;
};

struct Options {
    std::vector<TimerOptions> timers;
    bool wide_counter = true;
    bool legacy = true;
    unsigned enable_delay = 0;
    unsigned message_delay = 0;
    unsigned compare_delay = 0;
    unsigned stale_reads = 0;
    bool ignore_counter_write = false;
    bool match_at_wrap = false;
    bool valset_is_period = true;
    bool valset_reads_zero = false;
    bool legacy_first = false;
    bool message_level_status = false;
    bool check_route = false;
    bool latch = false;
};

struct Output {
    std::uint64_t edge = 0;  // 0: before the first
    bool at_edge = false;    // at the edge itself, or by an access after it
    unsigned timer = 0;      // message
    std::uint32_t address = 0;
    std::uint32_t data = 0;
    unsigned input = 0;  // line
    bool active = false;
};

class TickingHpet {
public:
    explicit TickingHpet(Options options);

    void edge();
    std::uint64_t read(std::uint32_t offset, unsigned length);
    void write(std::uint32_t offset, unsigned length, std::uint64_t value);

    std::vector<Output> messages;
    std::vector<Output> lines;

private:
    struct Timer {
        bool level = false, enabled = false, periodic = false, valset = false, narrow = false, by_message = false;
        unsigned route = 0;
        std::uint64_t comparator = 0, next_comparator = 0, period = 0, stale = 0;
        unsigned compare_in = 0, stale_left = 0;
        std::uint32_t address = 0, data = 0;
        bool status = false, latched = false;
        bool pulsing = false;
        unsigned pulse_input = 0;
        unsigned pulse_age = 0;
    };
    struct Leaving {
        unsigned in = 0;
        Output output;
    };

    bool is_narrow(unsigned n) const;
    std::uint64_t shown_comparator(const Timer& t) const {
        return t.compare_in != 0 ? t.next_comparator : t.comparator;
    }
    bool messages_leave(unsigned n) const;
    bool pin_of(unsigned n, unsigned& input) const;
    void match(unsigned n);
    void interrupt(unsigned n, bool at_edge);
    void look_at_lines(bool at_edge);
    std::uint64_t whole(std::uint32_t row);
    std::uint64_t conf_value(unsigned n) const;
    void write_conf(unsigned n, std::uint64_t value, std::uint64_t lanes);
    void write_comparator(unsigned n, std::uint64_t value, std::uint64_t lanes);

    Options options_;
    std::uint64_t edges_ = 0;
    std::uint64_t counter_ = 0;
    bool enabled_ = false;
    bool legacy_ = false;
    unsigned count_in_ = 0;
    std::vector<Timer> timers_;
    std::vector<Leaving> leaving_;
    std::array<bool, 32> line_{};
};

}  // namespace hldsim::reference
