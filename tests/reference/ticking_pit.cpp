// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/ticking_pit.hpp"

namespace hldsim::reference {

long TickingCounter::meant(unsigned raw) const {
    long value = static_cast<long>(raw);
    if (bcd_) {
        value = 0;
        for (int digit = 3; digit >= 0; --digit) {
            value = value * 10 + static_cast<long>(raw >> (4 * digit) & 15U);
        }
        value %= 10'000;
    }
    return value == 0 ? full() : value;
}

unsigned TickingCounter::shown() const {
    const long value = now_ == full() ? 0 : now_;
    if (!bcd_) {
        return static_cast<unsigned>(value);
    }
    unsigned digits = 0;
    long rest = value;
    for (unsigned place = 0; place < 4; ++place) {
        digits |= static_cast<unsigned>(rest % 10) << (4 * place);
        rest /= 10;
    }
    return digits;
}

unsigned TickingCounter::status() const {
    return (out ? 128U : 0U) + (null_ ? 64U : 0U) + static_cast<unsigned>(bytes_) * 16U + raw_mode_ * 2U +
           (bcd_ ? 1U : 0U);
}

void TickingCounter::control(unsigned word) {
    programmed_ = true;
    bytes_ = static_cast<int>(word / 16 % 4);
    raw_mode_ = word / 2 % 8;
    mode_ = static_cast<int>(raw_mode_ > 5 ? raw_mode_ - 4 : raw_mode_);
    now_ = now_ == full() ? 0 : now_;
    bcd_ = word % 2 == 1;
    now_ %= full();
    next_ = first_ = ever_ = 0;
    running_ = waiting_for_byte_ = fires_ = strobe_ = extra_ = rising_ = reads_high_ = has_count_ = has_status_ = false;
    null_ = true;
    out = mode_ != 0;
}

void TickingCounter::write(unsigned byte) {
    if (!programmed_) {
        return;
    }
    if (mode_ == 0) {
        out = false;
    }
    if (bytes_ == 1) {
        take_count(byte);
    } else if (bytes_ == 2) {
        take_count(byte * 256);
    } else if (!waiting_for_byte_) {
        waiting_for_byte_ = true;
        low_ = byte;
    } else {
        waiting_for_byte_ = false;
        take_count(byte * 256 + low_);
    }
}

void TickingCounter::take_count(unsigned raw) {
    next_ = ever_ = meant(raw);
    null_ = true;
}

unsigned TickingCounter::read() {
    if (has_status_) {
        has_status_ = false;
        return held_status_;
    }
    const unsigned value = has_count_ ? held_count_ : shown();
    const bool both = bytes_ == 3 || bytes_ == 0;
    const bool high = both ? reads_high_ : bytes_ == 2;
    if (both) {
        reads_high_ = !reads_high_;
    }
    if (!both || high) {
        has_count_ = false;
    }
    return high ? value / 256 : value % 256;
}

void TickingCounter::latch(bool count, bool with_status) {
    if (count && !has_count_) {
        has_count_ = true;
        held_count_ = shown();
    }
    if (with_status && !has_status_) {
        has_status_ = true;
        held_status_ = status();
    }
}

void TickingCounter::gate(bool level) {
    if (level && !gate_ && mode_ != 0 && mode_ != 4) {
        rising_ = true;
    }
    if (!level && gate_ && (mode_ == 2 || mode_ == 3)) {
        out = true;
    }
    gate_ = level;
}

void TickingCounter::begin(long count) {
    first_ = count;
    now_ = mode_ == 3 ? count / 2 * 2 : count;
    next_ = 0;
    running_ = true;
    null_ = false;
    extra_ = mode_ == 3 && count == 1;  // its even part has expired when it is loaded
}

void TickingCounter::pulse() {
    const bool triggered = rising_ && ever_ != 0;
    rising_ = false;
    if (strobe_) {
        strobe_ = false;
        out = true;
    }
    const bool rate = mode_ == 2 || mode_ == 3;
    const bool by_trigger = mode_ == 1 || mode_ == 5;
    if (by_trigger ? triggered
        : rate     ? triggered || (next_ != 0 && !running_)
                   : next_ != 0 && !(mode_ == 0 && waiting_for_byte_)) {
        begin(ever_);
        fires_ = !rate;
        if (mode_ == 1) {
            out = false;
        }
        if (rate) {
            out = true;
        }
        return;
    }
    if (!running_ || (!by_trigger && !gate_) || (mode_ == 0 && waiting_for_byte_)) {
        return;
    }
    if (mode_ == 2) {
        if (now_ == 1) {
            begin(ever_);
            out = true;
        } else {
            --now_;
            out = now_ != 1;
        }
    } else if (mode_ == 3) {
        if (first_ == 1 && next_ == 0) {
            return;
        }
        const bool odd_high = first_ % 2 == 1 && out;
        if (extra_) {
            extra_ = false;
        } else {
            // An even part of 0 is that of a count of 1: the element wraps.
            now_ = now_ == 0 ? full() - 2 : now_ - 2;
            if (now_ != 0) {
                return;
            }
            if (odd_high) {
                extra_ = true;
                return;
            }
        }
        out = !out;
        begin(ever_);
        if (first_ == 1) {
            out = true;
        }
    } else {
        now_ = now_ == 0 ? full() - 1 : now_ - 1;
        if (now_ == 0 && fires_) {
            fires_ = false;
            out = mode_ < 4;
            strobe_ = mode_ >= 4;
        }
    }
}

void write_control(TickingCounters& counters, unsigned word) {
    if (word >> 6U == 3) {
        for (unsigned n = 0; n < counters.size(); ++n) {
            if ((word >> (n + 1) & 1U) != 0) {
                counters[n].latch((word & 0x20U) == 0, (word & 0x10U) == 0);
            }
        }
    } else if ((word & 0x30U) == 0) {
        counters[word >> 6U].latch(true, false);
    } else {
        counters[word >> 6U].control(word);
    }
}

}  // namespace hldsim::reference
