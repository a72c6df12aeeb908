// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/ticking_hpet.hpp"

#include <algorithm>
#include <utility>

namespace hldsim::reference {

namespace {

constexpr std::uint64_t LOW = 0xffffffff;

std::uint64_t ones(unsigned length) { return length == 8 ? ~0ULL : (1ULL << (8 * length)) - 1; }

std::uint64_t mix(std::uint64_t old, std::uint64_t value, std::uint64_t lanes) {
    return (old & ~lanes) | (value & lanes);
}

}  // namespace

TickingHpet::TickingHpet(Options options)
    : options_{std::move(options)},
      clock_{options_.period, options_.phase, options_.drift_ppm, options_.sync_hz},
      timers_(options_.timers.size()) {
    for (std::size_t n = 0; n < timers_.size(); ++n) {
        timers_[n].comparator = options_.timers[n].wide ? ~0ULL : LOW;
        timers_[n].by_message = options_.timers[n].message && options_.timers[n].inputs == 0;
    }
}

bool TickingHpet::is_narrow(unsigned n) const {
    return timers_[n].narrow || !options_.timers[n].wide || !options_.wide_counter;
}

void TickingHpet::edge() {
    now_ = clock_.next();
    clock_.tick();
    bool counted = false;
    if (enabled_) {
        if (count_in_ != 0) {
            --count_in_;
        } else if (!in_c10_ || !options_.halts_in_c10) {
            counter_ = options_.wide_counter ? counter_ + 1 : (counter_ + 1) & LOW;
            counted = true;
        }
    }
    std::vector<unsigned> matching;
    for (unsigned n = 0; n < timers_.size(); ++n) {
        const Timer& t = timers_[n];
        const bool equal = is_narrow(n) ? (t.comparator & LOW) == (counter_ & LOW) : t.comparator == counter_;
        const bool wrapped = options_.match_at_wrap && !t.periodic && is_narrow(n) && (counter_ & LOW) == 0;
        if (counted && (equal || wrapped)) {
            matching.push_back(n);
        }
    }
    for (const unsigned n : matching) {
        match(n);
    }
    for (Timer& t : timers_) {
        if (t.compare_in != 0 && --t.compare_in == 0) {
            t.comparator = t.next_comparator;
        }
    }
    for (const unsigned n : matching) {
        interrupt(n, true);
    }
    look_at_lines();
    end_pulses(true);
    for (Leaving& leaving : leaving_) {
        if (!leaving.timed && leaving.in-- == 0) {
            leaving.timed = true;
            leaving.output.at = now_ + options_.message_time;
        }
    }
    send_due();
}

std::int64_t TickingHpet::next_between() const {
    std::int64_t next = NEVER;
    for (const Timer& t : timers_) {
        next = t.pulsing ? std::min(next, t.pulse_end) : next;
    }
    for (const Leaving& leaving : leaving_) {
        next = leaving.timed ? std::min(next, leaving.output.at) : next;
    }
    return next;
}

void TickingHpet::between() {
    now_ = next_between();
    end_pulses(false);
    send_due();
}

void TickingHpet::half() {
    now_ = second_half_;
    finish_split();
}

void TickingHpet::end_pulses(bool at_edge) {
    for (Timer& t : timers_) {
        const bool by_edge = at_edge && t.pulse_end == NEVER && t.pulse_edges-- == 0;
        t.pulsing = t.pulsing && !by_edge && t.pulse_end > now_;
    }
    look_at_lines();
}

void TickingHpet::send_due() {
    while (!leaving_.empty() && leaving_.front().timed && leaving_.front().output.at <= now_) {
        messages.push_back(leaving_.front().output);
        leaving_.erase(leaving_.begin());
    }
}

void TickingHpet::match(unsigned n) {
    Timer& t = timers_[n];
    if (t.periodic) {
        const std::uint64_t sum = t.comparator + t.period;
        t.comparator = is_narrow(n) ? mix(t.comparator, sum, LOW) : sum;
    }
}

bool TickingHpet::messages_leave(unsigned n) const {
    return timers_[n].by_message && !(options_.legacy_first && legacy_ && n <= 1);
}

bool TickingHpet::pin_of(unsigned n, unsigned& input) const {
    if (messages_leave(n)) {
        return false;
    }
    if (legacy_ && n <= 1) {
        input = n == 0 ? 2 : 8;
        return true;
    }
    input = timers_[n].route;
    return (options_.timers[n].inputs >> input & 1U) != 0;
}

void TickingHpet::interrupt(unsigned n, bool at_edge) {
    Timer& t = timers_[n];
    if (!t.enabled && options_.latch) {
        t.latched = true;
    }
    unsigned input = 0;
    const bool may_leave = enabled_ && t.enabled;
    const bool by_pin = may_leave && pin_of(n, input);
    if (t.level && (!t.by_message || by_pin || options_.message_level_status)) {
        t.status = true;
    }
    if (may_leave && messages_leave(n)) {
        Leaving leaving;
        // At an edge, that edge is still to be counted off; after one, the next edge is the first.
        leaving.in = options_.message_delay - (at_edge || options_.message_delay == 0 ? 0 : 1);
        leaving.timed = !at_edge && options_.message_delay == 0;
        leaving.output = {now_ + options_.message_time, n, t.address, t.data, 0, false};
        leaving_.push_back(leaving);
        if (!at_edge) {
            send_due();
        }
    } else if (by_pin && !t.level) {
        t.pulsing = true;
        t.pulse_input = input;
        t.pulse_edges = at_edge ? 1 : 0;
        t.pulse_end = options_.pulse != 0 ? now_ + options_.pulse : NEVER;
    }
}

void TickingHpet::look_at_lines() {
    std::array<bool, 32> now{};
    for (unsigned n = 0; n < timers_.size(); ++n) {
        const Timer& t = timers_[n];
        unsigned input = 0;
        if (t.status && t.level && t.enabled && enabled_ && pin_of(n, input)) {
            now.at(input) = true;
        }
        if (t.pulsing) {
            now.at(t.pulse_input) = true;
        }
    }
    for (const bool active : {false, true}) {
        for (unsigned i = 0; i < now.size(); ++i) {
            if (now.at(i) != line_.at(i) && now.at(i) == active) {
                lines.push_back({now_, 0, 0, 0, i, active});
            }
        }
    }
    line_ = now;
}

// ---- registers

std::uint64_t TickingHpet::conf_value(unsigned n) const {
    const Timer& t = timers_[n];
    const TimerOptions& o = options_.timers[n];
    std::uint64_t v = std::uint64_t{o.inputs} << 32U;
    v |= (o.message ? 1ULL << 15U : 0) | (t.by_message ? 1ULL << 14U : 0) | std::uint64_t{t.route} << 9U;
    v |= (t.narrow ? 1ULL << 8U : 0) | (t.valset && !options_.valset_reads_zero ? 1ULL << 6U : 0);
    v |= (o.wide ? 1ULL << 5U : 0) | (o.periodic ? 1ULL << 4U : 0) | (t.periodic ? 1ULL << 3U : 0);
    return v | (t.enabled ? 4U : 0U) | (t.level ? 2U : 0U);
}

std::uint64_t TickingHpet::whole(std::uint32_t row) {
    if (row == 0x10) {
        return (legacy_ ? 2U : 0U) | (enabled_ ? 1U : 0U);
    }
    if (row == 0x20) {
        std::uint64_t bits = 0;
        for (unsigned n = 0; n < timers_.size(); ++n) {
            bits |= timers_[n].status ? 1ULL << n : 0;
        }
        return bits;
    }
    if (row == 0xf0) {
        return counter_;
    }
    if (row < 0x100 || (row - 0x100) / 0x20 >= timers_.size()) {
        return 0;
    }
    const unsigned n = (row - 0x100) / 0x20;
    Timer& t = timers_[n];
    switch (row % 0x20) {
        case 0x00:
            return conf_value(n);
        case 0x08:
            if (t.stale_left != 0) {
                --t.stale_left;
                return t.stale;
            }
            return shown_comparator(t);
        case 0x10:
            return std::uint64_t{t.address} << 32U | t.data;
        default:
            return 0;
    }
}

std::int64_t TickingHpet::last_leaves(std::int64_t at) const {
    std::int64_t last = at;
    for (const Leaving& leaving : leaving_) {
        TickingClock clock = clock_;
        for (unsigned n = 0; !leaving.timed && n < leaving.in; ++n) {
            clock.tick();
        }
        last = std::max(last, leaving.timed ? leaving.output.at : clock.next() + options_.message_time);
    }
    return last;
}

std::uint64_t TickingHpet::read(std::int64_t at, std::uint32_t offset, unsigned length) {
    now_ = at;
    finish_split();
    if (options_.guarded_reads != 0) {
        --options_.guarded_reads;
        return ones(length);
    }
    if ((length != 4 && length != 8) || offset % length != 0) {
        return ones(length);
    }
    std::uint64_t value = whole(offset & ~7U);
    if (options_.split && length == 8 && offset == 0xf0) {
        value = mix(value, counter_later(at + (options_.split_gap != 0 ? options_.split_gap : options_.period)), ~LOW);
    }
    return length == 8 ? value : (offset % 8 == 0 ? value & LOW : value >> 32U);
}

/// The main counter at a later instant, if nobody writes until then.
std::uint64_t TickingHpet::counter_later(std::int64_t at) const {
    TickingHpet later = *this;
    while (later.next_edge() <= at) {
        later.edge();
    }
    return later.counter_;
}

void TickingHpet::write(std::int64_t at, std::uint32_t offset, unsigned length, std::uint64_t value) {
    now_ = at;
    finish_split();
    if (options_.split && length == 8 && offset % 8 == 0) {
        write_part(offset, 4, value & LOW);
        second_half_ = at + (options_.split_gap != 0 ? options_.split_gap : options_.period);
        second_offset_ = offset + 4;
        second_value_ = value >> 32U;
    } else {
        write_part(offset, length, value);
    }
}

void TickingHpet::finish_split() {
    if (second_half_ != NEVER) {
        second_half_ = NEVER;
        write_part(second_offset_, 4, second_value_);
    }
}

void TickingHpet::write_part(std::uint32_t offset, unsigned length, std::uint64_t value) {
    if ((length != 4 && length != 8) || offset % length != 0) {
        return;
    }
    const std::uint32_t row = offset & ~7U;
    const std::uint64_t lanes = length == 8 ? ~0ULL : (offset % 8 == 0 ? LOW : ~LOW);
    if (lanes == ~LOW) {
        value <<= 32U;
    }
    const bool low = (lanes & LOW) != 0;
    if (row == 0x10 && low) {
        const bool enable = (value & 1U) != 0;
        if (enable && !enabled_) {
            count_in_ = options_.enable_delay;
        }
        enabled_ = enable;
        legacy_ = options_.legacy && (value & 2U) != 0;
    } else if (row == 0x20 && low) {
        for (unsigned n = 0; n < timers_.size(); ++n) {
            timers_[n].status = timers_[n].status && (value >> n & 1U) == 0;
        }
    } else if (row == 0xf0 && !(enabled_ && options_.ignore_counter_write)) {
        counter_ = mix(counter_, value, options_.wide_counter ? lanes : lanes & LOW);
    } else if (row >= 0x100 && (row - 0x100) / 0x20 < timers_.size()) {
        const unsigned n = (row - 0x100) / 0x20;
        if (row % 0x20 == 0x00) {
            write_conf(n, value, lanes);
        } else if (row % 0x20 == 0x08) {
            write_comparator(n, value, lanes);
        } else if (row % 0x20 == 0x10 && options_.timers[n].message) {
            Timer& t = timers_[n];
            t.data = low ? static_cast<std::uint32_t>(value) : t.data;
            t.address = (lanes & ~LOW) != 0 ? static_cast<std::uint32_t>(value >> 32U) : t.address;
        }
    }
    look_at_lines();
}

void TickingHpet::write_conf(unsigned n, std::uint64_t value, std::uint64_t lanes) {
    Timer& t = timers_[n];
    const TimerOptions& o = options_.timers[n];
    if ((lanes & LOW) != 0) {
        const bool was_level = t.level;
        t.level = (value >> 1U & 1U) != 0;
        t.enabled = (value >> 2U & 1U) != 0;
        t.periodic = o.periodic && (value >> 3U & 1U) != 0;
        const bool asked = (value >> 6U & 1U) != 0;
        t.valset = t.periodic && (asked || (options_.valset_reads_zero && t.valset));
        const unsigned route = value >> 9U & 31U;
        if (!options_.check_route || (o.inputs >> route & 1U) != 0) {
            t.route = route;
        }
        if (o.message && o.inputs != 0) {
            t.by_message = (value >> 14U & 1U) != 0;
        }
        t.narrow = o.wide && (value >> 8U & 1U) != 0;
        if (t.narrow) {
            t.comparator &= LOW;
            t.next_comparator &= LOW;
            t.period &= LOW;
        }
        if (was_level && !t.level) {
            t.status = false;
            t.latched = false;
        }
    }
    unsigned input = 0;
    if (t.latched && t.enabled && enabled_ && (messages_leave(n) || pin_of(n, input))) {
        t.latched = false;
        interrupt(n, false);
    }
}

void TickingHpet::write_comparator(unsigned n, std::uint64_t value, std::uint64_t lanes) {
    Timer& t = timers_[n];
    const bool has_high = options_.timers[n].wide && !t.narrow;
    lanes &= has_high ? ~0ULL : LOW;
    if (lanes == 0) {
        return;
    }
    const std::uint64_t before = shown_comparator(t);
    const std::uint64_t loaded = mix(before, value, lanes);
    const std::uint64_t period = mix(t.period, value, lanes);
    const bool too_soon =
        t.periodic && !t.valset && t.accumulator_written != NEVER && now_ - t.accumulator_written < options_.valset_gap;
    if (!t.periodic || t.valset || (too_soon && options_.valset_gap_loads)) {
        if (options_.compare_delay == 0) {
            t.comparator = loaded;
            t.compare_in = 0;
        } else {
            t.next_comparator = loaded;
            t.compare_in = options_.compare_delay;
        }
    }
    if ((!t.valset || options_.valset_is_period) && !too_soon) {
        t.period = period;
    }
    if (t.valset) {
        t.accumulator_written = now_;
    }
    t.valset = false;
    t.stale = before;
    t.stale_left = options_.stale_reads;
}

}  // namespace hldsim::reference
