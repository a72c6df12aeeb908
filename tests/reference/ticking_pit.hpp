// SPDX-License-Identifier: Apache-2.0
// The naive 8254 counter: it really counts, one pulse after the other.
//
// Written from the datasheet (order 231164) alone; it shares no code and no arithmetic with models/pit. Counts are kept
// as they are meant, 1 to 65536 or 10000, and turned into what the bus sees at the end.
#pragma once
#include <array>
#include <cstdint>

namespace hldsim::reference {

class TickingCounter {
public:
    explicit TickingCounter(bool gate) : gate_{gate} {}

    void pulse();
    void control(unsigned word);
    void write(unsigned byte);
    unsigned read();
    void latch(bool count, bool status);
    void gate(bool level);

    bool out = false;

private:
    long full() const { return bcd_ ? 10'000 : 65'536; }
    long meant(unsigned raw) const;
    unsigned shown() const;
    unsigned status() const;
    void take_count(unsigned raw);
    void begin(long count);

    bool programmed_ = false;
    int mode_ = 0;
    int bytes_ = 0;  // 1 low, 2 high, 3 both
    unsigned raw_mode_ = 0;
    bool bcd_ = false;
    bool gate_;
    bool rising_ = false;

    long now_ = 0;    // the counting element; full() shows as 0
    long next_ = 0;   // written and not loaded; 0: none
    long first_ = 0;  // what was loaded last
    long ever_ = 0;   // written last; 0: never since the control word
    bool running_ = false;
    bool waiting_for_byte_ = false;
    unsigned low_ = 0;
    bool fires_ = false;   // modes 0, 1, 4, 5: zero is still an event
    bool strobe_ = false;  // OUT is low for this pulse
    bool extra_ = false;   // mode 3, odd, high: the pulse after zero
    bool null_ = false;

    bool reads_high_ = false;
    bool has_count_ = false, has_status_ = false;
    unsigned held_count_ = 0, held_status_ = 0;
};

using TickingCounters = std::array<TickingCounter, 3>;

/// A byte written to port 43h: a control word, a latch, or a read-back.
void write_control(TickingCounters& counters, unsigned word);

}  // namespace hldsim::reference
