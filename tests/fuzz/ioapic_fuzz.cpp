// SPDX-License-Identifier: Apache-2.0
// Any access to an I/O APIC of any profile, any movement of its pins, any end of interrupt. The oracle is a naive I/O
// APIC, written from the rules I-3 to I-24 alone, that has no latency but the delay between messages: after each step
// both have sent the same and show the same entries.
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "models/base/limits.hpp"
#include "models/ioapic/ioapic.hpp"
#include "tests/fuzz/bench.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/tail.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;
using fuzz::Tail;

namespace {

constexpr std::uint32_t MASK = 0x10000, LEVEL = 0x8000, IRR = 0x4000, LOW_ACTIVE = 0x2000, WRITABLE = 0x1afff;
constexpr std::uint32_t WAITS = 0x1000;
constexpr unsigned LONG_TABLE = 120;  // more entries are beyond an index of 8 bits
constexpr Duration TICK{1000};

IoapicProfile drawn_by(Tail& tail) {
    IoapicProfile p;
    tail.draw(p.version, {std::uint8_t{0x20}, std::uint8_t{0x11}});
    tail.draw(p.pins, {24U, 1U, LONG_TABLE, limits::IOAPIC_PINS});
    tail.draw(p.index_bits, {8U, 9U});
    p.index_bits = p.pins > LONG_TABLE ? 9 : p.index_bits;
    tail.flip(p.arbitration);
    tail.flip(p.remappable);
    tail.flip(p.intpol_change_is_edge);
    tail.draw(p.send_delay, {Duration{}, TICK, Duration{3 * TICK.fs}, Duration{50 * TICK.fs}});
    tail.flip(p.level_as_edge_once);
    tail.flip(p.lowest_priority_hint);
    return p;
}

struct Sent {
    std::uint64_t address;
    std::uint32_t data;
    friend bool operator==(const Sent& a, const Sent& b) { return a.address == b.address && a.data == b.data; }
};

class Naive {
public:
    explicit Naive(const IoapicProfile& of)
        : profile{of}, pins{of.pins}, low(pins, MASK), high(pins, 0), line(pins, false) {}

