// SPDX-License-Identifier: Apache-2.0
// Any access at any port of the 8254 at any time; the oracle is the counter that really counts (tests/reference).
#include <string>
#include <vector>

#include "models/pit/pit.hpp"
#include "models/sim/session.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/reference/ticking_pit.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;
using reference::TickingCounter;
using reference::TickingCounters;

namespace {

struct Output final : InterruptPins {
    void drive(unsigned /*input*/, bool active, Token /*token*/) override {
        level = active;
        ++moves;
    }
    bool level = false;
    unsigned moves = 0;
};

void access(Pit& pit, TickingCounters& counters, Input& input, std::uint8_t what) {
    const std::uint32_t port = 0x40 + (what >> 4U & 3U);
    const bool byte = (what & 0x0cU) != 0x0c;
    const Size size = byte ? Size::B1 : input.size();
    if ((what & 1U) != 0) {
        const auto value = static_cast<unsigned>(input.byte());
        pit.write(port, size, value);
        if (size == Size::B1) {
            port == 0x43 ? reference::write_control(counters, value) : counters[port - 0x40].write(value);
        }
        return;
    }
    const std::uint64_t model = pit.read(port, size);
    const bool counter = size == Size::B1 && port != 0x43;
    const std::uint64_t naive = counter ? counters[port - 0x40].read() : byte_mask(bytes(size));
    require(model == naive, "a read differs from the counting 8254's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static sim::Session session;
    static sim::Timeline timeline{"timeline"};
    static Output output;
    static TokenCounter tokens;
    static Pit pit{"pit", timeline, output, tokens};
    static const std::string fresh = pit.dump();
    static const ClockDomain clock = ClockDomain::of_frequency(Pit::CLOCK);

    timeline.following(false);  // so that time may run on without end
    timeline.power_on();
    output = {};
    TickingCounters counters{TickingCounter{true}, TickingCounter{true}, TickingCounter{false}};
    Input input{data, size};
    std::uint64_t pulse = 0;
    unsigned moves = 0;
    bool level = false;
    const auto look = [&] {
        moves += counters[0].out != level ? 1 : 0;
        level = counters[0].out;
    };
    for (int n = 0; n < 200 && !input.empty(); ++n) {
        const std::uint8_t what = input.byte();
        const std::uint64_t pulses = (what & 2U) != 0 ? what >> 6U : input.number(2) % 2048;
        for (std::uint64_t i = 0; i < pulses; ++i) {
            for (TickingCounter& counter : counters) {
                counter.pulse();
            }
            look();
        }
        pulse += pulses;
        timeline.run_until(clock.edge({pulse}) + Duration{1});
        if ((what & 0x0cU) == 0x08) {
            pit.gate2((what & 1U) != 0);
            counters[2].gate((what & 1U) != 0);
        } else {
            access(pit, counters, input, what);
        }
        look();
        require(pit.output2() == counters[2].out, "output 2 differs from the counting 8254's");
        require(output.level == level && output.moves == moves, "output 0 differs from the counting 8254's");
    }
    pit.reset_enter();
    pit.reset_hold();
    pit.reset_exit();
    require(pit.dump() == fresh, "a reset does not leave a new 8254");
    return 0;
}
