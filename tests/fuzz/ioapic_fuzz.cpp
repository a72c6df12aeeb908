// SPDX-License-Identifier: Apache-2.0
// Any access to an I/O APIC, any movement of its pins, any end of interrupt. The oracle is a naive I/O APIC, written
// from the rules I-3 to I-24 alone, that has no latency: after each step both have sent the same and show the same
// entries.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "models/ioapic/ioapic.hpp"
#include "models/sim/session.hpp"
#include "tests/fuzz/input.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;

namespace {

constexpr unsigned PINS = 24;
constexpr std::uint32_t MASK = 0x10000, LEVEL = 0x8000, IRR = 0x4000, LOW_ACTIVE = 0x2000, WRITABLE = 0x1afff;

struct Sent {
    std::uint64_t address;
    std::uint32_t data;
    friend bool operator==(const Sent& a, const Sent& b) { return a.address == b.address && a.data == b.data; }
};

class Naive {
public:
    Naive() { low.fill(MASK); }

    void write(unsigned index, std::uint32_t value) {
        if (index < 0x10 || index >= 0x10 + 2 * PINS) {
            return;
        }
        const unsigned pin = (index - 0x10) / 2;
        if (index % 2 != 0) {
            high[pin] = value & 0xffff'0000;
            return;
        }
        const std::uint32_t old = low[pin];
        low[pin] = (value & WRITABLE) | (old & IRR);
        if ((old & LEVEL) != 0 && (value & LEVEL) == 0) {
            low[pin] &= ~IRR;
        }
        if (edge(old) && edge(low[pin]) && !active(pin, old) && active(pin, low[pin])) {
            send(pin);
        }
        try_level(pin);
    }
    void drive(unsigned pin, bool up) {
        if (pin >= PINS || line[pin] == up) {
            return;
        }
        line[pin] = up;
        if (edge(low[pin]) && active(pin, low[pin])) {
            send(pin);
        }
        try_level(pin);
    }
    void end(unsigned vector) {
        std::vector<unsigned> ended;
        for (unsigned pin = 0; pin < PINS; ++pin) {
            if ((low[pin] & (LEVEL | IRR)) == (LEVEL | IRR) && (low[pin] & 0xff) == vector) {
                low[pin] &= ~IRR;
                ended.push_back(pin);
            }
        }
        for (const unsigned pin : ended) {
            try_level(pin);
        }
    }

    std::array<std::uint32_t, PINS> low{};
    std::array<std::uint32_t, PINS> high{};
    std::array<bool, PINS> line{};
    std::vector<Sent> sent;

private:
    static unsigned mode(std::uint32_t entry) { return entry >> 8U & 7U; }
    // Unmasked, and not a level that counts as one.
    static bool edge(std::uint32_t entry) { return (entry & MASK) == 0 && ((entry & LEVEL) == 0 || mode(entry) > 1); }
    bool active(unsigned pin, std::uint32_t entry) const { return line[pin] != ((entry & LOW_ACTIVE) != 0); }
    void try_level(unsigned pin) {
        const std::uint32_t entry = low[pin];
        if ((entry & (MASK | IRR)) == 0 && (entry & LEVEL) != 0 && mode(entry) < 2 && active(pin, entry)) {
            low[pin] |= IRR;
            send(pin);
        }
    }
    void send(unsigned pin) {
        const std::uint32_t entry = low[pin];
        if (mode(entry) == 3 || mode(entry) == 6) {
            return;
        }
        const std::uint64_t address = 0xfee0'0000 | (high[pin] >> 17U) << 5U | (high[pin] >> 16U & 1U) << 4U |
                                      (mode(entry) == 1 ? 8U : 0U) | (entry >> 11U & 1U) << 2U;
        sent.push_back({address, (entry & 0x87ff) | 0x4000});
    }
};

struct Ports final : MessagePort {
    void post(const MessageWrite& m) override { sent.push_back({m.address, m.data}); }
    std::vector<Sent> sent;
};

// One step, in both.
void step(Ioapic& ioapic, Naive& naive, Input& input, unsigned& index) {
    const std::uint8_t what = input.byte();
    switch (what & 7U) {
        case 0: {
            index = input.byte();
            return ioapic.write(0x00, Size::B4, index);
        }
        case 1: {
            const auto value = static_cast<std::uint32_t>(input.number(4));
            ioapic.write(0x10, Size::B4, value);
            return naive.write(index, value);
        }
        case 2: {
            index = 0x10 + input.byte() % (2 * PINS);
            ioapic.write(0x00, Size::B1, index);
            const auto value = static_cast<std::uint32_t>(input.number(3));
            ioapic.write(0x10, Size::B4, value);
            return naive.write(index, value);
        }
        case 3: {
            const std::uint8_t vector = input.byte();
            (what & 8U) != 0 ? ioapic.write(0x40, Size::B4, vector) : ioapic.end_of_interrupt(vector);
            return naive.end(vector);
        }
        case 4: {  // anything that is no access of its registers must change nothing
            const Size size = input.size();
            const auto offset = static_cast<std::uint32_t>(input.number(2));
            if (size != Size::B4 && (offset & 0xffU) != 0) {
                require(ioapic.read(offset, size) == byte_mask(bytes(size)), "a read of a wrong size is not all ones");
                ioapic.write(offset, size, input.number(8));
            } else {
                ioapic.read(offset, size);
            }
            return;
        }
        default: {
            const unsigned pin = what >> 3U;
            const bool up = (input.byte() & 1U) != 0;
            ioapic.drive(pin, up, {});
            return naive.drive(pin, up);
        }
    }
}

void compare(const Ioapic& ioapic, const Naive& naive, const Ports& ports) {
    require(ports.sent == naive.sent, "the messages differ from the naive I/O APIC's");
    for (unsigned pin = 0; pin < PINS; ++pin) {
        const std::uint64_t entry = std::uint64_t{naive.high[pin]} << 32U | naive.low[pin];
        require(ioapic.entry(pin) == entry, "an entry differs from the naive I/O APIC's");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static sim::Session session;
    static sim::Timeline timeline{"timeline"};
    static const Timing timing{Hertz{1}, Hertz{1}, Hertz{1}, Duration{1}};  // every row is 0
    static Ports ports;
    static TokenCounter tokens;
    static Ioapic ioapic{"ioapic", timeline, timing, IoapicProfile::ich(), ports, tokens};
    static const std::string fresh = ioapic.dump();

    timeline.following(false);  // so that time may run on without end
    timeline.power_on();
    ports.sent.clear();
    Naive naive;
    Input input{data, size};
    unsigned index = 0;
    for (int n = 0; n < 400 && !input.empty(); ++n) {
        step(ioapic, naive, input, index);
        timeline.run_until(timeline.now());  // what leaves at once leaves now
        compare(ioapic, naive, ports);
    }
    for (unsigned pin = 0; pin < PINS; ++pin) {
        ioapic.drive(pin, false, {});
    }
    ioapic.reset_enter();
    ioapic.reset_hold();
    ioapic.reset_exit();
    require(ioapic.dump() == fresh, "a reset does not leave a new I/O APIC");
    return 0;
}