    void select(unsigned value, bool one_byte) {
        index = one_byte ? (index & ~0xffU) | value : value;
        index &= (1U << profile.index_bits) - 1;
    }
    void write(std::uint32_t value) {
        if (index < 0x10 || index >= 0x10 + 2 * pins) {
            return;
        }
        const unsigned pin = (index - 0x10) / 2;
        if (index % 2 != 0) {
            high[pin] = value & (profile.remappable ? 0xffff'0000 : 0xff00'0000);
            return;
        }
        const std::uint32_t old = low[pin];
        low[pin] = (value & WRITABLE) | (old & IRR);
        if ((old & LEVEL) != 0 && (value & LEVEL) == 0) {
            low[pin] &= ~IRR;
        }
        if (edge(old) && edge(low[pin]) && !active(pin, old) && active(pin, low[pin]) &&
            profile.intpol_change_is_edge) {
            send(pin);
        }
        try_level(pin);
    }
    void drive(unsigned pin, bool up) {
        if (pin >= pins || line[pin] == up) {
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
        for (unsigned pin = 0; pin < pins; ++pin) {
            if ((low[pin] & (LEVEL | IRR)) == (LEVEL | IRR) && (low[pin] & 0xff) == vector) {
                low[pin] &= ~IRR;
                ended.push_back(pin);
            }
        }
        for (const unsigned pin : ended) {
            try_level(pin);
        }
    }

    /// Time goes on: what has waited leaves, one after the other.
    void pass(Duration time) {
        now = now + time;
        while (!waiting.empty() && free <= now) {
            const Waiting first = waiting.front();
            waiting.erase(waiting.begin());
            leave(first, free);
        }
    }
    std::uint64_t entry(unsigned pin) const {
        return std::uint64_t{high[pin]} << 32U | low[pin] | (waits(pin) ? WAITS : 0U);
    }

    IoapicProfile profile;
    unsigned pins;
    std::vector<Sent> sent;

private:
    struct Waiting {
        Instant since;
        unsigned pin;
        bool level;
        Sent message;
    };
    static unsigned mode(std::uint32_t entry) { return entry >> 8U & 7U; }
    static bool is_level(std::uint32_t entry) { return (entry & LEVEL) != 0 && mode(entry) < 2; }
    static bool edge(std::uint32_t entry) { return (entry & MASK) == 0 && !is_level(entry); }
    bool active(unsigned pin, std::uint32_t entry) const { return line[pin] != ((entry & LOW_ACTIVE) != 0); }
    bool waits(unsigned pin) const {
        return std::any_of(waiting.begin(), waiting.end(), [&](const Waiting& w) { return w.pin == pin; });
    }
    void try_level(unsigned pin) {
        const std::uint32_t entry = low[pin];
        if ((entry & (MASK | IRR)) == 0 && is_level(entry) && active(pin, entry)) {
            send(pin);
        }
    }
    // One that still waits is the same interrupt.
    void send(unsigned pin) {
        const std::uint32_t entry = low[pin];
        if (mode(entry) == 3 || mode(entry) == 6 || waits(pin)) {
            return;
        }
        const std::uint64_t address = 0xfee0'0000 | (high[pin] >> 17U) << 5U | (high[pin] >> 16U & 1U) << 4U |
                                      (mode(entry) == 1 && profile.lowest_priority_hint ? 8U : 0U) |
                                      (entry >> 11U & 1U) << 2U;
        Waiting message{now, pin, is_level(entry), {address, (entry & 0x87ff) | 0x4000}};
        if (message.level && as_edge) {
            message.message.data &= ~LEVEL;
            as_edge = false;
        }
        if (waiting.empty() && free <= now) {
            return leave(message, now);
        }
        const auto place = std::find_if(waiting.begin(), waiting.end(), [&](const Waiting& w) {
            return std::tie(message.since, message.pin) < std::tie(w.since, w.pin);
        });
        waiting.insert(place, message);
    }
    void leave(const Waiting& message, Instant at) {
        free = at + profile.send_delay;
        sent.push_back(message.message);
        low[message.pin] |= message.level && is_level(low[message.pin]) ? IRR : 0;
    }

    std::vector<std::uint32_t> low, high;
    std::vector<bool> line;
    std::vector<Waiting> waiting;  // by time, then pin
    unsigned index = 0;
    bool as_edge = profile.level_as_edge_once;
    Instant now;
    Instant free;  // from here on the next message may leave
};

struct World final : MessagePort {
    World(sim::Timeline& on, const IoapicProfile& profile)
        : timeline{on}, ioapic{"ioapic", timeline, timing(), profile, *this, tokens}, fresh{ioapic.dump()} {}
    void power_on(const Tail& /*tail*/) {
        sent.clear();
        tokens.power_on();
    }
    void post(const MessageWrite& m) override { sent.push_back({m.address, m.data}); }
    static const Timing& timing() {
        static const Timing rows{Hertz{1}, Hertz{1}, Hertz{1}, Duration{1}};  // every row is 0
        return rows;
    }
    sim::Timeline& timeline;
    std::vector<Sent> sent;
    TokenCounter tokens;
    Ioapic ioapic;
    std::string fresh;  // its dump
};

// One step, in both. Returns the time that passes behind it.
Duration step(Ioapic& ioapic, Naive& naive, Input& input) {
    const std::uint8_t what = input.byte();
    const unsigned wide = naive.pins > LONG_TABLE ? 2 : 1;  // bytes of an index
    switch (what & 7U) {
        case 0: {
            const auto index = static_cast<unsigned>(input.number(wide));
            ioapic.write(0x00, Size::B4, index);
            naive.select(index, false);
            return {};
        }
        case 1: {
            const auto value = static_cast<std::uint32_t>(input.number(4));
            ioapic.write(0x10, Size::B4, value);
            naive.write(value);
            return {};
        }
        case 2: {
            const unsigned index = 0x10 + static_cast<unsigned>(input.number(wide)) % (2 * naive.pins);
            const bool one_byte = wide == 1;
            ioapic.write(0x00, one_byte ? Size::B1 : Size::B4, index);
            naive.select(index, one_byte);
            const auto value = static_cast<std::uint32_t>(input.number(3));
            ioapic.write(0x10, Size::B4, value);
            naive.write(value);
            return {};
        }
        case 3: {
            const std::uint8_t vector = input.byte();
            const bool by_register = (what & 8U) != 0;
            by_register ? ioapic.write(0x40, Size::B4, vector) : ioapic.end_of_interrupt(vector);
            if (!by_register || naive.profile.version >= 0x20) {  // EOIR
                naive.end(vector);
            }
            return {};
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
            return {};
        }
        default: {
            const std::uint8_t byte = input.byte();
            const unsigned pin = what >> 3U | (naive.pins >= LONG_TABLE ? byte & 0xe0U : 0U);
            const bool up = (byte & 1U) != 0;
            ioapic.drive(pin, up, {});
            naive.drive(pin, up);
            return naive.profile.send_delay.fs != 0 ? Duration{TICK.fs * (byte >> 1U & 15U)} : Duration{};
        }
    }
}

void compare(const World& world, const Naive& naive) {
    require(world.sent == naive.sent, "the messages differ from the naive I/O APIC's");
    for (unsigned pin = 0; pin < naive.pins; ++pin) {
        require(world.ioapic.entry(pin) == naive.entry(pin), "an entry differs from the naive I/O APIC's");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Bench<World> bench;
    Tail tail{data, size};
    const IoapicProfile profile = drawn_by(tail);
    World& world = bench.of(tail, profile);
    Ioapic& ioapic = world.ioapic;
    Naive naive{profile};
    Input input{data, tail.program()};
    for (int n = 0; n < 400 && !input.empty(); ++n) {
        const Duration then = step(ioapic, naive, input);
        world.timeline.run_until(world.timeline.now());  // what leaves at once leaves now
        compare(world, naive);
        if (then.fs != 0) {
            world.timeline.run_until(world.timeline.now() + then);
            naive.pass(then);
            compare(world, naive);
        }
    }
    for (unsigned pin = 0; pin < naive.pins; ++pin) {
        ioapic.drive(pin, false, {});
    }
    ioapic.reset_enter();
    ioapic.reset_hold();
    ioapic.reset_exit();
    require(ioapic.dump() == world.fresh, "a reset does not leave a new I/O APIC");
    return 0;
}
