// SPDX-License-Identifier: Apache-2.0
// The naive HPET: it really ticks. At each edge it increments, compares every timer and looks at every line.
//
// Written from the rules alone; it shares no code, no table and no arithmetic with models/hpet. Slow on purpose.
//
//   Time        whoever drives it takes what comes next: edge(), between(), half() at their instants, and the accesses
//   One instant the edge or what is between edges, then half(), then accesses; with H-36's choice the edge comes last
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/reference/ticking_clock.hpp"

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
    // Times in fs.
    std::int64_t period = 69'841'279;
    std::int64_t phase = 0;
    int drift_ppm = 0;
    std::uint64_t sync_hz = 0;
    std::int64_t message_time = 0;  // after the ticks of message_delay
    std::int64_t pulse = 0;         // 0: to the next edge
    bool split = false;
    std::int64_t split_gap = 0;  // 0: one period
    std::int64_t valset_gap = 0;
    bool valset_gap_loads = false;
    unsigned guarded_reads = 0;  // reads that firmware answers with all ones
    bool halts_in_c10 = false;
};

struct Output {
    std::int64_t at = 0;
    unsigned timer = 0;  // message
    std::uint32_t address = 0;
    std::uint32_t data = 0;
    unsigned input = 0;  // line
    bool active = false;
};

class TickingHpet {
public:
    static constexpr std::int64_t NEVER = std::numeric_limits<std::int64_t>::max();

    explicit TickingHpet(Options options);

    std::int64_t next_edge() const { return clock_.next(); }
    void edge();

    /// What the HPET does by itself beside edges: a pulse ends, a message leaves.
    std::int64_t next_between() const;
    void between();

    /// The second half of an 8-byte write arrives; an access before then brings it along.
    std::int64_t next_half() const { return second_half_; }
    void half();

    /// The package enters C10, or leaves it.
    void package_c10(bool inside) { in_c10_ = inside; }

    std::uint64_t read(std::int64_t at, std::uint32_t offset, unsigned length);
    void write(std::int64_t at, std::uint32_t offset, unsigned length, std::uint64_t value);

    /// When the last of the messages that are on their way leaves, as far as that is known; `at` if there is none.
    std::int64_t last_leaves(std::int64_t at) const;

    std::vector<Output> messages;
    std::vector<Output> lines;

private:
    struct Timer {
        bool level = false, enabled = false, periodic = false, valset = false, narrow = false, by_message = false;
        unsigned route = 0;
        std::uint64_t comparator = 0, next_comparator = 0, period = 0, stale = 0;
        unsigned compare_in = 0, stale_left = 0;
        std::int64_t accumulator_written = NEVER;
        std::uint32_t address = 0, data = 0;
        bool status = false, latched = false;
        bool pulsing = false;
        unsigned pulse_input = 0;
        unsigned pulse_edges = 0;        // it ends at the edge that many edges from now; or
        std::int64_t pulse_end = NEVER;  // then
    };
    struct Leaving {
        unsigned in = 0;  // edges
        bool timed = false;
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
    void end_pulses(bool at_edge);
    void send_due();
    void look_at_lines();
    void finish_split();
    void write_part(std::uint32_t offset, unsigned length, std::uint64_t value);
    std::uint64_t counter_later(std::int64_t at) const;
    std::uint64_t whole(std::uint32_t row);
    std::uint64_t conf_value(unsigned n) const;
    void write_conf(unsigned n, std::uint64_t value, std::uint64_t lanes);
    void write_comparator(unsigned n, std::uint64_t value, std::uint64_t lanes);

    Options options_;
    TickingClock clock_;
    std::int64_t now_ = 0;
    std::uint64_t counter_ = 0;
    bool enabled_ = false;
    bool legacy_ = false;
    bool in_c10_ = false;
    unsigned count_in_ = 0;
    std::vector<Timer> timers_;
    std::vector<Leaving> leaving_;
    std::int64_t second_half_ = NEVER;
    std::uint32_t second_offset_ = 0;
    std::uint64_t second_value_ = 0;
    std::array<bool, 32> line_{};
};

}  // namespace hldsim::reference
