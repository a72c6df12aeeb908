// SPDX-License-Identifier: Apache-2.0
// Any access to an AMD-Vi unit of any profile, any content of its tables, any request. The oracle is what must always
// hold: whatever arrives is done with exactly once, an NMI comes out for whom it was sent or not at all, an entry is
// used as memory held it once, and what can be read agrees with itself.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "models/amdvi/amdvi.hpp"
#include "tests/fuzz/bench.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/memory.hpp"
#include "tests/fuzz/tail.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;
using fuzz::Tail;

namespace {

constexpr std::uint64_t DEVICES = 0x0000, TABLE = 0x1000, COMMANDS = 0x2000, LOG = 0x3000, MEMORY_END = 0x4000;
constexpr std::uint32_t DEV_TAB_BASE = 0x00, CMD_BASE = 0x08, EVENT_BASE = 0x10, CONTROL = 0x18, CMD_HEAD = 0x2000,
                        CMD_TAIL = 0x2008, EVENT_TAIL = 0x2018, STATUS = 0x2020;
constexpr std::uint64_t RING_LENGTH = 8ULL << 56U;  // 256 entries: a page
/// The second one is beyond the device table: 128 entries, a page.
constexpr std::array<RequesterId, 2> REQUESTERS{RequesterId{0x0020}, RequesterId{0x0080}};
constexpr std::uint16_t DEVICE = REQUESTERS[0].value;
constexpr Duration A_WHILE{100'000'000};

struct Drawn {
    AmdviProfile profile;
    FabricProfile compatibility;
    bool halves = false;  // entries are written in two halves, which the programs of before there were tails did not
};

Drawn drawn_by(Tail& tail) {
    Drawn drawn;
    AmdviProfile& p = drawn.profile;
    tail.flip(drawn.halves);
    tail.draw(p.iec_entries, {64U, 0U, 1U, 4U});
    tail.draw(p.iec_ways, {64U, 1U, 2U, 4U});
    p.iec_ways = p.iec_entries == 0 ? p.iec_ways : std::min(p.iec_ways, p.iec_entries);
    tail.draw(p.device_entries, {64U, 0U, 1U, 2U});
    tail.flip(p.np_cache);
    tail.flip(p.ga);
    tail.flip(p.xt);
    p.xt = p.xt && p.ga;
    tail.draw(p.read_completion_pushes, {ReadCompletionPushes::Unit, ReadCompletionPushes::Apic});
    tail.draw(p.drains, {Drains::Apic, Drains::Unit});
    tail.draw(p.bad_size_reads, {BadSizeReads::Ones, BadSizeReads::Zero});
    tail.flip(p.aborts_are_logged);
    tail.flip(p.pass_needs_physical);
    tail.draw(drawn.compatibility.delivery_encoding, {DeliveryEncoding::Apic, DeliveryEncoding::Hypertransport});
    tail.flip(drawn.compatibility.extended_destination_id);
    return drawn;
}

struct Output final : RouteOutput {
    Output(sim::Timeline& on, const FabricProfile& compatibility)
        : timeline{on},
          nmi_code{compatibility.delivery_encoding == DeliveryEncoding::Hypertransport ? 3U : 4U},
          extended{compatibility.extended_destination_id} {}
    Instant deliver(const InterruptMessage& message) override {
        const auto mode = static_cast<unsigned>(message.mode);
        require(mode <= 7 && mode != 3, "a delivery mode that no message has");
        if (message.token.source == Source::Hpet) {
            const MessageWrite& write = sent.at(message.token.id - 1);
            compare(message, write);
            std::uint32_t& before = last[write.requester.value == DEVICE ? 0 : 1];
            require(write.token.id > before, "a message overtakes one of its device");
            before = write.token.id;
        }
        return timeline.now() + Duration{1000};
    }
    void compare(const InterruptMessage& message, const MessageWrite& write) const {
        require(write.size == Size::B4, "an interrupt comes of a write that is not of 4 bytes");
        const bool nmi = msi::DELIVERY_MODE.get(write.data) == nmi_code;
        require(nmi == (message.mode == DeliveryMode::Nmi),
                "an NMI is made of something else, or something else of one");
        // M-11: bits 14:8 in address bits 11:5.
        const std::uint64_t above = extended ? (write.address >> 5U & 0x7fU) << 8U : 0;
        require(!nmi || (message.destination == (above | msi::DESTINATION.get(write.address)) &&
                         message.logical == (msi::DESTINATION_MODE.get(write.address) != 0)),
                "an NMI goes elsewhere than it was sent");
    }
    void diagnose(const MessageWrite& /*write*/, msi::Fault /*fault*/, bool /*delivered*/) override {}
    void finished(const MessageWrite& write, Instant passable) override {
        require(passable >= timeline.now(), "a completion may pass before the request is done with");
        require(finishes.insert(write.token.id).second, "a request is done with twice");
    }
    void forget() {
        last.fill(0);
        finishes.clear();
        sent.clear();
    }
    sim::Timeline& timeline;
    unsigned nmi_code;                    // delivery mode in a write's data
    bool extended;                        // a destination has 15 bits
    std::array<std::uint32_t, 2> last{};  // token that was delivered, of each requester
    std::set<std::uint32_t> finishes;     // tokens
    std::vector<MessageWrite> sent;       // of token n the one before n
};

struct World {
    World(sim::Timeline& on, const Drawn& drawn)
        : timeline{on},
          profile{drawn.profile},
          halves{drawn.halves},
          output{timeline, drawn.compatibility},
          unit{"amdvi", timeline, timing(), profile, drawn.compatibility, memory, tokens, choices},
          fresh{unit.dump()} {
        unit.connect(output);
        unit.device_entry_used.subscribe([this](const amdvi::DeviceEntryUsed& used) {
            require(memory.held(&used.entry, sizeof used.entry), "a device's entry is used that memory never held");
            require(!used.cached || profile.device_entries != 0, "a unit without cache of devices uses it");
        });
        unit.entry_used.subscribe([this](const amdvi::EntryUsed& used) { check(used); });
    }
    void power_on(const Tail& tail) {
        tokens.power_on();
        memory.power_on();
        output.forget();
        choices.begin(tail);
    }
    void check(const amdvi::EntryUsed& used) const {
        const std::uint32_t mode = used.write.data >> 8U & 7U;
        require(mode <= 1, "a message that is neither fixed nor arbitrated was remapped");
        // A cached one may be of before the other format was switched on.
        const bool is_short = used.entry.high == 0 && memory.held(&used.entry.low, 4);
        require(is_short || memory.held(&used.entry, sizeof used.entry), "an entry is used that memory never held");
        require(!used.cached || profile.iec_entries != 0, "a unit without cache uses it");
        require(profile.ga || !used.format.ga, "entries have a format that the unit does not know");
        require(profile.xt || !used.format.xt, "entries have destinations that the unit does not know");
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
    sim::Timeline& timeline;
    AmdviProfile profile;
    bool halves;
    fuzz::Memory<MEMORY_END> memory;
    Output output;
    TokenCounter tokens;
    fuzz::FuzzedChoice choices;
    Amdvi unit;
    std::string fresh;  // its dump
};

// What leaves of one requester leaves in order, so its tokens rise. What ends in the unit at once ends before others.
void request(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    const std::uint64_t address = (what & 1U) != 0 ? 0xfee0'0000 | (input.number(3) & 0xf'ffff) : 0xfee0'1000;
    const auto data = static_cast<std::uint32_t>(input.number((what & 2U) != 0 ? 4 : 1)) | (what & 4U) << 8U;
    MessageWrite write{REQUESTERS[what >> 3U & 1U], address, data, {}};
    write.token = {static_cast<std::uint32_t>(world.output.sent.size() + 1), Source::Hpet};
    write.size = (what & 0x30U) == 0x30 ? Size::B8 : (what & 0x30U) == 0x20 ? Size::B2 : Size::B4;
    world.output.sent.push_back(write);
    world.unit.arrive(write);
}

void set_up(World& world, std::uint8_t what) {
    Amdvi& unit = world.unit;
    unit.write(DEV_TAB_BASE, Size::B8, DEVICES);
    unit.write(CMD_BASE, Size::B8, COMMANDS | RING_LENGTH);
    unit.write(EVENT_BASE, Size::B8, LOG | RING_LENGTH);
    unit.write(CONTROL, Size::B8, 0x1005 | (what & 8U) << 14U | std::uint64_t{what & 16U} << 46U);
    world.timeline.run_until(world.timeline.now() + A_WHILE);
}

void access(World& world, Input& input, bool any) {
    const Size size = input.size();
    auto offset = static_cast<std::uint32_t>(input.number(2)) % (any ? amdvi::WINDOW + 64 : 0x200);
    offset |= !any && (input.byte() & 1U) != 0 ? 0x2000 : 0;
    offset -= any ? 0 : offset % bytes(size);
    if ((input.byte() & 1U) != 0) {
        world.unit.write(offset, size, input.number(bytes(size)));
        return;
    }
    const std::uint64_t value = world.unit.read(offset, size);
    if (size != Size::B4 && size != Size::B8) {
        const bool ones = world.profile.bad_size_reads == BadSizeReads::Ones;
        require(value == (ones ? byte_mask(bytes(size)) : 0), "a read of a wrong size is not as the profile says");
    }
}

void write_entry(World& world, std::uint64_t address, const std::uint64_t (&words)[2], Input& input) {
    if (!world.halves) {
        world.memory.write(address, words, sizeof words);
        return;
    }
    const std::uint8_t order = input.byte();
    for (const unsigned half : {order & 1U, ~order & 1U}) {
        world.memory.write(address + std::uint64_t{8} * half, &words[half], sizeof words[half]);
        world.timeline.run_until(world.timeline.now() + Duration{(order >> 1U) * std::int64_t{50}});
    }
}

void step(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    switch (what & 7U) {
        case 0:
            return access(world, input, (what & 8U) != 0);
        case 1: {  // the device's entry, plausible or not
            std::uint64_t word = (what & 8U) != 0 ? input.number(8) : 1 | 9U << 1U | TABLE | 2ULL << 60U;
            word ^= (what & 16U) != 0 ? std::uint64_t{input.byte()} << 56U : 0;
            world.memory.write(DEVICES + std::uint64_t{DEVICE} * 32 + 16, &word, sizeof word);
            return;
        }
        case 2:
            return set_up(world, what);
        case 3: {  // an interrupt remapping entry
            std::uint64_t words[2] = {input.number(8), input.number(4)};
            words[0] |= (what & 8U) != 0 ? 1U : 0U;
            return write_entry(world, TABLE + (what >> 4U) * std::uint64_t{16}, words, input);
        }
        case 4: {  // a command, and the tail behind it
            const std::uint64_t tail = world.unit.peek(CMD_TAIL);
            std::uint64_t words[2] = {input.number(2) | std::uint64_t{input.byte()} << 56U, input.byte()};
            world.memory.write(COMMANDS + tail % 0x1000, words, sizeof words);
            return world.unit.write(CMD_TAIL, Size::B8, (tail + 16) % 0x1000);
        }
        case 5:
            world.timeline.run_until(world.timeline.now() + Duration{input.byte() * std::int64_t{100}});
            return;
        default:
            return request(world, input);
    }
}

void look(const World& world) {
    const Amdvi& unit = world.unit;
    const std::uint64_t status = unit.peek(STATUS);
    require((status >> 5U) == 0, "STATUS has bits that do not exist");
    require(unit.enabled() || (status & 0x18U) == 0, "something runs in a unit that is off");
    require((status & 9U) != 9, "events are logged although the log has overflowed");
    require(((unit.peek(CMD_HEAD) | unit.peek(EVENT_TAIL)) & ~0x7'fff0ULL) == 0,
            "a pointer has bits that do not exist");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Bench<World> bench;
    Tail tail{data, size};
    const Drawn drawn = drawn_by(tail);
    World& world = bench.of(tail, drawn);
    Input input{data, tail.program()};
    for (int n = 0; n < 400 && !input.empty(); ++n) {
        step(world, input);
        look(world);
    }
    for (int n = 0; n < 1000 && !(world.unit.idle() && !world.unit.holds_message()); ++n) {
        world.timeline.run_until(world.timeline.now() + A_WHILE);
    }
    require(!world.unit.holds_message(), "a request never ends");
    require(world.output.finishes.size() == world.output.sent.size(), "a request has not been done with");
    world.unit.reset_enter();
    world.unit.reset_hold();
    world.unit.reset_exit();
    require(world.unit.dump() == world.fresh, "a reset does not leave a new unit");
    return 0;
}
