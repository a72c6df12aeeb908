// SPDX-License-Identifier: Apache-2.0
// Any access of any size at any offset at any time; the oracle is the HPET that really ticks (tests/reference).
#include <algorithm>
#include <tuple>
#include <vector>

#include "models/hpet/hpet.hpp"
#include "models/sim/session.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/reference/ticking_hpet.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;

namespace {

constexpr std::int64_t PERIOD = 10'000'000;

struct Message {
    std::int64_t at;
    std::uint64_t address;
    std::uint32_t data;
};

struct Line {
    std::int64_t at;
    unsigned input;
    bool active;

    friend bool operator==(const Line& a, const Line& b) {
        return a.at == b.at && a.input == b.input && a.active == b.active;
    }
};

// Lines that change at one instant have no order among each other.
void sort(std::vector<Line>& lines) {
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return std::tie(a.at, a.input) < std::tie(b.at, b.input); });
}

struct Ports final : MessagePort, InterruptPins {
    explicit Ports(sim::Timeline& on) : timeline{on} {}
    void post(const MessageWrite& m) override { messages.push_back({timeline.now().fs, m.address, m.data}); }
    void drive(unsigned input, bool active, Token /*token*/) override {
        lines.push_back({timeline.now().fs, input, active});
    }
    sim::Timeline& timeline;
    std::vector<Message> messages;
    std::vector<Line> lines;
};

HpetProfile profile() {
    HpetProfile p;
    p.period = {PERIOD};
    p.match_to_msi_ticks = 0;
    for (unsigned n = 0; n < 3; ++n) {
        HpetTimerProfile timer;
        timer.periodic = n != 1;
        timer.wide = n != 2;
        timer.route_cap = 0x00f0'0004;
        p.timers.push_back(timer);
    }
    return p;
}

reference::Options options() {
    reference::Options o;
    o.period = PERIOD;
    for (const HpetTimerProfile& timer : profile().timers) {
        o.timers.push_back({timer.periodic, timer.wide, timer.message, timer.route_cap});
    }
    return o;
}

// One access, in both; what they read must be the same.
void access(Hpet& hpet, reference::TickingHpet& ticking, std::int64_t at, Input& input, std::uint8_t what) {
    const Size length = input.size();
    // Registers of interest are 4 bytes apart; half of the offsets are anywhere.
    const auto offset = static_cast<std::uint32_t>((what & 8U) != 0 ? input.number(2) % 0x400 : input.byte() * 4U);
    if ((what & 1U) != 0) {
        const std::uint64_t value = input.number(bytes(length));
        hpet.write(offset, length, value);
        ticking.write(at, offset, bytes(length), value);
        return;
    }
    const std::uint64_t model = hpet.read(offset, length);
    // GCAP_ID is the profile's; the one that ticks knows nothing of it.
    require(offset < 8 || model == ticking.read(at, offset, bytes(length)), "a read differs from the ticking HPET's");
}

void compare(Ports& ports, const reference::TickingHpet& ticking) {
    require(ports.messages.size() == ticking.messages.size(), "another number of messages than the ticking HPET");
    for (std::size_t i = 0; i < ports.messages.size(); ++i) {
        const Message& model = ports.messages[i];
        const reference::Output& naive = ticking.messages[i];
        require(model.at == naive.at && model.address == naive.address && model.data == naive.data,
                "a message differs from the ticking HPET's");
    }
    std::vector<Line> naive;
    for (const reference::Output& line : ticking.lines) {
        naive.push_back({line.at, line.input, line.active});
    }
    sort(naive);
    sort(ports.lines);
    require(ports.lines == naive, "the lines differ from the ticking HPET's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static sim::Session session;
    static sim::Timeline timeline{"timeline"};
    static Ports ports{timeline};
    static TokenCounter tokens;
    static DefaultChoice choices;
    static Hpet hpet{"hpet", timeline, profile(), ports, ports, tokens, choices};
    static const std::string fresh = hpet.dump();

    timeline.following(false);  // so that time may run on without end
    timeline.power_on();
    ports.messages.clear();
    ports.lines.clear();
    reference::TickingHpet ticking{options()};
    ticking.edge();  // that of power-on
    Input input{data, size};
    std::int64_t edge = 0;
    for (int n = 0; n < 200 && !input.empty(); ++n) {
        const std::uint8_t what = input.byte();
        for (std::uint64_t left = what % 8 == 7 ? input.number(2) % 1024 : what >> 4U; left != 0; --left) {
            ticking.edge();
            ++edge;
        }
        const std::int64_t now = edge * PERIOD + 1;
        timeline.run_until(Instant{now});
        access(hpet, ticking, now, input, what);
    }
    compare(ports, ticking);
    hpet.reset_enter();
    hpet.reset_hold();
    hpet.reset_exit();
    require(hpet.dump() == fresh, "a reset does not leave a new HPET");
    return 0;
}
