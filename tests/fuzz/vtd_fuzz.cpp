// SPDX-License-Identifier: Apache-2.0
// Any access to a remapping unit, any content of its tables, any request. The oracle is what must always hold: whatever
// arrives is done with exactly once, and what can be read agrees with itself.
#include <algorithm>
#include <set>
#include <string>

#include "models/sim/session.hpp"
#include "models/vtd/vtd.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/memory.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;

namespace {

constexpr std::uint64_t TABLE = 0x1000, QUEUE = 0x2000, MEMORY_END = 0x4000;
constexpr std::uint32_t GCMD = 0x18, GSTS = 0x1c, FSTS = 0x34, IQH = 0x80, IQT = 0x88, IQA = 0x90, IRTA = 0xb8;
constexpr std::uint32_t FRCD = 0x220;
constexpr std::uint64_t QIE = 1U << 26, IRE = 1U << 25, SIRTP = 1U << 24, CFI = 1U << 23;
constexpr Duration A_WHILE{100'000'000};

struct Output final : RouteOutput {
    explicit Output(sim::Timeline& on) : timeline{on} {}
    Instant deliver(const InterruptMessage& message) override {
        const auto mode = static_cast<unsigned>(message.mode);
        require(mode <= 7 && mode != 3, "a delivery mode that no message has");
        // The unit's own events are no requests.
        if (message.token.source == Source::Hpet && posted.count(message.token.id) == 0) {
            require(message.token.id > last, "a request overtakes one of its device");
            last = message.token.id;
        }
        return timeline.now() + Duration{1000};
    }
    void diagnose(const MessageWrite& /*write*/, msi::Fault /*fault*/, bool /*delivered*/) override {}
    void finished(const MessageWrite& write, Instant passable) override {
        require(passable >= timeline.now(), "a completion may pass before the request is done with");
        require(done.insert(write.token.id).second, "a request is done with twice");
    }
    sim::Timeline& timeline;
    std::uint32_t last = 0;        // of the messages that are not posted: M-13 orders these alone
    std::set<std::uint32_t> done;  // requests, by token
    std::set<std::uint32_t> posted;
};

struct World {
    explicit World(const VtdProfile& profile)
        : unit{"vtd", timeline, timing(), profile, FabricProfile{}, memory, tokens, choices} {
        unit.connect(output);
        unit.entry_used.subscribe([this](const vtd::EntryUsed& used) {
            if (used.entry.posted()) {
                output.posted.insert(used.write.token.id);
            }
        });
    }
    static const Timing& timing() {
        static const Timing rows = [] {
            Timing t{Hertz{1'000'000'000}, Hertz{1'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
            std::int64_t fs = 1000;
            for (const Row row : {Row::VtdIecHit, Row::VtdIecMiss, Row::VtdQiFetch, Row::VtdIecInv, Row::VtdStatusWrite,
                                  Row::VtdGcmdLatency}) {
                t.set(row, RowUnit::Time, fs += 997);
            }
            return t;
        }();
        return rows;
    }
    sim::Timeline timeline{"timeline"};
    fuzz::Memory<MEMORY_END> memory;
    Output output{timeline};
    TokenCounter tokens;
    DefaultChoice choices;
    Vtd unit;
    unsigned sent = 0;
};

// One requester: what it sends and is not blocked is delivered in order (M-13), so the tokens rise.
void request(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    const std::uint64_t handle = input.byte();
    const std::uint64_t address =
        (what & 1U) != 0 ? 0xfee0'0000 | (input.number(3) & 0xf'ffff) : 0xfee0'0010 | handle << 5U | (what & 2U) << 2U;
    const auto data = static_cast<std::uint32_t>(input.number((what & 4U) != 0 ? 4 : 1));
    MessageWrite write{RequesterId{0xfa78}, address, data, world.tokens.next(Source::Hpet)};
    ++world.sent;
    world.unit.arrive(write);
}

void set_up(World& world, std::uint8_t what) {
    Vtd& unit = world.unit;
    unit.write(IRTA, Size::B8, TABLE | (what >> 4U & 7U) | (what & 8U) << 8U);
    unit.write(IQA, Size::B8, QUEUE);
    for (const std::uint64_t command : {SIRTP, QIE, QIE | IRE, QIE | IRE | CFI}) {
        if (command != (QIE | IRE | CFI) || (what & 4U) != 0) {
            unit.write(GCMD, Size::B4, command);
            world.timeline.run_until(world.timeline.now() + A_WHILE);
        }
    }
}

void access(World& world, Input& input, bool any) {
    const Size size = input.size();
    auto offset = static_cast<std::uint32_t>(input.number(2)) % (any ? vtd::WINDOW + 64 : 0x300);
    offset -= any ? 0 : offset % bytes(size);
    if ((input.byte() & 1U) != 0) {
        world.unit.write(offset, size, input.number(bytes(size)));
    } else {
        world.unit.read(offset, size);
    }
}

void step(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    switch (what & 7U) {
        case 0:
            return access(world, input, false);
        case 1:
            return access(world, input, true);
        case 2:
            return set_up(world, what);
        case 3: {  // an entry, plausible or not
            std::uint64_t words[2] = {input.number(8), input.number(4)};
            words[0] |= (what & 8U) != 0 ? 1U : 0U;
            world.memory.write(TABLE + (what >> 4U) * std::uint64_t{16}, words, sizeof words);
            return;
        }
        case 4: {  // descriptors, and the tail behind them
            const std::uint64_t tail = world.unit.peek(IQT);
            std::uint64_t words[2] = {input.number(8), (what & 8U) != 0 ? 0x3000 : input.number(8)};
            world.memory.write(QUEUE + tail % 0x1000, words, sizeof words);
            return world.unit.write(IQT, Size::B8, (tail + 16) % 0x1000);
        }
        case 5:
            world.timeline.run_until(world.timeline.now() + Duration{input.byte() * std::int64_t{100}});
            return;
        default:
            return request(world, input);
    }
}

void look(const World& world) {
    const Vtd& unit = world.unit;
    const std::uint64_t fsts = unit.peek(FSTS);
    bool recorded = false;
    for (unsigned n = 0; n < unit.profile().fault_records; ++n) {
        recorded = recorded || unit.peek(FRCD + 16 * n + 8) >> 63U != 0;
    }
    require(((fsts & 2U) != 0) == recorded, "PPF is not the OR of the records");
    require((unit.peek(IQH) & ~0x7'fff0ULL) == 0, "IQH has bits that do not exist");
    require((unit.peek(GSTS) & 0x007f'ffff) == 0, "GSTS has bits that do not exist");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static sim::Session session;
    static World world{VtdProfile{}};
    static const std::string fresh = world.unit.dump();

    world.timeline.following(false);  // so that time may run on without end
    world.timeline.power_on();
    world.tokens.power_on();
    world.memory.bytes.fill(0);
    world.output.last = world.sent = 0;
    world.output.done.clear();
    world.output.posted.clear();
    Input input{data, size};
    for (int n = 0; n < 400 && !input.empty(); ++n) {
        step(world, input);
        look(world);
    }
    for (int n = 0; n < 1000 && !(world.unit.idle() && !world.unit.holds_message()); ++n) {
        world.timeline.run_until(world.timeline.now() + A_WHILE);
    }
    require(!world.unit.holds_message(), "a request never ends");
    require(world.output.done.size() == world.sent, "a request has not been done with");
    world.unit.reset_enter();
    world.unit.reset_hold();
    world.unit.reset_exit();
    require(world.unit.dump() == fresh, "a reset does not leave a new unit");
    return 0;
}
